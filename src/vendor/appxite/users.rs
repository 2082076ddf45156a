//! Listing and finding users.

use reqwest::Method;

use super::Client;
use super::list::{MOST_PAGES, PAGE, Pages};
use super::wire::{List, User};
use crate::vendor::client::Sweep;
use crate::vendor::error::VendorError;
use crate::vendor::grant::{Grant, GrantKind, Held};
use crate::vendor::lenient;
use crate::vendor::observe::Operation;
use crate::vendor::person::{Person, Presence, Standing};
use crate::vendor::transport::AnswerSize;

impl Client {
    /// Reads all pages. Two of them can't overlap, so somebody who is removed between two calls may hide another
    /// one: what was known needs two looks to be gone.
    pub(super) async fn everybody(&self) -> Result<Sweep, VendorError> {
        let mut pages = Pages::default();
        let mut more = pages.take(&self.page(1).await?);
        while more {
            if pages.count() >= MOST_PAGES {
                pages.doubt("too many pages of users");
                break;
            }
            let Ok(page) = self.page(pages.count() + 1).await else {
                pages.doubt("a page of users could not be read");
                break;
            };
            more = pages.take(&page);
        }
        Ok(pages.close())
    }

    /// Reads one person: there is no other way than to read everybody (vendor contract: 1.1).
    pub(super) async fn among_all(&self, person: &Person) -> Result<Option<Presence>, VendorError> {
        let mut sweep = self.everybody().await?;
        match (sweep.people.remove(person.key()), sweep.incomplete) {
            (None, Some(cause)) => Err(VendorError::BadAnswer { host: self.host(), cause }),
            (found, _) => Ok(found),
        }
    }

    async fn page(&self, number: usize) -> Result<List, VendorError> {
        let query = [("page", &*number.to_string()), ("pageSize", PAGE)];
        let request = self.request(Method::GET, &self.config.paths.list_users, &query);
        let reply = self.session.read(Operation::ListUsers, request.size(AnswerSize::WholeList)).await?;
        List::read(reply.json()?).ok_or_else(|| reply.unusable("no list in it"))
    }
}

/// What a row that tells of organizations shows.
const ORGANIZATIONS: &[GrantKind] = &[GrantKind::Organization];
/// What a row shows that tells of roles, too.
const ORGANIZATIONS_AND_ROLES: &[GrantKind] = &[GrantKind::Organization, GrantKind::Role];

impl User {
    /// What the row shows of the person.
    pub(super) fn presence(&self) -> Presence {
        let standing = self.standing();
        let vendor_status = lenient::word(&self.state);
        let [id, created] = [&self.id, &self.created].map(|text| text.as_deref().unwrap_or_default());
        Presence {
            standing,
            user_id: self.id.clone(),
            invitation_id: None,
            open_invitations: usize::from(standing == Standing::Pending),
            fingerprint: format!("{id}/{created}/{vendor_status}"),
            vendor_status,
            invited: self.created.as_deref().and_then(lenient::time),
            expires: None,
            held: self.held(),
        }
    }

    fn held(&self) -> Option<Held> {
        let permissions = self.permissions.as_ref()?;
        let organizations = permissions.iter().map(|held| (GrantKind::Organization, &held.organization));
        let roles = permissions.iter().filter_map(|held| Some((GrantKind::Role, held.role.as_ref()?)));
        let mut grants: Vec<Grant> =
            organizations.chain(roles).map(|(kind, name)| Grant::named(kind, name)).collect();
        grants.sort_unstable();
        grants.dedup();
        let tells_roles = grants.iter().any(|grant| grant.kind == GrantKind::Role);
        let shown = if tells_roles { ORGANIZATIONS_AND_ROLES } else { ORGANIZATIONS };
        Some(Held { shown, groups: None, grants })
    }
}
