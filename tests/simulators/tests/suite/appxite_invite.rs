//! AppXite: inviting. Contract 1.2.2, 1.3.3, 1.3.4.

use serde_json::{Value, json};
use vendor_simulators::{
    AppXiteKnobs, DuplicateEmail, Effect, ExistingUser, Filter, InviteBody, MissingOrganizations,
    OrganizationIdsPlacement, PartialFailure, ProviderReference, Standing,
};

use crate::{
    appxite_portal::{ORGANIZATIONS, Portal},
    bench::Bench,
};

const ROLE: &str = "0f0c2f2e-1111-4c1e-9a51-000000000011";
const PROVIDER: &str = "7d1b6a70-2222-4a35-8a11-000000000001";
const DISABLED: &str = "7d1b6a70-2222-4a35-8a11-000000000003";

fn mails(bench: &Bench, portal: &Portal, email: &str) -> usize {
    bench.control.mails(&Filter::tenant(&portal.tenant).email(email)).len()
}

fn set(bench: &Bench, portal: &Portal, change: impl FnOnce(&mut AppXiteKnobs)) {
    bench.control.set_appxite_knobs(&portal.tenant, change).expect("a platform");
}

/// The organizations a user is in, as the list has them.
async fn organizations(portal: &Portal, email: &str) -> Vec<Value> {
    let user = portal.user(email).await.expect("listed");
    let held = user["organizations"].as_array().cloned().expect("organizations");
    held.iter().map(|held| held["id"].clone()).collect()
}

#[tokio::test]
async fn the_contracts_example_invites() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let example = json!({
        "Users": [
            {"Email": "ada@example.test", "FirstName": "Ada", "LastName": "Byron",
             "GroupId": "0f0c2f2e-1111-4c1e-9a51-000000000010", "IdentityProviderId": PROVIDER}
        ],
        "OrganizationIds": [ORGANIZATIONS[0]]
    });
    assert_eq!(portal.post(&example).await.0, 200);
    let ada = portal.user("ada@example.test").await.expect("listed");
    assert_eq!((&ada["firstName"], &ada["lastName"]), (&json!("Ada"), &json!("Byron")));
    let held = json!([{"id": ORGANIZATIONS[0], "groupId": "0f0c2f2e-1111-4c1e-9a51-000000000010"}]);
    assert_eq!(ada["organizations"], held);
    let person = bench.control.person(&portal.tenant, "ada@example.test").expect("a tenant").expect("there");
    assert_eq!(
        (person.standing, &person.roles[..]),
        (Standing::Invited, &["Distributor Admin".to_owned()][..])
    );
    assert_eq!(person.user_id.as_deref(), ada["id"].as_str());
    let log = bench.control.operations(&Filter::tenant(&portal.tenant).operation("appxite.invite"));
    assert_eq!(log[0].emails, ["ada@example.test"]);
}

#[tokio::test]
async fn one_call_sends_one_mail_to_each() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let users = json!([{"Email": "ada@example.test"}, {"Email": "Bob@example.test"}]);
    assert_eq!(portal.post(&json!({"Users": users, "OrganizationIds": ORGANIZATIONS})).await.0, 200);
    for email in ["ada@example.test", "bob@example.test"] {
        assert_eq!(mails(&bench, &portal, email), 1, "several organizations, one mail");
    }
    assert_eq!(organizations(&portal, "Bob@example.test").await.len(), 2);
}

#[tokio::test]
async fn organizations_may_stand_in_either_place() {
    let bench = Bench::start().await;
    let payload = |one: &str, other: &str| json!({"Users": [{"Email": "ada@example.test", "OrganizationIds": [other]}], "OrganizationIds": [one]});
    let both = payload(ORGANIZATIONS[0], ORGANIZATIONS[1]);
    for (placement, expected) in [
        (OrganizationIdsPlacement::Either, &ORGANIZATIONS[..]),
        (OrganizationIdsPlacement::Payload, &ORGANIZATIONS[..1]),
        (OrganizationIdsPlacement::User, &ORGANIZATIONS[1..]),
    ] {
        let portal = Portal::open(&bench, |knobs| knobs.organization_ids = placement).await;
        assert_eq!(portal.post(&both).await.0, 200);
        assert_eq!(organizations(&portal, "ada@example.test").await, expected);
    }
    let none = json!({"Users": [{"Email": "ada@example.test"}]});
    let mut portal = Portal::open(&bench, |_| {}).await;
    portal.acting = Some(ORGANIZATIONS[1].to_owned());
    assert_eq!(portal.post(&none).await.0, 200);
    assert_eq!(organizations(&portal, "ada@example.test").await, [ORGANIZATIONS[1]]);
    set(&bench, &portal, |knobs| knobs.missing_organizations = MissingOrganizations::Refuse);
    assert_eq!(portal.post(&none).await.0, 400);
}

#[tokio::test]
async fn field_names_are_what_the_knobs_say() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let user = |extra: Value| {
        let mut user = json!({"Email": "ada@example.test"});
        user.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
        json!({"Users": [user]})
    };
    for extra in [json!({"GroupIds": [ROLE]}), json!({"groupId": ROLE})] {
        assert_eq!(portal.post(&user(extra)).await.0, 200);
    }
    for extra in [json!({"GroupId": [ROLE]}), json!({"GroupIds": ROLE}), json!({"GroupId": 7})] {
        assert_eq!(portal.post(&user(extra)).await.0, 400);
    }
    set(&bench, &portal, |knobs| {
        knobs.role_fields = vec!["RoleId".to_owned()];
        knobs.identity_provider_fields = vec!["ProviderId".to_owned()];
        knobs.role_required = true;
        knobs.exact_request_names = true;
    });
    assert_eq!(portal.post(&user(json!({"GroupId": ROLE}))).await.0, 400);
    assert_eq!(portal.post(&user(json!({"roleId": ROLE}))).await.0, 400);
    assert_eq!(portal.post(&user(json!({"RoleId": ROLE, "ProviderId": DISABLED}))).await.0, 400);
    let body = user(json!({"RoleId": ROLE, "ProviderId": PROVIDER, "IdentityProviderId": "ignored"}));
    assert_eq!(portal.post(&body).await.0, 200);
    let lower = json!({"users": [{"Email": "ada@example.test", "RoleId": ROLE}]});
    assert_eq!(portal.post(&lower).await.0, 400);
}

#[tokio::test]
async fn unknown_ids_and_disabled_providers_invite_nobody() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |knobs| knobs.partial_failure = PartialFailure::Silent).await;
    let other = json!({"Email": "bob@example.test"});
    for bad in [
        json!({"GroupId": "0f0c2f2e-1111-4c1e-9a51-999999999999"}),
        json!({"IdentityProviderId": "nothing"}),
        json!({"IdentityProviderId": DISABLED}),
        json!({"OrganizationIds": ["unknown"]}),
        json!({"OrganizationIds": "not a list"}),
    ] {
        let mut user = json!({"Email": "ada@example.test"});
        user.as_object_mut().expect("an object").extend(bad.as_object().cloned().unwrap_or_default());
        assert_eq!(portal.post(&json!({"Users": [other, user]})).await.0, 400, "{bad}");
    }
    for bad in
        [json!({}), json!({"Users": []}), json!({"Users": "ada"}), json!({"Users": ["ada"]}), json!([])]
    {
        assert_eq!(portal.post(&bad).await.0, 400, "{bad}");
    }
    assert!(bench.control.creations(&Filter::tenant(&portal.tenant)).is_empty());
    for (reference, prefix, id) in [
        (ProviderReference::Either, 200, 200),
        (ProviderReference::Id, 400, 200),
        (ProviderReference::Prefix, 200, 400),
    ] {
        set(&bench, &portal, |knobs| knobs.provider_reference = reference);
        for (named, status) in [("auth0", prefix), (PROVIDER, id)] {
            let user = json!({"Email": "ada@example.test", "IdentityProviderId": named});
            assert_eq!(portal.post(&json!({"Users": [user]})).await.0, status, "{reference:?} {named}");
        }
    }
}

#[tokio::test]
async fn success_has_any_status_and_body() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    for (at, status) in [200, 201, 202, 204].into_iter().enumerate() {
        for body in [InviteBody::Empty, InviteBody::Users, InviteBody::Text] {
            set(&bench, &portal, |knobs| (knobs.invite_status, knobs.invite_body) = (status, body));
            let email = format!("p{at}@example.test");
            let (found, shown) = portal.invite(&[&email]).await;
            let users = body == InviteBody::Users && status != 204;
            assert_eq!((found, shown.is_array()), (status, users), "{body:?}");
        }
    }
}

#[tokio::test]
async fn there_are_three_answers_about_somebody_who_is_there() {
    let bench = Bench::start().await;
    for (existing, status) in
        [(ExistingUser::Accept, 200), (ExistingUser::Conflict, 409), (ExistingUser::BadRequest, 400)]
    {
        let portal = Portal::open(&bench, |knobs| knobs.existing_user = existing).await;
        portal.invite(&["new@example.test"]).await;
        bench.control.add_member(&portal.tenant, "active@example.test", &[]).expect("added");
        assert_eq!(portal.invite(&["NEW@example.test"]).await.0, status);
        assert_eq!(portal.invite(&["active@example.test"]).await.0, status);
        assert_eq!(portal.users().await.len(), 3, "no second user");
        assert_eq!(mails(&bench, &portal, "new@example.test"), if status == 200 { 2 } else { 1 });
        assert_eq!(mails(&bench, &portal, "active@example.test"), 0);
        let active = portal.user("active@example.test").await.expect("listed");
        assert_eq!(active["accountState"], "Active");
    }
    let portal = Portal::open(&bench, |knobs| knobs.mail_members = true).await;
    bench.control.add_member(&portal.tenant, "active@example.test", &[]).expect("added");
    let more = json!({"Users": [{"Email": "active@example.test", "GroupId": ROLE}], "OrganizationIds": [ORGANIZATIONS[1]]});
    portal.post(&more).await;
    assert_eq!(mails(&bench, &portal, "active@example.test"), 1);
    let made = bench.control.creations(&Filter::tenant(&portal.tenant));
    assert_eq!(made[0].effect, Effect::RolesGranted);
    assert!(organizations(&portal, "active@example.test").await.contains(&json!(ORGANIZATIONS[1])));
}

#[tokio::test]
async fn there_are_three_kinds_of_partial_failure() {
    let bench = Bench::start().await;
    for (partial, status, listed, told) in [
        (PartialFailure::Atomic, 400, false, false),
        (PartialFailure::MultiStatus, 207, true, true),
        (PartialFailure::Results, 200, true, true),
        (PartialFailure::Silent, 200, true, false),
    ] {
        let portal = Portal::open(&bench, |knobs| knobs.partial_failure = partial).await;
        bench.control.poison(&portal.tenant, "bad@example.test").expect("poisoned");
        let (found, body) = portal.invite(&["good@example.test", "Bad@example.test", "malformed"]).await;
        assert_eq!(found, status, "{partial:?}");
        assert_eq!(portal.user("good@example.test").await.is_some(), listed);
        assert_eq!(mails(&bench, &portal, "good@example.test"), usize::from(listed));
        assert_eq!(mails(&bench, &portal, "bad@example.test"), 0);
        let results = body["results"].as_array().cloned().unwrap_or_default();
        let one =
            |email: &str| results.iter().find(|one| one["email"] == email).map(|one| one["status"].clone());
        assert_eq!(results.len(), if told { 3 } else { 0 });
        assert_eq!(one("Bad@example.test"), told.then(|| json!(400)));
        assert_eq!(one("good@example.test"), told.then(|| json!(200)));
    }
    let portal = Portal::open(&bench, |knobs| {
        knobs.partial_failure = PartialFailure::MultiStatus;
        knobs.existing_user = ExistingUser::Conflict;
    })
    .await;
    portal.invite(&["ada@example.test"]).await;
    let (_, body) = portal.invite(&["ada@example.test", "bob@example.test"]).await;
    assert_eq!(
        (&body["results"][0]["email"], &body["results"][0]["status"]),
        (&json!("ada@example.test"), &json!(409))
    );
}

#[tokio::test]
async fn a_doubled_address_is_refused_or_taken_once() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let twice = ["ada@example.test", "ADA@example.test"];
    assert_eq!(portal.invite(&twice).await.0, 400);
    assert_eq!(mails(&bench, &portal, "ada@example.test"), 0);
    set(&bench, &portal, |knobs| knobs.duplicate_email = DuplicateEmail::Collapse);
    assert_eq!(portal.invite(&twice).await.0, 200);
    assert_eq!(mails(&bench, &portal, "ada@example.test"), 1);
    set(&bench, &portal, |knobs| knobs.max_users = Some(1));
    assert_eq!(portal.invite(&["a@example.test", "b@example.test"]).await.0, 400);
    bench
        .control
        .act(&portal.tenant, "c@example.test", &vendor_simulators::PersonAction::Ignore)
        .expect("ignored");
    assert_eq!(portal.invite(&["c@example.test"]).await.0, 200);
    assert_eq!(portal.user("c@example.test").await, None);
}

#[tokio::test]
async fn effects_and_lists_may_come_late() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |knobs| {
        knobs.commit_delay_milliseconds = 300;
        knobs.lower_emails = true;
    })
    .await;
    assert_eq!(portal.invite(&["Ada@example.test"]).await.0, 200);
    assert_eq!(portal.user("ada@example.test").await, None);
    let begun = std::time::Instant::now();
    while portal.user("ada@example.test").await.is_none() {
        assert!(begun.elapsed().as_secs() < 5, "the effect comes");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    set(&bench, &portal, |knobs| {
        (knobs.commit_delay_milliseconds, knobs.list_lag_milliseconds) = (0, 60_000);
    });
    assert_eq!(portal.invite(&["bob@example.test"]).await.0, 200);
    assert_eq!(mails(&bench, &portal, "bob@example.test"), 1);
    assert_eq!(portal.user("bob@example.test").await, None);
}
