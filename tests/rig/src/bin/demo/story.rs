//! The chapters.

use serde_json::Value;
use test_rig::workbooks::{self, row};
use vendor_simulators::{Fault, FaultRule, When};

use crate::stage::Stage;
use crate::{manifests, scene, screen};

/// Tells everything; whether the ledger agrees.
pub(crate) async fn tell(stage: &mut Stage) -> bool {
    providers(stage).await;
    stage.scrape().await;
    greenlake(stage).await;
    batch(stage).await;
    refused(stage).await;
    duplicate(stage).await;
    acceptance(stage).await;
    deletion(stage).await;
    // What the operator counted goes with it when it is killed.
    stage.scrape().await;
    killed(stage).await;
    stage.scrape().await;
    appxite(stage).await;
    managed(stage).await;
    saas(stage).await;
    workbook(stage).await;
    stage.scrape().await;
    ledger(stage)
}

/// Where the story's providers are.
const NAMESPACES: [&str; 5] = ["greenlake", "cloud-services", "resellers", "monitoring", "observability"];

fn managed_url(stage: &Stage) -> String {
    stage.vendors().managed_url(&stage.tenants.cluster).expect("the cluster has an address")
}

async fn providers(stage: &Stage) {
    screen::heading("1  Five vendors, six tenants");
    screen::say(
        "The manifests of examples/, to which the demo adds the simulators' address and certificate authority, and",
    );
    screen::say(
        "shorter times. Namespaces and Secrets are there; each Secret carries the operator's label and its owner's",
    );
    screen::say("consent to the simulator's host.");
    for (folder, file, endpoint) in [
        ("hpe-greenlake", "providers.yaml", stage.lab.simulators.base_url_hpe()),
        ("vmware-cloud-services", "provider.yaml", stage.lab.simulators.base_url_vmware()),
        ("appxite", "provider.yaml", stage.lab.simulators.base_url_appxite()),
        ("dynatrace-managed", "provider.yaml", managed_url(stage)),
        ("dynatrace-saas", "provider.yaml", stage.lab.simulators.base_url_saas()),
    ] {
        let mut documents = manifests::read(&format!("examples/{folder}/{file}"));
        for provider in &mut documents {
            manifests::for_the_simulator(provider, &endpoint);
        }
        stage.apply(&format!("examples/{folder}/{file} + endpoint, tls, limits"), &documents).await;
    }
    stage
        .until("all providers are ready", async || {
            let mut all = Vec::new();
            for namespace in NAMESPACES {
                all.extend(stage.list(namespace, "invitationproviders").await);
            }
            all.iter().all(|provider| scene::ready_reason(provider) == "Ready")
        })
        .await;
    stage.kubectl("get iprov -A").await;
}

async fn greenlake(stage: &mut Stage) {
    screen::heading("2  HPE GreenLake: the people of two workspaces");
    screen::say("Barbara has been in workspace A all along: she is adopted, and gets no mail.");
    stage.apply_file("examples/hpe-greenlake/people.yaml").await;
    let states = [
        ("ada", "Pending"),
        ("barbara", "Accepted"),
        ("dennis-a", "Pending"),
        ("dennis-b", "Pending"),
        ("grace", "Pending"),
    ];
    stage.watch("greenlake", &states).await;
    let (a, b) = (stage.tenants.workspace_a.clone(), stage.tenants.workspace_b.clone());
    stage.ledger.one_mail(&a, "ada.lovelace@example.com", "invited, pending");
    stage.ledger.no_mail(&a, "barbara.liskov@example.com", "was there before: adopted");
    stage.ledger.one_mail(&a, "dennis.ritchie@example.com", "invited to workspace A");
    stage.ledger.one_mail(&b, "dennis.ritchie@example.com", "invited to workspace B");
    stage.ledger.one_mail(&b, "grace.hopper@example.com", "invited, pending");
}

async fn batch(stage: &mut Stage) {
    screen::heading("3  VMware Cloud Services: a batch in one call");
    screen::say(
        "Four people ask for the same profile; Edsger asks for roles, groups and a service of his own.",
    );
    let mark = stage.mark();
    stage.apply_file("examples/vmware-cloud-services/people.yaml").await;
    let names = ["edsger", "frances", "john", "katherine", "margaret"];
    stage.watch("cloud-services", &names.map(|name| (name, "Pending"))).await;
    let org = stage.tenants.org.clone();
    stage.show_requests(&org, "vmware.invite", mark);
    stage.ledger.one_mail(&org, "edsger.dijkstra@example.com", "invited alone: other roles");
    stage.ledger.one_mail(&org, "frances.allen@example.com", "batch of four; accepted");
    stage.ledger.one_mail(&org, "john.backus@example.com", "batch of four; deleted, revoked");
    stage.ledger.one_mail(&org, "katherine.johnson@example.com", "batch of four; declared twice");
    stage.ledger.one_mail(&org, "margaret.hamilton@example.com", "batch of four");
}

async fn refused(stage: &mut Stage) {
    screen::heading("4  One refused address beside good ones");
    screen::say(
        "VMware refuses a whole call without saying whom it means. The operator makes sure that nobody was invited",
    );
    screen::say("and sends one by one: the good ones get their one mail, the refused one says why.");
    let org = stage.tenants.org.clone();
    stage.vendors().poison(&org, "typo@example.com").expect("the organization exists");
    let mark = stage.mark();
    let people = [
        manifests::person("niklaus", "niklaus.wirth@example.com"),
        manifests::person("radia", "radia.perlman@example.com"),
        manifests::person("typo", "typo@example.com"),
    ];
    stage.apply("three people, one of whom the vendor refuses", &people).await;
    stage.watch("cloud-services", &[("niklaus", "Pending"), ("radia", "Pending"), ("typo", "Failed")]).await;
    stage.show_requests(&org, "vmware.invite", mark);
    stage.describe("typo").await;
    stage.ledger.one_mail(&org, "niklaus.wirth@example.com", "beside a refused one");
    stage.ledger.one_mail(&org, "radia.perlman@example.com", "beside a refused one");
    stage.ledger.no_mail(&org, "typo@example.com", "refused by the vendor");
}

async fn duplicate(stage: &mut Stage) {
    screen::heading("5  Somebody declares a person twice");
    let twice = manifests::person("katherine-again", "Katherine.Johnson@example.com");
    stage.apply("katherine once more, with capital letters", &[twice]).await;
    stage.watch("cloud-services", &[("katherine-again", "Conflict")]).await;
    stage.message("cloud-services", "katherine-again").await;
}

async fn acceptance(stage: &mut Stage) {
    screen::heading("6  Frances accepts");
    screen::say("(The demo lets her accept at the simulator.)");
    stage.vendors().accept(&stage.tenants.org, "frances.allen@example.com").expect("she is invited");
    stage.watch("cloud-services", &[("frances", "Accepted")]).await;
    stage.kubectl("wait uinv/frances -n cloud-services --for=condition=Accepted --timeout=10s").await;
}

async fn deletion(stage: &mut Stage) {
    screen::heading("7  A pending invitation goes with its object");
    stage.kubectl("delete uinv john -n cloud-services").await;
    let person = stage
        .vendors()
        .person(&stage.tenants.org, "john.backus@example.com")
        .expect("the organization exists");
    let standing = person.map_or_else(|| "gone".to_owned(), |person| person.vendor_status);
    screen::say(&format!("\nAt the vendor, John's invitation is now {standing}."));
    assert!(standing == "REVOKED" || standing == "gone", "John's invitation is {standing}");
}

async fn killed(stage: &mut Stage) {
    screen::heading("8  kill -9 in the middle of a batch");
    screen::say(
        "The vendor takes the call and is slow to answer. Before the answer comes, the operator is killed.",
    );
    let org = stage.tenants.org.clone();
    let mark = stage.mark();
    let slow = Fault::DelayAfter { milliseconds: 10_000 };
    stage.vendors().add_fault(FaultRule::on("vmware.invite", slow).when(When::Nth(1)));
    let names = ["barry", "carol", "dorothy", "evelyn"];
    let email = |name: &str| format!("{name}@example.com");
    let people: Vec<Value> = names.iter().map(|name| manifests::person(name, &email(name))).collect();
    stage.apply("four more people", &people).await;
    stage
        .until("the vendor has the call", async || {
            stage.requests(&org, "vmware.invite", mark).iter().any(|request| request.performed)
        })
        .await;
    let pid = stage.kill_operator();
    screen::command(&format!("kill -9 {pid}   # the operator"));
    stage.kubectl("get uinv barry carol dorothy evelyn -n cloud-services").await;
    screen::say(
        "\nThe next operator finds the intents on the objects, looks before it sends, and sends nothing.",
    );
    stage.start_operator().await;
    stage.watch("cloud-services", &names.map(|name| (name, "Pending"))).await;
    stage.show_requests(&org, "vmware.invite", mark);
    for name in names {
        stage.ledger.one_mail(&org, &email(name), "operator killed in mid-call");
    }
}

async fn appxite(stage: &mut Stage) {
    screen::heading("9  AppXite: several people in one call, by role and identity provider");
    let marketplace = stage.tenants.marketplace.clone();
    let mark = stage.mark();
    stage.apply_file("examples/appxite/people.yaml").await;
    stage.watch("resellers", &[("adele", "Pending"), ("alan", "Pending")]).await;
    stage.show_requests(&marketplace, "appxite.invite", mark);
    screen::say("\nThe vendor documents no way to take an invitation back, and the operator says so:");
    stage.kubectl("get iprov marketplace -n resellers -o jsonpath={.status.capabilities}").await;
    stage.ledger.one_mail(&marketplace, "adele.goldberg@example.com", "AppXite: one call for both");
    stage.ledger.one_mail(&marketplace, "alan.kay@example.com", "AppXite: one call for both");
}

async fn managed(stage: &mut Stage) {
    screen::heading("10  Dynatrace Managed: people are made, and nobody tells whether they ever come");
    let cluster = stage.tenants.cluster.clone();
    let mark = stage.mark();
    stage.apply_file("examples/dynatrace-managed/people.yaml").await;
    stage.watch("monitoring", &[("john.wicked", "Provisioned"), ("anne.brown", "Provisioned")]).await;
    stage.show_requests(&cluster, "managed.create_users", mark);
    stage.ledger.one_mail(&cluster, "john.wicked@example.com", "Managed: created in bulk");
    stage.ledger.one_mail(&cluster, "anne.brown@example.com", "Managed: created in bulk");
}

async fn saas(stage: &mut Stage) {
    screen::heading("11  Dynatrace SaaS: an invitation, and groups right after it");
    let account = stage.tenants.account.clone();
    let mark = stage.mark();
    stage.apply_file("examples/dynatrace-saas/people.yaml").await;
    stage.watch("observability", &[("lynn", "Pending"), ("robin", "Pending")]).await;
    stage.kubectl("wait uinv/lynn -n observability --for=condition=AccessSynced --timeout=20s").await;
    stage.show_requests(&account, "saas.invite", mark);
    stage.ledger.one_mail(&account, "lynn.conway@example.com", "SaaS: invited, then put into a group");
    stage.ledger.one_mail(&account, "robin.milner@example.com", "SaaS: invited");
}

async fn workbook(stage: &mut Stage) {
    let Some(plugins) = stage.plugins.clone() else { return };
    screen::heading("12  A workbook becomes invitations");
    screen::say(
        "The workbook of HPE GreenLake's own script, as somebody keeps it: an address with a blank in it, and a row",
    );
    screen::say(
        "that is there twice. Without --apply the plugin writes manifests for Git, and changes nothing.",
    );
    let workspace = stage.tenants.workspace_a.clone();
    let (mark, folder) = (stage.mark(), stage.lab.directory().to_owned());
    let users = vec![
        row(&["Name", "Email", "Workspace Name"]),
        row(&["Mary Jackson", "Mary.Jackson@example.com", "Workspace A"]),
        row(&["Annie Easley", "annie.easley@example.com", "Workspace A"]),
        row(&["Hedy Lamarr", "hedy.lamarr @example.com", "Workspace A"]),
        row(&["Mary Jackson", "mary.jackson@example.com", "workspace a"]),
    ];
    let workspaces = vec![
        row(&["Workspace Id", "Workspace Name", "Client Id"]),
        row(&[&workspace.id, "Workspace A", "workspace-a-client"]),
    ];
    workbooks::workbook(&folder.join("people.xlsx"), &[("Users", users), ("Workspaces", workspaces)]);
    let code = stage.invite(&plugins, &folder, "import people.xlsx -n greenlake --apply --wait").await;
    assert_eq!(code, Some(3), "one row can't be used, and the others are");
    stage.show_requests(&workspace, "hpe.invite", mark);
    stage.ledger.one_mail(&workspace, "mary.jackson@example.com", "from a workbook, twice in it");
    stage.ledger.one_mail(&workspace, "annie.easley@example.com", "from a workbook");
}

fn ledger(stage: &Stage) -> bool {
    screen::heading("13  The ledger: every mail that the vendors sent");
    let good = stage.ledger.settle(stage.vendors());
    screen::say(&format!("\nTold in {:.0} s.", stage.seconds()));
    if good {
        screen::say(
            "One mail for each invited person; none for the adopted, the duplicate and the refused one.",
        );
    } else {
        screen::say("The ledger does not agree with the story: this is a bug.");
    }
    good
}
