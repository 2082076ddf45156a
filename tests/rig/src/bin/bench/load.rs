//! The people who are invited.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use serde_json::json;
use test_rig::lab::{Namespace, condition};
use vendor_simulators::TenantId;

use crate::say;

/// How many objects are created at once.
const CREATORS: usize = 16;

/// An organization whose provider is not held back by its own pace, and whose sweeps fall into the quiet minute.
pub(crate) async fn provider(namespace: &Namespace) -> TenantId {
    let spec = json!({
        "limits": {"requestsPerMinute": 60_000, "batchWindowMilliseconds": 1000, "settleGraceSeconds": 600},
        "resyncIntervalSeconds": 20,
    });
    namespace.vmware("csp", spec).await
}

/// Declares people.
pub(crate) async fn people(namespace: &Namespace, people: usize) {
    let begun = Instant::now();
    let create = |number: usize| async move {
        let (name, email) = (format!("person-{number:05}"), format!("person-{number:05}@example.com"));
        namespace.invite(&name, "csp", &email, json!({})).await;
    };
    let mut created = stream::iter(0..people).map(create).buffer_unordered(CREATORS);
    let (mut done, mut said) = (0, Instant::now());
    while created.next().await.is_some() {
        done += 1;
        if said.elapsed() > Duration::from_secs(5) {
            said = Instant::now();
            say(&format!("bench: {done} of {people} objects created"));
        }
    }
    say(&format!("bench: {people} objects created in {:.1} s", begun.elapsed().as_secs_f64()));
}

/// Waits until everybody is invited.
pub(crate) async fn until_invited(namespace: &Namespace, people: usize) {
    let begun = Instant::now();
    let path = namespace.path("userinvitations");
    let mut said = Instant::now();
    loop {
        let objects = namespace.client.list(&path).await.expect("the API server answers");
        let invited =
            objects.iter().filter(|object| condition(object, "Invited")["status"] == "True").count();
        if invited == people {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(600), "only {invited} of {people} invited");
        if said.elapsed() > Duration::from_secs(4) {
            said = Instant::now();
            say(&format!("bench: {invited} of {people} invited"));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
