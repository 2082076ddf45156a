//! The vendors that tests go through in turn. What stands here is how to speak to a vendor's simulator and to its log,
//! and nothing of what to expect: that a provider says itself ([`Abilities`]). A further vendor is one more file, and one
//! more entry of [`CASES`].

mod abilities;
mod appxite;
mod hpe;
mod managed;
mod saas;
mod vmware;

use std::fmt;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use vendor_simulators::{TenantId, Vendor};

pub use abilities::{Abilities, Expiry, OnDelete, Policy, Resend, Stand};

use crate::lab::{Namespace, merge};

/// Every vendor, and AppXite in both ways: as it is documented, and with a path that removes people.
pub const CASES: [&Case; 6] =
    [&vmware::CASE, &hpe::CASE, &appxite::DOCUMENTED, &appxite::WITH_REMOVAL, &managed::CASE, &saas::CASE];

/// VMware Cloud Services, for tests that need one vendor.
pub const VMWARE: &Case = &vmware::CASE;

/// HPE GreenLake, for tests that need a vendor with one person a call.
pub const HPE: &Case = &hpe::CASE;

/// One vendor, in one of the ways that it can be set up.
pub struct Case {
    /// Whose simulator.
    pub vendor: Vendor,
    /// The name of its providers, a part of the names of its objects.
    pub name: &'static str,
    /// Its operations, in the words of the simulator's log.
    pub calls: Calls,
    /// What the simulator can let happen.
    pub happens: Happens,
    /// What an invitation has to say beside the address: fields of its spec.
    pub asks: &'static [(&'static str, &'static str)],
    /// Where the documentation says what it can do: the page, and the column of its table.
    pub page: (&'static str, &'static str),
    /// Access that can be asked for, in the words of the vendor's block.
    pub access: fn(&TenantId) -> Value,
    /// What the simulator then shows a member to hold.
    pub held: &'static [&'static str],
    /// Makes a tenant at the simulator, with Secret and provider of this name; the spec is merged into the provider's.
    make: for<'a> fn(&'a Namespace, &'a str, Value) -> BoxFuture<'a, TenantId>,
}

/// Operations of a vendor.
pub struct Calls {
    /// What sweeps consist of; the last one is part of each.
    pub sweep: &'static [&'static str],
    /// What is asked with another method than GET, and changes nothing.
    pub reads: &'static [&'static str],
    /// Tokens, where there are any.
    pub token: Option<&'static str>,
    /// Inviting people.
    pub invite: &'static [&'static str],
    /// Taking back invitations.
    pub cancel: &'static [&'static str],
    /// Removing members.
    pub remove: &'static [&'static str],
    /// Changing what somebody holds.
    pub edit: &'static [&'static str],
}

impl Calls {
    /// Everything that changes something for somebody.
    pub fn writes(&self) -> impl Iterator<Item = &'static str> {
        // Where one call takes back and removes, it counts once.
        let removes = self.remove.iter().filter(|call| !self.cancel.contains(call));
        [self.invite, self.cancel, self.edit].into_iter().flatten().chain(removes).copied()
    }

    /// Whether an operation changes something for somebody.
    pub fn is_write(&self, operation: &str) -> bool {
        self.writes().any(|write| write == operation)
    }

    /// The call that is part of every sweep.
    pub fn sweeps_by(&self) -> &'static str {
        self.sweep.last().copied().expect("a sweep has a call")
    }
}

/// What the simulator of a vendor can let happen, since the vendor's contract knows it.
#[derive(Debug, Clone, Copy)]
pub struct Happens {
    /// People with an account of their own become members at once.
    pub accounts: bool,
    /// Members are blocked, and the block is lifted.
    pub blocks: bool,
    /// Members are suspended, another word for it.
    pub suspends: bool,
    /// People decline.
    pub declines: bool,
    /// Whoever is made anew has another id than before.
    pub new_ids: bool,
}

/// The operations of a vendor.
pub fn calls_of(vendor: Vendor) -> &'static Calls {
    let case = CASES.iter().find(|case| case.vendor == vendor);
    &case.unwrap_or_else(|| panic!("{vendor:?} is in no case")).calls
}

impl Case {
    /// Makes a tenant with its provider of this name, and answers it.
    pub async fn open(&self, namespace: &Namespace, name: &str, spec: Value) -> TenantId {
        // Whose credential it is, not every vendor tells; without that nobody may be removed.
        let mut whole = json!({"policy": {"protectedEmails": ["owner@example.com"]}});
        merge(&mut whole, spec);
        (self.make)(namespace, name, whole).await
    }

    /// The spec of an invitation with what this vendor has to be told.
    pub fn spec(&self, spec: Value) -> Value {
        let mut whole = json!({});
        for (field, value) in self.asks {
            whole[*field] = json!(value);
        }
        merge(&mut whole, spec);
        whole
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
