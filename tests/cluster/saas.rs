//! Dynatrace SaaS: the whole life, with groups that follow the invitation.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Filter, PersonAction, Standing, TenantId};

use crate::scene::Scene;

const ADA: &str = "ada@example.com";

fn asks(groups: &[&str]) -> Value {
    json!({"access": {"dynatraceSaas": {"groups": groups}}})
}

fn groups(scene: &Scene, tenant: &TenantId) -> Vec<String> {
    let person = scene.vendors.person(tenant, ADA).expect("the tenant exists");
    person.map(|person| person.roles).unwrap_or_default()
}

async fn synced(scene: &Scene, is: &str, reason: &str) -> Value {
    let holds = |object: &Value| {
        let synced = condition(object, "AccessSynced");
        synced["status"] == is && synced["reason"] == reason
    };
    scene
        .client
        .wait_for(&scene.invitation_path("ada"), WAIT, &format!("AccessSynced {is} {reason}"), holds)
        .await
}

async fn ask(scene: &Scene, groups: &[&str]) {
    let patch = json!({"spec": asks(groups)});
    scene.client.merge_patch(&scene.invitation_path("ada"), &patch).await.expect("accepted");
}

#[tokio::test]
async fn groups_follow_the_invitation_and_are_kept() {
    let scene = Scene::new("saas-groups").await;
    let account = scene.saas("saas", json!({})).await;
    scene.invite("ada", "saas", "Ada@Example.com", asks(&["viewers"])).await;
    let pending = synced(&scene, "True", "InSync").await;
    assert_eq!(pending["status"]["state"], "Pending", "before anybody accepted");
    assert_eq!(pending["status"]["appliedAccess"], asks(&["g-viewers"])["access"], "by id");
    assert_eq!(groups(&scene, &account), ["Viewers"]);

    scene.vendors.accept(&account, ADA).expect("invited");
    scene.wait("ada", "Accepted", "Member").await;
    assert_eq!(scene.all_mails(&account), 1);

    // What an administrator takes away comes back; what others gave, and what a directory gives, stays.
    let others = PersonAction::SetRoles { roles: vec!["Auditors".to_owned(), "Directory".to_owned()] };
    scene.vendors.act(&account, ADA, &others).expect("a member");
    scene.eventually("mended", || groups(&scene, &account) == ["Viewers", "Auditors", "Directory"]).await;

    // One call adds, another takes away, and only what this invitation gave.
    let calls = ["saas.add_groups", "saas.remove_groups", "saas.set_groups"];
    let before = calls.map(|call| scene.calls(&account, call));
    ask(&scene, &["Editors", "Federated"]).await;
    scene
        .eventually("changed", || {
            groups(&scene, &account) == ["Editors", "Auditors", "Federated", "Directory"]
        })
        .await;
    synced(&scene, "True", "InSync").await;
    let after = calls.map(|call| scene.calls(&account, call));
    assert_eq!([after[0] - before[0], after[1] - before[1], after[2]], [1, 1, 0]);

    for (word, nearest) in [("Editor", "Editors"), ("Directory", "Editors")] {
        ask(&scene, &[word]).await;
        let refused = scene.wait("ada", "Refused", "UnknownName").await;
        let message = condition(&refused, "Ready")["message"].as_str().unwrap_or_default();
        assert!(message.contains(nearest), "{message}");
    }
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&account, ADA), Some(Standing::Member), "members stay");
}

#[tokio::test]
async fn from_pending_over_resent_to_taken_back() {
    let scene = Scene::new("saas-life").await;
    let spec = json!({"limits": {"minResendIntervalSeconds": 0}});
    let account = scene.saas("saas", spec).await;
    scene.invite("ada", "saas", ADA, asks(&["Viewers"])).await;
    let pending = scene.wait_for_state("ada", "Pending").await;
    assert!(pending["status"]["invitationExpirationTime"].is_string(), "by our own clock: {pending:#}");
    synced(&scene, "True", "InSync").await;
    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "again"})).await;
    scene.eventually("a second mail", || scene.all_mails(&account) == 2).await;
    // Made anew, the person is in no group until it is set again.
    scene.eventually("in the group again", || groups(&scene, &account) == ["Viewers"]).await;
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&account, ADA), None);
    let invites = scene.vendors.operations(&Filter::tenant(&account).operation("saas.invite"));
    assert_eq!((invites.len(), scene.calls(&account, "saas.delete_user")), (2, 2));
}

#[tokio::test]
async fn somebody_who_was_there_is_adopted_and_left_alone() {
    let scene = Scene::new("saas-adopted").await;
    let account = scene.saas("saas", json!({})).await;
    scene.vendors.add_member(&account, "Ada@example.com", &["Auditors"]).expect("new");
    scene.invite("ada", "saas", ADA, asks(&["Viewers"])).await;
    let adopted = scene.wait("ada", "Accepted", "Member").await;
    assert_eq!(adopted["status"]["origin"], "Adopted");
    synced(&scene, "False", "OutOfSync").await;
    scene.sweeps(&account, 2).await;
    scene.delete_and_wait("ada").await;
    assert_eq!((scene.writes(&account), scene.all_mails(&account)), (0, 0));
    assert_eq!(groups(&scene, &account), ["Auditors"]);
}
