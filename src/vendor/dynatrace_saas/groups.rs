//! Groups: their names, who is in them, and changing that (vendor contract: 3.2, 3.3).

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use reqwest::Method;

use super::Client;
use super::wire::{Group, List, User, UserWithGroups};
use crate::vendor::answer::{MemberAnswer, Refusal};
use crate::vendor::client::{Permit, Sweep, Target};
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::grant::{AccessChange, Grant, GrantKind, Held};
use crate::vendor::names::{Named, Names};
use crate::vendor::observe::Operation;
use crate::vendor::transport::{AnswerSize, Request, target};

/// What looks show.
const SHOWN: &[GrantKind] = &[GrantKind::Group];

/// Refusals of changes: an unknown group is 400 or 404, an unknown person 404 (vendor contract: 3.2; 5, SaaS 2).
const REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (404, ErrorClass::Invalid),
    (409, ErrorClass::Conflict),
    (422, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

impl UserWithGroups {
    /// The groups that the person is in. Those that nobody can set are left out: they are nothing to compare.
    pub(super) fn held(&self) -> Option<Held> {
        let groups = self.groups.as_ref()?.iter().filter_map(|row| row.0.as_ref());
        let groups = groups.filter(|group| group.owner.is_none() || group.is_grantable());
        let grants = groups.filter_map(|group| group.uuid.clone()).map(grant).collect();
        Some(Held { shown: SHOWN, groups: None, grants })
    }
}

impl Client {
    /// The groups that people can be put into, by name.
    pub(super) async fn all_names(&self) -> Result<Names, VendorError> {
        let url = target(&self.config.endpoint, &self.path(&["groups"]), &[]);
        let request = Request::get(url).size(AnswerSize::WholeList);
        let list: List<Group> = self.session.read(Operation::ListNames, request).await?.json()?;
        let groups = list.items.into_iter().filter_map(|row| row.0).filter(Group::is_grantable);
        let named = groups.filter_map(|group| {
            let id = group.uuid?;
            Some(Named { name: group.name.unwrap_or_else(|| id.clone()), id })
        });
        Ok(Names::default().with(GrantKind::Group, named.collect()))
    }

    /// Adds to a sweep who is in these groups: the list of users does not tell.
    pub(super) async fn add_groups(
        &self,
        sweep: &mut Sweep,
        groups: &BTreeSet<String>,
    ) -> Result<(), VendorError> {
        let mut members: Vec<(&String, HashSet<String>)> = Vec::with_capacity(groups.len());
        for group in groups {
            members.push((group, self.members(group).await?));
        }
        let groups = Arc::new(groups.clone());
        for presence in sweep.people.values_mut() {
            let uid = presence.user_id.as_deref().unwrap_or_default();
            let inside = members.iter().filter(|(_, uids)| uids.contains(uid));
            let grants = inside.map(|(group, _)| grant((*group).clone())).collect();
            presence.held = Some(Held { shown: SHOWN, groups: Some(Arc::clone(&groups)), grants });
        }
        Ok(())
    }

    /// The ids of the people in a group; of one that is gone, nobody.
    async fn members(&self, group: &str) -> Result<HashSet<String>, VendorError> {
        let url = target(&self.config.endpoint, &self.path(&["groups", group, "users"]), &[]);
        let request = Request::get(url).size(AnswerSize::WholeList);
        let reply = match self.session.read(Operation::ReadAccess, request).await {
            Ok(reply) => reply,
            Err(VendorError::Status { status: 404, .. }) => return Ok(HashSet::new()),
            Err(error) => return Err(error),
        };
        let list: List<User> = reply.json()?;
        let rows = list.items.len();
        if list.count.is_some_and(|count| usize::try_from(count) != Ok(rows)) {
            return Err(reply.unusable("the number of a group's users does not fit"));
        }
        Ok(list.items.into_iter().filter_map(|row| row.0?.uid).collect())
    }

    /// Puts a person into groups, or takes them out of some. Paths name people by address, so the person is read just
    /// before: another id under the same address is somebody else, and is left alone.
    pub(super) async fn edit_one(
        &self,
        permit: &Permit,
        whom: &Target,
        change: &AccessChange,
    ) -> MemberAnswer {
        let found = match self.person(&whom.email).await {
            Ok(Some(found)) => found,
            // Gone, or not shown yet; looks will tell.
            Ok(None) => {
                let cause = "the person is not shown";
                return MemberAnswer::Ambiguous(VendorError::BadAnswer { host: self.host(), cause });
            }
            Err(error) => return MemberAnswer::NotSent(error),
        };
        if whom.user_id.is_some() && whom.user_id != found.presence.user_id {
            return MemberAnswer::Refused(Refusal { class: ErrorClass::Invalid, status: 0, code: None });
        }
        let request = match (ids(&change.add), ids(&change.remove)) {
            (add, _) if !add.is_empty() => {
                let url = target(&self.config.endpoint, &self.path(&["users", &found.address]), &[]);
                Request::post(url).json(&add)
            }
            (_, remove) => {
                let path = self.path(&["users", &found.address, "groups"]);
                let query: Vec<_> = remove.iter().map(|id| ("group-uuid", *id)).collect();
                Ok(Request::new(Method::DELETE, target(&self.config.endpoint, &path, &query)))
            }
        };
        let reply = match request {
            Ok(request) => self.session.write(Operation::Edit, permit, request).await,
            Err(error) => Err(MemberAnswer::NotSent(error)),
        };
        match reply {
            Ok(reply) if reply.is_success() => MemberAnswer::Accepted { user_id: None },
            Ok(reply) => self.session.refusal(&reply, permit, REFUSALS),
            Err(answer) => answer,
        }
    }
}

fn grant(id: String) -> Grant {
    Grant::named(GrantKind::Group, id)
}

fn ids(grants: &[Grant]) -> Vec<&str> {
    grants.iter().filter(|grant| grant.kind == GrantKind::Group).map(|grant| grant.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_that_nobody_can_set_are_not_compared() {
        let user: UserWithGroups =
            serde_json::from_value(json!({"uid": "1", "email": "a@x.test", "groups": [
            {"uuid": "g-1", "groupName": "viewers", "owner": "LOCAL"},
            {"uuid": "g-2", "groupName": "everybody", "owner": "ALL_USERS"},
            {"uuid": "g-3", "owner": "SCIM"}, {"uuid": "g-4"}, {"owner": "LOCAL"}, 5]}))
            .unwrap();
        assert_eq!(user.held().unwrap().grants, [grant("g-1".to_owned()), grant("g-4".to_owned())]);
    }

    #[test]
    fn without_groups_nothing_is_shown() {
        let user: UserWithGroups = serde_json::from_value(json!({"uid": "1", "email": "a@x.test"})).unwrap();
        assert_eq!(user.held(), None);
    }
}
