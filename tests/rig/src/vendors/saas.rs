//! Dynatrace SaaS.

use serde_json::json;
use vendor_simulators::Vendor;

use super::{Calls, Case, Happens};

pub(super) const CASE: Case = Case {
    vendor: Vendor::Saas,
    name: "saas",
    calls: Calls {
        sweep: &["saas.group_users", "saas.list_users"],
        reads: &["saas.token"],
        token: Some("saas.token"),
        invite: &["saas.invite"],
        cancel: &["saas.delete_user"],
        remove: &["saas.delete_user"],
        edit: &["saas.add_groups", "saas.set_groups", "saas.remove_groups"],
    },
    happens: Happens { accounts: false, blocks: true, suspends: true, declines: false, new_ids: true },
    asks: &[],
    page: ("docs/dynatrace-saas.md", "value"),
    access: |_| json!({"dynatraceSaas": {"groups": ["Developers"]}}),
    held: &["Developers"],
    make: |namespace, name, spec| Box::pin(namespace.saas(name, spec)),
};
