//! The CRDs, as the API server will see them: are the files fresh, and does every field keep the rules of this
//! API? What only an API server can tell (costs of rules, refusals) is tested against a real one. And the pages of the
//! documentation: do they say what the product says?

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod commands;
mod examples;
mod fields;
mod fresh;
mod golden;
mod kinds;
mod pages;
mod walk;
mod words;
