//! Dynatrace SaaS: simulators with one account, and a client that talks to it.

use reqwest::Url;
use user_invitation_operator::vendor::{
    AccessChange, Grant, GrantKind, MemberAnswer, Target, VendorClient, dynatrace_saas,
};
use vendor_simulators::{
    Credential, DynatraceSaasAccount, DynatraceSaasGroup, DynatraceSaasKnobs, Options, SaasGroupOwner,
    Simulators,
};

use super::support::{CLIENT_ID, CLIENT_SECRET, OWNER, Rig, connection};

/// Groups of each owner by id: `local`, `other`, `saml`, `scim`, `dcs`.
pub(crate) const GROUPS: [(&str, &str, SaasGroupOwner); 5] = [
    ("local", "Viewers", SaasGroupOwner::Local),
    ("other", "Editors", SaasGroupOwner::Local),
    ("saml", "Federated", SaasGroupOwner::Saml),
    ("scim", "Directory", SaasGroupOwner::Scim),
    ("dcs", "Dynatrace", SaasGroupOwner::Dcs),
];

impl Rig<dynatrace_saas::Client> {
    pub(crate) async fn saas(change: impl FnOnce(&mut DynatraceSaasAccount)) -> Self {
        Self::saas_with(change, |_| {}).await
    }

    /// With some facts turned.
    pub(crate) async fn saas_knobs(change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Self {
        Self::saas(|account| change(&mut account.knobs)).await
    }

    pub(crate) async fn saas_with(
        change: impl FnOnce(&mut DynatraceSaasAccount),
        configure: impl FnOnce(&mut dynatrace_saas::Config),
    ) -> Self {
        let simulators = Simulators::start(Options::default()).await.unwrap();
        let credential = Credential::client(CLIENT_ID, CLIENT_SECRET).owned_by(OWNER);
        let mut account = DynatraceSaasAccount::with(credential);
        account.groups = GROUPS
            .map(|(id, name, owner)| DynatraceSaasGroup {
                uuid: Some(id.to_owned()),
                ..DynatraceSaasGroup::local(name).owned_by(owner)
            })
            .to_vec();
        change(&mut account);
        let control = simulators.control();
        let tenant = control.create_dynatrace_saas_account(account).unwrap();
        let mut config = dynatrace_saas::Config {
            account_uuid: tenant.id.clone(),
            endpoint: Url::parse(&simulators.base_url_saas()).unwrap(),
            token_endpoint: Url::parse(&simulators.token_url_saas()).unwrap(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
        };
        configure(&mut config);
        let (connection, calls, limiter) = connection(&simulators);
        let client = dynatrace_saas::Client::new(config, connection);
        Self { simulators, control, tenant, client, calls, limiter }
    }

    /// Puts somebody into groups, or takes somebody out of some.
    pub(crate) async fn regroup(&self, target: &Target, add: &[&str], remove: &[&str]) -> MemberAnswer {
        let permit = self.client.permit().await.unwrap();
        let change = AccessChange { add: groups(add), remove: groups(remove) };
        self.client.edit(permit, target, &change).await
    }

    /// The names of the groups that somebody is in at the vendor, but for that of all users.
    pub(crate) fn in_groups(&self, email: &str) -> Vec<String> {
        self.control.person(&self.tenant, email).unwrap().unwrap().roles
    }
}

pub(crate) fn groups(ids: &[&str]) -> Vec<Grant> {
    ids.iter().map(|id| Grant::named(GrantKind::Group, *id)).collect()
}
