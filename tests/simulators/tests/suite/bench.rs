//! A running set of simulators and clients for them.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use vendor_simulators::{
    Control, Credential, DynatraceSaasAccount, Filter, HpeWorkspace, Mail, ManagedCluster, Options,
    Simulators, TenantId, VmwareKnobs, VmwareOrg,
};

/// The secret of every client made by [`Bench::workspace`].
pub(crate) const SECRET: &str = "5ec2e75ec2e75ec2e75ec2e75ec2e75e";

/// Simulators and a client that trusts them.
pub(crate) struct Bench {
    pub(crate) simulators: Simulators,
    pub(crate) control: Control,
    pub(crate) http: Client,
}

/// Somebody with an access token of a tenant.
pub(crate) struct Caller {
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
    scheme: &'static str,
    client: String,
    base: String,
    http: Client,
}

pub(crate) fn client(ca_pem: &str) -> Client {
    let ca = reqwest::Certificate::from_pem(ca_pem.as_bytes()).expect("the CA is a certificate");
    Client::builder()
        .tls_certs_only([ca])
        .redirect(Policy::none())
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let simulators = Simulators::start(Options::default()).await.expect("simulators start");
        let (control, http) = (simulators.control(), client(simulators.ca_pem()));
        Self { simulators, control, http }
    }

    /// An organization without delay, and its owner.
    pub(crate) async fn org(&self, change: impl FnOnce(&mut VmwareKnobs)) -> Caller {
        let mut org = VmwareOrg::with(Credential::api_token(format!("api-token-{}-abcde", unique())));
        org.knobs.commit_delay_milliseconds = 0;
        change(&mut org.knobs);
        self.vmware(org).await
    }

    /// An organization, and the owner of its first API token.
    pub(crate) async fn vmware(&self, org: VmwareOrg) -> Caller {
        let token = org.credentials[0].secret.key().to_owned();
        let tenant = self.control.create_vmware_org(org).expect("an organization");
        let base = self.simulators.base_url_vmware();
        let reply = self
            .http
            .post(format!("{base}/csp/gateway/am/api/auth/api-tokens/authorize"))
            .form(&[("api_token", token.as_str())])
            .send()
            .await
            .expect("a token reply");
        let access = text(&reply.json::<Value>().await.expect("a token body"), "access_token");
        Caller { tenant, token: access, client: token, scheme: "Bearer", base, http: self.http.clone() }
    }

    /// A workspace, and the owner of its client.
    pub(crate) async fn workspace(&self, mut workspace: HpeWorkspace) -> Caller {
        let client = format!("0f4e5d6c-0000-4000-a000-{:012}", unique());
        workspace.credentials.push(Credential::client(&client, SECRET));
        let tenant = self.control.create_hpe_workspace(workspace).expect("a workspace");
        let base = self.simulators.base_url_hpe();
        let reply = self
            .http
            .post(format!("{base}/authorization/v2/oauth2/{}/token", tenant.id))
            .form(&[
                ("grant_type", "client_credentials"),
                ("client_id", client.as_str()),
                ("client_secret", SECRET),
            ])
            .send()
            .await
            .expect("a token reply");
        let token = text(&reply.json::<Value>().await.expect("a token body"), "access_token");
        Caller { tenant, token, client, scheme: "Bearer", base, http: self.http.clone() }
    }

    /// An account, and somebody with a token for reading and changing.
    pub(crate) async fn account(&self, mut account: DynatraceSaasAccount) -> Caller {
        let client = format!("dt0s02.{}", unique());
        account.credentials.push(Credential::client(&client, SECRET));
        let tenant = self.control.create_dynatrace_saas_account(account).expect("an account");
        let base = self.simulators.base_url_saas();
        let caller =
            Caller { tenant, token: String::new(), client, scheme: "Bearer", base, http: self.http.clone() };
        self.again(caller).await
    }

    /// The same caller of an account with a new access token.
    pub(crate) async fn again(&self, caller: Caller) -> Caller {
        let resource = format!("urn:dtaccount:{}", caller.tenant.id);
        let reply = self
            .http
            .post(self.simulators.token_url_saas())
            .form(&[
                ("grant_type", "client_credentials"),
                ("client_id", caller.client.as_str()),
                ("client_secret", SECRET),
                ("scope", "account-idm-read account-idm-write"),
                ("resource", resource.as_str()),
            ])
            .send()
            .await
            .expect("a token reply");
        let token = text(&reply.json::<Value>().await.expect("a token body"), "access_token");
        caller.with_token(&token)
    }

    /// A cluster, called at its own address with its first token.
    pub(crate) fn cluster(&self, change: impl FnOnce(&mut ManagedCluster)) -> Caller {
        let token = format!("dt0c01.PUBLIC{:04}.{SECRET}", unique());
        let mut cluster = ManagedCluster::with(Credential::api_token(&token));
        change(&mut cluster);
        let tenant = self.control.create_managed_cluster(cluster).expect("a cluster");
        let base = self.control.managed_url(&tenant).expect("an address");
        Caller { tenant, token, client: String::new(), scheme: "Api-Token", base, http: self.http.clone() }
    }

    pub(crate) fn mails(&self, caller: &Caller) -> Vec<Mail> {
        self.control.mails(&Filter::tenant(&caller.tenant))
    }
}

impl Caller {
    /// The same at another address.
    pub(crate) fn at(self, base: String) -> Self {
        Self { base, ..self }
    }

    /// The same with another access token.
    pub(crate) fn with_token(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// A request with the access token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("authorization", format!("{} {}", self.scheme, self.token))
    }

    /// A request, with status and body (null where it is no JSON).
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await.expect("a reply");
        (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
    }

    /// A path below the account.
    pub(crate) fn account_path(&self, rest: &str) -> String {
        format!("/iam/v1/accounts/{}{rest}", self.tenant.id)
    }

    /// A path below the organization.
    pub(crate) fn org_path(&self, rest: &str) -> String {
        format!("/csp/gateway/am/api/orgs/{}{rest}", self.tenant.id)
    }

    /// Invites in VMware.
    pub(crate) async fn invite(&self, usernames: &[&str]) -> u16 {
        self.call("POST", &self.org_path("/invitations"), Some(json!({"usernames": usernames}))).await.0
    }

    /// The expanded list of invitations.
    pub(crate) async fn invitations(&self) -> Vec<Value> {
        let (status, body) = self.call("GET", &self.org_path("/invitations?expand"), None).await;
        assert_eq!(status, 200);
        body.as_array().cloned().expect("a bare array")
    }

    /// The first page of users.
    pub(crate) async fn users(&self) -> Vec<Value> {
        let path = format!("/csp/gateway/am/api/v2/orgs/{}/users", self.tenant.id);
        let (status, body) = self.call("GET", &path, None).await;
        assert_eq!(status, 200);
        body["results"].as_array().cloned().expect("results")
    }
}

/// A string in an object.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

/// A number that no other test of this process has.
pub(crate) fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
