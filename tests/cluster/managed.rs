//! What only Dynatrace Managed has: users of a directory, login names, batches of which a part fails, passwords to begin
//! with.

use rand::Rng;
use serde_json::{Value, json};
use test_rig::lab::condition;
use vendor_simulators::{
    BulkExisting, Directory, DynatraceManagedKnobs, Filter, ManagedUser, PartialBody, PasswordInput, TenantId,
};

use crate::scene::Scene;

/// An invitation's spec: names, and what else is asked.
fn named(more: &Value) -> Value {
    let mut spec = json!({"firstName": "Ada", "lastName": "Lovelace"});
    if let (Some(spec), Some(more)) = (spec.as_object_mut(), more.as_object()) {
        spec.extend(more.clone());
    }
    spec
}

async fn cluster(scene: &Scene, change: impl FnOnce(&mut DynatraceManagedKnobs)) -> TenantId {
    let tenant =
        scene.managed("managed", json!({"policy": {"protectedEmails": ["owner@example.com"]}})).await;
    scene.vendors.set_managed_knobs(&tenant, change).expect("the cluster exists");
    scene.wait_for_provider("managed", "Ready").await;
    tenant
}

async fn invite(scene: &Scene, name: &str, email: &str, more: Value) {
    scene.invite(name, "managed", email, named(&more)).await;
}

fn creations(scene: &Scene, tenant: &TenantId) -> Vec<String> {
    let mut made: Vec<String> =
        scene.vendors.creations(&Filter::tenant(tenant)).into_iter().map(|one| one.email).collect();
    made.sort_unstable();
    made
}

#[tokio::test]
async fn a_cluster_whose_users_come_from_a_directory_is_recognised_once() {
    let scene = Scene::new("managed-directory").await;
    let tenant = cluster(&scene, |knobs| knobs.directory = Directory::Ldap).await;
    for number in 0..120 {
        invite(&scene, &format!("p{number}"), &format!("p{number}@example.com"), json!({})).await;
    }
    let provider = scene.wait_for_provider("managed", "ExternallyManaged").await;
    assert_eq!(condition(&provider, "Stalled")["status"], "True");
    scene.wait("p0", "Waiting", "ProviderNotReady").await;
    scene.sweeps(&tenant, 3).await;
    assert_eq!(scene.writes(&tenant), 1, "one call, and none for anybody else");
    let provider = scene.client.get(&scene.provider_path("managed")).await.expect("it is there");
    assert_eq!(
        condition(&provider, "Ready")["reason"],
        "ExternallyManaged",
        "sweeps that work don't hide it"
    );

    scene.vendors.set_managed_knobs(&tenant, |knobs| knobs.directory = Directory::Local).expect("it exists");
    let again = json!({"metadata": {"annotations": {"userinvitation.dev/reconcile-requested-at": "now"}}});
    scene.client.merge_patch(&scene.provider_path("managed"), &again).await.expect("accepted");
    for number in 0..120 {
        scene.wait(&format!("p{number}"), "Provisioned", "Provisioned").await;
    }
    assert_eq!(creations(&scene, &tenant).len(), 120);
}

#[tokio::test]
async fn a_login_name_belongs_to_one_address() {
    let scene = Scene::new("managed-logins").await;
    let tenant = cluster(&scene, |_| {}).await;
    let bob = ManagedUser::of("bob@example.com").with_id("bob");
    scene.vendors.add_managed_user(&tenant, bob).expect("bob is new");
    invite(&scene, "ada", "ada@example.com", json!({"userName": "ada"})).await;
    scene.wait("ada", "Provisioned", "Provisioned").await;
    assert_eq!(scene.invitation("ada").await["status"]["vendorUserId"], "ada");

    invite(&scene, "other", "other@example.com", json!({"userName": "ADA"})).await;
    scene.wait("other", "Conflict", "DuplicateInvitation").await;
    invite(&scene, "taken", "taken@example.com", json!({"userName": "bob"})).await;
    let taken = scene.wait("taken", "Conflict", "UserExists").await;
    assert_eq!(taken["status"]["lastError"]["code"], "523", "{taken}");
    invite(&scene, "wrong", "bob@example.com", json!({"userName": "robert"})).await;
    scene.wait("wrong", "Conflict", "UserExists").await;
    assert_eq!(creations(&scene, &tenant), ["ada@example.com"]);

    // Nothing passes between them: the name is free once its holder and the vendor's user are gone.
    scene.edit("ada", json!({"deletionPolicy": "Remove"})).await;
    scene.wait_status("ada", "onDelete", "Remove").await;
    scene.delete_and_wait("ada").await;
    scene.wait("other", "Provisioned", "Provisioned").await;
    assert_eq!(scene.calls(&tenant, "managed.delete_user"), 1);
    assert_eq!(creations(&scene, &tenant), ["ada@example.com", "other@example.com"]);
}

#[tokio::test]
async fn of_a_batch_that_fails_in_part_everybody_else_gets_in() {
    for (name, body, existing) in [
        ("created", PartialBody::Created, BulkExisting::OthersCreated),
        ("everybody", PartialBody::Everybody, BulkExisting::Refused),
        ("failed", PartialBody::Failed, BulkExisting::OthersCreated),
    ] {
        let scene = Scene::new(&format!("managed-part-{name}")).await;
        let tenant = cluster(&scene, |knobs| {
            knobs.partial_body = body;
            knobs.bulk_existing = existing;
            knobs.creation_faults.insert("p3@example.com".to_owned());
        })
        .await;
        for number in 0..6 {
            invite(&scene, &format!("p{number}"), &format!("p{number}@example.com"), json!({})).await;
        }
        for number in [0, 1, 2, 4, 5] {
            scene.wait(&format!("p{number}"), "Provisioned", "Provisioned").await;
        }
        let failed = scene.wait("p3", "Failed", "InvalidRequest").await;
        assert_eq!(failed["status"]["lastError"]["code"], "522", "{name}");
        assert_eq!(creations(&scene, &tenant).len(), 5, "{name}: nobody twice");
        scene.stays_quiet_for_people(&tenant).await;
    }
}

#[tokio::test]
async fn nobody_is_created_without_names() {
    let scene = Scene::new("managed-names").await;
    let tenant = cluster(&scene, |_| {}).await;
    scene.invite("ada", "managed", "ada@example.com", json!({"firstName": "Ada"})).await;
    scene.wait("ada", "Refused", "NameRequired").await;
    assert_eq!(scene.writes(&tenant), 0);
    scene.edit("ada", json!({"lastName": "Lovelace"})).await;
    scene.wait("ada", "Provisioned", "Provisioned").await;
}

/// Makes a Secret with a password.
async fn secret(scene: &Scene, name: &str, metadata: &Value, password: &str) {
    let mut object = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": scene.name},
        "stringData": {"password": format!("{password}\n"), "empty": ""},
    });
    if let (Some(own), Some(more)) = (object["metadata"].as_object_mut(), metadata.as_object()) {
        own.extend(more.clone());
    }
    let path = format!("/api/v1/namespaces/{}/secrets", scene.name);
    scene.client.create(&path, &object).await.expect("the Secret is new");
}

fn password() -> String {
    let mut random = rand::rng();
    (0..32).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
}

#[tokio::test]
async fn a_password_is_read_for_the_call_and_shows_nowhere() {
    let mut scene = Scene::with("managed-password", &["--log-filter=trace"]).await;
    let tenant = cluster(&scene, |knobs| knobs.password_input = PasswordInput::Accepted).await;
    let canary = password();
    let url = scene.managed_url(&tenant);
    let host = url.trim_start_matches("https://");
    let labels = json!({"userinvitation.dev/initial-password": "true"});
    let consent = json!({"userinvitation.dev/allowed-hosts": host});
    secret(&scene, "good", &json!({"labels": labels, "annotations": consent}), &canary).await;
    secret(&scene, "unlabelled", &json!({"annotations": consent}), &canary).await;
    secret(&scene, "elsewhere", &json!({"labels": labels}), &canary).await;
    let reference = |secret: &str, key: &str| json!({"initialPasswordSecretRef": {"name": secret, "key": key}, "userName": format!("{secret}.{key}")});
    for (name, secret, key, text) in [
        ("unlabelled", "unlabelled", "password", "set the label"),
        ("elsewhere", "elsewhere", "password", "has to allow the host"),
        ("missing", "missing", "password", "there is no Secret"),
        ("no-key", "good", "other", "no password under the key"),
        ("empty", "good", "empty", "no password under the key"),
    ] {
        invite(&scene, name, &format!("{name}@example.com"), reference(secret, key)).await;
        let refused = scene.wait(name, "Refused", "InitialPasswordUnusable").await;
        let message = condition(&refused, "Ready")["message"].as_str().unwrap_or_default();
        assert!(message.contains(text), "{name}: {message}");
    }
    assert_eq!(scene.writes(&tenant), 0, "nobody was created without the password");

    invite(&scene, "ada", "ada@example.com", reference("good", "password")).await;
    invite(&scene, "bob", "bob@example.com", json!({})).await;
    for name in ["ada", "bob"] {
        scene.wait(name, "Provisioned", "Provisioned").await;
    }
    let kept = |login| scene.vendors.managed_password(&tenant, login).expect("the cluster exists");
    assert_eq!(kept("good.password").as_deref(), Some(canary.as_str()));
    assert_eq!(kept("bob@example.com"), None);

    // It is found once it is there, without anybody's doing.
    secret(&scene, "missing", &json!({"labels": labels, "annotations": consent}), &canary).await;
    scene.wait("missing", "Provisioned", "Provisioned").await;
    assert_eq!(kept("missing.password").as_deref(), Some(canary.as_str()));

    let objects = scene.client.get(&scene.path("userinvitations")).await.expect("a list").to_string();
    let provider = scene.client.get(&scene.provider_path("managed")).await.expect("it is there").to_string();
    let events = format!("/apis/events.k8s.io/v1/namespaces/{}/events", scene.name);
    let events = scene.client.get(&events).await.expect("a list").to_string();
    let log = scene.operator().process.log();
    assert!(log.len() > 10_000, "the log is at its most talkative");
    for (place, text) in [("objects", objects), ("provider", provider), ("events", events), ("log", log)] {
        for at in 0..=canary.len() - 8 {
            assert!(!text.contains(&canary[at..at + 8]), "a piece of the password stands in the {place}");
        }
    }
    scene.stop().await;
}

#[tokio::test]
async fn a_refused_password_is_refused_for_that_person() {
    let scene = Scene::new("managed-password-off").await;
    let tenant = cluster(&scene, |knobs| knobs.password_input = PasswordInput::Refused).await;
    let url = scene.managed_url(&tenant);
    let labels = json!({"userinvitation.dev/initial-password": "true"});
    let consent = json!({"userinvitation.dev/allowed-hosts": url.trim_start_matches("https://")});
    secret(&scene, "first", &json!({"labels": labels, "annotations": consent}), &password()).await;
    let with = json!({"initialPasswordSecretRef": {"name": "first", "key": "password"}});
    for name in ["bob", "eve"] {
        invite(&scene, name, &format!("{name}@example.com"), json!({})).await;
    }
    invite(&scene, "ada", "ada@example.com", with.clone()).await;
    scene.wait("ada", "Failed", "InvalidRequest").await;
    for name in ["bob", "eve"] {
        scene.wait(name, "Provisioned", "Provisioned").await;
    }
    assert_eq!(creations(&scene, &tenant), ["bob@example.com", "eve@example.com"]);

    scene.vmware("csp", json!({})).await;
    scene.invite("other", "csp", "ada@example.com", with).await;
    scene.wait("other", "Refused", "UnsupportedByVendor").await;
}
