//! Kubeconfig files: how the operator, kubectl and the controller manager are told where the API server is.

use std::path::Path;

use serde_json::json;

use crate::files::write_private;

/// How a kubeconfig's user proves who it is.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// A token in the kubeconfig itself.
    Token(&'a str),
    /// A token in a file that is read again when it changes, like a projected one.
    TokenFile(&'a Path),
}

/// Writes a kubeconfig for any server: the API server itself, or a proxy before it.
///
/// `certificate_authority` is the file that the server's certificate is checked against.
pub fn write(path: &Path, server: &str, certificate_authority: &Path, credential: Credential<'_>) {
    let user = match credential {
        Credential::Token(token) => json!({ "token": token }),
        Credential::TokenFile(file) => json!({ "tokenFile": file }),
    };
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{
            "name": "test",
            "cluster": { "server": server, "certificate-authority": certificate_authority },
        }],
        "users": [{ "name": "test", "user": user }],
        "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
        "current-context": "test",
    });
    write_private(path, &serde_yaml::to_string(&config).expect("a kubeconfig is plain data"));
}
