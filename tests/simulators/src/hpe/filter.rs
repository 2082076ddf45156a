//! Filters over users and role assignments: a subset of `OData`. A3.2.

/// A filter, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    Or(Box<Filter>, Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// Property, operator, value.
    Compare(String, String, String),
    In(String, Vec<String>),
    /// Function, property, value.
    Call(String, String, String),
}

impl Filter {
    /// Whether something whose properties `get` knows fits. What is missing only differs.
    pub(super) fn fits(
        &self,
        get: &impl Fn(&str) -> Option<String>,
        fold: &impl Fn(&str, &str) -> String,
    ) -> bool {
        let pair = |property: &str, value: &str| {
            get(property).map(|held| (fold(property, &held), fold(property, value)))
        };
        match self {
            Self::Or(left, right) => left.fits(get, fold) || right.fits(get, fold),
            Self::And(left, right) => left.fits(get, fold) && right.fits(get, fold),
            Self::Not(inner) => !inner.fits(get, fold),
            Self::In(property, values) => {
                values.iter().any(|value| pair(property, value).is_some_and(|(held, value)| held == value))
            }
            Self::Compare(property, operator, value) => match (pair(property, value), operator.as_str()) {
                (Some((held, value)), "eq") => held == value,
                (Some((held, value)), "ne") => held != value,
                (Some((held, value)), "gt") => held > value,
                (Some((held, value)), "ge") => held >= value,
                (Some((held, value)), "lt") => held < value,
                (Some((held, value)), _) => held <= value,
                (None, operator) => operator == "ne",
            },
            Self::Call(function, property, value) => match (pair(property, value), function.as_str()) {
                (Some((held, value)), "contains") => held.contains(&value),
                (Some((held, value)), "startswith") => held.starts_with(&value),
                (Some((held, value)), _) => held.ends_with(&value),
                (None, _) => false,
            },
        }
    }

    /// The values asked for, with their properties.
    pub(super) fn values(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Or(left, right) | Self::And(left, right) => [left.values(), right.values()].concat(),
            Self::Not(inner) => inner.values(),
            Self::Compare(property, _, value) | Self::Call(_, property, value) => vec![(property, value)],
            Self::In(property, values) => {
                values.iter().map(|value| (property.as_str(), value.as_str())).collect()
            }
        }
    }

    /// The property and value by which it asks for one user.
    pub(super) fn exact(&self) -> Option<(&str, &str)> {
        match self {
            Self::Compare(property, operator, value)
                if operator == "eq" && matches!(property.as_str(), "username" | "id") =>
            {
                Some((property, value))
            }
            Self::And(left, right) => left.exact().or_else(|| right.exact()),
            _ => None,
        }
    }

    /// Whether it has only `in` and `and`, each property at most once. A4.
    pub(super) fn is_for_assignments(&self) -> bool {
        fn only(filter: &Filter) -> bool {
            match filter {
                Filter::And(left, right) => only(left) && only(right),
                Filter::In(..) => true,
                _ => false,
            }
        }
        fn properties(filter: &Filter) -> Vec<&str> {
            match filter {
                Filter::And(left, right) => [properties(left), properties(right)].concat(),
                Filter::In(property, _) => vec![property],
                _ => Vec::new(),
            }
        }
        let mut found = properties(self);
        let count = found.len();
        found.sort_unstable();
        found.dedup();
        only(self) && found.len() == count
    }
}

#[cfg(test)]
mod tests {
    use crate::hpe::{filter_parser::parse, knobs::FilterDialect};

    const PROPERTIES: [&str; 3] = ["username", "userStatus", "createdAt"];

    fn fits(text: &str, dialect: FilterDialect) -> Option<bool> {
        let get = |property: &str| match property {
            "username" => Some("ada+1@example.com".to_owned()),
            "userStatus" => Some("UNVERIFIED".to_owned()),
            _ => None,
        };
        Some(parse(text, &PROPERTIES, dialect)?.fits(&get, &|_, value| value.to_owned()))
    }

    #[test]
    fn understands_either_dialect() {
        use FilterDialect::{Both, Guide, Reference};
        for (text, both, reference, guide) in [
            ("username eq 'ada+1@example.com'", Some(true), Some(true), Some(true)),
            ("userName eq 'ada+1@example.com'", Some(true), None, Some(true)),
            ("userStatus ne 'UNVERIFIED'", Some(false), Some(false), Some(false)),
            ("userStatus eq 'unverified'", Some(false), Some(false), Some(false)),
            ("username eq 'x' or userStatus eq 'UNVERIFIED'", Some(true), Some(true), None),
            ("not (username eq 'x')", Some(true), Some(true), None),
            ("username le 'b'", Some(true), None, Some(true)),
            ("username in ('x', 'ada+1@example.com')", Some(true), None, Some(true)),
            ("startswith(username,'ada') and endswith(username, '.com')", Some(true), None, Some(true)),
            ("contains(username,'o''x')", Some(false), None, Some(false)),
            ("createdAt ne 'x' and createdAt lt 'y'", Some(false), Some(false), Some(false)),
            ("username eq", None, None, None),
            ("nonsense eq 'x'", None, None, None),
            ("username eq 'x", None, None, None),
            ("username eq 'x' extra", None, None, None),
        ] {
            assert_eq!(
                (fits(text, Both), fits(text, Reference), fits(text, Guide)),
                (both, reference, guide),
                "{text}"
            );
        }
    }

    #[test]
    fn tells_exact_filters_from_others() {
        let exact = |text| {
            parse(text, &PROPERTIES, FilterDialect::Both).is_some_and(|filter| filter.exact().is_some())
        };
        assert!(exact("username eq 'a' and userStatus eq 'b'"));
        assert!(!exact("username ne 'a'"));
        assert!(!exact("username eq 'a' or username eq 'b'"));
    }
}
