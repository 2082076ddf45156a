//! The control API over plain HTTP and JSON, for use from other processes.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Control, ControlError, Filter};
use crate::{
    appxite::AppXitePlatform,
    credentials::CredentialChange,
    faults::{ActiveFault, FaultRule},
    hpe::HpeWorkspace,
    ledger::{Creation, Mail},
    limits::{Limit, Violation},
    managed::{ManagedCluster, ManagedUser},
    operations::Operation,
    people::{Person, PersonAction},
    saas::DynatraceSaasAccount,
    simulators::Addresses,
    vendor::{TenantId, Vendor},
    vmware::VmwareOrg,
};

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    control: Control,
    addresses: Addresses,
    ca_pem: String,
}

/// A path with a tenant.
type TenantPath = Path<(Vendor, String)>;

/// Serves until `stop`.
pub(crate) fn serve(
    listener: TcpListener,
    control: Control,
    addresses: Addresses,
    ca_pem: String,
    stop: CancellationToken,
) {
    let app = router().with_state(Shared { control, addresses, ca_pem });
    tokio::spawn(async move {
        let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "control API ended");
        }
    });
}

fn router() -> Router<Shared> {
    Router::new()
        .route("/addresses", get(async |State(shared): State<Shared>| Json(shared.addresses)))
        .route("/ca.pem", get(async |State(shared): State<Shared>| shared.ca_pem))
        .route("/tenants", get(async |State(shared): State<Shared>| Json(shared.control.tenants())))
        .route("/tenants/hpe", post(create_hpe))
        .route("/tenants/vmware", post(create_vmware))
        .route("/tenants/appxite", post(create_appxite))
        .route("/tenants/managed", post(create_managed))
        .route("/tenants/managed/{id}/url", get(managed_url))
        .route("/tenants/managed/{id}/users", post(add_managed_user))
        .route("/tenants/saas", post(create_saas))
        .route("/tenants/{vendor}/{id}/people", get(people))
        .route("/tenants/{vendor}/{id}/people/{email}", post(act))
        .route("/tenants/{vendor}/{id}/knobs", get(knobs).patch(patch_knobs))
        .route("/tenants/{vendor}/{id}/credentials", post(change_credential))
        .route("/tenants/{vendor}/{id}/tokens", delete(drop_tokens))
        .route("/tenants/{vendor}/{id}/limits", post(set_limit).delete(clear_limits))
        .route("/mails", get(mails))
        .route("/creations", get(creations))
        .route("/operations", get(operations))
        .route("/violations", get(violations))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/echo-credentials", put(echo_credentials))
        .route("/clock", get(clock).post(advance_clock))
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoSuchTenant(_) | Self::NoSuchCredential => StatusCode::NOT_FOUND,
            Self::TenantExists | Self::CredentialInUse | Self::NothingToDo => StatusCode::CONFLICT,
            Self::Listen(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unsupported | Self::Malformed(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

#[derive(Serialize, Deserialize)]
struct Advance {
    milliseconds: i64,
}

fn id((vendor, id): (Vendor, String)) -> TenantId {
    TenantId { vendor, id }
}

async fn create_hpe(
    State(shared): State<Shared>,
    Json(workspace): Json<HpeWorkspace>,
) -> Result<Json<TenantId>, ControlError> {
    shared.control.create_hpe_workspace(workspace).map(Json)
}

async fn create_vmware(
    State(shared): State<Shared>,
    Json(org): Json<VmwareOrg>,
) -> Result<Json<TenantId>, ControlError> {
    shared.control.create_vmware_org(org).map(Json)
}

async fn create_appxite(
    State(shared): State<Shared>,
    Json(platform): Json<AppXitePlatform>,
) -> Result<Json<TenantId>, ControlError> {
    shared.control.create_appxite_platform(platform).map(Json)
}

async fn create_managed(
    State(shared): State<Shared>,
    Json(cluster): Json<ManagedCluster>,
) -> Result<Json<TenantId>, ControlError> {
    shared.control.create_managed_cluster(cluster).map(Json)
}

async fn managed_url(
    State(shared): State<Shared>,
    Path(cluster): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let url = shared.control.managed_url(&TenantId::managed(cluster))?;
    Ok(Json(json!({"url": url})))
}

async fn add_managed_user(
    State(shared): State<Shared>,
    Path(cluster): Path<String>,
    Json(user): Json<ManagedUser>,
) -> Result<StatusCode, ControlError> {
    shared.control.add_managed_user(&TenantId::managed(cluster), user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn create_saas(
    State(shared): State<Shared>,
    Json(account): Json<DynatraceSaasAccount>,
) -> Result<Json<TenantId>, ControlError> {
    shared.control.create_dynatrace_saas_account(account).map(Json)
}

async fn people(
    State(shared): State<Shared>,
    Path(path): TenantPath,
) -> Result<Json<Vec<Person>>, ControlError> {
    shared.control.people(&id(path)).map(Json)
}

async fn act(
    State(shared): State<Shared>,
    Path((vendor, tenant, email)): Path<(Vendor, String, String)>,
    Json(action): Json<PersonAction>,
) -> Result<Json<Option<Person>>, ControlError> {
    let tenant = id((vendor, tenant));
    shared.control.act(&tenant, &email, &action)?;
    shared.control.person(&tenant, &email).map(Json)
}

async fn knobs(State(shared): State<Shared>, Path(path): TenantPath) -> Result<Json<Value>, ControlError> {
    shared.control.knobs(&id(path)).map(Json)
}

async fn patch_knobs(
    State(shared): State<Shared>,
    Path(path): TenantPath,
    Json(knobs): Json<Value>,
) -> Result<Json<Value>, ControlError> {
    shared.control.patch_knobs(&id(path), &knobs).map(Json)
}

async fn change_credential(
    State(shared): State<Shared>,
    Path(path): TenantPath,
    Json(change): Json<CredentialChange>,
) -> Result<StatusCode, ControlError> {
    shared.control.change_credential(&id(path), change)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn drop_tokens(State(shared): State<Shared>, Path(path): TenantPath) -> Json<Value> {
    Json(json!({"dropped": shared.control.drop_tokens(&id(path))}))
}

async fn set_limit(
    State(shared): State<Shared>,
    Path(path): TenantPath,
    Json(limit): Json<Limit>,
) -> StatusCode {
    shared.control.set_limit(&id(path), limit);
    StatusCode::NO_CONTENT
}

async fn clear_limits(State(shared): State<Shared>, Path(path): TenantPath) -> StatusCode {
    shared.control.clear_limits(&id(path));
    StatusCode::NO_CONTENT
}

async fn mails(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Mail>> {
    Json(shared.control.mails(&filter))
}

async fn creations(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Creation>> {
    Json(shared.control.creations(&filter))
}

async fn operations(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Operation>> {
    Json(shared.control.operations(&filter))
}

async fn violations(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Violation>> {
    Json(shared.control.violations(&filter))
}

async fn faults(State(shared): State<Shared>) -> Json<Vec<ActiveFault>> {
    Json(shared.control.faults())
}

async fn add_fault(State(shared): State<Shared>, Json(rule): Json<FaultRule>) -> Json<Value> {
    Json(json!({"id": shared.control.add_fault(rule)}))
}

async fn clear_faults(State(shared): State<Shared>) -> StatusCode {
    shared.control.clear_faults();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(shared): State<Shared>, Path(id): Path<u64>) -> StatusCode {
    if shared.control.remove_fault(id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn echo_credentials(State(shared): State<Shared>, Json(switch): Json<Switch>) -> StatusCode {
    shared.control.echo_credentials(switch.on);
    StatusCode::NO_CONTENT
}

async fn clock(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({"vendorTime": shared.control.vendor_time(), "realTime": shared.control.real_time()}))
}

async fn advance_clock(State(shared): State<Shared>, Json(advance): Json<Advance>) -> Json<Value> {
    shared.control.advance_clock(advance.milliseconds);
    Json(json!({"vendorTime": shared.control.vendor_time()}))
}
