//! `diagnose` says what is wrong and what to do, and changes nothing; a start waits for what is missing, and names it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, RunningOperator, WAIT};
use test_rig::rights::{self, Grant, Right};
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::Vendor;

use crate::lab::{CLUSTER, lab, own_lab};
use crate::scene::Scene;

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const PEOPLE: &str = "userinvitations.userinvitation.dev";

fn watching(namespace: &str) -> OperatorOptions {
    OperatorOptions { namespaces: vec![namespace.to_owned()], ..OperatorOptions::default() }
}

/// The lines that begin with a word, without it.
fn lines<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let start = format!("{word:<6} ");
    text.lines().filter_map(|line| line.strip_prefix(start.as_str())).collect()
}

#[tokio::test]
async fn everything_is_looked_at_and_nothing_is_changed() {
    let scene = Scene::new("diagnosis-fine").await;
    let stages = scene.stages(json!({"resyncIntervalSeconds": 3600})).await;
    for stage in &stages {
        stage.invite("ada", json!({})).await;
    }
    let written = || stages.iter().map(|stage| stage.not_only_read().len()).sum::<usize>();
    let before = written();
    let (code, text) = lab().diagnosis("diagnosis-fine-run", &watching(&scene.name)).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(lines(&text, "wrong").is_empty(), "{text}");
    assert!(text.ends_with("nothing is wrong\n"), "{text}");
    assert_eq!(written(), before, "{text}");
    // The operator itself goes on to write meanwhile.
    let entries = lab().control_plane.audit_log().read();
    let asked: BTreeSet<(&str, &str)> = entries
        .iter()
        .filter(|entry| entry.user_agent.ends_with(" (diagnose)"))
        .map(|entry| (entry.verb.as_str(), entry.resource.as_str()))
        .collect();
    let review = ("create", "selfsubjectaccessreviews");
    assert!(asked.contains(&review), "{asked:?}");
    let writes = asked.iter().filter(|(verb, _)| !["get", "list", "watch"].contains(verb));
    assert_eq!(writes.collect::<Vec<_>>(), [&review], "{asked:?}");

    let fine = lines(&text, "ok");
    for kind in ["UserInvitation", "InvitationProvider", "ClusterInvitationProvider"] {
        let told = format!("definition of {kind}: served as v1alpha1, with the fields of this version");
        assert!(fine.contains(&told.as_str()), "{told}:\n{text}");
    }
    for stage in &stages {
        let start = format!("InvitationProvider {}/{}: the credential opens ", scene.name, stage.provider());
        let line = fine.iter().find(|line| line.starts_with(&start));
        assert!(line.is_some_and(|line| line.contains("; the clocks agree")), "{stage}:\n{text}");
    }
    assert!(fine.iter().any(|line| line.starts_with("lease ") && line.contains(" leads, ")), "{text}");
    assert!(fine.iter().any(|line| line.starts_with("API server: v1.") && line.contains("clocks agree")));
}

/// Right by right: what is asked for is what is granted, neither more nor less.
#[tokio::test]
async fn every_right_that_is_granted_is_looked_at() {
    let _alone = CLUSTER.lock().await;
    let place = lab().namespace("diagnosis-rights").await;
    let flags = vec!["--cluster-providers=true".to_owned()];
    let options = OperatorOptions { flags, ..watching(&place.name) };
    let (_, text) = lab().diagnosis("diagnosis-rights", &options).await;
    let looked_at: BTreeSet<(String, String)> = lines(&text, "ok")
        .iter()
        .filter_map(|line| line.strip_prefix("right to "))
        .map(|right| {
            let mut words = right.split(' ');
            let (verb, resource) = (words.next().expect("a verb"), words.next().expect("a resource"));
            (verb.to_owned(), resource.to_owned())
        })
        .collect();
    let granted: BTreeSet<(String, String)> = rights::granted(&place.client, OPERATOR, OPERATOR)
        .await
        .into_iter()
        .map(|Grant { right: Right { verb, group, resource }, .. }| {
            (verb, if group.is_empty() { resource } else { format!("{resource}.{group}") })
        })
        .collect();
    assert_eq!(looked_at, granted, "{text}");
}

#[tokio::test]
async fn what_is_wrong_with_providers_is_told_without_their_secrets() {
    let scene = Scene::new("diagnosis-wrong").await;
    let stages = scene.stages(json!({})).await;
    let of = |vendor| stages.iter().find(|stage| stage.case.vendor == vendor).expect("each has one");
    let (refused, gone, unlabelled) = (of(Vendor::Hpe), of(Vendor::Vmware), of(Vendor::Saas));
    let secret = |name: &str| format!("/api/v1/namespaces/{}/secrets/{name}", scene.name);
    let wrong = "not-what-the-vendor-has-0123456789";
    let change = json!({"stringData": {"clientSecret": wrong}});
    scene.client.merge_patch(&secret(refused.provider()), &change).await.expect("it is there");
    scene.client.delete(&secret(gone.provider())).await.expect("it is there");
    let change = json!({"metadata": {"labels": {"userinvitation.dev/credentials": null}}});
    scene.client.merge_patch(&secret(unlabelled.provider()), &change).await.expect("it is there");

    let (code, text) = lab().diagnosis("diagnosis-wrong-run", &watching(&scene.name)).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.ends_with("3 things are wrong\n"), "{text}");
    for (stage, reason, todo) in [
        (refused, "AuthenticationFailed", "put a valid one into the Secret"),
        (gone, "SecretNotFound", "create it"),
        (unlabelled, "SecretNotLabelled", "set the label"),
    ] {
        let told = format!("InvitationProvider {}/{}: {reason}", scene.name, stage.provider());
        let mut rest = text.lines().skip_while(|line| !line.contains(&told));
        assert!(rest.next().is_some(), "{told}:\n{text}");
        assert!(rest.next().is_some_and(|line| line.contains('→') && line.contains(todo)), "{todo}:\n{text}");
    }
    for credential in [wrong, "client-secret-", "api-token-", "subscription-key-", "dt0c01."] {
        assert!(!text.contains(credential), "{text}");
    }
}

/// Waits until the operator is not ready for this reason.
async fn waits_for(operator: &mut RunningOperator, reason: &str) {
    let begun = Instant::now();
    loop {
        let answer = operator.readiness().await;
        if answer.as_ref().is_some_and(|(ready, told)| !ready && told.contains(reason)) {
            return;
        }
        assert!(operator.process.is_running(), "{}", operator.process.log());
        assert!(begun.elapsed() < WAIT, "it does not wait for {reason:?}: {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Takes the rules that name a resource out of the operator's roles; answers the roles with what they had.
async fn take_rights(lab: &Lab, resource: &str) -> Vec<(String, Value)> {
    let admin = lab.admin();
    let names = |rule: &Value| rule["resources"].as_array().is_some_and(|all| all.contains(&json!(resource)));
    let mut taken = Vec::new();
    for plural in ["clusterroles", "roles"] {
        let found = admin.list(&format!("/apis/rbac.authorization.k8s.io/v1/{plural}")).await.expect("roles");
        for role in found {
            let name = role["metadata"]["name"].as_str().expect("a name");
            let rules = role["rules"].as_array().cloned().unwrap_or_default();
            if !name.starts_with(OPERATOR) || !rules.iter().any(names) {
                continue;
            }
            let path = match role["metadata"]["namespace"].as_str() {
                Some(namespace) => {
                    format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/{plural}/{name}")
                }
                None => format!("/apis/rbac.authorization.k8s.io/v1/{plural}/{name}"),
            };
            let left: Vec<&Value> = rules.iter().filter(|rule| !names(rule)).collect();
            admin.merge_patch(&path, &json!({"rules": left})).await.expect("an administrator may");
            taken.push((path, json!({"rules": rules})));
        }
    }
    assert!(!taken.is_empty(), "somebody grants {resource}");
    taken
}

async fn give_back(lab: &Lab, taken: Vec<(String, Value)>) {
    for (path, rules) in taken {
        lab.admin().merge_patch(&path, &rules).await.expect("an administrator may");
    }
}

/// Has it looked at until the API server has noticed what was changed, too.
async fn diagnosed(
    lab: &Lab,
    name: &str,
    options: &OperatorOptions,
    code: i32,
    is_so: impl Fn(&str) -> bool,
) -> String {
    let begun = Instant::now();
    for run in 1.. {
        let (ended, text) = lab.diagnosis(&format!("{name}-{run}"), options).await;
        if ended == Some(code) && is_so(&text) {
            return text;
        }
        assert!(begun.elapsed() < WAIT, "{ended:?}:\n{text}");
    }
    unreachable!("it ends before numbers do")
}

#[tokio::test]
async fn a_start_waits_for_what_is_missing_and_names_it() {
    let lab = own_lab("diagnosis-start").await;
    let admin = lab.admin();
    let lease = take_rights(&lab, "leases").await;
    let status = take_rights(&lab, "userinvitations/status").await;
    let path = format!("{CRDS}/{PEOPLE}");
    let mut definition = admin.get(&path).await.expect("it is installed");
    admin.delete(&path).await.expect("an administrator may");
    admin.wait_gone(&path, WAIT).await;

    let options = OperatorOptions::default();
    let mut operator = lab.operator("waiting", &options).await;
    waits_for(&mut operator, "lease (no right to it").await;
    let told_by_all = |text: &str| lines(text, "wrong").iter().any(|line| line.starts_with("definition of "));
    let text = diagnosed(&lab, "broken", &options, 1, told_by_all).await;
    let wrong = lines(&text, "wrong").join("\n");
    for told in [
        "right to get leases.coordination.k8s.io in namespace user-invitation-operator: not granted",
        "right to patch userinvitations/status.userinvitation.dev in all namespaces: not granted",
        "definition of UserInvitation: userinvitations.userinvitation.dev is not served as v1alpha1",
    ] {
        assert!(wrong.contains(told), "{told}:\n{text}");
    }
    assert!(
        lines(&text, "ok").contains(
            &"definition of InvitationProvider: served as v1alpha1, with the fields of this version"
        )
    );

    give_back(&lab, lease).await;
    waits_for(&mut operator, "UserInvitation (the API server does not know this kind").await;
    waits_for(&mut operator, "rights (patch userinvitations/status.userinvitation.dev in all namespaces")
        .await;
    give_back(&lab, status).await;
    let metadata = json!({"name": PEOPLE});
    definition["metadata"] = metadata;
    definition.as_object_mut().expect("an object").remove("status");
    admin.create(CRDS, &definition).await.expect("it is gone");
    operator.ready().await;
    diagnosed(&lab, "mended", &options, 0, |text| text.ends_with("nothing is wrong\n")).await;
    drop(operator);
    lab.stop().await;
}
