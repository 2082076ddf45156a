//! Applies manifests, server-side: first the providers, then the people, some at once.

use std::fmt::Debug;

use futures::{StreamExt, stream};
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde::de::DeserializeOwned;
use user_invitation_operator::api::{InvitationProvider, UserInvitation};

use super::connect::Connection;
use super::{AT_ONCE, MANAGER, reason};
use crate::import::manifest::{Manifest, Manifests};
use crate::progress::Progress;

/// What came of it.
#[derive(Debug, Default)]
pub struct Applied {
    /// The people that the API server took, with the generation of each.
    pub people: Vec<Taken>,
    /// How many providers it took.
    pub providers: usize,
    /// What it refused: which object, and what it said.
    pub refused: Vec<(String, String)>,
}

/// An object that the API server took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// The provider it belongs to, or is.
    pub provider: String,
    /// Its generation then.
    pub generation: i64,
}

/// Applies everything; what is refused does not hold the others.
pub async fn apply(connection: &Connection, manifests: &Manifests, force: bool) -> Applied {
    let parameters = PatchParams { force, ..PatchParams::apply(MANAGER) };
    let mut applied = Applied::default();
    let mut progress = Progress::new("applied", manifests.providers.len() + manifests.people.len());
    let providers: Api<InvitationProvider> =
        Api::namespaced(connection.client.clone(), &connection.namespace);
    let (taken, refused) = all(&providers, &parameters, &manifests.providers, &mut progress).await;
    applied.providers = taken.len();
    applied.refused.extend(refused);
    let people: Api<UserInvitation> = Api::namespaced(connection.client.clone(), &connection.namespace);
    let (taken, refused) = all(&people, &parameters, &manifests.people, &mut progress).await;
    applied.people = taken;
    applied.refused.extend(refused);
    progress.end();
    applied
}

async fn all<K>(
    api: &Api<K>,
    parameters: &PatchParams,
    manifests: &[Manifest],
    progress: &mut Progress,
) -> (Vec<Taken>, Vec<(String, String)>)
where
    K: kube::Resource + Clone + DeserializeOwned + Debug,
{
    let calls = manifests.iter().map(|manifest| async move {
        let patch = Patch::Apply(&manifest.object);
        let answer = api.patch(&manifest.name, parameters, &patch).await;
        let generation = answer.map(|object| object.meta().generation.unwrap_or_default());
        (manifest, generation)
    });
    let mut answers = stream::iter(calls).buffered(AT_ONCE);
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    while let Some((manifest, answer)) = answers.next().await {
        let name = manifest.name.clone();
        match answer {
            Ok(generation) => taken.push(Taken { name, provider: manifest.provider.clone(), generation }),
            Err(error) => refused.push((name, reason(&error))),
        }
        progress.step();
    }
    (taken, refused)
}
