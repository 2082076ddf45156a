//! Groups of an organization. B3.

use serde_json::{Value, json};

use super::{
    errors::Errors,
    invite::strings,
    org::{Group, State},
};
use crate::http::{Reply, Request};

fn show(group: &Group, state: &State) -> Value {
    let holds = |groups: &[String]| groups.contains(&group.id);
    let users = state.listed().members.iter().filter(|member| holds(&member.access.groups)).count();
    json!({"id": group.id, "displayName": group.name, "description": "", "groupType": "USER_GROUP",
           "usersCount": users})
}

/// `GET …/groups`: a page.
pub(super) fn list(state: &State) -> Reply {
    let rows: Vec<Value> = state.groups.iter().map(|group| show(group, state)).collect();
    Reply::json(
        200,
        &json!({"totalResults": rows.len(), "nextLink": null, "prevLink": null, "results": rows}),
    )
}

/// `GET …/groups-search?groupSearchTerm=`.
pub(super) fn search(state: &State, request: &Request) -> Reply {
    let term = request.query("groupSearchTerm").unwrap_or_default().to_lowercase();
    let hit = |group: &&Group| group.name.to_lowercase().contains(&term);
    let rows: Vec<Value> = state.groups.iter().filter(hit).map(|group| show(group, state)).collect();
    Reply::json(200, &json!({"results": rows}))
}

/// `POST` and `DELETE …/groups/{gid}/users`.
pub(super) fn change(state: &mut State, group: &str, add: bool, request: &Request) -> Reply {
    let errors = Errors::from(&state.knobs);
    if !state.groups.iter().any(|known| known.id == group) {
        return errors.say(404, "Group not found");
    }
    let Some(ids) = request.json_object().and_then(|body| strings(body.get("ids"))) else {
        return errors.status(400);
    };
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match state.people_mut().members.get_mut(&id) {
            Some(member) => {
                member.access.groups.retain(|held| held != group);
                if add {
                    member.access.groups.push(group.to_owned());
                }
                succeeded.push(id);
            }
            None => failed.push(id),
        }
    }
    Reply::json(200, &json!({"succeeded": succeeded, "failed": failed}))
}
