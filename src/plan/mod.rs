//! The decision: what is declared, recorded and observed goes in; status, at most one action, and the next
//! wake-up come out. Pure: no I/O, no clock, no waiting.

mod absence;
mod access;
mod adoption;
mod brake;
mod deletion;
mod facts;
mod history;
mod input;
mod live;
mod namespaces;
mod news;
mod output;
mod owed;
mod owner;
mod refusal;
mod rehearsal;
mod resend;
mod serve;
mod state;
mod sync;
#[cfg(test)]
pub(crate) mod tests;
mod texts;
mod unmanaged;
mod words;

pub use access::{AccessRefusal, asked as asked_access};
pub use brake::{Brake, BrakeRules, BrakeSays, BrakeState, Removal, counts_as_removal};
pub use history::{History, LastAttempt, OpenAttempt, Recalled, open_attempt};
pub use input::{Deletion, Input, Provider, ProviderFacts};
pub use namespaces::may_use;
pub use output::{Action, AttemptDraft, Event, EventKind, Plan, RecordDraft, Release};
pub use owed::{has_open_write, owes};
pub use owner::{Candidate, Claim, Successor, claim};
pub use serve::{Contender, Service, serve};
pub use unmanaged::{Export, ExportRequest, Listing, Tenancy, export, page, unmanaged_person};

/// A tenant in the API's shape.
pub fn api_tenant(key: &crate::vendor::TenantKey) -> crate::api::Tenant {
    facts::tenant(key)
}

/// Whether the provider lets the invitation ask for what it asks for. One that is not known well enough yet to say
/// so gets the benefit of the doubt: an heir is not passed over because of a restart.
pub fn permits(spec: &crate::api::UserInvitationSpec, provider: &ProviderFacts<'_>) -> bool {
    !matches!(refusal::check(spec, provider), refusal::Verdict::Refused(_))
}

/// Decides about one invitation.
pub fn plan(input: &Input<'_>) -> Plan {
    let mut plan = if input.object.metadata.deletion_timestamp.is_some() {
        deletion::plan(input)
    } else {
        live::plan(input)
    };
    plan.events.extend(news::transition(input.object.status.as_ref(), &plan.status));
    plan
}
