//! What exists in a tenant by name: roles, groups and the like, so that a wish can name them.

use std::collections::BTreeMap;

use super::grant::GrantKind;

/// One thing that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What calls and looks use.
    pub id: String,
    /// What people read.
    pub name: String,
}

/// What can be named in a tenant, by kind. A kind that the vendor can't list is absent, and not checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    known: BTreeMap<GrantKind, Vec<Named>>,
}

/// How many existing names a refusal tells.
const NEAREST: usize = 3;

impl Names {
    /// Adds everything that there is of one kind.
    #[must_use]
    pub fn with(mut self, kind: GrantKind, named: Vec<Named>) -> Self {
        self.known.insert(kind, named);
        self
    }

    /// The id of what somebody calls so: by id, else by name, in any case if that is clear.
    ///
    /// `Ok` with the word itself where the vendor can't list the kind; `Err` with the nearest existing names.
    pub fn id(&self, kind: GrantKind, word: &str) -> Result<String, Vec<String>> {
        let Some(known) = self.known.get(&kind) else { return Ok(word.to_owned()) };
        let exact = known
            .iter()
            .find(|named| named.id.eq_ignore_ascii_case(word))
            .or_else(|| known.iter().find(|named| named.name == word));
        if let Some(named) = exact {
            return Ok(named.id.clone());
        }
        let mut alike = known.iter().filter(|named| named.name.to_lowercase() == word.to_lowercase());
        match (alike.next(), alike.next()) {
            (Some(named), None) => Ok(named.id.clone()),
            (Some(_), Some(_)) | (None, _) => Err(nearest(known, word)),
        }
    }

    /// What people call the thing with this id; the id itself where nobody knows.
    pub fn name<'a>(&'a self, kind: GrantKind, id: &'a str) -> &'a str {
        let known = self.known.get(&kind).and_then(|known| known.iter().find(|named| named.id == id));
        known.map_or(id, |named| named.name.as_str())
    }

    /// The ids of everything that there is of one kind.
    pub fn ids(&self, kind: GrantKind) -> impl Iterator<Item = &str> {
        self.known.get(&kind).into_iter().flatten().map(|named| named.id.as_str())
    }
}

fn nearest(known: &[Named], word: &str) -> Vec<String> {
    let mut names: Vec<(usize, &str)> =
        known.iter().map(|named| (distance(&named.name, word), named.name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().take(NEAREST).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters have to be added, removed or changed, whatever their case.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn names() -> Names {
        let named = |id: &str, name: &str| Named { id: id.to_owned(), name: name.to_owned() };
        Names::default().with(
            GrantKind::Group,
            vec![named("1", "Sales"), named("2", "sales"), named("3", "Support"), named("4", "Owners")],
        )
    }

    #[rstest]
    #[case::by_id("3", Ok("3"))]
    #[case::by_name("Owners", Ok("4"))]
    #[case::any_case("owners", Ok("4"))]
    #[case::exact_before_alike("sales", Ok("2"))]
    #[case::two_alike("SALES", Err("Sales, sales, Owners"))]
    #[case::slip("Suport", Err("Support, Owners, Sales"))]
    fn found(#[case] word: &str, #[case] wanted: Result<&str, &str>) {
        let found = names().id(GrantKind::Group, word);
        assert_eq!(
            found,
            wanted.map(ToOwned::to_owned).map_err(|names| names.split(", ").map(ToOwned::to_owned).collect())
        );
    }

    #[test]
    fn ids_have_the_names_that_people_read() {
        let names = names();
        assert_eq!(names.name(GrantKind::Group, "3"), "Support");
        assert_eq!(names.name(GrantKind::Group, "9"), "9");
        assert_eq!(names.name(GrantKind::Role, "3"), "3");
        assert_eq!(names.ids(GrantKind::Group).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
        assert_eq!(names.ids(GrantKind::Role).count(), 0);
    }

    #[test]
    fn what_cannot_be_listed_is_not_checked() {
        assert_eq!(names().id(GrantKind::Role, "anything"), Ok("anything".to_owned()));
    }
}
