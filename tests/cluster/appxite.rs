//! AppXite, where it differs from the others: nothing is documented that takes anybody away, answers may name people,
//! and only our own clock tells when an invitation has ended.

use serde_json::{Value, json};
use test_rig::lab::condition;
use test_rig::vendors::{CASES, Case};
use vendor_simulators::{ExistingUser, PartialFailure, Standing, TenantId};

use crate::scene::Scene;

const PROVIDER: &str = "appxite";

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

fn case(name: &str) -> &'static Case {
    CASES.into_iter().find(|case| case.name == name).expect("a case of that name")
}

/// A platform as its documents are, with its provider.
async fn platform(scene: &Scene, spec: Value) -> TenantId {
    case(PROVIDER).open(scene, PROVIDER, spec).await
}

async fn declare(scene: &Scene, names: &[&str], spec: Value) {
    for name in names {
        scene.invite(name, PROVIDER, &address(name), spec.clone()).await;
    }
}

#[tokio::test]
async fn what_it_can_do_stands_in_the_provider() {
    let scene = Scene::new("appxite-can").await;
    for (name, removal) in [("appxite", false), ("appxite-removal", true)] {
        let platform = case(name).open(&scene, name, json!({})).await;
        let provider = scene.wait_for_provider(name, "Ready").await;
        assert_eq!(provider["status"]["vendor"], "AppXite");
        assert_eq!(provider["status"]["account"]["id"], platform.id);
        let removes = if removal { "Supported" } else { "Configurable" };
        let expected = json!({
            "bulkInvite": "Supported", "maxBatchSize": 20, "listUsers": "Supported", "acceptance": "Supported",
            "cancelInvitation": removes, "removeUser": removes, "updateAccess": "Unsupported",
            "resend": if removal { "Recreate" } else { "AfterExpiry" }, "invitationExpiry": "OwnClock",
            "suppressNotification": "Unsupported",
        });
        assert_eq!(provider["status"]["capabilities"], expected);
    }
}

#[tokio::test]
async fn roles_and_providers_are_named() {
    let scene = Scene::new("appxite-names").await;
    let platform = platform(&scene, json!({})).await;
    let access = |role: &str, provider: &str| {
        json!({"access": {"appXite": {
            "organizationIds": ["3a8f5c1d-3333-4f0f-b0b4-000000000101"], "role": role, "identityProvider": provider,
        }}})
    };
    declare(&scene, &["ada", "bob"], access("Seller Admin", "Azure AD")).await;
    declare(&scene, &["eve"], access("Seler Admin", "Azure AD")).await;
    declare(&scene, &["joe"], access("Seller Admin", "Microsoft LiveID")).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.wait_for_state("bob", "Pending").await;
    let ada =
        scene.vendors.person(&platform, &address("ada")).expect("the platform exists").expect("invited");
    assert_eq!(ada.roles, ["Seller Admin"]);
    for (name, told) in [
        ("eve", "no role \"Seler Admin\"; the nearest names are: Seller Admin"),
        ("joe", "no identity provider \"Microsoft LiveID\"; the nearest names are: "),
    ] {
        let refused = scene.wait(name, "Refused", "UnknownName").await;
        let message = condition(&refused, "Ready")["message"].as_str().expect("a message");
        assert!(message.contains(told), "{message}");
    }
    assert_eq!(scene.calls(&platform, "appxite.invite"), 1, "those who ask for the same share a call");
    assert_eq!(scene.all_mails(&platform), 2);

    scene.vendors.accept(&platform, &address("ada")).expect("a pending invitation");
    let member = scene.wait_for_state("ada", "Accepted").await;
    let synced = condition(&member, "AccessSynced");
    assert_eq!((&synced["status"], &synced["reason"]), (&json!("Unknown"), &json!("UnsupportedByVendor")));
}

#[tokio::test]
async fn without_a_path_a_deletion_says_that_the_person_stays() {
    let scene = Scene::new("appxite-stays").await;
    let platform = platform(&scene, json!({})).await;
    declare(&scene, &["pending"], json!({})).await;
    declare(&scene, &["member"], json!({"deletionPolicy": "Remove"})).await;
    for name in ["pending", "member"] {
        scene.wait_for_state(name, "Pending").await;
    }
    scene.vendors.accept(&platform, &address("member")).expect("a pending invitation");
    scene.wait_for_state("member", "Accepted").await;
    let writes = scene.writes(&platform);
    for (name, standing) in [("pending", Standing::Invited), ("member", Standing::Member)] {
        scene.wait_status(name, "onDelete", "Unsupported").await;
        scene.delete_and_wait(name).await;
        let note = scene.wait_event(name, "UnsupportedByVendor").await;
        assert!(note.contains("what the person holds at the vendor stays"), "{note}");
        assert_eq!(scene.standing(&platform, &address(name)), Some(standing));
    }
    assert_eq!(scene.writes(&platform), writes, "nothing was sent");
}

/// One bad address among good ones, in each way in which a platform may tell.
async fn one_bad_address(name: &str, partial: PartialFailure) -> (Scene, TenantId) {
    let scene = Scene::new(name).await;
    let platform = platform(&scene, json!({"limits": {"batchWindowMilliseconds": 1000}})).await;
    let set = scene.vendors.set_appxite_knobs(&platform, |knobs| knobs.partial_failure = partial);
    set.expect("the platform exists");
    scene.vendors.poison(&platform, &address("bad")).expect("the platform exists");
    declare(&scene, &["ada", "bad", "bob"], json!({})).await;
    for name in ["ada", "bob"] {
        scene.wait_for_state(name, "Pending").await;
    }
    (scene, platform)
}

#[tokio::test]
async fn a_bad_address_is_refused_by_name() {
    for (name, partial) in [("207", PartialFailure::MultiStatus), ("200", PartialFailure::Results)] {
        let (scene, platform) = one_bad_address(&format!("appxite-by-name-{name}"), partial).await;
        scene.wait("bad", "Failed", "InvalidRequest").await;
        scene.sweeps(&platform, 4).await;
        assert_eq!(scene.calls(&platform, "appxite.invite"), 1, "{name}");
        assert_eq!(scene.all_mails(&platform), 2, "{name}");
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_as_a_whole_goes_one_by_one() {
    let (scene, platform) = one_bad_address("appxite-atomic", PartialFailure::Atomic).await;
    scene.wait("bad", "Failed", "InvalidRequest").await;
    scene.sweeps(&platform, 4).await;
    assert_eq!(scene.calls(&platform, "appxite.invite"), 4, "the batch, and each of its members");
    assert_eq!(scene.all_mails(&platform), 2);
}

#[tokio::test]
async fn whoever_is_silently_missing_is_unknown() {
    let (scene, platform) = one_bad_address("appxite-silent", PartialFailure::Silent).await;
    scene.wait_stalled("bad").await;
    let unknown = scene.wait("bad", "OutcomeUnknown", "OutcomeUnknown").await;
    assert_eq!(condition(&unknown, "Ready")["status"], "Unknown");
    scene.sweeps(&platform, 4).await;
    assert_eq!(scene.calls(&platform, "appxite.invite"), 1, "nothing is sent again by itself");
    assert_eq!(scene.all_mails(&platform), 2);
}

/// Somebody else's invitation comes between the look and our call: no second mail where the platform refuses it, and
/// one that the platform sends where it does not.
#[tokio::test]
async fn three_answers_about_somebody_who_is_there() {
    for (existing, mails) in
        [(ExistingUser::Accept, 2), (ExistingUser::Conflict, 1), (ExistingUser::BadRequest, 1)]
    {
        let scene = Scene::new(&format!("appxite-there-{existing:?}").to_lowercase()).await;
        let platform = platform(&scene, json!({})).await;
        let set = scene.vendors.set_appxite_knobs(&platform, |knobs| {
            knobs.existing_user = existing;
            // The list is late, so that the person is there and does not show.
            knobs.list_lag_milliseconds = 1500;
        });
        set.expect("the platform exists");
        scene.wait_for_provider(PROVIDER, "Ready").await;
        scene.vendors.invite_by_other(&platform, &address("ada")).expect("the platform exists");
        declare(&scene, &["ada"], json!({})).await;
        scene.wait_for_state("ada", "Pending").await;
        scene.sweeps(&platform, 4).await;
        assert_eq!(scene.mails(&platform, &address("ada")), mails, "{existing:?}");
        assert_eq!(scene.calls(&platform, "appxite.invite"), 1, "{existing:?}");
    }
}

#[tokio::test]
async fn an_invitation_ends_by_our_own_clock_and_is_sent_anew_on_request() {
    let scene = Scene::new("appxite-expiry").await;
    let platform = platform(&scene, json!({"limits": {"minResendIntervalSeconds": 0}})).await;
    declare(&scene, &["ada"], json!({})).await;
    let sent = scene.wait_for_state("ada", "Pending").await;
    assert!(sent["status"]["invitationExpirationTime"].is_string());
    // One that can still be used can't be sent again, since it can't be taken back.
    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "1"})).await;
    scene.wait_status("ada", "lastHandledResendAt", "1").await;
    scene.wait_event("ada", "ResendSpent").await;
    assert_eq!(scene.mails(&platform, &address("ada")), 1);

    // A week goes by, for the vendor and in what the operator has written down.
    scene.vendors.expire(&platform, &address("ada")).expect("a pending invitation");
    let long_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(8 * 24);
    let written = json!({"status": {"invitedTime": format!("{long_ago:.0}")}});
    let path = format!("{}/status", scene.invitation_path("ada"));
    scene.client.merge_patch(&path, &written).await.expect("the status is taken");
    let expired = scene.wait("ada", "Expired", "Expired").await;
    assert_eq!(condition(&expired, "Stalled")["status"], "True");
    assert_eq!(condition(&expired, "Accepted")["status"], "False");
    scene.sweeps(&platform, 3).await;
    assert_eq!(scene.mails(&platform, &address("ada")), 1, "nothing is sent again by itself");

    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "2"})).await;
    let again = scene.wait_for_state("ada", "Pending").await;
    assert_ne!(again["status"]["invitedTime"], expired["status"]["invitedTime"]);
    scene.sweeps(&platform, 3).await;
    assert_eq!(scene.mails(&platform, &address("ada")), 2);
    assert_eq!(scene.standing(&platform, &address("ada")), Some(Standing::Invited));
}
