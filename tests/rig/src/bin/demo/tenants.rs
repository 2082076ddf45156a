//! The tenants of the story, as administrators make them at the vendors, each with its Secret.

use serde_json::{Value, json};
use test_rig::Lab;
use test_rig::lab::Namespace;
use vendor_simulators::{
    AppXitePlatform, Credential, DynatraceSaasAccount, DynatraceSaasGroup, HpeWorkspace, ManagedCluster,
    TenantId, VmwareOrg,
};

use crate::manifests;

/// Every tenant of the story.
pub(crate) struct Tenants {
    pub(crate) workspace_a: TenantId,
    pub(crate) workspace_b: TenantId,
    pub(crate) org: TenantId,
    pub(crate) marketplace: TenantId,
    pub(crate) cluster: TenantId,
    pub(crate) account: TenantId,
}

impl Tenants {
    /// Makes them all, and the namespaces of their providers.
    pub(crate) async fn make(lab: &Lab) -> Self {
        let greenlake = lab.namespace("greenlake").await;
        Self {
            workspace_a: workspace(lab, &greenlake, "workspace-a").await,
            workspace_b: workspace(lab, &greenlake, "workspace-b").await,
            org: organization(lab).await,
            marketplace: platform(lab).await,
            cluster: cluster(lab).await,
            account: account(lab).await,
        }
    }
}

/// One of the workspaces of the example; Barbara is a member before anybody declares her.
async fn workspace(lab: &Lab, namespace: &Namespace, name: &str) -> TenantId {
    let id = example_value("examples/hpe-greenlake/providers.yaml", name, "/spec/hpeGreenLake/workspaceId");
    let (client, secret) = (format!("{name}-client"), format!("{name}-demo-secret-0123456789"));
    let mut made = HpeWorkspace::with(Credential::client(&client, &secret));
    made.id = Some(id);
    made.name = Some(name.to_owned());
    if name == "workspace-a" {
        made.members.push("barbara.liskov@example.com".to_owned());
    }
    let tenant = lab.vendors().create_hpe_workspace(made).expect("the workspace is new");
    let values = json!({"clientId": client, "clientSecret": secret});
    namespace.secret(name, &lab.simulators.base_url_hpe(), &values).await;
    tenant
}

/// The organization of the example.
async fn organization(lab: &Lab) -> TenantId {
    let namespace = lab.namespace("cloud-services").await;
    let file = "examples/vmware-cloud-services/provider.yaml";
    let token = "demo-api-token-0123456789abcdef";
    let mut made = VmwareOrg::with(Credential::api_token(token).owned_by("platform-team@example.com"));
    made.id = Some(example_value(file, "csp", "/spec/vmwareCloudServices/orgId"));
    made.custom_roles.push("example-role".to_owned());
    made.groups.push("55555555-5555-4555-8555-555555555555".to_owned());
    let tenant = lab.vendors().create_vmware_org(made).expect("the organization is new");
    lab.vendors()
        .patch_knobs(&tenant, &json!({"platform": "tcsp"}))
        .expect("the simulator knows the platform");
    namespace.secret("csp", &lab.simulators.base_url_vmware(), &json!({"apiToken": token})).await;
    tenant
}

/// The AppXite platform of the example, with its organization.
async fn platform(lab: &Lab) -> TenantId {
    let namespace = lab.namespace("resellers").await;
    let value = |pointer| example_value("examples/appxite/provider.yaml", "marketplace", pointer);
    let (id, secret, key) =
        ("demo-client", "demo-client-secret-0123456789", "demo-subscription-key-0123456789");
    let mut made = AppXitePlatform::with(Credential::client(id, secret), key);
    made.id = Some(value("/spec/appXite/platformUrl").trim_start_matches("https://").to_owned());
    made.organizations = vec![value("/spec/appXite/onBehalfOfOrganizationId")];
    let tenant = lab.vendors().create_appxite_platform(made).expect("the platform is new");
    let values = json!({"subscriptionKey": key, "clientId": id, "clientSecret": secret});
    namespace.secret("marketplace", &lab.simulators.base_url_appxite(), &values).await;
    tenant
}

/// The Dynatrace Managed cluster of the example. This one mails the people whom it creates.
async fn cluster(lab: &Lab) -> TenantId {
    let namespace = lab.namespace("monitoring").await;
    let token = "dt0c01.DEMO.0123456789abcdef";
    let mut made = ManagedCluster::with(Credential::api_token(token).owned_by("admin@example.com"));
    made.knobs.mail_on_create = true;
    let tenant = lab.vendors().create_managed_cluster(made).expect("the cluster is new");
    let url = namespace.managed_url(&tenant);
    namespace.secret("cluster", &url, &json!({"apiToken": token})).await;
    tenant
}

/// The Dynatrace SaaS account of the example, with its group.
async fn account(lab: &Lab) -> TenantId {
    let namespace = lab.namespace("observability").await;
    let file = "examples/dynatrace-saas/provider.yaml";
    let (id, secret) = ("dt0s02.DEMO", "dt0s02.DEMO.0123456789abcdef0123456789");
    let mut made = DynatraceSaasAccount::with(Credential::client(id, secret));
    made.id = Some(example_value(file, "account", "/spec/dynatraceSaas/accountUuid"));
    made.groups = vec![DynatraceSaasGroup::local("Viewers")];
    let tenant = lab.vendors().create_dynatrace_saas_account(made).expect("the account is new");
    let values = json!({"clientId": id, "clientSecret": secret});
    namespace.secret("account", &lab.simulators.base_url_saas(), &values).await;
    tenant
}

/// A value of one of the example's providers.
fn example_value(file: &str, name: &str, pointer: &str) -> String {
    let documents = manifests::read(file);
    let provider = documents.iter().find(|document| document["metadata"]["name"] == name);
    let value = provider.and_then(|provider| provider.pointer(pointer)).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("{file} has no {pointer} of {name}")).to_owned()
}
