//! What the controller asks a tenant to write, and how requests become calls.

use std::time::Duration;

use tokio::time::Instant;

use super::write::WriteKind;
use crate::telemetry::Cause;
use crate::vendor::{AccessChange, InviteTerms, Person, Target};

/// Names a provider towards the tenant; its text is the controller's affair.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderId(pub String);

/// Names the object of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// The object's uid: a new object under an old name is another one.
    pub uid: String,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Invite the person on these terms.
    Invite(InviteTerms),
    /// Take back the person's pending invitation.
    Cancel(Target),
    /// Remove the person.
    Remove(Target),
    /// Change what the person holds.
    Edit(Target, AccessChange),
}

impl Wish {
    /// The kind of write.
    pub const fn kind(&self) -> WriteKind {
        match self {
            Self::Invite(_) => WriteKind::Invite,
            Self::Cancel(_) => WriteKind::Cancel,
            Self::Remove(_) => WriteKind::Remove,
            Self::Edit(..) => WriteKind::Edit,
        }
    }
}

/// One person's place in the queue. Nothing is written for it until its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The object that asks.
    pub object: ObjectId,
    /// The provider whose credential makes the call.
    pub provider: ProviderId,
    /// The person.
    pub person: Person,
    /// What is to be written.
    pub wish: Wish,
    /// Never to be sent together with others: the person was a member of a call whose answer was unclear.
    pub alone: bool,
}

/// A request in the queue.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub request: Request,
    pub since: Instant,
    /// Not before this time, after a try that came to nothing.
    pub not_before: Instant,
    pub tries: u32,
    /// What led to it.
    pub cause: Cause,
}

/// The limits of one call.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Most people in one invite call.
    pub invite: usize,
    /// Most people in one cancel call.
    pub cancel: usize,
    /// Most people in one remove call.
    pub remove: usize,
    /// How long a call that is not full waits for more people.
    pub window: Duration,
}

impl BatchLimits {
    pub(super) const fn size(&self, kind: WriteKind) -> usize {
        match kind {
            WriteKind::Invite => self.invite,
            WriteKind::Cancel => self.cancel,
            WriteKind::Remove => self.remove,
            WriteKind::Edit => 1,
        }
    }
}

/// The next call that may be made, by positions in the queue; or when to ask again.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextCall {
    /// These requests share one call, which is due now.
    Due(Vec<usize>),
    /// Nothing is due before this time.
    At(Instant),
    /// The queue is empty.
    Nothing,
}

/// Chooses the next call: of the groups that are full or whose window has passed, the one that waited longest.
/// Only requests of one provider, kind and terms share a call.
pub(super) fn next_call<'a>(
    queue: impl IntoIterator<Item = &'a Queued>,
    limits: &BatchLimits,
    now: Instant,
) -> NextCall {
    let queue: Vec<&Queued> = queue.into_iter().collect();
    let mut earliest: Option<Instant> = None;
    let mut best: Option<(Instant, Vec<usize>)> = None;
    let mut grouped = vec![false; queue.len()];
    for first in 0..queue.len() {
        let head = queue[first];
        if grouped[first] {
            continue;
        }
        if head.not_before > now {
            earliest = Some(earliest.map_or(head.not_before, |time| time.min(head.not_before)));
            continue;
        }
        let size = if head.request.alone { 1 } else { limits.size(head.request.wish.kind()).max(1) };
        let mut members = vec![first];
        for (other, candidate) in queue.iter().enumerate().skip(first + 1) {
            if members.len() == size {
                break;
            }
            let same_person =
                |&member: &usize| queue[member].request.person.key() == candidate.request.person.key();
            if !grouped[other]
                && candidate.not_before <= now
                && share_a_call(head, candidate)
                && !members.iter().any(same_person)
            {
                members.push(other);
            }
        }
        for &member in &members {
            grouped[member] = true;
        }
        let due = if members.len() == size { head.since } else { head.since + limits.window };
        if due <= now {
            if best.as_ref().is_none_or(|(since, _)| head.since < *since) {
                best = Some((head.since, members));
            }
        } else {
            earliest = Some(earliest.map_or(due, |time| time.min(due)));
        }
    }
    match (best, earliest) {
        (Some((_, members)), _) => NextCall::Due(members),
        (None, Some(time)) => NextCall::At(time),
        (None, None) => NextCall::Nothing,
    }
}

fn share_a_call(one: &Queued, other: &Queued) -> bool {
    let (one, other) = (&one.request, &other.request);
    !one.alone && !other.alone && one.provider == other.provider && same_call(&one.wish, &other.wish)
}

fn same_call(one: &Wish, other: &Wish) -> bool {
    match (one, other) {
        (Wish::Invite(one), Wish::Invite(other)) => one == other,
        (Wish::Cancel(_), Wish::Cancel(_)) | (Wish::Remove(_), Wish::Remove(_)) => true,
        (Wish::Invite(_) | Wish::Cancel(_) | Wish::Remove(_) | Wish::Edit(..), _) => false,
    }
}
