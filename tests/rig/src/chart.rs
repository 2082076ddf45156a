//! The charts, and the pinned tools that work on them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// One of the programs of `tests/tools`.
pub fn tool(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/bin").join(name);
    assert!(program.exists(), "{} is missing; build it with `make tools promtool`", program.display());
    program
}

/// The folder of a chart.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts").join(name);
    folder.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// The values that every installation here needs: an image's name, and that vendors may be on this machine.
pub fn values() -> Value {
    json!({
        "image": {"repository": "registry.example.com/user-invitation-operator"},
        "allowedPrivateCidrs": ["127.0.0.0/8"],
    })
}
