//! What members hold: read, changed, and named.

use std::collections::BTreeSet;

use rstest::rstest;
use user_invitation_operator::vendor::{
    AccessChange, ErrorClass, Grant, GrantKind, Held, MemberAnswer, Presence, Support, Target, VendorClient,
    Watched,
};
use vendor_simulators::{PersonAction, PrincipalForm};

use super::support::{Rig, person, target};

fn watched() -> Watched {
    Watched { access: true, groups: BTreeSet::from(["g1".to_owned()]) }
}

fn role(name: &str) -> Grant {
    Grant::named(GrantKind::OrganizationRole, name)
}

fn change(add: Vec<Grant>, remove: Vec<Grant>) -> AccessChange {
    AccessChange { add, remove }
}

impl<C: VendorClient> Rig<C> {
    async fn edit(&self, target: &Target, change: &AccessChange) -> MemberAnswer {
        let permit = self.client.permit().await.unwrap();
        self.client.edit(permit, target, change).await
    }

    async fn shown(&self, email: &str) -> Presence {
        let found = self.client.find(&person(email), &watched()).await.unwrap().unwrap();
        let sweep = self.client.sweep(&watched()).await.unwrap();
        assert_eq!(sweep.people[email].held, found.held, "a sweep and an exact look show the same");
        found
    }

    async fn held(&self, email: &str) -> BTreeSet<String> {
        self.shown(email).await.held.unwrap().grants.iter().map(|grant| grant.name.clone()).collect()
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn vmware_roles_come_and_go_in_one_call_and_groups_alone() {
    let rig = Rig::vmware(|org| {
        org.groups = vec!["g1".to_owned()];
        org.custom_roles = vec!["mine".to_owned()];
    })
    .await;
    rig.control.add_member(&rig.tenant, ADA, &["org_member", "support_user"]).unwrap();
    let whom = target(ADA, &rig.shown(ADA).await);
    let in_service = Grant {
        service: Some("/csp/gateway/slc/api/definitions/external/abc".to_owned()),
        ..Grant::named(GrantKind::ServiceRole, "vmc-user:full")
    };
    let mine = Grant::named(GrantKind::CustomRole, "mine");
    let edit = change(vec![role("developer"), in_service.clone(), mine.clone()], vec![role("support_user")]);
    assert!(matches!(rig.edit(&whom, &edit).await, MemberAnswer::Accepted { .. }));
    assert_eq!(rig.held(ADA).await, names(&["developer", "mine", "org_member", "vmc-user:full"]));
    assert!(edit.is_made(&rig.shown(ADA).await.held.unwrap()));

    let group = Grant::named(GrantKind::Group, "g1");
    let join = change(vec![group.clone()], vec![]);
    assert!(matches!(rig.edit(&whom, &join).await, MemberAnswer::Accepted { .. }));
    assert!(join.is_made(&rig.shown(ADA).await.held.unwrap()));
    let leave = change(vec![], vec![group]);
    assert!(matches!(rig.edit(&whom, &leave).await, MemberAnswer::Accepted { .. }));
    assert!(leave.is_made(&rig.shown(ADA).await.held.unwrap()));

    let calls = ["vmware.change_roles", "vmware.add_to_group", "vmware.remove_from_group"];
    assert_eq!(calls.map(|call| rig.operations(call).len()), [1, 1, 1]);
    assert_eq!(rig.mails(), 0, "nobody gets a mail for it");
}

#[tokio::test]
async fn vmware_refuses_by_name() {
    let rig = Rig::vmware(|_| {}).await;
    rig.control.add_member(&rig.tenant, ADA, &[]).unwrap();
    let whom = target(ADA, &rig.shown(ADA).await);
    let answer = rig.edit(&whom, &change(vec![role("no such role")], vec![])).await;
    assert!(matches!(answer, MemberAnswer::Refused(refusal) if refusal.class == ErrorClass::Invalid));
    let nobody = Target { user_id: None, ..whom };
    assert!(matches!(
        rig.edit(&nobody, &change(vec![role("developer")], vec![])).await,
        MemberAnswer::NotSent(_)
    ));
}

#[tokio::test]
async fn vmware_names() {
    let rig = Rig::vmware(|org| {
        org.groups = vec!["Support".to_owned()];
        org.custom_roles = vec!["mine".to_owned()];
    })
    .await;
    let known = rig.client.names().await.unwrap();
    assert_eq!(known.id(GrantKind::OrganizationRole, "ORG_MEMBER"), Ok("org_member".to_owned()));
    assert_eq!(known.id(GrantKind::OrganizationRole, "org_menber").unwrap_err()[0], "org_member");
    assert_eq!(known.id(GrantKind::CustomRole, "mine"), Ok("mine".to_owned()));
    assert_eq!(known.id(GrantKind::Group, "support"), Ok("Support".to_owned()));
    assert!(known.id(GrantKind::Group, "none").is_err());
    assert_eq!(
        known.id(GrantKind::ServiceRole, "anything"),
        Ok("anything".to_owned()),
        "these can't be listed"
    );
}

#[tokio::test]
async fn vmware_shows_what_an_administrator_did() {
    let rig = Rig::vmware(|_| {}).await;
    rig.control.add_member(&rig.tenant, ADA, &["org_member", "developer"]).unwrap();
    assert_eq!(rig.held(ADA).await, names(&["developer", "org_member"]));
    let roles = PersonAction::SetRoles { roles: vec!["org_member".to_owned()] };
    rig.control.act(&rig.tenant, ADA, &roles).unwrap();
    assert_eq!(rig.held(ADA).await, names(&["org_member"]));
}

const OBSERVER: &str = "grn:glp/providers/authorization/roles/ccs.observer";

fn assignment(scopes: &[&str]) -> Grant {
    Grant {
        resources: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..Grant::named(GrantKind::RoleAssignment, OBSERVER)
    }
}

#[rstest]
#[case(PrincipalForm::Undashed)]
#[case(PrincipalForm::UndashedOnly)]
#[case(PrincipalForm::Dashed)]
#[case(PrincipalForm::DashedOnly)]
#[tokio::test]
async fn hpe_assignments_come_and_go_one_by_one(#[case] form: PrincipalForm) {
    let rig = Rig::hpe(|workspace| workspace.knobs.principal_form = form).await;
    rig.client.verify().await.unwrap();
    assert_eq!(rig.client.capabilities().update_access, Support::Supported);
    rig.control.add_member(&rig.tenant, ADA, &[]).unwrap();
    let whom = target(ADA, &rig.shown(ADA).await);
    let (one, other) =
        (assignment(&["grn:glp/workspaces/1"]), assignment(&["grn:glp/tenants/1", "grn:glp/tenants/2"]));
    for grant in [&one, &other, &other] {
        let add = change(vec![grant.clone()], vec![]);
        assert!(matches!(rig.edit(&whom, &add).await, MemberAnswer::Accepted { .. }), "twice is no harm");
    }
    let held: Held = rig.shown(ADA).await.held.unwrap();
    assert!(held.has(&one) && held.has(&other) && held.grants.len() == 2);
    for _ in 0..2 {
        let remove = change(vec![], vec![one.clone()]);
        assert!(matches!(rig.edit(&whom, &remove).await, MemberAnswer::Accepted { .. }), "twice is no harm");
    }
    let held: Held = rig.shown(ADA).await.held.unwrap();
    assert!(!held.has(&one) && held.has(&other));
    assert_eq!(rig.operations("hpe.delete_assignment").len(), 1);
}

#[tokio::test]
async fn hpe_without_enhanced_iam_grants_nothing() {
    let rig = Rig::hpe(|workspace| workspace.knobs.enhanced_iam = false).await;
    rig.client.verify().await.unwrap();
    let can = rig.client.capabilities();
    assert_eq!((can.update_access, can.grants), (Support::Unsupported, &[][..]));
    rig.control.add_member(&rig.tenant, ADA, &[]).unwrap();
    assert_eq!(rig.shown(ADA).await.held, None);
}
