use rstest::rstest;

use super::*;
use crate::vendor::appxite::config::tests::config;
use crate::vendor::person::Email;

const ORGANIZATION: &str = "3a8f5c1d-3333-4f0f-b0b4-000000000100";

fn ada() -> Person {
    let name = |name: &str| Some(name.to_owned());
    Person {
        first_name: name("Ada"),
        last_name: name("Byron"),
        ..Person::with_email(Email::new("Ada@example.test"))
    }
}

fn everything() -> Vec<Grant> {
    vec![
        Grant::named(GrantKind::Organization, ORGANIZATION),
        Grant::named(GrantKind::Role, "0f0c2f2e-1111-4c1e-9a51-000000000010"),
        Grant::named(GrantKind::IdentityProvider, "7d1b6a70-2222-4a35-8a11-000000000001"),
    ]
}

#[test]
fn the_contract_s_payload() {
    let expected = json!({
        "Users": [
            {"Email": "Ada@example.test", "FirstName": "Ada", "LastName": "Byron",
             "GroupId": "0f0c2f2e-1111-4c1e-9a51-000000000010",
             "IdentityProviderId": "7d1b6a70-2222-4a35-8a11-000000000001"}
        ],
        "OrganizationIds": [ORGANIZATION]
    });
    assert_eq!(body(&config(), &[ada()], &everything()), expected);
}

#[test]
fn names_and_places_are_settings() {
    let config = Config {
        organization_ids: OrganizationIdsPlacement::User,
        role_field: "RoleIds".to_owned(),
        identity_provider_field: "Provider".to_owned(),
        ..config()
    };
    let bob = Person::with_email(Email::new("bob@example.test"));
    let body = body(&config, &[ada(), bob], &everything());
    assert_eq!(
        body["Users"][1],
        json!({"Email": "bob@example.test", "OrganizationIds": [ORGANIZATION],
               "RoleIds": ["0f0c2f2e-1111-4c1e-9a51-000000000010"],
               "Provider": "7d1b6a70-2222-4a35-8a11-000000000001"})
    );
    assert_eq!(body["Users"][0]["OrganizationIds"], json!([ORGANIZATION]));
    assert_eq!(body.get("OrganizationIds"), None);
}

#[rstest]
#[case::nothing(None, None)]
#[case::acting_for(Some(" o1 "), Some(json!(["o1"])))]
fn without_organizations_it_is_the_one_acted_for(
    #[case] acting_for: Option<&str>,
    #[case] expected: Option<Value>,
) {
    for organization_ids in [OrganizationIdsPlacement::Payload, OrganizationIdsPlacement::User] {
        let on_behalf_of = acting_for.map(str::to_owned);
        let config = Config { on_behalf_of, organization_ids, ..config() };
        let body = body(&config, &[ada()], &[]);
        let in_user = body["Users"][0].get("OrganizationIds").cloned();
        let found = body.get("OrganizationIds").cloned().or(in_user);
        assert_eq!(found, expected);
        assert_eq!(body["Users"][0].get("GroupId"), None);
    }
}
