//! The private certificate authority and the servers' certificate.

use std::{net::IpAddr, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
};

use serde::{Deserialize, Serialize};

use crate::simulators::StartError;

/// What the servers show for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ServerCertificate {
    /// One that clients who trust the authority accept.
    #[default]
    Good,
    /// One whose time is over.
    Expired,
    /// One for another host.
    WrongHost,
    /// One that no authority signed.
    SelfSigned,
}

/// A certificate authority of the tests' own.
#[derive(Clone)]
pub struct CertificateAuthority {
    certificate_pem: String,
    private_key_pem: String,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateAuthority").finish_non_exhaustive()
    }
}

impl CertificateAuthority {
    /// Makes a new one.
    pub fn generate() -> Result<Self, StartError> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "vendor simulators' test authority");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { certificate_pem: certificate.pem(), private_key_pem: key.serialize_pem() })
    }

    /// Uses one that exists: its certificate and its PKCS#8 key, both PEM.
    pub fn from_pem(certificate_pem: impl Into<String>, private_key_pem: impl Into<String>) -> Self {
        Self { certificate_pem: certificate_pem.into(), private_key_pem: private_key_pem.into() }
    }

    /// The certificate that clients must trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The key, for a harness that hands one authority to several programs.
    pub fn private_key_pem(&self) -> &str {
        &self.private_key_pem
    }

    /// A server's configuration with a certificate for the loopback names and `also`.
    pub(crate) fn server_config(
        &self,
        also: &[IpAddr],
        kind: ServerCertificate,
    ) -> Result<Arc<ServerConfig>, StartError> {
        let issuer =
            Issuer::from_ca_cert_pem(&self.certificate_pem, KeyPair::from_pem(&self.private_key_pem)?)?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        let fixed = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]), IpAddr::V6(1.into())];
        let mut addresses: Vec<IpAddr> = fixed.into_iter().chain(also.iter().copied()).collect();
        addresses.sort();
        addresses.dedup();
        params.subject_alt_names.extend(addresses.into_iter().map(SanType::IpAddress));
        params.distinguished_name.push(DnType::CommonName, "vendor simulator");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        match kind {
            ServerCertificate::Good | ServerCertificate::SelfSigned => {}
            ServerCertificate::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2021, 1, 1);
            }
            ServerCertificate::WrongHost => {
                params.subject_alt_names = vec![SanType::DnsName("elsewhere.example".try_into()?)];
            }
        }
        let leaf = match kind {
            ServerCertificate::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, &issuer)?,
        };
        let authority = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes())
            .map_err(|_| StartError::Certificate)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone(), authority], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
