//! What tests, demo and benchmark stand on: a real control plane, the operator as a process, and the oracles
//! that watch them from outside.
//!
//! Nothing here knows the operator's code. Failures panic with what was last seen, since every caller would
//! only stop there anyway.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a rig that cannot work has to stop the test, loudly; said once above"
)]

pub mod audit;
pub mod certificates;
pub mod chart;
pub mod clock;
pub mod command;
pub mod control_plane;
pub mod files;
pub mod kubeconfig;
pub mod kubelet;
pub mod kubernetes;
pub mod lab;
pub mod pages;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod replicas;
pub mod rights;
mod servers;
pub mod tunnel;
pub mod usage;
pub mod vendors;
pub mod workbooks;

pub use audit::{AuditEntry, AuditLog};
pub use clock::ShiftedClock;
pub use command::CommandOutput;
pub use control_plane::{ControlPlane, ControlPlaneOptions};
pub use kubernetes::{KubernetesClient, RequestError};
pub use lab::{Lab, OperatorOptions};
pub use process::{OperatorProcess, Process};
pub use replicas::Replicas;
pub use servers::Server;
