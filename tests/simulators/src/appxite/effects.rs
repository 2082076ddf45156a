//! What an invite does to each person. 1.2.4, 1.3.4, 1.3.5.

use super::{
    invite::Invitee,
    platform::{AccountState, Pending, State, User},
};
use crate::{
    clock::lock,
    ledger::{Effect, MailKind},
    text::{normal, random_uuid},
    vendor::TenantId,
    world::World,
};

/// Lets an answered invite take effect: one mail for each person, however many organizations there are (1.2.4).
pub(super) fn apply(state: &mut State, world: &World, tenant: &TenantId, pending: &Pending) {
    for invitee in &pending.invitees {
        if !state.special.ignored.contains(&normal(&invitee.email)) {
            let (effect, mail) = apply_one(state, invitee, world.clock.vendor());
            lock(&world.ledger).grant(tenant, &invitee.email, effect, mail, pending.operation);
        }
    }
}

/// Invites one person, now.
pub(super) fn apply_one(state: &mut State, invitee: &Invitee, now: u64) -> (Effect, Option<MailKind>) {
    let found =
        state.user(&normal(&invitee.email)).map(|user| (user.id.clone(), user.exists(now), user.state));
    let Some((id, exists, account)) = found else {
        let user = new_user(state, invitee, AccountState::New, now);
        state.users_mut().push(user);
        return (Effect::InvitationCreated, Some(MailKind::Invitation));
    };
    let renew = state.knobs.renew_created_date;
    let granted = state.knobs.mail_members.then_some(MailKind::AccessGranted);
    let Some(user) = state.users_mut().get_mut(&id) else { return (Effect::InvitationUnchanged, None) };
    user.allow(&invitee.permissions);
    if exists && account != AccountState::New {
        return (Effect::RolesGranted, granted);
    }
    // 1.3.4: the mail is sent again to who is New; 1.2.4: after expiry it is a new invitation.
    user.state = AccountState::New;
    user.invited = now;
    if renew {
        user.created = now;
    }
    let effect = if exists { Effect::InvitationRefreshed } else { Effect::InvitationCreated };
    (effect, Some(MailKind::Invitation))
}

/// A user who is not there yet.
pub(super) fn new_user(state: &State, invitee: &Invitee, account: AccountState, now: u64) -> User {
    let written = if state.knobs.lower_emails { normal(&invitee.email) } else { invitee.email.clone() };
    User {
        id: random_uuid(),
        email: normal(&invitee.email),
        written,
        names: invitee.names.clone(),
        state: account,
        created: now,
        invited: now,
        permissions: invitee.permissions.clone(),
    }
}
