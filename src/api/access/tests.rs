use serde_json::json;

use super::*;

/// Every block of every vendor, with something of each kind.
fn samples() -> Vec<(Vendor, Access)> {
    let access = |value| serde_json::from_value(value).unwrap();
    vec![
        (
            Vendor::HpeGreenLake,
            access(
                json!({"hpeGreenLake": {"roleAssignments": [{"role": "grn:a", "scopes": ["grn:b", "grn:c"]}]}}),
            ),
        ),
        (Vendor::DynatraceManaged, access(json!({"dynatraceManaged": {"groups": ["Owners", "users"]}}))),
        (Vendor::DynatraceSaas, access(json!({"dynatraceSaas": {"groups": ["viewers", "g-2"]}}))),
        (
            Vendor::AppXite,
            access(json!({"appXite": {
                "organizationIds": ["o1", "o2"], "role": "Seller Admin", "identityProvider": "Azure AD"
            }})),
        ),
        (
            Vendor::VmwareCloudServices,
            access(json!({"vmwareCloudServices": {
                "organizationRoles": [{"name": "org_member"},
                                      {"name": "developer", "resource": "r", "expirationTime": "2030-01-01T00:00:00Z"}],
                "serviceRoles": [{"serviceDefinition": "/definitions/paid/a", "roles": [{"name": "x"}, {"name": "y"}]},
                                 {"serviceDefinition": "b", "roles": [{"name": "x", "resource": "z"}]}],
                "customRoles": [{"name": "mine"}],
                "groupIds": ["g1", "g2"]
            }})),
        ),
    ]
}

#[test]
fn what_is_granted_comes_back_as_it_was() {
    for (vendor, access) in samples() {
        assert_eq!(access.vendors(), [vendor]);
        assert_eq!(Access::from_grants(vendor, &access.grants()), Some(access));
    }
}
