//! HPE: role assignments. Contract A4.

use serde_json::{Value, json};
use vendor_simulators::{HpeWorkspace, PrincipalForm};

use crate::bench::{Bench, Caller, text};

const PATH: &str = "/authorization/v1beta1/role-assignments";
const OBSERVER: &str = "grn:glp/providers/authorization/roles/ccs.observer";
const ADMIN: &str = "grn:glp/providers/authorization/roles/ccs.account-admin";

async fn workspace(bench: &Bench, enhanced: bool, form: PrincipalForm) -> (Caller, String) {
    let mut workspace =
        HpeWorkspace { members: vec!["ada@example.com".to_owned()], ..HpeWorkspace::default() };
    workspace.knobs.enhanced_iam = enhanced;
    workspace.knobs.principal_form = form;
    let caller = bench.workspace(workspace).await;
    let ada = bench.control.person(&caller.tenant, "ada@example.com").expect("a tenant").expect("ada");
    (caller, ada.user_id.expect("an id"))
}

fn body(id: &str, role: &str, workspace: &str) -> Value {
    json!({"principal": format!("user:{id}"), "role": role, "scope": [format!("grn:glp/workspaces/{workspace}")]})
}

#[tokio::test]
async fn a_role_is_assigned_listed_replaced_and_taken() {
    let bench = Bench::start().await;
    let (caller, id) = workspace(&bench, true, PrincipalForm::Undashed).await;
    let undashed = id.replace('-', "");
    let wanted = body(&undashed, OBSERVER, &caller.tenant.id);
    let (status, made) = caller.call("POST", PATH, Some(wanted.clone())).await;
    assert_eq!((status, &made["principal"]), (201, &wanted["principal"]));
    assert_eq!(made["principalMetadata"], json!({"id": undashed, "type": "user"}));
    assert_eq!(made["type"], "authorization/role-assignment");
    assert!(text(&made, "createdAt").ends_with("+00:00"));
    let (status, error) = caller.call("POST", PATH, Some(wanted)).await;
    assert_eq!((status, &error["errorCode"]), (409, &json!("HPE_GL_AUTHORIZATION_ALREADY_CREATED")));
    let filter = format!("?filter=principal%20in%20('user:{undashed}')");
    let (_, page) = caller.call("GET", &format!("{PATH}{filter}"), None).await;
    assert_eq!((&page["total"], &page["items"][0]["source"]), (&json!(1), &json!("LOCAL")));
    let (status, _) = caller.call("GET", &format!("{PATH}?filter=role%20eq%20'x'"), None).await;
    assert_eq!(status, 400);
    assert_eq!(caller.call("GET", &format!("{PATH}?limit=201"), None).await.0, 400);
    let one = format!("{PATH}/{}", text(&made, "id"));
    let admin = body(&undashed, ADMIN, &caller.tenant.id);
    assert_eq!(caller.call("PUT", &one, Some(admin)).await.0, 200);
    assert_eq!(caller.call("GET", &one, None).await.1["role"], ADMIN);
    let ada = bench.control.person(&caller.tenant, "ada@example.com").expect("a tenant").expect("ada");
    assert_eq!(ada.roles, [ADMIN]);
    assert_eq!(caller.call("DELETE", &one, None).await.0, 204);
    assert_eq!(caller.call("DELETE", &one, None).await.0, 404);
    assert_eq!(caller.call("POST", PATH, Some(json!({"principal": "x"}))).await.0, 400);
}

#[tokio::test]
async fn principals_have_the_form_of_the_knob() {
    let bench = Bench::start().await;
    for (form, dashed, undashed, shown_dashed) in [
        (PrincipalForm::Undashed, 201, 409, false),
        (PrincipalForm::UndashedOnly, 400, 201, false),
        (PrincipalForm::Dashed, 201, 409, true),
        (PrincipalForm::DashedOnly, 201, 400, true),
    ] {
        let (caller, id) = workspace(&bench, true, form).await;
        let (status, _) = caller.call("POST", PATH, Some(body(&id, OBSERVER, &caller.tenant.id))).await;
        assert_eq!(status, dashed, "{form:?}");
        let (status, _) =
            caller.call("POST", PATH, Some(body(&id.replace('-', ""), OBSERVER, &caller.tenant.id))).await;
        assert_eq!(status, undashed, "{form:?}");
        let (_, page) = caller.call("GET", PATH, None).await;
        assert_eq!(text(&page["items"][0], "principal").contains('-'), shown_dashed);
    }
}

#[tokio::test]
async fn without_enhanced_iam_the_gateway_knows_nothing() {
    let bench = Bench::start().await;
    let (caller, _) = workspace(&bench, false, PrincipalForm::Undashed).await;
    let (status, error) = caller.call("GET", PATH, None).await;
    assert_eq!((status, error.get("errorCode")), (404, None));
}
