//! Many people in one call, and what becomes of the good ones when one is bad.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{BadUsername, Filter, PersonAction, Standing};

use crate::scene::Scene;

/// Declares numbered people at once.
async fn invite_all(scene: &Scene, names: &[String], spec: &Value) {
    let invites = names.iter().map(|name| {
        let email = format!("{name}@example.com");
        async move { scene.invite(name, "csp", &email, spec.clone()).await }
    });
    futures::future::join_all(invites).await;
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{prefix}-{number:02}")).collect()
}

/// How many people each call of an operation named.
fn sizes(scene: &Scene, filter: &Filter) -> Vec<usize> {
    let mut sizes: Vec<usize> =
        scene.vendors.operations(filter).iter().map(|call| call.emails.len().max(call.ids.len())).collect();
    sizes.sort_unstable();
    sizes
}

#[tokio::test]
async fn twenty_five_people_need_two_calls() {
    let scene = Scene::new("bulk-25").await;
    let spec = json!({"limits": {"batchWindowMilliseconds": 1500}, "policy": {"removalsHeldAbove": 25}});
    let org = scene.vmware("csp", spec).await;
    scene.wait_for_provider("csp", "Ready").await;
    let people = numbered("person", 25);
    invite_all(&scene, &people, &json!({"deletionPolicy": "Remove"})).await;
    for name in &people {
        scene.wait_for_state(name, "Pending").await;
        assert_eq!(scene.mails(&org, &format!("{name}@example.com")), 1, "{name}");
    }
    assert_eq!(sizes(&scene, &Filter::tenant(&org).operation("vmware.invite")), [5, 20]);

    // One write for the intent and one for the status of each, at the most.
    let on = |sub: &str| {
        let requests = scene.requests();
        requests
            .iter()
            .filter(|r| r.resource == "userinvitations" && r.verb == "patch" && r.subresource == sub)
            .count()
    };
    assert_eq!((on(""), on("status")), (25, 25));

    // They go together, too.
    for name in &people {
        scene.delete(name).await;
    }
    for name in &people {
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
        assert_eq!(scene.standing(&org, &format!("{name}@example.com")), Some(Standing::Revoked));
    }
    let cancels = scene.calls(&org, "vmware.revoke") + scene.calls(&org, "vmware.delete_invitation");
    assert!(cancels <= 8, "{cancels} calls to take back 25 invitations");
    assert_eq!(scene.all_mails(&org), 25);
}

#[tokio::test]
async fn other_terms_go_in_another_call() {
    let scene = Scene::new("bulk-terms").await;
    let org = scene.vmware("csp", json!({"limits": {"batchWindowMilliseconds": 1000}})).await;
    scene.wait_for_provider("csp", "Ready").await;
    let (plain, quiet) = (numbered("plain", 3), numbered("quiet", 2));
    let developers = numbered("developer", 2);
    let access = json!({"vmwareCloudServices": {"organizationRoles": [{"name": "org_member"}, {"name": "developer"}]}});
    invite_all(&scene, &plain, &json!({})).await;
    invite_all(&scene, &quiet, &json!({"notification": "Suppress"})).await;
    invite_all(&scene, &developers, &json!({"access": access})).await;
    for name in plain.iter().chain(&quiet).chain(&developers) {
        scene.wait_for_state(name, "Pending").await;
    }
    assert_eq!(sizes(&scene, &Filter::tenant(&org).operation("vmware.invite")), [2, 2, 3]);
    let person =
        scene.vendors.person(&org, "developer-01@example.com").expect("the tenant exists").expect("invited");
    assert_eq!(
        person.roles.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from(["developer", "org_member"])
    );
    let applied = scene.invitation("developer-01").await["status"]["appliedAccess"].clone();
    assert_eq!(applied["vmwareCloudServices"]["organizationRoles"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_refused_address_does_not_keep_the_others_out() {
    let scene = Scene::new("bulk-poison").await;
    let org = scene.vmware("csp", json!({"limits": {"batchWindowMilliseconds": 1000}})).await;
    scene.wait_for_provider("csp", "Ready").await;
    scene.vendors.poison(&org, "person-03@example.com").expect("the tenant exists");
    let people = numbered("person", 6);
    invite_all(&scene, &people, &json!({})).await;
    let failed = scene.wait("person-03", "Failed", "InvalidRequest").await;
    assert_eq!(condition(&failed, "Stalled")["status"], "True");
    assert_eq!(failed["status"]["lastError"]["reason"], "InvalidRequest");
    for name in people.iter().filter(|name| *name != "person-03") {
        scene.wait_for_state(name, "Pending").await;
        assert_eq!(scene.mails(&org, &format!("{name}@example.com")), 1, "{name}");
    }
    let calls = scene.calls(&org, "vmware.invite");
    assert!(calls <= 1 + people.len(), "{calls} calls for {} people", people.len());
    scene.stays_quiet_for_people(&org).await;
    assert_eq!(scene.calls(&org, "vmware.invite"), calls, "a refusal is not tried again");
    assert_eq!(scene.mails(&org, "person-03@example.com"), 0);

    // Something changed: it is tried again.
    scene.vendors.act(&org, "person-03@example.com", &PersonAction::Heal).expect("the tenant exists");
    scene.edit("person-03", json!({"readyWhen": "Accepted"})).await;
    scene.wait_for_state("person-03", "Pending").await;
    assert_eq!(scene.mails(&org, "person-03@example.com"), 1);
}

/// The vendor takes the whole call, and leaves the bad one out without a word.
#[tokio::test]
async fn a_member_whom_the_vendor_skips_is_not_invited_again() {
    let scene = Scene::new("bulk-skip").await;
    let org = scene.vmware("csp", json!({"limits": {"batchWindowMilliseconds": 1000}})).await;
    scene.wait_for_provider("csp", "Ready").await;
    scene
        .vendors
        .set_vmware_knobs(&org, |knobs| knobs.bad_username = BadUsername::Skip)
        .expect("the tenant exists");
    scene.vendors.poison(&org, "person-02@example.com").expect("the tenant exists");
    let people = numbered("person", 3);
    invite_all(&scene, &people, &json!({})).await;
    scene.wait_for_state("person-01", "Pending").await;
    scene.wait_for_state("person-03", "Pending").await;
    let unknown = scene.wait_for_state("person-02", "OutcomeUnknown").await;
    assert_eq!(condition(&unknown, "Ready")["status"], "Unknown");
    scene.wait_stalled("person-02").await;
    assert_eq!(scene.calls(&org, "vmware.invite"), 1);
}

#[tokio::test]
async fn a_removal_in_part_concerns_only_who_was_not_removed() {
    let scene = Scene::new("bulk-remove").await;
    let org = scene.vmware("csp", json!({"limits": {"batchWindowMilliseconds": 1000}})).await;
    scene.wait_for_provider("csp", "Ready").await;
    let people = numbered("person", 4);
    for name in &people {
        scene.vendors.add_account(&org, &format!("{name}@example.com")).expect("the tenant exists");
    }
    invite_all(&scene, &people, &json!({"deletionPolicy": "Remove"})).await;
    for name in &people {
        scene.wait_for_state(name, "Accepted").await;
    }
    scene
        .vendors
        .act(&org, "person-02@example.com", &PersonAction::RefuseRemoval)
        .expect("the tenant exists");
    for name in &people {
        scene.delete(name).await;
    }
    for name in people.iter().filter(|name| *name != "person-02") {
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
        assert_ne!(scene.standing(&org, &format!("{name}@example.com")), Some(Standing::Member), "{name}");
    }
    let stuck = scene.wait_condition("person-02", "Stalled").await;
    assert_eq!(stuck["status"]["state"], "Deleting");
    assert_eq!(scene.standing(&org, "person-02@example.com"), Some(Standing::Member));
    let calls = scene.calls(&org, "vmware.remove_users");
    assert!(calls <= 2, "{calls} calls");
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.calls(&org, "vmware.remove_users"), calls, "a refusal is not tried again");
}
