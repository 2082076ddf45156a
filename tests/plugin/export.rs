//! People who are in a tenant already become manifests, and objects, without a call that changes anything.

use std::path::Path;

use serde_json::{Value, json};
use test_rig::lab::{Namespace, WAIT};
use test_rig::vendors::{CASES, Case, VMWARE};
use vendor_simulators::{Filter, PersonAction, Standing, TenantId};

use crate::plugin::files;
use crate::stage::Stage;

const PEOPLE: usize = 300;
const ANNOTATION: &str = "userinvitation.dev/export-requested-at";

fn joins() -> PersonAction {
    PersonAction::AddMember { roles: Vec::new() }
}

/// Mails, and calls that change something, so far.
fn effects(namespace: &Namespace, case: &Case, tenant: &TenantId) -> (usize, usize) {
    let operations = namespace.vendors.operations(&Filter::tenant(tenant));
    let writes = operations.iter().filter(|operation| case.calls.is_write(&operation.operation)).count();
    (namespace.vendors.mails(&Filter::tenant(tenant)).len(), writes)
}

async fn provider(namespace: &Namespace, name: &str) -> Value {
    namespace.client.get(&namespace.provider_path(name)).await.expect("the provider is there")
}

/// Waits until neither request nor page is left.
async fn nothing_is_left(namespace: &Namespace, name: &str) {
    let gone = |object: &Value| {
        object["metadata"]["annotations"][ANNOTATION].is_null() && object["status"]["unmanagedPage"].is_null()
    };
    namespace.client.wait_for(&namespace.provider_path(name), WAIT, "the page is gone", gone).await;
}

async fn ask(namespace: &Namespace, name: &str, request: Value) {
    let change = json!({"metadata": {"annotations": {ANNOTATION: request}}});
    namespace.client.merge_patch(&namespace.provider_path(name), &change).await.expect("it is accepted");
}

/// Waits for the answer to a request.
async fn page(namespace: &Namespace, name: &str, is: impl Fn(&Value) -> bool) -> Value {
    let fits = |object: &Value| is(&object["status"]["unmanagedPage"]);
    let found = namespace.client.wait_for(&namespace.provider_path(name), WAIT, "the page", fits).await;
    found["status"]["unmanagedPage"].clone()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it was written")
}

#[tokio::test]
async fn three_hundred_people_are_taken_over_without_a_mail() {
    let stage = Stage::new("export").await;
    let namespace = &stage.namespace;
    let org = namespace.vmware("csp", json!({})).await;
    let address = |number: usize| format!("person.{number:03}@example.com");
    for number in 0..PEOPLE {
        namespace.vendors.act(&org, &address(number), &joins()).expect("a new member");
    }
    namespace.wait_for_provider("csp", "Ready").await;

    let said = stage.run(&["export", "--provider", "csp"]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    // The credential's own account is there, too, and is nobody's to declare.
    let (all, told) = (PEOPLE + 1, "Note: owner@example.com is protected");
    assert!(said.text.contains(told), "{}", said.text);
    let told = format!("{all} people are without an invitation. {PEOPLE} manifests in invitations");
    assert!(said.text.contains(&told), "{}", said.text);
    assert_eq!(files(&stage.folder.join("invitations/csp")).len(), PEOPLE);
    let first = read(&stage.folder.join("invitations/csp/person.000-at-example.com.yaml"));
    assert!(first.starts_with("# At the vendor: Member"), "{first}");
    assert!(first.contains("#   org_member\n"), "{first}");
    nothing_is_left(namespace, "csp").await;
    assert!(!stage.log().contains("@example.com"), "nobody is in the operator's log");

    let said = stage.shell("kubectl apply --recursive -f invitations").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    let said = stage.shell("kubectl wait uinv --all -n export --for=condition=Accepted --timeout=120s").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    let path = namespace.path("userinvitations");
    let objects = namespace.client.list(&path).await.expect("they can be listed");
    assert_eq!(objects.len(), PEOPLE);
    for object in &objects {
        assert_eq!(object["status"]["state"], "Accepted", "{object}");
        assert_eq!(object["status"]["origin"], "Adopted", "{object}");
    }
    assert_eq!(effects(namespace, VMWARE, &org), (0, 0));

    let said = stage.run(&["export", "--provider", "csp", "--output", "again"]).await;
    assert!(said.text.contains("1 person is without an invitation. 0 manifests"), "{}", said.text);

    let said = stage.shell("kubectl delete uinv --all -n export --timeout=120s").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    for number in 0..PEOPLE {
        let person = namespace.vendors.person(&org, &address(number)).expect("the organization is there");
        assert_eq!(person.map(|person| person.standing), Some(Standing::Member), "{number}");
    }
    assert_eq!(effects(namespace, VMWARE, &org), (0, 0));
}

#[tokio::test]
async fn at_every_vendor() {
    let stage = Stage::new("export-vendors").await;
    let namespace = &stage.namespace;
    for case in CASES {
        let tenant = case.open(namespace, case.name, json!({})).await;
        let happens = |who: &str, action: &PersonAction| {
            let email = format!("{who}@example.com");
            namespace.vendors.act(&tenant, &email, action).unwrap_or_else(|error| panic!("{case}: {error}"));
        };
        happens("ada", &joins());
        happens("Bob", &PersonAction::InviteByOther);
        happens("owner", &joins());
        namespace.invite("declared", case.name, "cy@example.com", case.spec(json!({}))).await;
        namespace.wait_for_provider(case.name, "Ready").await;
        let invited = |object: &Value| {
            object["status"]["state"] == "Pending" || object["status"]["state"] == "Provisioned"
        };
        let path = namespace.invitation_path("declared");
        namespace.client.wait_for(&path, WAIT, "cy is invited", invited).await;
        let before = effects(namespace, case, &tenant);

        let said = stage.run(&["export", "--provider", case.name]).await;
        assert_eq!(said.code, Some(0), "{case}: {}", said.text);
        assert!(said.text.contains("Note: owner@example.com is protected"), "{case}: {}", said.text);
        let folder = stage.folder.join("invitations").join(case.name);
        let names = ["ada-at-example.com.yaml", "bob-at-example.com.yaml"];
        assert_eq!(files(&folder), names.map(|name| folder.join(name)), "{case}: {}", said.text);
        let ada = read(&folder.join(names[0]));
        assert!(ada.starts_with("# At the vendor: Member") && ada.contains("\n# Access:"), "{case}: {ada}");

        let applied = stage.shell(&format!("kubectl apply -f invitations/{}", case.name)).await;
        assert_eq!(applied.code, Some(0), "{case}: {}", applied.text);
        let names = ["ada", "bob"].map(|who| format!("{}.{who}-at-example.com", case.name));
        for name in &names {
            let known = |object: &Value| object["status"]["origin"] == "Adopted";
            let path = namespace.invitation_path(name);
            let object = namespace.client.wait_for(&path, WAIT, "it is adopted", known).await;
            let ready = test_rig::lab::condition(&object, "Ready");
            assert_eq!(ready["status"], "True", "{case}: {}", object["status"]);
        }
        for name in &names {
            namespace.delete_and_wait(name).await;
        }
        namespace.delete_and_wait("declared").await;
        for who in ["ada", "bob"] {
            let person = namespace.vendors.person(&tenant, &format!("{who}@example.com"));
            let standing = person.expect("the tenant is there").map(|person| person.standing);
            assert!(matches!(standing, Some(Standing::Member | Standing::Invited)), "{case}: {who}");
        }
        // Taking cy back is the only thing that was done.
        let about = |who: &str| {
            let email = Filter::tenant(&tenant).email(format!("{who}@example.com"));
            let operations = namespace.vendors.operations(&email);
            operations.iter().filter(|operation| case.calls.is_write(&operation.operation)).count()
        };
        assert_eq!((about("ada"), about("bob")), (0, 0), "{case}");
        assert_eq!(effects(namespace, case, &tenant).0, before.0, "{case}: mails");
    }
}

#[tokio::test]
async fn of_a_provider_for_several_namespaces() {
    let stage = Stage::with("export-cluster", &["--cluster-providers=true"]).await;
    let cluster = Stage::cluster();
    let org = cluster.vmware("export-csp", json!({"allowedNamespaces": {"names": ["export-cluster"]}})).await;
    cluster.vendors.act(&org, "ada@example.com", &joins()).expect("a new member");
    cluster.wait_for_provider("export-csp", "Ready").await;
    let export = ["export", "--provider", "export-csp", "--provider-kind", "ClusterInvitationProvider"];
    let said = stage.run(&export).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    nothing_is_left(&cluster, "export-csp").await;
    let applied = stage.shell("kubectl apply -f invitations/export-csp").await;
    assert_eq!(applied.code, Some(0), "{}", applied.text);
    let name = "export-csp.ada-at-example.com";
    let object = stage.namespace.wait_for_state(name, "Accepted").await;
    assert_eq!(object["status"]["origin"], "Adopted");
    assert_eq!(effects(&cluster, VMWARE, &org), (0, 0));
    stage.namespace.delete_and_wait(name).await;
    cluster.client.delete(&cluster.provider_path("export-csp")).await.expect("it is there");
}

#[tokio::test]
async fn is_for_those_who_may_read_and_change_the_provider() {
    let mut stage = Stage::new("export-rights").await;
    let org = stage.namespace.vmware("csp", json!({})).await;
    stage.namespace.vendors.act(&org, "ada@example.com", &joins()).expect("a new member");
    stage.namespace.wait_for_provider("csp", "Ready").await;
    ask(&stage.namespace, "csp", json!("mine/0")).await;
    page(&stage.namespace, "csp", |page| page["total"] == 2).await;
    let read = "kubectl get iprov csp -n export-rights -o jsonpath={.status.unmanagedPage.people[*].email}";

    stage.become_somebody(None).await;
    let said = stage.shell(read).await;
    assert!(said.code != Some(0) && !said.text.contains("ada@"), "{}", said.text);
    let said = stage.run(&["export", "--provider", "csp"]).await;
    assert_eq!(said.code, Some(1), "{}", said.text);
    assert!(said.text.starts_with("error: the API server refuses: ") && said.text.contains("cannot get"));

    // Who may read only sees the page, and can't ask for one.
    stage.become_somebody(Some("view")).await;
    let said = stage.shell(read).await;
    assert_eq!((said.code, said.text.as_str()), (Some(0), "ada@example.com owner@example.com"));
    ask(&stage.namespace, "csp", Value::Null).await;
    nothing_is_left(&stage.namespace, "csp").await;
    let said = stage.run(&["export", "--provider", "csp"]).await;
    assert_eq!(said.code, Some(1), "{}", said.text);
    assert!(said.text.contains("cannot patch"), "{}", said.text);
    assert!(files(&stage.folder.join("invitations")).is_empty());

    stage.become_somebody(Some("admin")).await;
    let said = stage.run(&["export", "--provider", "csp"]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
}

#[tokio::test]
async fn a_page_that_nobody_takes_is_emptied() {
    let stage = Stage::with("export-left", &["--export-page-seconds=2"]).await;
    let namespace = &stage.namespace;
    let org = namespace.vmware("csp", json!({})).await;
    namespace.vendors.act(&org, "ada@example.com", &joins()).expect("a new member");
    namespace.wait_for_provider("csp", "Ready").await;
    ask(namespace, "csp", json!("left/0")).await;
    let made = page(namespace, "csp", |page| page["total"] == 2).await;
    assert_eq!(made["people"][0]["email"], "ada@example.com");
    let emptied = page(namespace, "csp", |page| page["message"].is_string()).await;
    assert!(emptied["people"].is_null(), "{emptied}");
    assert_eq!(provider(namespace, "csp").await["metadata"]["annotations"][ANNOTATION], "left/0");

    // What is no request is answered, too, and neither of the two holds up the next one.
    ask(namespace, "csp", json!("everybody")).await;
    let answer = page(namespace, "csp", |page| page["request"] == "everybody").await;
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("as in 2026-01-01/0")));
    let said = stage.run(&["export", "--provider", "csp"]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    nothing_is_left(namespace, "csp").await;
}

#[tokio::test]
async fn says_at_once_why_there_is_no_list() {
    let stage = Stage::new("export-refused").await;
    let namespace = &stage.namespace;
    namespace.vmware("suspended", json!({"mode": "Suspended"})).await;
    namespace.wait_for_provider("suspended", "Suspended").await;
    namespace.vmware("taken", json!({})).await;
    namespace.wait_for_provider("taken", "Ready").await;
    ask(namespace, "taken", json!("somebody/0")).await;
    page(namespace, "taken", |page| page["listing"].is_string()).await;
    for (name, words) in [
        ("suspended", "the provider is not ready (Suspended): the provider's mode is Suspended"),
        ("taken", "somebody else is exporting from this provider (request \"somebody/0\")"),
        ("missing", "there is no InvitationProvider missing in the namespace export-refused"),
    ] {
        let said = stage.run(&["export", "--provider", name, "--timeout", "3600"]).await;
        assert_eq!(said.code, Some(1), "{}", said.text);
        assert!(said.text.starts_with("error: ") && said.text.contains(words), "{}", said.text);
    }
    // Somebody else's request stays.
    assert_eq!(provider(namespace, "taken").await["metadata"]["annotations"][ANNOTATION], "somebody/0");
    assert!(files(&stage.folder.join("invitations")).is_empty());

    // Without an operator nobody answers; the request is taken back.
    let quiet = Stage::quiet("export-quiet").await;
    quiet.namespace.vmware("csp", json!({})).await;
    let said = quiet.run(&["export", "--provider", "csp", "--timeout", "1"]).await;
    assert!(said.text.contains("the operator has not answered within 1 s"), "{}", said.text);
    nothing_is_left(&quiet.namespace, "csp").await;
}
