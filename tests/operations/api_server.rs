//! The API server is killed and started again, is away for longer than the lease lasts, and has forgotten what the watches
//! stood on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::proxy::{FaultProxy, Script, classify_api_server};
use test_rig::{AuditEntry, Lab, OperatorOptions, Server};

use crate::scene::{LONG_LEASE, Scene, flags, lab};

/// What the operator watches.
const KINDS: [&str; 3] = ["userinvitations", "invitationproviders", "clusterinvitationproviders"];

/// How long the API server is away: several lives of the short lease.
const AWAY: Duration = Duration::from_secs(8);

/// Within the lease, the work goes on where it was.
#[tokio::test]
async fn killed_and_started_again_and_its_past_forgotten() {
    let lab = lab("operations-restarts").await;
    let (way, api_server, _) = way(&lab).await;
    let options = OperatorOptions { flags: flags(&LONG_LEASE), api_server, ..OperatorOptions::default() };
    let mut scene = Scene::begin(lab, &options, json!({})).await;
    let holder = scene.lease().await["spec"].take();
    let ready = scene.readiness_of_the_provider().await;

    scene.lab.control_plane.process(Server::ApiServer).kill9();
    scene.says("watch failed").await;
    scene.says("its credential stays in use").await;
    let mark = scene.mark();
    scene.lab.control_plane.start_server(Server::ApiServer).await;
    scene.goes_on("cleo", "bob").await;
    // A watch that still waits for its turn would begin with a list, and have no past to be forgotten.
    scene.watches_again(&KINDS, mark).await;

    // Severed, the watches hear of no version from here on, not even of what the operator itself wrote last. It stays so until
    // the new server knows all rights: before, it refuses what it allows.
    way.sever(true);
    let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}});
    let path = format!("/api/v1/namespaces/{}/configmaps", scene.name);
    let other = scene.client.create(&path, &config_map).await.expect("it is new");
    let latest: u64 = version(&other["metadata"]["resourceVersion"]);
    scene.lab.control_plane.compact_etcd().await;
    let mark = scene.mark();
    scene.lab.control_plane.process(Server::ApiServer).kill9();
    scene.lab.control_plane.start_server(Server::ApiServer).await;
    scene.can_write_status(true).await;
    way.sever(false);
    scene.goes_on("dora", "cleo").await;

    for kind in KINDS {
        let requests = || -> Vec<AuditEntry> {
            scene.requests_since(mark).into_iter().filter(|entry| entry.resource == kind).collect()
        };
        let of_before = |entry: &AuditEntry| watched_from(entry).is_some_and(|from| from < latest);
        let lists_anew = |requests: &[AuditEntry]| {
            let mut later = requests.iter().skip_while(|entry| !of_before(entry));
            later.any(|entry| entry.verb == "list")
        };
        scene
            .until(&format!("{kind} are listed after a watch from before"), || lists_anew(&requests()))
            .await;
        // What such a watch is told, as the server tells anybody.
        let watch = requests().into_iter().find(of_before).expect("it was there");
        let told = scene.client.get(&watch.uri).await.expect("a watch begins well");
        assert_eq!((&told["type"], &told["object"]["code"]), (&json!("ERROR"), &json!(410)), "{told}");
    }
    assert!(scene.operator.process.log().contains("too old resource version"), "it is said");
    assert_eq!(scene.lease().await["spec"]["holderIdentity"], holder["holderIdentity"], "one term");
    assert_eq!(scene.readiness_of_the_provider().await, ready, "the provider was ready all the time");
    scene.end().await;
}

/// The lease ends meanwhile, and the same process leads again.
#[tokio::test]
async fn away_for_longer_than_the_lease() {
    let lab = lab("operations-away").await;
    let (_way, api_server, script) = way(&lab).await;
    let options = OperatorOptions { api_server, ..OperatorOptions::default() };
    let mut scene = Scene::begin(lab, &options, json!({})).await;
    let first = scene.lease().await["spec"]["holderIdentity"].take();

    let gone = Instant::now();
    scene.lab.control_plane.stop_server(Server::ApiServer).await;
    scene.is_not_ready("lease (the API server does not answer").await;
    scene.says("this process leads no longer").await;
    assert!(scene.operator.metrics().await.contains("user_invitation_operator_leader 0"));
    tokio::time::sleep(AWAY.saturating_sub(gone.elapsed())).await;
    let tried: Vec<_> = script.entries().into_iter().filter(|entry| entry.at >= gone).collect();
    let (lease, rest): (Vec<_>, Vec<_>) =
        tried.into_iter().partition(|entry| entry.call.operation.ends_with("leases"));
    // The lease is asked for five times a second, by its settings here; everything else is rare.
    let seconds = usize::try_from(gone.elapsed().as_secs()).expect("a short time");
    assert!(
        !lease.is_empty() && lease.len() <= 10 + 6 * seconds,
        "{} in {seconds} s: {lease:#?}",
        lease.len()
    );
    assert!(rest.len() <= 10 + 2 * seconds, "{} in {seconds} s: {rest:#?}", rest.len());

    scene.lab.control_plane.start_server(Server::ApiServer).await;
    scene.goes_on("cleo", "bob").await;
    assert_ne!(scene.lease().await["spec"]["holderIdentity"], first, "another term");
    scene.end().await;
}

/// A proxy before the API server, where an operator finds it, and what comes by.
async fn way(lab: &Lab) -> (FaultProxy, Option<(String, PathBuf)>, Arc<Script>) {
    let script = Arc::new(Script::new(&[], || ()));
    let (url, authority) = (lab.control_plane.url(), lab.control_plane.certificate_authority());
    let classify = Arc::new(classify_api_server);
    let proxy = FaultProxy::start(&url, &authority.pem(), authority, classify, Arc::clone(&script)).await;
    let api_server = Some((proxy.url(), lab.control_plane.ca_path()));
    (proxy, api_server, script)
}

/// The version that a watch begins at.
fn watched_from(entry: &AuditEntry) -> Option<u64> {
    let (_, query) = entry.uri.split_once('?')?;
    let from = query.split('&').find_map(|parameter| parameter.strip_prefix("resourceVersion="))?;
    (entry.verb == "watch").then(|| from.parse().expect("versions are numbers here"))
}

fn version(value: &Value) -> u64 {
    value.as_str().expect("text").parse().expect("versions are numbers here")
}
