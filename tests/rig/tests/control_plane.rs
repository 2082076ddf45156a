//! The control plane is a real one: these tests ask it for what all others take for granted.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use test_rig::audit::{by_user, count, service_account_user};
use test_rig::files::fresh_folder;
use test_rig::kubeconfig::{self, Credential};
use test_rig::{ControlPlane, ControlPlaneOptions, Process, Server};
use tokio::sync::OnceCell;
use tokio::time::sleep;

const SOON: Duration = Duration::from_secs(30);

/// One control plane for the tests that leave it as it was.
async fn shared() -> &'static ControlPlane {
    static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
    SHARED
        .get_or_init(|| async {
            ControlPlane::start(&folder("shared"), ControlPlaneOptions::default()).await
        })
        .await
}

fn folder(name: &str) -> PathBuf {
    fresh_folder(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
}

#[tokio::test]
async fn it_is_the_version_it_says() {
    let control_plane = shared().await;
    assert_eq!(control_plane.client().get("/readyz").await.expect("an answer"), json!("ok"));
    let output = control_plane.kubectl(&["version", "-o", "json"]).await.success();
    let version: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!(version["serverVersion"]["gitVersion"], "v1.36.3");
    assert_eq!(version["clientVersion"]["gitVersion"], "v1.36.3");
    assert_eq!(version["serverVersion"]["minor"], "36");
}

#[tokio::test]
async fn rbac_denies_what_is_not_granted_and_the_audit_log_shows_it() {
    let control_plane = shared().await;
    let admin = control_plane.client();
    admin.create_namespace("rbac").await;
    control_plane
        .kubectl_apply(
            r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: rbac}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: rbac}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: rbac}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: rbac}]
"#,
        )
        .await
        .success();
    let start = control_plane.audit_log().end();
    let reader = admin.with_token(&admin.service_account_token("rbac", "reader").await);

    // The authorizer learns of a new binding by a watch.
    reader.wait_for("/api/v1/namespaces/rbac/configmaps", SOON, "readable", |_| true).await;
    let refused = reader.list("/api/v1/namespaces/rbac/secrets").await.expect_err("not granted");
    assert_eq!(refused.code(), 403, "{refused}");
    assert!(refused.to_string().contains("Forbidden"), "{refused}");

    let user = service_account_user("rbac", "reader");
    let deadline = Instant::now() + SOON;
    let denied = loop {
        let (entries, _) = control_plane.audit_log().read_since(start);
        let counts = count(by_user(&entries, &user));
        assert!(counts.keys().all(|(verb, ..)| verb == "list"), "{counts:?}");
        if let Some(entry) = by_user(&entries, &user).into_iter().find(|entry| entry.resource == "secrets") {
            break entry.clone();
        }
        assert!(Instant::now() < deadline, "no trace of the refused request: {counts:?}");
        sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((denied.code, denied.namespace.as_str(), denied.api_group.as_str()), (403, "rbac", ""));
    assert_eq!((denied.stage.as_str(), denied.user_agent.as_str()), ("ResponseComplete", "test-rig"));
    assert_eq!(denied.uri, "/api/v1/namespaces/rbac/secrets");
}

#[tokio::test]
async fn a_kubeconfig_for_a_service_account_works_without_any_right() {
    let control_plane = shared().await;
    let token = control_plane.client().service_account_token("default", "default").await;
    let folder = folder("kubeconfig");
    let (path, token_file) = (folder.join("kubeconfig"), folder.join("token"));
    fs::write(&token_file, token).expect("write the token");
    kubeconfig::write(
        &path,
        &control_plane.url(),
        &control_plane.ca_path(),
        Credential::TokenFile(&token_file),
    );
    let kubeconfig = path.to_str().expect("UTF-8");

    let who = control_plane.kubectl(&["--kubeconfig", kubeconfig, "auth", "whoami"]).await.success();
    assert!(who.contains("system:serviceaccount:default:default"), "{who}");
    let error = control_plane.kubectl(&["--kubeconfig", kubeconfig, "get", "namespaces"]).await.failure();
    assert!(error.contains("Forbidden"), "{error}");
}

#[tokio::test]
async fn a_deleted_namespace_goes_with_all_in_it() {
    let control_plane = shared().await;
    let admin = control_plane.client();
    admin.create_namespace("short-lived").await;
    let maps = "/api/v1/namespaces/short-lived/configmaps";
    admin.create(maps, &json!({"metadata": {"name": "one"}, "data": {"a": "1"}})).await.expect("created");
    let one = format!("{maps}/one");
    admin.merge_patch(&one, &json!({"data": {"a": "2"}})).await.expect("patched");
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "3"}});
    let applied = admin.apply(&one, &object).await.expect("applied");
    assert_eq!(applied["data"], json!({"a": "2", "b": "3"}));

    admin.delete("/api/v1/namespaces/short-lived").await.expect("accepted");
    admin.wait_gone("/api/v1/namespaces/short-lived", SOON).await;
    assert_eq!(admin.get(&one).await.expect_err("gone").code(), 404);
}

#[tokio::test]
async fn a_custom_resource_has_rules_and_defaults() {
    let control_plane = shared().await;
    let admin = control_plane.client();
    let crd = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.rig.test}
spec:
  group: rig.test
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              email:
                type: string
                maxLength: 254
                x-kubernetes-validations: [{rule: self == oldSelf, message: email is immutable}]
          status:
            type: object
            default: {observedGeneration: -1}
            properties: {observedGeneration: {type: integer, format: int64}}
";
    control_plane.kubectl_apply(crd).await.success();
    let things = "/apis/rig.test/v1/namespaces/default/things";
    admin.wait_for(things, SOON, "served", |_| true).await;
    let thing = json!({
        "apiVersion": "rig.test/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"email": "a@b.c"},
    });
    let created = admin.create(things, &thing).await.expect("created");
    assert_eq!(created["status"]["observedGeneration"], -1);

    let path = format!("{things}/a");
    let refused =
        admin.merge_patch(&path, &json!({"spec": {"email": "x@y.z"}})).await.expect_err("immutable");
    assert_eq!(refused.code(), 422);
    assert!(refused.to_string().contains("email is immutable"), "{refused}");
    let status = json!({"status": {"observedGeneration": 1}});
    let patched = admin.merge_patch(&format!("{path}/status"), &status).await.expect("patched");
    assert_eq!(patched["status"], status["status"]);
}

#[tokio::test]
#[should_panic(expected = "is not blue after 200ms; last seen: {")]
async fn a_wait_that_fails_shows_what_was_there() {
    let admin = shared().await.client();
    let timeout = Duration::from_millis(200);
    admin.wait_for("/api/v1/namespaces/default", timeout, "blue", |_| false).await;
}

#[tokio::test]
async fn servers_restart_with_their_data_and_stop_without_trace() {
    let dir = folder("restarts");
    let options = ControlPlaneOptions {
        etcd_fsync: true,
        api_server_flags: vec!["--min-request-timeout=300".to_owned()],
    };
    let mut control_plane = ControlPlane::start(&dir, options).await;
    let admin = control_plane.client();
    admin.create_namespace("kept").await;
    let requests = control_plane.audit_log().read().len();

    control_plane.restart_api_server().await;
    admin.get("/api/v1/namespaces/kept").await.expect("kept");

    control_plane.process(Server::ApiServer).kill9();
    assert_eq!(admin.get("/readyz").await.expect_err("nobody there").code(), 0);
    control_plane.process(Server::Etcd).kill9();
    control_plane.start_server(Server::Etcd).await;
    control_plane.start_server(Server::ApiServer).await;
    admin.wait_for("/api/v1/namespaces/kept", SOON, "kept", |_| true).await;
    assert!(control_plane.audit_log().read().len() > requests, "one audit log for all its processes");
    // The controller manager has lived through all this.
    admin.delete("/api/v1/namespaces/kept").await.expect("accepted");
    admin.wait_gone("/api/v1/namespaces/kept", 4 * SOON).await;

    assert_eq!(processes(&dir).len(), 3, "{:?}", processes(&dir));
    control_plane.stop().await;
    assert_eq!(processes(&dir), BTreeMap::new());
}

/// Tells this test program, started once more, to be the parent that gets killed.
const PARENT: &str = "TEST_RIG_PARENT";

#[tokio::test]
async fn a_killed_test_leaves_nothing_behind() {
    let dir = folder("killed");
    let ready = dir.join("ready");
    let itself = std::env::current_exe().expect("a path");
    let arguments = ["--exact", "the_parent_that_gets_killed", "--nocapture"];
    let mut parent = Process::start(&itself, arguments, [(PARENT, &dir)], &dir.join("parent.log"));
    while !ready.exists() {
        assert!(parent.is_running(), "{}", parent.log());
        sleep(Duration::from_millis(50)).await;
    }
    assert!(processes(&dir.join("control-plane")).len() >= 3);

    parent.kill9();
    let deadline = Instant::now() + SOON;
    while !processes(&dir).is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", processes(&dir));
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_parent_that_gets_killed() {
    let Some(dir) = std::env::var_os(PARENT).map(PathBuf::from) else { return };
    let _control_plane =
        ControlPlane::start(&dir.join("control-plane"), ControlPlaneOptions::default()).await;
    let log = dir.join("operator.log");
    let program = Path::new("/bin/sh");
    let arguments = ["-c", "while :; do sleep 0.1; done", log.to_str().expect("UTF-8")];
    let _operator = Process::start(program, arguments, [("A", "B")], &log);
    fs::write(dir.join("ready"), "").expect("write");
    std::future::pending::<()>().await;
}

/// Running processes whose command line names the folder.
fn processes(folder: &Path) -> BTreeMap<String, String> {
    let folder = folder.to_str().expect("UTF-8");
    fs::read_dir("/proc")
        .expect("processes")
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            command.contains(folder).then(|| (entry.file_name().to_string_lossy().into_owned(), command))
        })
        .collect()
}
