//! The operator as it was installed, in each mode: one person from Pending to Accepted and away, with the rights of the
//! mode, none of which is idle.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, RunningOperator, WAIT, merge};
use test_rig::rights::{self, Grant};
use test_rig::{AuditEntry, CommandOutput, ControlPlaneOptions, Lab, OperatorOptions, chart};

use crate::listing;
use crate::scenes::{Scene, Stage, Way};

/// The operator, as the API server calls it.
pub const USER: &str = "system:serviceaccount:user-invitation-operator:user-invitation-operator";
/// How the operator says who it is; a diagnosis says so behind it.
const OPERATORS_OWN: &str = concat!("user-invitation-operator/", env!("CARGO_PKG_VERSION"));

/// A lab with the chart installed with these values, and these namespaces.
pub async fn lab(name: &str, values: Value, namespaces: &[&str]) -> (Lab, Vec<Namespace>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
    let lab = Lab::start_bare(&folder, operator, ControlPlaneOptions::default()).await;
    let mut made = Vec::new();
    for name in namespaces {
        made.push(lab.namespace(name).await);
    }
    lab.admin().create_restricted_namespace(OPERATOR).await;
    let mut whole = chart::values();
    merge(&mut whole, values);
    lab.install(OPERATOR, whole).await;
    (lab, made)
}

/// One person from Pending to Accepted and away; and another who stays for now.
pub async fn a_life(namespace: &Namespace) {
    let org = namespace.vmware("csp", json!({})).await;
    namespace.invite("ada", "csp", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    namespace.invite("bob", "csp", "bob@example.com", json!({})).await;
    namespace.wait_for_state("ada", "Pending").await;
    namespace.vendors.accept(&org, "ada@example.com").expect("she is invited");
    namespace.wait_for_state("ada", "Accepted").await;
    namespace.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "now"})).await;
    let path = namespace.invitation_path("ada");
    let told = |object: &Value| object["status"]["lastHandledResendAt"] == "now";
    namespace.client.wait_for(&path, WAIT, "told", told).await;
    namespace.delete_and_wait("ada").await;
    namespace.wait_for_state("bob", "Pending").await;
}

/// A deletion that can't go on, since the credentials went first.
async fn an_end(namespace: &Namespace) {
    namespace.client.delete(&namespace.invitation_path("bob")).await.expect("the invitation is there");
    namespace.wait_for_reason("bob", "CredentialsMissing").await;
    namespace.annotate("bob", &json!({"userinvitation.dev/abandon": "true"})).await;
    namespace.client.wait_gone(&namespace.invitation_path("bob"), WAIT).await;
}

/// Lives and ends in these namespaces, with one operator after the other; and what happens there only now and then.
async fn lives_and_ends(lab: &Lab, namespaces: &[&Namespace]) {
    let stages: Vec<Stage> = namespaces.iter().map(|namespace| Stage::own(namespace)).collect();
    let way = Way::before(lab, &stages).await;
    let first = start(lab, &way.options()).await;
    join_all(namespaces.iter().map(|namespace| a_life(namespace))).await;
    for scene in [Scene::Meeting, Scene::Repetition] {
        join_all(stages.iter().map(|stage| stage.play(scene, 0, &way.script))).await;
    }
    stop(first).await;
    for namespace in namespaces {
        let secret = format!("/api/v1/namespaces/{}/secrets/csp", namespace.name);
        namespace.client.delete(&secret).await.expect("the Secret is there");
    }
    let second = start(lab, &way.options()).await;
    join_all(namespaces.iter().map(|namespace| an_end(namespace))).await;
    stop(second).await;
}

/// The same for providers of the cluster.
async fn life_of_the_cluster(lab: &Lab, namespace: &Namespace) {
    let stage = Stage::of_the_cluster(lab, namespace);
    let way = Way::before(lab, std::slice::from_ref(&stage)).await;
    let operator = start(lab, &way.options()).await;
    stage.set().await;
    for scene in [Scene::Newcomers, Scene::Meeting, Scene::Repetition, Scene::Departure] {
        stage.play(scene, 0, &way.script).await;
    }
    stop(operator).await;
}

/// Starts the operator, and waits until it is ready.
pub async fn start(lab: &Lab, options: &OperatorOptions) -> RunningOperator {
    let mut operator = lab.operator("operator", options).await;
    operator.ready().await;
    operator
}

/// Stops it in order.
pub async fn stop(mut operator: RunningOperator) {
    operator.process.sigterm();
    let ended = operator.process.wait_exit(WAIT).await.expect("the operator stops");
    assert!(ended.success(), "{}", operator.process.log());
}

/// Runs the release's test; what helm says, and what the pod said.
async fn test(lab: &Lab) -> (CommandOutput, String) {
    let arguments = ["test", OPERATOR, "--namespace", OPERATOR, "--timeout", "60s"];
    let pod = format!("{OPERATOR}-test");
    tokio::join!(lab.control_plane.helm(&arguments), lab.complete(OPERATOR, &pod))
}

/// What the operator did is what it may do, where it may do it; tells the rights.
async fn no_right_is_idle(lab: &Lab, mode: &str) -> BTreeSet<Grant> {
    let entries = lab.control_plane.audit_log().read();
    let entries: Vec<AuditEntry> = entries.into_iter().filter(|entry| entry.user == USER).collect();
    let refused: Vec<&AuditEntry> = entries.iter().filter(|entry| matches!(entry.code, 401 | 403)).collect();
    assert!(refused.is_empty(), "refused: {refused:?}");
    // Whoever has the operator look at everything acts as the operator, too.
    let (own, looked): (Vec<&AuditEntry>, Vec<&AuditEntry>) =
        rights::take_rights(&entries).partition(|entry| entry.user_agent == OPERATORS_OWN);
    assert!(looked.iter().all(|entry| entry.user_agent == format!("{OPERATORS_OWN} (diagnose)")));
    let grants = rights::granted(&lab.admin(), OPERATOR, OPERATOR).await;
    let mut list = format!("Every right of the operator, {mode}, and how often it was used:\n");
    let mut idle = Vec::new();
    for grant in &grants {
        // A watch has two lines.
        let count = |entries: &[&AuditEntry]| -> usize {
            let requests = entries.iter().filter(|entry| grant.covers(entry)).map(|entry| &entry.id);
            requests.collect::<BTreeSet<_>>().len()
        };
        let (by_operator, by_diagnosis) = (count(&own), count(&looked));
        let place = if grant.place.is_empty() { "everywhere" } else { &grant.place };
        let right = grant.right.to_string();
        writeln!(list, "  {place:25} {right:65} {by_operator:5}, by diagnose {by_diagnosis}").expect("text");
        if by_operator == 0 {
            idle.push(grant);
        }
    }
    listing::tell(&list);
    assert!(idle.is_empty(), "granted, and not used by the operator: {idle:?}");
    let strange: Vec<&&AuditEntry> =
        own.iter().chain(&looked).filter(|entry| !grants.iter().any(|grant| grant.covers(entry))).collect();
    assert!(strange.is_empty(), "used, and granted by something else than the chart: {strange:?}");
    grants
}

/// What Kubernetes' own roles allow those who have them in a namespace.
async fn usual_roles(namespace: &Namespace) {
    let own = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings", namespace.name);
    for role in ["view", "edit", "admin"] {
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": role},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": role}],
        });
        namespace.client.create(&own, &binding).await.expect("the binding is new");
    }
    let may = async |user: &str, verb: &str, resource: &str| {
        let attributes = json!({
            "namespace": namespace.name, "group": "userinvitation.dev", "verb": verb, "resource": resource,
        });
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": attributes},
        });
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        namespace.client.create(path, &review).await.expect("a review")["status"]["allowed"] == true
    };
    // Kubernetes unites the roles a moment after they are there.
    let begun = Instant::now();
    while !may("admin", "create", "invitationproviders").await {
        assert!(begun.elapsed() < WAIT, "the roles are not united");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (people, providers, shared) =
        ("userinvitations", "invitationproviders", "clusterinvitationproviders");
    for (role, verb, resource, allowed) in [
        ("view", "list", people, true),
        ("view", "watch", providers, true),
        ("view", "create", people, false),
        ("edit", "create", people, true),
        ("edit", "patch", people, true),
        ("edit", "patch", providers, false),
        ("admin", "delete", people, true),
        ("admin", "delete", providers, true),
        ("admin", "create", shared, false),
        ("admin", "patch", "userinvitations/status", false),
    ] {
        assert_eq!(may(role, verb, resource).await, allowed, "{role} may {verb} {resource}");
    }
}

#[tokio::test]
async fn two_namespaces() {
    let values = json!({"watchNamespaces": ["team-a", "team-b"], "clusterProviders": {"enabled": false}});
    let (lab, namespaces) = lab("charts-two", values, &["team-a", "team-b", "team-c"]).await;
    let [a, b, c] = &namespaces[..] else { panic!("three namespaces") };
    let (tested, said) = test(&lab).await;
    let _phases = tested.success();
    assert!(said.contains("right to get secrets in namespace team-b"), "{said}");
    c.vmware("csp", json!({})).await;
    c.invite("eve", "csp", "eve@example.com", json!({})).await;
    lives_and_ends(&lab, &[a, b]).await;
    let (tested, said) = test(&lab).await;
    let _why = tested.failure();
    assert!(said.contains("InvitationProvider team-a/csp"), "{said}");

    let eve = c.client.get(&c.invitation_path("eve")).await.expect("the invitation is there");
    assert_eq!(eve["status"]["state"], "Queued", "nobody serves the third");
    let grants = no_right_is_idle(&lab, "for two namespaces").await;
    let places: BTreeSet<&str> = grants.iter().map(|grant| grant.place.as_str()).collect();
    assert_eq!(places, ["team-a", "team-b", OPERATOR].into(), "no right of the cluster");
    listing::is_documented(&grants, &["team-a", "team-b"], false);
    lab.stop().await;
}

#[tokio::test]
async fn two_namespaces_and_providers_of_the_cluster() {
    let values = json!({"watchNamespaces": ["team-a", "team-b"]});
    let (lab, namespaces) = lab("charts-two-shared", values, &["team-a", "team-b"]).await;
    let [a, b] = &namespaces[..] else { panic!("two namespaces") };
    let (tested, _said) = test(&lab).await;
    let _phases = tested.success();
    lives_and_ends(&lab, &[a, b]).await;
    life_of_the_cluster(&lab, a).await;
    let grants = no_right_is_idle(&lab, "for two namespaces and providers of the cluster").await;
    listing::is_documented(&grants, &["team-a", "team-b"], true);
    lab.stop().await;
}

#[tokio::test]
async fn everywhere_with_secrets_of_one_namespace() {
    let values = json!({"secretNamespaces": ["team-a"]});
    let (lab, namespaces) = lab("charts-secrets", values, &["team-a", "team-b"]).await;
    let [a, b] = &namespaces[..] else { panic!("two namespaces") };
    let operator = start(&lab, &OperatorOptions::default()).await;
    b.vmware("csp", json!({})).await;
    a_life(a).await;
    b.wait_for_provider("csp", "SecretForbidden").await;
    // The Secrets of providers for several namespaces are in the operator's own.
    lab.cluster().vmware("shared", json!({"allowedNamespaces": {"names": ["team-b"]}})).await;
    let reference = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    b.invite("grace", "shared", "grace@example.com", reference).await;
    b.wait_for_state("grace", "Pending").await;
    stop(operator).await;
    lab.stop().await;
}

#[tokio::test]
async fn everywhere() {
    let rules = json!({"enabled": true, "allowedEmailDomains": ["example.com"]});
    let values = json!({"organizationPolicy": rules});
    let (lab, namespaces) = lab("charts-everywhere", values, &["team-a"]).await;
    let [a] = &namespaces[..] else { panic!("a namespace") };
    let (tested, _said) = test(&lab).await;
    let _phases = tested.success();
    usual_roles(a).await;
    lives_and_ends(&lab, &[a]).await;
    let stranger = json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation", "metadata": {"name": "mallory"},
        "spec": {"providerRef": {"name": "csp"}, "email": "mallory@example.net"},
    });
    let refused =
        a.client.create(&a.path("userinvitations"), &stranger).await.expect_err("the domain is foreign");
    assert!(refused.to_string().contains("the organization allows e-mail addresses"), "{refused}");

    life_of_the_cluster(&lab, a).await;
    let grants = no_right_is_idle(&lab, "for all namespaces").await;
    let places: BTreeSet<&str> = grants.iter().map(|grant| grant.place.as_str()).collect();
    assert_eq!(places, ["", OPERATOR].into(), "one role for everything, and one for the lease");
    lab.stop().await;
}
