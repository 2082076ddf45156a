//! No credential in anything that can be shown, also when the vendor repeats it.

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use user_invitation_operator::vendor::{
    InitialPassword, MemberAnswer, Person, Refusal, VendorClient, VendorError,
};
use vendor_simulators::{BodyFault, CredentialChange, ErrorBody, Fault, PasswordInput, When};

use super::appxite_rig::SUBSCRIPTION_KEY;
use super::support::{API_TOKEN, CLIENT_ID, CLIENT_SECRET, NOTHING, Rig, body, named};

/// A password to begin with.
const PASSWORD: &str = "vX4-qL7m_Wc2tYb8";

const STATUSES: [u16; 15] = [301, 307, 400, 401, 403, 404, 405, 409, 412, 418, 422, 429, 451, 500, 503];

/// Fails when a text holds eight characters in a row of a credential, in any of its forms.
fn check(shown: &str) {
    let basic = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    for secret in [API_TOKEN, CLIENT_SECRET, SUBSCRIPTION_KEY, PASSWORD, &basic] {
        for part in secret.as_bytes().windows(8) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!shown.contains(part), "{part} in {shown}");
        }
    }
    for start in ["Bearer", "Basic", "Api-Token", "eyJ"] {
        assert!(!shown.contains(start), "{start} in {shown}");
    }
}

fn check_error(error: &VendorError) {
    check(&format!("{error} {error:?}"));
}

fn check_answer(answer: &impl Debug) {
    check(&format!("{answer:?} {answer:#?}"));
}

/// Somebody with everything that an invite can carry.
fn with_password() -> Person {
    Person { initial_password: Some(InitialPassword::new(PASSWORD.into())), ..named("a@b.c") }
}

/// Makes every call with every failure, while the vendor repeats what it was given.
async fn try_everything<C: VendorClient>(rig: &Rig<C>, prefix: &str) {
    rig.control.echo_credentials(true);
    check(&format!("{:?} {:?}", rig.client, rig.client.permit().await.unwrap()));
    for status in STATUSES {
        for spoiled in
            [ErrorBody::Vendor, ErrorBody::Html, ErrorBody::Json(r#"{"errorCode": "E"}"#.to_owned())]
        {
            if status == 429 && spoiled != ErrorBody::Vendor {
                continue; // Each silent one pauses for longer.
            }
            rig.control.clear_faults();
            tokio::time::sleep(rig.limiter.blocked_for().unwrap_or_default()).await;
            let Ok(permit) = rig.client.permit().await else { continue };
            let fault = Fault::Status { status, commit: false, body: spoiled };
            rig.spoil(&format!("{prefix}.*"), When::Always, fault);
            let answer = rig.client.invite(permit, &[with_password()], &super::support::terms()).await;
            check_answer(&answer);
            if let Some(MemberAnswer::Refused(Refusal { code: Some(code), .. })) = answer.members.get("a@b.c")
            {
                check(code);
            }
            tokio::time::sleep(rig.limiter.blocked_for().unwrap_or_default()).await;
            check_error(&rig.client.sweep(&NOTHING).await.unwrap_err());
        }
    }
    rig.control.clear_faults();
    tokio::time::sleep(rig.limiter.blocked_for().unwrap_or_default()).await;
    for fault in [BodyFault::InvalidUtf8, BodyFault::Cut, BodyFault::Html] {
        rig.control.clear_faults();
        rig.spoil(&format!("{prefix}.*"), When::Always, body(fault));
        if let Err(error) = rig.client.sweep(&NOTHING).await {
            check_error(&error);
        }
    }
}

#[tokio::test]
async fn vmware() {
    let rig = Rig::vmware(|_| {}).await;
    try_everything(&rig, "vmware").await;
}

#[tokio::test]
async fn managed() {
    let rig = Rig::managed(|_| {}).await;
    for input in [PasswordInput::Refused, PasswordInput::Accepted] {
        rig.knobs(|knobs| knobs.password_input = input);
        check_answer(&rig.create(&[with_password(), named("b@b.c")]).await);
        check_answer(&rig.create(&[with_password()]).await);
    }
    try_everything(&rig, "managed").await;
    check_answer(&rig.calls.all());
}

#[tokio::test]
async fn hpe() {
    let rig = Rig::hpe(|_| {}).await;
    try_everything(&rig, "hpe").await;
}

#[tokio::test]
async fn appxite() {
    let rig = Rig::appxite(|_| {}).await;
    try_everything(&rig, "appxite").await;
}

#[tokio::test]
async fn saas() {
    let rig = Rig::saas(|_| {}).await;
    try_everything(&rig, "saas").await;
}

#[tokio::test]
async fn a_refused_credential_is_not_shown() {
    let rig = Rig::vmware(|_| {}).await;
    rig.control.echo_credentials(true);
    rig.control
        .change_credential(&rig.tenant, CredentialChange::Revoke { key: API_TOKEN.to_owned() })
        .unwrap();
    check_error(&rig.client.sweep(&NOTHING).await.unwrap_err());
    let rig = Rig::hpe(|_| {}).await;
    rig.control.echo_credentials(true);
    rig.control
        .change_credential(&rig.tenant, CredentialChange::Revoke { key: CLIENT_ID.to_owned() })
        .unwrap();
    check_error(&rig.client.verify().await.unwrap_err());
}

#[tokio::test]
async fn codes_that_are_credentials_are_dropped() {
    for code in [API_TOKEN, &API_TOKEN[..12], &format!("x{}", &API_TOKEN[20..])] {
        let rig = Rig::vmware(|_| {}).await;
        rig.client.sweep(&NOTHING).await.unwrap();
        let json = format!(r#"{{"cspErrorCode": "{code}"}}"#);
        let fault = Fault::Status { status: 403, commit: false, body: ErrorBody::Json(json) };
        rig.spoil("vmware.*", When::Always, fault);
        let error = rig.client.sweep(&NOTHING).await.unwrap_err();
        assert!(matches!(error, VendorError::Status { status: 403, code: None, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn credentials_that_can_t_stand_in_a_header() {
    let client = vendor_simulators::Credential::client(CLIENT_ID, CLIENT_SECRET);
    let rig = Rig::vmware_with(
        |org| org.credentials = vec![client],
        |config| {
            config.credentials = user_invitation_operator::vendor::vmware::Credentials::Client {
                id: "a\nb".to_owned(),
                secret: format!("{CLIENT_SECRET}\n").into(),
            };
        },
    )
    .await;
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::CredentialRefused { .. }), "{error:?}");
    check_error(&error);
}
