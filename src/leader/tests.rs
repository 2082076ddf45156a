//! The election against a fake API server, under paused time.

mod elections;
mod server;
mod validity;
