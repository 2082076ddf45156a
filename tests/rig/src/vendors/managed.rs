//! Dynatrace Managed.

use serde_json::json;
use vendor_simulators::Vendor;

use super::{Calls, Case, Happens};

pub(super) const CASE: Case = Case {
    vendor: Vendor::Managed,
    name: "managed",
    calls: Calls {
        sweep: &["managed.list_users"],
        reads: &[],
        token: None,
        invite: &["managed.create_user", "managed.create_users"],
        cancel: &["managed.delete_user"],
        remove: &["managed.delete_user"],
        edit: &["managed.update_user"],
    },
    happens: Happens { accounts: false, blocks: false, suspends: false, declines: false, new_ids: false },
    asks: &[("firstName", "Ada"), ("lastName", "Lovelace")],
    page: ("docs/dynatrace-managed.md", "value"),
    access: |_| json!({"dynatraceManaged": {"groups": ["users"]}}),
    held: &["users"],
    make: |namespace, name, spec| Box::pin(namespace.managed(name, spec)),
};
