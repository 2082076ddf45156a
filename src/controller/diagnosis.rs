//! One provider tried out without writing anything: its Secret, whether the vendor accepts it, and the vendor's clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kube::Client;

use super::convert;
use super::credentials::{self, Surroundings};
use super::provider::{matching_account, transport_settings};
use super::trouble::{Trouble, credentials_trouble, vendor_trouble};
use crate::api::{AnyProvider, Reason};
use crate::settings::Settings;
use crate::vendor::{CallObserver, FinishedCall, Limiter, TenantKey, Vendor};

/// What trying a provider out has shown.
#[derive(Debug)]
pub struct Tried {
    /// What it opens, or why it can't be used and what to do.
    pub result: Result<Open, Wrong>,
    /// How far the vendor's clock is ahead of ours, where it answered.
    pub skew: Option<SignedDuration>,
}

/// A provider that works.
#[derive(Debug)]
pub struct Open {
    /// The tenant.
    pub tenant: String,
    /// When the credential ends, where the vendor tells.
    pub expires: Option<Timestamp>,
}

/// A provider that does not work.
#[derive(Debug)]
pub struct Wrong {
    /// In one word.
    pub reason: Reason,
    /// In our own words, with what to do.
    pub message: String,
}

/// Reads the vendor's clock from its answers.
#[derive(Debug, Default)]
struct Clock(Mutex<Option<SignedDuration>>);

impl CallObserver for Clock {
    fn call_finished(&self, call: FinishedCall) {
        if let Some(date) = call.date {
            let skew = date.duration_since(Timestamp::now());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }

    fn waited_for_budget(&self, _: Vendor, _: Duration) {}
}

/// Tries a provider out as the operator would: reads its Secret, gets a token, asks which account it opens.
pub async fn try_out(client: &Client, settings: &Settings, provider: &AnyProvider) -> Tried {
    let clock = Arc::new(Clock::default());
    let result = open(client, settings, provider, clock.clone()).await;
    let skew = *clock.0.lock().unwrap_or_else(PoisonError::into_inner);
    let result = result.map_err(|Trouble { reason, message, .. }| Wrong { reason, message });
    Tried { result, skew }
}

async fn open(
    client: &Client,
    settings: &Settings,
    provider: &AnyProvider,
    observer: Arc<dyn CallObserver>,
) -> Result<Open, Trouble> {
    let limiter = |tenant: &TenantKey| {
        Arc::new(Limiter::new(convert::requests_per_minute(&provider.spec, tenant.vendor)))
    };
    let around = Surroundings {
        client,
        namespace: &settings.operator_namespace(),
        transport: transport_settings(settings),
        observer,
        limiter: &limiter,
    };
    let opened = match credentials::open(provider, None, &around).await {
        Ok((Some(opened), _)) => opened,
        Ok((None, _)) => return Err(super::trouble::credential_refused()),
        Err(error) => return Err(credentials_trouble(&error)),
    };
    let account = opened.client.verify().await.map_err(|error| vendor_trouble(&error))?;
    matching_account(&account, &opened.tenant)?;
    Ok(Open { tenant: opened.tenant.to_string(), expires: account.credential_expires })
}
