//! From one release to the next, and to the one after it, while 500 people are being invited: nobody is lost, nobody gets a
//! second mail, and each leader does its part, whether it goes before the other replica or after it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, WAIT};
use test_rig::replicas::Order;
use test_rig::vendors::{Abilities, CASES, Stand};
use test_rig::{Lab, OperatorOptions, Replicas};
use vendor_simulators::Filter;

use crate::helm;
use crate::modes::{self, USER};

/// How many people are invited.
const PEOPLE: usize = 500;
/// How many of them before the first upgrade.
const BEFORE: usize = 50;
/// How many are declared, and not invited yet, at most.
const AHEAD: usize = 100;
/// So slow is each vendor that there is still something to do at the end of the second upgrade.
const REQUESTS_PER_MINUTE: u32 = 100;
/// How often something is looked for.
const POLL: Duration = Duration::from_millis(20);

/// The vendor, and the address, of the n-th person.
fn person(number: usize) -> (usize, String) {
    (number % CASES.len(), format!("person-{number}@example.com"))
}

fn mails(namespace: &Namespace) -> usize {
    namespace.vendors.mails(&Filter::default()).len()
}

/// Declares everybody, as fast as they are invited.
async fn declare_all(namespace: Namespace, declared: Arc<AtomicUsize>) {
    for number in 0..PEOPLE {
        while number > mails(&namespace) + AHEAD {
            tokio::time::sleep(POLL).await;
        }
        let (vendor, email) = person(number);
        let case = CASES[vendor];
        namespace.invite(&format!("person-{number}"), case.name, &email, case.spec(json!({}))).await;
        declared.fetch_add(1, Ordering::Relaxed);
    }
}

/// Installs another version of the chart, as `docs/upgrade.md` says, while the pods are replaced.
async fn upgrade(lab: &Lab, replicas: &mut Replicas<'_>, version: &str, order: Order) {
    // Something about the pods has changed beside the version, too.
    let edits = [("values.yaml", "shutdownGraceSeconds: 25", "shutdownGraceSeconds: 20")];
    let chart = helm::version(&helm::scratch("charts-rollout-versions"), version, &edits);
    let arguments = ["upgrade", OPERATOR, &chart, "--namespace", OPERATOR, "--reset-then-reuse-values"];
    lab.control_plane.helm(&arguments).await.success();
    let deployment = format!("deployment/{OPERATOR}");
    let status = ["rollout", "status", &deployment, "--namespace", OPERATOR, "--timeout=60s"];
    let ((), said) = tokio::join!(replicas.roll_out(order), lab.control_plane.kubectl(&status));
    assert!(said.success().contains("successfully rolled out"));
}

/// Waits until everybody is where the vendor has those who were invited.
async fn all_are_invited(namespace: &Namespace) {
    let mut states = Vec::new();
    for case in CASES {
        let provider = namespace.client.get(&namespace.provider_path(case.name)).await.expect("declared");
        states.push((case.name, Abilities::of(&provider).expect("it was verified").state(Stand::Invited).0));
    }
    let are_invited = |list: &Value| {
        let people = list["items"].as_array().map_or(&[][..], Vec::as_slice);
        let is_invited = |person: &&Value| {
            let provider = &person["spec"]["providerRef"]["name"];
            states.iter().any(|(name, state)| provider == name && person["status"]["state"] == *state)
        };
        people.iter().filter(is_invited).count() == PEOPLE
    };
    let path = namespace.path("userinvitations");
    namespace.client.wait_for(&path, 3 * WAIT, "everybody invited", are_invited).await;
}

/// How many people each pod has invited, as its audit trail says.
fn invited_by(replicas: &Replicas<'_>) -> BTreeMap<String, usize> {
    let count = |log: &str| {
        let records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let invites = records.filter(|record| record["target"] == "audit" && record["what"] == "invite");
        invites.filter(|record| record["outcome"] == "accepted").count()
    };
    replicas.all().map(|replica| (replica.name.clone(), count(&replica.pod.process.log()))).collect()
}

#[tokio::test]
async fn nobody_notices_an_upgrade() {
    let begun = Instant::now();
    let (lab, namespaces) = modes::lab("charts-rollout", json!({}), &["team-a"]).await;
    let namespace = &namespaces[0];
    let limits = json!({"requestsPerMinute": REQUESTS_PER_MINUTE});
    for case in CASES {
        let spec = json!({"limits": limits, "resyncIntervalSeconds": 20});
        case.open(namespace, case.name, spec).await;
    }
    let options = OperatorOptions { default_times: true, ..OperatorOptions::default() };
    let mut replicas = Replicas::start(&lab, options).await;
    let mut leaders = vec![replicas.leader().await];

    let declared = Arc::new(AtomicUsize::new(0));
    let load = tokio::spawn(declare_all(namespace.clone(), Arc::clone(&declared)));
    let mut progress = Vec::new();
    for (version, order) in [("0.1.1", Order::LeaderFirst), ("0.1.2", Order::LeaderLast)] {
        // Each leader has to do something before it goes.
        let wanted = mails(namespace) + BEFORE;
        while mails(namespace) < wanted {
            assert!(!load.is_finished() && begun.elapsed() < 3 * WAIT, "{} mails", mails(namespace));
            tokio::time::sleep(POLL).await;
        }
        let (before, gone) = (mails(namespace), replicas.gone.len());
        upgrade(&lab, &mut replicas, version, order).await;
        progress.push((before, mails(namespace)));
        let led: Vec<bool> = replicas.gone[gone..].iter().map(|gone| gone.led).collect();
        assert_eq!(led.len(), 2, "both replicas were replaced");
        assert_eq!(led[0], order == Order::LeaderFirst, "{order:?}: {led:?}");
        assert!(order == Order::LeaderFirst || led[1], "{order:?}: {led:?}");
        leaders.push(replicas.leader().await);
    }
    let (before, after) = (mails(namespace), declared.load(Ordering::Relaxed));
    assert!(before < PEOPLE, "everybody was invited before the last pod was replaced: {progress:?}");
    load.await.expect("everybody is declared");
    all_are_invited(namespace).await;

    for number in 0..PEOPLE {
        let email = person(number).1;
        let got = namespace.vendors.mails(&Filter { email: Some(email.clone()), ..Filter::default() }).len();
        assert_eq!(got, 1, "mails to {email}");
    }
    assert_eq!(mails(namespace), PEOPLE, "nobody else got one");
    let invited = invited_by(&replicas);
    for leader in &leaders {
        assert!(invited[leader] > 0, "{leader} led, and invited nobody: {invited:?}");
    }
    assert!(leaders.windows(2).all(|pair| pair[0] != pair[1]), "{leaders:?}");
    let entries = lab.control_plane.audit_log().read();
    let refused: Vec<_> =
        entries.iter().filter(|entry| entry.user == USER && matches!(entry.code, 401 | 403)).collect();
    assert!(refused.is_empty(), "{refused:?}");
    crate::listing::tell(&format!(
        "{PEOPLE} people over two upgrades: {progress:?} mails before and after each, {after} declared by then; \
         invited by {invited:?}; leaders {leaders:?}; {:.0} s\n",
        begun.elapsed().as_secs_f64()
    ));
    replicas.stop().await;
    drop(replicas);
    lab.stop().await;
}
