//! Simulators of the vendors' invitation APIs, for tests and demos: HPE GreenLake, VMware Cloud Services (VCSP and
//! TCSP), AppXite, Dynatrace Managed, Dynatrace SaaS. They share no code with the operator and are made from the contracts
//! alone; comments such as `B3.1` name the contract's section, `[I]` an inference, `U4` an open question. What is uncertain
//! has a knob with every setting ([`HpeKnobs`], [`VmwareKnobs`], [`AppXiteKnobs`], [`DynatraceManagedKnobs`],
//! [`DynatraceSaasKnobs`]).
//!
//! # In a test
//!
//! ```
//! use vendor_simulators::{Credential, Filter, Options, Simulators, VmwareOrg};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let simulators = Simulators::start(Options::default()).await?;
//! let control = simulators.control();
//! let org = control.create_vmware_org(VmwareOrg::with(Credential::api_token("canary-token")))?;
//! control.set_vmware_knobs(&org, |knobs| knobs.commit_delay_milliseconds = 0)?;
//!
//! // Point the client at simulators.base_url_vmware(), trusting simulators.ca_pem(), organization org.id.
//!
//! control.invite_by_other(&org, "ada@example.com")?;
//! control.accept(&org, "ada@example.com")?;
//! assert_eq!(control.mails(&Filter::tenant(&org)).len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! [`Simulators`] is the running thing: TLS servers with a private authority, and, unless switched off, the control
//! API on a plain HTTP port. It stops when dropped. [`Control`] is the handle on everything; it can be cloned.
//!
//! # What there is to see
//!
//! - [`Control::mails`]: every mail sent, append-only and never de-duplicated: the ground truth for "one mail".
//! - [`Control::creations`]: every grant made, whether or not a mail told the person.
//! - [`Control::operations`]: every request, with tenant, operation, addresses, status, never a credential.
//! - [`Control::violations`]: calls made before the time a 429 had named, in the whole tenant; filter by operation.
//! - [`Control::people`]: where each person stands.
//!
//! Operations are `hpe.` + `token`, `invite`, `list_users`, `find_user` (a list whose filter asks for one person by
//! `username eq` or `id eq`), `read_user`, `put_preferences`, `delete_user`, `read_workspace`, `assign_role`,
//! `list_assignments`, `read_assignment`, `replace_assignment`, `delete_assignment`, `unknown`; `vmware.` +
//! `token`, `token_details`, `list_orgs`, `invite`, `revoke`, `other_action`, `list_invitations`,
//! `read_invitation`, `delete_invitation`, `list_users`, `search_users`, `read_user`, `remove_users`,
//! `change_roles`, `list_roles`, `list_groups`, `search_groups`, `add_to_group`, `remove_from_group`,
//! `list_custom_roles`, `unknown`; `appxite.` + `token`, `list_users`, `list_roles`, `list_identity_providers`,
//! `invite`, `remove`, `unknown`; and `managed.` + `list_users`, `read_user`, `create_user`, `create_users`,
//! `update_user`, `delete_user`, `list_groups`, `read_group`, `create_group`, `delete_group`, `password_policy`,
//! `unknown`; and `saas.` +
//! `token`, `list_users`, `invite`, `read_user`, `delete_user`, `add_groups`, `set_groups`, `remove_groups`,
//! `list_groups`, `group_users`, `create_groups`, `update_group`, `delete_group`, `limits`, `unknown`.
//!
//! # What there is to do
//!
//! - People: [`Control::act`] with a [`PersonAction`], and short forms such as [`Control::accept`].
//! - Faults: [`Control::add_fault`] with a [`FaultRule`], such as
//!   `FaultRule::on("vmware.invite", Fault::DropAfter { how: Drop::Reset }).when(When::Nth(1))`. All rules that fit a
//!   request apply, in the order they were set. A dropped connection gets no response at all.
//! - Limits: [`Control::set_limit`]; those of the contract are there from the start.
//! - Time: [`Control::advance_clock`] moves the vendors' time (tokens, invitations), not delays or rate windows.
//! - Credentials: [`Control::change_credential`], [`Control::drop_tokens`], and [`Control::echo_credentials`] to have
//!   every error and redirect repeat what the caller authenticated with.
//!
//! A client that hangs up does not stop the vendor: what it asked for is still done and logged.
//!
//! # From another process
//!
//! The binary `vendor-simulators` prints one JSON object with the addresses. Its control API takes and gives the
//! JSON forms of the same types; names are in camel case.
//!
//! | method and path | body | gives |
//! |---|---|---|
//! | `GET /addresses`, `GET /ca.pem`, `GET /tenants` | | [`Addresses`], PEM, list of [`TenantId`] |
//! | `POST /tenants/hpe` | [`HpeWorkspace`] | [`TenantId`] |
//! | `POST /tenants/vmware` | [`VmwareOrg`] | [`TenantId`] |
//! | `POST /tenants/appxite` | [`AppXitePlatform`] | [`TenantId`] |
//! | `POST /tenants/managed` | [`ManagedCluster`] | [`TenantId`] |
//! | `GET /tenants/managed/{id}/url` | | `{"url":"…"}` |
//! | `POST /tenants/managed/{id}/users` | [`ManagedUser`] | 204 |
//! | `POST /tenants/saas` | [`DynatraceSaasAccount`] | [`TenantId`] |
//! | `GET /tenants/{vendor}/{id}/people` | | list of [`Person`] |
//! | `POST /tenants/{vendor}/{id}/people/{email}` | [`PersonAction`], such as `{"action":"accept"}` | [`Person`] or null |
//! | `GET`, `PATCH /tenants/{vendor}/{id}/knobs` | some knobs | all knobs |
//! | `POST /tenants/{vendor}/{id}/credentials` | [`CredentialChange`] | 204 |
//! | `DELETE /tenants/{vendor}/{id}/tokens` | | `{"dropped":n}` |
//! | `POST`, `DELETE /tenants/{vendor}/{id}/limits` | [`Limit`] | 204 |
//! | `GET /mails`, `/creations`, `/operations`, `/violations` | query: [`Filter`] | lists |
//! | `GET`, `POST`, `DELETE /faults`; `DELETE /faults/{id}` | [`FaultRule`] | list of [`ActiveFault`], `{"id":n}`, 204 |
//! | `PUT /echo-credentials` | `{"on":true}` | 204 |
//! | `GET`, `POST /clock` | `{"milliseconds":n}` | `{"vendorTime":n}` |
//!
//! `{vendor}` is `hpe`, `vmware`, `appxite`, `managed` or `saas`. Errors are `{"error":"…"}` with 404, 409 or 422.
//!
//! # Shape
//!
//! A vendor is a folder that implements the two traits of `vendor.rs`; everything else is shared. A request goes
//! `server` (TLS, connections) → `pipeline` (log, faults, limits) → vendor → `pipeline` → `server`.

mod appxite;
mod clock;
mod control;
mod credentials;
mod doors;
mod faults;
mod history;
mod hpe;
mod http;
mod ledger;
mod limits;
mod managed;
mod operations;
mod people;
mod pipeline;
mod saas;
mod server;
mod simulators;
mod spoil;
mod table;
mod text;
mod tls;
mod vendor;
mod vmware;
mod world;

pub use crate::{
    appxite::{
        AccountStateForm, AppXiteErrors, AppXiteIdentityProvider, AppXiteKnobs, AppXitePaths,
        AppXitePlatform, AppXiteRole, CreatedDate, DuplicateEmail, ExistingUser, InviteBody, ListForm,
        ListScope, Listing, MissingOrganizations, NameCase, OrganizationIdsPlacement, Paging, PartialFailure,
        PlatformHeader, ProviderReference, RowFields, TokenRequest,
    },
    control::{Control, ControlError, Filter},
    credentials::{CallerRole, Credential, CredentialChange, Secret},
    faults::{ActiveFault, BodyFault, Drop, ErrorBody, Fault, FaultRule, RateHeaders, RetryAfter, When},
    hpe::{
        CredentialPlacement, FilterDialect, GatewayBody, HpeKnobs, HpeWorkspace, LocationForm, OffsetUnit,
        OptionalFields, PendingInvite, PrincipalForm, Timestamps, TokenUrls,
    },
    ledger::{Creation, Effect, Mail, MailKind},
    limits::{Limit, Violation},
    managed::{
        BulkExisting, DeleteAgain, Directory, DynatraceManagedKnobs, ErrorStyle, ManagedCluster, ManagedUser,
        MissingGroups, NotFoundBody, PartialBody, PasswordInput,
    },
    operations::{Ending, Operation},
    people::{Person, PersonAction, Standing},
    saas::{
        DynatraceSaasAccount, DynatraceSaasGroup, DynatraceSaasKnobs, SaasEmailCase, SaasErrorForm,
        SaasFields, SaasGroupOwner, SaasLockedGroups, SaasScopes,
    },
    simulators::{Addresses, Options, Simulators, StartError},
    tls::{CertificateAuthority, ServerCertificate},
    vendor::{TenantId, Vendor},
    vmware::{
        BadUsername, DuplicateInvite, ExpirationUnit, LeanRows, MemberInvite, PageExcess, Platform,
        TokenField, TokenHeader, UnknownFields, UnknownPerson, UsernameCase, VmwareKnobs, VmwareOrg,
    },
};
