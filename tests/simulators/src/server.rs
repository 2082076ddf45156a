//! Accepts TLS connections and hands requests to the pipeline. A request may end without any response: then the
//! TCP connection is closed or reset under it.

use std::{future::pending, net::SocketAddr, sync::Arc};

use http_body_util::{BodyExt, Limited};
use hyper::{Request as HttpRequest, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use crate::{
    faults::Drop,
    http::{Reply, Request, WireBody},
    pipeline::{Outcome, Pipeline},
};

/// Requests larger than this are refused.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// One vendor's listening server.
pub(crate) struct Server {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    pipeline: Arc<Pipeline>,
    stop: CancellationToken,
}

impl Server {
    /// Listens, and serves in the background until `stop`.
    pub(crate) async fn start(
        address: SocketAddr,
        tls: Arc<ServerConfig>,
        pipeline: Pipeline,
        stop: CancellationToken,
    ) -> std::io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        Self::serve(listener, tls, pipeline, stop);
        Ok(bound)
    }

    /// Serves in the background until `stop`.
    pub(crate) fn serve(
        listener: TcpListener,
        tls: Arc<ServerConfig>,
        pipeline: Pipeline,
        stop: CancellationToken,
    ) {
        let server = Self { listener, acceptor: TlsAcceptor::from(tls), pipeline: Arc::new(pipeline), stop };
        tokio::spawn(server.accept());
    }

    async fn accept(self) {
        loop {
            let stream = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::debug!(%error, "accept failed");
                        continue;
                    }
                },
            };
            let (acceptor, pipeline, stop) =
                (self.acceptor.clone(), self.pipeline.clone(), self.stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = connection(stream, acceptor, pipeline) => {}
                }
            });
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, pipeline: Arc<Pipeline>) {
    // Without this, small replies wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let (order, mut ordered) = watch::channel(None);
    let order = Arc::new(order);
    let service = service_fn(move |request| respond(request, pipeline.clone(), order.clone()));
    let mut connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let drop = tokio::select! {
        result = &mut connection => {
            if let Err(error) = result {
                tracing::debug!(%error, "connection ended");
            }
            return;
        }
        changed = ordered.wait_for(Option::is_some) => changed.ok().and_then(|order| *order),
    };
    let stream: TlsStream<TcpStream> = connection.into_parts().io.into_inner();
    if drop == Some(Drop::Reset) {
        // Closing with zero linger sends RST instead of FIN.
        let _ = stream.get_ref().0.set_zero_linger();
    }
}

async fn respond(
    request: HttpRequest<Incoming>,
    pipeline: Arc<Pipeline>,
    order: Arc<watch::Sender<Option<Drop>>>,
) -> Result<Response<WireBody>, std::io::Error> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return Ok(Reply::empty(413).into_response());
    };
    let request = Request::new(parts.method, &parts.uri, parts.headers, body.to_bytes());
    // A task of its own, since the vendor finishes what it began even if the client has gone.
    let outcome = tokio::spawn(async move { pipeline.handle(request).await }).await;
    match outcome {
        Ok(Outcome::Reply(reply)) => Ok(reply.into_response()),
        Ok(Outcome::Drop(how)) => {
            order.send_replace(Some(how));
            pending().await
        }
        Err(error) => {
            tracing::error!(%error, "a simulator's handler failed");
            Ok(Reply::empty(500).into_response())
        }
    }
}
