//! One vendor's part of a test: a tenant with its provider, and what that provider says it can do. What a test expects
//! follows from that, so that one text is played at every vendor.

use futures::future::join_all;
use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{Abilities, Case, Expiry, Policy, Stand};
use vendor_simulators::{Fault, FaultRule, Filter, PersonAction, Standing, TenantId, When};

use crate::place::Place;

/// Longer ago than any invitation can be accepted.
const LONG_AGO: &str = "2020-02-02T02:02:02Z";

/// A vendor's part. People have short names; the names of their objects end in the vendor's, their addresses do not.
pub struct Stage {
    place: Place,
    /// The vendor, and how to speak to it.
    pub case: &'static Case,
    name: String,
    /// Its tenant.
    pub tenant: TenantId,
    /// What the running provider says of it.
    pub can: Abilities,
}

/// Plays at all stages side by side.
pub async fn each(stages: &[Stage], play: impl AsyncFn(&Stage)) {
    join_all(stages.iter().map(|stage| play(stage))).await;
}

/// Somebody's address.
pub fn address(who: &str) -> String {
    format!("{who}@example.com")
}

impl Stage {
    /// Makes a tenant with its provider, and asks the provider what it can do.
    pub async fn set(place: &Place, case: &'static Case, name: &str, spec: Value) -> Self {
        let tenant = case.open(place, name, spec).await;
        let told = |provider: &Value| Abilities::of(provider).is_some();
        let provider =
            place.client.wait_for(&place.provider_path(name), WAIT, "it says what it can", told).await;
        let can = Abilities::of(&provider).expect("it was waited for");
        Self { place: place.clone(), case, name: name.to_owned(), tenant, can }
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.name
    }

    /// The name of somebody's object.
    pub fn object(&self, who: &str) -> String {
        format!("{who}-{}", self.name)
    }

    /// Declares a person, with what the vendor has to be told.
    pub async fn declare(&self, who: &str, spec: Value) {
        self.declare_as(who, &address(who), spec).await;
    }

    /// The same with another address.
    pub async fn declare_as(&self, who: &str, email: &str, spec: Value) {
        self.place.invite(&self.object(who), self.provider(), email, self.case.spec(spec)).await;
    }

    /// Declares a person and waits until the invitation is out.
    pub async fn invite(&self, who: &str, spec: Value) -> Value {
        self.declare(who, spec).await;
        self.wait_for(who, Stand::Invited).await
    }

    /// Waits until the object says that the person stands so.
    pub async fn wait_for(&self, who: &str, stand: Stand) -> Value {
        let (state, reason) = self.can.state(stand);
        self.wait(who, state, reason).await
    }

    /// Waits for a state with its reason.
    pub async fn wait(&self, who: &str, state: &str, reason: &str) -> Value {
        self.place.wait(&self.object(who), state, reason).await
    }

    /// Waits for a state.
    pub async fn wait_for_state(&self, who: &str, state: &str) -> Value {
        self.place.wait_for_state(&self.object(who), state).await
    }

    /// Waits until the status has this value for this field.
    pub async fn wait_status(&self, who: &str, field: &str, value: &str) -> Value {
        self.place.wait_status(&self.object(who), field, value).await
    }

    /// Waits until nothing will change unless somebody does something.
    pub async fn wait_stalled(&self, who: &str) -> Value {
        self.place.wait_stalled(&self.object(who)).await
    }

    /// Waits until the object is gone.
    pub async fn wait_gone(&self, who: &str) {
        self.place.client.wait_gone(&self.place.invitation_path(&self.object(who)), WAIT).await;
    }

    /// The person accepts, where that is a thing; answers the object that says so.
    pub async fn accept(&self, who: &str) -> Value {
        if self.can.acceptance {
            self.place.vendors.accept(&self.tenant, &address(who)).expect("the person is invited");
        }
        self.wait_for(who, Stand::Member).await
    }

    /// The invitation runs out; answers the object that says so. Where the vendor is silent about it, and only the
    /// operator reckons, what it remembers of the sending is moved into the past.
    pub async fn expire(&self, who: &str) -> Value {
        self.place.vendors.expire(&self.tenant, &address(who)).expect("the person is invited");
        if self.can.expiry == Expiry::OwnClock {
            self.patch_status(who, &json!({"invitedTime": LONG_AGO})).await;
        }
        self.wait_for(who, Stand::Expired).await
    }

    /// Lets something happen at the vendor.
    pub fn act(&self, who: &str, action: &PersonAction) {
        let done = self.place.vendors.act(&self.tenant, &address(who), action);
        done.unwrap_or_else(|error| panic!("{self}: {action:?} of {who}: {error}"));
    }

    /// Changes an object's status behind the operator's back.
    pub async fn patch_status(&self, who: &str, status: &Value) {
        let path = format!("{}/status", self.place.invitation_path(&self.object(who)));
        let patched = self.place.client.merge_patch(&path, &json!({"status": status})).await;
        patched.expect("an administrator may");
    }

    /// One object as it is now.
    pub async fn invitation(&self, who: &str) -> Value {
        self.place.invitation(&self.object(who)).await
    }

    /// Changes an object's spec.
    pub async fn edit(&self, who: &str, spec: Value) {
        self.place.edit(&self.object(who), spec).await;
    }

    /// Annotates an object.
    pub async fn annotate(&self, who: &str, annotations: Value) {
        self.place.annotate(&self.object(who), &annotations).await;
    }

    /// Asks for another invitation, and waits until that is served.
    pub async fn resend(&self, who: &str, value: &str) {
        self.annotate(who, json!({"userinvitation.dev/resend-requested-at": value})).await;
        self.wait_status(who, "lastHandledResendAt", value).await;
    }

    /// Changes the provider's spec.
    pub async fn edit_provider(&self, spec: Value) {
        self.place.edit_provider(self.provider(), spec).await;
    }

    /// Waits until the provider is ready for a reason.
    pub async fn wait_for_provider(&self, reason: &str) -> Value {
        self.place.wait_for_provider(self.provider(), reason).await
    }

    /// Requests the deletion of an object.
    pub async fn delete(&self, who: &str) {
        self.place.delete(&self.object(who)).await;
    }

    /// Deletes an object, and waits until it is gone.
    pub async fn delete_and_wait(&self, who: &str) {
        self.place.delete_and_wait(&self.object(who)).await;
    }

    /// Waits for an event.
    pub async fn wait_event(&self, who: &str, reason: &str) -> String {
        self.place.wait_event(&self.object(who), reason).await
    }

    /// Where the vendor has the person.
    pub fn standing(&self, who: &str) -> Option<Standing> {
        self.place.standing(&self.tenant, &address(who))
    }

    /// Whether the vendor has the person, invited or as a member.
    pub fn has(&self, who: &str) -> bool {
        match self.standing(who) {
            Some(Standing::Invited | Standing::Expired | Standing::Member | Standing::Blocked) => true,
            Some(Standing::Revoked | Standing::Declined | Standing::Removed | Standing::Leaving) | None => {
                false
            }
        }
    }

    /// Whether the vendor has the person as it has to after a deletion with this policy of somebody who stood so.
    pub fn is_kept_as(&self, policy: Policy, stand: Stand, who: &str) {
        let taken_away = self.can.on_delete(policy, stand).takes_away();
        let expected = (!taken_away).then(|| self.can.standing(stand));
        let there = self.standing(who).filter(|_| self.has(who));
        assert_eq!(there, expected, "{self}: {who}, {policy:?}, {stand:?}");
    }

    /// Mails to a person.
    pub fn mails(&self, who: &str) -> usize {
        self.place.mails(&self.tenant, &address(who))
    }

    /// Mails to everybody.
    pub fn all_mails(&self) -> usize {
        self.place.all_mails(&self.tenant)
    }

    /// Calls that change something.
    pub fn writes(&self) -> usize {
        self.place.writes(&self.tenant)
    }

    /// Calls of some operations.
    pub fn calls(&self, operations: &[&str]) -> usize {
        operations.iter().map(|operation| self.place.calls(&self.tenant, operation)).sum()
    }

    /// Calls that invite a person.
    pub fn invites_of(&self, who: &str) -> usize {
        let of = |operation: &&str| Filter::tenant(&self.tenant).operation(*operation).email(address(who));
        let invites = self.case.calls.invite.iter();
        invites.map(|operation| self.place.vendors.count_operations(&of(operation))).sum()
    }

    /// Calls that are not known to read only.
    pub fn not_only_read(&self) -> Vec<String> {
        self.place.not_only_read(&self.tenant)
    }

    /// Waits until the operator has looked at everybody this many times more.
    pub async fn sweeps(&self, count: usize) {
        self.place.sweeps(&self.tenant, count).await;
    }

    /// Two sweeps pass, and neither the vendor nor an object of its people gets a write.
    pub async fn stays_quiet(&self) {
        let own = format!("-{}", self.name);
        let written = || {
            let requests = self.place.requests();
            let patched = requests.iter().filter(|r| r.resource == "userinvitations" && r.verb == "patch");
            patched.filter(|request| request.name.ends_with(&own)).count()
        };
        self.sweeps(1).await;
        let before = (self.writes(), written());
        self.sweeps(2).await;
        assert_eq!((self.writes(), written()), before, "{self}: writes in quiet times");
    }

    /// Sets a fault for some operations of the tenant.
    pub fn spoil(&self, operations: &[&str], fault: &Fault, when: When) {
        for operation in operations {
            let rule = FaultRule::on(*operation, fault.clone()).tenant(&self.tenant).when(when);
            self.place.vendors.add_fault(rule);
        }
    }

    /// Lifts the tenant's faults.
    pub fn heal(&self) {
        let own = self.place.vendors.faults();
        for fault in own.iter().filter(|fault| fault.rule.tenant.as_ref() == Some(&self.tenant.id)) {
            self.place.vendors.remove_fault(fault.id);
        }
    }

    /// Says that Ready is true.
    pub fn is_ready(&self, object: &Value) {
        assert_eq!(condition(object, "Ready")["status"], "True", "{self}: {}", object["status"]);
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.case)
    }
}
