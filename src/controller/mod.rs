//! Watches, reconciles, and the only writes to Kubernetes.

mod audit;
mod brake;
mod claims;
mod context;
mod convert;
mod credentials;
mod diagnosis;
mod fence;
mod gather;
mod granted;
mod host;
mod ignored;
mod initial_password;
mod invitation;
mod listed;
mod named;
mod namespaces;
mod numbers;
mod observe;
mod provider;
mod provider_state;
mod provider_status;
mod queue;
mod service;
mod start;
mod store;
mod trouble;
mod unmanaged;
mod watch;
mod watches;
mod watching;
mod writer;

pub use convert::shown_capabilities;
pub use diagnosis::{Open, Tried, Wrong, try_out};
pub use start::{Start, run};
