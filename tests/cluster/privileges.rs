//! Who may write a kind in one namespace, and nothing else, gets no further than providers let them: each attempt is
//! seen refused.

use serde_json::{Value, json};
use test_rig::KubernetesClient;
use test_rig::lab::{Namespace, condition};
use vendor_simulators::Standing;

use crate::lab::lab;
use crate::place::OPERATOR_USER;
use crate::scene::Scene;

/// The providers of the cluster.
const OF_CLUSTER: &str = "/apis/userinvitation.dev/v1alpha1/clusterinvitationproviders";

/// Somebody who may write these kinds in this namespace, and nothing else.
async fn somebody(namespace: &Namespace, kinds: &[&str]) -> KubernetesClient {
    let (client, place) = (&namespace.client, &namespace.name);
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{place}");
    let metadata = json!({"name": "somebody", "namespace": place});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
    client.create(&format!("/api/v1/namespaces/{place}/serviceaccounts"), &account).await.expect("new");
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata,
        "rules": [{
            "apiGroups": ["userinvitation.dev"], "resources": kinds,
            "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
        }],
    });
    client.create(&format!("{rbac}/roles"), &role).await.expect("new");
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "somebody"},
        "subjects": [{"kind": "ServiceAccount", "name": "somebody", "namespace": place}],
    });
    client.create(&format!("{rbac}/rolebindings"), &binding).await.expect("new");
    client.with_token(&client.service_account_token(place, "somebody").await)
}

/// The same namespace in somebody else's hands.
fn hands(namespace: &Namespace, client: &KubernetesClient) -> Namespace {
    let mut same = namespace.clone();
    same.client = client.clone();
    same
}

async fn forbidden(what: &str, answer: impl Future<Output = Result<Value, test_rig::RequestError>>) {
    match answer.await {
        Ok(object) => panic!("{what} is allowed: {object}"),
        Err(error) => assert_eq!(error.code(), 403, "{what}: {error}"),
    }
}

fn roles(names: &[&str]) -> Value {
    let roles: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"vmwareCloudServices": {"organizationRoles": roles}})
}

#[tokio::test]
async fn an_author_of_invitations_gets_what_the_provider_grants_and_no_more() {
    let scene = Scene::new("privileges-person").await;
    let org = scene
        .vmware(
            "csp",
            json!({
                "accessProfiles": [{"name": "member", "access": roles(&["org_member"])}],
                "policy": {
                    "inlineAccess": "Forbid", "allowedEmailDomains": ["example.com"],
                    "protectedEmails": ["boss@example.com"],
                },
            }),
        )
        .await;
    let other = lab().namespace("privileges-person-b").await;
    scene.wait_for_provider("csp", "Ready").await;
    for owner in ["boss@example.com", "second-owner@example.com"] {
        scene.vendors.add_member(&org, owner, &["org_owner"]).expect("the tenant exists");
    }
    scene.sweeps(&org, 1).await;
    let person = somebody(&scene, &["userinvitations"]).await;
    let mine = hands(&scene, &person);

    // A role, a domain, somebody who is protected, a way to remove people, a tenant.
    let member = json!({"accessProfiles": ["member"]});
    let of_cluster = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    let attempts: [(&str, &str, Value, &str); 7] = [
        ("role", "role@example.com", json!({"access": roles(&["org_owner"])}), "InlineAccessForbidden"),
        ("profile", "profile@example.com", json!({"accessProfiles": ["owner"]}), "UnknownProfile"),
        ("domain", "domain@example.org", member.clone(), "DomainNotAllowed"),
        ("subdomain", "subdomain@mail.example.com", member.clone(), "DomainNotAllowed"),
        ("boss", "BOSS@example.com", json!({"deletionPolicy": "Remove"}), "ProtectedPerson"),
        ("own", "owner@example.com", json!({"deletionPolicy": "Remove"}), "ProtectedPerson"),
        ("tenant", "tenant@example.com", of_cluster.clone(), "NamespaceNotAllowed"),
    ];
    for (name, email, spec, reason) in attempts {
        mine.invite(name, "csp", email, spec).await;
        let refused = scene.wait(name, "Refused", reason).await;
        assert_eq!(condition(&refused, "Stalled")["status"], "True", "{name}");
    }
    assert_eq!(scene.writes(&org), 0);

    // To adopt an owner, demote and remove them.
    mine.invite(
        "second",
        "csp",
        "second-owner@example.com",
        json!({"accessProfiles": ["member"], "deletionPolicy": "Remove"}),
    )
    .await;
    let adopted = scene.wait_for_state("second", "Accepted").await;
    assert_eq!(
        (&adopted["status"]["origin"], &adopted["status"]["onDelete"]),
        (&json!("Adopted"), &json!("Keep"))
    );
    scene.sweeps(&org, 2).await;
    for name in ["second", "boss", "own"] {
        mine.delete_and_wait(name).await;
    }
    let owner = scene.vendors.person(&org, "second-owner@example.com").expect("the tenant exists");
    assert_eq!(owner.expect("still there").roles, ["org_owner"]);
    assert_eq!(scene.standing(&org, "boss@example.com"), Some(Standing::Member));
    assert_eq!(scene.standing(&org, "owner@example.com"), Some(Standing::Member));
    assert_eq!(scene.writes(&org), 0);

    // To make believe that somebody was invited by this object, in its record or its status.
    let record = json!({"metadata": {"annotations": {"userinvitation.dev/record": "{}"}}});
    mine.invite("ada", "csp", "ada@example.com", member).await;
    scene.wait_for_state("ada", "Pending").await;
    let ada = scene.invitation_path("ada");
    person.merge_patch(&ada, &record).await.expect_err("only the operator changes its record");
    let status = json!({"status": {"origin": "Invited"}});
    forbidden("status", person.merge_patch(&format!("{ada}/status"), &status)).await;

    // What stands beside the invitations.
    let place = &scene.name;
    forbidden("Secrets", person.get(&format!("/api/v1/namespaces/{place}/secrets/csp"))).await;
    forbidden("providers", person.get(&scene.provider_path("csp"))).await;
    forbidden("policy", person.merge_patch(&scene.provider_path("csp"), &json!({"spec": {"policy": null}})))
        .await;
    forbidden("cluster providers", person.get(&format!("{OF_CLUSTER}/csp"))).await;
    let label = json!({"metadata": {"labels": {"a": "b"}}});
    forbidden("labels", person.merge_patch(&format!("/api/v1/namespaces/{place}"), &label)).await;
    forbidden("other namespaces", person.get(&other.path("userinvitations"))).await;
    assert_eq!(scene.writes(&org), 1);
    let read: Vec<String> = scene
        .requests()
        .iter()
        .filter(|entry| entry.resource == "secrets" && entry.name != "csp")
        .map(|entry| entry.name.clone())
        .collect();
    assert!(read.is_empty(), "other Secrets were read: {read:?}");
}

#[tokio::test]
async fn an_author_of_providers_gets_no_secret_that_is_not_meant_for_it() {
    let scene = Scene::new("privileges-provider").await;
    let other = lab().namespace("privileges-provider-b").await;
    let author = somebody(&scene, &["invitationproviders", "userinvitations"]).await;
    let mine = hands(&scene, &author);
    other.secret("theirs", other.vmware_url(), &json!({"apiToken": "somebody-elses"})).await;
    let unlabelled = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "unlabelled", "namespace": scene.name},
        "stringData": {"apiToken": "not-for-the-operator", "ca.crt": "neither"},
    });
    let secrets = format!("/api/v1/namespaces/{}/secrets", scene.name);
    scene.client.create(&secrets, &unlabelled).await.expect("new");
    let labelled = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": "labelled", "namespace": scene.name, "labels": {"userinvitation.dev/credentials": "true"},
        },
        "stringData": {"apiToken": "for-the-vendor-only"},
    });
    scene.client.create(&secrets, &labelled).await.expect("new");
    let id = "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11";
    let at = |endpoint: &str| json!({"vmwareCloudServices": {"orgId": id, "platform": "Vcsp", "endpoint": endpoint}});
    let here = scene.vmware_url();

    let attempts: [(&str, Value, Value, &str); 4] = [
        ("theirs", at(here), json!({}), "SecretNotFound"),
        ("unlabelled", at(here), json!({}), "SecretNotLabelled"),
        // A host of one's own, and a private certificate authority to read a Secret with.
        ("labelled", at(here), json!({}), "HostNotAllowed"),
        (
            "authority",
            at(here),
            json!({
                "credentials": {"secretRef": {"name": "labelled"}},
                "tls": {"caBundleSecretRef": {"name": "unlabelled"}, "caBundleConfigMapRef": null},
            }),
            "SecretNotLabelled",
        ),
    ];
    for (name, block, spec, reason) in attempts {
        mine.provider(name, block, spec).await;
        let stalled = scene.wait_for_provider(name, reason).await;
        assert_eq!(condition(&stalled, "Stalled")["status"], "True", "{name}");
        let text = stalled["status"].to_string();
        for secret in ["not-for-the-operator", "for-the-vendor-only", "somebody-elses", &other.name] {
            assert!(!text.contains(secret), "{name}: {text}");
        }
    }

    // A Secret of another namespace can't even be named.
    let named = json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "InvitationProvider",
        "metadata": {"name": "named", "namespace": scene.name},
        "spec": {
            "vmwareCloudServices": {"orgId": id, "platform": "Vcsp"},
            "credentials": {"secretRef": {"name": "theirs", "namespace": other.name}},
        },
    });
    let strict = format!("{}?fieldValidation=Strict", scene.path("invitationproviders"));
    let refused = author.create(&strict, &named).await.expect_err("there is no such field");
    assert!(refused.to_string().contains("secretRef.namespace"), "{refused}");

    // Other namespaces, and the cluster's own providers.
    forbidden("other namespaces", author.create(&other.path("invitationproviders"), &named)).await;
    forbidden("Secrets", author.get(&format!("{secrets}/labelled"))).await;
    forbidden("cluster providers", author.create(OF_CLUSTER, &named)).await;
    let status =
        json!({"status": {"tenant": {"vendor": "VmwareCloudServices", "host": "h", "accountId": id}}});
    let path = format!("{}/status", scene.provider_path("theirs"));
    forbidden("status", author.merge_patch(&path, &status)).await;

    let entries = lab().control_plane.audit_log().read();
    let there =
        entries.iter().filter(|entry| entry.user == OPERATOR_USER && entry.namespace == other.name).count();
    assert_eq!(there, 0, "the operator was sent to another namespace");
}
