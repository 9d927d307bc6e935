//! `perpetua-tls`: the one TLS configuration that every connection of ours to a server uses.
//!
//! rustls with ring, always named: rustls's implicit provider is process-wide, and with a second one in
//! the build there is none. The configuration is built once, where blocking is fine, and handed to
//! who dials; a clone leads to the same one.

mod pinned;

use std::{fmt, io, sync::Arc};

use perpetua_words::{Message, link as words};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use thiserror::Error;

use pinned::PinnedServer;
pub use pinned::{Fingerprint, OtherCertificate};

/// The TLS library refuses what it is to be used with.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub struct TlsSetupError(rustls::Error);

impl From<rustls::Error> for TlsSetupError {
    fn from(error: rustls::Error) -> Self {
        Self(error)
    }
}

impl From<&TlsSetupError> for Message {
    fn from(error: &TlsSetupError) -> Self {
        let text = error.0.to_string();
        words::TlsSetup { text }.into()
    }
}

/// How servers are spoken to over TLS. Cheap to clone.
#[derive(Clone)]
pub struct TlsClient(Arc<ClientConfig>);

impl TlsClient {
    /// Trusts the roots of the system and Mozilla's. Reads the system's certificates, which blocks:
    /// build it once.
    pub fn with_system_roots() -> Result<Self, TlsSetupError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        // A certificate of the system that cannot be read is one that this program does not trust.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::trusting(roots)
    }

    /// Trusts nobody, for calls to this machine over plain `http`: nothing has to be read.
    pub fn without_roots() -> Result<Self, TlsSetupError> {
        Self::trusting(RootCertStore::empty())
    }

    /// Trusts the server with this certificate, whatever else is said of it, and no other.
    pub fn pinned(certificate: Fingerprint) -> Result<Self, TlsSetupError> {
        let provider = Arc::new(ring::default_provider());
        let server = PinnedServer::new(certificate, Arc::clone(&provider));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(server))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Trusts the authorities of a PEM file and no others.
    pub fn with_authorities(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.map_err(|_| AuthoritiesError::NotPem)?;
        if certificates.is_empty() {
            return Err(AuthoritiesError::NoCertificate);
        }
        Self::with_roots(certificates).map_err(|_| AuthoritiesError::NotPem)
    }

    /// Trusts these roots and no others.
    pub fn with_roots(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, TlsSetupError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate)?;
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Result<Self, TlsSetupError> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The configuration, shared.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

/// What a failed handshake says of the certificate, if it is another one than the pinned one.
pub fn other_certificate(error: &io::Error) -> Option<&OtherCertificate> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    match error {
        rustls::Error::Other(rustls::OtherError(other)) => other.downcast_ref(),
        _ => None,
    }
}

/// A file of authorities cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(*self))]
pub enum AuthoritiesError {
    /// It is not PEM, or not of certificates.
    NotPem,
    /// There is no certificate in it.
    NoCertificate,
}

impl From<AuthoritiesError> for Message {
    fn from(error: AuthoritiesError) -> Self {
        match error {
            AuthoritiesError::NotPem => words::AuthoritiesNotPem.into(),
            AuthoritiesError::NoCertificate => words::AuthoritiesEmpty.into(),
        }
    }
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsClient")
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;

    use super::TlsClient;

    #[test]
    fn the_roots_of_mozilla_are_there_whatever_the_system_has() {
        TlsClient::with_system_roots().expect("a configuration");
    }

    #[test]
    fn what_is_no_certificate_is_no_root() {
        let refused = TlsClient::with_roots([CertificateDer::from(vec![1, 2, 3])]);
        let error = refused.expect_err("it is none").to_string();
        assert!(error.starts_with("TLS cannot be set up"), "{error}");
    }
}
