//! The rest of a provider's policy: domains, deletion policies, and people who were in the tenant before.

use serde_json::{Value, json};
use test_rig::lab::condition;
use vendor_simulators::Standing;

use crate::scene::Scene;

fn said(object: &Value) -> String {
    condition(object, "Ready")["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn people_of_other_domains_are_refused_and_stay_if_they_are_there() {
    let scene = Scene::new("permissions-domains").await;
    let org = scene.vmware("csp", json!({"policy": {"allowedEmailDomains": ["example.com"]}})).await;
    scene.invite("ada", "csp", "Ada@EXAMPLE.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    for (name, email) in [("sub", "eve@an.example.com"), ("other", "eve@example.org")] {
        scene.invite(name, "csp", email, json!({})).await;
        let refused = scene.wait(name, "Refused", "DomainNotAllowed").await;
        assert_eq!(condition(&refused, "Stalled")["status"], "True");
        assert!(said(&refused).contains("allows addresses of example.com only"), "{}", said(&refused));
    }
    assert_eq!(scene.writes(&org), 1);

    // A stricter policy is said, and removes nobody.
    scene.edit_provider("csp", json!({"policy": {"allowedEmailDomains": ["example.org"]}})).await;
    scene.wait("ada", "Refused", "DomainNotAllowed").await;
    scene.wait_for_state("other", "Pending").await;
    scene.sweeps(&org, 1).await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited));
    assert_eq!(scene.writes(&org), 2);
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
}

#[tokio::test]
async fn a_deletion_that_policy_no_longer_allows_takes_nobody_away() {
    let scene = Scene::new("permissions-deletion").await;
    let org = scene.vmware("csp", json!({"policy": {"protectedEmails": ["boss@example.com"]}})).await;
    for (name, policy) in [("ada", "Remove"), ("bob", "RevokePending")] {
        scene.invite(name, "csp", &format!("{name}@example.com"), json!({"deletionPolicy": policy})).await;
        scene.wait_for_state(name, "Pending").await;
    }
    scene.vendors.accept(&org, "ada@example.com").expect("she is invited");
    scene.wait_for_state("ada", "Accepted").await;
    let writes = scene.writes(&org);

    scene.edit_provider("csp", json!({"policy": {"allowedDeletionPolicies": ["Retain"]}})).await;
    for name in ["ada", "bob"] {
        let refused = scene.wait(name, "Refused", "DeletionPolicyNotAllowed").await;
        assert!(said(&refused).contains("choose Retain"), "{}", said(&refused));
        assert_eq!(refused["status"]["onDelete"], "Keep");
        scene.delete_and_wait(name).await;
        let note = scene.wait_event(name, "DeletionNotAllowed").await;
        assert!(note.contains("nobody was taken away"), "{note}");
    }
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Member));
    assert_eq!(scene.standing(&org, "bob@example.com"), Some(Standing::Invited));
    assert_eq!(scene.writes(&org), writes);
}

#[tokio::test]
async fn adoption_can_be_managed_or_forbidden() {
    let scene = Scene::new("permissions-adoption").await;
    let org = scene.vmware("csp", json!({"policy": {"adoption": "Forbid"}})).await;
    scene.vendors.add_member(&org, "ada@example.com", &[]).expect("the tenant exists");
    scene.vendors.invite_by_other(&org, "bob@example.com").expect("the tenant exists");
    scene.sweeps(&org, 1).await;
    let mails = scene.all_mails(&org);
    for name in ["ada", "bob"] {
        scene.invite(name, "csp", &format!("{name}@example.com"), json!({"deletionPolicy": "Remove"})).await;
        let conflict = scene.wait(name, "Conflict", "UserExists").await;
        assert_eq!(condition(&conflict, "Stalled")["status"], "True");
        assert!(said(&conflict).contains("policy.adoption forbids"), "{}", said(&conflict));
        assert!(conflict["metadata"]["annotations"]["userinvitation.dev/record"].is_null());
    }
    scene.stays_quiet_for_people(&org).await;

    scene.edit_provider("csp", json!({"policy": {"adoption": "Manage"}})).await;
    for (name, state) in [("ada", "Accepted"), ("bob", "Pending")] {
        let adopted = scene.wait_for_state(name, state).await;
        assert_eq!(adopted["status"]["origin"], "Adopted");
        assert_eq!(adopted["metadata"]["finalizers"], json!(["userinvitation.dev/invitation"]));
    }
    assert_eq!((scene.writes(&org), scene.all_mails(&org)), (0, mails));
    let provider = scene.client.get(&scene.provider_path("csp")).await.expect("the provider is there");
    assert_eq!(provider["metadata"]["finalizers"], json!(["userinvitation.dev/in-use"]));
    for name in ["ada", "bob"] {
        scene.delete_and_wait(name).await;
    }
    assert_ne!(scene.standing(&org, "ada@example.com"), Some(Standing::Member));
    assert_eq!(scene.standing(&org, "bob@example.com"), Some(Standing::Revoked));
    assert_eq!(scene.all_mails(&org), mails);
}
