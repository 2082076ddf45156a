//! Lists that are written with commas.

use std::str::FromStr;

use ipnet::IpNet;

/// Namespaces to serve; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespaces(Vec<String>);

impl Namespaces {
    /// The names, each once, in the order given; empty means all namespaces.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether objects of this namespace are served.
    pub fn includes(&self, namespace: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| name == namespace)
    }
}

impl FromStr for Namespaces {
    type Err = ListError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let mut names: Vec<String> = Vec::new();
        for item in items(list) {
            if !is_dns_label(item) {
                return Err(ListError::Namespace(item.to_owned()));
            }
            if !names.iter().any(|name| name == item) {
                names.push(item.to_owned());
            }
        }
        Ok(Self(names))
    }
}

/// Private networks in which vendor endpoints may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cidrs(Vec<IpNet>);

impl Cidrs {
    /// The networks.
    pub fn networks(&self) -> &[IpNet] {
        &self.0
    }
}

impl FromStr for Cidrs {
    type Err = ListError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        items(list)
            .map(|item| item.parse().map_err(|_| ListError::Cidr(item.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Why a list cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ListError {
    /// An item is no namespace name.
    #[error("{0:?} is no namespace name")]
    Namespace(String),
    /// An item is no network.
    #[error("{0:?} is no network in CIDR notation, such as 10.0.0.0/8 or fd00::/8")]
    Cidr(String),
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Whether the text can name a namespace.
pub(super) fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
