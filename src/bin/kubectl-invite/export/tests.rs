use serde_json::{Value, json};

use super::*;

fn provider(metadata: &Value, policy: &Value) -> AnyProvider {
    serde_json::from_value(json!({
        "metadata": metadata,
        "spec": {
            "vmwareCloudServices": {"orgId": "x", "platform": "Vcsp"},
            "credentials": {"secretRef": {"name": "x"}},
            "policy": policy,
            "allowedNamespaces": {"names": ["team"]},
        },
    }))
    .unwrap()
}

fn person(email: &str) -> UnmanagedPerson {
    UnmanagedPerson { email: email.to_owned(), standing: "Member".to_owned(), ..UnmanagedPerson::default() }
}

#[test]
fn a_manifest_observes_and_tells_what_the_vendor_shows() {
    let ada = UnmanagedPerson {
        user_name: Some("ada".to_owned()),
        vendor_status: Some("ACTIVE".to_owned()),
        access: Some(vec!["developer".to_owned(), "group Ops".to_owned()]),
        access_omitted: 3,
        ..person("ada@example.com")
    };
    let provider = provider(&json!({"name": "csp", "namespace": "team"}), &json!({}));
    let export = export(&provider, &[ada], "team").unwrap();
    assert_eq!(
        export.manifests.people[0].yaml().unwrap(),
        "\
# At the vendor: Member (ACTIVE)
# Access:
#   developer
#   group Ops
#   and 3 more
apiVersion: userinvitation.dev/v1alpha1
kind: UserInvitation
metadata:
  name: csp.ada-at-example.com
  namespace: team
spec:
  email: ada@example.com
  managementPolicy: Observe
  providerRef:
    name: csp
  userName: ada
"
    );
    assert!(export.left_out.is_empty() && export.protected.is_empty() && export.notes.is_empty());
}

#[test]
fn who_can_not_be_declared_is_named_with_the_reason() {
    let provider = provider(
        &json!({"name": "csp", "namespace": "team"}),
        &json!({"allowedDeletionPolicies": ["Retain"], "adoption": "Forbid"}),
    );
    let refused = |email, reason: &str| UnmanagedPerson { refusal: Some(reason.to_owned()), ..person(email) };
    let protected = refused("owner@elsewhere.org", "ProtectedPerson");
    let elsewhere = refused("carl@elsewhere.org", "DomainNotAllowed");
    let odd_login = UnmanagedPerson { user_name: Some(" x".to_owned()), ..person("bob@example.com") };
    let people = [person("bob"), odd_login, elsewhere, person("dörte@example.com"), protected];
    let export = export(&provider, &people, "team").unwrap();
    let left_out = [
        ("bob".to_owned(), LeftOut::Email),
        ("carl@elsewhere.org".to_owned(), LeftOut::Refused("DomainNotAllowed".to_owned())),
        ("dörte@example.com".to_owned(), LeftOut::Email),
    ];
    assert_eq!(export.left_out, left_out);
    assert_eq!(export.protected, ["owner@elsewhere.org"]);
    let spec = &export.manifests.people[0].object["spec"];
    assert_eq!(spec["deletionPolicy"], "Retain", "what the policy allows");
    assert!(spec["userName"].is_null(), "{spec}");
    assert!(export.notes[0].contains("policy.adoption is Forbid"));
}

#[test]
fn a_provider_of_the_cluster_is_named_as_one() {
    let provider = provider(&json!({"name": "csp"}), &json!({}));
    let team = export(&provider, &[person("ada@example.com")], "team").unwrap();
    let reference = &team.manifests.people[0].object["spec"]["providerRef"];
    assert_eq!(*reference, json!({"kind": "ClusterInvitationProvider", "name": "csp"}));
    assert!(team.notes.is_empty());
    let other = export(&provider, &[], "other").unwrap();
    assert!(other.notes[0].contains("does not have the namespace other"), "{:?}", other.notes);
}
