use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn serve(readiness: &Readiness) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = HealthServer::bind(any, readiness.clone(), Metrics::new()).await.unwrap();
    let (address, stop) = (server.address(), CancellationToken::new());
    let token = stop.clone();
    (address, stop, tokio::spawn(async move { server.serve(token).await.unwrap() }))
}

#[tokio::test]
async fn ready_means_that_every_gate_is_open() {
    let readiness = Readiness::new();
    let (address, _stop, _task) = serve(&readiness).await;
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200"));

    let (first, second) = (readiness.gate("invitations"), readiness.gate("providers"));
    let answer = get(address, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.ends_with("waiting for: invitations, providers\n"), "{answer}");
    assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200"), "waiting is no reason to be killed");

    first.waits_because("a definition is missing");
    let answer = get(address, "/readyz").await;
    assert!(
        answer.ends_with("waiting for: invitations (a definition is missing), providers\n"),
        "what is missing is said: {answer}"
    );
    first.open();
    first.waits_because("it is too late for that");
    assert!(get(address, "/readyz").await.ends_with("waiting for: providers\n"));
    second.clone().open();
    second.open();
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200"));

    first.close("a definition is gone");
    assert!(get(address, "/readyz").await.ends_with("waiting for: invitations (a definition is gone)\n"));
    first.open();
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200"));
}

#[test]
fn gates_that_say_the_same_are_told_once() {
    let readiness = Readiness::new();
    let (first, second) = (readiness.gate("invitations"), readiness.gate("invitations"));
    assert_eq!(readiness.waiting(), ["invitations"]);
    first.close("a right is missing");
    assert_eq!(readiness.waiting(), ["invitations (a right is missing)", "invitations"]);
    first.open();
    assert_eq!(readiness.waiting(), ["invitations"], "the other one still waits");
    second.open();
    assert!(readiness.waiting().is_empty());
}

#[tokio::test]
async fn a_standby_is_ready_and_a_new_leader_waits_for_its_own_gates() {
    let readiness = Readiness::new();
    let standing_by = readiness.gate("lease");
    assert_eq!(readiness.waiting(), ["lease"]);
    standing_by.open();
    assert!(readiness.waiting().is_empty());
    let watch = readiness.gate("invitations");
    drop(watch);
    assert_eq!(readiness.waiting(), ["invitations"], "a gate that is lost stays closed");
    readiness.forget_gates();
    let standing_by = readiness.gate("lease");
    assert_eq!(readiness.waiting(), ["lease"], "who leads no longer waits only for what a standby does");
    standing_by.open();
    assert!(readiness.waiting().is_empty());
}

#[tokio::test]
async fn metrics_are_served_as_open_metrics() {
    let (address, _stop, _task) = serve(&Readiness::new()).await;
    let answer = get(address, "/metrics").await;
    assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0"), "{answer}");
    assert!(answer.contains("user_invitation_operator_leader 0"), "{answer}");
    assert!(answer.ends_with("# EOF\n"), "{answer}");
    assert!(get(address, "/elsewhere").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn the_server_ends_when_it_is_told_to() {
    let (address, stop, task) = serve(&Readiness::new()).await;
    get(address, "/livez").await;
    stop.cancel();
    timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_taken_address_is_told() {
    let (address, _stop, _task) = serve(&Readiness::new()).await;
    let error = HealthServer::bind(address, Readiness::new(), Metrics::new()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {address} for probes and metrics"));
}
