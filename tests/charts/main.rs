//! The charts, with the pinned helm: what they render, what they refuse, and what is installed from them on a real control plane.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has to stop")]

mod getting_started;
mod helm;
mod life;
mod listing;
mod modes;
mod refusals;
mod renderings;
mod rollout;
mod scenes;
mod schemas;
mod surroundings;
mod withdrawn;
