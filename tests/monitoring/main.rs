//! What Prometheus and Grafana make of the operator's numbers, with Prometheus' own engine.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has to stop")]

mod alerts;
mod dashboard;
mod queries;
mod rendering;
mod replicas;
mod story;
