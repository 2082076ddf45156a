//! VMware: members, roles and groups. Contract B3.3 to B3.5.

use serde_json::{Value, json};
use vendor_simulators::{CallerRole, Credential, Filter, PageExcess, PersonAction, UnknownPerson, VmwareOrg};

use crate::bench::{Bench, Caller, text, unique};

async fn populated(bench: &Bench, members: usize) -> Caller {
    let mut org = VmwareOrg::with(Credential::api_token(format!("t-{}", unique())));
    org.members = (0..members).map(|at| format!("m{at}.last@example.com")).collect();
    org.groups = vec!["group-1".to_owned()];
    org.custom_roles = vec!["my-role".to_owned()];
    org.knobs.commit_delay_milliseconds = 0;
    bench.vmware(org).await
}

fn users_path(caller: &Caller, query: &str) -> String {
    format!("/csp/gateway/am/api/v2/orgs/{}/users{query}", caller.tenant.id)
}

fn id_of(rows: &[Value], email: &str) -> String {
    let row = rows.iter().find(|row| row["user"]["username"] == email).expect("a user");
    text(&row["user"], "userId")
}

#[tokio::test]
async fn rows_have_the_documented_fields() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 0).await;
    let service = json!({"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/external/tcq4",
                         "serviceRoleNames": ["vmc-user:full"]});
    bench.control.add_account(&caller.tenant, "Ada.L@example.com").expect("done");
    let body = json!({"usernames": ["ada.l@example.com"], "serviceRolesDtos": [service]});
    assert_eq!(caller.call("POST", &caller.org_path("/invitations"), Some(body)).await.0, 202);
    let row = caller.users().await.pop().expect("a row");
    let user = &row["user"];
    for name in ["username", "acct", "email"] {
        assert_eq!(user[name], "ada.l@example.com");
    }
    assert_eq!((&user["firstName"], &user["lastName"]), (&json!("Ada"), &json!("L")));
    assert_eq!((&user["domain"], &user["idpId"]), (&json!("example.com"), &json!("vmware.com")));
    assert!(text(user, "userId").starts_with("vmware.com:"));
    assert_eq!((&user["accessible"], &user["userProfile"]), (&json!(true), &Value::Null));
    assert_eq!(row["organizationRoles"][0]["name"], "org_member");
    assert_eq!(row["organizationRoles"][0]["displayName"], "Organization Member");
    assert_eq!(row["organizationRoles"][0]["membershipType"], "DIRECT");
    // B3.1: link when inviting, id when reading.
    assert_eq!(row["serviceRoles"][0]["serviceDefinitionId"], "tcq4");
    assert_eq!(row["serviceRoles"][0]["serviceRoles"][0]["roleName"], "vmc-user:full");
    let (_, bare) = caller.call("GET", &users_path(&caller, "?excludeRoles&expandProfile"), None).await;
    assert_eq!(bare["results"][1]["organizationRoles"], json!([]));
    assert!(bare["results"][1]["user"]["userProfile"].is_object());
    let (_, with) = caller.call("GET", &users_path(&caller, "?serviceDefinitionId=tcq4"), None).await;
    assert_eq!(with["totalResults"], 1);
    let id = text(user, "userId");
    for (part, shape) in [("info", "object"), ("roles", "array"), ("service-roles", "array")] {
        let path = format!("/csp/gateway/am/api/v2/users/{id}/orgs/{}/{part}", caller.tenant.id);
        let (status, body) = caller.call("GET", &path, None).await;
        assert_eq!((status, body.is_object()), (200, shape == "object"));
    }
}

#[tokio::test]
async fn pages_start_at_an_item_and_link_to_the_next() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 9).await;
    let mut path = users_path(&caller, "?pageLimit=4&excludeRoles=");
    let mut seen = Vec::new();
    loop {
        let (status, page) = caller.call("GET", &path, None).await;
        assert_eq!((status, &page["totalResults"]), (200, &json!(10)));
        seen.extend(page["results"].as_array().expect("rows").iter().map(|row| text(&row["user"], "userId")));
        match page["nextLink"].as_str() {
            Some(next) => {
                assert!(next.starts_with("/csp/") && next.contains("excludeRoles"));
                next.clone_into(&mut path);
            }
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10);
    let (_, middle) = caller.call("GET", &users_path(&caller, "?pageStart=5&pageLimit=4"), None).await;
    assert!(
        text(&middle, "prevLink").contains("pageStart=1&")
            && text(&middle, "nextLink").contains("pageStart=9&")
    );
    for query in ["?pageStart=0", "?pageLimit=0", "?pageLimit=201", "?pageStart=x"] {
        assert_eq!(caller.call("GET", &users_path(&caller, query), None).await.0, 400, "{query}");
    }
    bench
        .control
        .set_vmware_knobs(&caller.tenant, |knobs| knobs.page_excess = PageExcess::Clamp)
        .expect("knobs");
    assert_eq!(caller.call("GET", &users_path(&caller, "?pageLimit=201"), None).await.0, 200);
    let (_, old) = caller.call("GET", &caller.org_path("/users"), None).await;
    assert_eq!(old["results"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn search_contains_and_is_capped() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 25).await;
    let found = async |term: &str| {
        let path = caller.org_path(&format!("/users/search?userSearchTerm={term}"));
        let (status, body) = caller.call("GET", &path, None).await;
        (status, body["results"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(found("LAST@example").await, (200, 20));
    assert_eq!(found("m17.last@example.com").await, (200, 1));
    assert_eq!(found("nobody").await, (200, 0));
    assert_eq!(found(&"x".repeat(121)).await.0, 400);
    assert_eq!(found("").await.0, 400);
}

#[tokio::test]
async fn removal_is_capped_partial_and_spares_the_last_owner() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 3).await;
    let rows = caller.users().await;
    let delete =
        async |ids: Value| caller.call("DELETE", &users_path(&caller, ""), Some(json!({"ids": ids}))).await;
    let (m0, m1) = (id_of(&rows, "m0.last@example.com"), id_of(&rows, "m1.last@example.com"));
    assert_eq!(delete(json!(vec!["x"; 21])).await.0, 400);
    assert_eq!(delete(json!([])).await.0, 400);
    assert_eq!(caller.call("DELETE", &users_path(&caller, ""), None).await.0, 400);
    assert_eq!(delete(json!([id_of(&rows, "owner@example.com")])).await.0, 400);
    bench.control.act(&caller.tenant, "m1.last@example.com", &PersonAction::RefuseRemoval).expect("done");
    let (status, body) = delete(json!([m0, m1, "vmware.com:made-up"])).await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({"succeeded": [m0], "failed": [m1, "vmware.com:made-up"]}));
    bench
        .control
        .set_vmware_knobs(&caller.tenant, |knobs| knobs.remove_unknown = UnknownPerson::NotFound)
        .expect("knobs");
    let m2 = id_of(&rows, "m2.last@example.com");
    assert_eq!(delete(json!([m2, "vmware.com:made-up"])).await.0, 404);
    assert_eq!(caller.users().await.len(), 3);
    // Having an account, the removed person is a member at once when invited again.
    assert_eq!(caller.invite(&["m0.last@example.com"]).await, 202);
    assert_eq!(caller.users().await.len(), 4);
}

#[tokio::test]
async fn roles_change_as_documented() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 1).await;
    let rows = caller.users().await;
    let id = id_of(&rows, "m0.last@example.com");
    let path = |user: &str| format!("/csp/gateway/am/api/v3/users/{user}/orgs/{}/roles", caller.tenant.id);
    let add = json!({
        "organizationRoles": {"rolesToAdd": [{"name": "developer"}, {"name": "support_user"}], "rolesToRemove": [],
                              "rolesToUpdate": []},
        "serviceRoles": [{"serviceDefinitionId": "tcq4", "rolesToAdd": [{"name": "vmc-user:full", "expiresAt": null}],
                          "rolesToRemove": []}],
        "customRoles": {"rolesToAdd": [{"name": "my-role"}], "rolesToRemove": []},
        "notifyUsers": false,
    });
    assert_eq!(caller.call("PATCH", &path(&id), Some(add)).await.0, 200);
    let roles =
        || bench.control.person(&caller.tenant, "m0.last@example.com").expect("a tenant").expect("m0").roles;
    assert_eq!(roles(), ["org_member", "developer", "support_user", "vmc-user:full", "my-role"]);
    // B3.5: the account instead of the id, names instead of objects.
    let remove = json!({"organizationRoles": {"roleNamesToRemove": ["support_user"]},
        "serviceRoles": [{"serviceDefinitionId": "tcq4", "roleNamesToRemove": ["vmc-user:full"]}]});
    assert_eq!(caller.call("PATCH", &path("m0.last@example.com"), Some(remove)).await.0, 200);
    assert_eq!(roles(), ["org_member", "developer", "my-role"]);
    assert!(bench.mails(&caller).is_empty());
    let more = json!({"organizationRoles": {"roleNamesToAdd": ["org_admin"]}});
    assert_eq!(caller.call("PATCH", &path(&id), Some(more)).await.0, 200);
    assert_eq!(bench.mails(&caller).len(), 1);
    let nonsense = json!({"organizationRoles": {"roleNamesToAdd": ["nonsense"]}});
    assert_eq!(caller.call("PATCH", &path(&id), Some(nonsense)).await.0, 400);
    assert_eq!(caller.call("PATCH", &path("vmware.com:made-up"), Some(json!({}))).await.0, 404);
    let last = json!({"organizationRoles": {"roleNamesToRemove": ["org_owner"]}});
    assert_eq!(caller.call("PATCH", &path("owner@example.com"), Some(last)).await.0, 400);
    let promote = json!({"organizationRoles": {"roleNamesToAdd": ["org_owner"]}});
    let admin = Credential::api_token(format!("t-{}", unique())).with_role(CallerRole::Admin);
    let admin =
        bench.vmware(VmwareOrg { members: vec!["x@example.com".to_owned()], ..VmwareOrg::with(admin) }).await;
    let path = format!("/csp/gateway/am/api/v3/users/x@example.com/orgs/{}/roles", admin.tenant.id);
    assert_eq!(admin.call("PATCH", &path, Some(promote)).await.0, 403);
}

#[tokio::test]
async fn roles_groups_and_custom_roles_are_listed() {
    let bench = Bench::start().await;
    let caller = populated(&bench, 1).await;
    let (_, lean) = caller.call("GET", &caller.org_path("/roles"), None).await;
    assert_eq!((lean["refLinks"].as_array().map(Vec::len), &lean["orgRolesData"]), (Some(5), &json!([])));
    let (_, full) =
        caller.call("GET", &caller.org_path("/roles?name=org_member,developer&expand"), None).await;
    assert_eq!(full["orgRolesData"].as_array().map(Vec::len), Some(2));
    let (_, groups) = caller.call("GET", &caller.org_path("/groups"), None).await;
    assert_eq!(groups["results"][0]["id"], "group-1");
    let (_, found) = caller.call("GET", &caller.org_path("/groups-search?groupSearchTerm=ROUP"), None).await;
    assert_eq!(found["results"].as_array().map(Vec::len), Some(1));
    let id = id_of(&caller.users().await, "m0.last@example.com");
    let path = caller.org_path("/groups/group-1/users");
    let (status, body) =
        caller.call("POST", &path, Some(json!({"ids": [id, "x"], "notifyUsers": false}))).await;
    assert_eq!((status, body), (200, json!({"succeeded": [id], "failed": ["x"]})));
    let (_, users) = caller.call("GET", &users_path(&caller, "?includeGroupIdsInRoles"), None).await;
    assert_eq!(users["results"][1]["groupIds"], json!(["group-1"]));
    assert_eq!(caller.call("DELETE", &path, Some(json!({"ids": [id]}))).await.0, 200);
    assert_eq!(
        caller.call("POST", &caller.org_path("/groups/x/users"), Some(json!({"ids": []}))).await.0,
        404
    );
    let path = format!("/csp/gateway/iam-roles-mgmt/api/orgs/{}/custom-roles", caller.tenant.id);
    let (_, custom) = caller.call("GET", &path, None).await;
    assert_eq!(custom["results"][0]["name"], "my-role");
    let unknown = caller.call("GET", "/csp/gateway/am/api/nothing", None).await;
    assert_eq!(unknown.0, 404);
    let log = bench.control.operations(&Filter::tenant(&caller.tenant).operation("vmware.unknown"));
    assert_eq!(log.len(), 1);
}
