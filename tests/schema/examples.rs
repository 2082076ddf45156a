//! What newcomers copy: every manifest of `examples/`, of the README and of `docs/` is read by the types, field by
//! field. Manifests of other projects are known by their kinds.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use test_rig::pages::{self, Page};
use user_invitation_operator::api::{ClusterInvitationProvider, InvitationProvider, UserInvitation};

use crate::pages::is_generated;

/// Kinds of other projects that pages show.
const OTHERS: [(&str, &str); 3] = [
    ("v1", "ConfigMap"),
    ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
    ("external-secrets.io/v1", "ExternalSecret"),
];

/// One manifest and where it stands.
struct Manifest {
    place: String,
    content: Value,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

fn documents(place: &str, text: &str) -> Vec<Manifest> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Manifest {
            place: place.to_owned(),
            content: Value::deserialize(document).unwrap_or_else(|error| panic!("{place}: {error}")),
        })
        .collect()
}

/// What the commands of a page give to `kubectl apply`.
fn applied(page: &Page) -> Vec<&str> {
    let texts = page.blocks("sh").into_iter().flat_map(|block| block.split("<<END\n").skip(1));
    texts.map(|rest| rest.split("\nEND\n").next().unwrap_or_default()).collect()
}

fn is_other(manifest: &Manifest) -> bool {
    let word = |name: &str| manifest.content[name].as_str().unwrap_or_default().to_owned();
    OTHERS.iter().any(|(version, kind)| word("apiVersion") == *version && word("kind") == *kind)
}

/// Every manifest of this project.
fn manifests() -> Vec<Manifest> {
    all_manifests().into_iter().filter(|manifest| !is_other(manifest)).collect()
}

fn all_manifests() -> Vec<Manifest> {
    let mut all = Vec::new();
    for path in files(&root().join("examples")) {
        let place = path.strip_prefix(root()).unwrap().display().to_string();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => all.extend(documents(&place, &std::fs::read_to_string(&path).unwrap())),
            Some("md") => {}
            _ => panic!("{place} is neither a manifest nor a text"),
        }
    }
    for page in pages::all() {
        let blocks = page.blocks("yaml").into_iter().chain(applied(&page));
        all.extend(blocks.flat_map(|block| documents(&page.place, block)));
    }
    all
}

/// What the types make of a manifest.
fn read(content: &Value) -> Result<Value, serde_json::Error> {
    match content["kind"].as_str() {
        Some("InvitationProvider") => {
            serde_json::from_value::<InvitationProvider>(content.clone()).and_then(serde_json::to_value)
        }
        Some("ClusterInvitationProvider") => {
            serde_json::from_value::<ClusterInvitationProvider>(content.clone())
                .and_then(serde_json::to_value)
        }
        Some("UserInvitation") => {
            serde_json::from_value::<UserInvitation>(content.clone()).and_then(serde_json::to_value)
        }
        kind => panic!("{kind:?} is no kind of ours"),
    }
}

/// Fields of a manifest that the types did not take, or took for something else.
fn lost(path: &str, written: &Value, read: &Value) -> Vec<String> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => written
            .iter()
            .flat_map(|(name, value)| {
                lost(&format!("{path}.{name}"), value, read.get(name).unwrap_or(&Value::Null))
            })
            .collect(),
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => written
            .iter()
            .zip(read)
            .flat_map(|(written, read)| lost(&format!("{path}[]"), written, read))
            .collect(),
        (written, read) if written == read => Vec::new(),
        (written, read) => vec![format!("{path} is {written}, and is read as {read}")],
    }
}

#[test]
fn every_field_of_every_manifest_is_understood() {
    let all = manifests();
    assert!(all.len() > 10, "examples have gone missing");
    for Manifest { place, content } in all {
        let stored = read(&content).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(lost("", &content, &stored), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn manifests_of_other_projects_are_still_shown() {
    let all = all_manifests();
    for (version, kind) in OTHERS {
        let shown = |m: &Manifest| m.content["apiVersion"] == version && m.content["kind"] == kind;
        assert!(all.iter().any(shown), "{kind} of {version} is shown nowhere: take it from the list");
    }
}

/// What belongs together: the files of an example; a page stands by itself.
fn set(place: &str) -> PathBuf {
    let path = Path::new(place);
    let example = path.extension().is_some_and(|extension| extension == "yaml");
    if example { path.parent().unwrap_or(path).to_owned() } else { path.to_owned() }
}

#[test]
fn every_invitation_names_a_provider_that_stands_beside_it() {
    let all = manifests();
    let name =
        |content: &Value, pointer: &str| content.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    for invitation in all.iter().filter(|manifest| manifest.content["kind"] == "UserInvitation") {
        let wanted = name(&invitation.content, "/spec/providerRef/name");
        let kind = name(&invitation.content, "/spec/providerRef/kind");
        let kind = kind.as_deref().unwrap_or("InvitationProvider");
        let namespace = &invitation.content["metadata"]["namespace"];
        let found = all.iter().any(|provider| {
            provider.content["kind"] == kind
                && set(&provider.place) == set(&invitation.place)
                && name(&provider.content, "/metadata/name") == wanted
                && (kind == "ClusterInvitationProvider"
                    || provider.content["metadata"]["namespace"] == *namespace)
        });
        assert!(found, "{}: no {kind} {wanted:?}", invitation.place);
    }
}

#[test]
fn every_invitation_that_spells_out_access_names_a_provider_that_allows_it() {
    let all = manifests();
    for invitation in all.iter().filter(|manifest| !manifest.content["spec"]["access"].is_null()) {
        let wanted = &invitation.content["spec"]["providerRef"]["name"];
        let of_the_set = |provider: &&Manifest| {
            set(&provider.place) == set(&invitation.place) && provider.content["metadata"]["name"] == *wanted
        };
        let provider = all.iter().find(of_the_set).unwrap_or_else(|| panic!("{}", invitation.place));
        assert_eq!(provider.content["spec"]["policy"]["inlineAccess"], "Allow", "{}", provider.place);
    }
}

#[test]
fn nobody_real_and_no_credential_stands_in_an_example() {
    let examples = files(&root().join("examples")).into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.display().to_string(), text)
    });
    // What is generated speaks of addresses, and has none.
    let written = pages::all().into_iter().filter(|page| !is_generated(page));
    for (place, text) in examples.chain(written.map(|page| (page.place, page.text))) {
        let domains = text.split('@').skip(1).map(|rest| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap()
        });
        for domain in domains {
            assert_eq!(domain, "example.com", "{place}");
        }
        assert!(!text.contains("kind: Secret") && !text.contains("stringData"), "{place}");
    }
}
