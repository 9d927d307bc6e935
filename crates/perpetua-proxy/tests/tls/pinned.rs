//! A framework whose certificate is pinned: whatever nobody else would take is taken, and nothing but it.

use anyhow::{Context as _, Result};
use perpetua_tls::TlsClient;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::{
    pki_types::CertificateDer,
    version::{TLS12, TLS13},
};
use sha2::{Digest as _, Sha256};

use super::{acceptor, framework, server};

/// A certificate and its key, in DER.
struct Made {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

fn pin(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// Signed by itself, for a common name and nothing else.
fn made(change: impl FnOnce(&mut CertificateParams)) -> Result<Made> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "192.0.2.7");
    change(&mut params);
    let certificate = params.self_signed(&key)?;
    Ok(Made {
        certificate: certificate.der().clone(),
        key: key.serialize_der(),
    })
}

/// What people make by hand for a server without a name (CONNECTIONS.md, C07).
fn homemade() -> Result<Vec<(&'static str, Made)>> {
    let version_1 = Made {
        certificate: include_bytes!("../data/version-1.cert.der").to_vec().into(),
        key: include_bytes!("../data/version-1.key.der").to_vec(),
    };
    Ok(vec![
        ("without a name that counts", made(|_| {})?),
        (
            "an authority",
            made(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))?,
        ),
        (
            "expired",
            made(|params| params.not_after = rcgen::date_time_ymd(2001, 1, 1))?,
        ),
        ("X.509 version 1", version_1),
    ])
}

#[tokio::test]
async fn a_pinned_certificate_is_taken_whatever_it_says() -> Result<()> {
    for version in [&TLS12, &TLS13] {
        for (what, made) in homemade()? {
            let pin = pin(&made.certificate);
            let address = server(acceptor(made.certificate, made.key, &[version])?).await?;
            let url = format!("wss://{address}/");
            let reached = framework(&url, TlsClient::pinned(pin)?).await?;
            assert_eq!(reached, Ok(()), "{what}, {version:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn another_certificate_is_refused_and_its_fingerprint_told() -> Result<()> {
    let pinned = made(|_| {})?;
    let other = made(|_| {})?;
    let seen: Vec<String> = pin(&other.certificate)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let address = server(acceptor(other.certificate, other.key, &[&TLS13])?).await?;
    let url = format!("wss://{address}/");
    let refused = framework(&url, TlsClient::pinned(pin(&pinned.certificate))?).await?;
    let words = refused.expect_err("it is another one");
    assert!(words.contains(&seen.join(":")), "{words}");
    Ok(())
}

/// Whoever has the certificate, which is public, but not its key.
#[tokio::test]
async fn a_pinned_certificate_without_its_key_is_refused() -> Result<()> {
    for version in [&TLS12, &TLS13] {
        for (what, owner) in homemade()? {
            let thief = made(|_| {})?;
            let pin = pin(&owner.certificate);
            let address = server(acceptor(owner.certificate, thief.key, &[version])?).await?;
            let url = format!("wss://{address}/");
            let refused = framework(&url, TlsClient::pinned(pin)?).await?;
            let words = refused
                .err()
                .with_context(|| format!("{what}, {version:?}"))?;
            assert!(
                words.contains("TLS handshake"),
                "{what}, {version:?}: {words}"
            );
        }
    }
    Ok(())
}
