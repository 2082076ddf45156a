//! The outgoing proxy, where one is configured.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;
use secrecy::SecretString;

/// A proxy for https.
///
/// A host that is reached through the proxy is not resolved here, so its addresses can't be checked: the proxy
/// decides what it opens. The address of the proxy itself is not checked either.
#[derive(Debug, Clone)]
pub struct ProxySettings {
    /// The proxy's URL, with credentials where it needs them.
    pub url: SecretString,
    /// Hosts that are reached without it: names, suffixes, addresses or networks, parted by commas; `*`: all.
    pub no_proxy: String,
}

impl ProxySettings {
    /// Reads `HTTPS_PROXY` and `NO_PROXY` (or their lower-case forms) through `read`.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let one_of = |names: [&str; 2]| {
            names.iter().find_map(|name| read(name).filter(|value| !value.trim().is_empty()))
        };
        Some(Self {
            url: one_of(["HTTPS_PROXY", "https_proxy"])?.into(),
            no_proxy: one_of(["NO_PROXY", "no_proxy"]).unwrap_or_default(),
        })
    }

    /// Whether `target` is reached through the proxy.
    pub(super) fn takes(&self, target: &Url) -> bool {
        let Some(host) = host_of(target) else { return false };
        !self.no_proxy.split(',').map(str::trim).any(|rule| excludes(rule, &host))
    }
}

/// The host without brackets, lower-cased.
pub(super) fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(host.trim_start_matches('[').trim_end_matches(']').to_lowercase())
}

fn excludes(rule: &str, host: &str) -> bool {
    if rule.is_empty() {
        return false;
    }
    if rule == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return rule.parse::<IpAddr>().is_ok_and(|excluded| excluded == address)
            || rule.parse::<IpNet>().is_ok_and(|excluded| excluded.contains(&address));
    }
    let suffix = rule.trim_start_matches("*.").trim_start_matches('.').to_lowercase();
    host == suffix || host.strip_suffix(&suffix).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing("", "https://api.example.com/", true)]
    #[case::all("*", "https://api.example.com/", false)]
    #[case::exact("api.example.com", "https://api.example.com/", false)]
    #[case::suffix("example.com", "https://api.example.com/", false)]
    #[case::dotted_suffix("localhost, .example.com", "https://api.example.com/", false)]
    #[case::only_whole_labels("ple.com", "https://api.example.com/", true)]
    #[case::network("10.0.0.0/8", "https://10.1.1.1/", false)]
    #[case::other_network("10.0.0.0/8", "https://11.1.1.1/", true)]
    #[case::address_six("::1", "https://[::1]:8443/", false)]
    #[case::case("API.example.com", "https://api.EXAMPLE.com/", false)]
    fn who_goes_through_it(#[case] no_proxy: &str, #[case] target: Url, #[case] taken: bool) {
        let settings = ProxySettings { url: "http://proxy:3128".into(), no_proxy: no_proxy.to_owned() };
        assert_eq!(settings.takes(&target), taken);
    }

    #[test]
    fn environment() {
        let read = |name: &str| (name == "https_proxy").then(|| "http://proxy:3128".to_owned());
        assert!(ProxySettings::from_environment(read).is_some());
        assert!(ProxySettings::from_environment(|_| None).is_none());
        assert!(ProxySettings::from_environment(|_| Some(" ".to_owned())).is_none());
    }
}
