//! Requests to the API server, in the words of its audit log.

use super::call::{Call, Seen};

/// The parts of a resource's path.
#[derive(Debug, Default, PartialEq, Eq)]
struct Resource<'a> {
    plural: &'a str,
    name: &'a str,
    subresource: &'a str,
    namespace: &'a str,
}

/// Says what a request asks the API server for. Objects stand for themselves; an event for what it is about, a list
/// for its namespace.
pub fn classify(seen: &Seen<'_>) -> Call {
    let segments = seen.segments();
    let parts = resource(&segments).unwrap_or_default();
    let watches = seen.parameter("watch").is_some_and(|value| value == "true" || value == "1");
    let verb = match (seen.method, parts.name.is_empty()) {
        ("GET", true) if watches => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", _) => "delete",
        _ => "other",
    };
    let slash = if parts.subresource.is_empty() { "" } else { "/" };
    let subject = match (parts.plural, parts.name) {
        ("events", _) => seen.json()["regarding"]["name"].as_str().unwrap_or_default().to_owned(),
        (_, "") => parts.namespace.to_owned(),
        (_, name) => name.to_owned(),
    };
    Call {
        operation: format!("{verb} {}{slash}{}", parts.plural, parts.subresource),
        subjects: vec![subject],
        routine: matches!(parts.plural, "leases" | "selfsubjectaccessreviews")
            || verb == "watch"
            || parts.plural.is_empty(),
        writes: !matches!(verb, "get" | "list" | "watch"),
    }
}

/// Takes a path apart: `/api/v1/…` or `/apis/{group}/{version}/…`, with or without a namespace.
fn resource<'a>(segments: &[&'a str]) -> Option<Resource<'a>> {
    let (["api", _, rest @ ..] | ["apis", _, _, rest @ ..]) = segments else { return None };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let part = |at: usize| rest.get(at).copied().unwrap_or_default();
    Some(Resource { plural: part(0), name: part(1), subresource: part(2), namespace })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, target: &str, body: &str) -> Call {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        classify(&Seen { method, path, query, body: body.as_bytes() })
    }

    #[test]
    fn objects_have_a_life_of_their_own() {
        let status =
            "/apis/userinvitation.dev/v1alpha1/namespaces/a/userinvitations/ada/status?fieldManager=x";
        let patched = call("PATCH", status, "[]");
        assert_eq!(patched.operation, "patch userinvitations/status");
        assert_eq!(patched.subjects, ["ada"]);
        assert!(patched.writes && !patched.routine);

        let secret = call("GET", "/api/v1/namespaces/a/secrets/csp", "");
        assert_eq!((secret.operation.as_str(), secret.writes), ("get secrets", false));

        let namespace = call("GET", "/api/v1/namespaces/a", "");
        assert_eq!((namespace.operation.as_str(), &namespace.subjects[0][..]), ("get namespaces", "a"));
    }

    #[test]
    fn an_event_belongs_to_what_it_is_about() {
        let body = r#"{"regarding":{"name":"ada"}}"#;
        let event = call("POST", "/apis/events.k8s.io/v1/namespaces/a/events", body);
        assert_eq!((event.operation.as_str(), &event.subjects[0][..]), ("create events", "ada"));
    }

    #[test]
    fn leases_watches_and_questions_for_rights_are_routine() {
        assert!(call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{}").routine);
        let lease = "/apis/coordination.k8s.io/v1/namespaces/o/leases/l";
        assert!(call("PUT", lease, "{}").routine);
        let list = "/apis/userinvitation.dev/v1alpha1/namespaces/a/userinvitations";
        assert!(call("GET", &format!("{list}?watch=true"), "").routine);
        let listed = call("GET", list, "");
        assert_eq!((listed.operation.as_str(), listed.routine), ("list userinvitations", false));
    }
}
