//! Dynatrace Managed, Cluster API v1. Sections cited are those of its contract; "5, Managed 7" is an entry in its list of
//! open questions.

mod auth;
mod cluster;
mod config;
mod create;
mod errors;
mod groups;
mod knobs;
mod persons;
mod route;
mod setup;
mod users;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;

pub(crate) use self::cluster::Cluster;
use self::{cluster::State, route::Route};
pub use self::{
    knobs::{
        BulkExisting, DeleteAgain, Directory, DynatraceManagedKnobs, ErrorStyle, MissingGroups, NotFoundBody,
        PartialBody, PasswordInput,
    },
    setup::{ManagedCluster, ManagedUser},
};
use crate::{
    clock::lock,
    credentials::{CallerRole, Tokens},
    http::{Reply, Request},
    text::{is_email, normal},
    vendor::{Call, Context, Tenant, VendorApi},
};

/// All clusters.
#[derive(Default)]
pub(crate) struct Managed {
    clusters: Mutex<BTreeMap<String, Arc<Cluster>>>,
    /// Always empty: the credential itself goes with each request.
    tokens: Tokens,
}

impl Managed {
    pub(crate) fn cluster(&self, id: &str) -> Option<Arc<Cluster>> {
        lock(&self.clusters).get(id).cloned()
    }

    pub(crate) fn insert(&self, cluster: Cluster) {
        lock(&self.clusters).insert(cluster.tenant().id.clone(), Arc::new(cluster));
    }

    /// The cluster asked: the one at whose own address the request arrived, else the one whose token it has.
    fn asked(&self, request: &Request) -> Option<Arc<Cluster>> {
        if let Some(id) = &request.door {
            return self.cluster(id);
        }
        let token = auth::offered(request)?;
        let clusters = lock(&self.clusters);
        clusters.values().find(|cluster| knows(&cluster.state(), token).is_some()).cloned()
    }
}

/// What a token of the cluster may do.
fn knows(state: &State, token: &str) -> Option<CallerRole> {
    state.credentials.iter().find(|credential| credential.secret.key() == token).map(|found| found.role)
}

fn perform(
    state: &mut State,
    cluster: &Cluster,
    context: &Context<'_>,
    route: &Route,
    request: &Request,
) -> Reply {
    let knobs = &state.knobs;
    match auth::offered(request).and_then(|token| knows(state, token)) {
        None => return errors::of_status(knobs, 401),
        Some(CallerRole::Member) => {
            return errors::error(
                knobs,
                knobs.missing_scope_status,
                "The token lacks the scope ServiceProviderAPI",
            );
        }
        Some(CallerRole::Owner | CallerRole::Admin) => {}
    }
    // 2.1 [INF]: what a client won't take can't be sent.
    let accepts = |text: &str| text.contains("application/json") || text.contains("*/*");
    if request.header("accept").is_some_and(|text| !accepts(text)) {
        return Reply::empty(406);
    }
    if request.body.len() > knobs.payload_limit_bytes {
        return errors::error(knobs, 413, "The payload is too large"); // 2.9.
    }
    let removes = matches!(route, Route::DeleteUser(_));
    if knobs.directory != Directory::Local && route.writes() && (!removes || knobs.directory_refuses_removals)
    {
        return errors::error(knobs, 403, "Users and groups are managed by LDAP or SSO"); // 2.4.
    }
    match route {
        Route::ListUsers => users::list(state),
        Route::ReadUser(id) => users::read(state, id),
        Route::CreateUser => create::one(state, cluster.tenant(), context, request),
        Route::CreateUsers => create::several(state, cluster.tenant(), context, request),
        Route::UpdateUser => users::update(state, request),
        Route::DeleteUser(id) => users::delete(state, id),
        Route::ListGroups => groups::list(state),
        Route::ReadGroup(id) => groups::read(state, id),
        Route::CreateGroup => groups::create(state, request),
        Route::DeleteGroup(id) => groups::delete(state, id),
        Route::PasswordPolicy => groups::password_policy(),
        Route::Unknown => errors::of_status(knobs, 404),
    }
}

/// The users that a body names: ids and addresses.
fn named(request: &Request) -> (Vec<String>, Vec<String>) {
    let rows = match serde_json::from_slice(&request.body) {
        Ok(Value::Array(rows)) => rows,
        Ok(row @ Value::Object(_)) => vec![row],
        _ => Vec::new(),
    };
    let texts = |name: &str| -> Vec<String> {
        rows.iter().filter_map(|row| row.get(name)?.as_str()).map(str::to_owned).collect()
    };
    (texts("id"), texts("email").iter().map(|email| normal(email)).collect())
}

impl VendorApi for Managed {
    fn identify(&self, request: &Request) -> Call {
        let route = Route::of(request);
        let cluster = self.asked(request);
        let (mut ids, mut emails) = named(request);
        ids.extend(route.id().map(str::to_owned));
        if let Some(id) = route.user() {
            let email = cluster.as_ref().and_then(|cluster| Some(cluster.state().user(id)?.email.clone()));
            emails.extend(email.or_else(|| is_email(id).then(|| normal(id))));
        }
        let tenant = cluster.map(|cluster| cluster.tenant().id.clone());
        Call { operation: route.operation(), tenant, emails, ids }
    }

    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply {
        let Some(cluster) = self.asked(request) else {
            return errors::of_status(&DynatraceManagedKnobs::default(), 401);
        };
        let mut state = cluster.state();
        let before = context.lose.then(|| state.clone());
        let reply = perform(&mut state, &cluster, context, &Route::of(request), request);
        if let Some(before) = before {
            *state = before;
        }
        reply
    }

    fn error(&self, tenant: Option<&str>, status: u16) -> Reply {
        let cluster = tenant.and_then(|id| self.cluster(id));
        let knobs = cluster.map(|cluster| cluster.state().knobs.clone()).unwrap_or_default();
        errors::of_status(&knobs, status)
    }

    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>> {
        self.cluster(id).map(|cluster| cluster as Arc<dyn Tenant>)
    }

    fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        lock(&self.clusters).values().cloned().map(|cluster| cluster as Arc<dyn Tenant>).collect()
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
