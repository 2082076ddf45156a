//! The way of one request: recognise, log, spoil, limit, perform, spoil again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    clock::{Clock, lock},
    faults::{Drop, Fault},
    http::{Reply, Request},
    operations::Ending,
    spoil,
    vendor::{Call, Context, TenantId, Vendor},
    world::World,
};

/// What the server must do with a request.
pub(crate) enum Outcome {
    Reply(Reply),
    Drop(Drop),
}

/// The pipeline of one vendor.
pub(crate) struct Pipeline {
    world: Arc<World>,
    vendor: Vendor,
    /// The tenant at whose own address it listens.
    door: Option<String>,
}

impl Pipeline {
    pub(crate) fn new(world: Arc<World>, vendor: Vendor) -> Self {
        Self { world, vendor, door: None }
    }

    /// The same for an address that belongs to one tenant.
    pub(crate) fn at_door_of(mut self, tenant: &TenantId) -> Self {
        self.door = Some(tenant.id.clone());
        self
    }

    /// Handles one request and logs how it ended.
    pub(crate) async fn handle(&self, mut request: Request) -> Outcome {
        request.door.clone_from(&self.door);
        let call = self.world.api(self.vendor).identify(&request);
        let sequence = lock(&self.world.operations).begin(self.vendor, &request, &call);
        let tenant = call.tenant.clone().map(|id| TenantId { vendor: self.vendor, id });
        if let Some(tenant) = &tenant {
            lock(&self.world.limits).check(tenant, call.operation, sequence, Clock::real());
        }
        let faults = lock(&self.world.faults).take(self.vendor, &call);
        let outcome = self.run(&request, &call, tenant.as_ref(), sequence, &faults).await;
        lock(&self.world.operations).update(sequence, |entry| {
            entry.ended = Some(Clock::real());
            entry.faulted = !faults.is_empty();
            match &outcome {
                Outcome::Reply(reply) => {
                    entry.status = Some(reply.status);
                    entry.ending = Ending::Answered;
                }
                Outcome::Drop(_) => entry.ending = Ending::Dropped,
            }
        });
        outcome
    }

    async fn run(
        &self,
        request: &Request,
        call: &Call,
        tenant: Option<&TenantId>,
        sequence: u64,
        faults: &[Fault],
    ) -> Outcome {
        let mut refusal = None;
        for fault in faults {
            match fault {
                Fault::DelayBefore { milliseconds } => pause(*milliseconds).await,
                Fault::DropBefore { how } => return Outcome::Drop(*how),
                Fault::Status { status, commit: false, body } => {
                    refusal = Some(spoil::status(self.error(tenant, *status), body));
                }
                Fault::TooManyRequests { retry_after, rate_headers } => {
                    let now = Clock::real();
                    if let (Some(tenant), wait @ 1..) = (tenant, retry_after.wait(now)) {
                        lock(&self.world.limits).ask_to_wait(tenant, call.operation, now, wait);
                    }
                    refusal = Some(spoil::too_many(self.error(tenant, 429), retry_after, *rate_headers, now));
                }
                Fault::Redirect { status, location } => {
                    refusal = Some(spoil::redirect(*status, location.as_deref(), request));
                }
                _ => {}
            }
        }
        let mut reply = match refusal {
            Some(reply) => reply,
            None => self.limit_and_perform(request, call, tenant, sequence, faults),
        };
        for fault in faults {
            match fault {
                Fault::DelayAfter { milliseconds } => pause(*milliseconds).await,
                Fault::DropAfter { how } => return Outcome::Drop(*how),
                Fault::Status { status, commit: true, body } => {
                    reply = spoil::status(self.error(tenant, *status), body);
                }
                Fault::Body { spoil: how, status } => reply = spoil::body(reply, how, *status),
                _ => {}
            }
        }
        if self.world.echoes_credentials() && reply.status >= 300 {
            reply = spoil::echo(reply, request);
        }
        Outcome::Reply(reply)
    }

    fn limit_and_perform(
        &self,
        request: &Request,
        call: &Call,
        tenant: Option<&TenantId>,
        sequence: u64,
        faults: &[Fault],
    ) -> Reply {
        let now = Clock::real();
        let style = tenant.and_then(|id| self.world.tenant(id)).map(|t| t.limit_style()).unwrap_or_default();
        let verdict = tenant.and_then(|id| lock(&self.world.limits).admit(id, call.operation, now));
        if let (Some(tenant), Some(verdict)) = (tenant, verdict)
            && !verdict.admitted
        {
            let told = style.retry_after || style.headers != crate::faults::RateHeaders::None;
            if told {
                let wait = verdict.reset_milliseconds;
                lock(&self.world.limits).ask_to_wait(tenant, call.operation, now, wait);
            }
            return verdict.mark(self.error(Some(tenant), 429), style);
        }
        lock(&self.world.operations).update(sequence, |entry| entry.performed = true);
        let lose = faults.contains(&Fault::Lose);
        let context = Context { world: &self.world, operation: sequence, lose };
        let api = self.world.api(self.vendor);
        let mut reply = api.perform(&context, request);
        if faults.contains(&Fault::Duplicate) {
            reply = api.perform(&context, request);
        }
        match verdict {
            Some(verdict) => verdict.mark(reply, style),
            None => reply,
        }
    }

    fn error(&self, tenant: Option<&TenantId>, status: u16) -> Reply {
        if status < 400 {
            return Reply::text(status, "application/json", Bytes::from_static(b"{}"));
        }
        self.world.api(self.vendor).error(tenant.map(|tenant| tenant.id.as_str()), status)
    }
}

async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
