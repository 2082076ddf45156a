//! The words of the API: spelled as they are meant to be, and readable by other versions.

use std::collections::BTreeSet;

use rstest::rstest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use user_invitation_operator::api::condition::{ConditionStatus, ConditionType};
use user_invitation_operator::api::{
    self, AttemptAnswer, ClusterInvitationProviderSpec, InvitationExpiry, InvitationProviderSpec,
    InvitationState, OnDelete, Origin, ProviderStatus, Reason, Resend, Support, UserInvitationSpec,
    UserInvitationStatus,
};
use user_invitation_operator::vendor::Vendor;

use crate::walk::places;

fn camel_case(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn reasons_are_distinct_camel_case_words_with_a_description() {
    let words: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(words.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        assert!(camel_case(reason.as_str()) && reason.as_str().len() <= 64, "{reason:?}");
        assert_eq!(reason.as_str(), format!("{reason:?}"));
        let text = reason.description();
        assert!(text.ends_with('.') && text.starts_with(char::is_uppercase), "{reason:?}: {text}");
    }
}

#[test]
fn conditions_and_vendors() {
    assert_eq!(
        ConditionType::ALL.map(ConditionType::as_str),
        ["Ready", "Invited", "Accepted", "AccessSynced", "RemovalsHeld", "Reconciling", "Stalled"]
    );
    assert_eq!(
        [ConditionStatus::True, ConditionStatus::False, ConditionStatus::Unknown]
            .map(ConditionStatus::as_str),
        ["True", "False", "Unknown"]
    );
    for vendor in Vendor::ALL {
        assert_eq!(Vendor::parse(vendor.as_str()), Some(vendor));
    }
    assert_eq!(Vendor::parse("hpegreenlake"), None);
}

#[test]
fn annotations_labels_and_finalizers_are_in_our_group() {
    let names = [
        api::RECONCILE_REQUESTED_AT,
        api::RESEND_REQUESTED_AT,
        api::ABANDON,
        api::REMOVALS_APPROVED,
        api::EXPORT_REQUESTED_AT,
        api::RECORD,
        api::SERVED_BY,
        api::CREDENTIALS_LABEL,
        api::ALLOWED_HOSTS,
        api::INVITATION_FINALIZER,
        api::IN_USE_FINALIZER,
    ];
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for name in names {
        assert_eq!(name.split_once('/').unwrap().0, api::GROUP, "{name}");
    }
}

/// Each value is written as its name, is in the field's description, and is read back; what another version wrote
/// is read as `other`.
fn written_described_and_read<T>(values: &[T], other: &T, path: &str)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let place = places().into_iter().find(|place| place.path == path).unwrap();
    let description = place.schema["description"].as_str().unwrap();
    for value in values {
        let word = serde_json::to_value(value).unwrap();
        assert_eq!(word, json!(format!("{value:?}")));
        assert!(description.contains(word.as_str().unwrap()), "{path} does not explain {word}");
        assert_eq!(&serde_json::from_value::<T>(word).unwrap(), value);
    }
    assert_eq!(&serde_json::from_value::<T>(json!("FromAnotherVersion")).unwrap(), other);
}

#[test]
fn words_of_status() {
    written_described_and_read(&InvitationState::ALL, &InvitationState::Other, "UserInvitation.status.state");
    written_described_and_read(
        &[Origin::Invited, Origin::Adopted],
        &Origin::Other,
        "UserInvitation.status.origin",
    );
    written_described_and_read(
        &[OnDelete::Keep, OnDelete::Revoke, OnDelete::Remove, OnDelete::Unsupported],
        &OnDelete::Other,
        "UserInvitation.status.onDelete",
    );
    written_described_and_read(
        &[AttemptAnswer::Success, AttemptAnswer::Refused, AttemptAnswer::Ambiguous],
        &AttemptAnswer::Other,
        "UserInvitation.status.attempt.answer",
    );
    let capabilities = "InvitationProvider.status.capabilities";
    written_described_and_read(
        &[Support::Supported, Support::Unsupported, Support::Configurable],
        &Support::Other,
        &format!("{capabilities}.updateAccess"),
    );
    written_described_and_read(
        &[Resend::Recreate, Resend::AfterExpiry, Resend::None],
        &Resend::Other,
        &format!("{capabilities}.resend"),
    );
    written_described_and_read(
        &[InvitationExpiry::Vendor, InvitationExpiry::OwnClock, InvitationExpiry::None],
        &InvitationExpiry::Other,
        &format!("{capabilities}.invitationExpiry"),
    );
}

#[test]
fn states_have_a_name_each() {
    for state in InvitationState::ALL {
        assert_eq!(state.as_str(), format!("{state:?}"));
    }
}

#[rstest]
#[case(json!({}))]
#[case(json!({"state": "Napping", "later": {"a": 1}, "origin": "Cloned", "onDelete": "Explode"}))]
#[case(json!({"attempt": {"id": "a"}, "appliedAccess": {"laterVendor": {}}}))]
fn an_invitations_status_of_another_version_is_read(#[case] status: Value) {
    serde_json::from_value::<UserInvitationStatus>(status).unwrap();
}

#[rstest]
#[case(json!({}))]
#[case(json!({"capabilities": {"resend": "Later"}, "counts": {"pending": 1}, "account": {"id": "x"}}))]
fn a_providers_status_of_another_version_is_read(#[case] status: Value) {
    serde_json::from_value::<ProviderStatus>(status).unwrap();
}

/// The defaults in the schema are those of the types, field by field.
#[test]
fn the_schemas_defaults_are_those_of_the_types() {
    let provider: InvitationProviderSpec = serde_json::from_value(json!({
        "vmwareCloudServices": {"orgId": "x", "platform": "Vcsp"},
        "appXite": {"platformUrl": "x", "tokenEndpoint": "x"},
        "credentials": {"secretRef": {"name": "x"}},
        "tls": {"caBundleSecretRef": {"name": "x"}, "caBundleConfigMapRef": {"name": "x"}},
    }))
    .unwrap();
    let invitation: UserInvitationSpec =
        serde_json::from_value(json!({"providerRef": {"name": "x"}, "email": "x"})).unwrap();
    let cluster = ClusterInvitationProviderSpec { provider: provider.clone(), ..Default::default() };
    let written = json!({
        "ClusterInvitationProvider": {"spec": serde_json::to_value(cluster).unwrap()},
        "InvitationProvider": {"spec": serde_json::to_value(provider).unwrap()},
        "UserInvitation": {"spec": serde_json::to_value(invitation).unwrap()},
    });
    let mut seen = 0;
    for place in places().into_iter().filter(|place| !place.in_status()) {
        let Some(default) = place.get("default") else { continue };
        let path = format!("/{}", place.path.replace('.', "/"));
        assert_eq!(written.pointer(&path), Some(default), "{}", place.path);
        seen += 1;
    }
    assert_eq!(seen, 48, "a default came or went: is it in the table of the manual?");
    assert!(!written.to_string().contains("null"), "{written}");
}
