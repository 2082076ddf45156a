//! Requests by annotation whose value is too long: they are ignored, and people are told so, once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;

use super::context::Context;
use super::writer::Written;
use crate::api::{RECONCILE_REQUESTED_AT, REQUEST_VALUE_MAX, RESEND_REQUESTED_AT, Reason};
use crate::plan::Event;

/// What was told already: annotation and value, by the object's uid.
#[derive(Debug, Default)]
pub(super) struct Ignored(Mutex<HashMap<String, HashSet<(String, String)>>>);

/// Whether the value of a request is one that is served.
pub(super) fn is_served(value: &str) -> bool {
    !value.is_empty() && value.len() <= REQUEST_VALUE_MAX
}

impl Ignored {
    /// Notes the values that are too long, and forgets those that are gone. Answers whose people were not told yet.
    fn news<'a>(&self, uid: &str, values: &[(&'a str, &str)]) -> Vec<&'a str> {
        let too_long: HashSet<(String, String)> = values
            .iter()
            .filter(|(_, value)| value.len() > REQUEST_VALUE_MAX)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if too_long.is_empty() {
            told.remove(uid)
        } else {
            told.insert(uid.to_owned(), too_long.clone())
        };
        let is_new = |name: &str| {
            too_long
                .iter()
                .any(|entry| entry.0 == name && !before.as_ref().is_some_and(|b| b.contains(entry)))
        };
        values.iter().map(|(name, _)| *name).filter(|name| is_new(name)).collect()
    }

    /// Forgets an object that is gone.
    pub fn forget(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }
}

impl Context {
    /// Tells people of requests that are ignored.
    pub(super) async fn tell_ignored<K: Written>(&self, object: &K) {
        let values: Vec<(&str, &str)> = [RECONCILE_REQUESTED_AT, RESEND_REQUESTED_AT]
            .into_iter()
            .filter_map(|name| Some((name, object.annotations().get(name)?.as_str())))
            .collect();
        for name in self.ignored.news(&object.uid().unwrap_or_default(), &values) {
            let message =
                format!("the value of {name} is ignored: it is longer than {REQUEST_VALUE_MAX} characters");
            let resend = name == RESEND_REQUESTED_AT;
            let reason = if resend { Reason::ResendIgnored } else { Reason::ReconcileIgnored };
            self.writer.event(object, &Event::warning(reason, message)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_that_is_too_long_is_told_once() {
        let ignored = Ignored::default();
        let (fits, long, longer) = ("x".repeat(64), "x".repeat(65), "y".repeat(1000));
        let news = |values: &[(&'static str, &str)]| ignored.news("uid", values);
        assert!(is_served(&fits) && !is_served(&long) && !is_served(""));
        assert!(news(&[("a", &fits)]).is_empty());
        assert_eq!(news(&[("a", &long), ("b", "")]), ["a"]);
        assert!(news(&[("a", &long)]).is_empty());
        assert_eq!(news(&[("a", &long), ("b", &long)]), ["b"]);
        assert_eq!(news(&[("a", &longer), ("b", &long)]), ["a"]);
        assert!(news(&[]).is_empty());
        assert_eq!(news(&[("a", &longer)]), ["a"], "it was taken away, and came back");
        ignored.forget("uid");
        assert_eq!(news(&[("a", &longer)]), ["a"]);
    }
}
