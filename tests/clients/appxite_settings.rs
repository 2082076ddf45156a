//! AppXite: every setting that stands in for something that is not public.

use rstest::rstest;
use user_invitation_operator::vendor::{ErrorClass, GrantKind, VendorClient, appxite};
use vendor_simulators::{
    AppXiteKnobs, ListScope, MissingOrganizations, OrganizationIdsPlacement, PlatformHeader,
};

use super::appxite_rig::{ORGANIZATIONS, granting};
use super::support::{NOTHING, Rig, accepted};

/// A platform as the knobs want it, and a client that knows what it wants.
async fn agreed(
    knobs: impl FnOnce(&mut AppXiteKnobs),
    configure: impl FnOnce(&mut appxite::Config),
) -> Rig<appxite::Client> {
    let rig = Rig::appxite_with(|platform| knobs(&mut platform.knobs), configure).await;
    rig.client.verify().await.unwrap();
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    assert!(rig.find("a@example.com").await.is_some());
    assert!(rig.operations("appxite.unknown").is_empty());
    rig
}

#[rstest]
#[case(PlatformHeader::Referer, appxite::PlatformHeader::Referer, appxite::PlatformHeader::XReferer)]
#[case(PlatformHeader::XReferer, appxite::PlatformHeader::XReferer, appxite::PlatformHeader::Referer)]
#[tokio::test]
async fn the_platform_s_header(
    #[case] knob: PlatformHeader,
    #[case] right: appxite::PlatformHeader,
    #[case] wrong: appxite::PlatformHeader,
) {
    agreed(|knobs| knobs.platform_header = knob, |config| config.platform_header = right).await;
    let rig = Rig::appxite_with(
        |platform| platform.knobs.platform_header = knob,
        |config| config.platform_header = wrong,
    )
    .await;
    assert_eq!(rig.client.verify().await.unwrap_err().class(), ErrorClass::Invalid);
}

#[tokio::test]
async fn another_platform_is_not_opened() {
    let rig =
        Rig::appxite_with(|_| {}, |config| config.platform_url = "https://other.example".to_owned()).await;
    assert_eq!(rig.client.tenant().account_id, "other.example");
    assert!(rig.client.verify().await.is_err());
    assert!(rig.client.sweep(&NOTHING).await.is_err());
}

#[tokio::test]
async fn the_version() {
    let version = || Some("3.1".to_owned());
    agreed(|knobs| knobs.required_api_version = version(), |config| config.api_version = version()).await;
    let rig = Rig::appxite(|platform| platform.knobs.required_api_version = version()).await;
    assert!(rig.client.verify().await.is_err());
}

#[tokio::test]
async fn audience_and_scope() {
    let (audience, scope) = (|| Some("https://api.appxite.com".to_owned()), || Some("users".to_owned()));
    let knobs = |knobs: &mut AppXiteKnobs| {
        (knobs.required_audience, knobs.required_scope) = (audience(), scope());
        knobs.paths.token = "/tenant/connect/token".to_owned();
    };
    agreed(knobs, |config| (config.token_audience, config.token_scope) = (audience(), scope())).await;
    let rig =
        Rig::appxite_with(|platform| knobs(&mut platform.knobs), |config| config.token_audience = audience())
            .await;
    assert_eq!(rig.client.verify().await.unwrap_err().class(), ErrorClass::Authentication);
}

#[tokio::test]
async fn the_paths() {
    let rig = agreed(
        |knobs| {
            knobs.paths.list_users = "/core/v3/users".to_owned();
            knobs.paths.list_roles = "/core/v3/groups".to_owned();
            knobs.paths.list_identity_providers = "/core/v3/idps".to_owned();
            knobs.paths.invite = "/core/v3/users/invite".to_owned();
            knobs.paths.remove = "/core/v3/users/{id}/permissions".to_owned();
        },
        |config| {
            config.paths = appxite::Paths {
                list_users: "/core/v3/users".to_owned(),
                list_roles: "/core/v3/groups".to_owned(),
                list_identity_providers: "/core/v3/idps".to_owned(),
                invite: "/core/v3/users/invite".to_owned(),
                remove: Some("/core/v3/users/{id}/permissions".to_owned()),
            };
        },
    )
    .await;
    rig.client.names().await.unwrap();
    let there = rig.find("a@example.com").await.unwrap();
    assert!(accepted(&rig.remove(&[super::support::target("a@example.com", &there)]).await));
    assert_eq!(rig.find("a@example.com").await, None);

    // a path that the platform does not know is told, and nobody is taken for absent
    let rig = Rig::appxite(|platform| platform.knobs.paths.list_users = "/elsewhere".to_owned()).await;
    assert!(rig.client.verify().await.is_ok());
    assert_eq!(rig.client.sweep(&NOTHING).await.unwrap_err().class(), ErrorClass::Invalid);
}

#[rstest]
#[case::payload(OrganizationIdsPlacement::Payload, appxite::OrganizationIdsPlacement::Payload)]
#[case::user(OrganizationIdsPlacement::User, appxite::OrganizationIdsPlacement::User)]
#[case::either(OrganizationIdsPlacement::Either, appxite::OrganizationIdsPlacement::User)]
#[tokio::test]
async fn the_place_of_organizations(
    #[case] knob: OrganizationIdsPlacement,
    #[case] setting: appxite::OrganizationIdsPlacement,
) {
    let rig = Rig::appxite_with(
        |platform| {
            platform.knobs.organization_ids = knob;
            platform.knobs.missing_organizations = MissingOrganizations::Refuse;
        },
        |config| config.organization_ids = setting,
    )
    .await;
    let terms =
        granting(&[(GrantKind::Organization, ORGANIZATIONS[0]), (GrantKind::Organization, ORGANIZATIONS[1])]);
    assert!(accepted(&rig.invite_as(&["a@example.com", "b@example.com"], &terms).await));
    let held = rig.find("a@example.com").await.unwrap().held.unwrap();
    assert_eq!(held.grants.len(), 2);
}

#[rstest]
#[case::one("GroupId", "IdentityProviderId")]
#[case::list("GroupIds", "IdentityProviderId")]
#[case::others("RoleId", "ProviderId")]
#[tokio::test]
async fn the_names_of_fields(#[case] role: &str, #[case] provider: &str) {
    let rig = Rig::appxite_with(
        |platform| {
            platform.knobs.role_fields = vec![role.to_owned()];
            platform.knobs.identity_provider_fields = vec![provider.to_owned()];
            platform.knobs.role_required = true;
            platform.knobs.exact_request_names = true;
        },
        |config| {
            role.clone_into(&mut config.role_field);
            provider.clone_into(&mut config.identity_provider_field);
        },
    )
    .await;
    let named = [
        (GrantKind::Role, "0f0c2f2e-1111-4c1e-9a51-000000000011"),
        (GrantKind::IdentityProvider, "7d1b6a70-2222-4a35-8a11-000000000002"),
    ];
    assert!(accepted(&rig.invite_as(&["a@example.com"], &granting(&named)).await));
    let really = rig.control.person(&rig.tenant, "a@example.com").unwrap().unwrap();
    assert_eq!(really.roles, ["Seller Admin"]);
    // the field is really read
    let disabled = [named[0], (GrantKind::IdentityProvider, "7d1b6a70-2222-4a35-8a11-000000000003")];
    assert!(!accepted(&rig.invite_as(&["b@example.com"], &granting(&disabled)).await));
    assert!(!accepted(&rig.invite(&["c@example.com"]).await), "a role is required");
}

#[tokio::test]
async fn acting_for_an_organization() {
    let acting = |config: &mut appxite::Config| config.on_behalf_of = Some(ORGANIZATIONS[1].to_uppercase());
    let rig = agreed(
        |knobs| {
            knobs.on_behalf_of_required = true;
            knobs.missing_organizations = MissingOrganizations::Refuse;
        },
        acting,
    )
    .await;
    assert_eq!(rig.client.tenant().account_id, format!("{}/{}", rig.tenant.id, ORGANIZATIONS[1]));
    rig.control.add_member(&rig.tenant, "elsewhere@example.com", &[]).unwrap();
    let there = rig.everybody().await;
    assert_eq!(there.keys().collect::<Vec<_>>(), ["a@example.com"], "only its own people");
    // where the header does not narrow the list, everybody counts as there: nobody is taken for absent
    rig.control.set_appxite_knobs(&rig.tenant, |knobs| knobs.list_scope = ListScope::Platform).unwrap();
    assert_eq!(rig.everybody().await.len(), 3);

    let rig = Rig::appxite_with(|_| {}, |config| config.on_behalf_of = Some("unknown".to_owned())).await;
    assert_eq!(rig.client.verify().await.unwrap_err().class(), ErrorClass::Forbidden);
}
