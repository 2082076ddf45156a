//! The real operator binary, under its own ServiceAccount, against a real control plane and simulators of the
//! vendors. Each test has a namespace and an operator of its own; all share one control plane. What is asserted
//! stands in the vendors' ledgers and logs, in the audit log, or in the objects.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has to stop")]

mod access;
mod admission;
mod adoption;
mod appxite;
mod audit_trail;
mod brake;
mod brake_crd;
mod bulk;
mod canaries;
mod capabilities;
mod credentials;
mod deletion;
mod departures;
mod diagnosis;
mod duplicates;
mod lab;
mod life;
mod managed;
mod many;
mod metrics;
mod of_cluster;
mod permissions;
mod place;
mod planned;
mod policy;
mod privileges;
mod record_policy;
mod refusals;
mod renames;
mod requests;
mod resends;
mod restores;
mod rights;
mod saas;
mod samples;
mod scene;
mod stage;
mod tenants;
mod unclear;
mod vendor_changes;
