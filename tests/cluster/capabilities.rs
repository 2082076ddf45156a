//! What running providers say that their vendors can do is what the vendors' pages say.

use serde_json::{Map, Value, json};
use test_rig::lab::WAIT;
use test_rig::pages;
use test_rig::vendors::HPE;

use crate::scene::Scene;

/// What stands in the column of a page.
fn written(place: &str, column: &str) -> Map<String, Value> {
    let page = pages::read(place);
    let columns = page.capabilities();
    columns
        .get(column)
        .unwrap_or_else(|| panic!("{place} has no column {column:?}: {:?}", columns.keys()))
        .clone()
}

#[tokio::test]
async fn the_pages_say_what_running_providers_say() {
    let scene = Scene::new("capabilities").await;
    let stages = scene.stages(json!({})).await;
    let mut table: Vec<(String, Map<String, Value>)> = Vec::new();
    for stage in &stages {
        let provider = stage.wait_for_provider("Ready").await;
        let (place, column) = stage.case.page;
        let written = written(place, column);
        assert_eq!(
            provider["status"]["capabilities"],
            Value::from(written.clone()),
            "{stage}: {place}, {column}"
        );
        table.push((stage.to_string(), written));
    }
    // What HPE GreenLake can do depends on the workspace.
    let plain = HPE.open(&scene, "hpe-plain", json!({})).await;
    scene.vendors.set_hpe_knobs(&plain, |knobs| knobs.enhanced_iam = false).expect("the workspace exists");
    scene.edit_provider("hpe-plain", json!({"resyncIntervalSeconds": 2})).await;
    let without = written(HPE.page.0, "without");
    let same = |provider: &Value| provider["status"]["capabilities"] == Value::from(without.clone());
    scene.client.wait_for(&scene.provider_path("hpe-plain"), WAIT, "as its page says", same).await;
    table.push(("hpe-plain".to_owned(), without));

    for capability in table[0].1.keys() {
        let cells = table.iter().map(|(name, cells)| format!("{name} {}", cells[capability]));
        eprintln!("{capability}: {}", cells.collect::<Vec<_>>().join(", "));
    }
}
