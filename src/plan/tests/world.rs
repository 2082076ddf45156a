//! One invitation and everything that a decision about it depends on.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use tokio::time::Instant;

use super::past::{self, Past};
use crate::api::condition::{Condition, find_condition};
use crate::api::{
    AnyProvider, ConditionType, FoundRecord, INVITATION_FINALIZER, InlineAccess, InvitationProviderSpec,
    RECORD, Record, RecordedAttempt, UserInvitation, UserInvitationSpec, VmwareCloudServices, VmwarePlatform,
};
use crate::plan::{
    Action, Brake, Claim, Deletion, Input, Plan, Provider, ProviderFacts, Recalled, RecordDraft, plan,
};
use crate::tenant::{OpenView, Outcome, PersonView, Sighting, Wish, WriteKind};
use crate::vendor::{
    Capabilities, EditCalls, Expiry, Grant, GrantKind, Names, Presence, Resend, Standing, Support, TenantKey,
    Vendor,
};

pub const EMAIL: &str = "Ada@example.com";
pub const UID: &str = "uid-of-ada";
pub const NOW: i64 = 1_800_000_000;

/// What a vendor that can do everything can do.
pub const CAN: Capabilities = Capabilities {
    max_batch_size: 20,
    exact_read: true,
    cancel_is_remove: false,
    max_cancel_batch: 20,
    max_remove_batch: 20,
    suppress_all: true,
    suppress_known: true,
    cancel: Support::Supported,
    remove: Support::Supported,
    expiry: Expiry::Vendor,
    acceptance: Support::Supported,
    resend: Resend::Recreate,
    update_access: Support::Supported,
    grants: &[GrantKind::OrganizationRole, GrantKind::ServiceRole, GrantKind::CustomRole, GrantKind::Group],
    most_groups: Some(15),
    access_in_invite: true,
    access_of_pending: false,
    edit_calls: EditCalls::RolesTogetherGroupsAlone,
    logins: false,
    names_required: false,
    initial_passwords: false,
};

/// An invitation with a provider that serves, and a person whom a complete look has not shown.
#[derive(Clone)]
pub struct World {
    pub now: Timestamp,
    pub object: UserInvitation,
    /// `None`: it does not exist.
    pub provider: Option<AnyProvider>,
    /// What the object's namespace sees instead of the provider.
    pub instead: Option<Provider<'static>>,
    pub tenant: Option<TenantKey>,
    pub can: Capabilities,
    pub starts: bool,
    pub has_credential: bool,
    pub verifying: bool,
    pub failing: bool,
    pub own_login: Option<String>,
    pub names: Option<Names>,
    pub claim: Claim,
    /// `None`: the tenant has no worker.
    pub person: Option<PersonView>,
    pub deletion: Deletion,
    pub password_trouble: Option<String>,
}

fn vmware() -> VmwareCloudServices {
    VmwareCloudServices {
        org_id: "org".to_owned(),
        platform: VmwarePlatform::Vcsp,
        endpoint: None,
        invited_by: None,
        invitation_expiration_days: None,
    }
}

pub fn tenant() -> TenantKey {
    TenantKey {
        vendor: Vendor::VmwareCloudServices,
        host: "vendor.example.com".to_owned(),
        account_id: "org".to_owned(),
    }
}

pub fn presence(standing: Standing) -> Presence {
    Presence {
        standing,
        user_id: Some("user-1".to_owned()),
        invitation_id: Some("invitation-1".to_owned()),
        open_invitations: 1,
        fingerprint: format!("row of {standing:?}"),
        vendor_status: "WORD".to_owned(),
        invited: None,
        expires: None,
        held: None,
    }
}

/// What a complete look showed.
pub fn sighting(presence: Option<Presence>) -> Sighting {
    Sighting { begun: Instant::now(), presence, counts_as_absence: true, absence_proven: false }
}

/// What differs from one world to another, for failing properties.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("record", &self.found())
            .field("status", &self.object.status)
            .field("spec", &self.object.spec)
            .field("deleted", &self.object.metadata.deletion_timestamp.is_some())
            .field("claim", &self.claim)
            .field("person", &self.person)
            .field("provider", &(self.provider.is_some(), self.starts, self.has_credential))
            .finish_non_exhaustive()
    }
}

impl World {
    pub fn new() -> Self {
        let spec = UserInvitationSpec { email: EMAIL.to_owned(), ..UserInvitationSpec::default() };
        let mut object = UserInvitation::new(
            "ada",
            UserInvitationSpec {
                provider_ref: crate::api::ProviderRef { name: "csp".to_owned(), ..Default::default() },
                ..spec
            },
        );
        object.metadata.namespace = Some("team".to_owned());
        object.metadata.uid = Some(UID.to_owned());
        object.metadata.generation = Some(1);
        let mut provider = AnyProvider {
            spec: InvitationProviderSpec {
                vmware_cloud_services: Some(vmware()),
                ..InvitationProviderSpec::default()
            },
            ..AnyProvider::default()
        };
        provider.metadata.name = Some("csp".to_owned());
        provider.metadata.namespace = Some("team".to_owned());
        provider.metadata.generation = Some(1);
        provider.spec.policy.protected_emails = vec!["owner@example.com".to_owned()];
        provider.spec.policy.inline_access = InlineAccess::Allow;
        Self {
            now: Timestamp::from_second(NOW).unwrap(),
            object,
            provider: Some(provider),
            instead: None,
            tenant: Some(tenant()),
            can: CAN,
            starts: true,
            has_credential: true,
            verifying: false,
            failing: false,
            own_login: None,
            names: Some(Names::default()),
            claim: Claim::Owner { successor: None },
            person: Some(PersonView { sighting: Some(sighting(None)), fresh: true, ..PersonView::default() }),
            deletion: Deletion {
                shown_by_watch: true,
                terminating_after_tries: None,
                most_tries: 5,
                brake: Brake::Off,
                call_may_last: SignedDuration::from_secs(30),
            },
            password_trouble: None,
        }
    }

    pub fn with(past: Past) -> Self {
        let mut world = Self::new();
        past::write(&mut world, past);
        world
    }

    pub fn person(&mut self) -> &mut PersonView {
        self.person.get_or_insert_default()
    }

    pub fn seen(mut self, standing: Standing) -> Self {
        self.person().sighting = Some(sighting(Some(presence(standing))));
        self
    }

    pub fn shows(&mut self, presence: Presence) {
        self.person().sighting = Some(sighting(Some(presence)));
    }

    pub fn absent(mut self, proven: bool) -> Self {
        self.person().sighting = Some(Sighting { absence_proven: proven, ..sighting(None) });
        self
    }

    pub fn not_looked_at(mut self) -> Self {
        self.person().sighting = None;
        self
    }

    pub fn open(&mut self, attempt: &str, object: &str, unclear: bool, in_flight: bool) {
        self.person().open.push(OpenView {
            attempt: attempt.to_owned(),
            object: object.to_owned(),
            kind: WriteKind::Invite,
            unclear,
            in_flight,
        });
    }

    pub fn outcome(&mut self, outcome: Outcome) {
        self.person().outcomes.push(outcome);
    }

    pub fn provider(&mut self) -> &mut AnyProvider {
        self.provider.as_mut().unwrap()
    }

    pub fn annotate(&mut self, key: &str, value: &str) {
        self.object.metadata.annotations.get_or_insert_default().insert(key.to_owned(), value.to_owned());
    }

    pub fn deleted(mut self) -> Self {
        self.object.metadata.deletion_timestamp = Some(Time(self.now));
        self.hold();
        self
    }

    pub fn hold(&mut self) {
        let finalizers = self.object.metadata.finalizers.get_or_insert_default();
        if !finalizers.iter().any(|name| name == INVITATION_FINALIZER) {
            finalizers.push(INVITATION_FINALIZER.to_owned());
        }
    }

    pub fn remember(&mut self, record: &Record) {
        self.annotate(RECORD, &record.to_annotation().unwrap());
    }

    pub fn found(&self) -> FoundRecord {
        Record::parse(self.object.annotations(), UID, &self.object.spec.email)
    }

    pub fn recalled(&self) -> Recalled {
        let outcomes = self.person.as_ref().map(|person| person.outcomes.as_slice()).unwrap_or_default();
        let known = self.provider.as_ref().filter(|_| self.instead.is_none());
        let generation = known.and_then(|provider| provider.metadata.generation);
        Recalled::new(&self.object, self.found(), outcomes, generation)
    }

    pub fn plan(&self) -> Plan {
        let provider =
            self.provider.as_ref().filter(|_| self.instead.is_none()).map_or(Provider::Missing, |object| {
                Provider::Found(ProviderFacts {
                    object,
                    tenant: self.tenant.as_ref(),
                    capabilities: self.can,
                    starts: self.starts,
                    has_credential: self.has_credential,
                    verifying: self.verifying,
                    failing: self.failing,
                    own_login: self.own_login.as_deref(),
                    names: self.names.as_ref(),
                })
            });
        plan(&Input {
            now: self.now,
            object: &self.object,
            recalled: &self.recalled(),
            provider: self.instead.unwrap_or(provider),
            claim: &self.claim,
            person: self.person.as_ref(),
            deletion: self.deletion,
            reconcile_request_served: None,
            password_trouble: self.password_trouble.as_deref(),
        })
    }

    /// What the controller does with a decision, as far as the object shows it; a vendor call is not made.
    pub fn apply(&mut self, plan: &Plan) {
        match &plan.action {
            Some(Action::Record { draft, finalizer }) => {
                self.record(draft, None);
                if *finalizer {
                    self.hold();
                }
            }
            Some(Action::Release(_)) => self.object.metadata.finalizers = None,
            Some(Action::Request { .. }) | None => self.object.status = Some(plan.status.clone()),
        }
    }

    /// What the controller records when a request's turn has come.
    pub fn record_intent(&mut self, draft: &RecordDraft, id: &str, baseline: Option<&str>) {
        let attempt = draft.attempt.as_ref().map(|attempt| RecordedAttempt {
            id: id.to_owned(),
            process: "process".to_owned(),
            time: Time(self.now),
            kind: attempt.kind,
            generation: self.object.metadata.generation.unwrap_or_default(),
            provider_generation: attempt.provider_generation,
            baseline: baseline.map(ToOwned::to_owned),
            access: attempt.access.clone(),
        });
        self.record(draft, attempt);
        self.hold();
    }

    fn record(&mut self, draft: &RecordDraft, attempt: Option<RecordedAttempt>) {
        self.remember(&Record {
            uid: UID.to_owned(),
            tenant: draft.tenant.clone(),
            email: self.object.spec.email.clone(),
            origin: draft.origin,
            vendor_user_id: draft.vendor_user_id.clone(),
            vendor_invitation_id: draft.vendor_invitation_id.clone(),
            resend: draft.resend.clone(),
            attempt,
        });
    }
}

/// State and conditions in one line: `Pending Ready=True/AwaitingAcceptance …`.
pub fn said(plan: &Plan) -> String {
    let conditions: Vec<String> = ConditionType::ALL
        .iter()
        .filter_map(|type_| find_condition(&plan.status.conditions, *type_))
        .map(brief)
        .collect();
    let state = plan.status.state.map_or("-", crate::api::InvitationState::as_str);
    format!("{state} {}", conditions.join(" "))
}

fn brief(condition: &Condition) -> String {
    match condition.type_.as_str() {
        "Reconciling" | "Stalled" => condition.type_.clone(),
        type_ => format!("{type_}={}/{}", condition.status, condition.reason),
    }
}

/// The action in one line.
pub fn acts(plan: &Plan) -> String {
    match &plan.action {
        None => "nothing".to_owned(),
        Some(Action::Request { wish: Wish::Invite(_), alone: false, .. }) => "invite".to_owned(),
        Some(Action::Request { wish: Wish::Invite(_), alone: true, .. }) => "invite alone".to_owned(),
        Some(Action::Request { wish: Wish::Cancel(_), alone: false, .. }) => "cancel".to_owned(),
        Some(Action::Request { wish: Wish::Cancel(_), alone: true, .. }) => "cancel alone".to_owned(),
        Some(Action::Request { wish: Wish::Remove(_), .. }) => "remove".to_owned(),
        Some(Action::Request { wish: Wish::Edit(_, change), .. }) => {
            let names =
                |grants: &[Grant]| -> Vec<String> { grants.iter().map(|grant| grant.name.clone()).collect() };
            format!("edit +{:?} -{:?}", names(&change.add), names(&change.remove))
        }
        Some(Action::Record { draft, finalizer }) => {
            format!("record {:?} finalizer={finalizer}", draft.origin)
        }
        Some(Action::Release(release)) => format!("release {release:?}"),
    }
}

/// The message of the condition Ready.
pub fn message(plan: &Plan) -> String {
    find_condition(&plan.status.conditions, ConditionType::Ready)
        .map(|ready| ready.message.clone())
        .unwrap_or_default()
}

/// Compares line by line, and shows every line that differs.
pub fn check(rows: impl IntoIterator<Item = (String, String, String)>) {
    let wrong: Vec<String> = rows
        .into_iter()
        .filter(|(_, got, wanted)| got != wanted)
        .map(|(name, got, wanted)| format!("{name}\n   is     {got}\n   wanted {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
