use std::num::NonZeroU32;
use std::sync::Arc;

use reqwest::Url;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::vendor::vmware::{Config, Credentials};
use crate::vendor::{Connection, Email, Limiter, NoObserver, Transport, TransportSettings};

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

fn body(platform: Platform, grants: Vec<Grant>, notification: Notification) -> Value {
    let people = ["Ada@example.com", "bob@example.com"].map(|email| Person::with_email(Email::new(email)));
    serde_json::to_value(client(platform).invite_body(&people, &InviteTerms { grants, notification }))
        .unwrap()
}

#[rstest]
#[case::send(Notification::Send, true, true)]
#[case::new_accounts(Notification::NewAccountsOnly, false, true)]
#[case::none(Notification::Suppress, false, false)]
fn mails(#[case] notification: Notification, #[case] known: bool, #[case] new: bool) {
    let tcsp = body(Platform::Tcsp, Vec::new(), notification);
    assert_eq!(
        tcsp,
        json!({
            "usernames": ["Ada@example.com", "bob@example.com"],
            "organizationRoles": [{"name": "org_member"}],
            "notifyUsersOfOrgAccess": known, "notifyUsersOfRegistration": new,
            "invitedBy": "owner@example.com", "invitationExpirationInDays": 14
        })
    );
    let vcsp = body(Platform::Vcsp, Vec::new(), notification);
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
    let of_service = |name: &str, service: &str| Grant {
        service: Some(service.to_owned()),
        ..Grant::named(GrantKind::ServiceRole, name)
    };
    let paid = "/csp/gateway/slc/api/definitions/paid/x";
    let grants = vec![
        Grant {
            expires: jiff::Timestamp::from_millisecond(1_893_456_000_000).ok(),
            ..Grant::named(GrantKind::OrganizationRole, "support_user")
        },
        of_service("vmc-user:full", "ybUdo"),
        Grant { resources: vec!["instance:76ac".to_owned()], ..of_service("nsx:cloud_admin", "ybUdo") },
        of_service("reader", paid),
        Grant::named(GrantKind::CustomRole, "my-role"),
        Grant::named(GrantKind::Group, "g1"),
    ];
    let body = body(Platform::Vcsp, grants, Notification::Send);
    assert_eq!(
        body["organizationRoles"],
        json!([{"name": "support_user", "expiresAt": 1_893_456_000_000_i64}])
    );
    assert_eq!(
        body["serviceRolesDtos"],
        json!([
            {"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/external/ybUdo",
             "serviceRoles": [{"name": "vmc-user:full"}, {"name": "nsx:cloud_admin", "resource": "instance:76ac"}]},
            {"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/paid/x", "serviceRoles": [{"name": "reader"}]}
        ])
    );
    assert_eq!(body["customRoles"], json!([{"name": "my-role"}]));
    assert_eq!(body["customGroupsIds"], json!(["g1"]));
}
