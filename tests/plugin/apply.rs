//! The workbook applied: everybody whose row is good gets one mail.

use std::collections::BTreeSet;

use serde_json::json;
use vendor_simulators::Filter;

use crate::hpe_workbook::{self, BAD, ROWS, SAID, TWICE};
use crate::stage::Stage;

#[tokio::test]
async fn five_hundred_people_get_one_mail_each() {
    let stage = Stage::new("apply-hpe").await;
    let namespace = &stage.namespace;
    let fast = json!({"limits": {"requestsPerMinute": 60000}});
    let east = namespace.hpe("workspace-east", fast.clone()).await;
    let west = namespace.hpe("workspace-west", fast).await;
    hpe_workbook::write(&stage.folder.join("people.xlsx"), &east.id, &west.id);

    let said = stage.run(&["import", "people.xlsx", "--apply", "--wait"]).await;
    assert_eq!(said.code, Some(3), "{}", said.text);
    for words in SAID {
        assert!(said.text.contains(words), "{words}\nis not in\n{}", said.text);
    }
    let good = ROWS - BAD - TWICE;
    assert!(said.text.contains(&format!("Applied {good} people and 2 providers")), "{}", said.text);
    assert!(said.text.contains(&format!("Ready: {good}. Stalled: 0.")), "{}", said.text);
    for (tenant, people) in [&east, &west].into_iter().zip(hpe_workbook::good()) {
        let mails = namespace.vendors.mails(&Filter::tenant(tenant));
        let to: BTreeSet<String> = mails.iter().map(|mail| mail.email.to_lowercase()).collect();
        assert_eq!(to, people);
        assert_eq!(mails.len(), people.len(), "one mail each");
    }

    // Once more: nothing changes, and nobody gets another mail.
    let again = stage.run(&["import", "people.xlsx", "--apply", "--wait"]).await;
    assert!(again.text.contains(&format!("Ready: {good}. Stalled: 0.")), "{}", again.text);
    let mails = [&east, &west].map(|tenant| namespace.vendors.mails(&Filter::tenant(tenant)).len());
    assert_eq!(mails.iter().sum::<usize>(), good);
}

/// Who is refused by the API server, or by the provider's policy, is named; the others are invited.
#[tokio::test]
async fn who_is_refused_is_named() {
    let stage = Stage::new("apply-refused").await;
    let policy = json!({"policy": {"allowedEmailDomains": ["example.com"]}});
    let org = stage.namespace.vmware("csp", policy).await;
    stage.namespace.invite("csp.cy-at-example.com", "csp", "CY@example.com", json!({})).await;
    let csv = "email,provider\nada@example.com,csp\nbob@elsewhere.org,csp\ncy@example.com,csp\n";
    std::fs::write(stage.folder.join("people.csv"), csv).expect("the file is written");
    let said = stage.run(&["import", "people.csv", "--apply", "--wait"]).await;
    assert_eq!(said.code, Some(3), "{}", said.text);
    for words in [
        "1 object refused by the API server:\n  csp.cy-at-example.com: ",
        "conflict with \"test-rig\"",
        "Ready: 1. Stalled: 1. Still under way after the time to wait: 0.",
        "csp.bob-at-elsewhere.org: DomainNotAllowed: ",
    ] {
        assert!(said.text.contains(words), "{words}\nis not in\n{}", said.text);
    }
    let forced = stage.run(&["import", "people.csv", "--apply", "--force-conflicts"]).await;
    assert_eq!(forced.code, Some(3), "{}", forced.text);
    assert!(forced.text.contains("email cannot be changed"), "{}", forced.text);
    let to_ada = Filter::tenant(&org).email("ada@example.com");
    assert_eq!(stage.namespace.vendors.mails(&to_ada).len(), 1);
}
