//! Where calls to vendors have to pass a proxy, whose authority only the chart's values name.

use std::sync::atomic::Ordering;

use serde_json::json;
use test_rig::OperatorOptions;
use test_rig::certificates::CertificateAuthority;
use test_rig::lab::{Hosts, OPERATOR};
use test_rig::tunnel::proxy;

use crate::modes;

/// The vendors' addresses are private, and none is allowed; their authority is no provider's. So without both values of the
/// chart nobody would be invited.
#[tokio::test]
async fn a_proxy_and_an_authority_for_all() {
    let (url, asked) = proxy().await;
    let values = json!({
        "allowedPrivateCidrs": [],
        "proxy": {"secretRef": {"name": "proxy"}},
        "extraCaBundle": {"configMapName": "authorities"},
    });
    let (lab, _) = modes::lab("charts-proxy", values, &[]).await;
    let own = format!("/api/v1/namespaces/{OPERATOR}");
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "proxy"}, "stringData": {"url": url},
    });
    lab.admin().create(&format!("{own}/secrets"), &secret).await.expect("the Secret is new");
    let authorities = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "authorities"},
        "data": {"vendors.pem": lab.simulators.ca_pem()},
    });
    lab.admin().create(&format!("{own}/configmaps"), &authorities).await.expect("the ConfigMap is new");

    let stranger = CertificateAuthority::new("nobody's").pem();
    let namespace = lab.namespace_with("team-a", Hosts { authority: stranger, ..lab.hosts() }).await;
    let operator = modes::start(&lab, &OperatorOptions::default()).await;
    modes::a_life(&namespace).await;
    assert!(asked.load(Ordering::Relaxed) > 0);
    modes::stop(operator).await;
    lab.stop().await;
}
