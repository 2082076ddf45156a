//! The kubectl plugin as a program: files in, manifests and messages out; and against a real API server, with the operator
//! and simulators of the vendors.

#![expect(clippy::expect_used, reason = "a test that cannot go on has to stop")]

mod apply;
mod bad_files;
mod export;
mod hpe_workbook;
mod ods;
mod page;
mod plugin;
mod requests;
mod secrets;
mod stage;
mod status;
