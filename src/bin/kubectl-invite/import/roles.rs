//! What a row grants, in the vendor's own words: the column roles, separated by semicolons.

use user_invitation_operator::api::{
    Access, AppXiteAccess, DynatraceManagedAccess, DynatraceSaasAccess, HpeAccess, RoleAssignment,
    VmwareAccess, VmwareRole,
};
use user_invitation_operator::vendor::Vendor;

use super::fault::Fault;
use super::{layout, nearest};

/// What the column vendor says, as the blocks of a provider are named.
const VENDORS: [(&str, Vendor); 5] = [
    ("hpeGreenLake", Vendor::HpeGreenLake),
    ("vmwareCloudServices", Vendor::VmwareCloudServices),
    ("appXite", Vendor::AppXite),
    ("dynatraceManaged", Vendor::DynatraceManaged),
    ("dynatraceSaas", Vendor::DynatraceSaas),
];
const LENGTH_MAX: usize = 128;

/// The values in a cell.
pub(super) fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '\n']).map(str::trim).filter(|value| !value.is_empty())
}

/// The vendor that a cell names; blanks, dashes and case do not matter.
pub(super) fn vendor(text: &str) -> Result<Vendor, (Fault, Option<String>)> {
    let named = VENDORS.iter().find(|(name, _)| layout::plain(name) == layout::plain(text));
    named.map(|(_, vendor)| *vendor).ok_or_else(|| {
        let near = nearest::nearest(text, VENDORS.iter().map(|(name, _)| *name));
        (Fault::Vendor(text.to_owned()), near.map(str::to_owned))
    })
}

/// The access that a cell grants.
pub(super) fn access(vendor: Vendor, text: &str) -> Result<Access, Fault> {
    let mut names: Vec<String> = Vec::new();
    for name in values(text) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    let most = match vendor {
        Vendor::HpeGreenLake | Vendor::VmwareCloudServices => 16,
        Vendor::AppXite => 1,
        Vendor::DynatraceManaged => 32,
        Vendor::DynatraceSaas => 50,
    };
    if vendor == Vendor::AppXite && names.len() > most {
        return Err(Fault::OneRole);
    }
    if names.len() > most {
        return Err(Fault::TooMany("roles", most));
    }
    if vendor != Vendor::HpeGreenLake && names.iter().any(|name| name.chars().count() > LENGTH_MAX) {
        return Err(Fault::Text("a role", LENGTH_MAX));
    }
    let mut access = Access::default();
    match vendor {
        Vendor::HpeGreenLake => {
            let role_assignments = names.iter().map(|name| assignment(name)).collect::<Result<_, _>>()?;
            access.hpe_green_lake = Some(HpeAccess { role_assignments });
        }
        Vendor::VmwareCloudServices => {
            let role = |name| VmwareRole { name, ..VmwareRole::default() };
            let organization_roles = names.into_iter().map(role).collect();
            access.vmware_cloud_services =
                Some(VmwareAccess { organization_roles, ..VmwareAccess::default() });
        }
        Vendor::AppXite => {
            access.app_xite =
                Some(AppXiteAccess { role: names.into_iter().next(), ..AppXiteAccess::default() });
        }
        Vendor::DynatraceManaged => access.dynatrace_managed = Some(DynatraceManagedAccess { groups: names }),
        Vendor::DynatraceSaas => access.dynatrace_saas = Some(DynatraceSaasAccess { groups: names }),
    }
    Ok(access)
}

/// A role of HPE GreenLake within a scope.
fn assignment(text: &str) -> Result<RoleAssignment, Fault> {
    let is_grn = |text: &str| {
        (5..=256).contains(&text.len())
            && text.starts_with("grn:")
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match text.split_once('@') {
        Some((role, scope)) if is_grn(role) && is_grn(scope) => {
            Ok(RoleAssignment { role: role.to_owned(), scopes: vec![scope.to_owned()] })
        }
        _ => Err(Fault::RoleAssignment(text.to_owned())),
    }
}
