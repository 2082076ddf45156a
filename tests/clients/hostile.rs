//! Answers of broken gateways and of attackers, certificates and addresses: the same for every vendor.

use std::time::{Duration, Instant};

use rstest::rstest;
use user_invitation_operator::vendor::{
    Connection, NoObserver, Transport, TransportError, TransportSettings, VendorClient, VendorError, vmware,
};
use vendor_simulators::{BodyFault, CertificateAuthority, Drop, Fault, Simulators, When};

use super::support::{API_TOKEN, NOTHING, Rig, body, person, settings, wide, with_login, within};

/// A client of the same organization over another transport.
pub(crate) fn client(
    rig: &Rig<vmware::Client>,
    endpoint: &str,
    settings: &TransportSettings,
) -> vmware::Client {
    let config = vmware::Config {
        platform: vmware::Platform::Vcsp,
        org_id: rig.tenant.id.clone(),
        endpoint: reqwest::Url::parse(endpoint).unwrap(),
        invited_by: None,
        expiration_days: None,
        credentials: vmware::Credentials::ApiToken(API_TOKEN.into()),
        max_batch_size: 20,
    };
    let transport = Transport::new(settings).unwrap();
    vmware::Client::new(
        config,
        Connection { transport, limiter: wide(), observer: std::sync::Arc::new(NoObserver) },
    )
}

async fn error_with(rig: &Rig<vmware::Client>, settings: &TransportSettings) -> VendorError {
    client(rig, &rig.simulators.base_url_vmware(), settings).sweep(&NOTHING).await.unwrap_err()
}

#[rstest]
#[case::html(body(BodyFault::Html))]
#[case::empty(body(BodyFault::Empty))]
#[case::truncated(body(BodyFault::Truncated))]
#[case::cut(body(BodyFault::Cut))]
#[case::huge(body(BodyFault::Huge(1 << 40)))]
#[case::invalid_utf8(body(BodyFault::InvalidUtf8))]
#[case::slow(body(BodyFault::SlowLoris(2000)))]
#[case::deep(body(BodyFault::DeepJson(100_000)))]
#[case::headers(body(BodyFault::ManyHeaders(5000)))]
#[case::number(body(BodyFault::Json("17".to_owned())))]
#[case::another_object(body(BodyFault::Json(r#"{"message": "all is well"}"#.to_owned())))]
#[case::no_list(body(BodyFault::Json(r#"{"totalResults": 0, "results": null, "items": null}"#.to_owned())))]
#[case::reset(Fault::DropBefore { how: Drop::Reset })]
#[case::closed(Fault::DropBefore { how: Drop::Close })]
#[tokio::test]
async fn no_answer_breaks_a_reader(#[case] fault: Fault) {
    let operations = ["vmware.list_invitations", "vmware.list_users", "vmware.search_users", "vmware.token"];
    for operation in operations {
        let rig = Rig::vmware(|_| {}).await;
        rig.spoil(operation, When::Always, fault.clone());
        let begin = Instant::now();
        let sweep = rig.client.sweep(&NOTHING).await;
        let find = rig.client.find(&person("Nobody@example.com"), &NOTHING).await;
        within(Duration::from_secs(8), begin);
        let broken = if operation == "vmware.search_users" { find.is_err() } else { sweep.is_err() };
        assert!(broken, "{operation}: {sweep:?} {find:?}");
    }
    for operation in ["hpe.list_users", "hpe.find_user", "hpe.token"] {
        let rig = Rig::hpe(|_| {}).await;
        rig.spoil(operation, When::Always, fault.clone());
        let begin = Instant::now();
        let sweep = rig.client.sweep(&NOTHING).await;
        let find = rig.client.find(&person("nobody@example.com"), &NOTHING).await;
        within(Duration::from_secs(8), begin);
        let broken = if operation == "hpe.find_user" { find.is_err() } else { sweep.is_err() };
        assert!(broken, "{operation}: {sweep:?} {find:?}");
    }
    for operation in ["saas.list_users", "saas.read_user", "saas.token"] {
        let rig = Rig::saas(|account| account.members = vec!["ada@example.com".to_owned()]).await;
        rig.spoil(operation, When::Always, fault.clone());
        let begin = Instant::now();
        let sweep = rig.client.sweep(&NOTHING).await;
        let find = rig.client.find(&person("ada@example.com"), &NOTHING).await;
        within(Duration::from_secs(8), begin);
        let broken = if operation == "saas.read_user" { find.is_err() } else { sweep.is_err() };
        assert!(broken, "{operation}: {sweep:?} {find:?}");
    }
    for operation in ["managed.list_users", "managed.read_user", "managed.list_groups"] {
        let rig = Rig::managed(|_| {}).await;
        rig.spoil(operation, When::Always, fault.clone());
        let begin = Instant::now();
        let sweep = rig.client.sweep(&NOTHING).await;
        // Somebody who is there: a 404 needs no body.
        let find = rig.client.find(&with_login("owner@example.com", "admin"), &NOTHING).await;
        let names = rig.client.names().await;
        within(Duration::from_secs(8), begin);
        let broken = match operation {
            "managed.list_users" => sweep.is_err(),
            "managed.read_user" => find.is_err(),
            _ => names.is_err() && rig.client.verify().await.is_err(),
        };
        assert!(broken, "{operation}: {sweep:?} {find:?} {names:?}");
    }
}

#[tokio::test]
async fn a_wrong_content_type_is_survived() {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.*", When::Always, body(BodyFault::WrongContentType));
    assert_eq!(rig.everybody().await.len(), 1);
}

#[rstest]
#[case(301)]
#[case(302)]
#[case(303)]
#[case(307)]
#[case(308)]
#[tokio::test]
async fn redirects_are_never_followed(#[case] status: u16) {
    for location in [None, Some("https://127.0.0.1:1/"), Some("http://169.254.169.254/latest"), Some("/")] {
        let rig = Rig::vmware(|_| {}).await;
        let fault = Fault::Redirect { status, location: location.map(str::to_owned) };
        rig.spoil("vmware.list_invitations", When::Always, fault.clone());
        let error = rig.client.sweep(&NOTHING).await.unwrap_err();
        assert!(matches!(error, VendorError::BadAnswer { .. }), "{error:?}");
        rig.control.drop_tokens(&rig.tenant);
        rig.spoil("vmware.token", When::Always, fault);
        assert!(rig.client.sweep(&NOTHING).await.is_err());
        assert_eq!(rig.operations("vmware.unknown").len(), 0);
    }
}

#[tokio::test]
async fn only_the_right_authority_is_trusted() {
    let rig = Rig::vmware(|_| {}).await;
    let right = settings(&rig.simulators);
    let other = CertificateAuthority::generate().unwrap().certificate_pem().as_bytes().to_vec();
    for ca_bundle in [None, Some(other.clone())] {
        let error = error_with(&rig, &TransportSettings { ca_bundle, ..right.clone() }).await;
        let VendorError::Connect { cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause, "the certificate is not trusted");
    }
    let both = [other, right.ca_bundle.clone().unwrap()].concat();
    let settings = TransportSettings { ca_bundle: Some(both), ..right };
    assert!(client(&rig, &rig.simulators.base_url_vmware(), &settings).sweep(&NOTHING).await.is_ok());
    assert_eq!(rig.operations("vmware.token").len(), 1, "nothing was sent to the others");
}

#[rstest]
#[case::empty("")]
#[case::words("certificates")]
#[case::broken("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
#[tokio::test]
async fn a_bundle_that_is_none_is_refused(#[case] bundle: &str) {
    let settings =
        TransportSettings { ca_bundle: Some(bundle.as_bytes().to_vec()), ..TransportSettings::default() };
    let error = Transport::new(&settings).unwrap_err();
    assert!(matches!(error, TransportError::CaBundle | TransportError::Tls), "{error:?}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let rig = Rig::vmware(|_| {}).await;
    let port = rig.simulators.addresses().vmware.port();
    // the address is listened on, the certificate does not name it
    let mut settings = settings(&rig.simulators);
    settings.allowed_private_cidrs.push("::ffff:127.0.0.1/128".parse().unwrap());
    let error = client(&rig, &format!("https://[::ffff:127.0.0.1]:{port}"), &settings)
        .sweep(&NOTHING)
        .await
        .unwrap_err();
    assert!(matches!(error, VendorError::Connect { .. }), "{error:?}");
}

#[rstest]
#[case::literal("https://127.0.0.1")]
#[case::name("https://localhost")]
#[case::mapped("https://[::ffff:127.0.0.1]")]
#[case::hexadecimal("https://0x7f000001")]
#[case::metadata("https://169.254.169.254")]
#[tokio::test]
async fn private_addresses_need_consent(#[case] endpoint: &str) {
    let rig = Rig::vmware(|_| {}).await;
    let settings = TransportSettings { allowed_private_cidrs: Vec::new(), ..settings(&rig.simulators) };
    let port = rig.simulators.addresses().vmware.port();
    let error = client(&rig, &format!("{endpoint}:{port}"), &settings).sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::AddressNotAllowed { .. }), "{error:?}");
    assert_eq!(rig.operations("*").len(), 0);
}

#[tokio::test]
async fn names_are_resolved_and_checked() {
    let rig = Rig::vmware(|_| {}).await;
    let port = rig.simulators.addresses().vmware.port();
    let settings = settings(&rig.simulators);
    assert!(client(&rig, &format!("https://localhost:{port}"), &settings).sweep(&NOTHING).await.is_ok());
    let error = client(&rig, "https://no-such-host.invalid", &settings).sweep(&NOTHING).await.unwrap_err();
    let VendorError::Connect { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause, "the name can't be resolved");
}

#[tokio::test]
async fn only_https_is_spoken() {
    let rig = Rig::vmware(|_| {}).await;
    let plain = rig.simulators.base_url_vmware().replace("https", "http");
    let error = client(&rig, &plain, &settings(&rig.simulators)).sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_port_nobody_listens_on() {
    let simulators = Simulators::start(vendor_simulators::Options::default()).await.unwrap();
    let rig = Rig::vmware(|_| {}).await;
    let settings = settings(&rig.simulators);
    let address = simulators.base_url_vmware();
    std::mem::drop(simulators);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = client(&rig, &address, &settings).sweep(&NOTHING).await.unwrap_err();
    let VendorError::Connect { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause, "the connection was refused");
}

#[tokio::test]
async fn a_listener_that_says_nothing_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = Rig::vmware(|_| {}).await;
    let settings =
        TransportSettings { connect_timeout: Duration::from_millis(300), ..settings(&rig.simulators) };
    let begin = Instant::now();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let error = client(&rig, &endpoint, &settings).sweep(&NOTHING).await.unwrap_err();
    within(Duration::from_secs(2), begin);
    let VendorError::Connect { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause, "no connection in time");
}
