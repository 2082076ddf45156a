//! Dynatrace Managed: whoever is made is there at once, and has to have names.

use serde_json::json;
use vendor_simulators::Vendor;

use super::{Calls, Case, Happens};

pub(super) const CASE: Case = Case {
    vendor: Vendor::Managed,
    name: "managed",
    calls: Calls {
        sweep: &["managed.list_groups", "managed.list_users"],
        reads: &[],
        token: None,
        invite: &["managed.create_user", "managed.create_users"],
        cancel: &[],
        remove: &["managed.delete_user"],
        edit: &["managed.update_user"],
    },
    // Users have no id but their login names.
    happens: Happens { accounts: false, blocks: false, suspends: false, declines: false, new_ids: false },
    asks: &[("firstName", "Ada"), ("lastName", "Byron")],
    page: ("docs/dynatrace-managed.md", "value"),
    access: |_| json!({"dynatraceManaged": {"groups": ["users"]}}),
    held: &["users"],
    make: |namespace, name, spec| {
        Box::pin(async move {
            let cluster = namespace.managed(name, spec).await;
            // Whether new users get a mail is not known; that nobody is made twice shows in mails only.
            let set = namespace.vendors.set_managed_knobs(&cluster, |knobs| knobs.mail_on_create = true);
            set.expect("the cluster exists");
            cluster
        })
    },
};
