//! What an invitation asks for, in a form that can be compared: people with equal terms share a call.

use jiff::Timestamp;

/// Which mails a vendor is asked to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notification {
    /// Every mail the vendor sends by default.
    Send,
    /// Only mails to people who have no account at the vendor yet.
    NewAccountsOnly,
    /// No mail at all.
    Suppress,
}

/// Everything of one person's intent that reaches the invite call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InviteTerms {
    /// What the person may do.
    pub access: Access,
    /// Which mails are sent.
    pub notification: Notification,
}

/// What a person may do in the tenant, in the vendor's own words. Lists are sorted, so that equal wishes are
/// equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// What the vendor gives by itself.
    #[default]
    VendorDefault,
    /// Roles and groups of a VMware Cloud Services organization.
    VmwareCloudServices(VmwareAccess),
}

/// Roles and groups of a VMware Cloud Services organization (contract B3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct VmwareAccess {
    /// Roles in the organization; empty: `org_member`.
    pub organization_roles: Vec<Role>,
    /// Roles in services.
    pub service_roles: Vec<ServiceRoles>,
    /// Custom roles by name.
    pub custom_roles: Vec<String>,
    /// Ids of groups, at most 15.
    pub group_ids: Vec<String>,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Role {
    /// The vendor's name of the role.
    pub name: String,
    /// What the role is limited to.
    pub resource: Option<String>,
    /// When the role ends by itself.
    pub expires: Option<Timestamp>,
}

/// Roles in one service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceRoles {
    /// The service's definition: an id, or a link whose last segment is the id.
    pub service_definition: String,
    /// The roles in that service.
    pub roles: Vec<Role>,
}
