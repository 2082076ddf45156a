//! For some scrapes after a change of leader, Prometheus has the numbers of both replicas.

use serde_json::{Value, json};

use crate::queries::Query;
use crate::story::INSTANCE;

/// What every metric's name begins with.
const PREFIX: &str = "user_invitation_operator_";

/// Series of a replica, and the same ones of another.
pub fn doubled(series: &[Value]) -> Vec<Value> {
    let other = series.iter().map(|one| {
        let name = one["series"].as_str().expect("a series");
        json!({"series": name.replace(INSTANCE, "10.0.0.8:8080"), "values": one["values"]})
    });
    series.iter().cloned().chain(other).collect()
}

/// Whether a query shows what only the leader knows: no rise, which each replica has of its own, and not the replicas.
pub fn is_of_leader(query: &Query) -> bool {
    !query.expression.contains('[') && !["leader", "build_info"].iter().any(|name| reads(query, name))
}

fn reads(query: &Query, name: &str) -> bool {
    query.expression.contains(&format!("{PREFIX}{name}"))
}

/// The expression over one replica's series.
pub fn over_one(expression: &str) -> String {
    let mut parts = expression.split(PREFIX);
    let first = parts.next().unwrap_or_default().to_owned();
    let selectors = parts.map(|part| {
        let ends = part.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(ends);
        let (more, rest) = rest.strip_prefix('{').map_or(("}", rest), |rest| (",", rest));
        format!("{PREFIX}{name}{{instance=\"{INSTANCE}\"{more}{rest}")
    });
    std::iter::once(first).chain(selectors).collect()
}
