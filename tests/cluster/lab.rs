//! One control plane for all tests of this program.

use std::path::Path;
use std::sync::LazyLock;

use test_rig::{ControlPlaneOptions, Lab};
use tokio::runtime::Runtime;

/// The lab, and the runtime that its servers live on: longer than the runtime of any one test.
static LAB: LazyLock<(Lab, Runtime)> = LazyLock::new(|| {
    // A test's thread is inside the test's runtime, where no other can be waited for.
    std::thread::spawn(|| {
        let runtime = Runtime::new().expect("a runtime");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
        let lab = runtime.block_on(Lab::start(target, operator, ControlPlaneOptions::default()));
        (lab, runtime)
    })
    .join()
    .expect("the lab starts")
});

/// Whoever serves or makes providers of the cluster holds this: there is only one place for them.
pub static CLUSTER: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Set: tests have the sizes of the whole requirement, which take minutes.
const EXHAUSTIVE: &str = "EXHAUSTIVE";

/// Whether tests have the sizes of the whole requirement.
pub fn is_exhaustive() -> bool {
    std::env::var_os(EXHAUSTIVE).is_some()
}

/// The lab that all tests share.
pub fn lab() -> &'static Lab {
    &LAB.0
}

/// A lab of one test's own.
pub async fn own_lab(name: &str) -> Lab {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
    Lab::start(&target, operator, ControlPlaneOptions::default()).await
}
