//! People with few rights, and what they try with them: an author of invitations in one namespace, and an author of
//! providers in another. Each has a ServiceAccount with exactly those rights.

use std::time::Instant;

use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, WAIT, condition};
use test_rig::{AuditEntry, KubernetesClient};
use vendor_simulators::{Standing, TenantId};

use crate::lab::{CLUSTER, lab};
use crate::place::OPERATOR_USER;
use crate::scene::Scene;

const GROUP: &str = "/apis/userinvitation.dev/v1alpha1";

/// A client with the right to write these resources in one namespace, and nothing else.
async fn author(namespace: &Namespace, resources: &[&str]) -> KubernetesClient {
    let (admin, place) = (&namespace.client, &namespace.name);
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "author"}});
    let accounts = format!("/api/v1/namespaces/{place}/serviceaccounts");
    admin.create(&accounts, &account).await.expect("the account is new");
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{place}");
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "author"},
        "rules": [{
            "apiGroups": ["userinvitation.dev"], "resources": resources,
            "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
        }],
    });
    admin.create(&format!("{rbac}/roles"), &role).await.expect("the role is new");
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "author"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "author"},
        "subjects": [{"kind": "ServiceAccount", "name": "author", "namespace": place}],
    });
    admin.create(&format!("{rbac}/rolebindings"), &binding).await.expect("the binding is new");
    let client = admin.with_token(&admin.service_account_token(place, "author").await);
    for resource in resources {
        client.wait_for(&namespace.path(resource), WAIT, "allowed", |_| true).await;
    }
    client
}

/// What the API server says to something that it refuses.
async fn refused(client: &KubernetesClient, collection: &str, object: &Value) -> String {
    let collection = format!("{collection}?fieldValidation=Strict");
    let answer = client.create(&collection, object).await;
    answer.expect_err(&format!("{object} is accepted")).to_string()
}

fn invitation(name: &str, spec: &Value) -> Value {
    let mut whole = json!({"providerRef": {"name": "csp"}, "email": format!("{name}@example.com")});
    for (field, value) in spec.as_object().expect("an object") {
        whole[field] = value.clone();
    }
    json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation", "metadata": {"name": name},
        "spec": whole,
    })
}

fn provider(name: &str, spec: &Value) -> Value {
    let mut whole = json!({
        "vmwareCloudServices": {"orgId": "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11", "platform": "Vcsp"},
        "credentials": {"secretRef": {"name": name}},
    });
    for (field, value) in spec.as_object().expect("an object") {
        whole[field] = value.clone();
    }
    json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "InvitationProvider", "metadata": {"name": name},
        "spec": whole,
    })
}

fn roles(names: &[&str]) -> Value {
    let roles: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"vmwareCloudServices": {"organizationRoles": roles}})
}

/// A tenant whose provider grants one role to people of one domain, with two owners and a member.
async fn guarded(scene: &Scene) -> TenantId {
    let policy = json!({
        "inlineAccess": "Forbid", "allowedEmailDomains": ["example.com"],
        "allowedDeletionPolicies": ["RevokePending", "Remove"], "protectedEmails": ["boss@example.com"],
    });
    let profiles = json!([{"name": "member", "access": roles(&["org_member"])}]);
    let org = scene.vmware("csp", json!({"policy": policy, "accessProfiles": profiles})).await;
    scene.vendors.add_member(&org, "boss@example.com", &["org_owner"]).expect("the tenant exists");
    scene.vendors.add_member(&org, "alice@example.com", &["org_owner"]).expect("the tenant exists");
    scene.wait_for_provider("csp", "Ready").await;
    org
}

#[tokio::test]
async fn the_author_of_invitations_gets_nothing_that_the_provider_does_not_grant() {
    let _alone = CLUSTER.lock().await;
    let (name, other) = ("privilege-author", "privilege-other");
    let scene = Scene::of(name, &[name, other], &["--cluster-providers=true"]).await;
    let vault = lab().namespace(other).await;
    let org = guarded(&scene).await;
    let elsewhere = vault.vmware("vault", json!({})).await;
    let cluster = lab().cluster();
    let allowed = json!({"allowedNamespaces": {"names": [other]}});
    let shared = cluster.vmware("privilege-shared", allowed).await;
    cluster.wait_for_provider("privilege-shared", "Ready").await;
    let author = author(&scene, &["userinvitations"]).await;
    let invitations = scene.path("userinvitations");

    // What admission refuses already.
    for (spec, part) in [
        (json!({"access": roles(&["org_owner"]), "accessProfiles": ["member"]}), "exclude each other"),
        (json!({"email": "eve@evil.example@example.com"}), "email must be one address"),
        (json!({"email": "eve@evil.example, eve@example.com"}), "email must be one address"),
        (json!({"providerRef": {"name": "vault", "namespace": other}}), "unknown field"),
        (json!({"providerRef": {"name": format!("{other}/vault")}}), "should match"),
        (json!({"providerRef": {"kind": "Secret", "name": "vault"}}), "Unsupported value"),
    ] {
        let said = refused(&author, &invitations, &invitation("admission", &spec)).await;
        assert!(said.contains(part), "{said}");
    }

    // What the provider refuses.
    let cluster_ref = json!({"kind": "ClusterInvitationProvider", "name": "privilege-shared"});
    let attempts = [
        ("inline-role", json!({"access": roles(&["org_owner"])}), "Refused", "InlineAccessForbidden"),
        ("profile", json!({"accessProfiles": ["member", "owner"]}), "Refused", "UnknownProfile"),
        ("domain", json!({"email": "eve@evil.example"}), "Refused", "DomainNotAllowed"),
        ("subdomain", json!({"email": "eve@sub.example.com"}), "Refused", "DomainNotAllowed"),
        ("longer", json!({"email": "eve@example.com.evil.example"}), "Refused", "DomainNotAllowed"),
        ("tenant", json!({"providerRef": {"name": "vault"}}), "Waiting", "ProviderNotFound"),
        ("cluster", json!({"providerRef": cluster_ref}), "Refused", "NamespaceNotAllowed"),
        ("policy", json!({"deletionPolicy": "Retain"}), "Refused", "DeletionPolicyNotAllowed"),
        (
            "owner",
            json!({"email": "Owner@Example.com", "deletionPolicy": "Remove"}),
            "Refused",
            "ProtectedPerson",
        ),
        (
            "boss",
            json!({"email": "BOSS@example.com", "deletionPolicy": "Remove"}),
            "Refused",
            "ProtectedPerson",
        ),
    ];
    for (attempt, spec, state, reason) in &attempts {
        author.create(&invitations, &invitation(attempt, spec)).await.expect("admitted");
        let seen = scene.wait(attempt, state, reason).await;
        let said = seen["status"].to_string();
        assert!(!said.contains(&vault.name) && !said.contains(&elsewhere.id), "{said}");
    }

    // Somebody who was there before is shown, and neither demoted nor removed; a record of one's own making does not help.
    let forged = json!({"userinvitation.dev/record": json!({
        "uid": "guessed", "email": "alice@example.com", "origin": "Invited",
        "tenant": {"vendor": "VmwareCloudServices", "host": "x", "accountId": org.id},
    }).to_string()});
    let mut alice = invitation("alice", &json!({"accessProfiles": ["member"], "deletionPolicy": "Remove"}));
    alice["metadata"]["annotations"] = forged.clone();
    alice["metadata"]["finalizers"] = json!(["userinvitation.dev/invitation"]);
    author.create(&invitations, &alice).await.expect("admitted");
    let adopted = scene.wait_for_state("alice", "Accepted").await;
    assert_eq!(adopted["status"]["origin"], "Adopted");
    assert_eq!(adopted["status"]["onDelete"], "Keep");
    let path = scene.invitation_path("alice");
    let again = json!({"metadata": {"annotations": forged}});
    let denied = author.merge_patch(&path, &again).await.expect_err("only the operator may");
    assert!(denied.to_string().contains("only the operator may change it"), "{denied}");

    // What their rights do not reach.
    forbidden(&author, &scene, &path).await;

    for attempt in attempts.iter().map(|(name, ..)| *name).chain(["alice"]) {
        author.delete(&scene.invitation_path(attempt)).await.expect("it is there");
        scene.client.wait_gone(&scene.invitation_path(attempt), WAIT).await;
    }
    scene.sweeps(&org, 2).await;
    for tenant in [&org, &elsewhere, &shared] {
        assert_eq!((scene.writes(tenant), scene.all_mails(tenant)), (0, 0), "{}", tenant.id);
    }
    for person in ["owner@example.com", "boss@example.com", "alice@example.com"] {
        assert_eq!(scene.standing(&org, person), Some(Standing::Member), "{person}");
    }
    let alice =
        scene.vendors.person(&org, "alice@example.com").expect("the tenant exists").expect("a member");
    assert_eq!(alice.roles, ["org_owner"]);
    let path = cluster.provider_path("privilege-shared");
    cluster.client.delete(&path).await.expect("the provider is there");
    cluster.client.wait_gone(&path, WAIT).await;
}

/// The author of invitations tries the rest of the API.
async fn forbidden(author: &KubernetesClient, scene: &Scene, invitation: &str) {
    let edits = [
        (format!("{invitation}/status"), (json!({"status": {"state": "Accepted"}}))),
        (scene.provider_path("csp"), (json!({"spec": {"policy": {"inlineAccess": "Allow"}}}))),
        (format!("{}/status", scene.provider_path("csp")), (json!({"status": {"removalsHeld": null}}))),
        (
            format!("{GROUP}/clusterinvitationproviders/privilege-shared"),
            (json!({"spec": {"allowedNamespaces": {"names": [scene.name]}}})),
        ),
        (
            format!("/api/v1/namespaces/{}", scene.name),
            (json!({"metadata": {"labels": {"tests.example.com/invites": "yes"}}})),
        ),
        (
            format!("/api/v1/namespaces/{}/secrets/csp", scene.name),
            (json!({"metadata": {"annotations": {"userinvitation.dev/allowed-hosts": "evil.example"}}})),
        ),
    ];
    for (path, patch) in edits {
        let error = author.merge_patch(&path, &patch).await.expect_err(&path);
        assert_eq!(error.code(), 403, "{path}: {error}");
    }
    for path in [
        format!("/api/v1/namespaces/{}/secrets/csp", scene.name),
        format!("/api/v1/namespaces/{OPERATOR}/secrets/privilege-shared"),
        scene.provider_path("csp"),
        format!("{GROUP}/clusterinvitationproviders/privilege-shared"),
        format!("{GROUP}/namespaces/privilege-other/userinvitations"),
    ] {
        let error = author.get(&path).await.expect_err(&path);
        assert_eq!(error.code(), 403, "{path}: {error}");
    }
    let mine = provider("mine", &json!({}));
    let error = author.create(&scene.path("invitationproviders"), &mine).await.expect_err("no right");
    assert_eq!(error.code(), 403, "{error}");
}

/// The operator's requests about Secrets since a time, in a namespace.
fn secrets_read(namespace: &str, since: u64) -> Vec<AuditEntry> {
    let (entries, _) = lab().control_plane.audit_log().read_since(since);
    let reads =
        entries.into_iter().filter(|entry| entry.user == OPERATOR_USER && entry.resource == "secrets");
    reads.filter(|entry| entry.namespace == namespace).collect()
}

/// Waits until a provider says why it does not serve; answers what it says.
async fn why_not(scene: &Scene, name: &str, reason: &str) -> String {
    let seen = scene.wait_for_provider(name, reason).await;
    assert_eq!(condition(&seen, "Stalled")["status"], "True", "{seen:#}");
    condition(&seen, "Ready")["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn the_author_of_providers_reads_no_secret_of_others() {
    let name = "privilege-providers";
    let vault = lab().namespace("privilege-vault").await;
    let scene = Scene::new(name).await;
    let since = lab().control_plane.audit_log().end();
    let author = author(&scene, &["invitationproviders", "userinvitations"]).await;
    let providers = scene.path("invitationproviders");

    // Secrets of others, which allow their use where they are, and the operator's own.
    let org = scene.vendors.create_vmware_org(vendor_simulators::VmwareOrg::with(
        vendor_simulators::Credential::api_token("privilege-vault-0123456789abcdef"),
    ));
    let org = org.expect("the organization is new");
    let values = json!({"apiToken": "privilege-vault-0123456789abcdef"});
    vault.secret("treasure", vault.vmware_url(), &values).await;
    lab().cluster().secret("privilege-operators", vault.vmware_url(), &values).await;
    // And two of this namespace: one that nobody may read, and one that may be sent to the vendor only.
    let collection = format!("/api/v1/namespaces/{name}/secrets");
    for (secret, labels) in
        [("plain", json!({})), ("labelled", json!({"userinvitation.dev/credentials": "true"}))]
    {
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret, "labels": labels},
            "stringData": {"apiToken": "not-for-the-author-0123456789", "ca.crt": "none"},
        });
        scene.client.create(&collection, &object).await.expect("the Secret is new");
    }

    for (spec, part) in [
        (
            json!({"credentials": {"secretRef": {"name": "treasure", "namespace": vault.name}}}),
            "unknown field",
        ),
        (json!({"credentials": {"secretRef": {"name": "privilege-vault/treasure"}}}), "should match"),
        (
            json!({"credentials": {"secretRef": {"name": "../privilege-vault/secrets/treasure"}}}),
            "should match",
        ),
        (
            json!({"tls": {"caBundleSecretRef": {"name": "treasure", "namespace": vault.name}}}),
            "unknown field",
        ),
        (json!({"allowedNamespaces": {"names": [vault.name]}}), "unknown field"),
    ] {
        let said = refused(&author, &providers, &provider("admission", &spec)).await;
        assert!(said.contains(part), "{said}");
    }
    let of_cluster = json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "ClusterInvitationProvider",
        "metadata": {"name": "privilege-operators"}, "spec": provider("privilege-operators", &json!({}))["spec"],
    });
    let error = author.create(&format!("{GROUP}/clusterinvitationproviders"), &of_cluster).await;
    assert_eq!(error.expect_err("no right").code(), 403);

    let endpoint = |secret: &str| {
        json!({
            "credentials": {"secretRef": {"name": secret}},
            "vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": scene.vmware_url()},
        })
    };
    let ca = json!({
        "credentials": {"secretRef": {"name": "labelled"}}, "tls": {"caBundleSecretRef": {"name": "plain"}},
    });
    for (attempt, spec, reason) in [
        ("treasure", endpoint("treasure"), "SecretNotFound"),
        ("nothing", endpoint("nothing"), "SecretNotFound"),
        ("operators", endpoint("privilege-operators"), "SecretNotFound"),
        ("plain", endpoint("plain"), "SecretNotLabelled"),
        ("ca", ca, "SecretNotLabelled"),
        ("elsewhere", endpoint("labelled"), "HostNotAllowed"),
    ] {
        author.create(&providers, &provider(attempt, &spec)).await.expect("admitted");
        let said = why_not(&scene, attempt, reason).await;
        for text in [vault.name.as_str(), OPERATOR, "privilege-vault-0123456789abcdef", "not-for-the-author"]
        {
            assert!(!said.contains(text), "{said}");
        }
        if reason == "SecretNotFound" {
            // The same words whether there is such a Secret somewhere else or nowhere.
            assert!(said.contains("in this namespace: create it"), "{said}");
        }
    }
    let status = format!("{}/status", scene.provider_path("treasure"));
    let tenant = json!({"vendor": "VmwareCloudServices", "host": "h", "accountId": org.id});
    let error = author.merge_patch(&status, &json!({"status": {"tenant": tenant}})).await;
    assert_eq!(error.expect_err("no right").code(), 403);
    // Invitations of such providers send nothing.
    let ada = invitation("ada", &json!({"providerRef": {"name": "treasure"}}));
    author.create(&scene.path("userinvitations"), &ada).await.expect("admitted");
    scene.wait("ada", "Waiting", "ProviderNotReady").await;

    // The credentials are read again and again; none of them was a foreign one, and none went to the vendor.
    let begun = Instant::now();
    while secrets_read(name, since).iter().filter(|entry| entry.name == "treasure").count() < 2 {
        assert!(begun.elapsed() < WAIT, "credentials are not read again");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (entries, _) = lab().control_plane.audit_log().read_since(since);
    let mut asked = entries.iter().filter(|entry| entry.user == OPERATOR_USER);
    assert!(asked.all(|entry| entry.namespace != vault.name), "the operator was sent to another namespace");
    let own: Vec<AuditEntry> =
        secrets_read(OPERATOR, since).into_iter().filter(|entry| entry.name.contains("operators")).collect();
    assert!(own.is_empty(), "{own:?}");
    assert!(secrets_read(name, since).iter().all(|entry| entry.verb == "get"));
    assert_eq!((scene.calls(&org, "vmware.token"), scene.writes(&org)), (0, 0));
    let calls = scene.vendors.operations(&vendor_simulators::Filter::tenant(&org));
    assert!(calls.is_empty(), "{calls:?}");
}
