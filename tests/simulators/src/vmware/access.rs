//! Roles and groups: what an invitation offers and a member holds.

use serde_json::{Map, Value, json};

/// A role object. B3.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) resource: Option<String>,
    pub(super) expires_at: Option<u64>,
}

/// Roles in one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceRoles {
    /// The link an invitation names; its last segment is the id that users and changes of roles name (B3.1).
    pub(super) link: String,
    pub(super) roles: Vec<Role>,
}

/// All access of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) organization: Vec<Role>,
    pub(super) services: Vec<ServiceRoles>,
    pub(super) custom: Vec<Role>,
    pub(super) groups: Vec<String>,
}

impl Role {
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), resource: None, expires_at: None }
    }

    /// Reads a role object; `None` if it is none.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let name = value.get("name")?.as_str()?.to_owned();
        let resource = value.get("resource").and_then(Value::as_str).map(str::to_owned);
        let expires_at = value.get("expiresAt").and_then(Value::as_u64);
        Some(Self { name, resource, expires_at })
    }

    /// Reads an array of role objects; absent or null counts as empty, anything else as `None`.
    pub(super) fn parse_all(value: Option<&Value>) -> Option<Vec<Self>> {
        match value {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(Self::parse).collect(),
            Some(_) => None,
        }
    }

    /// Whether both mean the same grant, whatever their expiry.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.name == other.name && self.resource == other.resource
    }

    fn lasts(&self, now: u64) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }

    /// As invitations show it. B3.2.
    pub(super) fn in_invitation(&self) -> Value {
        json!({"name": self.name, "resource": self.resource, "expiresAt": self.expires_at,
               "membershipType": "DIRECT"})
    }

    /// As users show it among the organization's roles. B3.3.
    fn in_organization(&self, organization: &str) -> Value {
        json!({"id": null, "name": self.name, "displayName": display_name(&self.name), "resource": self.resource,
               "membershipType": "DIRECT", "expiresAt": self.expires_at, "orgId": organization})
    }

    /// As users show it among a service's roles. B3.3.
    fn in_service(&self) -> Value {
        json!({"name": self.name, "roleName": self.name, "resource": self.resource, "membershipType": "DIRECT",
               "expiresAt": self.expires_at})
    }
}

/// Adds `new` to `held`; one that is there gets the new expiry.
pub(super) fn add_roles(held: &mut Vec<Role>, new: &[Role]) {
    for role in new {
        match held.iter_mut().find(|other| other.same(role)) {
            Some(other) => other.expires_at = role.expires_at,
            None => held.push(role.clone()),
        }
    }
}

/// The id in a service definition's link, or the id itself.
pub(super) fn service_id(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or(link)
}

impl ServiceRoles {
    pub(super) fn id(&self) -> &str {
        service_id(&self.link)
    }
}

impl Access {
    /// Additive, as an invitation of a member is taken to be. B3.1 \[I\].
    pub(super) fn merge(&mut self, more: &Self) {
        add_roles(&mut self.organization, &more.organization);
        add_roles(&mut self.custom, &more.custom);
        for service in &more.services {
            match self.services.iter_mut().find(|held| held.id() == service.id()) {
                Some(held) => add_roles(&mut held.roles, &service.roles),
                None => self.services.push(service.clone()),
            }
        }
        for group in &more.groups {
            if !self.groups.contains(group) {
                self.groups.push(group.clone());
            }
        }
    }

    /// Names of all roles.
    pub(super) fn names(&self) -> Vec<String> {
        let services = self.services.iter().flat_map(|service| &service.roles);
        self.organization.iter().chain(services).chain(&self.custom).map(|role| role.name.clone()).collect()
    }

    pub(super) fn is_owner(&self) -> bool {
        self.organization.iter().any(|role| role.name == "org_owner")
    }

    /// The fields of an invitation. B3.2.
    pub(super) fn in_invitation(&self) -> Map<String, Value> {
        let roles = |roles: &[Role]| roles.iter().map(Role::in_invitation).collect::<Vec<_>>();
        let names = |roles: &[Role]| roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>();
        let services: Vec<Value> = self
            .services
            .iter()
            .map(|service| {
                json!({"serviceDefinitionLink": service.link, "serviceRoleNames": names(&service.roles),
                       "serviceRoles": roles(&service.roles)})
            })
            .collect();
        let mut fields = Map::new();
        fields.insert("orgRoleNames".to_owned(), names(&self.organization).into());
        fields.insert("organizationRoles".to_owned(), roles(&self.organization).into());
        fields.insert("serviceRolesDtos".to_owned(), services.into());
        fields.insert("customRoles".to_owned(), roles(&self.custom).into());
        fields.insert("customGroupsIds".to_owned(), self.groups.clone().into());
        fields
    }

    /// The role fields of a user: organization, services, custom. B3.3. Roles past their expiry are gone \[I\].
    pub(super) fn in_user(&self, organization: &str, now: u64) -> [Value; 3] {
        let lasting =
            |roles: &[Role]| roles.iter().filter(|role| role.lasts(now)).cloned().collect::<Vec<_>>();
        let in_service = |service: &ServiceRoles| {
            let roles: Vec<Value> = lasting(&service.roles).iter().map(Role::in_service).collect();
            json!({"serviceDefinitionId": service.id(), "serviceRoles": roles})
        };
        [
            lasting(&self.organization).iter().map(|role| role.in_organization(organization)).collect(),
            self.services.iter().filter(|s| !s.roles.is_empty()).map(in_service).collect(),
            lasting(&self.custom).iter().map(Role::in_invitation).collect(),
        ]
    }
}

/// What the console calls a role.
pub(super) fn display_name(role: &str) -> String {
    match role.strip_prefix("org_") {
        Some(rest) => format!("Organization {}{}", rest[..1].to_uppercase(), &rest[1..]),
        None => role.replace('_', " "),
    }
}
