//! Role assignments: what members hold, and changing it (vendor contract: A4).

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use reqwest::Method;

use super::Client;
use super::wire::{Assignment, AssignmentBody, AssignmentPage};
use crate::vendor::answer::MemberAnswer;
use crate::vendor::client::{Permit, Sweep, Target};
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::grant::{AccessChange, Grant, GrantKind, Held};
use crate::vendor::observe::Operation;
use crate::vendor::person::Presence;
use crate::vendor::transport::{Reply, Request, is_path_safe, target};

const ASSIGNMENTS: [&str; 3] = ["authorization", "v1beta1", "role-assignments"];
/// Rows of a page (vendor contract: A4, at most 200).
const PAGE: usize = 200;
/// No workspace has more pages.
const MOST_PAGES: usize = 1000;

/// Documented refusals of changes (vendor contract: A4; 412: a quota).
const REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (412, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

/// What a look at assignments shows.
const SHOWN: &[GrantKind] = &[GrantKind::RoleAssignment];

impl Client {
    /// Asks whether the workspace has role assignments: without enhanced IAM the gateway knows no such path (vendor
    /// contract: A4).
    pub(super) async fn look_for_assignments(&self) -> Result<(), VendorError> {
        let url = target(&self.config.endpoint, &ASSIGNMENTS, &[("limit", "1")]);
        let there = match self.session.read(Operation::Verify, Request::get(url)).await {
            Ok(_) => true,
            Err(VendorError::Status { status: 403..=405, .. }) => false,
            Err(error) => return Err(error),
        };
        self.assigns_roles.store(there, Ordering::Relaxed);
        Ok(())
    }

    /// Adds to a sweep what everybody holds. What can't be read makes no difference to who is there.
    pub(super) async fn add_assignments(&self, sweep: &mut Sweep) -> Result<(), VendorError> {
        let mut by_principal: HashMap<String, Vec<Grant>> = HashMap::new();
        for assignment in self.assignments(None).await? {
            if let (Some(principal), Some(grant)) = (assignment.user(), assignment.grant()) {
                by_principal.entry(principal).or_default().push(grant);
            }
        }
        for presence in sweep.people.values_mut() {
            let principal = presence.user_id.as_deref().map(undashed).unwrap_or_default();
            presence.held = Some(held(by_principal.remove(&principal).unwrap_or_default()));
        }
        Ok(())
    }

    /// Adds what one person holds.
    pub(super) async fn add_held(&self, presence: &mut Presence) -> Result<(), VendorError> {
        let Some(user) = &presence.user_id else { return Ok(()) };
        let user = undashed(user);
        let mine = self.assignments(Some(&user)).await?;
        let grants = mine.iter().filter(|one| one.user().as_deref() == Some(&user));
        presence.held = Some(held(grants.filter_map(Assignment::grant).collect()));
        Ok(())
    }

    /// Assigns one role, or takes one assignment away.
    pub(super) async fn edit_one(
        &self,
        permit: &Permit,
        whom: &Target,
        change: &AccessChange,
    ) -> MemberAnswer {
        let Some(user) = whom.user_id.as_deref().map(undashed) else {
            return self.not_sent("the person's id is not known");
        };
        match (change.add.first(), change.remove.first()) {
            (Some(grant), _) => self.assign(permit, &user, grant).await,
            (None, Some(grant)) => self.unassign(permit, &user, grant).await,
            (None, None) => self.not_sent("nothing to change"),
        }
    }

    /// The id of a principal is sent without hyphens; where that is refused, once with them (vendor contract: U10).
    async fn assign(&self, permit: &Permit, user: &str, grant: &Grant) -> MemberAnswer {
        let first = if self.dashes.load(Ordering::Relaxed) { dashed(user) } else { user.to_owned() };
        match self.post_assignment(permit, &first, grant).await {
            Ok(reply) if reply.status() == 400 && first == user => {
                let second = match self.session.permit().await {
                    Ok(second) => second,
                    Err(error) => return MemberAnswer::NotSent(error),
                };
                match self.post_assignment(&second, &dashed(user), grant).await {
                    Ok(reply) if reply.is_success() => {
                        self.dashes.store(true, Ordering::Relaxed);
                        MemberAnswer::Accepted { user_id: None }
                    }
                    Ok(reply) => self.assigned(&reply, &second),
                    Err(answer) => answer,
                }
            }
            Ok(reply) => self.assigned(&reply, permit),
            Err(answer) => answer,
        }
    }

    async fn post_assignment(
        &self,
        permit: &Permit,
        user: &str,
        grant: &Grant,
    ) -> Result<Reply, MemberAnswer> {
        let body =
            AssignmentBody { principal: format!("user:{user}"), role: &grant.name, scope: &grant.resources };
        let url = target(&self.config.endpoint, &ASSIGNMENTS, &[]);
        let request = Request::post(url).json(&body).map_err(MemberAnswer::NotSent)?;
        self.session.write(Operation::Edit, permit, request).await
    }

    /// 409 says that the very assignment is there (vendor contract: A4).
    fn assigned(&self, reply: &Reply, permit: &Permit) -> MemberAnswer {
        if reply.is_success() || reply.status() == 409 {
            MemberAnswer::Accepted { user_id: None }
        } else {
            self.session.refusal(reply, permit, REFUSALS)
        }
    }

    async fn unassign(&self, permit: &Permit, user: &str, grant: &Grant) -> MemberAnswer {
        let mine = match self.assignments(Some(user)).await {
            Ok(mine) => mine,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        let found = mine
            .iter()
            .filter(|one| one.user().as_deref() == Some(user))
            .find(|one| one.grant().is_some_and(|held| held.is_same_thing(grant)));
        let Some(id) = found.and_then(|one| one.id.as_deref()).filter(|id| is_path_safe(id)) else {
            // Nothing to take away: the next look shows it.
            return MemberAnswer::Accepted { user_id: None };
        };
        let path = [&ASSIGNMENTS[..], &[id]].concat();
        let request = Request::new(Method::DELETE, target(&self.config.endpoint, &path, &[]));
        match self.session.write(Operation::Edit, permit, request).await {
            Ok(reply) if reply.is_success() || reply.status() == 404 => {
                MemberAnswer::Accepted { user_id: None }
            }
            Ok(reply) => self.session.refusal(&reply, permit, REFUSALS),
            Err(answer) => answer,
        }
    }

    /// All assignments, or those of one user (id without hyphens). Offsets count items (vendor contract: A4).
    async fn assignments(&self, user: Option<&str>) -> Result<Vec<Assignment>, VendorError> {
        let mut all: Vec<Assignment> = Vec::new();
        for _ in 0..MOST_PAGES {
            let (offset, limit) = (all.len().to_string(), PAGE.to_string());
            let filter = user.map(|user| format!("principal in ('user:{user}','user:{}')", dashed(user)));
            let mut query = vec![("offset", offset.as_str()), ("limit", limit.as_str())];
            query.extend(filter.as_deref().map(|filter| ("filter", filter)));
            let url = target(&self.config.endpoint, &ASSIGNMENTS, &query);
            let reply = self.session.read(Operation::ReadAccess, Request::get(url)).await?;
            let page: AssignmentPage = reply.json()?;
            let rows = page.items.len();
            all.extend(page.items.into_iter().filter_map(|row| row.0));
            let more = page
                .total
                .and_then(|total| usize::try_from(total).ok())
                .is_some_and(|total| all.len() < total);
            if rows == 0 || !more {
                return Ok(all);
            }
        }
        Err(VendorError::BadAnswer { host: self.host(), cause: "too many pages of role assignments" })
    }

    fn not_sent(&self, cause: &'static str) -> MemberAnswer {
        MemberAnswer::NotSent(VendorError::BadAnswer { host: self.host(), cause })
    }
}

fn held(grants: Vec<Grant>) -> Held {
    Held { shown: SHOWN, groups: None, grants }
}

impl Assignment {
    /// The user's id without hyphens; `None`: a group or an API client.
    fn user(&self) -> Option<String> {
        self.principal.as_deref()?.strip_prefix("user:").map(undashed)
    }

    fn grant(&self) -> Option<Grant> {
        let mut resources = self.scope.clone();
        resources.sort_unstable();
        Some(Grant { resources, ..Grant::named(GrantKind::RoleAssignment, self.role.clone()?) })
    }
}

fn undashed(id: &str) -> String {
    id.trim().replace('-', "").to_lowercase()
}

/// The UUID form of 32 digits; anything else as it is.
fn dashed(id: &str) -> String {
    if id.len() != 32 || !id.is_ascii() {
        return id.to_owned();
    }
    [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-")
}
