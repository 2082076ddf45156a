//! What touches the cluster.

pub mod apply;
pub mod connect;
pub mod export;
pub mod list;
pub mod request;
pub mod secrets;
pub mod wait;

/// Who the API server's managed fields say has set something.
pub const MANAGER: &str = "kubectl-invite";
/// How many requests are under way at once.
pub const AT_ONCE: usize = 8;

/// What an error of the API server says, in one line.
pub fn reason(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}
