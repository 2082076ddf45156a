//! The plugin's page: every line that it has for people to type is typed here, with kubectl before it.

use std::path::Path;

use serde_json::json;
use test_rig::workbooks::{row, workbook};
use vendor_simulators::PersonAction;

use crate::plugin::{files, folder, run};
use crate::stage::Stage;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kubectl-invite.md");
    std::fs::read_to_string(path).expect("the page is there")
}

#[test]
fn every_flag_that_it_names_exists() {
    let folder = folder("page-flags");
    let commands = ["import", "export", "status", "resend"];
    let helps: String = commands.map(|command| run(&folder, &[command, "--help"]).text).concat();
    let page = page();
    let named = page.split('`').filter(|word| word.starts_with("--"));
    let flags: Vec<&str> =
        named.flat_map(|words| words.split(' ').filter(|word| word.starts_with("--"))).collect();
    assert!(flags.len() > 10, "{flags:?}");
    for flag in flags {
        assert!(helps.contains(&format!("{flag} ")) || helps.contains(&format!("{flag}\n")), "{flag}");
    }
}

/// The lines of the page that use kubectl.
fn lines() -> Vec<String> {
    let page = page();
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter(|line| line.contains("kubectl ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_line_works_as_it_stands() {
    let stage = Stage::new("greenlake").await;
    let namespace = &stage.namespace;
    let workspace = namespace.hpe("workspace-a", json!({})).await;
    let joins = PersonAction::AddMember { roles: Vec::new() };
    namespace.vendors.act(&workspace, "grace@example.com", &joins).expect("she is new");
    workbook(
        &stage.folder.join("people.xlsx"),
        &[
            (
                "Users",
                vec![
                    row(&["Name", "Email", "Workspace Name"]),
                    row(&["Ada", "ada@example.com", "Workspace A"]),
                    row(&["Dennis", "dennis@example.com", "Workspace A"]),
                ],
            ),
            (
                "Workspaces",
                vec![
                    row(&["Workspace Id", "Workspace Name", "Client Id"]),
                    row(&[&workspace.id, "Workspace A", "c-1"]),
                ],
            ),
        ],
    );
    let lines = lines();
    assert!(lines.len() > 8, "{lines:?}");
    for line in lines {
        if line.contains("team=web") {
            let ada = namespace.invitation_path("workspace-a.ada-at-example.com");
            let labels = json!({"metadata": {"labels": {"team": "web"}}});
            namespace.client.merge_patch(&ada, &labels).await.expect("the label is accepted");
        }
        let said = stage.shell(&line).await;
        assert_eq!(said.code, Some(0), "{line}\n{}", said.text);
    }
    assert_eq!(files(&stage.folder.join("invitations")).len(), 4);
    namespace.wait_for_state("workspace-a.grace-at-example.com", "Accepted").await;
    let list = std::fs::read_to_string(stage.folder.join("access.csv")).expect("it was written");
    assert!(list.contains(",workspace-a.ada-at-example.com,InvitationProvider,workspace-a,"), "{list}");
    namespace.wait_for_state("workspace-a.ada-at-example.com", "Pending").await;

    // Under its second name it completes; the shell asks kubectl, and kubectl asks it.
    let said = stage
        .shell("ln -s kubectl-invite bin/kubectl_complete-invite && kubectl __complete invite sta")
        .await;
    assert!(said.text.starts_with("status\tShow where everybody stands"), "{}", said.text);

    // The commands that are printed make Secrets that the operator may read, and take the value from the keyboard.
    let printed = stage.shell("kubectl invite import people.xlsx -n greenlake").await.text;
    let commands: Vec<String> = printed
        .lines()
        .filter(|line| line.starts_with("read -rsp") || line.contains(" label secret "))
        .map(|line| line.replace(" workspace-a ", " from-page "))
        .collect();
    assert_eq!(commands.len(), 2, "{printed}");
    let typed = format!("{}\n{}", commands[0].replace(" && printf", " <<< 's3cret' && printf"), commands[1]);
    let said = stage.shell(&typed).await;
    assert_eq!(said.code, Some(0), "{typed}\n{}", said.text);
    let path = "/api/v1/namespaces/greenlake/secrets/from-page";
    let secret = namespace.client.get(path).await.expect("the Secret is there");
    assert_eq!(secret["data"]["clientSecret"], "czNjcmV0");
    assert_eq!(secret["data"]["clientId"], "Yy0x");
    assert_eq!(secret["metadata"]["labels"]["userinvitation.dev/credentials"], "true");
}
