//! What is generated is what the types say: the files below `crds/`, and the references in `docs/`.

mod reference;

use std::collections::BTreeMap;
use std::path::PathBuf;

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

#[test]
fn the_files_are_what_the_types_say() {
    let folder = root().join("crds");
    let wanted: BTreeMap<String, String> = crds::files().unwrap().into_iter().collect();
    if rewrites() {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, content) in &wanted {
            std::fs::write(folder.join(name), content).unwrap();
        }
    }
    let found: BTreeMap<String, String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    let hint = hint();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "crds/ has other files than there are kinds: {hint}, and remove what is left over"
    );
    for (name, content) in &wanted {
        assert!(found[name] == *content, "crds/{name} is stale: {hint}");
    }
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
