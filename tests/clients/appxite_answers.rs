//! AppXite: what the answers to writing calls mean for each person.

use rstest::rstest;
use user_invitation_operator::vendor::{
    Answer, ErrorClass, MemberAnswer, Refusal, Standing, VendorError, appxite,
};
use vendor_simulators::{
    BodyFault, Drop, DuplicateEmail, ErrorBody, ExistingUser, Fault, PartialFailure, PersonAction, When,
};

use super::support::{Rig, accepted, of, status, target};

fn is_refused(answer: &Answer, email: &str, class: ErrorClass, status: u16) -> bool {
    *of(answer, email) == MemberAnswer::Refused(Refusal { class, status, code: None })
}

fn is_accepted(answer: &Answer, email: &str) -> bool {
    matches!(of(answer, email), MemberAnswer::Accepted { .. })
}

fn is_ambiguous(answer: &Answer, email: &str) -> bool {
    matches!(of(answer, email), MemberAnswer::Ambiguous(_))
}

fn invite_body(status: u16, json: &str) -> Fault {
    Fault::Body { spoil: BodyFault::Json(json.to_owned()), status: Some(status) }
}

#[rstest]
#[case::accepted(ExistingUser::Accept, None)]
#[case::conflict(ExistingUser::Conflict, Some((ErrorClass::Conflict, 409)))]
#[case::bad_request(ExistingUser::BadRequest, Some((ErrorClass::Invalid, 400)))]
#[tokio::test]
async fn three_answers_about_somebody_who_is_there(
    #[case] existing: ExistingUser,
    #[case] refused: Option<(ErrorClass, u16)>,
) {
    let rig = Rig::appxite(|platform| platform.knobs.existing_user = existing).await;
    assert!(accepted(&rig.invite(&["new@example.com"]).await));
    rig.control.add_member(&rig.tenant, "active@example.com", &[]).unwrap();
    for email in ["New@example.com", "active@example.com"] {
        let answer = rig.invite(&[email]).await;
        match refused {
            None => assert!(is_accepted(&answer, email), "{answer:?}"),
            Some((class, status)) => assert!(is_refused(&answer, email, class, status), "{answer:?}"),
        }
    }
    // beside somebody else nobody is named, so that looks have to tell
    let answer = rig.invite(&["new@example.com", "other@example.com"]).await;
    for email in ["new@example.com", "other@example.com"] {
        assert_eq!(is_ambiguous(&answer, email), refused.is_some(), "{answer:?}");
    }
    assert_eq!(rig.find("other@example.com").await.is_some(), refused.is_none());
    assert_eq!(rig.everybody().await["new@example.com"].standing, Standing::Pending);
}

#[tokio::test]
async fn all_or_nobody() {
    let rig = Rig::appxite(|_| {}).await;
    rig.control.poison(&rig.tenant, "bad@example.com").unwrap();
    let answer = rig.invite(&["good@example.com", "bad@example.com"]).await;
    for email in ["good@example.com", "bad@example.com"] {
        assert!(matches!(
            of(&answer, email),
            MemberAnswer::Ambiguous(VendorError::Status { status: 400, .. })
        ));
    }
    assert_eq!(rig.find("good@example.com").await, None);
    // one by one each has an answer of its own
    assert!(is_refused(&rig.invite(&["bad@example.com"]).await, "bad@example.com", ErrorClass::Invalid, 400));
    assert!(accepted(&rig.invite(&["good@example.com"]).await));
}

#[rstest]
#[case::multi_status(PartialFailure::MultiStatus)]
#[case::results(PartialFailure::Results)]
#[tokio::test]
async fn a_body_may_refuse_by_name(#[case] partial: PartialFailure) {
    for pascal in [false, true] {
        let rig = Rig::appxite(|platform| {
            platform.knobs.partial_failure = partial;
            platform.knobs.existing_user = ExistingUser::Conflict;
            if pascal {
                platform.knobs.name_case = vendor_simulators::NameCase::Pascal;
            }
        })
        .await;
        rig.control.poison(&rig.tenant, "bad@example.com").unwrap();
        rig.control.add_member(&rig.tenant, "there@example.com", &[]).unwrap();
        let answer = rig.invite(&["good@example.com", "Bad@example.com", "there@example.com"]).await;
        assert!(is_accepted(&answer, "good@example.com"), "{answer:?}");
        assert!(is_refused(&answer, "bad@example.com", ErrorClass::Invalid, 400), "{answer:?}");
        assert!(is_refused(&answer, "there@example.com", ErrorClass::Conflict, 409), "{answer:?}");
        assert_eq!(rig.mails(), 1);
    }
}

#[tokio::test]
async fn who_is_silently_missing_is_seen_only_by_looking() {
    let rig = Rig::appxite(|platform| platform.knobs.partial_failure = PartialFailure::Silent).await;
    rig.control.poison(&rig.tenant, "bad@example.com").unwrap();
    rig.control.act(&rig.tenant, "lost@example.com", &PersonAction::Ignore).unwrap();
    let emails = ["good@example.com", "bad@example.com", "lost@example.com"];
    assert!(accepted(&rig.invite(&emails).await), "any success status is one");
    let there = rig.everybody().await;
    assert_eq!(emails.map(|email| there.contains_key(email)), [true, false, false]);
}

#[rstest]
#[case::nobody_listed(207, r#"{"results": []}"#)]
#[case::no_json(207, "accepted")]
#[case::a_word_for_a_status(207, r#"[{"email": "a@example.com", "status": "failed"}]"#)]
#[case::failure_of_the_vendor(200, r#"[{"email": "a@example.com", "status": 500}]"#)]
#[case::odd_status(200, r#"[{"email": "a@example.com", "status": 302}]"#)]
#[case::contradiction(
    200,
    r#"{"ok": [{"email": "a@example.com", "status": 200}], "bad": [{"email": "a@example.com", "status": 400}]}"#
)]
#[tokio::test]
async fn what_is_not_clear_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let rig = Rig::appxite(|_| {}).await;
    rig.spoil("appxite.invite", When::Always, invite_body(status, body));
    let answer = rig.invite(&["A@example.com"]).await;
    assert!(is_ambiguous(&answer, "a@example.com"), "{answer:?}");
}

#[tokio::test]
async fn a_multi_status_speaks_only_of_those_it_lists() {
    let rig = Rig::appxite(|_| {}).await;
    let body = r#"{"results": [{"email": "a@example.com", "status": 400}, {"email": "b@example.com", "status": 201}]}"#;
    rig.spoil("appxite.invite", When::Always, invite_body(207, body));
    let answer = rig.invite(&["a@example.com", "b@example.com", "c@example.com"]).await;
    assert!(is_refused(&answer, "a@example.com", ErrorClass::Invalid, 400));
    assert!(is_accepted(&answer, "b@example.com"));
    assert!(is_ambiguous(&answer, "c@example.com"), "absent from the answer is not failed");
}

#[rstest]
#[case::html(BodyFault::Html)]
#[case::empty(BodyFault::Empty)]
#[case::cut(BodyFault::Cut)]
#[case::truncated(BodyFault::Truncated)]
#[case::huge(BodyFault::Huge(1 << 40))]
#[case::invalid_utf8(BodyFault::InvalidUtf8)]
#[case::deep(BodyFault::DeepJson(100_000))]
#[case::wrong_type(BodyFault::WrongContentType)]
#[case::other_people(BodyFault::Json(r#"[{"email": "z@example.com", "status": 400}]"#.to_owned()))]
#[tokio::test]
async fn no_body_makes_a_success_a_failure(#[case] spoiled: BodyFault) {
    let rig = Rig::appxite(|_| {}).await;
    rig.spoil("appxite.invite", When::Always, Fault::Body { spoil: spoiled, status: None });
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    assert_eq!(rig.mails(), 2);
}

#[rstest]
#[case(400, Some(ErrorClass::Invalid))]
#[case(401, Some(ErrorClass::Authentication))]
#[case(403, Some(ErrorClass::Forbidden))]
#[case(404, Some(ErrorClass::Invalid))]
#[case(409, Some(ErrorClass::Conflict))]
#[case(429, Some(ErrorClass::Throttled))]
#[case(408, None)]
#[case(422, None)]
#[case(500, None)]
#[case(503, None)]
#[case(301, None)]
#[tokio::test]
async fn failures_of_invites(#[case] code: u16, #[case] class: Option<ErrorClass>) {
    for body in [ErrorBody::Vendor, ErrorBody::Html, ErrorBody::Empty] {
        let rig = Rig::appxite(|_| {}).await;
        let fault = Fault::Status { status: code, commit: false, body };
        rig.spoil("appxite.invite", When::Nth(1), fault.clone());
        let answer = rig.invite(&["a@example.com"]).await;
        match class {
            Some(class) => assert!(is_refused(&answer, "a@example.com", class, code), "{answer:?}"),
            None => assert!(is_ambiguous(&answer, "a@example.com"), "{answer:?}"),
        }
        let rig = Rig::appxite(|_| {}).await;
        rig.spoil("appxite.invite", When::Nth(1), fault);
        let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
        assert!(
            is_ambiguous(&answer, "a@example.com") && is_ambiguous(&answer, "b@example.com"),
            "{answer:?}"
        );
    }
}

#[rstest]
#[case(400, None)]
#[case(401, Some(ErrorClass::Authentication))]
#[case(403, Some(ErrorClass::Forbidden))]
#[case(404, Some(ErrorClass::Invalid))]
#[case(405, Some(ErrorClass::Unsupported))]
#[case(409, None)]
#[case(429, Some(ErrorClass::Throttled))]
#[case(500, None)]
#[tokio::test]
async fn failures_of_removals(#[case] code: u16, #[case] class: Option<ErrorClass>) {
    let rig = Rig::appxite_with_removal().await;
    rig.invite(&["a@example.com"]).await;
    let targets = [target("a@example.com", &rig.find("a@example.com").await.unwrap())];
    rig.spoil("appxite.remove", When::Nth(1), status(code));
    let answer = rig.remove(&targets).await;
    match class {
        Some(class) => assert!(is_refused(&answer, "a@example.com", class, code), "{answer:?}"),
        None => assert!(is_ambiguous(&answer, "a@example.com"), "{answer:?}"),
    }
}

#[tokio::test]
async fn a_lost_answer_is_ambiguous_whether_or_not_it_was_done() {
    for fault in [Fault::DropBefore { how: Drop::Reset }, Fault::DropAfter { how: Drop::Close }] {
        let rig = Rig::appxite_with_removal().await;
        rig.spoil("appxite.invite", When::Nth(1), fault.clone());
        let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
        assert!(
            is_ambiguous(&answer, "a@example.com") && is_ambiguous(&answer, "b@example.com"),
            "{answer:?}"
        );
        assert_eq!(rig.operations("appxite.invite").len(), 1, "a write is never repeated");
        rig.invite(&["c@example.com"]).await;
        let targets = [target("c@example.com", &rig.find("c@example.com").await.unwrap())];
        rig.spoil("appxite.remove", When::Nth(1), fault);
        assert!(is_ambiguous(&rig.cancel(&targets).await, "c@example.com"));
    }
}

#[tokio::test]
async fn one_address_twice_is_the_vendor_s_affair() {
    for (knob, taken) in [(DuplicateEmail::Refuse, false), (DuplicateEmail::Collapse, true)] {
        let rig: Rig<appxite::Client> = Rig::appxite(|platform| platform.knobs.duplicate_email = knob).await;
        let answer = rig.invite(&["a@example.com", "A@example.com"]).await;
        assert_eq!(is_accepted(&answer, "a@example.com"), taken, "{answer:?}");
        assert_eq!(rig.mails(), usize::from(taken));
    }
}
