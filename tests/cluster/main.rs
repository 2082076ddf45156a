//! The real operator binary, under its own ServiceAccount, against a real control plane and simulators of the
//! vendors.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has to stop")]

mod lab;
mod life;
