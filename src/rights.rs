//! The rights that the operator needs at the Kubernetes API, one by one, and whether it has them.

use std::fmt;

use futures::stream::{self, StreamExt};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};

use crate::api::GROUP;
use crate::settings::Settings;

/// How many questions are asked at a time.
const AT_A_TIME: usize = 8;
/// Where events about objects of the cluster are.
const EVENTS_OF_THE_CLUSTER: &str = "default";

/// One right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// What is done.
    pub verb: &'static str,
    /// The API group; empty for the core.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
    /// Its part, such as `status`.
    pub subresource: Option<&'static str>,
    /// Where it is needed.
    pub place: Place,
    /// What for.
    pub need: Need,
}

/// Where a right is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// For what is in no namespace.
    Cluster,
    /// In every namespace.
    AllNamespaces,
    /// In this one.
    Namespace(String),
    /// For this namespace itself.
    TheNamespace(String),
}

/// What a right is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Without it nothing is begun.
    Start,
    /// Without it the operator works, but for this.
    Work(&'static str),
    /// Needed only where there are providers, which say so themselves.
    WhereProvidersAre,
}

impl Right {
    fn attributes(&self) -> ResourceAttributes {
        let (namespace, name) = match &self.place {
            Place::Cluster | Place::AllNamespaces => (None, None),
            Place::Namespace(namespace) => (Some(namespace.clone()), None),
            Place::TheNamespace(namespace) => (Some(namespace.clone()), Some(namespace.clone())),
        };
        ResourceAttributes {
            verb: Some(self.verb.to_owned()),
            group: Some(self.group.to_owned()),
            resource: Some(self.resource.to_owned()),
            subresource: self.subresource.map(ToOwned::to_owned),
            namespace,
            name,
            ..ResourceAttributes::default()
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if let Some(part) = self.subresource {
            write!(f, "/{part}")?;
        }
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        match &self.place {
            Place::Cluster => f.write_str(" in the cluster"),
            Place::AllNamespaces => f.write_str(" in all namespaces"),
            Place::Namespace(name) => write!(f, " in namespace {name}"),
            Place::TheNamespace(name) => write!(f, " for namespace {name}"),
        }
    }
}

/// Every right that these settings need.
pub fn needed(settings: &Settings) -> Vec<Right> {
    let mut rights = Rights::default();
    let own = Place::Namespace(settings.operator_namespace());
    if settings.lease.election {
        rights.add(&["get", "create", "update"], "coordination.k8s.io", "leases", &own, Need::Start);
    }
    let watched = settings.watch_namespaces.names();
    if watched.is_empty() {
        rights.add_namespace(&Place::AllNamespaces, &Place::Cluster);
    }
    for name in watched {
        rights.add_namespace(&Place::Namespace(name.clone()), &Place::TheNamespace(name.clone()));
    }
    if settings.cluster_providers() {
        rights.add_kind("clusterinvitationproviders", &Place::Cluster);
        let selectors = Need::Work("allowedNamespaces with a selector");
        rights.add(&["list", "watch"], "", "namespaces", &Place::Cluster, selectors);
        if !watched.is_empty() {
            rights.add_secrets(&own);
            rights.add_events(&Place::Namespace(EVENTS_OF_THE_CLUSTER.to_owned()));
        }
    }
    rights.0
}

#[derive(Default)]
struct Rights(Vec<Right>);

impl Rights {
    fn add(
        &mut self,
        verbs: &[&'static str],
        group: &'static str,
        resource: &'static str,
        place: &Place,
        need: Need,
    ) {
        let right = |verb| Right { verb, group, resource, subresource: None, place: place.clone(), need };
        for right in verbs.iter().map(|verb| right(*verb)) {
            if !self.0.contains(&right) {
                self.0.push(right);
            }
        }
    }

    fn add_kind(&mut self, plural: &'static str, place: &Place) {
        self.add(&["get", "list", "watch", "patch"], GROUP, plural, place, Need::Start);
        self.0.push(Right {
            verb: "patch",
            group: GROUP,
            resource: plural,
            subresource: Some("status"),
            place: place.clone(),
            need: Need::Start,
        });
    }

    /// What is needed for the people and providers of a namespace; `itself` is the namespace as an object.
    fn add_namespace(&mut self, place: &Place, itself: &Place) {
        self.add_kind("userinvitations", place);
        self.add_kind("invitationproviders", place);
        let terminating = Need::Work("deletions that go with their whole namespace");
        self.add(&["get"], "", "namespaces", itself, terminating);
        self.add_secrets(place);
        self.add_events(place);
    }

    fn add_secrets(&mut self, place: &Place) {
        for resource in ["secrets", "configmaps"] {
            self.add(&["get"], "", resource, place, Need::WhereProvidersAre);
        }
    }

    fn add_events(&mut self, place: &Place) {
        self.add(&["create", "patch"], "events.k8s.io", "events", place, Need::Work("events about objects"));
    }
}

/// The rights of these that this process lacks.
pub async fn missing(client: &Client, rights: &[Right]) -> Result<Vec<Right>, kube::Error> {
    let mut answers = stream::iter(rights.to_vec()).map(|right| granted(client, right)).buffered(AT_A_TIME);
    let mut missing = Vec::new();
    while let Some(answer) = answers.next().await {
        let (right, granted) = answer?;
        if !granted {
            missing.push(right);
        }
    }
    Ok(missing)
}

async fn granted(client: &Client, right: Right) -> Result<(Right, bool), kube::Error> {
    let spec = SelfSubjectAccessReviewSpec {
        resource_attributes: Some(right.attributes()),
        ..SelfSubjectAccessReviewSpec::default()
    };
    let question = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
    let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let answer = api.create(&PostParams::default(), &question).await?;
    let granted = answer.status.is_some_and(|status| status.allowed);
    Ok((right, granted))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::settings::{CommandLine, Invocation};

    fn told(arguments: &[&str]) -> Vec<String> {
        let all = [&["operator", "--operator-namespace=ops"], arguments].concat();
        match CommandLine::try_parse_from(all).unwrap().resolve().unwrap() {
            Invocation::Run(settings) => needed(&settings).iter().map(ToString::to_string).collect(),
            Invocation::Crds | Invocation::Diagnose(_) => panic!("no settings"),
        }
    }

    #[test]
    fn everywhere_means_everywhere() {
        let rights = told(&[]);
        assert_eq!(rights.len(), 3 + 5 + 5 + 1 + 2 + 2 + 5 + 2);
        for expected in [
            "update leases.coordination.k8s.io in namespace ops",
            "patch userinvitations/status.userinvitation.dev in all namespaces",
            "watch clusterinvitationproviders.userinvitation.dev in the cluster",
            "get secrets in all namespaces",
            "get namespaces in the cluster",
            "list namespaces in the cluster",
            "create events.events.k8s.io in all namespaces",
        ] {
            assert!(rights.iter().any(|right| right == expected), "{expected}: {rights:#?}");
        }
    }

    #[test]
    fn in_some_namespaces_nothing_else_is_needed() {
        let rights = told(&["--watch-namespaces=a,b"]);
        let strange: Vec<_> = rights
            .iter()
            .filter(|right| {
                !["namespace a", "namespace b", "namespace ops"].iter().any(|e| right.ends_with(e))
            })
            .collect();
        assert!(strange.is_empty(), "{strange:#?}");
        assert!(!rights.iter().any(|right| right.contains("clusterinvitationproviders")));
        assert!(!rights.iter().any(|right| right == "get secrets in namespace ops"));
        assert!(rights.iter().any(|right| right == "get namespaces for namespace a"));

        let with_the_cluster = told(&["--watch-namespaces=a,b", "--cluster-providers=true"]);
        for expected in [
            "get secrets in namespace ops",
            "create events.events.k8s.io in namespace default",
            "patch clusterinvitationproviders/status.userinvitation.dev in the cluster",
        ] {
            assert!(with_the_cluster.iter().any(|right| right == expected), "{expected}");
        }
        assert!(!told(&["--leader-election=false"]).iter().any(|right| right.contains("leases")));
    }
}
