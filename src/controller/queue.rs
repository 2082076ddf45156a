//! Runs reconciles: each object at most once at a time, a bounded number together, failures with backoff.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::Hash;
use std::pin::pin;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use futures::{Stream, stream};
use kube::runtime::scheduler::{ScheduleRequest, scheduler};
use rand::Rng;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(300);

/// Asks for reconciles. Cheap to clone.
#[derive(Debug)]
pub struct Requests<T>(mpsc::UnboundedSender<ScheduleRequest<T>>);

impl<T> Clone for Requests<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Requests<T> {
    /// A queue and the way to fill it.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<ScheduleRequest<T>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// As soon as possible.
    pub fn now(&self, work: T) {
        self.after(work, Duration::ZERO);
    }

    /// After a while, or earlier if somebody else asks for it.
    pub fn after(&self, work: T, wait: Duration) {
        // A closed queue means that the process is stopping.
        let _ = self.0.send(ScheduleRequest { message: work, run_at: Instant::now() + wait });
    }
}

/// How one reconcile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Nothing more to do until something happens.
    Settled,
    /// To be looked at again after a while.
    Again(Duration),
    /// It failed; it is tried again with backoff.
    Failed,
}

/// Runs until `stop`, then lets running reconciles finish.
pub async fn run<T, F>(
    requests: Requests<T>,
    receiver: mpsc::UnboundedReceiver<ScheduleRequest<T>>,
    concurrency: usize,
    stop: CancellationToken,
    reconcile: impl Fn(T) -> F,
) where
    T: Clone + Eq + Hash + Send + 'static,
    F: Future<Output = Done> + Send + 'static,
{
    let mut due = pin!(scheduler(pin_stream(receiver)));
    let mut running = FuturesUnordered::new();
    let mut busy: HashSet<T> = HashSet::new();
    let mut failures: HashMap<T, u32> = HashMap::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some((work, done)) = running.next() => {
                busy.remove(&work);
                match done {
                    Done::Settled => { failures.remove(&work); }
                    Done::Again(wait) => { failures.remove(&work); requests.after(work, wait); }
                    Done::Failed => {
                        let count = failures.entry(work.clone()).or_default();
                        let wait = retry_wait(*count);
                        *count += 1;
                        requests.after(work, wait);
                    }
                }
            }
            Some(work) = next_due(due.as_mut(), &busy), if running.len() < concurrency => {
                busy.insert(work.clone());
                let task = tokio::spawn(reconcile(work.clone()));
                // A panic concerns one object; it is told by the panic hook, and the object is tried again.
                running.push(async move { (work, task.await.unwrap_or(Done::Failed)) });
            }
        }
    }
    while running.next().await.is_some() {}
}

async fn next_due<T, R>(
    due: std::pin::Pin<&mut kube::runtime::scheduler::Scheduler<T, R>>,
    busy: &HashSet<T>,
) -> Option<T>
where
    T: Clone + Eq + Hash,
    R: Stream<Item = ScheduleRequest<T>>,
{
    due.hold_unless(|work| !busy.contains(work)).next().await
}

fn pin_stream<T: Send + 'static>(
    receiver: mpsc::UnboundedReceiver<ScheduleRequest<T>>,
) -> impl Stream<Item = ScheduleRequest<T>> {
    stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|item| (item, receiver)) })
        .boxed()
}

/// Doubling with full jitter, so that objects that failed together don't come back together.
fn retry_wait(failures: u32) -> Duration {
    let most = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LAST_RETRY);
    FIRST_RETRY / 2 + most.mul_f64(rand::rng().random_range(0.0..1.0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_object_never_runs_twice_at_once_and_no_request_is_lost() {
        let (requests, receiver) = Requests::channel();
        let (running, most, runs) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let stop = CancellationToken::new();
        let (r, m, n) = (running.clone(), most.clone(), runs.clone());
        let task = tokio::spawn(run(requests.clone(), receiver, 8, stop.clone(), move |_: u32| {
            let (running, most, runs) = (r.clone(), m.clone(), n.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                runs.fetch_add(1, Ordering::SeqCst);
                Done::Settled
            }
        }));
        requests.now(1);
        tokio::time::sleep(Duration::from_millis(5)).await;
        requests.now(1);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        stop.cancel();
        task.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_one_objects_affair() {
        let (requests, receiver) = Requests::channel();
        let runs = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        let counted = runs.clone();
        let task = tokio::spawn(run(requests.clone(), receiver, 8, stop.clone(), move |work: u32| {
            let runs = counted.clone();
            async move {
                assert!(work != 1, "bad object");
                runs.fetch_add(1, Ordering::SeqCst);
                Done::Settled
            }
        }));
        requests.now(1);
        requests.now(2);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        stop.cancel();
        task.await.unwrap();
    }
}
