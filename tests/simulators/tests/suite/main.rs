//! The simulators against the contracts they are made from.

#![allow(clippy::expect_used, clippy::panic)] // a failed expectation is how these tests fail

mod appxite_calls;
mod appxite_invite;
mod appxite_lists;
mod appxite_people;
mod appxite_portal;
mod appxite_tokens;
mod bench;
mod control_api;
mod faults;
mod hpe_assignments;
mod hpe_invitations;
mod hpe_tokens;
mod hpe_users;
mod limits;
mod managed_bulk;
mod managed_create;
mod managed_errors;
mod managed_tokens;
mod managed_users;
mod saas_errors;
mod saas_groups;
mod saas_invitations;
mod saas_tokens;
mod saas_users;
mod vmware_invitations;
mod vmware_invite;
mod vmware_tokens;
mod vmware_users;
