//! A vendor that lets fewer calls through than the operator was told.

use std::time::Duration;

use serde_json::json;
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::{Filter, Limit, Vendor};

use crate::load;
use crate::report::{Row, Target};
use crate::resources::Replica;
use crate::vendors;

/// The vendor's window.
const WINDOW: Duration = Duration::from_secs(60);
/// How many calls it lets through in one.
const ALLOWED: u32 = 300;
/// Over how many windows the rate is measured.
const WINDOWS: u32 = 2;

/// The rate of calls that the vendor took, and those that came before it asked for them.
pub(crate) async fn rate(lab: &Lab, options: &OperatorOptions) -> [Row; 2] {
    let replica = Replica::start(lab, options).await;
    let namespace = lab.namespace("bench-limits").await;
    // One person in one call.
    let measured = vendors::of(Vendor::Hpe);
    let tenant = measured.tenant(&namespace).await;
    namespace.wait_for_provider(measured.provider, "Ready").await;
    // Without the headers that tell how much is left: with them, the operator waits before anything is refused.
    let headers = json!({"rateHeaders": "none", "retryAfter": true});
    lab.vendors().patch_knobs(&tenant, &headers).expect("the tenant has these knobs");
    lab.vendors().set_limit(
        &tenant,
        Limit {
            operations: measured.invites.iter().map(|&operation| operation.to_owned()).collect(),
            requests: ALLOWED,
            window_milliseconds: u64::try_from(WINDOW.as_millis()).expect("a minute"),
        },
    );
    let counted = usize::try_from(ALLOWED * WINDOWS).expect("a small number");
    // The one after the last tells when the windows were over.
    load::people(&namespace, measured, counted + 1).await;
    load::until_invited(&namespace, measured, &tenant, counted + 1).await;
    replica.stop().await;
    let operations = lab.vendors().operations(&Filter::tenant(&tenant));
    let invites = operations.iter().filter(|operation| measured.invited(operation));
    let taken: Vec<u64> = invites.map(|operation| operation.started).collect();
    let took = Duration::from_millis(taken[counted] - taken[0]);
    let refused = operations.iter().filter(|operation| operation.status == Some(429)).count();
    assert!(refused > 0, "nothing was refused, so nothing was measured");
    let violations = lab.vendors().violations(&Filter::tenant(&tenant));
    let raw = json!({
        "allowed": ALLOWED, "windowSeconds": WINDOW.as_secs(), "windows": WINDOWS,
        "milliseconds": took.as_millis(), "refused": refused, "violations": violations,
    });
    let early = f64::from(u32::try_from(violations.len()).expect("a small number"));
    let rate = (WINDOW * WINDOWS).as_secs_f64() / took.as_secs_f64();
    let what = "rate of invite calls ÷ what the vendor allows, refusing the others with 429";
    [
        Row::new("R11", measured.provider, what, rate, Target::AtLeast(0.95), raw.clone()),
        Row::new(
            "R11",
            measured.provider,
            "calls before the time that a 429 named",
            early,
            Target::AtMost(0.0),
            raw,
        ),
    ]
}
