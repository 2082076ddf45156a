//! Secrets that are typed: asked for at a terminal that does not show them, and kept nowhere but in the cluster.

use std::time::Duration;

use serde_json::Value;
use test_rig::workbooks::{row, workbook};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::stage::Stage;

const EAST: &str = "aaaa1111aaaa1111aaaa1111aaaa1111";
const WEST: &str = "bbbb2222bbbb2222bbbb2222bbbb2222";
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// A program at a terminal, and what that has shown.
struct Terminal {
    child: Child,
    shown: String,
}

impl Terminal {
    fn open(mut command: Command) -> Self {
        Self { child: command.spawn().expect("script is part of every Linux"), shown: String::new() }
    }

    /// Reads until the terminal shows these words.
    async fn shows(&mut self, words: &str) {
        let output = self.child.stdout.as_mut().expect("it is piped");
        let reading = async {
            let mut bytes = [0; 1024];
            while !self.shown.contains(words) {
                let count = output.read(&mut bytes).await.expect("the terminal is there");
                assert!(count > 0, "it ended without {words:?}: {}", self.shown);
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        };
        timeout(PATIENCE, reading).await.expect("it asks in time");
    }

    /// Types a line once the terminal shows nothing of it, as a person does who is asked for a secret.
    async fn type_hidden(&mut self, text: &str) {
        let name = self.shown.lines().next().expect("its name").trim().to_owned();
        let hides = async {
            loop {
                let settings = Command::new("stty").args(["-F", &name, "-a"]).output().await.expect("stty");
                if String::from_utf8_lossy(&settings.stdout).split_whitespace().any(|word| word == "-echo") {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, hides).await.expect("the terminal hides what is typed");
        let input = self.child.stdin.as_mut().expect("it is piped");
        input.write_all(format!("{text}\n").as_bytes()).await.expect("it is read");
    }

    /// All that was shown, and how the program ended.
    async fn ends(mut self) -> (Option<i32>, String) {
        let output = self.child.stdout.as_mut().expect("it is piped");
        let rest = timeout(PATIENCE, output.read_to_string(&mut self.shown)).await;
        rest.expect("it ends in time").expect("text");
        (self.child.wait().await.expect("it ends").code(), self.shown)
    }
}

async fn secret(stage: &Stage, name: &str) -> Option<Value> {
    let path = format!("/api/v1/namespaces/{}/secrets/{name}", stage.namespace.name);
    stage.namespace.client.get(&path).await.ok()
}

#[tokio::test]
async fn are_not_shown_and_land_in_the_cluster() {
    let stage = Stage::quiet("typed").await;
    let users = vec![
        row(&["Name", "Email", "Workspace Name"]),
        row(&["Ada", "ada@example.com", "East"]),
        row(&["Bob", "bob@example.com", "West"]),
    ];
    let workspaces = vec![
        row(&["Workspace Id", "Workspace Name", "Client Id"]),
        row(&[EAST, "East", "client-of-east"]),
        row(&[WEST, "West", ""]),
    ];
    workbook(&stage.folder.join("people.xlsx"), &[("Users", users), ("Workspaces", workspaces)]);
    let import = "import people.xlsx --apply --prompt-secrets";

    let mut terminal = Terminal::open(stage.at_terminal(import));
    terminal.shows("Client secret of \"East\" (client id client-of-east): ").await;
    terminal.type_hidden("typed-for-east-0123456789").await;
    terminal.shows("Client id of \"West\": ").await;
    terminal.type_hidden("client-of-west").await;
    terminal.shows("Client secret of \"West\"").await;
    terminal.type_hidden("").await;
    let (code, shown) = terminal.ends().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("typed-for-east"), "{shown}");
    for words in ["Secret east: made", "Secret west: not made, since nothing was typed"] {
        assert!(shown.contains(words), "{words}\nis not in\n{shown}");
    }
    let east = secret(&stage, "east").await.expect("it was made");
    assert_eq!(east["metadata"]["labels"]["userinvitation.dev/credentials"], "true");
    assert_eq!(east["data"]["clientId"], "Y2xpZW50LW9mLWVhc3Q=");
    assert_eq!(east["data"]["clientSecret"], "dHlwZWQtZm9yLWVhc3QtMDEyMzQ1Njc4OQ==");
    assert_eq!(secret(&stage, "west").await, None);

    // One that is there is not asked for, and stays.
    let mut terminal = Terminal::open(stage.at_terminal(import));
    terminal.shows("Client id of \"West\": ").await;
    terminal.type_hidden("client-of-west").await;
    terminal.shows("Client secret of \"West\"").await;
    terminal.type_hidden("typed-for-west").await;
    let (code, shown) = terminal.ends().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Secret east: there already, and left as it is"), "{shown}");
    assert_eq!(secret(&stage, "east").await, Some(east));
    assert!(secret(&stage, "west").await.is_some());
}
