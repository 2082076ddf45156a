//! HPE GreenLake. Sections cited are those of part A of its contract.

mod assignments;
mod auth;
mod errors;
mod filter;
mod filter_parser;
mod invite;
mod knobs;
mod persons;
mod route;
mod setup;
mod users;
mod workspace;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::json;

pub(crate) use self::workspace::Workspace;
pub use self::{
    knobs::{
        CredentialPlacement, FilterDialect, GatewayBody, HpeKnobs, LocationForm, OffsetUnit, OptionalFields,
        PendingInvite, PrincipalForm, Timestamps, TokenUrls,
    },
    setup::HpeWorkspace,
};
use self::{
    route::{AssignmentRoute, Route},
    workspace::State,
};
use crate::{
    clock::lock,
    credentials::{Caller, Credential, Tokens},
    http::{Reply, Request},
    text::{naive_timestamp, normal},
    vendor::{Call, Context, Tenant, VendorApi},
};

/// All workspaces.
#[derive(Default)]
pub(crate) struct Hpe {
    workspaces: Mutex<BTreeMap<String, Arc<Workspace>>>,
    tokens: Tokens,
}

impl Hpe {
    pub(crate) fn workspace(&self, id: &str) -> Option<Arc<Workspace>> {
        lock(&self.workspaces).get(id).cloned()
    }

    pub(crate) fn insert(&self, workspace: Workspace) {
        lock(&self.workspaces).insert(workspace.tenant().id.clone(), Arc::new(workspace));
    }

    /// The workspace whose client this is. A2: a client belongs to one workspace.
    fn by_client(&self, id: &str) -> Option<(Arc<Workspace>, Credential)> {
        lock(&self.workspaces).values().find_map(|workspace| {
            let found = workspace.state().credentials.iter().find(|c| c.secret.key() == id).cloned();
            found.map(|credential| (workspace.clone(), credential))
        })
    }

    fn token(&self, context: &Context<'_>, from: Option<&str>, request: &Request) -> Reply {
        let Some((client, _, _)) = auth::offered(request) else {
            return auth::refused(400, "invalid_request");
        };
        let Some((workspace, credential)) = self.by_client(&client) else {
            return auth::refused(401, "invalid_client");
        };
        let (state, id) = (workspace.state(), &workspace.tenant().id);
        if !auth::offers(&state.knobs, from.is_some()) {
            return errors::gateway(404, &state.knobs);
        }
        let now = context.world.clock.vendor();
        auth::token(&state, &self.tokens, id, &credential, from, request, now)
    }

    fn with_token(&self, context: &Context<'_>, route: &Route, request: &Request) -> Reply {
        let now = context.world.clock.vendor();
        let found = self.tokens.caller(request.bearer(), now);
        let workspace =
            request.bearer().and_then(|token| self.tokens.tenant(token)).and_then(|id| self.workspace(&id));
        let (Ok(caller), Some(workspace)) = (found, &workspace) else {
            // A5: a gateway's 401 may lack the envelope.
            let knobs = workspace.map(|workspace| workspace.state().knobs.clone()).unwrap_or_default();
            return errors::gateway(401, &knobs);
        };
        let mut state = workspace.state();
        let before = context.lose.then(|| state.clone());
        let reply = perform(&mut state, workspace, context, route, &caller, request);
        if let Some(before) = before {
            *state = before;
        }
        reply
    }
}

fn perform(
    state: &mut State,
    workspace: &Workspace,
    context: &Context<'_>,
    route: &Route,
    caller: &Caller,
    request: &Request,
) -> Reply {
    let now = context.world.clock.vendor();
    match route {
        Route::Invite => invite::invite(state, workspace.tenant(), context, caller, request),
        Route::ListUsers => users::list(state, request),
        Route::ReadUser(id) => users::read(state, id),
        Route::Preferences(id) => users::preferences(state, id, request, now),
        Route::DeleteUser(id) => users::delete(state, caller, id, now),
        Route::ReadWorkspace(id) if *id == workspace.tenant().id => {
            let created = format!("{}Z", naive_timestamp(state.created));
            Reply::json(
                200,
                &json!({"id": id, "type": "workspace", "workspaceName": state.name, "generation": 1,
                        "resourceUri": format!("/workspaces/v1/workspaces/{id}"),
                        "createdAt": created, "updatedAt": created}),
            )
        }
        Route::ReadWorkspace(_) => errors::api(404, "There is no such workspace"),
        // A4: without enhanced IAM the gateway does not know the path.
        Route::Assignments(_) if !state.knobs.enhanced_iam => errors::gateway(404, &state.knobs),
        Route::Assignments(route) => match route {
            AssignmentRoute::Create => assignments::create(state, caller, request, now),
            AssignmentRoute::List => assignments::list(state, request),
            AssignmentRoute::Read(id) => assignments::read(state, id),
            AssignmentRoute::Replace(id) => assignments::replace(state, id, request, now),
            AssignmentRoute::Delete(id) => assignments::delete(state, id),
        },
        Route::Token(_) | Route::Unknown => errors::gateway(404, &state.knobs),
    }
}

impl VendorApi for Hpe {
    fn identify(&self, request: &Request) -> Call {
        let route = Route::of(request);
        let tenant = match &route {
            Route::Token(_) => auth::offered(request)
                .and_then(|(client, _, _)| self.by_client(&client))
                .map(|(workspace, _)| workspace.tenant().id.clone()),
            _ => request.bearer().and_then(|token| self.tokens.tenant(token)),
        };
        let mut call = Call { operation: route.operation(), tenant, emails: Vec::new(), ids: route.ids() };
        if let Some(email) = request.json_object().as_ref().and_then(|body| body.get("email")?.as_str()) {
            call.emails.push(normal(email));
        }
        let text = request.query("filter").unwrap_or_default();
        if route == Route::ListUsers
            && let Some(filter) = filter_parser::parse(text, &users::PROPERTIES, FilterDialect::Both)
        {
            if filter.exact().is_some() {
                call.operation = "hpe.find_user";
            }
            for (property, value) in filter.values() {
                match property {
                    "username" => call.emails.push(normal(value)),
                    "id" => call.ids.push(value.to_owned()),
                    _ => {}
                }
            }
        }
        call
    }

    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply {
        match Route::of(request) {
            Route::Token(from) => self.token(context, from.as_deref(), request),
            route => self.with_token(context, &route, request),
        }
    }

    fn error(&self, tenant: Option<&str>, status: u16) -> Reply {
        let workspace = tenant.and_then(|id| self.workspace(id));
        let knobs = workspace.map(|workspace| workspace.state().knobs.clone()).unwrap_or_default();
        errors::of_status(status, &knobs)
    }

    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>> {
        self.workspace(id).map(|workspace| workspace as Arc<dyn Tenant>)
    }

    fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        lock(&self.workspaces).values().cloned().map(|workspace| workspace as Arc<dyn Tenant>).collect()
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
