//! A server that is known by its certificate alone.
//!
//! The pin takes the place of every other check of the certificate: its name, its dates, who signed it. That the
//! server has the key of this certificate is proven as ever, by its signature under the handshake. It is verified with
//! the bare key, because webpki reads no certificate of X.509 version 1, and such are made by hand to this day.

use std::{fmt, sync::Arc};

use perpetua_words::{Message, link as words};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerMisbehaved, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use webpki::RawPublicKeyEntity;

/// The SHA-256 of a certificate, in DER.
pub type Fingerprint = [u8; 32];

/// A server showed another certificate than the pinned one.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub struct OtherCertificate {
    seen: Fingerprint,
}

impl From<&OtherCertificate> for Message {
    fn from(error: &OtherCertificate) -> Self {
        let seen: Vec<String> = error
            .seen
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        let seen = seen.join(":");
        words::OtherCertificate { seen }.into()
    }
}

/// Takes this certificate and no other.
pub(crate) struct PinnedServer {
    pin: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl PinnedServer {
    pub(crate) fn new(pin: Fingerprint, provider: Arc<CryptoProvider>) -> Self {
        Self { pin, provider }
    }

    /// Whether `signed` was signed over `message` with the key of the certificate.
    fn verify(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = public_key(certificate).ok_or(CertificateError::BadEncoding)?;
        let key = SubjectPublicKeyInfoDer::from(key);
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
        let schemes = self.provider.signature_verification_algorithms.mapping;
        let mut algorithms = schemes
            .iter()
            .filter(|(scheme, _)| *scheme == signed.scheme)
            .flat_map(|(_, algorithms)| algorithms.iter());
        if algorithms.any(|algorithm| {
            let verified = key.verify_signature(*algorithm, message, signed.signature());
            verified.is_ok()
        }) {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }
}

impl fmt::Debug for PinnedServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PinnedServer")
    }
}

impl ServerCertVerifier for PinnedServer {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = Sha256::digest(certificate).into();
        if seen == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            let error = OtherError(Arc::new(OtherCertificate { seen }));
            Err(Error::Other(error))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // RFC 8446, 4.2.3: these are for certificates, and for TLS 1.2.
        if matches!(
            signed.scheme,
            SignatureScheme::RSA_PKCS1_SHA256
                | SignatureScheme::RSA_PKCS1_SHA384
                | SignatureScheme::RSA_PKCS1_SHA512
        ) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        self.verify(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The key in a certificate of any version (RFC 5280, 4.1), as `SubjectPublicKeyInfo`. The certificate is the pinned
/// one, so nobody chose its bytes to mislead this.
fn public_key<'a>(certificate: &'a CertificateDer<'_>) -> Option<&'a [u8]> {
    /// `[0]`, which stands before everything else and is missing in version 1.
    const VERSION: u8 = 0xA0;
    /// Serial number, signature algorithm, issuer, validity, subject.
    const BEFORE_THE_KEY: usize = 5;

    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        (_, _, fields) = element(fields)?;
    }
    for _ in 0..BEFORE_THE_KEY {
        (_, _, fields) = element(fields)?;
    }
    element(fields).map(|(whole, _, _)| whole)
}

/// The first element of DER: as a whole, what is in it, and what stands behind it.
fn element(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    /// The length itself follows, in as many bytes as the other bits say.
    const LONG: u8 = 0x80;

    let (&[_tag, short], behind) = bytes.split_first_chunk::<2>()?;
    let (length, head) = if short & LONG == 0 {
        (usize::from(short), 2)
    } else {
        let count = usize::from(short & !LONG);
        let digits = behind.get(..count).filter(|_| count <= 4)?;
        let length = digits
            .iter()
            .fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
        (length, 2 + count)
    };
    let (whole, rest) = bytes.split_at_checked(head.checked_add(length)?)?;
    Some((whole, whole.get(head..)?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls::pki_types::CertificateDer;

    use super::public_key;

    proptest! {
        #[test]
        fn whatever_stands_there_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _key_or_none = public_key(&CertificateDer::from(bytes));
        }
    }

    #[test]
    fn the_key_of_a_certificate_is_found() {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let found = public_key(made.cert.der()).expect("a key");
        assert_eq!(
            found,
            rcgen::PublicKeyData::subject_public_key_info(&made.signing_key)
        );
    }
}
