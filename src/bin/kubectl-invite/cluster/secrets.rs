//! Makes the Secrets of providers, with values that are typed without being shown.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use secrecy::{ExposeSecret, SecretString};
use user_invitation_operator::api::{CREDENTIALS_LABEL, CREDENTIALS_LABEL_VALUE};

use super::connect::Connection;
use super::{MANAGER, reason};
use crate::import::Workspace;

/// What became of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It was made.
    New,
    /// There is one already; it stays as it is.
    Known,
    /// Nothing was typed.
    Skipped,
    /// The API server refused it.
    Refused(String),
}

/// Asks for the secret value of a provider, and makes its Secret.
pub async fn ask_and_make(connection: &Connection, workspace: &Workspace) -> std::io::Result<Made> {
    let secrets: Api<Secret> = Api::namespaced(connection.client.clone(), &connection.namespace);
    // Who may not look may still be allowed to make one.
    if let Ok(Some(_)) = secrets.get_metadata_opt(&workspace.provider).await {
        return Ok(Made::Known);
    }
    let client_id = match &workspace.client_id {
        Some(id) => id.clone(),
        None => rpassword::prompt_password(format!("Client id of {:?}: ", workspace.name))?,
    };
    let secret = SecretString::from(rpassword::prompt_password(format!(
        "Client secret of {:?} (client id {client_id}): ",
        workspace.name
    ))?);
    if secret.expose_secret().is_empty() {
        return Ok(Made::Skipped);
    }
    let labels = [(CREDENTIALS_LABEL.to_owned(), CREDENTIALS_LABEL_VALUE.to_owned())];
    let values =
        [("clientId".to_owned(), client_id), ("clientSecret".to_owned(), secret.expose_secret().to_owned())];
    let object = Secret {
        metadata: ObjectMeta {
            name: Some(workspace.provider.clone()),
            labels: Some(labels.into()),
            ..ObjectMeta::default()
        },
        string_data: Some(values.into()),
        ..Secret::default()
    };
    let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
    Ok(match secrets.create(&parameters, &object).await {
        Ok(_) => Made::New,
        Err(kube::Error::Api(status)) if status.is_already_exists() => Made::Known,
        Err(error) => Made::Refused(reason(&error)),
    })
}
