//! A caller of a platform of AppXite.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use vendor_simulators::{AppXiteKnobs, AppXitePlatform, CallerRole, Credential, TenantId};

use crate::bench::{Bench, text, unique};

/// The organizations every platform has.
pub(crate) const ORGANIZATIONS: [&str; 2] =
    ["3a8f5c1d-3333-4f0f-b0b4-000000000100", "3a8f5c1d-3333-4f0f-b0b4-000000000101"];

/// Somebody with everything a call needs.
pub(crate) struct Portal {
    pub(crate) tenant: TenantId,
    pub(crate) client: String,
    pub(crate) key: String,
    pub(crate) token: String,
    /// `X-On-Behalf-Of`.
    pub(crate) acting: Option<String>,
    base: String,
    http: Client,
}

impl Portal {
    pub(crate) async fn open(bench: &Bench, change: impl FnOnce(&mut AppXiteKnobs)) -> Self {
        Self::open_as(bench, CallerRole::Owner, change).await
    }

    pub(crate) async fn open_as(
        bench: &Bench,
        role: CallerRole,
        change: impl FnOnce(&mut AppXiteKnobs),
    ) -> Self {
        let (client, key) = (format!("client-{}", unique()), format!("key-{}", unique()));
        let credential = Credential::client(&client, "s3cret").with_role(role);
        let mut platform = AppXitePlatform::with(credential, &key);
        change(&mut platform.knobs);
        let path = platform.knobs.paths.token.clone();
        let tenant = bench.control.create_appxite_platform(platform).expect("a platform");
        let (base, http) = (bench.simulators.base_url_appxite(), bench.http.clone());
        let fields =
            [("grant_type", "client_credentials"), ("client_id", &client), ("client_secret", "s3cret")];
        let reply = http.post(format!("{base}{path}")).form(&fields).send().await.expect("a reply");
        let token = text(&reply.json().await.expect("a token body"), "access_token");
        Self { tenant, client, key, token, acting: None, base, http }
    }

    /// A request with nothing but the token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// A request with everything.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare(method, path).header("Ocp-Apim-Subscription-Key", &self.key);
        let request = request.header("Referer", format!("https://{}/", self.tenant.id.to_uppercase()));
        match &self.acting {
            Some(id) => request.header("X-On-Behalf-Of", id),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        sent(self.request(Method::GET, path)).await
    }

    pub(crate) async fn users(&self) -> Vec<Value> {
        let (status, body) = self.get("/users?page=1&pageSize=100").await;
        assert_eq!(status, 200);
        body.as_array().cloned().expect("an array")
    }

    /// The user with an address, as the list has it.
    pub(crate) async fn user(&self, email: &str) -> Option<Value> {
        self.users().await.into_iter().find(|user| user["email"] == email)
    }

    pub(crate) async fn post(&self, body: &Value) -> (u16, Value) {
        sent(self.request(Method::POST, "/users/invite").json(body)).await
    }

    /// Invites to the first organization.
    pub(crate) async fn invite(&self, emails: &[&str]) -> (u16, Value) {
        let users: Vec<Value> = emails.iter().map(|email| json!({"Email": email})).collect();
        self.post(&json!({"Users": users, "OrganizationIds": [ORGANIZATIONS[0]]})).await
    }
}

/// Status and body (null where it is no JSON).
pub(crate) async fn sent(request: RequestBuilder) -> (u16, Value) {
    let reply = request.send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
}
