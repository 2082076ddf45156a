//! The decision for an invitation that is being deleted.

use std::time::Duration;

use super::brake::{Brake, is_abandoned};
use super::history::{History, LastAttempt};
use super::input::{Input, Provider, ProviderFacts};
use super::output::{Action, AttemptDraft, Event, Plan, RecordDraft, Release};
use super::owed::{Owed, has_finalizer, is_unsupported, keeps};
use super::owner::{Claim, Successor};
use super::state::{Stamp, State};
use super::{facts, refusal, texts, words};
use crate::api::record::AttemptKind;
use crate::api::{
    Adoption, DeletionPolicy, ManagementPolicy, OnDelete, Origin, ProviderMode, Reason, Record,
    UserInvitationStatus,
};
use crate::tenant::{PersonView, Sighting, Wish};
use crate::vendor::{Presence, Standing, Target};

/// How soon those who are being counted are looked at again.
const COUNT_AGAIN: Duration = Duration::from_millis(250);

/// What to do about a deletion now.
enum Course {
    Go(Release),
    Call { wish: Wish, alone: bool, kind: AttemptKind },
    Wait { reason: Reason, message: String, stalled: bool, tries_count: bool, wake: Option<Duration> },
}

/// Decides about an invitation that is being deleted.
pub(super) fn plan(input: &Input<'_>) -> Plan {
    let status = input.object.status.clone().unwrap_or_else(UserInvitationStatus::unreconciled);
    let mut plan =
        Plan { status, action: None, events: Vec::new(), stuck: false, wake: None, wants_look: false };
    if !has_finalizer(input.object) {
        // Released: it may be gone any moment, and nothing more is written.
        return plan;
    }
    facts::note_attempt(&mut plan.status, input);
    if let History::Settled(LastAttempt::TakingAwayRefused(refused)) = &input.recalled.history {
        facts::note_refusal(&mut plan.status, refused, input.now);
    }
    plan.status.plan = None;
    let course = match course(input) {
        Course::Call { wish, alone, kind } => {
            // From now on it counts, whatever was thought before.
            plan.status.on_delete = Some(on_delete(kind));
            braked(input, &mut plan.status, &wish, kind).unwrap_or(Course::Call { wish, alone, kind })
        }
        // It waits for an approval, whatever a look will show.
        Course::Wait { reason: Reason::DeletionPending, .. } if input.deletion.brake == Brake::Held => {
            held(input)
        }
        course @ (Course::Go(_) | Course::Wait { .. }) => course,
    };
    match course {
        Course::Go(release) => go(&mut plan, release),
        Course::Call { .. } if out_of_tries(input) && vendor_fails(input) => go(&mut plan, Release::GivenUp),
        Course::Call { wish, alone, kind } => {
            let message = match kind {
                AttemptKind::Remove => texts::removing(),
                AttemptKind::Invite | AttemptKind::Cancel | AttemptKind::Edit | AttemptKind::Other => {
                    texts::revoking()
                }
            };
            let reason = if kind == AttemptKind::Remove { Reason::Removing } else { Reason::Revoking };
            deleting(&mut plan, input, reason, message, false);
            plan.action = draft(input, &wish, kind).map(|draft| Action::Request { wish, alone, draft });
            plan.stuck = vendor_fails(input);
        }
        Course::Wait { tries_count, .. }
            if out_of_tries(input) && (tries_count || gives_up_settling(input)) =>
        {
            go(&mut plan, Release::GivenUp);
        }
        Course::Wait { reason, message, stalled, tries_count, wake } => {
            deleting(&mut plan, input, reason, message, stalled);
            plan.stuck = tries_count || vendor_fails(input);
            plan.wake = wake;
        }
    }
    plan
}

/// What keeps a call that is owed from being made now: the brake, or the provider's mode.
fn braked(
    input: &Input<'_>,
    status: &mut UserInvitationStatus,
    wish: &Wish,
    kind: AttemptKind,
) -> Option<Course> {
    let provider = input.provider.found()?;
    if input.deletion.brake == Brake::LetGo {
        return Some(Course::Go(Release::TooMany));
    }
    let waits = |reason, message: String| Course::Wait {
        reason,
        message: texts::abandon(&message),
        stalled: true,
        tries_count: true,
        wake: None,
    };
    match provider.object.spec.mode {
        ProviderMode::Enforce => {}
        ProviderMode::DryRun => {
            status.plan = draft(input, wish, kind).map(|draft| words::write(wish, &draft, false));
            return Some(waits(Reason::DryRun, texts::deletion_in_dry_run()));
        }
        ProviderMode::Suspended => {
            return Some(waits(Reason::Suspended, texts::deletion_suspended()));
        }
    }
    let soon = |wake| Course::Wait {
        reason: Reason::DeletionPending,
        message: texts::waits_for_others(),
        stalled: false,
        tries_count: false,
        wake: Some(wake),
    };
    match input.deletion.brake {
        Brake::Off => None,
        Brake::Waits(left) => Some(soon(left)),
        Brake::Uncounted => Some(soon(COUNT_AGAIN)),
        Brake::Held | Brake::LetGo => Some(held(input)),
    }
}

fn held(input: &Input<'_>) -> Course {
    Course::Wait {
        reason: Reason::RemovalsHeld,
        message: texts::removal_held(&input.object.spec.provider_ref),
        stalled: true,
        tries_count: true,
        wake: None,
    }
}

const fn on_delete(kind: AttemptKind) -> OnDelete {
    match kind {
        AttemptKind::Remove => OnDelete::Remove,
        AttemptKind::Invite | AttemptKind::Cancel | AttemptKind::Edit | AttemptKind::Other => {
            OnDelete::Revoke
        }
    }
}

fn out_of_tries(input: &Input<'_>) -> bool {
    input.deletion.terminating_after_tries.is_some_and(|tries| tries >= input.deletion.most_tries)
}

fn vendor_fails(input: &Input<'_>) -> bool {
    input.provider.found().is_some_and(|provider| provider.failing)
}

/// With a vendor that can't be used nothing settles; only a call that may still be under way is waited for.
fn gives_up_settling(input: &Input<'_>) -> bool {
    vendor_fails(input) && !call_in_flight(input)
}

fn go(plan: &mut Plan, release: Release) {
    let event = match release {
        Release::NothingOwed | Release::Done | Release::HandedOver => None,
        Release::Abandoned => Some(Event::warning(Reason::Abandoned, texts::abandoned())),
        Release::Unsupported => Some(Event::warning(Reason::UnsupportedByVendor, texts::cannot_take_away())),
        Release::AnotherPerson => Some(Event::warning(Reason::AnotherPerson, texts::another_person())),
        Release::GivenUp => Some(Event::warning(Reason::GivenUp, texts::given_up())),
        Release::TooMany => Some(Event::warning(Reason::TooManyRemovals, texts::too_many_removals())),
        Release::NotAllowed(reason) => {
            Some(Event::warning(Reason::DeletionNotAllowed, texts::takes_nobody_away(reason)))
        }
    };
    plan.events.extend(event);
    plan.action = Some(Action::Release(release));
}

fn deleting(plan: &mut Plan, input: &Input<'_>, reason: Reason, message: String, stalled: bool) {
    let stamp = Stamp {
        now: input.now,
        generation: input.object.metadata.generation.unwrap_or_default(),
        ready_when: input.object.spec.ready_when,
    };
    State::Deleting { reason, message, stalled }.write(&mut plan.status, stamp);
}

fn course(input: &Input<'_>) -> Course {
    if is_abandoned(input.object) {
        return if call_in_flight(input) { waits_for_settlement() } else { Course::Go(Release::Abandoned) };
    }
    let Some(record) = &input.recalled.record else {
        if input.recalled.history == History::Unreadable {
            return Course::Wait {
                reason: Reason::RecordUnreadable,
                message: texts::abandon(&texts::record_unreadable()),
                stalled: true,
                tries_count: true,
                wake: None,
            };
        }
        // A finalizer without a record of our own: nothing was sent by this object.
        return Course::Go(Release::NothingOwed);
    };
    let tenant = input.provider.found().and_then(|provider| provider.tenant);
    let tenant_changed = tenant.is_some_and(|tenant| !facts::same_tenant(&record.tenant, tenant));
    if input.recalled.history == History::Open {
        if tenant_changed {
            // Nobody looks into the other tenant any more.
            return other_tenant();
        }
        let not_known = matches!(input.provider, Provider::NotKnown);
        let settling = input.person.is_some() || not_known || !credentials_are_missing(input);
        return if settling { waits_for_settlement() } else { credentials_missing(input) };
    }
    if let Some(course) = settled_without_the_vendor(input, record) {
        return course;
    }
    let provider = match &input.provider {
        Provider::Found(provider) => provider,
        Provider::Missing => return without_credentials(input),
        Provider::NotKnown => return waits_for_a_look(),
        Provider::NotAllowed => return takes_nobody_away(input, Reason::NamespaceNotAllowed),
    };
    if provider.verifying {
        return Course::Wait {
            reason: Reason::DeletionPending,
            message: texts::waits_for_a_look(),
            stalled: false,
            tries_count: false,
            wake: None,
        };
    }
    if tenant_changed {
        return other_tenant();
    }
    if let Some(refused) = refusal::of_deletion(&input.object.spec, provider) {
        return takes_nobody_away(input, refused.reason);
    }
    if tenant.is_none() || !provider.has_credential {
        return without_credentials(input);
    }
    let Some(person) = input.person else { return without_credentials(input) };
    by_ownership(input, person, provider)
}

/// Whether the call of an open attempt may still be under way. Without a worker nobody can tell, and the attempt
/// of another process has to age by the wall clock.
fn call_in_flight(input: &Input<'_>) -> bool {
    if input.recalled.history != History::Open {
        return false;
    }
    let attempt = input.recalled.attempt();
    input.person.map_or_else(
        || {
            attempt.is_some_and(|attempt| {
                input.now.duration_since(attempt.time.0) < input.deletion.call_may_last
            })
        },
        |person| {
            person
                .open
                .iter()
                .any(|open| open.in_flight && attempt.is_some_and(|attempt| attempt.id == open.attempt))
        },
    )
}

/// Whether somebody who was there before may be taken away; without a provider nobody can rule it out.
fn may_manage_adopted(input: &Input<'_>) -> bool {
    let manages = |provider: &ProviderFacts<'_>| provider.object.spec.policy.adoption == Adoption::Manage;
    input.object.spec.deletion_policy == DeletionPolicy::Remove && input.provider.found().is_none_or(manages)
}

/// Pasts in which nothing can be owed, whatever the vendor shows.
fn settled_without_the_vendor(input: &Input<'_>, record: &Record) -> Option<Course> {
    let spec = &input.object.spec;
    let kept = record.origin == Origin::Adopted && !may_manage_adopted(input);
    if kept
        || spec.deletion_policy == DeletionPolicy::Retain
        || spec.management_policy == ManagementPolicy::Observe
    {
        return Some(Course::Go(Release::NothingOwed));
    }
    match &input.recalled.history {
        History::Settled(LastAttempt::InviteRefused(_)) => Some(Course::Go(Release::NothingOwed)),
        // Whoever shows now was not invited by this object.
        History::Settled(LastAttempt::Unsent(AttemptKind::Invite)) if !facts::was_unknown(input) => {
            Some(Course::Go(Release::NothingOwed))
        }
        History::Fresh
        | History::Restored
        | History::Unreadable
        | History::Adopted
        | History::Open
        | History::Settled(
            LastAttempt::Invited
            | LastAttempt::Unknown
            | LastAttempt::NotDelivered
            | LastAttempt::Unsent(_)
            | LastAttempt::TakenAway
            | LastAttempt::StillThere
            | LastAttempt::TakingAwayRefused(_)
            | LastAttempt::Edited
            | LastAttempt::NotEdited
            | LastAttempt::EditRefused(_),
        ) => None,
    }
}

/// Policy does not allow the deletion to call anybody. Whoever takes the person over still records first.
fn takes_nobody_away(input: &Input<'_>, reason: Reason) -> Course {
    let open = input.person.is_some_and(|person| !person.open.is_empty());
    if !input.deletion.shown_by_watch || open {
        return waits_for_settlement();
    }
    match input.claim {
        Claim::Owner { successor: Some(successor) } => {
            let sighting = input.person.and_then(|person| person.sighting.as_ref());
            sighting.map_or_else(waits_for_a_look, |sighting| hands_over(input, *successor, sighting))
        }
        Claim::Owner { successor: None } | Claim::WaitsForOwner => Course::Go(if nothing_to_take(input) {
            Release::NothingOwed
        } else {
            Release::NotAllowed(reason)
        }),
        Claim::Duplicate { .. } | Claim::Heir { .. } => Course::Go(Release::HandedOver),
    }
}

/// Whether a look shows that the deletion would call nobody anyway, so that there is nothing to tell.
fn nothing_to_take(input: &Input<'_>) -> bool {
    let sighting = input.person.and_then(|person| person.sighting.as_ref());
    match (sighting, input.provider.found()) {
        (Some(sighting), Some(provider)) => sighting.present().map_or_else(
            || is_gone(input, sighting),
            |presence| {
                facts::asked_of_deletion(input, facts::origin(input), presence, provider) == Owed::Nothing
            },
        ),
        (Some(sighting), None) => is_gone(input, sighting),
        (None, _) => false,
    }
}

fn hands_over(input: &Input<'_>, successor: Successor, sighting: &Sighting) -> Course {
    // Present: the heir records first. Surely absent: the owner goes first, and the heir invites anew.
    if successor.has_record || is_gone(input, sighting) {
        Course::Go(Release::HandedOver)
    } else if sighting.present().is_some() {
        Course::Wait {
            reason: Reason::DeletionPending,
            message: texts::handing_over(),
            stalled: false,
            tries_count: false,
            wake: None,
        }
    } else {
        waits_for_a_look()
    }
}

fn by_ownership(input: &Input<'_>, person: &PersonView, provider: &ProviderFacts<'_>) -> Course {
    let Some(sighting) = &person.sighting else { return waits_for_a_look() };
    match input.claim {
        Claim::Owner { successor: None } => {}
        Claim::Owner { successor: Some(successor) } => return hands_over(input, *successor, sighting),
        Claim::Duplicate { .. } | Claim::Heir { .. } => return Course::Go(Release::HandedOver),
        Claim::WaitsForOwner => {
            return Course::Wait {
                reason: Reason::DeletionPending,
                message: texts::waits_for_owner(),
                stalled: false,
                tries_count: false,
                wake: None,
            };
        }
    }
    if !input.deletion.shown_by_watch || !person.open.is_empty() {
        return waits_for_settlement();
    }
    match sighting.present() {
        None if is_gone(input, sighting) => Course::Go(Release::Done),
        None => waits_for_a_look(),
        Some(presence) => present(input, presence, provider),
    }
}

/// Whether the person is surely not there: as expected, as the vendor says, or proven.
fn is_gone(input: &Input<'_>, sighting: &Sighting) -> bool {
    let expected = !input.recalled.knows_the_person();
    sighting.present().is_none() && (sighting.vendor_says_gone() || expected || sighting.absence_proven)
}

fn present(input: &Input<'_>, presence: &Presence, provider: &ProviderFacts<'_>) -> Course {
    if let History::Settled(LastAttempt::TakingAwayRefused(refused)) = &input.recalled.history
        && !refused.is_retried()
    {
        let status = input.object.status.clone().unwrap_or_default();
        let (reason, message) = facts::refusal_words(&status, refused);
        return Course::Wait {
            reason,
            message: texts::abandon(&message),
            stalled: true,
            tries_count: true,
            wake: None,
        };
    }
    let target = facts::target(input, presence);
    match facts::owed_for(input, facts::origin(input), presence, provider) {
        Owed::Nothing => Course::Go(Release::NothingOwed),
        Owed::Unsupported => Course::Go(Release::Unsupported),
        Owed::Cancel | Owed::Remove if is_somebody_else(&target, presence) => {
            Course::Go(Release::AnotherPerson)
        }
        Owed::Cancel => Course::Call {
            alone: presence.open_invitations != 1,
            wish: Wish::Cancel(target),
            kind: AttemptKind::Cancel,
        },
        Owed::Remove => Course::Call { wish: Wish::Remove(target), alone: false, kind: AttemptKind::Remove },
    }
}

/// Another id under the same address is another person or another invitation, and is left alone.
fn is_somebody_else(target: &Target, presence: &Presence) -> bool {
    let differs = |recorded: &Option<String>, shown: &Option<String>| match (recorded, shown) {
        (Some(recorded), Some(shown)) => recorded != shown,
        (None, _) | (_, None) => false,
    };
    match presence.standing {
        Standing::Member | Standing::Blocked => differs(&target.user_id, &presence.user_id),
        Standing::Pending | Standing::Expired => {
            differs(&target.user_id, &presence.user_id)
                || differs(&target.invitation_id, &presence.invitation_id)
        }
        Standing::Revoked | Standing::Declined | Standing::Redeemed => true,
    }
}

fn draft(input: &Input<'_>, wish: &Wish, kind: AttemptKind) -> Option<RecordDraft> {
    let record = input.recalled.record.as_ref()?;
    let (user_id, invitation_id) = match wish {
        Wish::Invite(_) => (None, None),
        Wish::Cancel(target) | Wish::Remove(target) | Wish::Edit(target, _) => {
            (target.user_id.clone(), target.invitation_id.clone())
        }
    };
    Some(RecordDraft {
        tenant: record.tenant.clone(),
        origin: record.origin,
        vendor_user_id: user_id,
        vendor_invitation_id: invitation_id,
        resend: record.resend.clone(),
        attempt: Some(AttemptDraft {
            kind,
            access: None,
            provider_generation: input
                .provider
                .found()
                .and_then(|provider| provider.object.metadata.generation)
                .unwrap_or_default(),
        }),
    })
}

fn other_tenant() -> Course {
    Course::Wait {
        reason: Reason::TenantChanged,
        message: texts::abandon(&texts::tenant_changed()),
        stalled: true,
        tries_count: true,
        wake: None,
    }
}

fn credentials_are_missing(input: &Input<'_>) -> bool {
    !input.provider.found().is_some_and(|provider| provider.has_credential)
}

/// Nobody can look any more: what was seen last decides whether that matters.
fn without_credentials(input: &Input<'_>) -> Course {
    if keeps(input.object) {
        Course::Go(Release::NothingOwed)
    } else if is_unsupported(input.object) {
        Course::Go(Release::Unsupported)
    } else {
        credentials_missing(input)
    }
}

fn credentials_missing(input: &Input<'_>) -> Course {
    let name = &input.object.spec.provider_ref;
    Course::Wait {
        reason: Reason::CredentialsMissing,
        message: texts::abandon(&texts::credentials_missing(name)),
        stalled: true,
        tries_count: true,
        wake: None,
    }
}

fn waits_for_settlement() -> Course {
    Course::Wait {
        reason: Reason::Settling,
        message: texts::settling(),
        stalled: false,
        tries_count: false,
        wake: None,
    }
}

fn waits_for_a_look() -> Course {
    Course::Wait {
        reason: Reason::DeletionPending,
        message: texts::waits_for_a_look(),
        stalled: false,
        tries_count: true,
        wake: None,
    }
}
