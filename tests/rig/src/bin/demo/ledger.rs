//! The truth at the end: how many mails the vendors sent to whom, and how many that should be.

use std::collections::BTreeMap;

use vendor_simulators::{Control, Filter, TenantId, Vendor};

use crate::screen;

/// What the story promised.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    promises: Vec<Promise>,
}

#[derive(Debug)]
struct Promise {
    tenant: TenantId,
    email: String,
    mails: usize,
    why: &'static str,
}

impl Ledger {
    /// One mail, and not a second one, whatever happens.
    pub(crate) fn one_mail(&mut self, tenant: &TenantId, email: &str, why: &'static str) {
        self.promise(tenant, email, 1, why);
    }

    /// No mail at all.
    pub(crate) fn no_mail(&mut self, tenant: &TenantId, email: &str, why: &'static str) {
        self.promise(tenant, email, 0, why);
    }

    fn promise(&mut self, tenant: &TenantId, email: &str, mails: usize, why: &'static str) {
        self.promises.push(Promise { tenant: tenant.clone(), email: email.to_lowercase(), mails, why });
    }

    /// Prints every person with the mails sent; whether all promises were kept and nobody else got any.
    pub(crate) fn settle(&self, vendors: &Control) -> bool {
        let mut sent: BTreeMap<(TenantId, String), usize> = BTreeMap::new();
        for mail in vendors.mails(&Filter::default()) {
            *sent.entry((mail.tenant, mail.email)).or_default() += 1;
        }
        let mut good = true;
        let mut rows = Vec::new();
        for promise in &self.promises {
            let mails = sent.remove(&(promise.tenant.clone(), promise.email.clone())).unwrap_or_default();
            good &= mails == promise.mails;
            let verdict = if mails == promise.mails { "ok" } else { "WRONG" };
            rows.push(row(&promise.tenant, &promise.email, mails, promise.why, verdict));
        }
        for ((tenant, email), mails) in sent {
            good = false;
            rows.push(row(&tenant, &email, mails, "nobody asked for this", "WRONG"));
        }
        screen::table(&["TENANT", "PERSON", "MAILS", "WHAT HAPPENED", ""], &rows);
        good
    }
}

fn row(tenant: &TenantId, email: &str, mails: usize, why: &str, verdict: &str) -> Vec<String> {
    let vendor = match tenant.vendor {
        Vendor::Hpe => "HPE",
        Vendor::Vmware => "VMware",
        Vendor::AppXite => "AppXite",
        Vendor::Managed => "Dynatrace Managed",
        Vendor::Saas => "SaaS",
    };
    let id: String = tenant.id.chars().take(8).collect();
    vec![format!("{vendor} {id}"), email.to_owned(), mails.to_string(), why.to_owned(), verdict.to_owned()]
}
