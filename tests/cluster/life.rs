//! The life of a person at each vendor, from a manifest to Pending, Accepted and away.

use serde_json::{Value, json};
use test_rig::lab::condition;
use vendor_simulators::Filter;

use crate::lab;

#[tokio::test]
async fn vmware_pending_accepted_deleted() {
    let (namespace, _operator) = lab::namespace("life-vmware").await;
    let org = namespace.vmware("csp", json!({})).await;
    namespace.invite("ada", "csp", "Ada@example.com", json!({"deletionPolicy": "Remove"})).await;

    let pending = namespace.wait_for_state("ada", "Pending").await;
    assert_eq!(condition(&pending, "Ready")["reason"], "AwaitingAcceptance");
    assert_eq!(namespace.vendors.mails(&Filter::tenant(&org)).len(), 1);

    namespace.vendors.accept(&org, "ada@example.com").expect("she is invited");
    let accepted = namespace.wait_for_state("ada", "Accepted").await;
    assert_eq!(condition(&accepted, "Accepted")["status"], "True");

    namespace.delete_and_wait("ada").await;
    assert!(
        namespace
            .vendors
            .people(&org)
            .expect("the organization exists")
            .iter()
            .all(|p| p.email != "ada@example.com")
    );
    assert_eq!(namespace.vendors.mails(&Filter::tenant(&org)).len(), 1);
    let _: Value = pending;
}
