//! The CRDs, as types and as files.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

use super::schema;
use super::{InvitationProvider, UserInvitation};

/// Every CRD of this version.
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![schema::finish(InvitationProvider::crd()), schema::finish(UserInvitation::crd())]
}
