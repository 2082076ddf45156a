//! Access tokens: fetched once, kept for most of their life.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::error::VendorError;

/// The first wait after a refused credential; it doubles with each refusal in a row.
const FIRST_REFUSAL: Duration = Duration::from_secs(30);
const LONGEST_REFUSAL: Duration = Duration::from_secs(600);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// The wait after a renewal that failed while the old token is still good.
const RENEWAL_RETRY: Duration = Duration::from_secs(15);

/// A token as the vendor gave it.
pub(super) struct Grant {
    /// The value of the authorization header.
    pub(super) authorization: SecretString,
    /// How long it is valid.
    pub(super) life: Duration,
}

/// The token of one credential.
///
/// One request fetches for all that wait. A token is renewed when a fifth of its life is left. A credential that
/// was refused is not tried again for 30 s, doubling to 10 min, so that no account is locked out: until then
/// everybody gets the same refusal.
#[derive(Default)]
pub(super) struct TokenCache {
    state: Mutex<State>,
    /// Held while fetching, which may wait for budget; nobody else has to wait for more than a token.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refusal: Option<Refusal>,
    refused_in_a_row: u32,
}

struct Held {
    authorization: SecretString,
    renew_at: Instant,
    ends: Instant,
}

struct Refusal {
    error: VendorError,
    until: Instant,
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

impl TokenCache {
    /// The value of the authorization header: the held one, or what `fetch` gets, which is only polled
    /// when it is needed.
    pub(super) async fn get(
        &self,
        fetch: impl Future<Output = Result<Grant, VendorError>>,
    ) -> Result<SecretString, VendorError> {
        if let Some(known) = self.state().known(Instant::now()) {
            return known;
        }
        let _fetching = if let Ok(turn) = self.fetching.try_lock() {
            turn
        } else {
            // somebody renews it: until then the old one does
            if let Some(held) = self.state().valid(Instant::now()) {
                return Ok(held);
            }
            self.fetching.lock().await
        };
        if let Some(known) = self.state().known(Instant::now()) {
            return known;
        }
        let fetched = fetch.await;
        let mut state = self.state();
        match fetched {
            Ok(grant) => Ok(state.hold(grant)),
            Err(error) => state.survive(error),
        }
    }

    /// Whether this is the value that would be used now.
    pub(super) fn is_current(&self, authorization: &SecretString) -> bool {
        let state = self.state();
        state.held.as_ref().is_some_and(|held| held.is(authorization) && Instant::now() < held.ends)
    }

    /// Forgets this value, unless a newer one is held already.
    pub(super) fn invalidate(&self, authorization: &SecretString) {
        let mut state = self.state();
        if state.held.as_ref().is_some_and(|held| held.is(authorization)) {
            state.held = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn is(&self, authorization: &SecretString) -> bool {
        self.authorization.expose_secret() == authorization.expose_secret()
    }
}

impl State {
    /// What can be said without fetching.
    fn known(&self, now: Instant) -> Option<Result<SecretString, VendorError>> {
        if let Some(held) = self.held.as_ref().filter(|held| now < held.renew_at) {
            return Some(Ok(held.authorization.clone()));
        }
        let refusal = self.refusal.as_ref().filter(|refusal| now < refusal.until)?;
        Some(Err(refusal.error.clone()))
    }

    fn valid(&self, now: Instant) -> Option<SecretString> {
        self.held.as_ref().filter(|held| now < held.ends).map(|held| held.authorization.clone())
    }

    fn hold(&mut self, grant: Grant) -> SecretString {
        let now = Instant::now();
        let life = grant.life.clamp(Duration::from_secs(1), LONGEST_LIFE);
        self.refusal = None;
        self.refused_in_a_row = 0;
        self.held = Some(Held {
            authorization: grant.authorization.clone(),
            renew_at: now + life.mul_f64(0.8),
            ends: now + life,
        });
        grant.authorization
    }

    fn survive(&mut self, error: VendorError) -> Result<SecretString, VendorError> {
        let now = Instant::now();
        if matches!(error, VendorError::CredentialRefused { .. }) {
            let wait = FIRST_REFUSAL.saturating_mul(1 << self.refused_in_a_row.min(5)).min(LONGEST_REFUSAL);
            self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
            self.refusal = Some(Refusal { error: error.clone(), until: now + wait });
            self.held = None;
            return Err(error);
        }
        match &mut self.held {
            Some(held) if now < held.ends => {
                held.renew_at = now + RENEWAL_RETRY;
                Ok(held.authorization.clone())
            }
            _ => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn grant(name: &str, seconds: u64) -> Grant {
        Grant { authorization: name.into(), life: Duration::from_secs(seconds) }
    }

    fn refused() -> VendorError {
        VendorError::CredentialRefused { host: "h".into(), status: 401 }
    }

    fn broken() -> VendorError {
        VendorError::NoAnswer { host: "h".into(), cause: "no answer in time" }
    }

    async fn sleep(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn one_fetch_serves_all_that_wait() {
        let cache = Arc::new(TokenCache::default());
        let fetches = Arc::new(AtomicU32::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (cache, fetches) = (Arc::clone(&cache), Arc::clone(&fetches));
                tokio::spawn(async move {
                    let fetch = async {
                        sleep(2).await;
                        fetches.fetch_add(1, Ordering::Relaxed);
                        Ok(grant("a", 900))
                    };
                    cache.get(fetch).await.unwrap().expose_secret().to_owned()
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), "a");
        }
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn renewed_with_a_fifth_of_its_life_left() {
        let cache = TokenCache::default();
        cache.get(async { Ok(grant("a", 100)) }).await.unwrap();
        sleep(79).await;
        let held = cache.get(async { Ok(grant("b", 100)) }).await.unwrap();
        assert_eq!(held.expose_secret(), "a");
        sleep(2).await;
        let renewed = cache.get(async { Ok(grant("b", 100)) }).await.unwrap();
        assert_eq!(renewed.expose_secret(), "b");
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_token_serves_while_renewing_fails() {
        let cache = TokenCache::default();
        cache.get(async { Ok(grant("a", 100)) }).await.unwrap();
        sleep(81).await;
        assert_eq!(cache.get(async { Err(broken()) }).await.unwrap().expose_secret(), "a");
        sleep(5).await;
        assert!(cache.get(async { unreachable!("within the wait") }).await.is_ok());
        sleep(20).await;
        assert_eq!(cache.get(async { Err(broken()) }).await.unwrap_err(), broken());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_renewal_while_the_old_one_is_good() {
        let cache = Arc::new(TokenCache::default());
        let old = cache.get(async { Ok(grant("a", 100)) }).await.unwrap();
        sleep(81).await;
        let renewing = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move {
                let fetch = async {
                    sleep(10).await;
                    Ok(grant("b", 100))
                };
                cache.get(fetch).await.unwrap().expose_secret().to_owned()
            }
        });
        sleep(1).await;
        let begin = Instant::now();
        let held = cache.get(async { unreachable!("somebody renews it") }).await.unwrap();
        assert_eq!((held.expose_secret(), begin.elapsed()), ("a", Duration::ZERO));
        cache.invalidate(&old);
        assert_eq!(
            cache.get(async { unreachable!("it was just renewed") }).await.unwrap().expose_secret(),
            "b"
        );
        assert_eq!(renewing.await.unwrap(), "b");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_credential_is_left_alone() {
        let cache = TokenCache::default();
        let begin = Instant::now();
        let mut tried = Vec::new();
        while begin.elapsed() < Duration::from_secs(3000) {
            let fetch = async {
                tried.push(begin.elapsed().as_secs());
                Err(refused())
            };
            assert_eq!(cache.get(fetch).await.unwrap_err(), refused());
            sleep(1).await;
        }
        assert_eq!(tried, [0, 30, 90, 210, 450, 930, 1530, 2130, 2730]);
        sleep(600).await;
        cache.get(async { Ok(grant("a", 10)) }).await.unwrap();
        sleep(10).await;
        assert!(cache.get(async { Err(refused()) }).await.is_err());
        sleep(31).await;
        assert!(cache.get(async { Ok(grant("b", 10)) }).await.is_ok(), "the wait began anew");
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_value_in_use_is_forgotten() {
        let cache = TokenCache::default();
        let old = cache.get(async { Ok(grant("a", 100)) }).await.unwrap();
        cache.invalidate(&old);
        let new = cache.get(async { Ok(grant("b", 100)) }).await.unwrap();
        cache.invalidate(&old);
        assert!(cache.is_current(&new));
        assert!(!cache.is_current(&old));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_goes_away_blocks_nobody() {
        let cache = TokenCache::default();
        let gone = tokio::time::timeout(
            Duration::from_secs(1),
            cache.get(async {
                sleep(100).await;
                Ok(grant("a", 100))
            }),
        );
        assert!(gone.await.is_err());
        assert!(cache.get(async { Ok(grant("b", 100)) }).await.is_ok());
    }
}
