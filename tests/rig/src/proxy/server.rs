//! The listening side: ends TLS, and lets each request through as the script says.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::call::{Classify, Seen};
use super::forward::{self, Body, Upstream};
use super::script::{Fault, Script};
use crate::certificates::CertificateAuthority;

/// A proxy before one server; it stops when dropped.
pub struct FaultProxy {
    address: SocketAddr,
    severed: watch::Sender<bool>,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Way {
    upstream: Upstream,
    classify: Classify,
    script: Arc<Script>,
}

/// Instead of an answer the connection is broken.
struct Cut;

impl FaultProxy {
    /// Starts a proxy on the loopback address before the server at `upstream`, whose certificate is checked against
    /// `upstream_ca` (PEM); clients have to trust `authority`.
    pub async fn start(
        upstream: &str,
        upstream_ca: &str,
        authority: &CertificateAuthority,
        classify: Classify,
        script: Arc<Script>,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let acceptor = acceptor(authority);
        let way = Way { upstream: Upstream::new(upstream, upstream_ca), classify, script };
        let stop = CancellationToken::new();
        let (severed, cuts) = watch::channel(false);
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let (acceptor, way, mut cuts) = (acceptor.clone(), way.clone(), cuts.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        _ = cuts.wait_for(|severed| *severed) => {}
                        () = connection(stream, acceptor, way) => {}
                    }
                });
            }
        }));
        Self { address, severed, stop }
    }

    /// `https://…` of the proxy.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Breaks every connection and lets nothing through any more, until it is told otherwise.
    pub fn sever(&self, severed: bool) {
        self.severed.send_replace(severed);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.stop.cancel();
        self.severed.send_replace(true);
    }
}

fn acceptor(authority: &CertificateAuthority) -> TlsAcceptor {
    let issued = authority.issue(&["127.0.0.1", "localhost"]);
    let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("certificate and key belong together");
    TlsAcceptor::from(Arc::new(config))
}

/// Serves one connection. It belongs to the life of the operator in which it was opened.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor, way: Way) {
    let life = way.script.life();
    // Else small answers wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let broken = Arc::new(Notify::new());
    let breaks = Arc::clone(&broken);
    let service = service_fn(move |request| {
        let (way, breaks) = (way.clone(), Arc::clone(&breaks));
        async move {
            if let Ok(answer) = respond(request, &way, life).await {
                return Ok::<_, Infallible>(answer);
            }
            breaks.notify_one();
            pending().await
        }
    });
    let mut served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = &mut served => return,
        () = broken.notified() => {}
    }
    let stream: TlsStream<TcpStream> = served.into_parts().io.into_inner();
    // Closed without lingering, a connection is reset instead of ended.
    let _ = stream.get_ref().0.set_zero_linger();
}

async fn respond(request: Request<Incoming>, way: &Way, life: u64) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let call = (way.classify)(&Seen {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
    });
    if way.script.life() != life {
        return Err(Cut);
    }
    match way.script.note(call) {
        None => {}
        Some(Fault::KillBefore) => {
            way.script.kill(life);
            return Err(Cut);
        }
        Some(Fault::KillThenArrive(late)) => {
            way.script.kill(life);
            // Not waited for: the connection that it came on is broken.
            tokio::spawn(passed_on(way, &parts, &body, late));
            return Err(Cut);
        }
        Some(Fault::KillAfter) => {
            passed_on(way, &parts, &body, Duration::ZERO).await;
            way.script.kill(life);
            return Err(Cut);
        }
        Some(Fault::DropResponse) => {
            passed_on(way, &parts, &body, Duration::ZERO).await;
            return Err(Cut);
        }
        Some(Fault::Delay(time)) => {
            let (upstream, parts, body) = (way.upstream.clone(), parts.clone(), body.clone());
            // A task of its own goes on when the caller has hung up.
            let sent = tokio::spawn(async move {
                tokio::time::sleep(time).await;
                upstream.send(&parts, &body).await
            });
            return sent.await.expect("forwarding does not panic").map(forward::answer).map_err(|_| Cut);
        }
        Some(Fault::Duplicate) => passed_on(way, &parts, &body, Duration::ZERO).await,
        Some(Fault::Status(status)) => return Ok(forward::own_answer(status)),
    }
    if way.script.life() != life {
        return Err(Cut);
    }
    way.upstream.send(&parts, &body).await.map(forward::answer).map_err(|_| Cut)
}

/// Lets the request have its effect, whatever becomes of the connection it came on; nobody sees the answer.
fn passed_on(way: &Way, parts: &Parts, body: &Bytes, late: Duration) -> impl Future<Output = ()> + use<> {
    let (upstream, parts, body) = (way.upstream.clone(), parts.clone(), body.clone());
    let sent = tokio::spawn(async move {
        tokio::time::sleep(late).await;
        let answer = upstream.send(&parts, &body).await?;
        answer.bytes().await
    });
    async move {
        if let Err(error) = sent.await.expect("forwarding does not panic") {
            tracing::warn!(%error, "a request that was to have its effect had no answer");
        }
    }
}
