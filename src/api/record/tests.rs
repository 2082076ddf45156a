use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::api::{VmwareAccess, VmwareRole};

fn example() -> Record {
    Record {
        uid: "11111111-2222-3333-4444-555555555555".to_owned(),
        tenant: Tenant {
            vendor: "VmwareCloudServices".to_owned(),
            host: "console.cloud.vmware.com".to_owned(),
            account_id: "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11".to_owned(),
        },
        email: "Ada@example.com".to_owned(),
        origin: Origin::Invited,
        vendor_user_id: None,
        vendor_invitation_id: None,
        resend: None,
        attempt: None,
    }
}

fn annotated(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(RECORD.to_owned(), text.to_owned())])
}

fn access() -> impl Strategy<Value = Access> {
    let role = ("[a-z_:]{1,20}", option::of("[a-z:]{1,20}"), option::of(0_i64..4_000_000_000)).prop_map(
        |(name, resource, expires)| VmwareRole {
            name,
            resource,
            expiration_time: expires.map(|second| Time(Timestamp::from_second(second).unwrap())),
        },
    );
    (prop::collection::vec(role, 0..4), prop::collection::vec("[a-z0-9]{1,8}", 0..4)).prop_map(
        |(organization_roles, group_ids)| Access {
            vmware_cloud_services: Some(VmwareAccess {
                organization_roles,
                group_ids,
                ..VmwareAccess::default()
            }),
            ..Access::default()
        },
    )
}

fn attempt() -> impl Strategy<Value = RecordedAttempt> {
    let kind = prop_oneof![Just(AttemptKind::Invite), Just(AttemptKind::Cancel), Just(AttemptKind::Remove)];
    (
        "[a-z0-9-]{1,36}",
        "\\PC{1,36}",
        0_i64..4_000_000_000,
        kind,
        option::of("\\PC{0,36}"),
        option::of(access()),
    )
        .prop_map(|(id, process, second, kind, baseline, access)| RecordedAttempt {
            id,
            process,
            time: Time(Timestamp::from_second(second).unwrap()),
            kind,
            generation: 3,
            provider_generation: 2,
            baseline,
            access,
        })
}

fn record() -> impl Strategy<Value = Record> {
    let text = || option::of("\\PC{0,64}");
    let origin = prop_oneof![Just(Origin::Invited), Just(Origin::Adopted)];
    (origin, text(), text(), text(), option::of(attempt())).prop_map(
        |(origin, vendor_user_id, vendor_invitation_id, resend, attempt)| Record {
            origin,
            vendor_user_id,
            vendor_invitation_id,
            resend,
            attempt,
            ..example()
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(record in record()) {
        let annotations = annotated(&record.to_annotation().unwrap());
        let found = Record::parse(&annotations, &record.uid, &record.email);
        prop_assert_eq!(found, FoundRecord::Own(Box::new(record)));
    }

    #[test]
    fn nothing_that_people_write_is_believed_or_panics(text in "\\PC{0,200}") {
        let found = Record::parse(&annotated(&text), "uid", "ada@example.com");
        prop_assert_eq!(found, FoundRecord::Ignored(RecordFault::Malformed));
    }
}

#[test]
fn none() {
    assert_eq!(Record::parse(&BTreeMap::new(), "uid", "ada@example.com"), FoundRecord::Absent);
}

#[test]
fn the_shape_is_the_one_of_the_manual() {
    let mut record = example();
    record.vendor_user_id = Some("u1".to_owned());
    record.resend = Some("1".to_owned());
    record.attempt = Some(RecordedAttempt {
        id: "a1".to_owned(),
        process: "p1".to_owned(),
        time: Time(Timestamp::UNIX_EPOCH),
        kind: AttemptKind::Invite,
        generation: 3,
        provider_generation: 2,
        baseline: Some("old".to_owned()),
        access: None,
    });
    assert_eq!(
        record.to_annotation().unwrap(),
        concat!(
            r#"{"uid":"11111111-2222-3333-4444-555555555555","#,
            r#""tenant":{"vendor":"VmwareCloudServices","host":"console.cloud.vmware.com","#,
            r#""accountId":"7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11"},"#,
            r#""email":"Ada@example.com","origin":"Invited","vendorUserId":"u1","resend":"1","#,
            r#""attempt":{"id":"a1","process":"p1","time":"1970-01-01T00:00:00Z","kind":"Invite","generation":3,"providerGeneration":2,"baseline":"old"}}"#
        )
    );
}

#[rstest]
#[case::own("11111111-2222-3333-4444-555555555555", "Ada@example.com", true)]
#[case::own_in_lower_case("11111111-2222-3333-4444-555555555555", "ada@EXAMPLE.com", true)]
#[case::restored("99999999-2222-3333-4444-555555555555", "Ada@example.com", false)]
fn the_uid_tells_own_from_foreign(#[case] uid: &str, #[case] email: &str, #[case] own: bool) {
    let wanted = Box::new(example());
    let wanted = if own { FoundRecord::Own(wanted) } else { FoundRecord::Foreign(wanted) };
    assert_eq!(Record::parse(&annotated(&example().to_annotation().unwrap()), uid, email), wanted);
}

#[test]
fn another_address_is_another_person() {
    let annotations = annotated(&example().to_annotation().unwrap());
    let found = Record::parse(&annotations, &example().uid, "bob@example.com");
    assert_eq!(found, FoundRecord::Ignored(RecordFault::OtherEmail));
}

#[rstest]
#[case::not_json("{", RecordFault::Malformed)]
#[case::another_shape(r#"{"uid":1}"#, RecordFault::Malformed)]
#[case::a_list("[]", RecordFault::Malformed)]
#[case::null("null", RecordFault::Malformed)]
#[case::too_long(&"x".repeat(RECORD_MAX + 1), RecordFault::TooLong)]
fn garbage_is_named(#[case] text: &str, #[case] fault: RecordFault) {
    assert_eq!(Record::parse(&annotated(text), "uid", "ada@example.com"), FoundRecord::Ignored(fault));
}

#[test]
fn a_newer_version_may_say_more() {
    let mut value = serde_json::to_value(example()).unwrap();
    value["later"] = serde_json::json!({"field": true});
    value["origin"] = serde_json::json!("Imported");
    value["attempt"] = serde_json::json!({
        "id": "a", "process": "p", "time": "2026-01-01T00:00:00Z", "kind": "SomethingNew"
    });
    let found = Record::parse(&annotated(&value.to_string()), &example().uid, &example().email);
    let FoundRecord::Own(record) = found else { panic!("{found:?}") };
    assert_eq!(record.origin, Origin::Other);
    assert_eq!(record.attempt.unwrap().kind, AttemptKind::Other);
}

#[test]
fn nothing_too_long_is_written() {
    let mut record = example();
    record.resend = Some("x".repeat(RECORD_MAX));
    assert_eq!(record.to_annotation(), Err(RecordFault::TooLong));
}
