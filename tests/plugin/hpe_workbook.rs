//! 500 people in the workbook of HPE GreenLake's script, some rows of which can't be used.

use std::collections::BTreeSet;
use std::path::Path;

use test_rig::workbooks::{row, workbook};
use user_invitation_operator::api::{InvitationProvider, UserInvitation};

use crate::plugin::{files, folder, run};

/// Rows of the sheet Users below its names of columns.
pub const ROWS: usize = 500;
/// Rows that can't be used: three, and those of a workspace that the other sheet does not have.
pub const BAD: usize = 5;
/// Rows that say again what another one says.
pub const TWICE: usize = 2;

const EAST: &str = "aaaa1111aaaa1111aaaa1111aaaa1111";
const WEST: &str = "bbbb2222bbbb2222bbbb2222bbbb2222";

/// The rows of the sheet Users. Odd people are in the west.
pub fn users() -> Vec<Vec<String>> {
    let mut users: Vec<Vec<String>> = (0..ROWS)
        .map(|number| {
            let email = match number % 3 {
                0 => format!("Person.{number:03}@Example.com"),
                1 => format!("person.{number:03}@example.com"),
                _ => format!("PERSON.{number:03}@example.COM"),
            };
            let workspace = if number % 2 == 0 { "Workspace East" } else { "workspace west" };
            vec![format!("Person {number}"), email, workspace.to_owned()]
        })
        .collect();
    for (number, column, text) in [
        (10, 1, "person 010@example.com"),
        (20, 1, ""),
        (30, 2, "Workspace Eats"),
        (40, 2, "Finance"),
        (41, 2, "Finance"),
        (101, 0, "Person 99"),
        (101, 1, "person.099@EXAMPLE.com"),
    ] {
        text.clone_into(&mut users[number][column]);
    }
    let first = users[1].clone();
    users[499].clone_from(&first);
    users.insert(0, row(&["Name", "Email", "Workspace Name"]));
    users
}

/// The addresses that are to be invited, in lower case, by workspace: east, west.
pub fn good() -> [BTreeSet<String>; 2] {
    let not_used = [10, 20, 30, 40, 41, 101, 499];
    [0, 1].map(|half| {
        let numbers = (0..ROWS).filter(|number| number % 2 == half && !not_used.contains(number));
        numbers.map(|number| format!("person.{number:03}@example.com")).collect()
    })
}

/// Writes the workbook.
pub fn write(path: &Path, east: &str, west: &str) {
    let workspaces = vec![
        row(&["Workspace Id", "Workspace Name", "Client Id"]),
        row(&[east, "Workspace East", "0e0e0e0e-client-east"]),
        row(&[west, "Workspace West", "0e0e0e0e-client-west"]),
    ];
    workbook(path, &[("Users", users()), ("Workspaces", workspaces)]);
}

/// What has to be said of the rows that can't be used.
pub const SAID: [&str; 8] = [
    "5 rows can't be used:",
    "Users, line 12: \"person 010@example.com\" is no e-mail address; nearest valid value: person010@example.com",
    "Users, line 22: Email is empty",
    "Users, line 32: there is no workspace \"Workspace Eats\" in the sheet Workspaces; nearest valid value: Workspace East",
    "Users, line 42: there is no workspace \"Finance\" in the sheet Workspaces\n",
    "Users, line 43: there is no workspace \"Finance\" in the sheet Workspaces\n",
    "Users, line 103: the same as line 101, and taken once",
    "Users, line 501: the same as line 3, and taken once",
];

#[test]
fn becomes_manifests_and_a_list_of_what_is_wrong() {
    let folder = folder("hpe-workbook");
    write(&folder.join("people.xlsx"), EAST, WEST);
    let import = ["import", "people.xlsx", "-n", "greenlake"];
    let said = run(&folder, &import);
    assert_eq!(said.code, Some(3), "{}", said.text);
    for words in SAID {
        assert!(said.text.contains(words), "{words}\nis not in\n{}", said.text);
    }
    assert!(
        said.text
            .contains("--from-literal=clientId=0e0e0e0e-client-east --from-file=clientSecret=/dev/stdin")
    );

    let out = folder.join("invitations");
    let paths = files(&out);
    assert_eq!(paths.len(), 2 + ROWS - BAD - TWICE);
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for path in &paths {
        let yaml = std::fs::read_to_string(path).expect("it was written");
        if path.ends_with("provider.yaml") {
            let provider: InvitationProvider = serde_yaml::from_str(&yaml).expect("a provider");
            let name = provider.metadata.name.expect("a name");
            let id = if name == "workspace-east" { EAST } else { WEST };
            assert_eq!(provider.spec.hpe_green_lake.expect("its block").workspace_id, id);
            assert_eq!(provider.spec.credentials.secret_ref.name, name);
            continue;
        }
        let person: UserInvitation = serde_yaml::from_str(&yaml).expect("an invitation");
        assert_eq!(person.metadata.namespace.as_deref(), Some("greenlake"));
        let email = person.spec.email;
        let provider = person.spec.provider_ref.name;
        let local = email.to_lowercase().replace('@', "-at-");
        assert_eq!(person.metadata.name, Some(format!("{provider}.{local}")));
        assert!(yaml.starts_with("# Person "), "{yaml}");
        found[usize::from(provider == "workspace-west")].insert(email.to_lowercase());
        assert!(["workspace-east", "workspace-west"].contains(&provider.as_str()), "{provider}");
    }
    assert_eq!(found, good());
    // Addresses are sent as they are written.
    let ada = std::fs::read_to_string(out.join("workspace-east/person.000-at-example.com.yaml"));
    assert!(ada.expect("person 0 is there").contains("email: Person.000@Example.com"));

    // Once more: nothing is different, so nothing is written.
    let again = run(&folder, &import);
    assert!(again.text.contains("(0 written, 495 as they were)"), "{}", again.text);

    // What somebody changed is not lost.
    let changed = &paths[0];
    std::fs::write(changed, "# mine\n").expect("it can be changed");
    let refused = run(&folder, &import);
    assert_eq!(refused.code, Some(1), "{}", refused.text);
    assert!(refused.text.contains("is there already and differs"), "{}", refused.text);
    assert_eq!(std::fs::read_to_string(changed).expect("it is there"), "# mine\n");
    assert_eq!(run(&folder, &[&import[..], &["--force"]].concat()).code, Some(3));
    assert!(std::fs::read_to_string(changed).expect("it is there").contains("kind: "));

    // One file for each provider.
    let said = run(&folder, &[&import[..], &["--files", "provider", "--output", "few"]].concat());
    assert_eq!(said.code, Some(3), "{}", said.text);
    assert_eq!(files(&folder.join("few")).len(), 4);
    let east =
        std::fs::read_to_string(folder.join("few/workspace-east/people.yaml")).expect("it was written");
    assert_eq!(serde_yaml::Deserializer::from_str(&east).count(), good()[0].len());
}
