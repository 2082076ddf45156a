//! `GET /limits`. 3.2, 3.6: the account's quotas, with the numbers of a trial.

use serde_json::json;

use super::account::{State, Status, User};
use crate::http::Reply;

/// Users and groups, and how many there may be.
pub(super) fn list(state: &State) -> Reply {
    let regular = |user: &&User| user.status != Status::Deleted && !user.is_service();
    let users = state.users.current().iter().filter(regular).count();
    let limit = |kind: &str, value: u64, current: usize| json!({"limitType": kind, "limitValue": value, "currentValue": current});
    let results =
        [limit("REGULAR_USER", 10_000, users), limit("MAX_GROUPS_PER_ACCOUNT", 5_000, state.groups.len())];
    Reply::json(
        200,
        &json!({"pageSize": results.len(), "pageNumber": 1, "total": results.len(), "results": results}),
    )
}
