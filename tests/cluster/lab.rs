//! One control plane for all tests of this program; each test has a namespace and an operator of its own.

use std::path::Path;

use test_rig::lab::{Namespace, RunningOperator};
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions};
use tokio::sync::OnceCell;

static LAB: OnceCell<Lab> = OnceCell::const_new();

/// The lab that all tests share.
pub async fn lab() -> &'static Lab {
    LAB.get_or_init(|| async {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
        Lab::start(target, operator, ControlPlaneOptions::default()).await
    })
    .await
}

/// A namespace of that name, and an operator that watches only it.
pub async fn namespace(name: &str) -> (Namespace, RunningOperator) {
    let lab = lab().await;
    let namespace = lab.namespace(name).await;
    let options = OperatorOptions { namespaces: vec![name.to_owned()], ..OperatorOptions::default() };
    let mut operator = lab.operator(name, &options).await;
    operator.ready().await;
    (namespace, operator)
}
