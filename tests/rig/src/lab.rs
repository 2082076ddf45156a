//! Everything together: control plane, custom resources, the operator's rights, and simulators of the vendors.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use vendor_simulators::{
    AppXitePlatform, Control, Credential, DynatraceSaasAccount, DynatraceSaasGroup, HpeWorkspace,
    ManagedCluster, Options, SaasGroupOwner, Simulators, TenantId, Vendor, VmwareOrg,
};

pub use crate::kubelet::Pod as RunningOperator;
use crate::kubelet::{self, Further, PodSource};
use crate::{ControlPlane, ControlPlaneOptions, KubernetesClient, chart, files};

/// The operator's namespace, release, Deployment and ServiceAccount.
pub const OPERATOR: &str = "user-invitation-operator";

/// The label that lets the operator read a Secret.
const CREDENTIALS_LABEL: &str = "userinvitation.dev/credentials";

/// A control plane with everything installed, and simulators beside it.
pub struct Lab {
    /// The control plane.
    pub control_plane: ControlPlane,
    /// The vendors.
    pub simulators: Simulators,
    vendors: Control,
    directory: PathBuf,
    operator: PathBuf,
}

/// How an operator is started.
#[derive(Debug, Clone, Default)]
pub struct OperatorOptions {
    /// The namespaces it watches; empty: all.
    pub namespaces: Vec<String>,
    /// Another way to the API server than the direct one: URL and CA bundle of a proxy.
    pub api_server: Option<(String, PathBuf)>,
    /// Further flags; they take the place of the rig's own ones of the same name.
    pub flags: Vec<String>,
    /// Keep the product's own times instead of the short ones.
    pub default_times: bool,
    /// The lease's name; default: one for each set of namespaces.
    pub lease: Option<String>,
    /// Further variables of its environment.
    pub environment: Vec<(String, String)>,
}

/// Times that make a test short. The rules stay the same.
const SHORT_TIMES: [&str; 13] = [
    "--lease-duration-milliseconds=3000",
    "--lease-renew-deadline-milliseconds=2000",
    "--lease-renew-interval-milliseconds=500",
    "--lease-try-timeout-milliseconds=1000",
    "--lease-retry-milliseconds=200",
    "--send-limit-milliseconds=1000",
    "--vendor-timeout-milliseconds=2000",
    "--vendor-connect-timeout-milliseconds=1000",
    "--settle-first-look-milliseconds=100",
    "--settle-last-look-milliseconds=1000",
    "--credentials-refresh-seconds=2",
    "--deletion-delay-milliseconds=300",
    "--log-filter=info,user_invitation_operator=debug",
];

impl Lab {
    /// Starts everything but the operator, in a new folder below `parent`.
    pub async fn start(parent: &Path, operator: &Path, options: ControlPlaneOptions) -> Self {
        let lab = Self::start_bare(parent, operator, options).await;
        lab.control_plane.client().create_restricted_namespace(OPERATOR).await;
        lab.install(OPERATOR, chart::values()).await;
        lab
    }

    /// The same without chart and operator's namespace.
    pub async fn start_bare(parent: &Path, operator: &Path, options: ControlPlaneOptions) -> Self {
        let directory = files::fresh_folder(parent, "lab");
        let folder = directory.join("control-plane");
        let (control_plane, simulators) =
            tokio::join!(ControlPlane::start(&folder, options), Simulators::start(Options::default()),);
        let simulators = simulators.expect("the simulators start");
        Self {
            vendors: simulators.control(),
            control_plane,
            simulators,
            directory,
            operator: operator.to_owned(),
        }
    }

    /// Installs the chart in a namespace with these values; release and Deployment have the operator's name.
    pub async fn install(&self, namespace: &str, values: Value) {
        let file = self.directory.join(format!("{namespace}-values.json"));
        std::fs::write(&file, values.to_string()).expect("the file can be written");
        let (chart, values) = (chart::folder(OPERATOR), file.display().to_string());
        let chart = chart.display().to_string();
        let arguments = ["install", OPERATOR, &chart, "--namespace", namespace, "--values", &values];
        self.control_plane.helm(&arguments).await.success();
        self.control_plane
            .kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"])
            .await
            .success();
        self.trust_vendors(namespace, &self.hosts()).await;
    }

    /// Puts the authority of the vendors' certificates into a namespace.
    async fn trust_vendors(&self, namespace: &str, hosts: &Hosts) {
        let config_map = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vendor-ca", "namespace": namespace},
            "data": {"ca.crt": hosts.authority},
        });
        self.admin()
            .create(&format!("/api/v1/namespaces/{namespace}/configmaps"), &config_map)
            .await
            .expect("the ConfigMap is new");
    }

    /// The vendors' control.
    pub fn vendors(&self) -> &Control {
        &self.vendors
    }

    /// An administrator's client.
    pub fn admin(&self) -> KubernetesClient {
        self.control_plane.client()
    }

    /// The folder of logs and kubeconfigs.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts an operator under its own ServiceAccount; `name` names its log.
    pub async fn operator(&self, name: &str, options: &OperatorOptions) -> RunningOperator {
        self.operator_of(OPERATOR, name, options).await
    }

    /// The same with the Deployment of another namespace.
    pub async fn operator_of(&self, release: &str, name: &str, options: &OperatorOptions) -> RunningOperator {
        self.start_program(release, name, None, options).await
    }

    /// Has an operator that is started so look at what it needs; answers its exit code and what it says.
    pub async fn diagnosis(&self, name: &str, options: &OperatorOptions) -> (Option<i32>, String) {
        let mut pod = self.start_program(OPERATOR, name, Some("diagnose"), options).await;
        let ended = pod.process.wait_exit(WAIT).await.expect("a diagnosis ends");
        (ended.code(), pod.process.log())
    }

    async fn start_program(
        &self,
        release: &str,
        name: &str,
        subcommand: Option<&str>,
        options: &OperatorOptions,
    ) -> RunningOperator {
        let mut source = self.pods_of(release);
        if let Some(other) = &options.api_server {
            source.api_server = other.clone();
        }
        let mut flags = Vec::new();
        if !options.namespaces.is_empty() {
            flags.push(format!("--watch-namespaces={}", options.namespaces.join(",")));
            flags.push(format!("--lease-name={}", options.namespaces.join("-")));
            flags.push("--cluster-providers=false".to_owned());
        }
        flags.extend(options.lease.iter().map(|lease| format!("--lease-name={lease}")));
        if !options.default_times {
            flags.extend(SHORT_TIMES.map(str::to_owned));
        }
        flags.extend(options.flags.iter().cloned());
        let further = Further { flags, environment: &options.environment };
        kubelet::start(&source, OPERATOR, name, &self.directory, subcommand, further).await
    }

    /// Runs a pod that ends by itself, once it is there; what it said.
    pub async fn complete(&self, namespace: &str, pod: &str) -> String {
        kubelet::complete(&self.pods_of(namespace), pod, &self.directory).await
    }

    fn pods_of<'a>(&'a self, namespace: &'a str) -> PodSource<'a> {
        PodSource {
            client: self.admin(),
            api_server: (self.control_plane.url(), self.control_plane.ca_path()),
            namespace,
            program: &self.operator,
        }
    }

    /// A namespace whose providers call the simulators themselves.
    pub async fn namespace(&self, name: &str) -> Namespace {
        self.namespace_with(name, self.hosts()).await
    }

    /// A namespace whose providers find the vendors at these hosts.
    pub async fn namespace_with(&self, name: &str, hosts: Hosts) -> Namespace {
        let client = self.admin();
        client.create_namespace(name).await;
        self.trust_vendors(name, &hosts).await;
        Namespace {
            name: name.to_owned(),
            client,
            vendors: self.vendors().clone(),
            hosts,
            of_the_cluster: false,
            secret: None,
        }
    }

    /// Where providers of the cluster are made: their Secrets are in the operator's own namespace.
    pub fn cluster(&self) -> Namespace {
        Namespace {
            name: OPERATOR.to_owned(),
            client: self.admin(),
            vendors: self.vendors().clone(),
            hosts: self.hosts(),
            of_the_cluster: true,
            secret: None,
        }
    }

    /// The simulators' own hosts.
    pub fn hosts(&self) -> Hosts {
        Hosts {
            hpe: self.simulators.base_url_hpe(),
            vmware: self.simulators.base_url_vmware(),
            appxite: self.simulators.base_url_appxite(),
            managed: None,
            all_managed: self.simulators.base_url_managed(),
            saas: self.simulators.base_url_saas(),
            authority: self.simulators.ca_pem().to_owned(),
        }
    }

    /// Stops everything in order.
    pub async fn stop(self) {
        self.control_plane.stop().await;
    }
}

/// Where the vendors are.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// `https://…` of HPE GreenLake.
    pub hpe: String,
    /// `https://…` of VMware Cloud Services.
    pub vmware: String,
    /// `https://…` of AppXite.
    pub appxite: String,
    /// `https://…` of Dynatrace Managed; absent: each cluster at its own address.
    pub managed: Option<String>,
    /// `https://…` of all clusters of Dynatrace Managed, where the token tells the cluster.
    pub all_managed: String,
    /// `https://…` of Dynatrace SaaS, API and token endpoint.
    pub saas: String,
    /// The authority of their certificates (PEM).
    pub authority: String,
}

impl Hosts {
    /// All of them at one address, a proxy's.
    pub fn all_at(url: &str, authority: &str) -> Self {
        let url = || url.to_owned();
        Self {
            hpe: url(),
            vmware: url(),
            appxite: url(),
            managed: Some(url()),
            all_managed: url(),
            saas: url(),
            authority: authority.to_owned(),
        }
    }

    /// Where a vendor is.
    pub fn of(&self, vendor: Vendor) -> &str {
        match vendor {
            Vendor::Hpe => &self.hpe,
            Vendor::Vmware => &self.vmware,
            Vendor::AppXite => &self.appxite,
            Vendor::Managed => &self.all_managed,
            Vendor::Saas => &self.saas,
        }
    }
}

/// A namespace of a test, and what is usually made in it.
#[derive(Clone)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// An administrator's client.
    pub client: KubernetesClient,
    /// The vendors' control.
    pub vendors: Control,
    hosts: Hosts,
    /// Its providers are `ClusterInvitationProvider`s.
    of_the_cluster: bool,
    /// Makes the secret halves of credentials; `None`: they are made from names.
    secret: Option<fn() -> String>,
}

impl Namespace {
    /// The same with credentials of the vendors' tenants that are made like this.
    #[must_use]
    pub fn with_secrets(mut self, secret: fn() -> String) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The secret half of a credential, which is usually this.
    fn secret_half(&self, usual: String) -> String {
        self.secret.map_or(usual, |make| make())
    }

    /// The path of a kind's collection in this namespace, below the project's API group.
    pub fn path(&self, plural: &str) -> String {
        format!("/apis/userinvitation.dev/v1alpha1/namespaces/{}/{plural}", self.name)
    }

    /// The path of one invitation.
    pub fn invitation_path(&self, name: &str) -> String {
        format!("{}/{name}", self.path("userinvitations"))
    }

    /// The path of one provider.
    pub fn provider_path(&self, name: &str) -> String {
        format!("{}/{name}", self.providers())
    }

    /// The path of the providers.
    fn providers(&self) -> String {
        if self.of_the_cluster {
            "/apis/userinvitation.dev/v1alpha1/clusterinvitationproviders".to_owned()
        } else {
            self.path("invitationproviders")
        }
    }

    /// Makes a VMware organization at the simulator, with Secret and provider; `spec` is merged into the provider's.
    pub async fn vmware(&self, name: &str, spec: Value) -> TenantId {
        let token = self.secret_half(format!("api-token-{}-{name}-0123456789abcdef", self.name));
        let org = self
            .vendors
            .create_vmware_org(VmwareOrg::with(Credential::api_token(&token)))
            .expect("the organization is new");
        self.secret(name, self.hosts.vmware.trim_end_matches('/'), &json!({"apiToken": token})).await;
        let block = json!({"vmwareCloudServices": {
            "orgId": org.id, "platform": "Tcsp", "endpoint": self.hosts.vmware.trim_end_matches('/'),
        }});
        self.provider(name, block, spec).await;
        org
    }

    /// Makes an HPE GreenLake workspace at the simulator, with Secret and provider; `spec` is merged into the
    /// provider's.
    pub async fn hpe(&self, name: &str, spec: Value) -> TenantId {
        let id = format!("client-{}-{name}", self.name);
        let secret = self.secret_half(format!("client-secret-{}-{name}-0123456789", self.name));
        let workspace = self
            .vendors
            .create_hpe_workspace(HpeWorkspace::with(Credential::client(&id, &secret)))
            .expect("the workspace is new");
        self.secret(name, &self.hosts.hpe, &json!({"clientId": id, "clientSecret": secret})).await;
        let block = json!({"hpeGreenLake": {"workspaceId": workspace.id, "endpoint": self.hosts.hpe.trim_end_matches('/')}});
        self.provider(name, block, spec).await;
        workspace
    }

    /// Makes an AppXite platform at the simulator, with Secret and provider; `spec` is merged into the provider's.
    pub async fn appxite(&self, name: &str, spec: Value) -> TenantId {
        let id = format!("client-{}-{name}", self.name);
        let secret = self.secret_half(format!("client-secret-{}-{name}-0123456789", self.name));
        let key = self.secret_half(format!("subscription-key-{}-{name}-0123456789", self.name));
        let platform = self
            .vendors
            .create_appxite_platform(AppXitePlatform::with(Credential::client(&id, &secret), &key))
            .expect("the platform is new");
        let endpoint = self.hosts.appxite.trim_end_matches('/');
        let values = json!({"subscriptionKey": key, "clientId": id, "clientSecret": secret});
        self.secret(name, endpoint, &values).await;
        let block = json!({"appXite": {
            "platformUrl": format!("https://{}", platform.id), "endpoint": endpoint,
            "tokenEndpoint": format!("{endpoint}/oauth/token"),
        }});
        self.provider(name, block, spec).await;
        platform
    }

    /// Makes a Dynatrace Managed cluster at the simulator, with Secret and provider; `spec` is merged into the
    /// provider's.
    pub async fn managed(&self, name: &str, spec: Value) -> TenantId {
        let token = self.secret_half(format!("dt0c01.{}-{name}.0123456789abcdef", self.name));
        let mut cluster = ManagedCluster::with(Credential::api_token(&token));
        // So that the ledger has a mail for everybody who is created.
        cluster.knobs.mail_on_create = true;
        let cluster = self.vendors.create_managed_cluster(cluster).expect("the cluster is new");
        let url = self.managed_url(&cluster);
        self.secret(name, &url, &json!({"apiToken": token})).await;
        self.provider(name, json!({"dynatraceManaged": {"endpoint": url}}), spec).await;
        cluster
    }

    /// Makes a Dynatrace SaaS account with some groups at the simulator, with Secret and provider; `spec` is merged into
    /// the provider's.
    pub async fn saas(&self, name: &str, spec: Value) -> TenantId {
        let id = format!("dt0s02.{}-{name}", self.name);
        let secret = self.secret_half(format!("dt0s02-secret-{}-{name}-0123456789", self.name));
        let group = |name: &str, owner| DynatraceSaasGroup {
            uuid: Some(format!("g-{}", name.to_lowercase())),
            ..DynatraceSaasGroup::local(name).owned_by(owner)
        };
        let local = ["Developers", "Viewers", "Editors", "Auditors"];
        let mut account = DynatraceSaasAccount::with(Credential::client(&id, &secret));
        account.groups = local.map(|name| group(name, SaasGroupOwner::Local)).to_vec();
        account.groups.push(group("Federated", SaasGroupOwner::Saml));
        account.groups.push(group("Directory", SaasGroupOwner::Scim));
        let account = self.vendors.create_dynatrace_saas_account(account).expect("the account is new");
        let url = self.hosts.saas.trim_end_matches('/');
        self.secret(name, url, &json!({"clientId": id, "clientSecret": secret})).await;
        let block = json!({"dynatraceSaas": {
            "accountUuid": account.id, "endpoint": url, "tokenEndpoint": format!("{url}/sso/oauth2/token"),
        }});
        self.provider(name, block, spec).await;
        account
    }

    /// Makes a labelled Secret that allows `url` to get its values.
    pub async fn secret(&self, name: &str, url: &str, values: &Value) {
        let host = url.trim_start_matches("https://").trim_end_matches('/');
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {
                "name": name, "namespace": self.name, "labels": {CREDENTIALS_LABEL: "true"},
                "annotations": {"userinvitation.dev/allowed-hosts": host},
            },
            "stringData": values,
        });
        let path = format!("/api/v1/namespaces/{}/secrets", self.name);
        self.client.create(&path, &secret).await.expect("the Secret is new");
    }

    /// The simulated HPE GreenLake's URL.
    pub fn hpe_url(&self) -> &str {
        self.hosts.hpe.trim_end_matches('/')
    }

    /// The simulated VMware Cloud Services' URL.
    pub fn vmware_url(&self) -> &str {
        self.hosts.vmware.trim_end_matches('/')
    }

    /// The URL of a simulated Dynatrace Managed cluster.
    pub fn managed_url(&self, cluster: &TenantId) -> String {
        let own = || self.vendors.managed_url(cluster).expect("the cluster exists");
        self.hosts.managed.as_ref().map_or_else(own, |url| url.trim_end_matches('/').to_owned())
    }

    /// Makes a provider with this vendor block and the Secret of the same name; `spec` is merged into it.
    pub async fn provider(&self, name: &str, block: Value, spec: Value) {
        let mut whole = json!({
            "credentials": {"secretRef": {"name": name}},
            "tls": {"caBundleConfigMapRef": {"name": "vendor-ca"}},
            "limits": {"requestsPerMinute": 6000, "settleGraceSeconds": 2, "batchWindowMilliseconds": 100},
            "resyncIntervalSeconds": 1,
            "policy": {"inlineAccess": "Allow"},
        });
        merge(&mut whole, block);
        merge(&mut whole, spec);
        let (kind, namespace) = if self.of_the_cluster {
            ("ClusterInvitationProvider", Value::Null)
        } else {
            ("InvitationProvider", json!(self.name))
        };
        let provider = json!({
            "apiVersion": "userinvitation.dev/v1alpha1", "kind": kind,
            "metadata": {"name": name, "namespace": namespace}, "spec": whole,
        });
        self.client.create(&self.providers(), &provider).await.expect("the provider is accepted");
    }

    /// Declares a person; `spec` is merged into the invitation's.
    pub async fn invite(&self, name: &str, provider: &str, email: &str, spec: Value) {
        let mut whole = json!({"providerRef": {"name": provider}, "email": email});
        merge(&mut whole, spec);
        let invitation = json!({
            "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation",
            "metadata": {"name": name, "namespace": self.name}, "spec": whole,
        });
        self.client
            .create(&self.path("userinvitations"), &invitation)
            .await
            .expect("the invitation is accepted");
    }

    /// Waits until an invitation is in a state.
    pub async fn wait_for_state(&self, name: &str, state: &str) -> Value {
        let what = format!("{name} is {state}");
        self.client
            .wait_for(&self.invitation_path(name), WAIT, &what, |object| object["status"]["state"] == state)
            .await
    }

    /// Waits until an invitation's Ready condition has a reason.
    pub async fn wait_for_reason(&self, name: &str, reason: &str) -> Value {
        let what = format!("{name} says {reason}");
        self.client
            .wait_for(&self.invitation_path(name), WAIT, &what, |object| {
                condition(object, "Ready")["reason"] == reason
            })
            .await
    }

    /// Waits until a provider's Ready condition has a reason.
    pub async fn wait_for_provider(&self, name: &str, reason: &str) -> Value {
        let what = format!("the provider {name} says {reason}");
        self.client
            .wait_for(&self.provider_path(name), WAIT, &what, |object| {
                condition(object, "Ready")["reason"] == reason
            })
            .await
    }

    /// Deletes an invitation, and waits until it is gone.
    pub async fn delete_and_wait(&self, name: &str) {
        self.client.delete(&self.invitation_path(name)).await.expect("the invitation is there");
        self.client.wait_gone(&self.invitation_path(name), WAIT).await;
    }

    /// Sets annotations on an invitation.
    pub async fn annotate(&self, name: &str, annotations: &Value) {
        let patch = json!({"metadata": {"annotations": annotations}});
        self.client
            .merge_patch(&self.invitation_path(name), &patch)
            .await
            .expect("the annotation is accepted");
    }
}

/// How long a test waits for anything.
pub const WAIT: Duration = Duration::from_secs(60);

/// A condition of an object, or null.
pub fn condition<'a>(object: &'a Value, type_: &str) -> &'a Value {
    object["status"]["conditions"]
        .as_array()
        .and_then(|conditions| conditions.iter().find(|condition| condition["type"] == type_))
        .unwrap_or(&Value::Null)
}

/// Merges objects; everything else is replaced.
pub fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
