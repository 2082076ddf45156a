//! The files below `crds/` are what the types say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use user_invitation_operator::api::crds;

/// Set to rewrite the files instead of comparing them.
const REWRITE: &str = "REWRITE_GENERATED";

#[test]
fn the_files_are_what_the_types_say() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crds");
    let wanted: BTreeMap<String, String> = crds::files().unwrap().into_iter().collect();
    if std::env::var_os(REWRITE).is_some() {
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
    let hint = format!("run `make generate` (or `{REWRITE}=1 cargo test --test schema`)");
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
