//! Kubernetes operator that invites people to vendor tenants and follows each invitation to its end.

pub mod api;
