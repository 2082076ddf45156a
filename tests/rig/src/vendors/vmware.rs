//! VMware Cloud Services.

use serde_json::json;
use vendor_simulators::{Platform, Vendor};

use super::{Calls, Case, Happens};

pub(super) const CASE: Case = Case {
    vendor: Vendor::Vmware,
    name: "vmware",
    calls: Calls {
        sweep: &["vmware.list_invitations", "vmware.list_users"],
        reads: &["vmware.token", "vmware.token_details"],
        token: Some("vmware.token"),
        invite: &["vmware.invite"],
        cancel: &["vmware.delete_invitation", "vmware.revoke"],
        remove: &["vmware.remove_users"],
        edit: &["vmware.change_roles", "vmware.add_to_group", "vmware.remove_from_group"],
    },
    happens: Happens { accounts: true, blocks: false, suspends: false, declines: false, new_ids: true },
    asks: &[],
    page: ("docs/vmware-cloud-services.md", "value"),
    access: |_| json!({"vmwareCloudServices": {"organizationRoles": [{"name": "org_member"}, {"name": "developer"}]}}),
    held: &["org_member", "developer"],
    make: |namespace, name, spec| {
        Box::pin(async move {
            let org = namespace.vmware(name, spec).await;
            // Of the platform that the provider names.
            let set = namespace.vendors.set_vmware_knobs(&org, |knobs| knobs.platform = Platform::Tcsp);
            set.expect("the organization exists");
            org
        })
    },
};
