//! What GitOps tools make of each state: the script and the expressions of `docs/gitops.md`, run by engines of their
//! languages on the statuses that are written.

use cel::{Context, Program, Value as CelValue};
use jiff::Timestamp;
use mlua::{Lua, LuaSerdeExt, Table};
use serde_json::{Value, json};
use test_rig::pages;

use crate::api::condition::{ConditionStatus as Is, ConditionType as Type, set_condition};
use crate::api::{ProviderStatus, ReadyWhen, Reason, UserInvitationStatus};
use crate::plan::state::{Stamp, State};

/// What Argo CD calls it, and what Flux does.
type Health = (&'static str, &'static str);

const GOES_ON: Health = ("Progressing", "InProgress");
const WELL: Health = ("Healthy", "Current");
const WRONG: Health = ("Degraded", "Failed");
const PAUSED: Health = ("Suspended", "Current");

/// The object of this kind in a code block of the page.
fn shown(kind: &str) -> Value {
    let page = pages::read("docs/gitops.md");
    let blocks = page.blocks("yaml");
    let found = blocks.iter().map(|block| serde_yaml::from_str::<Value>(block).expect("YAML"));
    found.into_iter().find(|object| object["kind"] == kind).expect("the page shows one")
}

/// What Argo CD's script answers.
fn argo(object: &Value) -> String {
    let settings = shown("ConfigMap")["data"]["resource.customizations"].as_str().map(ToOwned::to_owned);
    let settings: Value = serde_yaml::from_str(&settings.expect("the key")).expect("YAML");
    let script = settings["userinvitation.dev/*"]["health.lua"].as_str().expect("a script");
    let lua = Lua::new();
    lua.globals().set("obj", lua.to_value(object).expect("a table")).expect("a global");
    let health: Table = lua.load(script).eval().expect("the script runs");
    assert!(!health.get::<String>("message").expect("a message").is_empty());
    health.get("status").expect("a status")
}

/// What Flux makes of the expressions: first the generation, then one after the other.
fn flux(object: &Value) -> &'static str {
    if object["status"]["observedGeneration"] != object["metadata"]["generation"] {
        return "InProgress";
    }
    let kustomization = shown("Kustomization");
    let checks = kustomization["spec"]["healthCheckExprs"].as_array().expect("a list");
    let check =
        checks.iter().find(|check| check["kind"] == object["kind"]).expect("the kind has expressions");
    assert_eq!(check["apiVersion"], object["apiVersion"]);
    let holds = |name: &str| {
        let program = Program::compile(check[name].as_str().expect("an expression")).expect("it compiles");
        let mut context = Context::default();
        context.add_variable("status", object["status"].clone()).expect("a variable");
        match program.execute(&context).expect("it runs") {
            CelValue::Bool(holds) => holds,
            other => panic!("{name} is {other:?}"),
        }
    };
    if holds("inProgress") {
        "InProgress"
    } else if holds("failed") {
        "Failed"
    } else if holds("current") {
        "Current"
    } else {
        "InProgress"
    }
}

fn check(what: &str, kind: &str, status: &Value, generation: i64, wanted: Health) {
    let object = json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": kind,
        "metadata": {"name": "x", "generation": generation}, "status": status,
    });
    assert_eq!((argo(&object).as_str(), flux(&object)), wanted, "{what}: {status}");
}

/// The status after these states, one after the other.
fn status(states: &[State], ready_when: ReadyWhen) -> Value {
    let mut written = UserInvitationStatus::unreconciled();
    for state in states {
        state.write(&mut written, Stamp { now: Timestamp::UNIX_EPOCH, generation: 1, ready_when });
    }
    serde_json::to_value(written).expect("JSON")
}

#[test]
fn of_invitations() {
    let (reason, message) = (Reason::Rejected, "a message".to_owned());
    let failed = |retried| State::Failed { reason, message: message.clone(), retried };
    let deleting = |stalled| State::Deleting { reason, message: message.clone(), stalled };
    let rows = [
        (State::Queued, GOES_ON),
        (State::Pending, WELL),
        (State::Accepted, WELL),
        (State::Provisioned, WELL),
        (State::Expired, WRONG),
        (State::Revoked, WRONG),
        (State::Removed, WRONG),
        (State::Declined, WRONG),
        (State::Blocked, WRONG),
        (failed(true), GOES_ON),
        (failed(false), WRONG),
        (State::OutcomeUnknown { settling: true }, GOES_ON),
        (State::OutcomeUnknown { settling: false }, WRONG),
        (State::Conflict { reason, message: message.clone() }, WRONG),
        (State::Refused { reason, message: message.clone() }, WRONG),
        (State::Waiting { reason, message: message.clone() }, GOES_ON),
        (State::Planned { message: message.clone() }, WELL),
        (deleting(false), GOES_ON),
        (deleting(true), WRONG),
    ];
    for (state, wanted) in rows {
        let what = format!("{state:?}");
        let now = status(std::slice::from_ref(&state), ReadyWhen::Invited);
        check(&what, "UserInvitation", &now, 1, wanted);
        check(&format!("{what}, and the spec has changed since"), "UserInvitation", &now, 2, GOES_ON);
        let paused = status(&[state, State::Paused], ReadyWhen::Invited);
        check(&format!("{what}, then paused"), "UserInvitation", &paused, 1, PAUSED);
    }
    check("born", "UserInvitation", &status(&[], ReadyWhen::Invited), 1, GOES_ON);
    let not_yet = status(&[State::Pending], ReadyWhen::Accepted);
    check("not accepted yet", "UserInvitation", &not_yet, 1, GOES_ON);
}

#[test]
fn of_providers() {
    let with = |conditions: &[(Type, Is, Reason)]| {
        let mut status = ProviderStatus { observed_generation: Some(1), ..ProviderStatus::default() };
        for (type_, is, reason) in conditions {
            set_condition(
                &mut status.conditions,
                *type_,
                *is,
                *reason,
                "a message",
                Timestamp::UNIX_EPOCH,
                1,
            );
        }
        serde_json::to_value(status).expect("JSON")
    };
    let stalled = |reason| with(&[(Type::Ready, Is::False, reason), (Type::Stalled, Is::True, reason)]);
    let verifying = with(&[
        (Type::Ready, Is::Unknown, Reason::Verifying),
        (Type::Reconciling, Is::True, Reason::Verifying),
    ]);
    let held =
        with(&[(Type::Ready, Is::True, Reason::Ready), (Type::RemovalsHeld, Is::True, Reason::RemovalsHeld)]);
    let born = serde_json::to_value(ProviderStatus::unreconciled()).expect("JSON");
    let ready = with(&[(Type::Ready, Is::True, Reason::Ready)]);
    for (what, status, wanted) in [
        ("born", born, GOES_ON),
        ("verifying", verifying, GOES_ON),
        ("ready", ready, WELL),
        ("refused", stalled(Reason::AuthenticationFailed), WRONG),
        ("suspended", stalled(Reason::Suspended), ("Suspended", "Failed")),
        ("held", held, PAUSED),
    ] {
        check(what, "InvitationProvider", &status, 1, wanted);
    }
}
