//! The password that somebody begins with: looked at before an intent is recorded, read for its call, kept nowhere.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, PartialObjectMeta};
use kube::{Client, ResourceExt};
use secrecy::SecretString;
use thiserror::Error;
use tokio::time::Instant;

use super::context::{Context, Work};
use super::store::Key;
use crate::api::{
    ALLOWED_HOSTS, INITIAL_PASSWORD_LABEL, INITIAL_PASSWORD_LABEL_VALUE, InitialPasswordRef, UserInvitation,
};
use crate::vendor::InitialPassword;

/// The longest time until a Secret that could not be used is looked at again by itself.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest password, in bytes.
const LONGEST: usize = 1024;

/// Why there is no password.
#[derive(Debug, Error)]
pub(super) enum PasswordError {
    #[error(
        "there is no Secret {0:?} with the password to begin with in this namespace: create it, with the label \
         {INITIAL_PASSWORD_LABEL}=\"true\""
    )]
    NotFound(String),
    #[error(
        "the Secret {0:?} may not be read for a password to begin with: set the label \
         {INITIAL_PASSWORD_LABEL}=\"true\" on it"
    )]
    NotLabelled(String),
    #[error(
        "the password in the Secret {secret:?} may not be sent to {host:?}: the Secret's owner has to allow the host, \
         with the annotation {ALLOWED_HOSTS}"
    )]
    HostNotAllowed { secret: String, host: String },
    #[error("the Secret {secret:?} has no password under the key {key:?}: one line of text is needed")]
    KeyMissing { secret: String, key: String },
    #[error("the operator has no right to read the Secret {0:?}")]
    Forbidden(String),
    #[error("the API server did not answer")]
    Kube(#[source] Box<kube::Error>),
}

/// A Secret that could not be used, for one state of the object that names it.
#[derive(Debug, Clone)]
pub(super) struct PasswordTrouble {
    generation: Option<i64>,
    message: String,
    until: Instant,
}

/// Looks whether the Secret may be used, without its values.
pub(super) async fn check(
    client: &Client,
    namespace: &str,
    reference: &InitialPasswordRef,
    host: &str,
) -> Result<(), PasswordError> {
    let api: Api<PartialObjectMeta<Secret>> = Api::namespaced(client.clone(), namespace);
    let metadata = api.get(&reference.name).await.map_err(|error| failed(error, &reference.name))?;
    consents(&metadata, &reference.name, host)
}

/// Reads the password.
pub(super) async fn read(
    client: &Client,
    namespace: &str,
    reference: &InitialPasswordRef,
    host: &str,
) -> Result<InitialPassword, PasswordError> {
    check(client, namespace, reference, host).await?;
    let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let secret = api.get(&reference.name).await.map_err(|error| failed(error, &reference.name))?;
    // What was allowed a moment ago may not be any more.
    consents(&secret, &reference.name, host)?;
    let value = secret.data.unwrap_or_default().remove(&reference.key);
    let text = value.and_then(|bytes| String::from_utf8(bytes.0).ok());
    // Editors and `echo` leave a line end behind; blanks belong to the password.
    let password = text.as_deref().map(|text| text.trim_end_matches(['\r', '\n']));
    match password {
        Some(word) if !word.is_empty() && word.len() <= LONGEST && !word.chars().any(char::is_control) => {
            Ok(InitialPassword::new(SecretString::from(word)))
        }
        Some(_) | None => {
            Err(PasswordError::KeyMissing { secret: reference.name.clone(), key: reference.key.clone() })
        }
    }
}

fn consents(secret: &impl ResourceExt, name: &str, host: &str) -> Result<(), PasswordError> {
    let labelled = secret.labels().get(INITIAL_PASSWORD_LABEL);
    if labelled.is_none_or(|value| value != INITIAL_PASSWORD_LABEL_VALUE) {
        return Err(PasswordError::NotLabelled(name.to_owned()));
    }
    let allowed = secret.annotations().get(ALLOWED_HOSTS).map(String::as_str).unwrap_or_default();
    if allowed.split(',').any(|allowed| allowed.trim().eq_ignore_ascii_case(host)) {
        Ok(())
    } else {
        Err(PasswordError::HostNotAllowed { secret: name.to_owned(), host: host.to_owned() })
    }
}

fn failed(error: kube::Error, name: &str) -> PasswordError {
    match &error {
        kube::Error::Api(status) if status.is_not_found() => PasswordError::NotFound(name.to_owned()),
        kube::Error::Api(status) if status.is_forbidden() => PasswordError::Forbidden(name.to_owned()),
        _ => PasswordError::Kube(Box::new(error)),
    }
}

impl Context {
    /// Remembers that the Secret can't be used, so that the object says it. It is looked at again by itself.
    pub(super) fn note_password_trouble(&self, key: &Key, object: &UserInvitation, error: &PasswordError) {
        let again = self.settings.engine.credentials_refresh().min(LONGEST_WAIT);
        let trouble = PasswordTrouble {
            generation: object.metadata.generation,
            message: error.to_string(),
            until: Instant::now() + again,
        };
        self.password_troubles().insert(object.uid().unwrap_or_default(), trouble);
        self.requests.now(Work::Invitation(key.clone()));
    }

    /// Why the object's password could not be read, if that still counts. Another look is asked for here, since a later
    /// request is lost in one that still waits.
    pub(super) fn password_trouble(&self, object: &UserInvitation) -> Option<String> {
        let uid = object.metadata.uid.as_ref()?;
        let mut troubles = self.password_troubles();
        let trouble = troubles.get(uid)?;
        let left = trouble.until.saturating_duration_since(Instant::now());
        if trouble.generation == object.metadata.generation && !left.is_zero() {
            self.requests.after(Work::Invitation(Key::of(object)), left);
            return Some(trouble.message.clone());
        }
        troubles.remove(uid);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::all(Some("true"), Some("other.example, CLUSTER.example:8443"), true)]
    #[case::no_label(None, Some("cluster.example:8443"), false)]
    #[case::another_word(Some("yes"), Some("cluster.example:8443"), false)]
    #[case::no_host(Some("true"), None, false)]
    #[case::without_the_port(Some("true"), Some("cluster.example"), false)]
    #[case::part_of_it(Some("true"), Some("xcluster.example:8443"), false)]
    fn the_owner_has_to_consent(
        #[case] label: Option<&str>,
        #[case] hosts: Option<&str>,
        #[case] consented: bool,
    ) {
        let map = |name: &str, value: Option<&str>| {
            value.map(|value| BTreeMap::from([(name.to_owned(), value.to_owned())]))
        };
        let mut secret = Secret::default();
        secret.metadata.labels = map(INITIAL_PASSWORD_LABEL, label);
        secret.metadata.annotations = map(ALLOWED_HOSTS, hosts);
        assert_eq!(consents(&secret, "first", "cluster.example:8443").is_ok(), consented);
    }
}
