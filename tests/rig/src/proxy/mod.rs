//! Proxies that break things on purpose: before the API server and before the vendors.
//!
//! A proxy is a black box. It ends TLS, sees one request after the other, knows what each of them asks for by a
//! [`Classify`] function, and passes everything on as it is, watches included. At chosen [`Point`]s it does what a
//! [`Script`] says: kills the operator before or after the request is passed on, loses the answer, and so on.
//! Several proxies of one run share one script.

mod api_server;
mod call;
mod forward;
mod script;
mod server;
mod vendors;

pub use api_server::classify as classify_api_server;
pub use call::{Call, Classify, Seen};
pub use script::{Entry, Fault, Point, Script};
pub use server::FaultProxy;
pub use vendors::{WhoIs, classify as classify_vendor};
