//! What a provider's policy refuses before anything is sent, and the access profiles.

use serde_json::{Value, json};
use test_rig::lab::condition;
use vendor_simulators::{CallerRole, Standing};

use crate::scene::Scene;

fn roles(names: &[&str]) -> Value {
    let roles: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"vmwareCloudServices": {"organizationRoles": roles}})
}

fn until(name: &str, time: &str) -> Value {
    json!({"vmwareCloudServices": {"organizationRoles": [{"name": name, "expirationTime": time}]}})
}

#[tokio::test]
async fn protected_people_are_never_touched() {
    let scene = Scene::new("policy-protected").await;
    let org = scene.vmware("csp", json!({"policy": {"protectedEmails": ["Boss@Example.com"]}})).await;
    scene.invite("boss", "csp", "boss@example.COM", json!({})).await;
    let refused = scene.wait("boss", "Refused", "ProtectedPerson").await;
    assert_eq!(condition(&refused, "Stalled")["status"], "True");
    // The credential's own account needs no list.
    scene.invite("owner", "csp", "owner@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.wait("owner", "Refused", "ProtectedPerson").await;
    assert_eq!(scene.writes(&org), 0);

    scene.edit_provider("csp", json!({"policy": {"protectedEmails": []}})).await;
    scene.wait_for_state("boss", "Pending").await;
    for name in ["boss", "owner"] {
        scene.delete_and_wait(name).await;
    }
    assert_eq!(scene.standing(&org, "owner@example.com"), Some(Standing::Member));
}

/// Where nobody knows whose credential it is, removals could hit its owner.
#[tokio::test]
async fn removals_need_a_known_owner_or_a_list() {
    let scene = Scene::new("policy-remove").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.wait_for_provider("csp", "Ready").await;
    let client =
        vendor_simulators::Credential::client("policy-remove-app", "policy-remove-secret-0123456789")
            .with_role(CallerRole::Owner);
    let change = vendor_simulators::CredentialChange::Add { credential: client };
    scene.vendors.change_credential(&org, change).expect("it is new");
    scene
        .secret(
            "app",
            scene.vmware_url(),
            &json!({"clientId": "policy-remove-app", "clientSecret": "policy-remove-secret-0123456789"}),
        )
        .await;
    scene.edit_provider("csp", json!({"credentials": {"secretRef": {"name": "app"}}})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    let refused = scene.wait("ada", "Refused", "ProtectedPerson").await;
    let said = condition(&refused, "Ready")["message"].as_str().expect("a message").to_owned();
    assert!(said.contains("policy.protectedEmails"), "{said}");
    assert_eq!(scene.writes(&org), 0);
    scene.edit_provider("csp", json!({"policy": {"protectedEmails": ["owner@example.com"]}})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.delete_and_wait("ada").await;
}

#[tokio::test]
async fn profiles_unite_and_are_refused_where_they_cannot() {
    let scene = Scene::new("policy-profiles").await;
    let (soon, late) = ("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z");
    let org = scene
        .vmware(
            "csp",
            json!({"accessProfiles": [
                {"name": "member", "access": roles(&["org_member"])},
                {"name": "developer", "access": roles(&["developer", "org_member"])},
                {"name": "soon", "access": until("support_user", soon)},
                {"name": "late", "access": until("support_user", late)},
            ]}),
        )
        .await;
    let refusals = [
        (
            "unknown",
            json!({"accessProfiles": ["member", "nobody"]}),
            "UnknownProfile",
            "it has: member, developer, soon, late",
        ),
        ("conflict", json!({"accessProfiles": ["soon", "late"]}), "ProfilesConflict", "support_user"),
    ];
    for (name, spec, reason, part) in refusals {
        scene.invite(name, "csp", &format!("{name}@example.com"), spec).await;
        let refused = scene.wait(name, "Refused", reason).await;
        let said = condition(&refused, "Ready")["message"].as_str().expect("a message").to_owned();
        assert!(said.contains(part), "{said}");
    }
    scene.invite("ada", "csp", "ada@example.com", json!({"accessProfiles": ["member", "developer"]})).await;
    scene.wait_for_state("ada", "Pending").await;
    let person = scene.vendors.person(&org, "ada@example.com").expect("the tenant exists").expect("invited");
    let mut names = person.roles;
    names.sort_unstable();
    assert_eq!(names, ["developer", "org_member"]);
    assert_eq!(scene.all_mails(&org), 1);

    // The profile comes into being: the refused one goes on.
    scene.edit("unknown", json!({"accessProfiles": ["member"]})).await;
    scene.wait_for_state("unknown", "Pending").await;
}

#[tokio::test]
async fn spelled_out_access_can_be_forbidden_and_must_fit_the_vendor() {
    let scene = Scene::new("policy-inline").await;
    let profiles = json!([{"name": "member", "access": roles(&["org_member"])}]);
    let org =
        scene.vmware("csp", json!({"policy": {"inlineAccess": "Forbid"}, "accessProfiles": profiles})).await;
    let workspace = scene.hpe("hpe", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({"access": roles(&["org_owner"])})).await;
    let refused = scene.wait("ada", "Refused", "InlineAccessForbidden").await;
    let said = condition(&refused, "Ready")["message"].as_str().expect("a message").to_owned();
    assert!(said.contains("name some of member in accessProfiles"), "{said}");
    scene.invite("bob", "hpe", "bob@example.com", json!({"access": roles(&["org_member"])})).await;
    scene.wait("bob", "Refused", "AccessBlockMismatch").await;
    scene.invite("eve", "hpe", "eve@example.com", json!({"notification": "NewAccountsOnly"})).await;
    scene.wait("eve", "Refused", "UnsupportedByVendor").await;
    assert_eq!((scene.writes(&org), scene.writes(&workspace)), (0, 0));

    // A policy that becomes stricter removes nobody.
    scene.edit_provider("csp", json!({"policy": {"inlineAccess": "Allow"}})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.edit_provider("csp", json!({"policy": {"inlineAccess": "Forbid"}})).await;
    scene.wait("ada", "Refused", "InlineAccessForbidden").await;
    scene.sweeps(&org, 1).await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited));
    assert_eq!(scene.writes(&org), 1);
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
}
