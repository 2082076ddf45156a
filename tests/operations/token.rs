//! The operator's token is not accepted any more, and a newer one lies where it found the old one.

use std::time::Instant;

use serde_json::json;
use test_rig::OperatorOptions;
use test_rig::lab::OPERATOR;

use crate::scene::{Scene, flags, is_calm, lab};

/// A ServiceAccount that is made anew has other tokens: the old ones have ended.
#[tokio::test]
async fn a_newer_token_is_found() {
    let options = OperatorOptions { flags: flags(&[]), ..OperatorOptions::default() };
    let mut scene = Scene::begin(lab("operations-token").await, &options, json!({})).await;
    let accounts = format!("/api/v1/namespaces/{OPERATOR}/serviceaccounts");
    let path = format!("{accounts}/{OPERATOR}");
    let mut account = scene.client.get(&path).await.expect("it is installed");
    let (mark, begun) = (scene.mark(), Instant::now());
    scene.client.delete(&path).await.expect("an administrator may");
    account["metadata"] = json!({"name": OPERATOR, "labels": account["metadata"]["labels"]});
    scene.client.create(&accounts, &account).await.expect("it is gone");

    scene.is_not_ready("lease (the API server does not answer, or takes neither token nor request").await;
    scene.declare("cleo", json!({})).await;
    scene.until("401 is answered", || scene.requests_since(mark).iter().any(|entry| entry.code == 401)).await;
    scene.says("Unauthorized").await;
    is_calm(&scene.requests_since(mark), begun.elapsed());
    assert_eq!(scene.mails("cleo"), 0, "whoever is not known can't record what it does");

    scene.operator.renew_token().await;
    scene.is_pending("cleo").await;
    scene.goes_on("dora", "bob").await;
    scene.end().await;
}
