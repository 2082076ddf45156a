//! Where calls to vendors have to pass a proxy, whose authority only the chart's values name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use test_rig::certificates::CertificateAuthority;
use test_rig::lab::{Hosts, OPERATOR};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::modes;

/// A proxy that connects wherever it is asked to; its URL, and how often it was asked.
async fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, count) = (listener.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(tunnel(stream));
        }
    });
    (format!("http://{address}"), count)
}

async fn tunnel(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut line) = (String::new(), String::new());
    stream.read_line(&mut first).await.expect("a request");
    while stream.read_line(&mut line).await.expect("a header") > 2 {
        line.clear();
    }
    let target = first.split(' ').nth(1).expect("CONNECT HOST:PORT");
    let mut other = TcpStream::connect(target).await.expect("the vendor listens");
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("the operator listens");
    // Either side may close as it likes.
    let _ = copy_bidirectional(&mut stream, &mut other).await;
}

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
    let operator = modes::start(&lab).await;
    modes::a_life(&namespace).await;
    assert!(asked.load(Ordering::Relaxed) > 0);
    modes::stop(operator).await;
    lab.stop().await;
}
