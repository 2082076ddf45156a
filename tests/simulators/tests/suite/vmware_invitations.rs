//! VMware: listing, revoking, expiry and acceptance of invitations. Contract B3.1, B3.2.

use serde_json::{Value, json};
use vendor_simulators::{ExpirationUnit, LeanRows, Standing, UnknownPerson, UsernameCase};

use crate::bench::{Bench, Caller, text};

async fn post(caller: &Caller, query: &str, body: Value) -> u16 {
    caller.call("POST", &caller.org_path(&format!("/invitations{query}")), Some(body)).await.0
}

#[tokio::test]
async fn revoke_by_name_and_by_id() {
    let bench = Bench::start().await;
    let caller = bench.org(|_| {}).await;
    caller.invite(&["ada@example.com", "bob@example.com"]).await;
    assert_eq!(post(&caller, "?action=revoke", json!({"usernames": ["ADA@example.com"]})).await, 202);
    let rows = caller.invitations().await;
    assert_eq!((&rows[0]["status"], &rows[0]["revokedBy"]), (&json!("REVOKED"), &json!("owner@example.com")));
    assert_ne!(rows[0]["revokedAt"], 0);
    let link = text(&rows[1], "refLink");
    assert_eq!(caller.call("DELETE", &link, None).await.0, 200);
    assert_eq!(caller.invitations().await[1]["status"], "REVOKED");
    let unknown = caller.org_path("/invitations/00000000-0000-4000-a000-000000000000");
    assert_eq!(caller.call("DELETE", &unknown, None).await.0, 404);
    assert_eq!(caller.call("GET", &unknown, None).await.0, 404);
    // U12
    let nobody = json!({"usernames": ["nobody@example.com"]});
    assert_eq!(post(&caller, "?action=revoke", nobody.clone()).await, 202);
    assert_eq!(caller.call("DELETE", &link, None).await.0, 200);
    bench
        .control
        .set_vmware_knobs(&caller.tenant, |knobs| knobs.revoke_unknown = UnknownPerson::NotFound)
        .expect("knobs");
    assert_eq!(post(&caller, "?action=revoke", nobody).await, 404);
    assert_eq!(caller.call("DELETE", &link, None).await.0, 404);
}

#[tokio::test]
async fn list_is_lean_without_expand() {
    let bench = Bench::start().await;
    for (mode, lean) in [(LeanRows::RefLinkOnly, true), (LeanRows::Full, false)] {
        let caller = bench.org(|knobs| knobs.lean_rows = mode).await;
        caller.invite(&["ada@example.com"]).await;
        let (_, rows) = caller.call("GET", &caller.org_path("/invitations"), None).await;
        assert_eq!(rows[0].get("username").is_none(), lean);
        assert!(rows[0].get("refLink").is_some());
        // B3.2: the value of `expand` is ignored.
        let (_, rows) = caller.call("GET", &caller.org_path("/invitations?expand=false"), None).await;
        assert_eq!(rows[0]["username"], "ada@example.com");
    }
}

#[tokio::test]
async fn expiration_has_the_unit_of_the_knob_and_expiry_keeps_the_status() {
    let bench = Bench::start().await;
    for (unit, digits) in [
        (ExpirationUnit::EpochMilliseconds, Some(13)),
        (ExpirationUnit::EpochSeconds, Some(10)),
        (ExpirationUnit::DurationSeconds, Some(6)),
        (ExpirationUnit::Absent, None),
    ] {
        let caller = bench.org(|knobs| knobs.expiration_unit = unit).await;
        caller.invite(&["ada@example.com"]).await;
        let row = caller.invitations().await.remove(0);
        assert_eq!(row.get("expirationTime").map(|time| time.to_string().len()), digits, "{unit:?}");
    }
    let caller = bench.org(|_| {}).await;
    caller.invite(&["ada@example.com"]).await;
    bench.control.advance_clock(8 * 86_400_000);
    let person = bench.control.person(&caller.tenant, "ada@example.com").expect("a tenant").expect("ada");
    assert_eq!((person.standing, person.vendor_status.as_str()), (Standing::Expired, "AVAILABLE"));
    assert!(bench.control.accept(&caller.tenant, "ada@example.com").is_err());
}

#[tokio::test]
async fn names_are_shown_in_the_case_of_the_knob() {
    let bench = Bench::start().await;
    for (case, shown) in [
        (UsernameCase::AsWritten, "Ada@example.com"),
        (UsernameCase::Lower, "ada@example.com"),
        (UsernameCase::Mixed, "AdA@ExAmPlE.CoM"),
    ] {
        let caller = bench.org(|knobs| knobs.username_case = case).await;
        caller.invite(&["Ada@example.com"]).await;
        assert_eq!(caller.invitations().await[0]["username"], shown);
    }
}

#[tokio::test]
async fn acceptance_redeems_and_makes_a_member() {
    let bench = Bench::start().await;
    let caller = bench.org(|_| {}).await;
    caller.invite(&["ada@example.com"]).await;
    bench.control.accept(&caller.tenant, "ada@example.com").expect("accepted");
    let row = caller.invitations().await.remove(0);
    assert_eq!((&row["status"], &row["redeemedBy"]), (&json!("REDEEMED"), &json!("ada@example.com")));
    assert_eq!(caller.users().await.len(), 2);
    bench.control.remove(&caller.tenant, "ada@example.com").expect("removed");
    assert_eq!(caller.users().await.len(), 1);
    assert_eq!(caller.invitations().await[0]["status"], "REDEEMED");
}
