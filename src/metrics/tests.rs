mod consumers;
mod conventions;
mod promql;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::api::{InvitationState, Reason};
use crate::vendor::{CallOutcome, Operation, Vendor};

const VENDOR: Vendor = Vendor::VmwareCloudServices;

/// A source with one provider that has a value for everything.
struct Fixed(bool);

impl Source for Fixed {
    fn numbers(&self) -> Option<Numbers> {
        let provider = ProviderNumbers {
            vendor: VENDOR,
            namespace: "team-a".to_owned(),
            name: "csp".to_owned(),
            invitations: BTreeMap::from([(InvitationState::Pending, 2), (InvitationState::Accepted, 5)]),
            stalled: 1,
            oldest_pending: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            ready: Some((false, Reason::AuthenticationFailed)),
            removals_held: 12,
            blocked: Duration::from_secs(90),
            credential_written: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            credential_expires: Some("2026-07-01T00:00:00Z".parse().unwrap()),
            tenant: Some(TenantNumbers {
                queued: 7,
                open_writes: 3,
                since_sweep: Duration::from_millis(1_500),
                sweep_interval: Duration::from_secs(600),
            }),
        };
        self.0.then(|| Numbers {
            providers: vec![provider],
            without_provider: 4,
            stored: vec![(Kind::UserInvitation, 2000)],
        })
    }
}

/// Metrics in which everything has happened once; the numbers last as long as their source.
fn everything() -> (Metrics, Arc<dyn Source>) {
    let metrics = Metrics::new();
    let second = Duration::from_secs(1);
    metrics.reconciled(Kind::UserInvitation, ReconcileResult::Ok, second);
    metrics.vendor_request(&FinishedCall {
        vendor: VENDOR,
        operation: Operation::Invite,
        outcome: CallOutcome::Success,
        status: Some(202),
        date: None,
        duration: second,
    });
    metrics.invitations_sent(VENDOR, 20);
    metrics.invite_outcome(VENDOR, InviteOutcome::Ambiguous);
    metrics.accepted(VENDOR, Duration::from_secs(7200));
    metrics.token_requested(VENDOR, TokenResult::Issued);
    metrics.limiter_waited(VENDOR, second);
    metrics.sweep_ended(VENDOR, SweepResult::Complete);
    metrics.watch_failed(Kind::InvitationProvider);
    metrics.undecodable_object(Kind::UserInvitation);
    metrics.kubernetes_write(Kind::UserInvitation, WriteVerb::PatchStatus, WriteResult::Ok);
    metrics.released_without_call(ReleaseReason::Abandoned);
    metrics.removals_held();
    metrics.leading(true);
    let source: Arc<dyn Source> = Arc::new(Fixed(true));
    metrics.count_by(&source);
    (metrics, source)
}

#[test]
fn everything_is_shown_under_its_name() {
    let (metrics, _source) = everything();
    let text = metrics.encode().unwrap();
    for expected in [
        r#"build_info{version="0.1.0"} 1"#,
        r#"reconciles_total{kind="UserInvitation",result="ok"} 1"#,
        r#"reconcile_duration_seconds_count{kind="UserInvitation"} 1"#,
        r#"vendor_requests_total{vendor="VmwareCloudServices",operation="invite",code="2xx",outcome="success"} 1"#,
        r#"vendor_request_duration_seconds_sum{vendor="VmwareCloudServices",operation="invite"} 1.0"#,
        r#"invitations_sent_total{vendor="VmwareCloudServices"} 20"#,
        r#"invitation_outcomes_total{vendor="VmwareCloudServices",outcome="ambiguous"} 1"#,
        r#"batch_size_sum{vendor="VmwareCloudServices"} 20.0"#,
        r#"time_to_accept_seconds_bucket{le="14400.0",vendor="VmwareCloudServices"} 1"#,
        r#"token_requests_total{vendor="VmwareCloudServices",result="issued"} 1"#,
        r#"limiter_wait_seconds_sum{vendor="VmwareCloudServices"} 1.0"#,
        r#"sweeps_total{vendor="VmwareCloudServices",result="complete"} 1"#,
        r#"watch_errors_total{kind="InvitationProvider"} 1"#,
        r#"watch_errors_total{kind="Namespace"} 0"#,
        r#"undecodable_objects_total{kind="UserInvitation"} 1"#,
        r#"store_objects{kind="UserInvitation"} 2000.0"#,
        r#"kubernetes_writes_total{kind="UserInvitation",verb="patch_status",result="ok"} 1"#,
        r#"releases_without_call_total{reason="abandoned"} 1"#,
        r#"releases_without_call_total{reason="not_allowed"} 0"#,
        "removal_holds_total 1",
        "leader 1",
        "invitations_without_provider 4.0",
        r#"tenants{vendor="VmwareCloudServices"} 1.0"#,
    ] {
        let line = format!("\nuser_invitation_operator_{expected}");
        assert!(text.contains(&line), "no {expected} in\n{text}");
    }
    let of = r#"vendor="VmwareCloudServices",provider_namespace="team-a",provider="csp""#;
    for (name, more, value) in [
        ("invitations", r#",state="Pending""#, "2.0"),
        ("invitations", r#",state="Accepted""#, "5.0"),
        ("invitations_stalled", "", "1.0"),
        ("oldest_pending_timestamp_seconds", "", "1767225600.0"),
        ("provider_ready", r#",reason="AuthenticationFailed""#, "0.0"),
        ("removals_held", "", "12.0"),
        ("credential_written_timestamp_seconds", "", "1767225600.0"),
        ("credential_expiration_timestamp_seconds", "", "1782864000.0"),
        ("tenant_blocked_seconds", "", "90.0"),
        ("queue_depth", "", "7.0"),
        ("open_writes", "", "3.0"),
        ("sweep_age_seconds", "", "1.5"),
        ("sweep_interval_seconds", "", "600.0"),
    ] {
        let line = format!("\nuser_invitation_operator_{name}{{{of}{more}}} {value}\n");
        assert!(text.contains(&line), "no {line} in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

/// What is not there before the first time shows no rise when it comes.
#[test]
fn what_is_counted_for_a_vendor_begins_at_zero_with_its_first_tenant() {
    let metrics = Metrics::new();
    let of_vendor = || {
        let text = metrics.encode().unwrap();
        text.lines().filter(|line| line.contains("vendor=")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of_vendor(), Vec::<String>::new());
    metrics.tenant_begun(VENDOR);
    let shown = of_vendor();
    for expected in [
        "invitations_sent_total{",
        "time_to_accept_seconds_bucket{",
        "batch_size_count{",
        "limiter_wait_seconds_count{",
        r#"invitation_outcomes_total{vendor="VmwareCloudServices",outcome="refused"}"#,
        r#"token_requests_total{vendor="VmwareCloudServices",result="refused"}"#,
        r#"sweeps_total{vendor="VmwareCloudServices",result="people_missing"}"#,
    ] {
        assert!(shown.iter().any(|line| line.contains(expected)), "no {expected} in\n{shown:#?}");
    }
    assert!(shown.iter().all(|line| line.ends_with(" 0") || line.ends_with(" 0.0")), "{shown:#?}");
    metrics.invitations_sent(VENDOR, 20);
    metrics.tenant_begun(VENDOR);
    let sent = r#"invitations_sent_total{vendor="VmwareCloudServices"} 20"#;
    assert!(metrics.encode().unwrap().contains(sent), "a second tenant begins nothing anew");
}

#[test]
fn who_does_not_lead_shows_no_numbers() {
    let (metrics, source) = everything();
    let shows = || metrics.encode().unwrap().contains("provider=\"csp\"");
    assert!(shows());
    let standing_by: Arc<dyn Source> = Arc::new(Fixed(false));
    metrics.count_by(&standing_by);
    assert!(!shows());
    metrics.count_by(&source);
    assert!(shows());
    drop(source);
    assert!(!shows(), "what has ended is not kept alive to be counted");
}
