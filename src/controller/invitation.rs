//! Reconciles one invitation: decide, then carry out at most one action and one status write.

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use tokio::time::Instant;
use tracing::info;

use super::brake::removal_entry;
use super::context::{Context, Stuck, Work, by_login, by_person, login, provider_id, provider_key};
use super::convert;
use super::gather::Decided;
use super::queue::Done;
use super::store::Key;
use super::writer::WriteError;
use crate::api::condition::{equal_ignoring_times, find_condition};
use crate::api::{
    ConditionType, INVITATION_FINALIZER, InvitationState, Origin, RECORD, Reason, Record, UserInvitation,
    UserInvitationStatus,
};
use crate::metrics::labels::ReleaseReason;
use crate::plan::{Action, Plan, RecordDraft, Release};
use crate::tenant::{ObjectId, Request};
use crate::vendor::Email;

/// How long the numbers in a provider's status may lag behind.
pub(super) const COUNTS_LAG: Duration = Duration::from_secs(10);

/// How old an answer may be to whether a namespace is being deleted, where nothing hurries.
const NAMESPACE_ASKED_AGAIN: Duration = Duration::from_secs(1);

/// Looks at one invitation.
pub(super) async fn reconcile(context: &Arc<Context>, key: &Key) -> Done {
    prepare(context, key).await;
    let Some(decided) = context.decide(key, None) else { return Done::Settled };
    let written = carry_out(context, key, &decided).await;
    context.writer.after(&context.invitations, key, written).await
}

/// Finds out what the stores do not tell: whether a deletion goes with its whole namespace. Also tells people which of
/// their requests are ignored.
async fn prepare(context: &Arc<Context>, key: &Key) {
    let Some(stored) = context.invitations.get(key) else { return };
    context.tell_ignored(&*stored.object).await;
    if let Some(seen) = stored.deletion_shown
        && removal_entry(&stored.object).is_some()
    {
        context.learn_namespace(&key.namespace, seen).await;
    }
}

async fn carry_out(context: &Arc<Context>, key: &Key, decided: &Decided) -> Result<Done, WriteError> {
    let object = &*decided.object.object;
    let plan = &decided.plan;
    match &plan.action {
        Some(Action::Release(release)) => return let_go(context, key, decided, *release).await,
        Some(Action::Record { draft, finalizer }) => {
            if *finalizer {
                // From now on deleting the object may owe a call, so its provider has to stay.
                context.fence(&provider_key(object)).await?;
            }
            let record = record(object, draft, None);
            write_record(context, object, &record, *finalizer).await?;
            return Ok(Done::Again(Duration::ZERO));
        }
        Some(Action::Request { wish, alone, .. }) => {
            if let Some(tenant) = &decided.tenant {
                context.tenants.request(
                    tenant,
                    Request {
                        object: object_id(object),
                        provider: provider_id(&provider_key(object)),
                        person: convert::person(&object.spec),
                        wish: wish.clone(),
                        alone: *alone,
                    },
                );
            }
        }
        None => {
            if let (Some(tenant), Some(_)) =
                (&decided.tenant, decided.view.as_ref().and_then(|view| view.queued))
            {
                context.tenants.withdraw(tenant, &object.uid().unwrap_or_default());
            }
        }
    }
    if let Some(tenant) = &decided.tenant
        && plan.wants_look
    {
        context.tenants.look_now(tenant);
    }
    if let Some(tenant) = &decided.tenant
        && says(&plan.status, Reason::UnknownName)
    {
        context.tenants.doubt_names(tenant);
    }
    write_status(context, object, decided).await?;
    Ok(wait(context, key, object, plan).await)
}

/// Writes the status if it says something new, then lets go of the outcomes that it now holds.
async fn write_status(
    context: &Arc<Context>,
    object: &UserInvitation,
    decided: &Decided,
) -> Result<(), WriteError> {
    let status = &decided.plan.status;
    if !same(object.status.as_ref(), status) {
        let written = context.writer.status(&context.invitations, object, status).await?;
        if let (Some(tenant), Some(after)) = (&decided.tenant, time_to_accept(object.status.as_ref(), status))
        {
            context.metrics.accepted(tenant.vendor, after);
        }
        for event in &decided.plan.events {
            context.writer.event(&*written, event).await;
        }
        context.requests.after(Work::Provider(provider_key(object)), COUNTS_LAG);
    }
    if let (Some(tenant), Some(outcome)) = (&decided.tenant, &decided.recalled.unwritten)
        && status.attempt.as_ref().is_some_and(|line| line.id == outcome.attempt && line.settled.is_some())
    {
        let email = Email::new(&object.spec.email);
        let uid = object.uid().unwrap_or_default();
        context.tenants.acknowledge(tenant, email.key(), &uid, Some(&outcome.attempt));
        // What was decided while the outcome was still to be written may go on now.
        wake_rivals(context, object);
    }
    Ok(())
}

/// How long the person took, where this status is the first to say that an invitation was accepted.
fn time_to_accept(before: Option<&UserInvitationStatus>, now: &UserInvitationStatus) -> Option<Duration> {
    let accepted = now.accepted_time.as_ref()?.0;
    let known = before.is_some_and(|before| before.accepted_time.is_some());
    let seen_pending = before.is_some_and(|before| before.state == Some(InvitationState::Pending));
    // Whoever was a member before the object accepted something else, maybe years ago.
    if known || !(seen_pending || now.origin == Some(Origin::Invited)) {
        return None;
    }
    Duration::try_from(accepted.duration_since(now.invited_time.as_ref()?.0)).ok()
}

fn says(status: &UserInvitationStatus, reason: Reason) -> bool {
    find_condition(&status.conditions, ConditionType::Ready)
        .is_some_and(|ready| ready.reason == reason.as_str())
}

fn same(before: Option<&UserInvitationStatus>, now: &UserInvitationStatus) -> bool {
    before.is_some_and(|before| {
        equal_ignoring_times(&before.conditions, &now.conditions)
            && UserInvitationStatus { conditions: Vec::new(), ..before.clone() }
                == UserInvitationStatus { conditions: Vec::new(), ..now.clone() }
    })
}

/// Takes the finalizer off.
async fn let_go(
    context: &Arc<Context>,
    key: &Key,
    decided: &Decided,
    release: Release,
) -> Result<Done, WriteError> {
    let object = &*decided.object.object;
    for event in &decided.plan.events {
        context.writer.event(object, event).await;
    }
    let without_call = match release {
        Release::NothingOwed | Release::Done => None,
        Release::HandedOver => Some(ReleaseReason::Claimed),
        Release::Abandoned => Some(ReleaseReason::Abandoned),
        Release::Unsupported => Some(ReleaseReason::UnsupportedByVendor),
        Release::AnotherPerson => Some(ReleaseReason::AnotherPerson),
        Release::GivenUp => Some(ReleaseReason::NamespaceTerminating),
        Release::TooMany => Some(ReleaseReason::TooManyRemovals),
        Release::NotAllowed(_) => Some(ReleaseReason::NotAllowed),
    };
    let finalizers =
        object.finalizers().iter().filter(|finalizer| *finalizer != INVITATION_FINALIZER).cloned().collect();
    context.writer.metadata(&context.invitations, object, &[], finalizers).await?;
    if let Some(reason) = without_call {
        context.metrics.released_without_call(reason);
    }
    info!(invitation = %key, ?release, "released");
    wake_rivals(context, object);
    Ok(Done::Settled)
}

/// What to wait for: the decision's own time, or, for a deletion that can't go on, another look at its namespace.
async fn wait(context: &Arc<Context>, key: &Key, object: &UserInvitation, plan: &Plan) -> Done {
    if !plan.stuck {
        context.stuck().remove(&object.uid().unwrap_or_default());
        return plan.wake.map_or(Done::Settled, Done::Again);
    }
    let uid = object.uid().unwrap_or_default();
    let before = context.stuck().get(&uid).copied().unwrap_or_default();
    let terminating = before.terminating || namespace_terminates(context, key).await;
    let tries = before.tries + 1;
    context.stuck().insert(uid, Stuck { terminating, tries });
    if terminating {
        return Done::Again(Duration::from_secs(2));
    }
    Done::Again(
        Duration::from_secs(5)
            .saturating_mul(2_u32.saturating_pow(tries.min(8)))
            .min(Duration::from_secs(600)),
    )
}

/// One question for all the deletions that wait in a namespace.
async fn namespace_terminates(context: &Arc<Context>, key: &Key) -> bool {
    let now = Instant::now();
    let since = now.checked_sub(NAMESPACE_ASKED_AGAIN).unwrap_or(now);
    context.learn_namespace(&key.namespace, since).await;
    context.namespaces.leaves(&key.namespace, since).unwrap_or(false)
}

/// Writes a record, with or without the finalizer, and wakes the others who name the person.
pub(super) async fn write_record(
    context: &Arc<Context>,
    object: &UserInvitation,
    record: &Record,
    finalizer: bool,
) -> Result<(), WriteError> {
    let mut finalizers = object.finalizers().to_vec();
    if finalizer && !finalizers.iter().any(|known| known == INVITATION_FINALIZER) {
        finalizers.push(INVITATION_FINALIZER.to_owned());
    }
    let Ok(text) = record.to_annotation() else { return Err(WriteError::Conflict) };
    context.writer.metadata(&context.invitations, object, &[(RECORD, &text)], finalizers).await?;
    wake_rivals(context, object);
    Ok(())
}

/// A record from its draft.
pub(super) fn record(
    object: &UserInvitation,
    draft: &RecordDraft,
    attempt: Option<crate::api::RecordedAttempt>,
) -> Record {
    Record {
        uid: object.uid().unwrap_or_default(),
        tenant: draft.tenant.clone(),
        email: object.spec.email.clone(),
        origin: draft.origin,
        vendor_user_id: draft.vendor_user_id.clone(),
        vendor_invitation_id: draft.vendor_invitation_id.clone(),
        resend: draft.resend.clone(),
        attempt,
    }
}

/// An object's name towards its tenant.
pub(super) fn object_id(object: &UserInvitation) -> ObjectId {
    ObjectId {
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    }
}

/// The other invitations of the same person, or of the same login name, have something new to decide on.
pub(super) fn wake_rivals(context: &Arc<Context>, object: &UserInvitation) {
    let me = Key::of(object);
    let (email, login) = (Email::new(&object.spec.email), login(object));
    for entry in [by_person(email.key()), by_login(&login), by_person(&login)] {
        for key in context.invitations.keys(&entry) {
            if key != me {
                context.requests.now(Work::Invitation(key));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    #[test]
    fn an_acceptance_is_counted_once_and_only_of_an_invitation_that_was_followed() {
        let time = |text: &str| Some(Time(text.parse().unwrap()));
        let status = |origin, state, accepted: Option<Time>| UserInvitationStatus {
            origin: Some(origin),
            state: Some(state),
            invited_time: time("2026-01-01T00:00:00Z"),
            accepted_time: accepted,
            ..UserInvitationStatus::default()
        };
        let accepted = |origin| status(origin, InvitationState::Accepted, time("2026-01-01T02:00:00Z"));
        let pending = |origin| status(origin, InvitationState::Pending, None);
        let new = UserInvitationStatus::unreconciled();
        for (before, origin, counted) in [
            (&pending(Origin::Invited), Origin::Invited, true),
            (&pending(Origin::Adopted), Origin::Adopted, true),
            // So fast that nothing was written in between.
            (&new, Origin::Invited, true),
            (&accepted(Origin::Invited), Origin::Invited, false),
            // Was a member before anybody declared them.
            (&new, Origin::Adopted, false),
        ] {
            let expected = counted.then(|| Duration::from_secs(7200));
            assert_eq!(time_to_accept(Some(before), &accepted(origin)), expected, "{before:?}");
        }
    }
}
