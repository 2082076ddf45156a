//! Watches, reconciles, and the only writes to Kubernetes.

mod context;
mod convert;
mod credentials;
mod gather;
mod host;
mod invitation;
mod observe;
mod provider;
mod provider_state;
mod provider_status;
mod queue;
mod start;
mod store;
mod watch;
mod writer;

pub use start::{Start, run};
