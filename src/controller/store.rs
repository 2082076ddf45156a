//! The one store of a kind: what the watch shows, and newer than that, what our own writes were answered with.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use kube::ResourceExt;
use tokio::time::Instant;

/// Where `kubectl apply` keeps what it last applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Namespace and name of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The namespace; empty for objects of the cluster.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Key {
    /// The key of an object.
    pub fn of<K: ResourceExt>(object: &K) -> Self {
        Self { namespace: object.namespace().unwrap_or_default(), name: object.name_any() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

/// What one watch shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The objects of the cluster, which are in no namespace.
    Cluster,
    /// The objects of all namespaces.
    AllNamespaces,
    /// The objects of one namespace.
    Namespace(String),
}

impl Scope {
    /// Whether an object of this key is shown.
    pub fn shows(&self, key: &Key) -> bool {
        match self {
            Self::Cluster => key.namespace.is_empty(),
            Self::AllNamespaces => !key.namespace.is_empty(),
            Self::Namespace(name) => key.namespace == *name,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::AllNamespaces => f.write_str("all namespaces"),
            Self::Namespace(name) => f.write_str(name),
        }
    }
}

/// An object in the store.
#[derive(Debug)]
pub struct Stored<K> {
    /// The newest content known.
    pub object: Arc<K>,
    /// When the watch itself first showed that the object is being deleted: whatever was written before that has been
    /// shown, too.
    pub deletion_shown: Option<Instant>,
}

impl<K> Clone for Stored<K> {
    fn clone(&self) -> Self {
        Self { object: Arc::clone(&self.object), deletion_shown: self.deletion_shown }
    }
}

/// What a watch event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing: the store knew it already, or knows something newer.
    None,
    /// Something.
    Changed,
}

#[derive(Debug)]
struct Inner<K> {
    objects: HashMap<Key, Stored<K>>,
    index: HashMap<String, HashSet<Key>>,
    of_the_cluster: usize,
    /// Objects not yet shown by the list that is under way, by the scope that is listed.
    unseen: HashMap<Scope, HashSet<Key>>,
}

/// Objects of one kind, with an index.
///
/// Versions are compared as numbers, which Kubernetes allows within one kind.
#[derive(Debug)]
pub struct Store<K> {
    inner: RwLock<Inner<K>>,
    index_of: fn(&K) -> Vec<String>,
}

impl<K: ResourceExt> Store<K> {
    /// An empty store; `index_of` names the index entries of an object.
    pub fn new(index_of: fn(&K) -> Vec<String>) -> Self {
        let inner = Inner {
            objects: HashMap::new(),
            index: HashMap::new(),
            of_the_cluster: 0,
            unseen: HashMap::new(),
        };
        Self { inner: RwLock::new(inner), index_of }
    }

    fn read<R>(&self, read: impl FnOnce(&Inner<K>) -> R) -> R {
        read(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, write: impl FnOnce(&mut Inner<K>) -> R) -> R {
        write(&mut self.inner.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Option<Stored<K>> {
        self.read(|inner| inner.objects.get(key).cloned())
    }

    /// The keys under an index entry, in order.
    pub fn keys(&self, entry: &str) -> Vec<Key> {
        let mut keys: Vec<Key> = self.read(|inner| {
            inner.index.get(entry).map(|keys| keys.iter().cloned().collect()).unwrap_or_default()
        });
        keys.sort_unstable();
        keys
    }

    /// The objects under an index entry, in order of their keys.
    pub fn indexed(&self, entry: &str) -> Vec<Stored<K>> {
        self.keys(entry).iter().filter_map(|key| self.get(key)).collect()
    }

    /// Every object.
    pub fn all(&self) -> Vec<Stored<K>> {
        self.read(|inner| inner.objects.values().cloned().collect())
    }

    /// How many objects are under an index entry.
    pub fn count(&self, entry: &str) -> usize {
        self.read(|inner| inner.index.get(entry).map_or(0, HashSet::len))
    }

    /// How many objects there are, of the cluster or in all namespaces.
    pub fn len(&self, of_the_cluster: bool) -> usize {
        self.read(|inner| {
            if of_the_cluster { inner.of_the_cluster } else { inner.objects.len() - inner.of_the_cluster }
        })
    }

    /// Takes in an object as the watch shows it.
    pub fn shown(&self, object: K) -> Change {
        let object = trimmed(object);
        let key = Key::of(&object);
        let deleted = object.meta().deletion_timestamp.is_some();
        self.write(|inner| {
            if let Some(known) = inner.objects.get_mut(&key)
                && known.object.uid() == object.uid()
                && version(&*known.object) >= version(&object)
            {
                let newly_deleted = deleted && known.deletion_shown.is_none();
                if newly_deleted {
                    known.deletion_shown = Some(Instant::now());
                }
                return if newly_deleted { Change::Changed } else { Change::None };
            }
            let before = inner.objects.get(&key).filter(|known| known.object.uid() == object.uid());
            let shown_before = before.and_then(|known| known.deletion_shown);
            let deletion_shown = deleted.then(|| shown_before.unwrap_or_else(Instant::now));
            self.put(inner, key, Stored { object: Arc::new(object), deletion_shown });
            Change::Changed
        })
    }

    /// Takes in what the API server answered to a write or a read of our own. An object that the watch has taken
    /// out meanwhile does not come back.
    pub fn answered(&self, object: K) -> Arc<K> {
        let object = trimmed(object);
        let key = Key::of(&object);
        self.write(|inner| match inner.objects.get(&key) {
            Some(known) if known.object.uid() != object.uid() => Arc::new(object),
            Some(known) if version(&*known.object) > version(&object) => Arc::clone(&known.object),
            Some(known) => {
                let deletion_shown = known.deletion_shown;
                let object = Arc::new(object);
                self.put(inner, key, Stored { object: Arc::clone(&object), deletion_shown });
                object
            }
            None => Arc::new(object),
        })
    }

    /// Takes out an object that the watch shows as deleted. A newer object of that name stays.
    pub fn removed(&self, object: &K) -> Option<Arc<K>> {
        let key = Key::of(object);
        self.write(|inner| {
            let same = inner.objects.get(&key).is_some_and(|known| known.object.uid() == object.uid());
            if same { self.take(inner, &key) } else { None }
        })
    }

    /// A list of this scope begins.
    pub fn list_begins(&self, scope: &Scope) {
        self.write(|inner| {
            let unseen = inner.objects.keys().filter(|key| scope.shows(key)).cloned().collect();
            inner.unseen.insert(scope.clone(), unseen);
        });
    }

    /// Notes that the list of this scope has shown an object.
    pub fn listed(&self, scope: &Scope, object: K) -> Change {
        let key = Key::of(&object);
        self.write(|inner| inner.unseen.get_mut(scope).map(|unseen| unseen.remove(&key)));
        self.shown(object)
    }

    /// The list of this scope is complete: what it did not show is gone.
    pub fn list_ends(&self, scope: &Scope) -> Vec<Arc<K>> {
        self.write(|inner| {
            let unseen = inner.unseen.remove(scope).unwrap_or_default();
            unseen.iter().filter_map(|key| self.take(inner, key)).collect()
        })
    }

    fn put(&self, inner: &mut Inner<K>, key: Key, stored: Stored<K>) {
        self.take(inner, &key);
        for entry in (self.index_of)(&stored.object) {
            inner.index.entry(entry).or_default().insert(key.clone());
        }
        inner.of_the_cluster += usize::from(key.namespace.is_empty());
        inner.objects.insert(key, stored);
    }

    fn take(&self, inner: &mut Inner<K>, key: &Key) -> Option<Arc<K>> {
        let stored = inner.objects.remove(key)?;
        inner.of_the_cluster -= usize::from(key.namespace.is_empty());
        for entry in (self.index_of)(&stored.object) {
            if let Some(keys) = inner.index.get_mut(&entry) {
                keys.remove(key);
                if keys.is_empty() {
                    inner.index.remove(&entry);
                }
            }
        }
        Some(stored.object)
    }
}

fn version<K: ResourceExt>(object: &K) -> u64 {
    object.resource_version().and_then(|version| version.parse().ok()).unwrap_or_default()
}

/// Without what other clients keep in an object: it takes more memory than the rest.
fn trimmed<K: ResourceExt>(mut object: K) -> K {
    object.meta_mut().managed_fields = None;
    object.annotations_mut().remove(LAST_APPLIED);
    object
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
    use serde_json::json;

    use super::*;

    fn object(name: &str, uid: &str, version: u64, deleted: bool) -> ConfigMap {
        let time = deleted.then_some("2026-01-01T00:00:00Z");
        serde_json::from_value(json!({"metadata": {
            "namespace": "a", "name": name, "uid": uid, "resourceVersion": version.to_string(),
            "deletionTimestamp": time, "labels": {"i": name},
        }}))
        .unwrap()
    }

    fn store() -> Store<ConfigMap> {
        Store::new(|object| object.labels().values().cloned().collect())
    }

    fn version_of(store: &Store<ConfigMap>, name: &str) -> u64 {
        let key = Key { namespace: "a".to_owned(), name: name.to_owned() };
        version(&*store.get(&key).unwrap().object)
    }

    #[test]
    fn an_own_write_stays_until_the_watch_catches_up() {
        let store = store();
        assert_eq!(store.shown(object("x", "1", 10, false)), Change::Changed);
        store.answered(object("x", "1", 12, false));
        assert_eq!(store.shown(object("x", "1", 11, false)), Change::None);
        assert_eq!(version_of(&store, "x"), 12);
        assert_eq!(store.shown(object("x", "1", 12, false)), Change::None);
        assert_eq!(store.shown(object("x", "1", 13, false)), Change::Changed);
        assert_eq!(version_of(&store, "x"), 13);
    }

    #[test]
    fn what_other_clients_keep_in_an_object_is_not_kept_here() {
        let full = |version: u64| -> ConfigMap {
            let mut object = object("x", "1", version, false);
            object.metadata.managed_fields = Some(vec![ManagedFieldsEntry::default()]);
            object.annotations_mut().insert(LAST_APPLIED.to_owned(), "{}".to_owned());
            object
        };
        let (store, key) = (store(), Key { namespace: "a".to_owned(), name: "x".to_owned() });
        store.shown(full(10));
        for version in [11, 12] {
            let kept = store.get(&key).unwrap().object;
            assert!(kept.metadata.managed_fields.is_none() && kept.annotations().is_empty(), "{kept:?}");
            let answer = store.answered(full(version));
            assert!(
                answer.metadata.managed_fields.is_none() && answer.annotations().is_empty(),
                "{answer:?}"
            );
        }
    }

    #[test]
    fn only_the_watch_shows_a_deletion() {
        let store = store();
        store.shown(object("x", "1", 10, false));
        store.answered(object("x", "1", 12, true));
        let key = Key { namespace: "a".to_owned(), name: "x".to_owned() };
        assert!(store.get(&key).unwrap().deletion_shown.is_none());
        assert_eq!(store.shown(object("x", "1", 11, true)), Change::Changed);
        assert!(store.get(&key).unwrap().deletion_shown.is_some());
        assert_eq!(version_of(&store, "x"), 12, "the older content does not come back");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_sight_of_a_deletion_stays() {
        let store = store();
        let key = Key { namespace: "a".to_owned(), name: "x".to_owned() };
        store.shown(object("x", "1", 10, true));
        let first = store.get(&key).unwrap().deletion_shown.unwrap();
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        store.shown(object("x", "1", 11, true));
        store.answered(object("x", "1", 12, true));
        store.shown(object("x", "1", 12, true));
        assert_eq!(store.get(&key).unwrap().deletion_shown, Some(first));
        store.shown(object("x", "2", 13, true));
        assert!(store.get(&key).unwrap().deletion_shown.unwrap() > first, "another object");
    }

    #[test]
    fn a_new_object_under_an_old_name_is_another_one() {
        let store = store();
        store.shown(object("x", "1", 10, false));
        store.answered(object("x", "1", 12, false));
        assert_eq!(store.shown(object("x", "2", 11, false)), Change::Changed);
        assert!(store.removed(&object("x", "1", 13, false)).is_none());
        assert_eq!(store.len(false), 1);
        store.answered(object("x", "1", 14, false));
        assert_eq!(version_of(&store, "x"), 11, "an answer about the old one is not about the new one");
    }

    #[test]
    fn an_answer_never_brings_back_what_the_watch_has_taken_out() {
        let store = store();
        store.shown(object("x", "1", 10, true));
        assert!(store.removed(&object("x", "1", 12, true)).is_some());
        store.answered(object("x", "1", 12, true));
        assert_eq!(store.len(false), 0);
    }

    #[test]
    fn an_answer_does_not_bring_back_what_is_gone() {
        let store = store();
        store.shown(object("x", "1", 10, true));
        store.removed(&object("x", "1", 12, true));
        store.answered(object("x", "1", 11, true));
        assert_eq!(store.len(false), 0);
    }

    #[test]
    fn a_list_takes_out_what_it_does_not_show() {
        let store = store();
        store.shown(object("x", "1", 10, false));
        store.shown(object("y", "2", 11, false));
        let mut of_the_cluster = object("z", "3", 12, false);
        of_the_cluster.metadata.namespace = None;
        store.shown(of_the_cluster);
        store.list_begins(&Scope::AllNamespaces);
        store.listed(&Scope::AllNamespaces, object("y", "2", 11, false));
        let gone = store.list_ends(&Scope::AllNamespaces);
        assert_eq!(gone.len(), 1);
        assert_eq!(store.keys("y").len(), 1);
        assert!(store.keys("x").is_empty());
        assert_eq!(store.len(true), 1, "a list of other objects says nothing of it");
        store.list_begins(&Scope::Cluster);
        assert_eq!(store.list_ends(&Scope::Cluster).len(), 1);
        assert_eq!(store.len(false), 1);
    }
}
