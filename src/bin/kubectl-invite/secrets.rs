//! Credentials: they never reach a file. Either the commands that make the Secrets are printed, or each value is asked
//! for without being shown, and goes to the cluster only.

use user_invitation_operator::api::{CREDENTIALS_LABEL, CREDENTIALS_LABEL_VALUE};

use crate::import::Workspace;

/// The commands that make the Secret of a provider; the secret value is read from the keyboard.
pub fn commands(workspace: &Workspace, namespace: Option<&str>) -> String {
    let kubectl =
        namespace.map_or_else(|| "kubectl".to_owned(), |name| format!("kubectl -n {}", quoted(name)));
    let client = workspace.client_id.as_deref().unwrap_or("CLIENT-ID");
    let secret = quoted(&workspace.provider);
    let prompt = quoted(&format!("Client secret of {}: ", visible(&workspace.name)));
    format!(
        "read -rsp {prompt} SECRET && printf %s \"$SECRET\" | {kubectl} create secret generic {secret} \
         --from-literal=clientId={} --from-file=clientSecret=/dev/stdin\n\
         {kubectl} label secret {secret} {CREDENTIALS_LABEL}={CREDENTIALS_LABEL_VALUE}\n",
        quoted(&visible(client)),
    )
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_the_names_as_they_are() {
        let workspace = Workspace {
            provider: "a".to_owned(),
            name: "O'Neil's $(x)".to_owned(),
            id: "0".repeat(32),
            client_id: Some("c-1; rm x".to_owned()),
            line: 2,
        };
        let commands = commands(&workspace, Some("team"));
        assert!(commands.contains(r"'Client secret of O'\''Neil'\''s $(x): '"), "{commands}");
        assert!(commands.contains("--from-literal=clientId='c-1; rm x'"), "{commands}");
        assert!(commands.contains("kubectl -n team label secret a userinvitation.dev/credentials=true"));
    }
}
