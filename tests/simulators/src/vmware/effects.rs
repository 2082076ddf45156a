//! What an accepted invite request does to each person. B3.1.

use super::{
    access::Access,
    invite::InviteOrder,
    knobs::{DuplicateInvite, MemberInvite},
    org::{Invitation, Member, State, Status},
};
use crate::{
    clock::lock,
    ledger::{Effect, MailKind},
    text::{normal, random_uuid},
    vendor::TenantId,
    world::World,
};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// Lets an accepted request take effect.
pub(super) fn apply(
    state: &mut State,
    world: &World,
    tenant: &TenantId,
    order: &InviteOrder,
    operation: u64,
) {
    for username in &order.usernames {
        if !state.special.ignored.contains(&normal(username)) {
            let (effect, mail) = apply_one(state, order, username, world.clock.vendor());
            if let Some(effect) = effect {
                lock(&world.ledger).grant(tenant, username, effect, mail, operation);
            }
        }
    }
}

fn apply_one(
    state: &mut State,
    order: &InviteOrder,
    username: &str,
    now: u64,
) -> (Option<Effect>, Option<MailKind>) {
    let email = normal(username);
    let access_mail = order.mail_access.then_some(MailKind::AccessGranted);
    let registration_mail = order.mail_registration.then_some(MailKind::Invitation);
    if let Some(id) = state.people.current().members.ids_of(&email).pop() {
        if state.knobs.member_invite == MemberInvite::Ignore {
            return (None, None);
        }
        if let Some(member) = state.people_mut().members.get_mut(&id) {
            member.access.merge(&order.access);
        }
        return (Some(Effect::RolesGranted), access_mail);
    }
    if state.special.accounts.contains(&email) {
        // B3.1: an existing account is a member at once.
        if state.knobs.direct_add_creates_row {
            let mut row = invitation(order, username, now); // U4.
            row.status = Status::Redeemed;
            row.redeemed_at = now;
            state.people_mut().invitations.push(row);
        }
        state.people_mut().members.push(Member::new(username, order.access.clone()));
        return (Some(Effect::MemberAdded), access_mail);
    }
    let open =
        state.people.current().invitations.of(&email).rfind(|row| row.is_open(now)).map(|row| row.id.clone());
    let again = registration_mail.filter(|_| state.knobs.duplicate_sends_mail);
    match (open, state.knobs.duplicate_invite) {
        (Some(id), DuplicateInvite::Refresh) => {
            let fresh = invitation(order, username, now);
            if let Some(row) = state.people_mut().invitations.get_mut(&id) {
                row.generated_at = fresh.generated_at;
                row.expires_at = fresh.expires_at;
                row.access = fresh.access;
            }
            (Some(Effect::InvitationRefreshed), again)
        }
        (Some(_), DuplicateInvite::Unchanged) => (Some(Effect::InvitationUnchanged), again),
        _ => {
            state.people_mut().invitations.push(invitation(order, username, now));
            (Some(Effect::InvitationCreated), registration_mail)
        }
    }
}

fn invitation(order: &InviteOrder, username: &str, now: u64) -> Invitation {
    Invitation {
        id: random_uuid(),
        email: normal(username),
        written: username.to_owned(),
        status: Status::Available,
        generated_at: now,
        generated_by: order.generated_by.clone(),
        invited_by: order.invited_by.clone(),
        expires_at: now + order.days * DAY,
        redeemed_at: 0,
        revoked_at: 0,
        revoked_by: None,
        access: order.access.clone(),
    }
}

impl Member {
    pub(super) fn new(username: &str, access: Access) -> Self {
        let user_id = format!("vmware.com:{}", random_uuid()); // B3.3: <idp>:<uuid>.
        Self { user_id, email: normal(username), written: username.to_owned(), access }
    }
}
