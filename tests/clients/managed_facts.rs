//! Dynatrace Managed: every fact that the contract leaves open, both ways.

use rstest::rstest;
use user_invitation_operator::vendor::{
    AccessChange, ErrorClass, Grant, GrantKind, InitialPassword, MemberAnswer, Person, VendorClient,
    VendorError,
};
use vendor_simulators::{
    BulkExisting, CallerRole, CredentialChange, DeleteAgain, Directory, ErrorStyle, ManagedUser,
    MissingGroups, NotFoundBody, PartialBody, PasswordInput,
};

use super::support::{API_TOKEN, NOTHING, Rig, accepted, named, of, target, with_login};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

const STYLES: [ErrorStyle; 4] =
    [ErrorStyle::Envelope, ErrorStyle::Array, ErrorStyle::Empty, ErrorStyle::Text];

#[track_caller]
fn is_refused(answer: &MemberAnswer, class: ErrorClass, status: u16) {
    let refusal = match answer {
        MemberAnswer::Refused(refusal) => Some((refusal.class, refusal.status, &refusal.code)),
        _ => None,
    };
    assert_eq!(refusal, Some((class, status, &None)), "{answer:?}");
}

#[tokio::test]
async fn a_taken_login_name_is_a_conflict_under_either_code() {
    for style in STYLES {
        for status in [523, 400] {
            let rig = Rig::managed(|cluster| {
                cluster.users.push(ManagedUser::of(BOB).with_id("ada"));
                cluster.knobs.exists_status = status;
                cluster.knobs.error_style = style;
            })
            .await;
            let answer = rig.create(&[with_login(ADA, "ada")]).await;
            is_refused(of(&answer, ADA), ErrorClass::Conflict, status);
            assert_eq!(rig.creations().len(), 0);
        }
    }
}

#[tokio::test]
async fn a_taken_address_is_a_refusal_and_a_look_finds_it() {
    for (status, class) in [(524, ErrorClass::Conflict), (400, ErrorClass::Invalid)] {
        let rig = Rig::managed(|cluster| {
            cluster.users.push(ManagedUser::of(ADA).with_id("other"));
            cluster.knobs.email_taken_status = status;
        })
        .await;
        is_refused(of(&rig.create(&[with_login(ADA, "ada")]).await, ADA), class, status);
        assert_eq!(rig.everybody().await[ADA].user_id.as_deref(), Some("other"));
    }
}

#[tokio::test]
async fn invalid_requests_are_refused_whatever_the_body() {
    for style in STYLES {
        let rig = Rig::managed(|cluster| cluster.knobs.error_style = style).await;
        rig.control.poison(&rig.tenant, ADA).unwrap();
        is_refused(of(&rig.create(&[named(ADA)]).await, ADA), ErrorClass::Invalid, 400);
        rig.knobs(|knobs| knobs.creation_faults.extend([BOB.to_owned()]));
        is_refused(of(&rig.create(&[named(BOB)]).await, BOB), ErrorClass::Invalid, 522);
    }
}

/// Whatever the 406 holds, it is not believed: a look tells who was created, and the others go alone.
#[rstest]
#[case(PartialBody::Created)]
#[case(PartialBody::Failed)]
#[case(PartialBody::Everybody)]
#[case(PartialBody::Nobody)]
#[case(PartialBody::Error)]
#[tokio::test]
async fn a_partial_batch_is_unclear_for_everybody(#[case] body: PartialBody) {
    let rig = Rig::managed(|cluster| {
        cluster.knobs.partial_body = body;
        cluster.knobs.creation_faults.insert(ADA.to_owned());
    })
    .await;
    let answer = rig.create(&[named(ADA), named(BOB)]).await;
    for person in [ADA, BOB] {
        assert!(matches!(of(&answer, person), MemberAnswer::Ambiguous(_)), "{answer:?}");
    }
    let everybody = rig.everybody().await;
    assert!(!everybody.contains_key(ADA) && everybody.contains_key(BOB));
    is_refused(of(&rig.create(&[named(ADA)]).await, ADA), ErrorClass::Invalid, 522);
}

#[rstest]
#[case::refused(BulkExisting::Refused, 0)]
#[case::others_created(BulkExisting::OthersCreated, 1)]
#[tokio::test]
async fn a_batch_with_somebody_who_exists_is_unclear(#[case] mode: BulkExisting, #[case] created: usize) {
    let rig = Rig::managed(|cluster| {
        cluster.users.push(ManagedUser::of(ADA));
        cluster.knobs.bulk_existing = mode;
    })
    .await;
    let answer = rig.create(&[named(ADA), named(BOB)]).await;
    assert!(answer.members.values().all(|member| matches!(member, MemberAnswer::Ambiguous(_))), "{answer:?}");
    assert_eq!(rig.creations().len(), created);
}

#[tokio::test]
async fn arrays_in_any_order_are_understood() {
    for reversed in [false, true] {
        let rig = Rig::managed(|cluster| cluster.knobs.reversed_arrays = reversed).await;
        assert!(accepted(&rig.create(&[with_login(ADA, "a"), with_login(BOB, "b")]).await));
        assert_eq!(rig.everybody().await.len(), 3);
    }
}

#[rstest]
#[case(Directory::Ldap)]
#[case(Directory::SsoWithGroups)]
#[tokio::test]
async fn users_of_a_directory_are_not_ours_to_change(#[case] directory: Directory) {
    for style in STYLES {
        let rig = Rig::managed(|cluster| {
            cluster.users.push(ManagedUser::of("m@example.com"));
            cluster.knobs.directory = directory;
            cluster.knobs.error_style = style;
        })
        .await;
        let external = |answer: &MemberAnswer| {
            let MemberAnswer::NotSent(error) = answer else { panic!("{answer:?}") };
            assert!(matches!(error, VendorError::ExternallyManaged { .. }), "{error:?}");
        };
        external(of(&rig.create(&[named(ADA)]).await, ADA));
        let both = rig.create(&[named(ADA), named(BOB)]).await;
        external(of(&both, ADA));
        external(of(&both, BOB));
        let member = rig.everybody().await["m@example.com"].clone();
        let target = target("m@example.com", &member);
        let change = AccessChange { add: vec![Grant::named(GrantKind::Group, "users")], remove: Vec::new() };
        external(&rig.client.edit(rig.client.permit().await.unwrap(), &target, &change).await);
        is_refused(
            of(&rig.remove(std::slice::from_ref(&target)).await, "m@example.com"),
            ErrorClass::Forbidden,
            403,
        );
        rig.knobs(|knobs| knobs.directory_refuses_removals = false);
        assert!(accepted(&rig.remove(&[target]).await));
    }
}

#[tokio::test]
async fn a_token_without_the_scope_opens_nothing() {
    for (status, class) in [(403, ErrorClass::Forbidden), (401, ErrorClass::Authentication)] {
        let rig = Rig::managed(|cluster| {
            cluster.credentials[0].role = CallerRole::Member;
            cluster.knobs.missing_scope_status = status;
        })
        .await;
        assert_eq!(rig.client.verify().await.unwrap_err().class(), class);
        assert_eq!(rig.client.sweep(&NOTHING).await.unwrap_err().class(), class);
    }
}

#[tokio::test]
async fn a_revoked_token_is_a_refused_credential_at_once() {
    let rig = Rig::managed(|_| {}).await;
    rig.everybody().await;
    let revoke = CredentialChange::Revoke { key: API_TOKEN.to_owned() };
    rig.control.change_credential(&rig.tenant, revoke).unwrap();
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::CredentialRefused { status: 401, .. }), "{error:?}");
    assert_eq!(rig.operations("managed.list_users").len(), 2, "the same token is not tried twice");
    is_refused(of(&rig.create(&[named(ADA)]).await, ADA), ErrorClass::Authentication, 401);
}

#[rstest]
#[case::refused(PasswordInput::Refused, None)]
#[case::ignored(PasswordInput::Ignored, None)]
#[case::accepted(PasswordInput::Accepted, Some("Hunter-22-Hunter"))]
#[tokio::test]
async fn a_password_with_and_without_the_feature(#[case] input: PasswordInput, #[case] kept: Option<&str>) {
    let rig = Rig::managed(|cluster| cluster.knobs.password_input = input).await;
    let password = Some(InitialPassword::new("Hunter-22-Hunter".into()));
    let answer = rig.create(&[Person { initial_password: password, ..with_login(ADA, "ada") }]).await;
    if input == PasswordInput::Refused {
        is_refused(of(&answer, ADA), ErrorClass::Invalid, 400);
    } else {
        assert!(accepted(&answer));
    }
    assert_eq!(rig.control.managed_password(&rig.tenant, "ada").unwrap().as_deref(), kept);
}

#[tokio::test]
async fn an_edit_always_names_the_groups() {
    for missing in [MissingGroups::Keep, MissingGroups::Clear] {
        let ada =
            ManagedUser { groups: vec!["users".to_owned(), "owners".to_owned()], ..ManagedUser::of(ADA) };
        let rig = Rig::managed(|cluster| {
            cluster.users.push(ada.clone());
            cluster.knobs.missing_groups = missing;
        })
        .await;
        let found = rig.everybody().await[ADA].clone();
        for (change, left) in [
            (AccessChange { add: Vec::new(), remove: vec![Grant::named(GrantKind::Group, "users")] }, 1),
            (AccessChange { add: Vec::new(), remove: vec![Grant::named(GrantKind::Group, "owners")] }, 0),
        ] {
            let permit = rig.client.permit().await.unwrap();
            let edited = rig.client.edit(permit, &target(ADA, &found), &change).await;
            assert!(matches!(edited, MemberAnswer::Accepted { .. }), "{edited:?}");
            assert_eq!(rig.everybody().await[ADA].held.as_ref().unwrap().grants.len(), left, "{missing:?}");
        }
    }
}

#[rstest]
#[case(DeleteAgain::Ok)]
#[case(DeleteAgain::NotModified)]
#[case(DeleteAgain::NotFound)]
#[tokio::test]
async fn somebody_who_is_gone_is_removed(#[case] again: DeleteAgain) {
    for body in [NotFoundBody::Empty, NotFoundBody::Html, NotFoundBody::AsOthers] {
        let rig = Rig::managed(|cluster| {
            cluster.users.push(ManagedUser::of(ADA));
            cluster.knobs.delete_again = again;
            cluster.knobs.not_found_body = body;
        })
        .await;
        let found = rig.find_person(&named(ADA)).await.unwrap();
        for _ in 0..2 {
            assert!(accepted(&rig.remove(&[target(ADA, &found)]).await), "{body:?}");
        }
        assert_eq!(rig.find_person(&named(ADA)).await, None, "{body:?}");
    }
}

#[tokio::test]
async fn login_names_in_another_case() {
    for ignore_case in [false, true] {
        let rig = Rig::managed(|cluster| {
            cluster.users.push(ManagedUser::of("ADA@Example.com"));
            cluster.knobs.ids_ignore_case = ignore_case;
            cluster.knobs.lower_emails = ignore_case;
        })
        .await;
        rig.everybody().await;
        let found = rig.find_person(&named("ada@example.com")).await.unwrap();
        assert_eq!(found.user_id.as_deref(), Some("ADA@Example.com"));
        assert!(accepted(&rig.remove(&[target("ada@example.com", &found)]).await));
    }
    for (plain, class) in [(false, None), (true, Some(ErrorClass::Invalid))] {
        let rig = Rig::managed(|cluster| cluster.knobs.plain_ids_only = plain).await;
        let answer = rig.create(&[named(ADA)]).await;
        match class {
            None => assert!(accepted(&answer)),
            Some(class) => is_refused(of(&answer, ADA), class, 400),
        }
        assert!(accepted(&rig.create(&[with_login(BOB, "bob")]).await));
    }
}

#[tokio::test]
async fn looks_that_lag_say_so_by_their_silence() {
    let rig = Rig::managed(|cluster| {
        cluster.knobs.list_lag_milliseconds = 60_000;
        cluster.knobs.read_lag_milliseconds = 60_000;
    })
    .await;
    assert!(accepted(&rig.create(&[named(ADA)]).await));
    assert!(!rig.everybody().await.contains_key(ADA));
    assert_eq!(rig.find_person(&named(ADA)).await, None);
    rig.knobs(|knobs| knobs.read_lag_milliseconds = 0);
    assert!(rig.find_person(&named(ADA)).await.is_some());
}

#[tokio::test]
async fn a_mail_for_new_users_makes_no_difference() {
    for mail in [false, true] {
        let rig = Rig::managed(|cluster| cluster.knobs.mail_on_create = mail).await;
        assert!(accepted(&rig.create(&[named(ADA)]).await));
        assert_eq!((rig.mails(), rig.creations().len()), (usize::from(mail), 1));
    }
}

#[tokio::test]
async fn batches_that_are_too_large_are_unclear() {
    let rig = Rig::managed(|cluster| cluster.knobs.largest_batch = Some(1)).await;
    let answer = rig.create(&[named(ADA), named(BOB)]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Ambiguous(_)), "{answer:?}");
    assert!(accepted(&rig.create(&[named(ADA)]).await));
    rig.knobs(|knobs| {
        knobs.largest_batch = None;
        knobs.payload_limit_bytes = 10;
    });
    let answer = rig.create(&[named(BOB)]).await;
    assert!(matches!(of(&answer, BOB), MemberAnswer::Ambiguous(_)), "{answer:?}");
}
