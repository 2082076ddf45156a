use user_invitation_operator::api::UserInvitation;

use super::*;
use crate::read::Cell;

fn table(name: Option<&str>, lines: &[&[&str]]) -> Table {
    let mut table = Table { name: name.map(str::to_owned), rows: Vec::new() };
    for (index, cells) in lines.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            table.push(index + 1, column, Cell::of(text)).unwrap();
        }
    }
    table
}

fn said(import: &Import) -> Vec<String> {
    import.bad.iter().map(ToString::to_string).collect()
}

fn objects(import: &Import) -> Vec<&str> {
    import.people.iter().map(|person| person.object.as_str()).collect()
}

#[test]
fn the_csv_of_the_script_with_and_without_names_of_columns() {
    let id = "aaaa1111aaaa1111aaaa1111aaaa1111";
    let rows: [&[&str]; 3] =
        [&["ada@example.com", "East", "admin"], &["bob@example.com", id, ""], &["carl@example", "East", ""]];
    let mut with_names: Vec<&[&str]> = vec![&["email", "workspace", "role"]];
    with_names.extend(rows);
    let choices = Choices::default();
    for (lines, first) in [(&rows[..], 1), (&with_names[..], 2)] {
        let import = import(&[table(None, lines)], &choices).unwrap();
        assert_eq!(objects(&import), ["east.ada-at-example.com", "workspace-aaaa1111.bob-at-example.com"]);
        assert_eq!(
            said(&import),
            [format!(
                "line {}: \"carl@example\" is no e-mail address; nearest valid value: carl@example.com",
                first + 2
            )]
        );
        assert_eq!(import.providers.len(), 1);
        assert_eq!(import.providers[0].id, id);
        assert!(
            import.notes.iter().any(|note| note.contains("column role is not used")),
            "{:?}",
            import.notes
        );
        assert!(
            import.notes.iter().any(|note| note.contains("--workspace-id \"east\"=ID")),
            "{:?}",
            import.notes
        );
    }
    let workspace_ids = BTreeMap::from([("east".to_owned(), "BBBB1111-aaaa1111aaaa1111aaaa1111".to_owned())]);
    let wrong = import(&[table(None, &rows)], &Choices { workspace_ids, ..Choices::default() }).unwrap();
    assert!(said(&wrong)[0].contains("nearest valid value: bbbb1111aaaa"), "{:?}", said(&wrong));
    let workspace_ids = BTreeMap::from([("EAST".to_owned(), "b".repeat(32))]);
    let given = import(&[table(None, &rows)], &Choices { workspace_ids, ..Choices::default() }).unwrap();
    assert_eq!(
        given.providers.iter().map(|it| it.provider.as_str()).collect::<Vec<_>>(),
        ["east", "workspace-aaaa1111"]
    );
}

#[test]
fn one_row_a_person_for_every_vendor() {
    let header: &[&str] =
        &["E-Mail", "Provider", "First Name", "Last Name", "User name", "Vendor", "Profiles", "Roles"];
    let good: [&[&str]; 6] = [
        &["a@example.com", "csp", "", "", "", "", "developer; viewer"],
        &["b@example.com", "csp", "", "", "", "VMware Cloud Services", "", "org_member;support_user"],
        &["c@example.com", "shop", "", "", "", "appxite", "", "Seller Admin"],
        &["d@example.com", "managed", "Dennis", "Ritchie", "dmr", "dynatraceManaged", "", "admins"],
        &["e@example.com", "saas", "", "", "", "dynatraceSaas", "", "viewers;viewers"],
        &["f@example.com", "east", "", "", "", "hpeGreenLake", "", "grn:a/b@grn:c/d"],
    ];
    let bad: [(&[&str], &str); 10] = [
        (&["g@example.com", ""], "provider is empty"),
        (
            &["g@example.com", "My CSP"],
            "can't be the name of a provider: lower-case letters, digits and dashes, at most 63; nearest valid value: my-csp",
        ),
        (
            &["g@example.com", "csp", "", "", "", "vmwareClowdServices", "", "x"],
            "is no vendor; nearest valid value: vmwareCloudServices",
        ),
        (&["g@example.com", "csp", "", "", "", "", "", "x"], "roles need a vendor"),
        (&["g@example.com", "csp", "", "", "", "appXite", "p", "x"], "exclude each other"),
        (&["g@example.com", "csp", "", "", "", "appXite", "", "x;y"], "takes one role"),
        (&["g@example.com", "csp", "", "", "", "hpeGreenLake", "", "grn:a"], "is no role assignment"),
        (&["g@example.com", "csp", "", "", "", "", "Dev Ops"], "nearest valid value: dev-ops"),
        (&["A@example.com", "csp", "", "", "", "", "viewer"], "line 2 has this person already"),
        (&["h@example.com", "managed", "", "", "DMR"], "line 5 has the same login name"),
    ];
    let mut lines = vec![header];
    lines.extend(good);
    lines.extend(bad.iter().map(|(cells, _)| *cells));
    lines.push(&["A@example.com", "csp", "", "", "", "", "developer; viewer"]);
    let import = import(&[table(Some("Sheet1"), &lines)], &Choices::default()).unwrap();
    let said = said(&import);
    assert_eq!(said.len(), bad.len(), "{said:#?}");
    for (said, (index, (_, words))) in said.iter().zip(bad.iter().enumerate()) {
        assert!(said.starts_with(&format!("Sheet1, line {}: ", index + 8)), "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(import.merged.iter().map(|(place, line)| (place.line, *line)).collect::<Vec<_>>(), [(18, 2)]);

    // What is written is what was meant, and short.
    let manifests = manifest::manifests(&import, Some("team")).unwrap();
    assert_eq!(manifests.people.len(), good.len());
    for (manifest, person) in manifests.people.iter().zip(&import.people) {
        let read: UserInvitation = serde_yaml::from_str(&manifest.yaml().unwrap()).unwrap();
        assert_eq!(read.spec, person.spec);
        assert_eq!(read.metadata.namespace.as_deref(), Some("team"));
    }
    assert_eq!(
        manifests.people[0].yaml().unwrap(),
        "apiVersion: userinvitation.dev/v1alpha1\nkind: UserInvitation\nmetadata:\n  name: csp.a-at-example.com\n  \
         namespace: team\nspec:\n  accessProfiles:\n  - developer\n  - viewer\n  email: a@example.com\n  \
         providerRef:\n    name: csp\n"
    );
}

#[test]
fn a_provider_for_all_rows() {
    let lines: [&[&str]; 2] = [&["email"], &["a@example.com"]];
    let choices = Choices {
        provider: Some("csp".to_owned()),
        provider_kind: ProviderKind::ClusterInvitationProvider,
        ..Choices::default()
    };
    let import = import(&[table(None, &lines)], &choices).unwrap();
    let manifest = &manifest::manifests(&import, None).unwrap().people[0];
    assert_eq!(manifest.object["spec"]["providerRef"]["kind"], "ClusterInvitationProvider");
    assert_eq!(manifest.object["spec"]["providerRef"]["name"], "csp");
}

#[test]
fn workspaces_that_can_not_be_used() {
    let users: [&[&str]; 4] = [
        &["Name", "Email", "Workspace Name"],
        &["Ada", "ada@example.com", "east"],
        &["Bob", "bob@example.com", "West"],
        &["Carl", "carl@example.com", "North"],
    ];
    let workspaces: [&[&str]; 5] = [
        &["Workspace Id", "Workspace Name", "Client Id"],
        &["aaaa1111aaaa1111aaaa1111aaaa1111", "East", "c-1"],
        &["aaaa1111-aaaa-1111-aaaa-1111aaaa1112", "West", "c-2"],
        &["AAAA1111aaaa1111aaaa1111aaaa1111", "North", "c-3"],
        &["bbbb1111aaaa1111aaaa1111aaaa1111", "EAST", "c-4"],
    ];
    let import =
        import(&[table(Some("Users"), &users), table(Some("Workspaces"), &workspaces)], &Choices::default())
            .unwrap();
    assert_eq!(objects(&import), ["east.ada-at-example.com"]);
    assert_eq!(import.people[0].called.as_deref(), Some("Ada"));
    let said = said(&import);
    for (said, words) in said.iter().zip([
        "Users, line 3: the workspace \"West\" can't be used: see line 3",
        "Users, line 4: the workspace \"North\" can't be used: see line 4",
        "Workspaces, line 3: the workspace id \"aaaa1111-aaaa-1111-aaaa-1111aaaa1112\" is not 32 hexadecimal digits; \
         nearest valid value: aaaa1111aaaa1111aaaa1111aaaa1112",
        "Workspaces, line 4: line 2 has the workspace \"East\" already",
        "Workspaces, line 5: line 2 has the workspace \"East\" already",
    ]) {
        assert!(said.starts_with(words), "{said}");
    }
    assert_eq!(said.len(), 5);
}
