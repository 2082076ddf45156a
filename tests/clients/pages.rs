//! The pages of the vendors: the Secret and the provider that a page shows make a client, and that client can do what
//! the page's table of capabilities says.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::ByteString;
use rstest::rstest;
use serde::Deserialize;
use serde_json::Value;
use test_rig::pages::{self, Page};
use user_invitation_operator::api::{InvitationProvider, InvitationProviderSpec};
use user_invitation_operator::controller::shown_capabilities;
use user_invitation_operator::opening::{self, Consent, Material, Values};
use user_invitation_operator::vendor::{
    Capabilities, NoObserver, TenantKey, Transport, TransportSettings, VendorClient,
};

use super::support::{Rig, wide};

/// The provider that a page shows.
fn provider(page: &Page) -> InvitationProviderSpec {
    let blocks = page.blocks("yaml");
    let mut documents = blocks.iter().flat_map(|block| serde_yaml::Deserializer::from_str(block));
    let provider = documents.find_map(|document| {
        let content = Value::deserialize(document).unwrap();
        (content["kind"] == "InvitationProvider").then_some(content)
    });
    serde_json::from_value::<InvitationProvider>(provider.unwrap()).unwrap().spec
}

/// The client of a provider whose Secret has these keys, and allows what the page allows.
fn open(page: &Page, spec: &InvitationProviderSpec, keys: &[String]) -> Arc<dyn VendorClient> {
    let secret = spec.credentials.secret_ref.name.as_str();
    let data: BTreeMap<String, ByteString> =
        keys.iter().map(|key| (key.clone(), ByteString(b"something".to_vec()))).collect();
    let limiter = |_: &TenantKey| wide();
    let material = Material {
        values: Values::new(secret, data),
        consent: Consent { secret, allowed: &page.allowed_hosts() },
        transport: Transport::new(&TransportSettings::default()).unwrap(),
        limiter: &limiter,
        observer: Arc::new(NoObserver),
        max_batch_size: spec.limits.max_batch_size.and_then(|size| usize::try_from(size).ok()),
    };
    opening::open(spec, &material).unwrap().client
}

/// What the status of the page's provider says, with these capabilities.
fn shown(spec: &InvitationProviderSpec, can: &Capabilities) -> Value {
    serde_json::to_value(shown_capabilities(spec, can)).unwrap()
}

/// Holds one column of the page's table against the client that each of its Secrets opens.
fn compare(place: &str, column: &str, change: impl FnOnce(&mut InvitationProviderSpec)) {
    let page = pages::read(place);
    let mut spec = provider(&page);
    change(&mut spec);
    let secrets = page.secrets();
    assert!(!secrets.is_empty(), "{place}");
    for secret in secrets.into_iter().filter(|secret| !secret.initial_password) {
        assert_eq!(secret.name, spec.credentials.secret_ref.name, "{place}: the Secret of the provider");
        let can = open(&page, &spec, &secret.keys).capabilities();
        assert_eq!(Value::from(page.capabilities()[column].clone()), shown(&spec, &can), "{place}: {column}");
    }
}

fn columns(place: &str) -> Vec<String> {
    pages::read(place).capabilities().into_keys().collect()
}

#[test]
fn vmware() {
    let place = "docs/vmware-cloud-services.md";
    compare(place, "value", |_| {});
    assert_eq!(columns(place), ["value"]);
}

#[test]
fn dynatrace_managed() {
    let place = "docs/dynatrace-managed.md";
    compare(place, "value", |_| {});
    assert_eq!(columns(place), ["value"]);
}

#[test]
fn saas() {
    let place = "docs/dynatrace-saas.md";
    compare(place, "value", |_| {});
    assert_eq!(columns(place), ["value"]);
}

/// What is not documented depends on a setting.
#[test]
fn appxite() {
    let place = "docs/appxite.md";
    compare(place, "as documented", |_| {});
    compare(place, "with paths.remove", |spec| {
        spec.app_xite.as_mut().unwrap().paths.remove = Some("/users/{id}".to_owned());
    });
    assert_eq!(columns(place), ["as documented", "with paths.remove"]);
}

/// What the workspace can do shows when the credential is verified.
#[rstest]
#[case::enhanced_iam("with enhanced IAM", true)]
#[case::plain("without", false)]
#[tokio::test]
async fn hpe(#[case] column: &str, #[case] enhanced_iam: bool) {
    let place = "docs/hpe-greenlake.md";
    let rig = Rig::hpe(|workspace| workspace.knobs.enhanced_iam = enhanced_iam).await;
    rig.client.verify().await.unwrap();
    let page = pages::read(place);
    let spec = provider(&page);
    let can = rig.client.capabilities();
    assert_eq!(Value::from(page.capabilities()[column].clone()), shown(&spec, &can), "{column}");
    // Nobody has verified anything yet.
    compare(place, "without", |_| {});
    assert_eq!(columns(place), ["with enhanced IAM", "without"]);
}
