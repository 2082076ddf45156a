//! Simulators of vendors' invitation APIs.

mod clock;
mod control;
mod credentials;
mod faults;
mod history;
mod hpe;
mod http;
mod ledger;
mod limits;
mod operations;
mod people;
mod pipeline;
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
    control::{Control, ControlError, Filter},
    credentials::{CallerRole, Credential, CredentialChange, Secret},
    faults::{ActiveFault, BodyFault, Drop, ErrorBody, Fault, FaultRule, RateHeaders, RetryAfter, When},
    hpe::{HpeKnobs, HpeWorkspace},
    ledger::{Creation, Effect, Mail, MailKind},
    limits::{Limit, Violation},
    operations::{Ending, Operation},
    people::{Person, PersonAction, Standing},
    simulators::{Addresses, Options, Simulators, StartError},
    tls::CertificateAuthority,
    vendor::{TenantId, Vendor},
    vmware::{
        BadUsername, DuplicateInvite, ExpirationUnit, LeanRows, MemberInvite, PageExcess, Platform, TokenField,
        TokenHeader, UnknownFields, UnknownPerson, UsernameCase, VmwareKnobs, VmwareOrg,
    },
};
