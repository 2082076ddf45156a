//! What a status says beside its state: facts from the record, from the last attempt, and from the vendor.

use jiff::Timestamp;

use super::history::{History, LastAttempt, RefusedAttempt};
use super::input::{Input, ProviderFacts};
use super::owed::{Owed, owed};
use super::{refusal, texts};
use crate::api::condition::shortened;
use crate::api::invitation_status::AttemptSettled;
use crate::api::record::AttemptKind;
use crate::api::time::whole_seconds;
use crate::api::{
    AttemptAnswer, AttemptStatus, DeletionPolicy, LastError, ManagementPolicy, OnDelete, Origin, Reason,
    Record, Tenant, UserInvitationStatus,
};
use crate::tenant::{Outcome, Settlement, Sighting};
use crate::vendor::{Email, Expiry, Presence, Standing, Target, TenantKey};

/// The tenant in the API's shape.
pub(super) fn tenant(key: &TenantKey) -> Tenant {
    Tenant {
        vendor: key.vendor.as_str().to_owned(),
        host: key.host.clone(),
        account_id: key.account_id.clone(),
    }
}

pub(super) fn same_tenant(recorded: &Tenant, key: &TenantKey) -> bool {
    *recorded == tenant(key)
}

/// Writes down what became of the record's attempt, once nothing more can be learned.
pub(super) fn note_attempt(status: &mut UserInvitationStatus, input: &Input<'_>) {
    if let Some(value) = input.reconcile_request_served {
        status.last_handled_reconcile_at = Some(value.to_owned());
    }
    let Some(record) = &input.recalled.record else { return };
    if input.recalled.history == History::Open {
        // A call under way costs no write of its own.
        return;
    }
    note_record(status, record);
    let (Some(attempt), History::Settled(last)) = (&record.attempt, &input.recalled.history) else { return };
    let Some(settled) = last.in_status() else { return };
    let known =
        status.attempt.as_ref().is_some_and(|line| line.id == attempt.id && line.settled == Some(settled));
    if known {
        return;
    }
    let answer = input.recalled.unwritten.as_ref().map(answer);
    status.attempt = Some(AttemptStatus { id: attempt.id.clone(), answer, settled: Some(settled) });
    if settled != AttemptSettled::Refused {
        status.last_error = None;
    }
    if attempt.kind == AttemptKind::Edit && *last == LastAttempt::Edited {
        status.applied_access.clone_from(&attempt.access);
    }
    if attempt.kind == AttemptKind::Invite {
        if record.resend.is_some() {
            status.last_handled_resend_at.clone_from(&record.resend);
        }
        if *last == LastAttempt::Invited {
            status.invited_time = Some(whole_seconds(attempt.time.0));
            status.applied_access.clone_from(&attempt.access);
            status.accepted_time = None;
            status.invitation_expiration_time = None;
        }
        if settled != AttemptSettled::Refused {
            // Whoever shows from now on is of this attempt.
            status.vendor_user_id = None;
            status.vendor_invitation_id = None;
        }
    }
}

/// Writes down where the person was invited or adopted.
pub(super) fn note_record(status: &mut UserInvitationStatus, record: &Record) {
    status.tenant = Some(record.tenant.clone());
    status.origin = Some(record.origin);
}

const fn answer(outcome: &Outcome) -> AttemptAnswer {
    match outcome.settlement {
        Settlement::Refused(_) => AttemptAnswer::Refused,
        Settlement::Effect | Settlement::NoEffect | Settlement::Unchanged | Settlement::Unsent => {
            if outcome.accepted { AttemptAnswer::Success } else { AttemptAnswer::Ambiguous }
        }
    }
}

/// Whether an earlier attempt than the record's may have had an effect that nobody has seen.
pub(super) fn was_unknown(input: &Input<'_>) -> bool {
    let line = input.object.status.as_ref().and_then(|status| status.attempt.as_ref());
    let earlier = line.filter(|line| input.recalled.attempt().is_some_and(|attempt| attempt.id != line.id));
    earlier.is_some_and(|line| line.settled == Some(AttemptSettled::Unknown))
}

/// Forgets who was seen: what is not recorded is not remembered either. When somebody became a member stays, for as long
/// as somebody is there.
pub(super) fn forget_person(status: &mut UserInvitationStatus) {
    status.origin = None;
    status.vendor_user_id = None;
    status.vendor_invitation_id = None;
    status.vendor_status = None;
    status.invited_time = None;
    status.invitation_expiration_time = None;
}

/// Whoever is there now came in without this object, and is all that is told.
pub(super) fn find_person(status: &mut UserInvitationStatus) {
    forget_person(status);
    status.origin = Some(Origin::Adopted);
}

/// The person as the vendor's silent clock has it, where it is only ours to tell that an invitation has ended; and how
/// long one that can still be used has to go.
pub(super) fn by_own_clock(
    status: &UserInvitationStatus,
    presence: &Presence,
    provider: &ProviderFacts<'_>,
    now: Timestamp,
) -> (Presence, Option<std::time::Duration>) {
    let unchanged = || (presence.clone(), None);
    let life = match provider.capabilities.expiry {
        Expiry::OwnClock(life) if presence.standing == Standing::Pending => life,
        Expiry::OwnClock(_) | Expiry::Vendor | Expiry::None => return unchanged(),
    };
    let sent = status.invited_time.as_ref().map(|time| time.0).max(presence.invited);
    let Some(ends) = sent.and_then(|sent| sent.checked_add(life).ok()) else { return unchanged() };
    let standing = if ends <= now { Standing::Expired } else { Standing::Pending };
    let to_go = std::time::Duration::try_from(ends.duration_since(now)).ok().filter(|rest| !rest.is_zero());
    (Presence { standing, expires: Some(ends), ..presence.clone() }, to_go)
}

/// Writes down what the vendor shows. Ids are those first seen: another id later is another person.
pub(super) fn note_presence(status: &mut UserInvitationStatus, input: &Input<'_>, presence: &Presence) {
    if status.vendor_user_id.is_none() {
        status.vendor_user_id =
            recorded(input, |record| &record.vendor_user_id).or_else(|| presence.user_id.clone());
    }
    if status.vendor_invitation_id.is_none() {
        status.vendor_invitation_id =
            recorded(input, |record| &record.vendor_invitation_id).or_else(|| presence.invitation_id.clone());
    }
    status.vendor_status = Some(presence.vendor_status.clone()).filter(|word| !word.is_empty());
    if status.invited_time.is_none() {
        status.invited_time = presence.invited.map(whole_seconds);
    }
    match presence.standing {
        Standing::Pending | Standing::Expired => {
            status.invitation_expiration_time = presence.expires.map(whole_seconds);
        }
        Standing::Member => {
            status.invitation_expiration_time = None;
            let tells =
                input.provider.found().is_none_or(|provider| provider.capabilities.acceptance.is_given());
            if tells && status.accepted_time.is_none() {
                status.accepted_time = Some(whole_seconds(input.now));
            }
        }
        Standing::Blocked | Standing::Revoked | Standing::Declined | Standing::Redeemed => {}
    }
}

fn recorded(input: &Input<'_>, field: impl Fn(&crate::api::Record) -> &Option<String>) -> Option<String> {
    input.recalled.record.as_ref().and_then(|record| field(record).clone())
}

/// Writes down what deleting the object would do now. Answers whether that is known.
pub(super) fn note_on_delete(
    status: &mut UserInvitationStatus,
    input: &Input<'_>,
    provider: &ProviderFacts<'_>,
) -> bool {
    let spec = &input.object.spec;
    let sighting = input.person.and_then(|person| person.sighting.as_ref());
    let presence = sighting.and_then(Sighting::present);
    if spec.management_policy == ManagementPolicy::Observe
        || spec.deletion_policy == DeletionPolicy::Retain
        || refusal::of_deletion(spec, provider).is_some()
    {
        status.on_delete = presence.map(|_| OnDelete::Keep).or(status.on_delete.map(|_| OnDelete::Keep));
        return true;
    }
    let Some(presence) = presence else {
        let gone = sighting.is_some_and(|sighting| sighting.absence_proven || sighting.vendor_says_gone());
        let known = sighting.is_some() && (gone || !input.recalled.knows_the_person());
        if known {
            // Where nothing was ever owed there is nothing to say.
            status.on_delete = status.on_delete.map(|_| OnDelete::Keep);
        }
        return known;
    };
    if !provider.has_credential {
        return false;
    }
    let origin = origin(input);
    status.on_delete = Some(match owed_for(input, origin, presence, provider) {
        Owed::Nothing => OnDelete::Keep,
        Owed::Cancel => OnDelete::Revoke,
        Owed::Remove => OnDelete::Remove,
        Owed::Unsupported => OnDelete::Unsupported,
    });
    true
}

/// How the person came into the tenant, as far as this object remembers.
pub(super) fn origin(input: &Input<'_>) -> Origin {
    input.recalled.record.as_ref().map_or(Origin::Adopted, |record| record.origin)
}

/// What deleting the object owes for a person who is there; nothing where policy does not allow it.
pub(super) fn owed_for(
    input: &Input<'_>,
    origin: Origin,
    presence: &Presence,
    provider: &ProviderFacts<'_>,
) -> Owed {
    match refusal::of_deletion(&input.object.spec, provider) {
        Some(_) => Owed::Nothing,
        None => asked_of_deletion(input, origin, presence, provider),
    }
}

/// The same without asking whether policy allows it.
pub(super) fn asked_of_deletion(
    input: &Input<'_>,
    origin: Origin,
    presence: &Presence,
    provider: &ProviderFacts<'_>,
) -> Owed {
    let adoption = provider.object.spec.policy.adoption;
    let policy = input.object.spec.deletion_policy;
    owed(policy, origin, adoption, presence.standing, &provider.capabilities)
}

/// What a refusal says: in this process' memory, or, later, in the status.
pub(super) fn refusal_words(status: &UserInvitationStatus, refused: &RefusedAttempt) -> (Reason, String) {
    match (&refused.refusal, &status.last_error) {
        (Some(refusal), _) => (texts::refusal_reason(refusal.class), texts::refusal(refusal)),
        (None, Some(error)) => (texts::reason_named(&error.reason), error.message.clone()),
        (None, None) => (Reason::Rejected, texts::refused_before()),
    }
}

/// Writes down a refusal that this process heard, if its reason or code is new.
pub(super) fn note_refusal(status: &mut UserInvitationStatus, refused: &RefusedAttempt, now: Timestamp) {
    let Some(refusal) = &refused.refusal else { return };
    let (reason, message) = refusal_words(status, refused);
    let code = Some(refusal.code.clone().unwrap_or_else(|| refusal.status.to_string()));
    let same =
        status.last_error.as_ref().is_some_and(|error| error.reason == reason.as_str() && error.code == code);
    if !same {
        status.last_error = Some(LastError {
            reason: reason.as_str().to_owned(),
            code,
            message: shortened(&message),
            time: Some(whole_seconds(now)),
        });
    }
}

/// Whom a call that takes away is about: by the recorded ids, else by what the vendor shows now.
pub(super) fn target(input: &Input<'_>, presence: &Presence) -> Target {
    let status = input.object.status.as_ref();
    let user_id = status
        .and_then(|status| status.vendor_user_id.clone())
        .or_else(|| recorded(input, |record| &record.vendor_user_id))
        .or_else(|| presence.user_id.clone());
    let invitation_id = status
        .and_then(|status| status.vendor_invitation_id.clone())
        .or_else(|| recorded(input, |record| &record.vendor_invitation_id))
        .or_else(|| presence.invitation_id.clone());
    Target { email: Email::new(&input.object.spec.email), user_id, invitation_id }
}
