//! A newcomer with helm and kubectl only: the commands of `docs/getting-started.md`, in their order and word for word.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::json;
use test_rig::pages::{self, Page};
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions, Replicas, chart, files};
use tokio::process::Command;
use vendor_simulators::{Credential, Filter, VmwareOrg};

const ORG: &str = "33333333-3333-4333-8333-333333333333";
const TOKEN: &str = "getting-started-token-0123456789";
/// Whom the page invites, in its order.
const PEOPLE: [&str; 3] = ["ada.lovelace@example.com", "grace.hopper@example.com", "alan.turing@example.com"];
/// The kubectl plugin, where it was built: with the feature `plugin`.
const PLUGIN: Option<&str> = option_env!("CARGO_BIN_EXE_kubectl-invite");

/// What the newcomer sets in the shell, as the page's table asks for.
fn settings(lab: &Lab, page: &Page) -> BTreeMap<String, String> {
    let file = |name: &str, content: &str| {
        let path = lab.directory().join(name);
        std::fs::write(&path, content).expect("a file can be written");
        path.display().to_string()
    };
    let hosts = lab.hosts();
    let settings: BTreeMap<String, String> = [
        ("IMAGE", "registry.example.com/user-invitation-operator".to_owned()),
        ("ORG_ID", ORG.to_owned()),
        ("API_TOKEN_FILE", file("token", &format!("{TOKEN}\n"))),
        ("ENDPOINT", hosts.vmware.clone()),
        ("ENDPOINT_HOST", hosts.vmware.trim_start_matches("https://").to_owned()),
        ("CA_FILE", file("authorities.pem", &hosts.authority)),
        ("PRIVATE_CIDR", "127.0.0.0/8".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let tables = page.tables();
    let table = tables.iter().find(|table| table.header[0] == "variable").expect("the page lists them");
    let asked: Vec<&str> = table.rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let mut known: Vec<&str> = settings.keys().map(String::as_str).collect();
    known.sort_by_key(|name| asked.iter().position(|other| other == name));
    assert_eq!(asked, known, "the variables of the page");
    settings
}

/// A folder like a checkout, as far as the page needs one: what it writes does not get into ours.
fn checkout(lab: &Lab) -> PathBuf {
    let folder = files::fresh_folder(lab.directory(), "checkout");
    let charts = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts");
    std::os::unix::fs::symlink(charts, folder.join("charts")).expect("the folder is new");
    folder
}

/// Runs one block of commands as a shell does, and stops at the first that fails.
async fn run(lab: &Lab, checkout: &Path, settings: &BTreeMap<String, String>, block: &str) -> String {
    let kubectl = lab.control_plane.kubectl_program();
    let helm = chart::tool("helm");
    let plugin = PathBuf::from(PLUGIN.expect("the page uses the plugin: run this with --features plugin"));
    let folders =
        [&kubectl, &helm, &plugin].map(|program| program.parent().expect("a folder").display().to_string());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", block])
        .current_dir(checkout)
        .env_clear()
        .envs(settings)
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folders.join(":")))
        .env("HOME", lab.directory())
        .env("KUBECONFIG", lab.control_plane.admin_kubeconfig())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}\nfailed: {said}{trouble}");
    said
}

#[tokio::test]
async fn the_page_gets_a_person_invited() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts-getting-started");
    let program = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
    let lab = Lab::start_bare(&folder, program, ControlPlaneOptions::default()).await;
    let mut made = VmwareOrg::with(Credential::api_token(TOKEN).owned_by("platform-team@example.com"));
    made.id = Some(ORG.to_owned());
    let tenant = lab.vendors().create_vmware_org(made).expect("the organization is new");
    lab.vendors().patch_knobs(&tenant, &json!({"platform": "tcsp"})).expect("the platform is known");
    let page = pages::read("docs/getting-started.md");
    let (settings, checkout) = (settings(&lab, &page), checkout(&lab));

    let mut replicas = None;
    let mut said = Vec::new();
    for block in page.blocks("sh") {
        said.push(run(&lab, &checkout, &settings, block).await);
        if replicas.is_none() && block.contains("helm install") {
            // What the cluster does by itself. The pods have their own flags only.
            let options = OperatorOptions { default_times: true, ..OperatorOptions::default() };
            replicas = Some(Replicas::start(&lab, options).await);
        }
        let shown = |words: &str| usize::from(said.iter().any(|text| text.contains(words)));
        let mails = lab.vendors().mails(&Filter::default()).len();
        assert_eq!(mails, shown("Pending") + 2 * shown("Ready: 2. Stalled: 0."), "{block}");
    }

    let shows = |words: &str| said.iter().any(|text| text.contains(words));
    assert!(shows("invite with developer, org_member"), "the dry run: {said:?}");
    assert!(shows("AwaitingAcceptance"), "the invitation: {said:?}");
    let mails = lab.vendors().mails(&Filter::default());
    let to: BTreeSet<&str> = mails.iter().map(|mail| mail.email.as_str()).collect();
    assert_eq!((mails.len(), to), (PEOPLE.len(), PEOPLE.into()));
    drop(replicas);
    lab.stop().await;
}
