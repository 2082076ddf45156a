//! From the API's types to those of vendors and tenants.

use std::time::Duration;

use crate::api::provider_status::{Capabilities as Shown, InvitationExpiry, Resend, Support as ShownSupport};
use crate::api::record::AttemptKind;
use crate::api::{
    Access, InvitationProviderSpec, RecordedAttempt, Tenant, UserInvitation, UserInvitationSpec,
};
use crate::settings::EngineArguments;
use crate::tenant::{BatchLimits, SettlementRules, TenantSettings, WriteKind};
use crate::vendor::{self, AccessChange, Capabilities, Email, Expiry, Person, Support, TenantKey, Vendor};

/// Whom an invitation is about.
pub(super) fn person(spec: &UserInvitationSpec) -> Person {
    Person {
        login: spec.user_name.clone(),
        first_name: spec.first_name.clone(),
        last_name: spec.last_name.clone(),
        ..Person::with_email(Email::new(&spec.email))
    }
}

/// The kind of write of a recorded attempt; `None`: of another version.
pub(super) const fn write_kind(kind: AttemptKind) -> Option<WriteKind> {
    match kind {
        AttemptKind::Invite => Some(WriteKind::Invite),
        AttemptKind::Cancel => Some(WriteKind::Cancel),
        AttemptKind::Remove => Some(WriteKind::Remove),
        AttemptKind::Edit => Some(WriteKind::Edit),
        AttemptKind::Other => None,
    }
}

/// What a recorded edit was to change: what the person was to hold afterwards, and what was granted before and was not
/// to be held any more.
pub(super) fn recorded_change(invitation: &UserInvitation, attempt: &RecordedAttempt) -> AccessChange {
    match attempt.kind {
        AttemptKind::Edit => {}
        AttemptKind::Invite | AttemptKind::Cancel | AttemptKind::Remove | AttemptKind::Other => {
            return AccessChange::default();
        }
    }
    let add = attempt.access.as_ref().map(Access::grants).unwrap_or_default();
    let granted = invitation.status.as_ref().and_then(|status| status.applied_access.as_ref());
    let remove = granted
        .into_iter()
        .flat_map(Access::grants)
        .filter(|grant| !add.iter().any(|kept| kept.is_same_thing(grant)))
        .collect();
    AccessChange { add, remove }
}

/// The tenant that a record or a status names; `None`: of a vendor that this version does not know.
pub(super) fn tenant_key(tenant: &Tenant) -> Option<TenantKey> {
    let vendor = Vendor::parse(&tenant.vendor)?;
    Some(TenantKey { vendor, host: tenant.host.clone(), account_id: tenant.account_id.clone() })
}

/// How a tenant behaves, from the provider that serves it.
pub(super) fn tenant_settings(
    spec: &InvitationProviderSpec,
    can: &Capabilities,
    vendor: Vendor,
    engine: &EngineArguments,
) -> TenantSettings {
    let seconds = |value: i32| Duration::from_secs(u64::try_from(value).unwrap_or_default());
    TenantSettings {
        rules: SettlementRules {
            grace: settle_grace(spec, vendor),
            send_limit: engine.send_limit(),
            call_timeout: engine.vendor_timeout(),
            exact_read: can.exact_read,
        },
        limits: BatchLimits {
            invite: batch_size(spec, can),
            cancel: can.max_cancel_batch,
            remove: can.max_remove_batch,
            window: Duration::from_millis(
                u64::try_from(spec.limits.batch_window_milliseconds).unwrap_or_default(),
            ),
        },
        resync: seconds(spec.resync_interval_seconds),
        look_freshness: engine.look_freshness(),
        first_look: engine.settle_first_look(),
        last_look: engine.settle_last_look(),
    }
}

/// The time within which the vendor shows what it took.
pub(super) fn settle_grace(spec: &InvitationProviderSpec, vendor: Vendor) -> Duration {
    let wanted = spec.limits.settle_grace_seconds.and_then(|grace| u64::try_from(grace).ok());
    wanted.map_or(vendor.defaults().settle_grace, Duration::from_secs)
}

/// The most people in one invite call.
pub(super) fn batch_size(spec: &InvitationProviderSpec, can: &Capabilities) -> usize {
    let wanted = spec.limits.max_batch_size.and_then(|size| usize::try_from(size).ok());
    wanted.unwrap_or(can.max_batch_size).min(can.max_batch_size).max(1)
}

/// The budget of a tenant, in requests a minute.
pub(super) fn requests_per_minute(spec: &InvitationProviderSpec, vendor: Vendor) -> std::num::NonZeroU32 {
    let wanted = spec.limits.requests_per_minute.and_then(|limit| u32::try_from(limit).ok());
    wanted.and_then(std::num::NonZeroU32::new).unwrap_or(vendor.defaults().requests_per_minute)
}

/// What the provider's status says of a vendor's abilities; the pages of the documentation say the same.
pub fn shown_capabilities(spec: &InvitationProviderSpec, can: &Capabilities) -> Shown {
    let support = |yes: bool| if yes { ShownSupport::Supported } else { ShownSupport::Unsupported };
    let supported = |support: Support| match support {
        Support::Supported => ShownSupport::Supported,
        Support::Unsupported => ShownSupport::Unsupported,
        Support::Configurable => ShownSupport::Configurable,
    };
    let size = batch_size(spec, can);
    Shown {
        bulk_invite: support(can.max_batch_size > 1),
        max_batch_size: i32::try_from(size).unwrap_or(i32::MAX),
        list_users: ShownSupport::Supported,
        acceptance: supported(can.acceptance),
        cancel_invitation: supported(can.cancel),
        remove_user: supported(can.remove),
        update_access: supported(can.update_access),
        resend: match can.resend {
            vendor::Resend::Recreate => Resend::Recreate,
            vendor::Resend::AfterExpiry => Resend::AfterExpiry,
            vendor::Resend::None => Resend::None,
        },
        invitation_expiry: match can.expiry {
            Expiry::Vendor => InvitationExpiry::Vendor,
            Expiry::OwnClock(_) => InvitationExpiry::OwnClock,
            Expiry::None => InvitationExpiry::None,
        },
        suppress_notification: support(can.suppress_all),
    }
}
