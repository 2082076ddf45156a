use tokio::time::Instant;

use super::*;

const GRACE: Duration = Duration::from_secs(25);

async fn finished(
    stop: &CancellationToken,
    work: impl Future<Output = Result<(), StartError>> + Send + 'static,
) -> Result<(), RunError> {
    finish(&mut tokio::spawn(work), stop, GRACE).await
}

#[tokio::test(start_paused = true)]
async fn work_that_ends_when_asked_is_a_clean_end() {
    let stop = CancellationToken::new();
    let (asked, asking) = (stop.clone(), stop.clone());
    tokio::spawn(async move {
        sleep(Duration::from_secs(60)).await;
        asking.cancel();
    });
    let work = async move {
        asked.cancelled().await;
        sleep(Duration::from_secs(24)).await;
        Ok(())
    };
    assert!(finished(&stop, work).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn work_that_ends_by_itself_ends_the_process_with_an_error() {
    let stop = CancellationToken::new();
    let ended = finished(&stop, async { Ok(()) }).await;
    assert!(matches!(ended, Err(RunError::EndedEarly)));
    assert!(stop.is_cancelled(), "whatever else runs has to end as well");
}

#[tokio::test(start_paused = true)]
async fn work_that_does_not_end_is_waited_for_no_longer_than_the_grace_period() {
    let stop = CancellationToken::new();
    stop.cancel();
    let start = Instant::now();
    let ended = finished(&stop, std::future::pending()).await;
    assert!(matches!(ended, Err(RunError::Unstoppable { grace: GRACE })));
    assert_eq!(start.elapsed().as_secs(), GRACE.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_work_is_an_error() {
    let stop = CancellationToken::new();
    let ended = finished(&stop, async { panic!("on purpose") }).await;
    assert!(matches!(ended, Err(RunError::Broken(error)) if error.is_panic()));
}
