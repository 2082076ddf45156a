//! Bad operations: what happens to a cluster's operator while it runs, and that it recovers without being started again. Each
//! test has a control plane of its own, since it breaks it.

#![expect(clippy::expect_used, reason = "a test that cannot go on has to stop")]

mod api_server;
mod clocks;
mod definitions;
mod rights;
mod scene;
mod token;
