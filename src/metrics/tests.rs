use std::collections::BTreeSet;

use super::*;
use crate::vendor::{CallOutcome, Operation, Vendor};

fn record_everything(metrics: &Metrics) -> TenantMetrics {
    let vendor = Vendor::VmwareCloudServices;
    let second = Duration::from_secs(1);
    metrics.reconciled(Kind::UserInvitation, ReconcileResult::Ok, second);
    metrics.vendor_request(vendor, Operation::Invite, CallOutcome::Success, second);
    metrics.invitations_sent(vendor, 20);
    metrics.invite_outcome(vendor, InviteOutcome::Ambiguous);
    metrics.token_requested(vendor, TokenResult::Issued);
    metrics.limiter_waited(vendor, second);
    metrics.sweep_ended(vendor, SweepResult::Complete);
    metrics.watch_failed(Kind::InvitationProvider);
    metrics.undecodable_object(Kind::UserInvitation);
    metrics.store_size(Kind::UserInvitation, 2000);
    metrics.kubernetes_write(Kind::UserInvitation, WriteVerb::PatchStatus, WriteResult::Ok);
    metrics.released_without_call(ReleaseReason::Abandoned);
    metrics.removals_held();
    metrics.leading(true);
    let tenant = metrics.tenant(vendor);
    tenant.queued(7);
    tenant.open_writes(3);
    tenant.swept();
    tenant
}

/// The name and the labels of each sample.
fn samples(text: &str) -> Vec<(String, Vec<String>)> {
    let sample = |line: &str| {
        let (name, rest) = line.split_once(['{', ' ']).unwrap();
        let labels = rest.split_once('}').map(|(labels, _)| labels).unwrap_or_default();
        let labels = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
        (name.to_owned(), labels.collect())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

#[test]
fn labels_come_from_closed_sets() {
    let metrics = Metrics::new();
    let _tenant = record_everything(&metrics);
    let text = metrics.encode().unwrap();
    let allowed: BTreeSet<&str> =
        ["kind", "result", "vendor", "operation", "code", "outcome", "verb", "reason", "le", "version"]
            .into();
    for (name, labels) in samples(&text) {
        assert!(name.starts_with("user_invitation_operator_"), "{name}");
        assert!(labels.iter().all(|label| allowed.contains(label.as_str())), "{name}: {labels:?}");
    }
}

#[test]
fn everything_is_shown_under_its_name() {
    let metrics = Metrics::new();
    let _tenant = record_everything(&metrics);
    let text = metrics.encode().unwrap();
    for expected in [
        r#"build_info{version="0.1.0"} 1"#,
        r#"reconciles_total{kind="UserInvitation",result="Ok"} 1"#,
        r#"reconcile_duration_seconds_count{kind="UserInvitation"} 1"#,
        r#"vendor_requests_total{vendor="VmwareCloudServices",operation="invite",outcome="success"} 1"#,
        r#"vendor_request_duration_seconds_sum{vendor="VmwareCloudServices",operation="invite"} 1.0"#,
        r#"invitations_sent_total{vendor="VmwareCloudServices"} 20"#,
        r#"invitation_outcomes_total{vendor="VmwareCloudServices",outcome="Ambiguous"} 1"#,
        r#"batch_size_sum{vendor="VmwareCloudServices"} 20.0"#,
        r#"token_requests_total{vendor="VmwareCloudServices",result="Issued"} 1"#,
        r#"limiter_wait_seconds_sum{vendor="VmwareCloudServices"} 1.0"#,
        r#"sweeps_total{vendor="VmwareCloudServices",result="Complete"} 1"#,
        r#"watch_errors_total{kind="InvitationProvider"} 1"#,
        r#"undecodable_objects_total{kind="UserInvitation"} 1"#,
        r#"store_objects{kind="UserInvitation"} 2000"#,
        r#"kubernetes_writes_total{kind="UserInvitation",verb="PatchStatus",result="Ok"} 1"#,
        r#"releases_without_call_total{reason="Abandoned"} 1"#,
        "removal_holds_total 1",
        "leader 1",
        r#"tenants{vendor="VmwareCloudServices"} 1.0"#,
        r#"queue_depth{vendor="VmwareCloudServices"} 7.0"#,
        r#"open_writes{vendor="VmwareCloudServices"} 3.0"#,
        r#"oldest_sweep_age_seconds{vendor="VmwareCloudServices"} 0."#,
    ] {
        let line = format!("\nuser_invitation_operator_{expected}");
        assert!(text.contains(&line), "no {expected} in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn tenants_of_one_vendor_are_added_up_and_leave_no_trace() {
    let metrics = Metrics::new();
    let vendor = Vendor::HpeGreenLake;
    let (first, second) = (metrics.tenant(vendor), metrics.tenant(vendor));
    first.queued(2);
    second.queued(3);
    let depth = |queued| format!("queue_depth{{vendor=\"HpeGreenLake\"}} {queued}");
    assert!(metrics.encode().unwrap().contains(&depth("5.0")));
    drop(first);
    assert!(metrics.encode().unwrap().contains(&depth("3.0")));
    drop(second);
    assert!(!metrics.encode().unwrap().contains("HpeGreenLake"));
}
