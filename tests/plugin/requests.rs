//! Requests to the operator: each is waited for until it says so.

use serde_json::json;
use vendor_simulators::Filter;

use crate::stage::Stage;

#[tokio::test]
async fn are_acknowledged_by_the_operator() {
    let stage = Stage::new("requests").await;
    let namespace = &stage.namespace;
    let org = namespace.vmware("csp", json!({"limits": {"minResendIntervalSeconds": 0}})).await;
    for name in ["ada", "bob"] {
        namespace.invite(name, "csp", &format!("{name}@example.com"), json!({})).await;
        namespace.wait_for_state(name, "Pending").await;
    }
    let mails = |name: &str| {
        let to = Filter::tenant(&org).email(format!("{name}@example.com"));
        namespace.vendors.mails(&to).len()
    };

    let said = stage.run(&["resend", "ada"]).await;
    assert_eq!((said.code, said.text.as_str()), (Some(0), "1 acknowledged, 0 not within 120 s.\n"));
    assert_eq!((mails("ada"), mails("bob")), (2, 1));

    let said = stage.run(&["reconcile", "--all", "--provider", "csp"]).await;
    assert_eq!((said.code, said.text.as_str()), (Some(0), "2 acknowledged, 0 not within 120 s.\n"));
    let handled = namespace.wait_for_state("bob", "Pending").await;
    assert!(handled["status"]["lastHandledReconcileAt"].is_string());

    let said = stage.run(&["suspend", "bob"]).await;
    assert_eq!((said.code, said.text.as_str()), (Some(0), "1 acknowledged, 0 not within 120 s.\n"));
    namespace.wait_for_state("bob", "Paused").await;
    // What is suspended acknowledges no resend; that is said at once, and nobody waits for the time-out.
    let said = stage.run(&["resend", "bob", "--timeout", "3600"]).await;
    assert_eq!(said.code, Some(3), "{}", said.text);
    assert!(
        said.text.contains("0 acknowledged, 0 not within 3600 s.\n  bob: not acknowledged: it is suspended, or its provider is; the request is served when"),
        "{}",
        said.text
    );
    assert_eq!(mails("bob"), 1);
    let said = stage.run(&["resume", "bob"]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    namespace.wait_for_state("bob", "Pending").await;

    // Names that are not there, and nobody at all.
    let said = stage.run(&["suspend", "ada", "nobody"]).await;
    assert_eq!(said.code, Some(3), "{}", said.text);
    assert!(
        said.text.contains("nobody: not asked: ") && said.text.contains("1 acknowledged"),
        "{}",
        said.text
    );
    let said = stage.run(&["resume", "-l", "team=none"]).await;
    assert_eq!((said.code, said.text.as_str()), (Some(1), "error: there is no such invitation\n"));
    assert_eq!(stage.run(&["resume", "--all"]).await.code, Some(2), "a provider has to be named");
    assert_eq!(stage.run(&["resume"]).await.code, Some(2), "somebody has to be named");
}
