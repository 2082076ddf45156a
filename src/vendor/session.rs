//! Calls of one credential: budget, token, transport and observer brought together.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use super::Vendor;
use super::answer::{MemberAnswer, Refusal};
use super::client::Permit;
use super::credential::{TokenEndpoint, shows};
use super::error::{ErrorClass, VendorError};
use super::limiter::Limiter;
use super::observe::{CallObserver, CallOutcome, FinishedCall, Operation};
use super::token::{Grant, TokenCache};
use super::transport::{Reply, Request, Transport, status_class};
use crate::telemetry::SPANS;

/// What a client needs of the outside.
#[derive(Debug, Clone)]
pub struct Connection {
    /// How the vendor is reached.
    pub transport: Transport,
    /// The tenant's budget; the same one for every client of a tenant.
    pub limiter: Arc<Limiter>,
    /// Sees every call.
    pub observer: Arc<dyn CallObserver>,
}

#[derive(Debug)]
pub(super) struct Session {
    vendor: Vendor,
    connection: Connection,
    credential: Credential,
    /// Fields of an error body that may hold the vendor's code, in order.
    code_fields: &'static [&'static str],
}

/// What calls are authorized with.
#[derive(Debug)]
enum Credential {
    /// Tokens that an endpoint gives for it.
    Exchanged {
        endpoint: TokenEndpoint,
        tokens: Box<TokenCache>,
        /// Whether the endpoint is on the API's host and so takes from the same budget.
        takes_budget: bool,
    },
    /// Itself, as the value of the authorization header.
    Fixed { authorization: SecretString, host: String },
}

impl Session {
    pub(super) fn new(
        vendor: Vendor,
        api_host: &str,
        connection: Connection,
        endpoint: TokenEndpoint,
        code_fields: &'static [&'static str],
    ) -> Self {
        let takes_budget = endpoint.host() == api_host;
        let credential = Credential::Exchanged { endpoint, tokens: Box::default(), takes_budget };
        Self { vendor, connection, credential, code_fields }
    }

    /// For a credential that goes with each call as it is: the value of the authorization header. `api_host` is who
    /// refuses it.
    pub(super) const fn fixed(
        vendor: Vendor,
        api_host: String,
        connection: Connection,
        authorization: SecretString,
    ) -> Self {
        let credential = Credential::Fixed { authorization, host: api_host };
        Self { vendor, connection, credential, code_fields: &[] }
    }

    /// Makes a call that changes nothing. A 401 renews the token and tries once more. Only success statuses are
    /// replies.
    pub(super) async fn read(&self, operation: Operation, request: Request) -> Result<Reply, VendorError> {
        let mut renewed = false;
        loop {
            let authorization = self.authorized().await?;
            let reply = self.call(operation, request.clone().authorization(authorization.clone())).await?;
            if reply.is_success() {
                return Ok(reply);
            }
            if reply.status() == 401 {
                match &self.credential {
                    Credential::Exchanged { tokens, .. } => tokens.invalidate(&authorization),
                    Credential::Fixed { host, .. } => {
                        return Err(VendorError::CredentialRefused { host: host.clone(), status: 401 });
                    }
                }
                if !renewed {
                    renewed = true;
                    continue;
                }
            }
            return Err(self.failure(&reply, status_class(reply.status()), &authorization));
        }
    }

    /// The value of the authorization header as it is now.
    pub(super) async fn authorization(&self) -> Result<SecretString, VendorError> {
        match &self.credential {
            Credential::Exchanged { endpoint, tokens, takes_budget } => {
                tokens.get(self.fetch(endpoint, *takes_budget)).await
            }
            Credential::Fixed { authorization, .. } => Ok(authorization.clone()),
        }
    }

    /// Budget and token for one writing call.
    pub(super) async fn permit(&self) -> Result<Permit, VendorError> {
        Ok(Permit::new(self.authorized().await?))
    }

    /// Makes a writing call, once. `Err`: there was no answer.
    pub(super) async fn write(
        &self,
        operation: Operation,
        permit: &Permit,
        request: Request,
    ) -> Result<Reply, MemberAnswer> {
        if let Some(remaining) = self.connection.limiter.blocked_for() {
            return Err(MemberAnswer::NotSent(VendorError::Paused { remaining }));
        }
        let request = request.authorization(permit.authorization().clone());
        match self.call(operation, request).await {
            Ok(reply) => {
                if let Credential::Exchanged { tokens, .. } = &self.credential
                    && reply.status() == 401
                {
                    tokens.invalidate(permit.authorization());
                }
                Ok(reply)
            }
            Err(error @ (VendorError::Connect { .. } | VendorError::AddressNotAllowed { .. })) => {
                Err(MemberAnswer::NotSent(error))
            }
            Err(error) => Err(MemberAnswer::Ambiguous(error)),
        }
    }

    /// What an answer to a writing call about one person means: `refusals` are the documented statuses that say
    /// that nothing was done, each with its class. Any other failure may have had an effect.
    pub(super) fn refusal(
        &self,
        reply: &Reply,
        permit: &Permit,
        refusals: &[(u16, ErrorClass)],
    ) -> MemberAnswer {
        let documented = refusals.iter().find(|(status, _)| *status == reply.status());
        let class = documented.map_or(ErrorClass::Ambiguous, |(_, class)| *class);
        let error = self.failure(reply, class, permit.authorization());
        match error {
            VendorError::Status { status, code, class, .. } if documented.is_some() => {
                MemberAnswer::Refused(Refusal { class, status, code })
            }
            error => MemberAnswer::Ambiguous(error),
        }
    }

    /// What an answer to a writing call about several people means when it names none of them.
    pub(super) fn unclear(&self, reply: &Reply, permit: &Permit) -> MemberAnswer {
        let class = match status_class(reply.status()) {
            ErrorClass::Transient => ErrorClass::Ambiguous,
            class => class,
        };
        MemberAnswer::Ambiguous(self.failure(reply, class, permit.authorization()))
    }

    /// A token and a place in the budget, both good at the same time.
    async fn authorized(&self) -> Result<SecretString, VendorError> {
        loop {
            let authorization = self.authorization().await?;
            self.place().await;
            let is_current = match &self.credential {
                Credential::Exchanged { tokens, .. } => tokens.is_current(&authorization),
                Credential::Fixed { .. } => true,
            };
            if is_current {
                return Ok(authorization);
            }
        }
    }

    async fn place(&self) {
        let begin = Instant::now();
        self.connection.limiter.acquire().await;
        self.connection.observer.waited_for_budget(self.vendor, begin.elapsed());
    }

    async fn fetch(&self, endpoint: &TokenEndpoint, takes_budget: bool) -> Result<Grant, VendorError> {
        let mut refused = 401;
        for (index, request) in endpoint.requests() {
            if takes_budget {
                self.place().await;
            } else {
                self.connection.limiter.unpaused().await;
            }
            let reply = self.call(Operation::Token, request).await?;
            match reply.status() {
                200..=299 => return endpoint.accept(index, &reply),
                400 | 401 | 415 => refused = reply.status(),
                403 => {
                    refused = 403;
                    break;
                }
                status => {
                    return Err(self.failure(&reply, status_class(status), &SecretString::default()));
                }
            }
        }
        Err(VendorError::CredentialRefused { host: endpoint.host(), status: refused })
    }

    /// Makes one call and tells observer and limiter how it went.
    async fn call(&self, operation: Operation, request: Request) -> Result<Reply, VendorError> {
        let begin = Instant::now();
        let takes_budget = match &self.credential {
            Credential::Exchanged { takes_budget, .. } => operation != Operation::Token || *takes_budget,
            Credential::Fixed { .. } => true,
        };
        let span = info_span!(target: SPANS, "vendor_call", vendor = %self.vendor, operation = operation.as_str(),
            status = Empty, outcome = Empty);
        let result = self.connection.transport.send(request).instrument(span.clone()).await;
        let outcome = match &result {
            Ok(reply) if reply.is_success() => CallOutcome::Success,
            Ok(reply) => CallOutcome::Failed(status_class(reply.status())),
            Err(VendorError::Connect { .. } | VendorError::AddressNotAllowed { .. }) => CallOutcome::NotSent,
            Err(error) => CallOutcome::Failed(error.class()),
        };
        span.record("outcome", outcome.as_str());
        if let Ok(reply) = &result {
            span.record("status", reply.status());
        }
        self.connection.observer.call_finished(FinishedCall {
            vendor: self.vendor,
            operation,
            outcome,
            status: result.as_ref().ok().map(Reply::status),
            date: result.as_ref().ok().and_then(Reply::date),
            duration: begin.elapsed(),
        });
        if let Ok(reply) = &result
            && (takes_budget || reply.status() == 429)
        {
            self.connection.limiter.learn(reply.status(), reply.headers());
        }
        result
    }

    fn failure(&self, reply: &Reply, class: ErrorClass, authorization: &SecretString) -> VendorError {
        // what the limiter has made of the headers, or of their absence
        let retry_after =
            matches!(reply.status(), 429 | 503).then(|| self.connection.limiter.blocked_for()).flatten();
        let mut error = reply.failure(class, self.code_fields, retry_after);
        if let VendorError::Status { code, .. } = &mut error {
            let value = authorization.expose_secret();
            let token: SecretString =
                value.split_once(' ').map_or(value, |(_, token)| token).to_owned().into();
            let given = |code: &String| match &self.credential {
                Credential::Exchanged { endpoint, .. } => endpoint.is_shown_in(code),
                Credential::Fixed { .. } => false,
            };
            let shown = |code: &String| given(code) || shows(code, &token);
            *code = code.take().filter(|code| !shown(code));
        }
        error
    }
}
