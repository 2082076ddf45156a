//! The election against a fake API server, under paused time.

mod elections;
mod losses;
mod replica;
mod server;
mod validity;
