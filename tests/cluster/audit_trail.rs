//! The audit trail in the log: a line for each person of each call that writes at a vendor, and none without a call.

use serde_json::{Value, json};
use test_rig::vendors::{Policy, Stand};
use vendor_simulators::Filter;

use crate::scene::Scene;
use crate::stage::{Stage, address, each};

/// The lines of the audit trail about an object.
fn lines(log: &str, scene: &Scene, object: &str) -> Vec<Value> {
    let object = format!("{}/{object}", scene.name);
    let records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    records.filter(|record| record["target"] == "audit" && record["object"] == object).collect()
}

fn whats(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["what"].as_str().unwrap_or_default()).collect()
}

/// Writing calls that name somebody, in the vendor's log.
fn writes_about(scene: &Scene, stage: &Stage) -> usize {
    let calls = scene.vendors.operations(&Filter::tenant(&stage.tenant));
    calls.iter().filter(|call| stage.case.calls.is_write(&call.operation)).count()
}

#[tokio::test]
async fn each_write_leaves_a_line() {
    let mut scene = Scene::new("audit-lines").await;
    let stages = scene.stages(json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        stage.accept("ada").await;
        stage.delete_and_wait("ada").await;
    })
    .await;
    let log = scene.operator().process.log();
    for stage in &stages {
        let lines = lines(&log, &scene, &stage.object("ada"));
        let removes = stage.can.on_delete(Policy::Remove, Stand::Member).takes_away();
        let expected: &[&str] = if removes { &["invite", "remove"] } else { &["invite"] };
        assert_eq!(whats(&lines), expected, "{stage}: {lines:#?}");
        assert_eq!(lines.len(), writes_about(&scene, stage), "{stage}: as many as the vendor got");
        let provider = scene.client.get(&scene.provider_path(stage.provider())).await.expect("it is there");
        let part = |name: &str| provider["status"]["tenant"][name].as_str().expect("a tenant").to_owned();
        let tenant = format!("{}/{}/{}", part("vendor"), part("host"), part("accountId"));
        for line in &lines {
            assert_eq!(line["outcome"], "accepted", "{stage}: {line}");
            assert_eq!(line["person"], address("ada"), "{stage}: {line}");
            assert_eq!(line["provider"], format!("{}/{}", scene.name, stage.provider()), "{stage}: {line}");
            assert_eq!(line["tenant"], tenant, "{stage}: {line}");
            for field in ["uid", "attempt", "timestamp"] {
                assert!(
                    line[field].as_str().is_some_and(|text| !text.is_empty()),
                    "{stage}: {field} of {line}"
                );
            }
        }
        if removes {
            assert!(lines[1]["vendor_id"].is_string(), "{stage}: who was removed: {}", lines[1]);
        }
    }
}

/// A call that is refused leaves a line, too; and with the option no line of the log shows an address.
#[tokio::test]
async fn addresses_are_hashed_where_that_is_asked_for() {
    let mut scene = Scene::with("audit-hashed", &["--log-emails=hashed", "--log-filter=debug"]).await;
    let stages = scene.stages(json!({})).await;
    each(&stages, async |stage| {
        stage.act("bob", &vendor_simulators::PersonAction::Poison);
        stage.declare("bob", json!({})).await;
        stage.wait_stalled("bob").await;
        stage.invite("ada", json!({})).await;
    })
    .await;
    let log = scene.operator().process.log();
    let address_in = log.lines().find(|line| line.contains("@example.com"));
    assert_eq!(address_in, None);
    let bob = "sha256:5ff860bf1190596c7188ab851db691f0f3169c453936e9e1eba2f9a47f7a0018";
    for stage in &stages {
        let lines = lines(&log, &scene, &stage.object("bob"));
        assert!(!lines.is_empty(), "{stage}");
        for line in &lines {
            assert_eq!(line["person"], bob, "{stage}: {line}");
            assert_ne!(line["outcome"], "accepted", "{stage}: {line}");
        }
        assert!(log.contains(&stage.object("ada")), "{stage}: objects have their names");
    }
}
