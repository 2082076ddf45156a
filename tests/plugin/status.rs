//! `status` against what the API server has, and within bounded memory.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use test_rig::lab::condition;

use crate::stage::Stage;

const MANY: usize = 10_000;
/// A row of CSV costs no memory, so ten times the people cost less than this.
const GROWTH_MAX_KIB: u64 = 12 * 1024;

fn status(number: usize) -> Value {
    let ready = |status: &str, reason: &str| {
        json!([{"type": "Ready", "status": status, "reason": reason, "message": "as a test has it",
                "lastTransitionTime": "2026-01-01T00:00:00Z"}])
    };
    let invited = format!("2026-01-01T00:{:02}:{:02}Z", number / 60 % 60, number % 60);
    match number % 3 {
        0 => json!({"state": "Pending", "origin": "Invited", "invitedTime": invited, "vendorStatus": "=1+1",
                    "conditions": ready("True", "AwaitingAcceptance")}),
        1 => json!({"state": "Accepted", "origin": "Adopted", "acceptedTime": invited,
                    "appliedAccess": {"dynatraceManaged": {"groups": ["a,\"b\"", "c"]}},
                    "tenant": {"vendor": "DynatraceManaged", "host": "h", "accountId": "x"},
                    "conditions": ready("True", "Member")}),
        _ => json!({"state": "Expired", "conditions": [
            ready("False", "InvitationExpired")[0],
            {"type": "Stalled", "status": "True", "reason": "InvitationExpired", "message": "as a test has it",
             "lastTransitionTime": "2026-01-01T00:00:00Z"}]}),
    }
}

/// Declares people, every hundredth with a status as an operator would write it.
async fn declare(stage: &Stage, count: usize) {
    let people = (0..count).map(|number| async move {
        let (name, email) = (format!("p{number:05}"), format!("Person.{number}@example.com"));
        let provider = if number % 2 == 0 { "even" } else { "odd" };
        stage.namespace.invite(&name, provider, &email, json!({})).await;
        if number % 100 < 3 {
            let path = format!("{}/status", stage.namespace.invitation_path(&name));
            let change = json!({"status": status(number)});
            stage.namespace.client.merge_patch(&path, &change).await.expect("the status is accepted");
        }
    });
    stream::iter(people).buffer_unordered(16).collect::<Vec<()>>().await;
}

/// The row of an object, as the store has it.
fn row_of(object: &Value) -> BTreeMap<&'static str, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = &object["status"];
    let vendor_status = text(&status["vendorStatus"]);
    let applied = &status["appliedAccess"];
    BTreeMap::from([
        ("namespace", text(&object["metadata"]["namespace"])),
        ("name", text(&object["metadata"]["name"])),
        ("providerKind", text(&object["spec"]["providerRef"]["kind"])),
        ("provider", text(&object["spec"]["providerRef"]["name"])),
        ("vendor", text(&status["tenant"]["vendor"])),
        ("account", text(&status["tenant"]["accountId"])),
        ("email", text(&object["spec"]["email"])),
        ("userName", text(&object["spec"]["userName"])),
        ("state", text(&status["state"])),
        ("ready", text(&condition(object, "Ready")["status"])),
        ("reason", text(&condition(object, "Ready")["reason"])),
        ("stalled", (condition(object, "Stalled")["status"] == "True").to_string()),
        ("accepted", text(&condition(object, "Accepted")["status"])),
        ("origin", text(&status["origin"])),
        ("invitedTime", text(&status["invitedTime"])),
        ("acceptedTime", text(&status["acceptedTime"])),
        ("expirationTime", text(&status["invitationExpirationTime"])),
        ("access", if applied.is_null() { String::new() } else { applied.to_string() }),
        ("vendorUserId", text(&status["vendorUserId"])),
        (
            "vendorStatus",
            if vendor_status.starts_with('=') { format!("'{vendor_status}") } else { vendor_status },
        ),
    ])
}

#[tokio::test]
async fn ten_thousand_rows_are_those_of_the_store_in_bounded_memory() {
    let (few, many) = (Stage::quiet("status-few").await, Stage::quiet("status-many").await);
    declare(&few, MANY / 10).await;
    declare(&many, MANY).await;
    let command = ["status", "--output", "csv"];
    let (_, least) = few.run_watched(&command).await;
    let (said, most) = many.run_watched(&command).await;
    assert_eq!(said.code, Some(0), "{}", said.text);

    let mut csv = csv::Reader::from_reader(said.text.as_bytes());
    let header = csv.headers().expect("names of columns").clone();
    let objects = many.namespace.client.list(&many.namespace.path("userinvitations")).await.expect("a list");
    assert_eq!(objects.len(), MANY);
    let stored: BTreeMap<String, _> = objects
        .iter()
        .map(|object| (object["metadata"]["name"].as_str().expect("a name").to_owned(), row_of(object)))
        .collect();
    let mut seen = BTreeSet::new();
    for record in csv.records() {
        let record = record.expect("a row");
        let row: BTreeMap<&str, String> = header.iter().zip(record.iter().map(str::to_owned)).collect();
        assert_eq!(Some(&row), stored.get(&row["name"]));
        assert!(seen.insert(row["name"].clone()), "{row:?} is there twice");
    }
    assert_eq!(seen.len(), MANY);
    let told = format!("{least} KiB for {}, {most} KiB for {MANY}", MANY / 10);
    assert!(least > 0 && most > 0, "nobody looked: {told}");
    assert!(most < least + GROWTH_MAX_KIB, "{told}");
}

#[tokio::test]
async fn a_table_and_json_for_people_and_programs() {
    let stage = Stage::quiet("status-forms").await;
    assert!(stage.run(&["status"]).await.text.contains("No invitations found."));
    declare(&stage, 6).await;
    let table = stage.run(&["status"]).await;
    assert_eq!(
        table.text,
        "NAMESPACE      PROVIDER   TOTAL   STATES                           OLDEST PENDING\n\
         status-forms   even       3       Expired 1, Pending 1, Queued 1   Person.0@example.com since 2026-01-01T00:00:00Z\n\
         status-forms   odd        3       Accepted 1, Queued 2             -\n\n\
         Stalled, until somebody changes something:\n\
         NAMESPACE      PROVIDER   REASON              COUNT   FOR EXAMPLE\n\
         status-forms   even       InvitationExpired   1       p00002\n"
    );
    let said = stage.run(&["status", "--output", "json", "--provider", "odd"]).await;
    let json: Value = serde_json::from_str(&said.text).expect("JSON");
    assert_eq!(json["invitations"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["invitations"][0]["email"], "Person.1@example.com");
    assert_eq!(json["providers"][0]["states"], json!({"Accepted": 1, "Queued": 2}));
    assert_eq!(json["stalled"], json!([]));
}
