//! What a request for an invite carries: terms for the call, and the draft of its record.

use super::past::*;
use super::world::{World, tenant};
use crate::api::{Access, AccessProfile, AttemptKind, Notification, Origin, VmwareAccess, VmwareRole};
use crate::plan::{Action, AttemptDraft, RecordDraft, api_tenant};
use crate::tenant::Wish;
use crate::vendor::{self, InviteTerms};

fn request(world: &World) -> (InviteTerms, RecordDraft) {
    match world.plan().action {
        Some(Action::Request { wish: Wish::Invite(terms), draft, .. }) => (terms, draft),
        other => panic!("an invite is due: {other:?}"),
    }
}

fn access(roles: &[&str], groups: &[&str]) -> Access {
    let role = |name: &&str| VmwareRole { name: (*name).to_owned(), resource: None, expiration_time: None };
    Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: roles.iter().map(role).collect(),
            group_ids: groups.iter().map(|&group| group.to_owned()).collect(),
            ..VmwareAccess::default()
        }),
        ..Access::default()
    }
}

#[test]
fn the_vendor_s_default() {
    let (terms, draft) = request(&World::new());
    assert_eq!(terms, InviteTerms { grants: Vec::new(), notification: vendor::Notification::Send });
    let attempt = AttemptDraft { kind: AttemptKind::Invite, access: None, provider_generation: 1 };
    assert_eq!(
        draft,
        RecordDraft {
            tenant: api_tenant(&tenant()),
            origin: Origin::Invited,
            vendor_user_id: None,
            vendor_invitation_id: None,
            resend: None,
            attempt: Some(attempt),
        }
    );
}

#[test]
fn profiles_unite_whatever_their_order() {
    let mut world = World::new();
    world.provider().spec.access_profiles = vec![
        AccessProfile { name: "one".to_owned(), access: access(&["b", "a"], &["2"]) },
        AccessProfile { name: "two".to_owned(), access: access(&["a", "c"], &["1", "2"]) },
    ];
    world.object.spec.access_profiles = vec!["one".to_owned(), "two".to_owned()];
    let (terms, draft) = request(&world);
    assert_eq!(draft.attempt.unwrap().access, Some(access(&["a", "b", "c"], &["1", "2"])));
    world.object.spec.access_profiles.reverse();
    assert_eq!(request(&world).0, terms, "one batch for both");
}

#[test]
fn every_field_that_reaches_the_call_is_in_the_terms() {
    let plain = request(&World::new()).0;
    let mut quiet = World::new();
    quiet.object.spec.notification = Notification::Suppress;
    assert_ne!(request(&quiet).0, plain);
    let mut with_role = World::new();
    with_role.object.spec.access = Some(access(&["a"], &[]));
    assert_ne!(request(&with_role).0, plain);
}

#[test]
fn an_invite_made_again_keeps_what_was_served() {
    let mut world = World::with(NOT_DELIVERED);
    let mut record = record();
    record.resend = Some("monday".to_owned());
    record.attempt = Some(attempt(&world, AttemptKind::Invite));
    world.remember(&record);
    assert_eq!(request(&world).1.resend.as_deref(), Some("monday"));
}
