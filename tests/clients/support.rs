//! Simulators with one tenant, and a client that talks to it.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Url;
use user_invitation_operator::vendor::{
    Answer, CallObserver, Connection, Email, FinishedCall, InviteTerms, Limiter, MemberAnswer, Notification,
    Person, Presence, Target, Transport, TransportSettings, Vendor, VendorClient, Watched, dynatrace_managed,
    hpe_greenlake, vmware,
};
use vendor_simulators::{
    BodyFault, Control, Credential, DynatraceManagedKnobs, ErrorBody, Fault, FaultRule, Filter, HpeWorkspace,
    ManagedCluster, Operation, Options, Simulators, TenantId, VmwareOrg, When,
};

pub(crate) const API_TOKEN: &str = "kA7vQ2mZx9LrT4wYbN6cHdEfGjKpSuV1";
pub(crate) const CLIENT_ID: &str = "5d0c2f1e-66a1-4c36-9d2f-3c1b7a9e0d42";
pub(crate) const CLIENT_SECRET: &str = "9f3b7c1d5e8a2406b9d4c7f1e3a5d820";
/// Looks that show nothing beside who is there.
pub(crate) static NOTHING: Watched = Watched { access: false, groups: BTreeSet::new() };
pub(crate) const OWNER: &str = "Owner@example.com";

/// Keeps every call.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<Vec<FinishedCall>>);

impl Calls {
    pub(crate) fn all(&self) -> Vec<FinishedCall> {
        self.0.lock().unwrap().clone()
    }
}

impl CallObserver for Calls {
    fn call_finished(&self, call: FinishedCall) {
        self.0.lock().unwrap().push(call);
    }

    fn waited_for_budget(&self, _vendor: Vendor, _duration: Duration) {}
}

/// Simulators with one tenant.
pub(crate) struct Rig<C> {
    pub(crate) simulators: Simulators,
    pub(crate) control: Control,
    pub(crate) tenant: TenantId,
    pub(crate) client: C,
    pub(crate) calls: Arc<Calls>,
    pub(crate) limiter: Arc<Limiter>,
}

pub(crate) fn settings(simulators: &Simulators) -> TransportSettings {
    TransportSettings {
        connect_timeout: Duration::from_secs(2),
        total_timeout: Duration::from_secs(3),
        allowed_private_cidrs: vec!["127.0.0.0/8".parse().unwrap()],
        ca_bundle: Some(simulators.ca_pem().as_bytes().to_vec()),
        ..TransportSettings::default()
    }
}

/// A budget that no test reaches.
pub(crate) fn wide() -> Arc<Limiter> {
    Arc::new(Limiter::new(NonZeroU32::new(1_000_000).unwrap()))
}

pub(crate) fn terms() -> InviteTerms {
    InviteTerms { grants: Vec::new(), notification: Notification::Send }
}

pub(crate) fn person(email: &str) -> Person {
    Person::with_email(Email::new(email))
}

pub(crate) fn people(emails: &[&str]) -> Vec<Person> {
    emails.iter().map(|email| person(email)).collect()
}

pub(crate) fn target(email: &str, presence: &Presence) -> Target {
    Target {
        email: Email::new(email),
        user_id: presence.user_id.clone(),
        invitation_id: presence.invitation_id.clone(),
    }
}

/// Somebody with names, whose login name is the address.
pub(crate) fn named(email: &str) -> Person {
    Person { first_name: Some("Ada".to_owned()), last_name: Some("Byron".to_owned()), ..person(email) }
}

/// The same with a login name of its own.
pub(crate) fn with_login(email: &str, login: &str) -> Person {
    Person { login: Some(login.to_owned()), ..named(email) }
}

/// What an answer says of one person.
pub(crate) fn of<'a>(answer: &'a Answer, email: &str) -> &'a MemberAnswer {
    &answer.members[Email::new(email).key()]
}

pub(crate) fn accepted(answer: &Answer) -> bool {
    answer.members.values().all(|member| matches!(member, MemberAnswer::Accepted { .. }))
}

impl Rig<vmware::Client> {
    pub(crate) async fn vmware(change: impl FnOnce(&mut VmwareOrg)) -> Self {
        Self::vmware_with(change, |_| {}).await
    }

    pub(crate) async fn vmware_with(
        change: impl FnOnce(&mut VmwareOrg),
        configure: impl FnOnce(&mut vmware::Config),
    ) -> Self {
        let simulators = Simulators::start(Options::default()).await.unwrap();
        let mut org = VmwareOrg::with(Credential::api_token(API_TOKEN).owned_by(OWNER));
        change(&mut org);
        let control = simulators.control();
        let tenant = control.create_vmware_org(org).unwrap();
        let mut config = vmware::Config {
            platform: vmware::Platform::Vcsp,
            org_id: tenant.id.clone(),
            endpoint: Url::parse(&simulators.base_url_vmware()).unwrap(),
            invited_by: None,
            expiration_days: None,
            credentials: vmware::Credentials::ApiToken(API_TOKEN.into()),
            max_batch_size: 20,
        };
        configure(&mut config);
        let (connection, calls, limiter) = connection(&simulators);
        let client = vmware::Client::new(config, connection);
        Self { simulators, control, tenant, client, calls, limiter }
    }

    /// Waits until the vendor's asynchronous work is done.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
}

impl Rig<hpe_greenlake::Client> {
    pub(crate) async fn hpe(change: impl FnOnce(&mut HpeWorkspace)) -> Self {
        Self::hpe_with(change, |_| {}).await
    }

    pub(crate) async fn hpe_with(
        change: impl FnOnce(&mut HpeWorkspace),
        configure: impl FnOnce(&mut hpe_greenlake::Config),
    ) -> Self {
        let simulators = Simulators::start(Options::default()).await.unwrap();
        let mut workspace = HpeWorkspace::with(Credential::client(CLIENT_ID, CLIENT_SECRET).owned_by(OWNER));
        change(&mut workspace);
        let control = simulators.control();
        let tenant = control.create_hpe_workspace(workspace).unwrap();
        control.clear_limits(&tenant);
        let mut config = hpe_greenlake::Config {
            workspace_id: tenant.id.clone(),
            endpoint: Url::parse(&simulators.base_url_hpe()).unwrap(),
            token_endpoint: None,
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
        };
        configure(&mut config);
        let (connection, calls, limiter) = connection(&simulators);
        let client = hpe_greenlake::Client::new(config, connection);
        Self { simulators, control, tenant, client, calls, limiter }
    }
}

impl Rig<dynatrace_managed::Client> {
    pub(crate) async fn managed(change: impl FnOnce(&mut ManagedCluster)) -> Self {
        let simulators = Simulators::start(Options::default()).await.unwrap();
        let mut cluster = ManagedCluster::with(Credential::api_token(API_TOKEN).owned_by(OWNER));
        change(&mut cluster);
        let control = simulators.control();
        let tenant = control.create_managed_cluster(cluster).unwrap();
        let config = dynatrace_managed::Config {
            endpoint: Url::parse(&control.managed_url(&tenant).unwrap()).unwrap(),
            api_token: API_TOKEN.into(),
            max_batch_size: 50,
        };
        let (connection, calls, limiter) = connection(&simulators);
        let client = dynatrace_managed::Client::new(config, connection);
        Self { simulators, control, tenant, client, calls, limiter }
    }

    pub(crate) async fn create(&self, people: &[Person]) -> Answer {
        let permit = self.client.permit().await.unwrap();
        self.client.invite(permit, people, &terms()).await
    }

    pub(crate) async fn find_person(&self, person: &Person) -> Option<Presence> {
        self.client.find(person, &NOTHING).await.unwrap()
    }

    pub(crate) fn creations(&self) -> Vec<String> {
        let made = self.control.creations(&Filter::tenant(&self.tenant));
        made.into_iter().map(|creation| creation.email).collect()
    }

    pub(crate) fn knobs(&self, change: impl FnOnce(&mut DynatraceManagedKnobs)) {
        self.control.set_managed_knobs(&self.tenant, change).unwrap();
    }
}

pub(crate) fn connection(simulators: &Simulators) -> (Connection, Arc<Calls>, Arc<Limiter>) {
    let (calls, limiter) = (Arc::new(Calls::default()), wide());
    let connection = Connection {
        transport: Transport::new(&settings(simulators)).unwrap(),
        limiter: Arc::clone(&limiter),
        observer: calls.clone(),
    };
    (connection, calls, limiter)
}

impl<C: VendorClient> Rig<C> {
    pub(crate) async fn invite(&self, people: &[&str]) -> Answer {
        self.invite_as(people, &terms()).await
    }

    pub(crate) async fn invite_as(&self, people: &[&str], terms: &InviteTerms) -> Answer {
        let permit = self.client.permit().await.unwrap();
        self.client.invite(permit, &self::people(people), terms).await
    }

    pub(crate) async fn cancel(&self, targets: &[Target]) -> Answer {
        let permit = self.client.permit().await.unwrap();
        self.client.cancel(permit, targets).await
    }

    pub(crate) async fn remove(&self, targets: &[Target]) -> Answer {
        let permit = self.client.permit().await.unwrap();
        self.client.remove(permit, targets).await
    }

    pub(crate) async fn find(&self, email: &str) -> Option<Presence> {
        self.client.find(&person(email), &NOTHING).await.unwrap()
    }

    /// Everybody, from a reading that has to be complete.
    pub(crate) async fn everybody(&self) -> std::collections::HashMap<String, Presence> {
        let sweep = self.client.sweep(&NOTHING).await.unwrap();
        assert_eq!(sweep.incomplete, None);
        sweep.people
    }

    pub(crate) fn spoil(&self, operation: &str, when: When, fault: Fault) -> u64 {
        let operation = Some(operation.to_owned());
        self.control.add_fault(FaultRule { vendor: None, tenant: None, operation, email: None, when, fault })
    }

    pub(crate) fn operations(&self, operation: &str) -> Vec<Operation> {
        self.control.operations(&Filter { operation: Some(operation.to_owned()), ..Filter::default() })
    }

    pub(crate) fn mails(&self) -> usize {
        self.control.mails(&Filter::tenant(&self.tenant)).len()
    }
}

pub(crate) fn status(status: u16) -> Fault {
    Fault::Status { status, commit: false, body: ErrorBody::Vendor }
}

pub(crate) fn body(spoil: BodyFault) -> Fault {
    Fault::Body { spoil, status: None }
}

/// Fails the test when something takes longer.
pub(crate) fn within(limit: Duration, begin: Instant) {
    assert!(begin.elapsed() < limit, "took {:?}", begin.elapsed());
}
