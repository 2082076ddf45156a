//! Access kept as declared: what is added, what is taken away, and whose access is nobody's affair.

use jiff::{SignedDuration, Timestamp};

use super::past::*;
use super::world::{World, acts, presence};
use crate::api::condition::find_condition;
use crate::api::record::AttemptKind;
use crate::api::{
    Access, ConditionType, ManagementPolicy, Origin, Record, RecordedAttempt, UserInvitationStatus,
    VmwareAccess, VmwareRole,
};
use crate::plan::Action;
use crate::tenant::{Outcome, Settlement, WriteKind};
use crate::vendor::{EditCalls, ErrorClass, Grant, GrantKind, Held, Presence, Refusal, Standing, Support};

const SHOWN: &[GrantKind] = &[GrantKind::OrganizationRole, GrantKind::Group];

fn roles(roles: &[&str]) -> Access {
    let role = |name: &&str| VmwareRole { name: (*name).to_owned(), resource: None, expiration_time: None };
    Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: roles.iter().map(role).collect(),
            ..VmwareAccess::default()
        }),
        ..Access::default()
    }
}

fn held(roles: &[&str]) -> Held {
    let grants = roles.iter().map(|role| Grant::named(GrantKind::OrganizationRole, *role)).collect();
    Held { shown: SHOWN, groups: None, grants }
}

fn member(held: Option<Held>) -> Presence {
    Presence { held, ..presence(Standing::Member) }
}

/// A member who was invited with `granted`, is to hold `asked`, and is shown to hold `held`.
fn world(granted: &[&str], asked: &[&str], shown: Option<Held>) -> World {
    let mut world = World::with(INVITED);
    world.object.spec.access = (!asked.is_empty()).then(|| roles(asked));
    let status = world.object.status.get_or_insert_with(UserInvitationStatus::unreconciled);
    status.applied_access = (!granted.is_empty()).then(|| roles(granted));
    world.shows(member(shown));
    world
}

fn synced(world: &World) -> String {
    let plan = world.plan();
    find_condition(&plan.status.conditions, ConditionType::AccessSynced)
        .map_or_else(|| "-".to_owned(), |synced| format!("{}/{}", synced.status, synced.reason))
}

#[test]
fn what_is_added_and_what_is_taken_away() {
    type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str], &'a str, &'a str);
    let rows: &[Row<'_>] = &[
        ("as asked", &["a"], &["a"], &["a"], "nothing", "True/InSync"),
        ("more than asked is others' affair", &["a"], &["a"], &["a", "x"], "nothing", "True/InSync"),
        ("missing", &["a"], &["a", "b"], &["a"], r#"edit +["b"] -[]"#, "False/OutOfSync"),
        ("taken away by somebody", &["a"], &["a"], &["x"], r#"edit +["a"] -[]"#, "False/OutOfSync"),
        ("no longer named", &["a", "b"], &["a"], &["a", "b"], r#"edit +[] -["b"]"#, "False/OutOfSync"),
        ("both at once", &["a", "b"], &["a", "c"], &["a", "b"], r#"edit +["c"] -["b"]"#, "False/OutOfSync"),
        ("no longer named and gone already", &["a", "b"], &["a"], &["a"], "nothing", "True/InSync"),
        ("never granted by us", &[], &["a"], &["a", "owner"], "nothing", "True/InSync"),
        ("nothing is asked for any more", &["a"], &[], &["a"], r#"edit +[] -["a"]"#, "False/OutOfSync"),
        ("nothing was ever asked for", &[], &[], &["owner"], "nothing", "-"),
        (
            "what was granted is forgotten: nothing is taken away",
            &[],
            &["b"],
            &["a", "b"],
            "nothing",
            "True/InSync",
        ),
    ];
    for (what, granted, asked, shown, action, condition) in rows {
        let world = world(granted, asked, Some(held(shown)));
        assert_eq!(acts(&world.plan()), *action, "{what}");
        assert_eq!(synced(&world), *condition, "{what}");
    }
}

#[test]
fn what_does_not_show_is_not_changed() {
    let world = world(&["a"], &["a", "b"], None);
    assert_eq!(acts(&world.plan()), "nothing");
    assert_eq!(synced(&world), "Unknown/NotReportedByVendor");
    assert!(world.plan().wants_look, "the next look may show it");

    let mut grouped = super::syncing::world(&[], &[], Some(held(&[])));
    let groups = vec!["seen".to_owned(), "unseen".to_owned()];
    grouped.object.spec.access = Some(Access {
        vmware_cloud_services: Some(VmwareAccess { group_ids: groups, ..VmwareAccess::default() }),
        ..Access::default()
    });
    let looked_at = Some(std::sync::Arc::new(std::iter::once("seen".to_owned()).collect()));
    grouped.shows(member(Some(Held { groups: looked_at, ..held(&[]) })));
    assert_eq!(acts(&grouped.plan()), r#"edit +["seen"] -[]"#, "only the group that was looked at");
}

#[test]
fn whose_access_is_nobody_s_affair() {
    let mut only_invites = world(&["a"], &["a", "b"], Some(held(&["a"])));
    only_invites.object.spec.management_policy = ManagementPolicy::InviteOnly;
    assert_eq!(
        (acts(&only_invites.plan()), synced(&only_invites)),
        ("nothing".to_owned(), "False/OutOfSync".to_owned())
    );

    let mut adopted = world(&[], &["b"], Some(held(&["a"])));
    adopted.remember(&Record { origin: Origin::Adopted, attempt: None, ..record() });
    assert_eq!(
        (acts(&adopted.plan()), synced(&adopted)),
        ("nothing".to_owned(), "False/OutOfSync".to_owned())
    );

    let mut unable = world(&["a"], &["b"], Some(held(&["a"])));
    unable.can.update_access = Support::Unsupported;
    assert_eq!(
        (acts(&unable.plan()), synced(&unable)),
        ("nothing".to_owned(), "Unknown/UnsupportedByVendor".to_owned())
    );
}

#[test]
fn pending_people_are_edited_only_where_the_vendor_can() {
    let mut pending = world(&["a"], &["a", "b"], None);
    pending.shows(Presence { held: Some(held(&["a"])), ..presence(Standing::Pending) });
    assert_eq!(
        (acts(&pending.plan()), synced(&pending)),
        ("nothing".to_owned(), "Unknown/AwaitingAcceptance".to_owned())
    );
    pending.can.access_of_pending = true;
    assert_eq!(acts(&pending.plan()), r#"edit +["b"] -[]"#);
}

#[test]
fn what_became_of_an_attempt_is_written_before_the_next_one() {
    let mut world = world(&[], &["a"], None);
    world.can.access_of_pending = true;
    world.shows(Presence { held: Some(held(&[])), ..presence(Standing::Pending) });
    let mut record = record();
    record.attempt =
        Some(RecordedAttempt { id: "the invite".to_owned(), ..attempt(&world, AttemptKind::Invite) });
    world.remember(&record);
    let settled = outcome(WriteKind::Invite, Settlement::Effect, true);
    world.outcome(Outcome { attempt: "the invite".to_owned(), ..settled });
    let plan = world.plan();
    assert_eq!((acts(&plan).as_str(), plan.wake), ("nothing", Some(std::time::Duration::ZERO)));
    assert!(plan.status.invited_time.is_some());
    world.object.status = Some(plan.status);
    assert_eq!(acts(&world.plan()), r#"edit +["a"] -[]"#);
}

#[test]
fn one_call_at_a_time_and_what_is_remembered_of_it() {
    let mut each = world(&["a"], &["b", "c"], Some(held(&["a"])));
    each.can.edit_calls = EditCalls::PerGrant;
    let plan = each.plan();
    assert_eq!(acts(&plan), r#"edit +["b"] -[]"#, "added before anything is taken away");
    let Some(Action::Request { draft, alone, .. }) = plan.action else { panic!("a call is due") };
    let attempt = draft.attempt.unwrap();
    assert_eq!((attempt.kind, attempt.access, alone), (AttemptKind::Edit, Some(roles(&["a", "b"])), true));
    assert_eq!(draft.origin, Origin::Invited);
}

#[test]
fn an_end_that_differs_is_mended_and_one_that_has_passed_is_not() {
    let end = |world: &World, seconds| {
        let at: Timestamp = world.now + SignedDuration::from_secs(seconds);
        VmwareRole {
            name: "a".to_owned(),
            resource: None,
            expiration_time: Some(crate::api::time::whole_seconds(at)),
        }
    };
    let mut world = world(&[], &[], Some(held(&["a"])));
    let with = |role| Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: vec![role],
            ..VmwareAccess::default()
        }),
        ..Access::default()
    };
    world.object.spec.access = Some(with(end(&world, 3600)));
    assert_eq!(acts(&world.plan()), r#"edit +["a"] -[]"#);
    world.object.spec.access = Some(with(end(&world, -3600)));
    world.shows(member(Some(held(&[]))));
    assert_eq!((acts(&world.plan()), synced(&world)), ("nothing".to_owned(), "True/InSync".to_owned()));
}

#[test]
fn what_was_granted_is_what_the_call_was_to_leave() {
    for (settlement, granted) in [(Settlement::Effect, roles(&["b"])), (Settlement::NoEffect, roles(&["a"]))]
    {
        let mut world = world(&["a"], &["b"], Some(held(&["b"])));
        let mut record = record();
        let mut edit = attempt(&world, AttemptKind::Edit);
        edit.access = Some(roles(&["b"]));
        edit.id = "the edit".to_owned();
        record.attempt = Some(edit);
        world.remember(&record);
        let settled = outcome(WriteKind::Edit, settlement.clone(), true);
        world.outcome(Outcome { attempt: "the edit".to_owned(), ..settled });
        assert_eq!(world.plan().status.applied_access, Some(granted), "{settlement:?}");
    }
}

#[test]
fn a_refused_change_holds_until_something_changes() {
    let mut world = world(&["a"], &["b"], Some(held(&["a"])));
    let mut record = record();
    record.attempt =
        Some(RecordedAttempt { id: "the edit".to_owned(), ..attempt(&world, AttemptKind::Edit) });
    world.remember(&record);
    let refusal = Refusal { class: ErrorClass::Forbidden, status: 403, code: None };
    let settled = outcome(WriteKind::Edit, Settlement::Refused(refusal), false);
    world.outcome(Outcome { attempt: "the edit".to_owned(), ..settled });
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(synced(&world), "False/Forbidden");
    assert_eq!(plan.status.last_error.as_ref().map(|error| error.reason.as_str()), Some("Forbidden"));
    world.object.metadata.generation = Some(2);
    assert_eq!(acts(&world.plan()), r#"edit +["b"] -["a"]"#);
}
