//! AppXite, which documents nothing that takes somebody away, and may have it nevertheless.

use serde_json::json;
use vendor_simulators::Vendor;

use super::{Calls, Case, Happens};
use crate::lab::merge;

/// Where a removal is, if there is one.
const REMOVE: &str = "/users/{id}";

/// As its documents are.
pub(super) const DOCUMENTED: Case = Case {
    vendor: Vendor::AppXite,
    name: "appxite",
    calls: Calls {
        sweep: &["appxite.list_users"],
        reads: &["appxite.token"],
        token: Some("appxite.token"),
        invite: &["appxite.invite"],
        cancel: &["appxite.remove"],
        remove: &["appxite.remove"],
        edit: &[],
    },
    happens: Happens { accounts: false, blocks: true, suspends: false, declines: true, new_ids: true },
    asks: &[],
    page: ("docs/appxite.md", "as documented"),
    access: |_| json!({"appXite": {"role": "Customer"}}),
    // As it is, nothing at the vendor covers up a second invite.
    held: &["Customer"],
    make: |namespace, name, spec| Box::pin(namespace.appxite(name, spec)),
};

/// With a path that removes people.
pub(super) const WITH_REMOVAL: Case = Case {
    name: "appxite-removal",
    page: ("docs/appxite.md", "with paths.remove"),
    make: |namespace, name, spec| {
        Box::pin(async move {
            let mut whole = json!({"appXite": {"paths": {"remove": REMOVE}}});
            merge(&mut whole, spec);
            let platform = namespace.appxite(name, whole).await;
            let set = namespace
                .vendors
                .set_appxite_knobs(&platform, |knobs| REMOVE.clone_into(&mut knobs.paths.remove));
            set.expect("the platform exists");
            platform
        })
    },
    ..DOCUMENTED
};
