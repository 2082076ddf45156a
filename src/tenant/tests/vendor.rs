//! A vendor that shows effects late, loses answers, lies and refuses, as a test asks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use crate::tenant::WriteKind;
use crate::vendor::{
    AccessChange, Account, Answer, Capabilities, EditCalls, ErrorClass, Expiry, GrantKind, InviteTerms,
    MemberAnswer, Permit, Person, Presence, Refusal, Resend, Standing, Support, Sweep, Target, VendorClient,
    VendorError, Watched,
};

/// What the next writing call does and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// Does it and says so.
    Yes,
    /// Says so, and does nothing.
    Lie,
    /// Does it, and the answer is lost.
    Lost,
    /// Does nothing, and the answer is lost.
    Dropped,
    Refuse(ErrorClass),
    /// No connection.
    NotSent,
    /// Nobody's users can be changed here.
    External,
    /// Does it, and leaves the people out of its answer.
    Silence,
}

#[derive(Debug, Clone)]
struct Row {
    presence: Presence,
    shown_from: Instant,
    gone_from: Option<Instant>,
    accepted: Option<Instant>,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub at: Instant,
    pub kind: WriteKind,
    pub people: Vec<String>,
}

#[derive(Debug, Default)]
pub struct State {
    rows: HashMap<String, Row>,
    ids: u64,
    pub says: VecDeque<Say>,
    /// How long an effect stays hidden.
    pub lag: Duration,
    /// How long a call takes.
    pub call_takes: Duration,
    pub look_takes: Duration,
    /// Why sweeps prove no absence.
    pub incomplete: Option<&'static str>,
    /// People whom sweeps leave out.
    pub hidden: HashSet<String>,
    pub looks_fail: bool,
    pub finds_fail: bool,
    pub permits_fail: bool,
    pub calls: Vec<Call>,
    pub mails: Vec<String>,
    pub sweeps: Vec<Instant>,
    pub finds: Vec<(Instant, String)>,
    /// Members who were taken away by a call that was to take back an invitation.
    pub wronged: Vec<String>,
}

#[derive(Debug)]
pub struct FakeVendor {
    state: Arc<Mutex<State>>,
    can: Capabilities,
    /// The process that holds this client was killed: nothing ever ends for it any more.
    pub dead: AtomicBool,
}

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

pub fn presence(standing: Standing, id: &str) -> Presence {
    Presence {
        standing,
        user_id: Some(format!("user-{id}")),
        invitation_id: Some(format!("invitation-{id}")),
        open_invitations: 1,
        fingerprint: format!("{standing:?} {id}"),
        vendor_status: "WORD".to_owned(),
        invited: None,
        expires: None,
        held: None,
    }
}

fn unusable() -> VendorError {
    VendorError::NoAnswer { host: "vendor.example.com".to_owned(), cause: "time-out" }
}

impl FakeVendor {
    pub fn new(can: Capabilities) -> Self {
        Self { state: Arc::default(), can, dead: AtomicBool::new(false) }
    }

    /// The same vendor as another process sees it.
    pub fn again(&self) -> Self {
        Self { state: Arc::clone(&self.state), can: self.can, dead: AtomicBool::new(false) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Somebody is in the tenant, by whatever way.
    pub fn put(&self, email: &str, standing: Standing, id: &str) {
        let row = Row {
            presence: presence(standing, id),
            shown_from: Instant::now(),
            gone_from: None,
            accepted: None,
        };
        self.state().rows.insert(email.to_owned(), row);
    }

    pub fn accept(&self, email: &str) {
        if let Some(row) = self.state().rows.get_mut(email).filter(|row| row.gone_from.is_none()) {
            row.presence.standing = Standing::Member;
            row.accepted = Some(Instant::now());
            row.presence.fingerprint = format!("member {}", row.presence.fingerprint);
        }
    }

    pub fn take_out(&self, email: &str) {
        self.state().rows.remove(email);
    }

    /// What is there in truth, shown or not.
    pub fn truth(&self, email: &str) -> Option<Standing> {
        self.state().rows.get(email).filter(|row| row.gone_from.is_none()).map(|row| row.presence.standing)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    pub fn mails_to(&self, email: &str) -> usize {
        self.state().mails.iter().filter(|mail| *mail == email).count()
    }

    async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            sleep(time).await;
        }
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    async fn write(
        &self,
        kind: WriteKind,
        people: &[&str],
        effect: impl Fn(&mut State, &str, Instant),
    ) -> Answer {
        let takes = self.state().call_takes;
        let say = {
            let mut state = self.state();
            let say = state.says.pop_front().unwrap_or(Say::Yes);
            let people = people.iter().map(|&key| key.to_owned()).collect();
            state.calls.push(Call { at: Instant::now(), kind, people });
            say
        };
        // What was sent arrives, whatever becomes of the sender.
        sleep(takes / 2).await;
        if matches!(say, Say::Yes | Say::Lost | Say::Silence) {
            let mut state = self.state();
            let shown = Instant::now() + state.lag;
            for &key in people {
                effect(&mut state, key, shown);
            }
        }
        self.wait(takes / 2).await;
        let member = match say {
            Say::Silence => return Answer::default(),
            Say::Yes | Say::Lie => MemberAnswer::Accepted { user_id: None },
            Say::Lost | Say::Dropped => MemberAnswer::Ambiguous(unusable()),
            Say::Refuse(class) => MemberAnswer::Refused(Refusal { class, status: 400, code: None }),
            Say::External => MemberAnswer::NotSent(VendorError::ExternallyManaged {
                host: "vendor.example.com".to_owned(),
            }),
            Say::NotSent => MemberAnswer::NotSent(VendorError::Connect {
                host: "vendor.example.com".to_owned(),
                cause: "refused",
            }),
        };
        Answer::all(people.iter().copied(), &member)
    }
}

fn is_shown(row: &Row, now: Instant) -> bool {
    row.shown_from <= now && row.gone_from.is_none_or(|gone| now < gone)
}

fn gone(state: &mut State, key: &str, shown: Instant) {
    if let Some(row) = state.rows.get_mut(key) {
        row.gone_from.get_or_insert(shown);
    }
}

#[async_trait]
impl VendorClient for FakeVendor {
    fn capabilities(&self) -> Capabilities {
        self.can
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        Ok(Account { id: "org".to_owned(), name: None, own_login: None, credential_expires: None })
    }

    async fn sweep(&self, _: &Watched) -> Result<Sweep, VendorError> {
        let takes = self.state().look_takes;
        self.state().sweeps.push(Instant::now());
        self.wait(takes).await;
        let now = Instant::now();
        let state = self.state();
        if state.looks_fail {
            return Err(unusable());
        }
        let people = state
            .rows
            .iter()
            .filter(|(key, row)| is_shown(row, now) && !state.hidden.contains(*key))
            .map(|(key, row)| (key.clone(), row.presence.clone()))
            .collect();
        Ok(Sweep { people, incomplete: state.incomplete })
    }

    async fn find(&self, person: &Person, _: &Watched) -> Result<Option<Presence>, VendorError> {
        let takes = self.state().look_takes;
        self.state().finds.push((Instant::now(), person.key().to_owned()));
        self.wait(takes).await;
        let now = Instant::now();
        let state = self.state();
        if state.looks_fail || state.finds_fail {
            return Err(unusable());
        }
        Ok(state.rows.get(person.key()).filter(|row| is_shown(row, now)).map(|row| row.presence.clone()))
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        self.wait(Duration::ZERO).await;
        if self.state().permits_fail {
            return Err(VendorError::Paused { remaining: Duration::from_secs(30) });
        }
        Ok(Permit::new("Bearer token".to_owned().into()))
    }

    async fn invite(&self, _: Permit, people: &[Person], _: &InviteTerms) -> Answer {
        let people: Vec<&str> = people.iter().map(Person::key).collect();
        self.write(WriteKind::Invite, &people, |state, key, shown| {
            state.ids += 1;
            let id = state.ids.to_string();
            let row = Row {
                presence: presence(Standing::Pending, &id),
                shown_from: shown,
                gone_from: None,
                accepted: None,
            };
            state.rows.insert(key.to_owned(), row);
            state.mails.push(key.to_owned());
        })
        .await
    }

    async fn cancel(&self, _: Permit, targets: &[Target]) -> Answer {
        let people: Vec<&str> = targets.iter().map(|target| target.email.key()).collect();
        let (begun, removes) = (Instant::now(), self.can.cancel_is_remove);
        self.write(WriteKind::Cancel, &people, |state, key, shown| {
            let accepted = state.rows.get(key).and_then(|row| row.accepted);
            if accepted.is_some() && !removes {
                return;
            }
            if accepted.is_some_and(|accepted| accepted < begun) {
                state.wronged.push(key.to_owned());
            }
            gone(state, key, shown);
        })
        .await
    }

    async fn remove(&self, _: Permit, targets: &[Target]) -> Answer {
        let people: Vec<&str> = targets.iter().map(|target| target.email.key()).collect();
        self.write(WriteKind::Remove, &people, gone).await
    }

    async fn edit(&self, _: Permit, _: &Target, _: &AccessChange) -> MemberAnswer {
        MemberAnswer::Refused(Refusal { class: ErrorClass::Unsupported, status: 0, code: None })
    }
}
