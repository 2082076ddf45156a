//! Whose person it is: one resource speaks for a person in a tenant.

use jiff::Timestamp;

use crate::api::Record;

/// One resource that names the person in the tenant.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Namespace and name, for messages within one namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
    /// Its uid.
    pub uid: &'a str,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// It is being deleted.
    pub deleted: bool,
    /// Its record, if it is its own and of this tenant and person.
    pub record: Option<&'a Record>,
    /// Live, permitted, and with a record or a provider that serves: it would take the person over.
    pub claims: bool,
}

/// What an object's place among the candidates means for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It speaks for the person.
    Owner {
        /// It is being deleted, and a live object wants the person.
        successor: Option<Successor>,
    },
    /// Another live object speaks for the person.
    Duplicate {
        /// Of which name; `None` when it is in another namespace.
        of: Option<String>,
    },
    /// The owner is being deleted, and this object is the one that takes the person over.
    Heir {
        /// What the owner's record says.
        record: Option<Box<Record>>,
    },
    /// It is deleted, and another deleted object acts first.
    WaitsForOwner,
}

/// Who takes a person over from a deleted owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successor {
    /// It holds a record of its own already.
    pub has_record: bool,
}

/// Decides the place of the object with `uid` among all candidates of its person; the object itself is one of
/// them. `namesakes` name another person with the same login name: a login name belongs to one of them, and nothing
/// passes from one to another.
pub fn claim(candidates: &[Candidate<'_>], namesakes: &[Candidate<'_>], uid: &str) -> Claim {
    if let Some(me) = candidates.iter().find(|candidate| candidate.uid == uid)
        && let Some(owner) = namesakes.iter().min_by_key(|candidate| rank(candidate))
        && !me.deleted
        && me.record.is_none()
        && rank(owner) < rank(me)
    {
        return Claim::Duplicate { of: (owner.namespace == me.namespace).then(|| owner.name.to_owned()) };
    }
    among_rivals(candidates, uid)
}

fn among_rivals(candidates: &[Candidate<'_>], uid: &str) -> Claim {
    let Some(me) = candidates.iter().find(|candidate| candidate.uid == uid) else {
        return Claim::Owner { successor: None };
    };
    let Some(owner) = candidates.iter().min_by_key(|candidate| rank(candidate)) else {
        return Claim::Owner { successor: None };
    };
    let heir = owner
        .deleted
        .then(|| {
            candidates
                .iter()
                .filter(|candidate| candidate.claims && !candidate.deleted)
                .min_by_key(|c| rank(c))
        })
        .flatten();
    if owner.uid == me.uid {
        let successor = heir.map(|heir| Successor { has_record: heir.record.is_some() });
        return Claim::Owner { successor };
    }
    if me.deleted && owner.deleted {
        return Claim::WaitsForOwner;
    }
    if heir.is_some_and(|heir| heir.uid == me.uid) {
        return Claim::Heir { record: owner.record.cloned().map(Box::new) };
    }
    let other = heir.unwrap_or(owner);
    Claim::Duplicate { of: (other.namespace == me.namespace).then(|| other.name.to_owned()) }
}

/// Holders of a record first; of the rest, those who live; then the older, then the lower uid.
fn rank<'a>(candidate: &Candidate<'a>) -> (bool, bool, Timestamp, &'a str) {
    let holds_nothing = candidate.record.is_none();
    let created = candidate.created.unwrap_or(Timestamp::MAX);
    (holds_nothing, holds_nothing && candidate.deleted, created, candidate.uid)
}
