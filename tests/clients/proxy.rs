//! The outgoing proxy: what goes through it, and what is checked then.

use std::sync::atomic::Ordering;

use test_rig::tunnel::proxy;
use user_invitation_operator::vendor::{ProxySettings, TransportSettings, VendorClient, VendorError};

use super::hostile::client;
use super::support::{NOTHING, Rig, settings};

#[tokio::test]
async fn what_goes_through_a_proxy_is_the_proxy_s_affair() {
    let rig = Rig::vmware(|_| {}).await;
    let (url, count) = proxy().await;
    let through = |no_proxy: &str| TransportSettings {
        allowed_private_cidrs: Vec::new(),
        proxy: Some(ProxySettings { url: url.clone().into(), no_proxy: no_proxy.to_owned() }),
        ..settings(&rig.simulators)
    };
    let port = rig.simulators.addresses().vmware.port();
    for host in ["127.0.0.1", "localhost"] {
        let endpoint = format!("https://{host}:{port}");
        let before = count.load(Ordering::Relaxed);
        assert!(client(&rig, &endpoint, &through("")).sweep(&NOTHING).await.is_ok());
        assert!(count.load(Ordering::Relaxed) > before);

        let before = count.load(Ordering::Relaxed);
        let error = client(&rig, &endpoint, &through(host)).sweep(&NOTHING).await.unwrap_err();
        assert!(matches!(error, VendorError::AddressNotAllowed { .. }), "{error:?}");
        assert_eq!(count.load(Ordering::Relaxed), before, "not through the proxy");
    }
}

#[tokio::test]
async fn a_proxy_that_is_named_is_not_checked_and_its_password_not_shown() {
    let rig = Rig::vmware(|_| {}).await;
    let (url, count) = proxy().await;
    let url = url.replace("127.0.0.1", "someone:a-very-secret-word@localhost");
    let settings = TransportSettings {
        allowed_private_cidrs: Vec::new(),
        proxy: Some(ProxySettings { url: url.into(), no_proxy: String::new() }),
        ..settings(&rig.simulators)
    };
    assert!(!format!("{settings:?}").contains("secret-word"));
    let client = client(&rig, &rig.simulators.base_url_vmware(), &settings);
    assert!(!format!("{client:?}").contains("secret-word"), "{client:?}");
    assert!(client.sweep(&NOTHING).await.is_ok());
    assert!(count.load(Ordering::Relaxed) > 0);
}
