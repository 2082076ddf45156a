//! What the Deployment controller does, as far as one machine can: keeps the pods that the operator's Deployment asks for, and
//! replaces them when their template has changed, within the bounds of its strategy.

use std::time::Duration;

use serde_json::{Value, json};

use crate::lab::{OPERATOR, RunningOperator, WAIT};
use crate::{Lab, OperatorOptions};

/// Which of the pods that have to go goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one that holds the lease.
    LeaderFirst,
    /// The one that holds the lease only when there is no other.
    LeaderLast,
}

/// One pod of the Deployment.
pub struct Replica {
    /// Its name, which is the first part of the lease's holder while it leads.
    pub name: String,
    /// The pod.
    pub pod: RunningOperator,
    template: Value,
}

/// A pod that was asked to end.
pub struct Gone {
    /// The pod, of which the log is left.
    pub replica: Replica,
    /// Whether it held the lease when it was asked.
    pub led: bool,
}

/// The pods of the operator's Deployment. Dropped, they are killed.
pub struct Replicas<'a> {
    lab: &'a Lab,
    options: OperatorOptions,
    made: usize,
    /// Those that run.
    pub running: Vec<Replica>,
    /// Those that have ended, in the order in which they were asked to.
    pub gone: Vec<Gone>,
}

impl<'a> Replicas<'a> {
    /// Starts the pods that the Deployment asks for, and waits until they are ready.
    pub async fn start(lab: &'a Lab, options: OperatorOptions) -> Self {
        let mut replicas = Self { lab, options, made: 0, running: Vec::new(), gone: Vec::new() };
        replicas.roll_out(Order::LeaderLast).await;
        replicas
    }

    /// Makes the pods what the Deployment says. A new one has to be ready before it counts; an old one is asked to end, and
    /// does so beside what goes on, within its grace period.
    pub async fn roll_out(&mut self, order: Order) {
        let path = format!("/apis/apps/v1/namespaces/{OPERATOR}/deployments/{OPERATOR}");
        let deployment = self.lab.admin().get(&path).await.expect("the Deployment is there");
        let (spec, template) = (&deployment["spec"], &deployment["spec"]["template"]);
        let wanted = number(&spec["replicas"]);
        let bounds = &spec["strategy"]["rollingUpdate"];
        let most = wanted + number(&bounds["maxSurge"]);
        let least = wanted.saturating_sub(number(&bounds["maxUnavailable"]));
        let before = self.gone.len();
        loop {
            let new = self.running.iter().filter(|replica| replica.template == *template).count();
            let total = self.running.len();
            let status = json!({"status": {
                "observedGeneration": deployment["metadata"]["generation"], "replicas": total,
                "updatedReplicas": new, "readyReplicas": total, "availableReplicas": total,
            }});
            let client = self.lab.admin();
            client.merge_patch(&format!("{path}/status"), &status).await.expect("the status can be written");
            if new < wanted && total < most {
                self.add(template).await;
            } else if total > least && total > new || new > wanted {
                self.ask_to_end(template, order).await;
            } else {
                assert_eq!((new, total), (wanted, wanted), "the strategy does not let the rollout go on");
                break;
            }
        }
        for Gone { replica, .. } in &mut self.gone[before..] {
            replica.wait_end().await;
        }
    }

    /// Asks all of them to end, as when the Deployment is gone, and waits until they have.
    pub async fn stop(&mut self) {
        for replica in &mut self.running {
            replica.pod.process.sigterm();
        }
        for mut replica in self.running.drain(..) {
            replica.wait_end().await;
            self.gone.push(Gone { replica, led: false });
        }
    }

    /// The name of the pod that holds the lease, once one does.
    pub async fn leader(&self) -> String {
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{OPERATOR}/leases/{OPERATOR}");
        let holder = |lease: &Value| lease["spec"]["holderIdentity"].as_str().map(ToOwned::to_owned);
        let is_held = |lease: &Value| holder(lease).is_some_and(|holder| !holder.is_empty());
        let lease = self.lab.admin().wait_for(&path, WAIT, "held by somebody", is_held).await;
        let holder = holder(&lease).unwrap_or_default();
        holder.split_once('_').map_or(holder.clone(), |(pod, _)| pod.to_owned())
    }

    /// All pods there ever were, in the order in which they ended, and then those that run.
    pub fn all(&self) -> impl Iterator<Item = &Replica> {
        self.gone.iter().map(|gone| &gone.replica).chain(&self.running)
    }

    async fn add(&mut self, template: &Value) {
        self.made += 1;
        let name = format!("{OPERATOR}-{}", self.made);
        let mut pod = self.lab.operator(&name, &self.options).await;
        pod.ready().await;
        self.running.push(Replica { name, pod, template: template.clone() });
    }

    /// Asks one to end: an old one, or, where there are only new ones, one that is too many.
    async fn ask_to_end(&mut self, template: &Value, order: Order) {
        let leader = self.leader().await;
        let is_old = |replica: &Replica| replica.template != *template;
        let any_old = self.running.iter().any(is_old);
        let leads_first = order == Order::LeaderFirst;
        let candidates = (0..self.running.len()).filter(|at| !any_old || is_old(&self.running[*at]));
        let rank = |at: &usize| (self.running[*at].name == leader) != leads_first;
        let at = candidates.min_by_key(rank).expect("one has to go");
        let mut replica = self.running.remove(at);
        replica.pod.process.sigterm();
        self.gone.push(Gone { led: replica.name == leader, replica });
    }
}

impl Replica {
    async fn wait_end(&mut self) {
        let grace = self.template["spec"]["terminationGracePeriodSeconds"].as_u64().expect("a number");
        let ended = self.pod.process.wait_exit(Duration::from_secs(grace)).await;
        let (name, log) = (&self.name, self.pod.process.log());
        let ended = ended.unwrap_or_else(|| panic!("{name} does not end within {grace} s:\n{log}"));
        assert!(ended.success(), "{name} ended with {ended}:\n{log}");
    }
}

fn number(value: &Value) -> usize {
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    number.unwrap_or_else(|| panic!("a number is expected: {value}"))
}
