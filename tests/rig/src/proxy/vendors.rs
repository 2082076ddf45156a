//! Requests to the vendors, in the words of the simulators' log.

use std::sync::Arc;

use serde_json::Value;

use super::call::{Call, Classify, Seen};

/// Finds the address that belongs to a vendor's id of a person or an invitation.
pub type WhoIs = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The life of calls that are about nobody in particular.
const TENANT: &str = "tenant";

/// What a path asks for.
struct Asked {
    operation: &'static str,
    people: Vec<String>,
    writes: bool,
}

impl Asked {
    fn read(operation: &'static str) -> Self {
        Self { operation, people: Vec::new(), writes: false }
    }

    fn write(operation: &'static str, people: Vec<String>) -> Self {
        Self { operation, people, writes: true }
    }
}

/// Says what a request asks a vendor for; `who_is` knows whom an id stands for. Lists of everybody are sweeps.
pub fn classify(who_is: WhoIs) -> Classify {
    Arc::new(move |seen| {
        let segments = seen.segments();
        let asked = hpe(seen, &segments, &who_is)
            .or_else(|| vmware(seen, &segments, &who_is))
            .or_else(|| appxite(seen, &segments, &who_is))
            .or_else(|| managed(seen, &segments, &who_is))
            .or_else(|| saas(seen, &segments))
            .unwrap_or_else(|| Asked::read("unknown"));
        let sweeps = [
            "hpe.list_users",
            "vmware.list_users",
            "vmware.list_invitations",
            "appxite.list_users",
            "managed.list_users",
            "managed.list_groups",
            "saas.list_users",
            "saas.group_users",
        ];
        let mut subjects: Vec<String> = asked.people.iter().map(|person| person.to_lowercase()).collect();
        if subjects.is_empty() {
            subjects.push(TENANT.to_owned());
        }
        Call {
            operation: asked.operation.to_owned(),
            subjects,
            routine: sweeps.contains(&asked.operation),
            writes: asked.writes,
        }
    })
}

fn hpe(seen: &Seen<'_>, segments: &[&str], who_is: &WhoIs) -> Option<Asked> {
    Some(match (seen.method, segments) {
        ("POST", ["authorization", "v2", "oauth2", _, "token"] | ["as", "token.oauth2"]) => {
            Asked::read("hpe.token")
        }
        ("GET", ["workspaces", "v1", "workspaces", _]) => Asked::read("hpe.read_workspace"),
        ("GET", ["identity", "v1", "users"]) => match seen.parameter("filter").as_deref().and_then(quoted) {
            Some(email) => Asked { people: vec![email], ..Asked::read("hpe.find_user") },
            None => Asked::read("hpe.list_users"),
        },
        ("GET", ["identity", "v1", "users", id]) => {
            Asked { people: who_is(id).into_iter().collect(), ..Asked::read("hpe.read_user") }
        }
        ("POST", ["identity", "v1", "users"]) => {
            let email = seen.json()["email"].as_str().map(str::to_owned);
            Asked::write("hpe.invite", email.into_iter().collect())
        }
        ("DELETE", ["identity", "v1", "users", id]) => {
            Asked::write("hpe.delete_user", who_is(id).into_iter().collect())
        }
        ("GET", ["authorization", "v1beta1", "role-assignments"]) => Asked::read("hpe.list_assignments"),
        ("POST", ["authorization", "v1beta1", "role-assignments"]) => {
            let principal = seen.json()["principal"].as_str().map(str::to_owned).unwrap_or_default();
            let id = principal.rsplit(':').next().unwrap_or_default();
            Asked::write("hpe.assign_role", who_is(id).into_iter().collect())
        }
        ("DELETE", ["authorization", "v1beta1", "role-assignments", _]) => {
            Asked::write("hpe.delete_assignment", Vec::new())
        }
        _ => return None,
    })
}

fn vmware(seen: &Seen<'_>, segments: &[&str], who_is: &WhoIs) -> Option<Asked> {
    let ["csp", "gateway", "am", "api", rest @ ..] = segments else { return None };
    let named = |field: &str| strings(&seen.json()[field]);
    Some(match (seen.method, rest) {
        ("POST", ["auth", "api-tokens", "authorize"] | ["auth", "token" | "authorize"]) => {
            Asked::read("vmware.token")
        }
        ("POST", ["auth", "api-tokens", "details"]) => Asked::read("vmware.token_details"),
        ("POST", ["orgs", _, "invitations"]) if seen.query.is_empty() => {
            Asked::write("vmware.invite", named("usernames"))
        }
        ("POST", ["orgs", _, "invitations"]) => Asked::write("vmware.revoke", named("usernames")),
        ("GET", ["orgs", _, "invitations"]) => Asked::read("vmware.list_invitations"),
        ("DELETE", ["orgs", _, "invitations", id]) => {
            Asked::write("vmware.delete_invitation", who_is(id).into_iter().collect())
        }
        ("GET", ["orgs", _, "users", "search"]) => {
            let people = seen.parameter("userSearchTerm").into_iter().collect();
            Asked { people, ..Asked::read("vmware.search_users") }
        }
        ("GET", ["v2", "orgs", _, "users"]) => Asked::read("vmware.list_users"),
        ("DELETE", ["v2", "orgs", _, "users"]) => {
            Asked::write("vmware.remove_users", named("ids").iter().filter_map(|id| who_is(id)).collect())
        }
        _ => return None,
    })
}

/// The paths that stand in for those that are not public.
fn appxite(seen: &Seen<'_>, segments: &[&str], who_is: &WhoIs) -> Option<Asked> {
    Some(match (seen.method, segments) {
        ("POST", ["oauth", "token"]) => Asked::read("appxite.token"),
        ("GET", ["users"]) => Asked::read("appxite.list_users"),
        ("GET", ["roles"]) => Asked::read("appxite.list_roles"),
        ("GET", ["identity-providers"]) => Asked::read("appxite.list_identity_providers"),
        ("POST", ["users", "invite"]) => {
            let body = seen.json();
            let users = body["Users"].as_array().map(Vec::as_slice).unwrap_or_default();
            let emails = users.iter().filter_map(|user| user["Email"].as_str().map(str::to_owned));
            Asked::write("appxite.invite", emails.collect())
        }
        ("DELETE", ["users", id]) => Asked::write("appxite.remove", who_is(id).into_iter().collect()),
        _ => return None,
    })
}

fn managed(seen: &Seen<'_>, segments: &[&str], who_is: &WhoIs) -> Option<Asked> {
    let ["api", "v1.0", "onpremise", rest @ ..] = segments else { return None };
    // A login name that nobody has may be the address itself.
    let person = |id: &str| who_is(id).or_else(|| id.contains('@').then(|| id.to_owned()));
    let emails = |body: &Value| -> Vec<String> {
        let rows = body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        rows.iter().filter_map(|row| row["email"].as_str().map(str::to_owned)).collect()
    };
    Some(match (seen.method, rest) {
        ("GET", ["users"]) => Asked::read("managed.list_users"),
        ("GET", ["users", id]) => {
            Asked { people: person(id).into_iter().collect(), ..Asked::read("managed.read_user") }
        }
        ("POST", ["users"]) => Asked::write("managed.create_user", emails(&seen.json())),
        ("POST", ["users", "bulk"]) => Asked::write("managed.create_users", emails(&seen.json())),
        ("PUT", ["users"]) => Asked::write("managed.update_user", emails(&seen.json())),
        ("DELETE", ["users", id]) => Asked::write("managed.delete_user", person(id).into_iter().collect()),
        ("GET", ["groups"]) => Asked::read("managed.list_groups"),
        _ => return None,
    })
}

fn saas(seen: &Seen<'_>, segments: &[&str]) -> Option<Asked> {
    if let ("POST", ["sso", "oauth2", "token"]) = (seen.method, segments) {
        return Some(Asked::read("saas.token"));
    }
    let ["iam", "v1", "accounts", _, rest @ ..] = segments else { return None };
    Some(match (seen.method, rest) {
        ("GET", ["users"]) => Asked::read("saas.list_users"),
        ("POST", ["users"]) => {
            let email = seen.json()["email"].as_str().map(str::to_owned);
            Asked::write("saas.invite", email.into_iter().collect())
        }
        ("GET", ["users", email]) => Asked { people: vec![decoded(email)], ..Asked::read("saas.read_user") },
        ("DELETE", ["users", email]) => Asked::write("saas.delete_user", vec![decoded(email)]),
        ("POST", ["users", email]) => Asked::write("saas.add_groups", vec![decoded(email)]),
        ("PUT", ["users", email, "groups"]) => Asked::write("saas.set_groups", vec![decoded(email)]),
        ("DELETE", ["users", email, "groups"]) => Asked::write("saas.remove_groups", vec![decoded(email)]),
        ("GET", ["groups"]) => Asked::read("saas.list_groups"),
        ("GET", ["groups", _, "users"]) => Asked::read("saas.group_users"),
        ("GET", ["limits"]) => Asked::read("saas.limits"),
        _ => return None,
    })
}

/// A path segment without its percent signs.
fn decoded(segment: &str) -> String {
    let guarded = segment.replace('+', "%2B");
    form_urlencoded::parse(guarded.as_bytes()).map(|(key, _)| key.into_owned()).next().unwrap_or_default()
}

/// The text between the first two quotes of a filter.
fn quoted(filter: &str) -> Option<String> {
    filter.split('\'').nth(1).map(str::to_owned)
}

fn strings(list: &Value) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, target: &str, body: &str) -> Call {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let who_is: WhoIs = Arc::new(|id| (id == "7").then(|| "Ada@example.com".to_owned()));
        classify(who_is)(&Seen { method, path, query, body: body.as_bytes() })
    }

    #[test]
    fn a_call_for_several_people_is_a_step_in_the_life_of_each() {
        let path = "/csp/gateway/am/api/orgs/o/invitations";
        let invited = call("POST", path, r#"{"usernames":["Ada@example.com","bob@example.com"]}"#);
        assert_eq!(invited.operation, "vmware.invite");
        assert_eq!(invited.subjects, ["ada@example.com", "bob@example.com"]);
        let revoked = call("POST", &format!("{path}?action=revoke"), r#"{"usernames":["bob@example.com"]}"#);
        assert_eq!(
            (revoked.operation.as_str(), &revoked.subjects[0][..]),
            ("vmware.revoke", "bob@example.com")
        );
        let rows = r#"[{"id":"a","email":"Ada@example.com"},{"id":"b","email":"bob@example.com"}]"#;
        let created = call("POST", "/api/v1.0/onpremise/users/bulk", rows);
        assert_eq!(created.operation, "managed.create_users");
        assert_eq!(created.subjects, ["ada@example.com", "bob@example.com"]);
    }

    #[test]
    fn ids_stand_for_people() {
        let removed = call("DELETE", "/identity/v1/users/7", "");
        assert_eq!(
            (removed.operation.as_str(), &removed.subjects[0][..]),
            ("hpe.delete_user", "ada@example.com")
        );
        let removed = call("DELETE", "/csp/gateway/am/api/v2/orgs/o/users", r#"{"ids":["7"]}"#);
        assert_eq!(
            (removed.operation.as_str(), &removed.subjects[0][..]),
            ("vmware.remove_users", "ada@example.com")
        );
        for (id, person) in [("7", "ada@example.com"), ("new@example.com", "new@example.com")] {
            let removed = call("DELETE", &format!("/api/v1.0/onpremise/users/{id}"), "");
            assert_eq!(
                (removed.operation.as_str(), &removed.subjects[0][..]),
                ("managed.delete_user", person)
            );
        }
    }

    #[test]
    fn sweeps_are_routine_and_exact_reads_are_not() {
        assert!(call("GET", "/identity/v1/users?offset=0&limit=50", "").routine);
        let found = call("GET", "/identity/v1/users?filter=username+eq+%27ada%40example.com%27", "");
        assert_eq!((found.operation.as_str(), &found.subjects[0][..]), ("hpe.find_user", "ada@example.com"));
        assert!(!found.routine && !found.writes);
    }

    #[test]
    fn addresses_in_paths_are_people() {
        let users = "/iam/v1/accounts/a/users";
        assert!(call("GET", users, "").routine);
        for (method, path, operation, writes) in [
            ("GET", "Ada%2B1%40example.com", "saas.read_user", false),
            ("DELETE", "Ada+1@example.com", "saas.delete_user", true),
            ("PUT", "Ada%2B1%40example.com/groups", "saas.set_groups", true),
        ] {
            let found = call(method, &format!("{users}/{path}"), "[]");
            assert_eq!((found.operation.as_str(), &found.subjects[0][..]), (operation, "ada+1@example.com"));
            assert_eq!((found.routine, found.writes), (false, writes));
        }
        let invited = call("POST", users, r#"{"email":"ada@example.com"}"#);
        assert_eq!((invited.operation.as_str(), invited.writes), ("saas.invite", true));
    }
}
