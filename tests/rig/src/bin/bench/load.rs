//! The people who are invited.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use test_rig::lab::{Namespace, condition};

use crate::say;
use crate::vendors::Measured;

/// How many objects are created at once.
const CREATORS: usize = 16;

/// Declares people of one vendor.
pub(crate) async fn people(namespace: &Namespace, measured: &Measured, people: usize) {
    let begun = Instant::now();
    let create = |number: usize| async move {
        let (name, email) = measured.person(number);
        namespace.invite(&name, measured.provider, &email, measured.asks()).await;
    };
    let mut created = stream::iter(0..people).map(create).buffer_unordered(CREATORS);
    let (mut done, mut said) = (0, Instant::now());
    while created.next().await.is_some() {
        done += 1;
        if said.elapsed() > Duration::from_secs(5) {
            said = Instant::now();
            say(&format!("bench: {}: {done} of {people} objects created", measured.provider));
        }
    }
    let took = begun.elapsed().as_secs_f64();
    say(&format!("bench: {}: {people} objects created in {took:.1} s", measured.provider));
}

/// Waits until everybody of one vendor is invited.
pub(crate) async fn until_invited(namespace: &Namespace, measured: &Measured, people: usize) {
    let begun = Instant::now();
    let of_provider = format!("?fieldSelector=spec.providerRef.name%3D{}", measured.provider);
    let path = namespace.path("userinvitations") + &of_provider;
    let mut said = Instant::now();
    loop {
        let objects = namespace.client.list(&path).await.expect("the API server answers");
        let invited =
            objects.iter().filter(|object| condition(object, "Invited")["status"] == "True").count();
        if invited == people {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(600), "only {invited} of {people} invited");
        if said.elapsed() > Duration::from_secs(4) {
            said = Instant::now();
            say(&format!("bench: {}: {invited} of {people} invited", measured.provider));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
