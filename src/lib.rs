//! Kubernetes operator that invites people to vendor tenants and follows each invitation to its end.
//!
//! One invitation's way through the folders: `api` (what people declare) → `controller` (watches and writes) →
//! `plan` (decides) → `tenant` (queue, calls, looks) → `vendor` (speaks HTTP).

pub mod api;
pub mod plan;
pub mod tenant;
pub mod vendor;
