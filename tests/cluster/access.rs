//! The access of members: kept as declared, and nothing else of theirs touched.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Filter, PersonAction, TenantId};

use crate::lab::is_exhaustive;
use crate::scene::Scene;
use crate::stage::{address, each};

fn profile(name: &str, roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({"name": role})).collect();
    json!({"name": name, "access": {"vmwareCloudServices": {"organizationRoles": roles}}})
}

/// Waits until this many invitations say that the access of their people is as asked.
async fn in_sync(scene: &Scene, count: usize) {
    let holds = |list: &Value| {
        let items = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let synced = items.iter().filter(|item| condition(item, "AccessSynced")["status"] == "True");
        synced.count() == count
    };
    scene.client.wait_for(&scene.path("userinvitations"), WAIT * 5, "all in sync", holds).await;
}

/// How often each operation was called.
fn calls(scene: &Scene, tenant: &TenantId, from: usize) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for call in scene.vendors.operations(&Filter::tenant(tenant)).into_iter().skip(from) {
        *calls.entry(call.operation).or_default() += 1;
    }
    calls
}

#[tokio::test]
async fn drifted_roles_are_mended_with_one_call_each_and_nobody_else_is_touched() {
    let (members, drifted) = if is_exhaustive() { (1000, 100) } else { (230, 12) };
    let mut scene = Scene::new("access-drift").await;
    let spec = json!({
        "accessProfiles": [profile("developer", &["org_member", "developer"])],
        "resyncIntervalSeconds": 3600, "limits": {"requestsPerMinute": 60000},
    });
    let org = scene.vmware("csp", spec).await;
    scene.wait_for_provider("csp", "Ready").await;
    let email = |number: usize| format!("person-{number}@example.com");
    for number in 0..members {
        scene.vendors.add_account(&org, &email(number)).unwrap();
        let asks = json!({"accessProfiles": ["developer"]});
        scene.invite(&format!("person-{number}"), "csp", &email(number), asks).await;
    }
    in_sync(&scene, members).await;
    assert_eq!(scene.calls(&org, "vmware.change_roles"), 0, "everybody holds what the invitation gave");

    let only_member = PersonAction::SetRoles { roles: vec!["org_member".to_owned()] };
    let more = PersonAction::AddMember { roles: vec!["support_user".to_owned()] };
    for number in 0..drifted {
        scene.vendors.act(&org, &email(number), &only_member).unwrap();
    }
    scene.vendors.act(&org, &email(drifted), &more).unwrap();
    scene.stop().await;
    let before = scene.vendors.operations(&Filter::tenant(&org)).len();
    scene.go().await;
    scene.eventually("as many calls as people", || scene.calls(&org, "vmware.change_roles") >= drifted).await;
    scene
        .eventually("everybody holds it again", || {
            (0..drifted).all(|number| {
                let person = scene.vendors.person(&org, &email(number)).unwrap().unwrap();
                person.roles.contains(&"developer".to_owned())
            })
        })
        .await;
    in_sync(&scene, members).await;

    let after = calls(&scene, &org, before);
    assert_eq!(after.get("vmware.change_roles"), Some(&drifted), "{after:?}");
    let sweeps = after["vmware.list_invitations"];
    // Pages overlap by one row, and the credential's owner is a member, too.
    let pages = members.div_ceil(199);
    assert!(after["vmware.list_users"] <= sweeps * (pages + 1), "{after:?}");
    let known = [
        "vmware.change_roles",
        "vmware.list_invitations",
        "vmware.list_users",
        "vmware.token",
        "vmware.token_details",
        "vmware.list_roles",
        "vmware.list_custom_roles",
        "vmware.list_groups",
        "vmware.list_orgs",
        "vmware.search_users",
    ];
    let other: Vec<_> = after.keys().filter(|operation| !known.contains(&operation.as_str())).collect();
    assert!(other.is_empty(), "{after:?}");
    let extra = scene.vendors.person(&org, &email(drifted)).unwrap().unwrap().roles;
    assert!(extra.contains(&"support_user".to_owned()), "what others granted is theirs: {extra:?}");
    eprintln!("{members} members, {drifted} drifted: {after:?}");
}

/// At every vendor; where the vendor can't change it later, nobody says that it is still so.
#[tokio::test]
async fn members_hold_what_was_asked_for() {
    let scene = Scene::new("access-all").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.invite("ada", json!({"access": (stage.case.access)(&stage.tenant)})).await;
        stage.accept("ada").await;
        let is = if stage.can.update { "True" } else { "Unknown" };
        let path = scene.invitation_path(&stage.object("ada"));
        let told = |object: &Value| condition(object, "AccessSynced")["status"] == is;
        scene.client.wait_for(&path, WAIT, "it is told", told).await;
        let ada = scene.vendors.person(&stage.tenant, &address("ada")).unwrap().unwrap();
        for role in stage.case.held {
            assert!(
                ada.roles.iter().any(|held| held == role),
                "{stage}: {role} is not among {:?}",
                ada.roles
            );
        }
        assert_eq!(stage.mails("ada"), 1, "{stage}");
        stage.stays_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_profile_that_changes_changes_what_its_people_hold() {
    let scene = Scene::new("access-profile").await;
    let spec = json!({"accessProfiles": [profile("team", &["org_member", "developer"])], "resyncIntervalSeconds": 2});
    let org = scene.vmware("csp", spec).await;
    scene.vendors.add_account(&org, "ada@example.com").unwrap();
    scene.invite("ada", "csp", "ada@example.com", json!({"accessProfiles": ["team"]})).await;
    in_sync(&scene, 1).await;
    let roles = || {
        let mut roles = scene.vendors.person(&org, "ada@example.com").unwrap().unwrap().roles;
        roles.sort_unstable();
        roles
    };
    assert_eq!(roles(), ["developer", "org_member"]);
    scene
        .edit_provider("csp", json!({"accessProfiles": [profile("team", &["org_member", "support_user"])]}))
        .await;
    scene
        .eventually("the new role instead of the old one", || roles() == ["org_member", "support_user"])
        .await;
    in_sync(&scene, 1).await;
    assert_eq!(scene.calls(&org, "vmware.change_roles"), 1);

    // Whoever only invites edits nobody.
    scene.edit("ada", json!({"managementPolicy": "InviteOnly"})).await;
    scene
        .edit_provider("csp", json!({"accessProfiles": [profile("team", &["org_member", "developer"])]}))
        .await;
    let path = scene.invitation_path("ada");
    let differs = |object: &Value| condition(object, "AccessSynced")["reason"] == "OutOfSync";
    scene.client.wait_for(&path, WAIT, "the difference is told", differs).await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.calls(&org, "vmware.change_roles"), 1);
}

#[tokio::test]
async fn a_name_that_the_vendor_does_not_have_is_refused_with_the_nearest() {
    let scene = Scene::new("access-names").await;
    let org = scene.vmware("csp", json!({})).await;
    let asks = json!({"access": {"vmwareCloudServices": {"organizationRoles": [{"name": "developper"}]}}});
    scene.invite("ada", "csp", "ada@example.com", asks).await;
    let refused = scene.wait("ada", "Refused", "UnknownName").await;
    let message = condition(&refused, "Ready")["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("\"developper\"") && message.contains("developer"), "{message}");
    assert_eq!(scene.calls(&org, "vmware.invite"), 0);
}

#[tokio::test]
async fn hpe_assigns_once_the_person_has_accepted() {
    let scene = Scene::new("access-hpe").await;
    let workspace = scene.hpe("hpe", json!({"resyncIntervalSeconds": 1})).await;
    let scope = format!("grn:glp/workspaces/{}", workspace.id);
    let role = "grn:glp/providers/authorization/roles/ccs.observer";
    let asks = json!({"access": {"hpeGreenLake": {"roleAssignments": [{"role": role, "scopes": [scope]}]}}});
    scene.invite("ada", "hpe", "ada@example.com", asks).await;
    let pending = scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    assert_eq!(condition(&pending, "AccessSynced")["reason"], "AwaitingAcceptance");
    scene.vendors.accept(&workspace, "ada@example.com").unwrap();
    in_sync(&scene, 1).await;
    let person = scene.vendors.person(&workspace, "ada@example.com").unwrap().unwrap();
    assert_eq!(person.roles, [role]);
    assert_eq!(scene.calls(&workspace, "hpe.assign_role"), 1);

    // Without enhanced IAM it is refused before anything is sent.
    let plain = scene.hpe("plain", json!({})).await;
    scene.vendors.set_hpe_knobs(&plain, |knobs| knobs.enhanced_iam = false).unwrap();
    scene.edit_provider("plain", json!({"resyncIntervalSeconds": 2})).await;
    let asks = json!({"access": {"hpeGreenLake": {"roleAssignments": [{"role": role, "scopes": [scope]}]}}});
    scene.wait_for_provider("plain", "Ready").await;
    let path = scene.provider_path("plain");
    let unable = |object: &Value| object["status"]["capabilities"]["updateAccess"] == "Unsupported";
    scene.client.wait_for(&path, WAIT, "the capability", unable).await;
    scene.invite("bob", "plain", "bob@example.com", asks).await;
    scene.wait("bob", "Refused", "UnsupportedByVendor").await;
    assert_eq!(scene.calls(&plain, "hpe.invite"), 0);
}
