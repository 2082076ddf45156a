//! What is generated is what the types say: the files below `crds/`, what the charts hold of them, and the references
//! in `docs/`.

mod charts;
mod reference;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use user_invitation_operator::api::{Reason, crds};

/// Set to rewrite the files instead of comparing them.
const REWRITE: &str = "REWRITE_GENERATED";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rewrites() -> bool {
    std::env::var_os(REWRITE).is_some()
}

fn hint() -> String {
    format!("run `make generate` (or `{REWRITE}=1 cargo test --test schema`)")
}

/// Compares a folder, given from the root, with what should be in it; or writes that.
fn is_fresh(folder: &str, wanted: &BTreeMap<String, String>) {
    let path = root().join(folder);
    if rewrites() {
        for (name, content) in wanted {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
    }
    let found = files_below(&path);
    let hint = hint();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "{folder}/ has other files than it should: {hint}, and remove what is left over"
    );
    for (name, content) in wanted {
        assert!(found[name] == *content, "{folder}/{name} is stale: {hint}");
    }
}

/// The files below a folder, by their names from there.
fn files_below(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files_below(&entry.path()).into_iter();
            found.extend(below.map(|(below, content)| (format!("{name}/{below}"), content)));
        } else {
            found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn the_files_are_what_the_types_say() {
    is_fresh("crds", &crds::files().unwrap().into_iter().collect());
}

#[test]
fn the_same_types_give_the_same_bytes() {
    assert_eq!(crds::files().unwrap(), crds::files().unwrap());
}

/// The page with every reason.
fn reasons() -> String {
    let rows =
        Reason::ALL.iter().map(|reason| format!("| `{}` | {} |\n", reason.as_str(), reason.description()));
    format!(
        "<!-- Generated from src/api/reason.rs by `make generate`. -->\n\
         # Reasons\n\n\
         Every reason that conditions, `status.lastError` and events can have. Programs may rely on them; the message beside \
         a reason says\nwhat to do, and may change. Where an invitation stands is in [states.md](states.md).\n\n\
         | reason | meaning |\n|---|---|\n{}",
        rows.collect::<String>()
    )
}

#[test]
fn the_reference_of_reasons_is_what_the_enum_says() {
    let path = root().join("docs/reasons.md");
    if rewrites() {
        std::fs::write(&path, reasons()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == reasons(), "docs/reasons.md is stale: {}", hint());
}
