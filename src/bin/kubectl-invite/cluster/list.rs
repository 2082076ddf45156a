//! Invitations, page by page: only one page is in memory.

use kube::Api;
use kube::api::ListParams;
use user_invitation_operator::api::UserInvitation;

use super::connect::Connection;

const PAGE: u32 = 500;

/// Which invitations.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Those of all namespaces.
    pub everywhere: bool,
    /// Those with these labels.
    pub selector: Option<String>,
    /// Those of the provider with this name.
    pub provider: Option<String>,
}

/// Why invitations can't be listed, or what is done with one failed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The API server refuses.
    #[error("the invitations can't be listed")]
    Kubernetes(#[from] Box<kube::Error>),
    /// What is done with one.
    #[error("the list can't be written")]
    Output(#[from] std::io::Error),
}

/// Calls `each` with every invitation.
pub async fn each(
    connection: &Connection,
    which: &Which,
    mut each: impl FnMut(&UserInvitation) -> std::io::Result<()>,
) -> Result<(), ListError> {
    let api: Api<UserInvitation> = if which.everywhere {
        Api::all(connection.client.clone())
    } else {
        Api::namespaced(connection.client.clone(), &connection.namespace)
    };
    let mut parameters = ListParams::default().limit(PAGE);
    parameters.label_selector.clone_from(&which.selector);
    parameters.field_selector = which.provider.as_ref().map(|name| format!("spec.providerRef.name={name}"));
    loop {
        let page = api.list(&parameters).await.map_err(Box::new)?;
        page.items.iter().try_for_each(&mut each)?;
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters.continue_token = Some(token),
            None => return Ok(()),
        }
    }
}
