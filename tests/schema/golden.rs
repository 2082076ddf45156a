//! The golden table of admission answers, as far as it can be read without an API server: what the server is to
//! accept, the types must be able to read.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use user_invitation_operator::api::{ClusterInvitationProvider, InvitationProvider, UserInvitation};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    before: Option<Value>,
    manifest: Value,
    expected: String,
    stored: Option<Value>,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/admission");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let parse = |file| serde_yaml::from_str::<Vec<Case>>(&std::fs::read_to_string(file).unwrap()).unwrap();
    files.flat_map(parse).collect()
}

fn read(mut manifest: Value) -> Result<(), serde_json::Error> {
    manifest["metadata"] = json!({"name": "case"});
    match manifest["kind"].as_str() {
        Some("InvitationProvider") => serde_json::from_value::<InvitationProvider>(manifest).map(drop),
        Some("ClusterInvitationProvider") => {
            serde_json::from_value::<ClusterInvitationProvider>(manifest).map(drop)
        }
        Some("UserInvitation") => serde_json::from_value::<UserInvitation>(manifest).map(drop),
        kind => panic!("{kind:?} is no kind of ours"),
    }
}

#[test]
fn each_case_has_a_name_of_its_own_and_an_answer() {
    let mut names = BTreeSet::new();
    for case in cases() {
        assert!(names.insert(case.name.clone()), "two cases are called {}", case.name);
        let accepted = case.expected == "accepted";
        assert!(accepted || case.expected.len() > 15, "{}: the answer fits anything", case.name);
        assert!(accepted || case.stored.is_none(), "{}: nothing is stored of what is refused", case.name);
    }
}

#[test]
fn what_is_accepted_can_be_read() {
    for case in cases() {
        let accepted = (case.expected == "accepted").then_some(case.manifest);
        for manifest in accepted.into_iter().chain(case.before) {
            read(manifest).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        }
    }
}
