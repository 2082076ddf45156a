//! HPE GreenLake.

use serde_json::json;
use vendor_simulators::{PendingInvite, Vendor};

use super::{Calls, Case, Happens};

const ROLE: &str = "grn:glp/providers/authorization/roles/ccs.observer";

pub(super) const CASE: Case = Case {
    vendor: Vendor::Hpe,
    name: "hpe",
    calls: Calls {
        sweep: &["hpe.list_users"],
        reads: &["hpe.token"],
        token: Some("hpe.token"),
        invite: &["hpe.invite"],
        cancel: &["hpe.delete_user"],
        remove: &["hpe.delete_user"],
        edit: &["hpe.assign_role", "hpe.replace_assignment", "hpe.delete_assignment", "hpe.put_preferences"],
    },
    happens: Happens { accounts: true, blocks: true, suspends: true, declines: false, new_ids: true },
    asks: &[],
    page: ("docs/hpe-greenlake.md", "with enhanced IAM"),
    access: |workspace| {
        let scope = format!("grn:glp/workspaces/{}", workspace.id);
        json!({"hpeGreenLake": {"roleAssignments": [{"role": ROLE, "scopes": [scope]}]}})
    },
    held: &[ROLE],
    make: |namespace, name, spec| {
        Box::pin(async move {
            let workspace = namespace.hpe(name, spec).await;
            // Nothing at the vendor covers up a second invite.
            let set = namespace
                .vendors
                .set_hpe_knobs(&workspace, |knobs| knobs.pending_invite = PendingInvite::CreatedWithMail);
            set.expect("the workspace exists");
            workspace
        })
    },
};
