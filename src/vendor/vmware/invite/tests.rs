use std::num::NonZeroU32;
use std::sync::Arc;

use reqwest::Url;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::vendor::terms::{ServiceRoles, VmwareAccess};
use crate::vendor::vmware::{Config, Credentials};
use crate::vendor::{Connection, Limiter, NoObserver, Transport, TransportSettings};

fn client(platform: Platform) -> Client {
    let config = Config {
        platform,
        org_id: "o".to_owned(),
        endpoint: Url::parse("https://h.example").unwrap(),
        invited_by: Some("owner@example.com".to_owned()),
        expiration_days: Some(14),
        credentials: Credentials::ApiToken("t".into()),
        max_batch_size: 20,
    };
    let connection = Connection {
        transport: Transport::new(&TransportSettings::default()).unwrap(),
        limiter: Arc::new(Limiter::new(NonZeroU32::MIN)),
        observer: Arc::new(NoObserver),
    };
    Client::new(config, connection)
}

fn body(platform: Platform, access: Access, notification: Notification) -> Value {
    let people = [Email::new("Ada@example.com"), Email::new("bob@example.com")];
    serde_json::to_value(client(platform).invite_body(&people, &InviteTerms { access, notification }))
        .unwrap()
}

#[rstest]
#[case::send(Notification::Send, true, true)]
#[case::new_accounts(Notification::NewAccountsOnly, false, true)]
#[case::none(Notification::Suppress, false, false)]
fn mails(#[case] notification: Notification, #[case] known: bool, #[case] new: bool) {
    let tcsp = body(Platform::Tcsp, Access::VendorDefault, notification);
    assert_eq!(
        tcsp,
        json!({
            "usernames": ["Ada@example.com", "bob@example.com"],
            "organizationRoles": [{"name": "org_member"}],
            "notifyUsersOfOrgAccess": known, "notifyUsersOfRegistration": new,
            "invitedBy": "owner@example.com", "invitationExpirationInDays": 14
        })
    );
    let vcsp = body(Platform::Vcsp, Access::VendorDefault, notification);
    assert_eq!(
        vcsp,
        json!({
            "usernames": ["Ada@example.com", "bob@example.com"],
            "organizationRoles": [{"name": "org_member"}],
            "skipNotify": !known, "skipNotifyRegistration": !new,
            "invitedBy": "owner@example.com"
        })
    );
}

#[test]
fn access_in_the_vendor_s_words() {
    let plain = |name: &str| Role { name: name.to_owned(), resource: None, expires: None };
    let access = VmwareAccess {
        organization_roles: vec![Role {
            expires: jiff::Timestamp::from_millisecond(1_893_456_000_000).ok(),
            ..plain("support_user")
        }],
        service_roles: vec![
            ServiceRoles {
                service_definition: "ybUdo".to_owned(),
                roles: vec![
                    plain("vmc-user:full"),
                    Role { resource: Some("instance:76ac".to_owned()), ..plain("nsx:cloud_admin") },
                ],
            },
            ServiceRoles {
                service_definition: "/csp/gateway/slc/api/definitions/paid/x".to_owned(),
                roles: vec![],
            },
        ],
        custom_roles: vec!["my-role".to_owned()],
        group_ids: vec!["g1".to_owned()],
    };
    let body = body(Platform::Vcsp, Access::VmwareCloudServices(access), Notification::Send);
    assert_eq!(
        body["organizationRoles"],
        json!([{"name": "support_user", "expiresAt": 1_893_456_000_000_i64}])
    );
    assert_eq!(
        body["serviceRolesDtos"],
        json!([
            {"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/external/ybUdo",
             "serviceRoles": [{"name": "vmc-user:full"}, {"name": "nsx:cloud_admin", "resource": "instance:76ac"}]},
            {"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/paid/x", "serviceRoles": []}
        ])
    );
    assert_eq!(body["customRoles"], json!([{"name": "my-role"}]));
    assert_eq!(body["customGroupsIds"], json!(["g1"]));
}
