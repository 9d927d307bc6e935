//! `wss://` upstreams, with a server of this machine: the cryptography is the one that was passed in, whatever
//! the process has installed.

mod pinned;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use futures_util::{SinkExt as _, StreamExt as _};
use perpetua_backoff::Backoff;
use perpetua_hub::{AccountLimits, ClientSettings, DialState, LinkFailure, LinkState, PostState};
use perpetua_proxy::{
    AccountHandle, AccountTasks, Clock, DialSettings, FrameBudget, FrameworkWay, PostSettings,
    dial_framework, dial_trial, post_events, run_dial,
};
use perpetua_tls::TlsClient;
use rustls::{
    ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{accept_async, tungstenite::Message};

const PATIENCE: Duration = Duration::from_secs(20);
const EVENT: &str = r#"{"self_id":10001,"post_type":"message"}"#;

/// A provider that can do nothing: whoever takes the process's own fails.
fn install_a_useless_provider() {
    let useless = CryptoProvider {
        cipher_suites: Vec::new(),
        kx_groups: Vec::new(),
        ..ring::default_provider()
    };
    // Another test of this process may have been first.
    let _installed_already = useless.install_default();
}

/// A certificate that is signed by itself, and its key.
fn certificate() -> Result<(CertificateDer<'static>, Vec<u8>)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    Ok((made.cert.der().clone(), made.signing_key.serialize_der()))
}

/// A server's side of TLS, with a certificate that is not looked at before it is shown.
fn acceptor(
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<TlsAcceptor> {
    let key = PrivateKeyDer::try_from(key).map_err(anyhow::Error::msg)?;
    let key = ring::sign::any_supported_type(&key)?;
    let shown = CertifiedKey::new(vec![certificate], key);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A OneBot upstream under TLS that says one thing to each who comes; gives its certificate too.
async fn upstream() -> Result<(SocketAddr, CertificateDer<'static>)> {
    let (certificate, key) = certificate()?;
    let acceptor = acceptor(certificate.clone(), key, &[&TLS13, &TLS12])?;
    Ok((server(acceptor).await?, certificate))
}

/// Such a server behind this side of TLS.
async fn server(acceptor: TlsAcceptor) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let (stream, _peer) = listener.accept().await?;
            // One that trusts nobody ends the handshake; the next is served all the same.
            if let Ok(stream) = acceptor.accept(stream).await {
                let mut socket = accept_async(stream).await?;
                socket.send(Message::text(EVENT)).await?;
                while socket.next().await.is_some() {}
            }
        }
        #[expect(unreachable_code, reason = "it gives the loop its type")]
        anyhow::Ok(())
    });
    Ok(address)
}

fn account() -> (AccountHandle, AccountTasks) {
    let tasks = AccountTasks::default();
    let account = AccountHandle::start(
        "main",
        AccountLimits::default(),
        Clock::system(),
        FrameBudget::default(),
        1,
        &tasks,
    );
    (account, tasks)
}

/// An account that dials `wss://localhost` with these roots.
fn dial(port: u16, tls: Option<TlsClient>) -> (AccountHandle, AccountTasks) {
    let (account, tasks) = account();
    let dial = DialSettings {
        url: format!("wss://localhost:{port}/"),
        token: None,
        backoff: Backoff::default(),
        tls,
    };
    let run = run_dial(account.clone(), dial, 1, tasks.cancel.clone());
    tasks.tracker.spawn("dial", run);
    (account, tasks)
}

/// What the first attempt comes to.
async fn failure(account: &AccountHandle) -> Result<LinkFailure> {
    let failed = async {
        loop {
            if let LinkState::Waiting { failure, .. } = account.snapshot().link {
                return failure;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, failed).await.context("it does not fail")
}

async fn goes_online(account: &AccountHandle) -> Result<()> {
    let mut presence = account.presence();
    let online = presence.wait_for(|presence| presence.online);
    timeout(PATIENCE, online)
        .await
        .with_context(|| format!("not online: {:?}", account.snapshot().link))??;
    Ok(())
}

#[tokio::test]
async fn a_wss_upstream_is_reached_without_a_provider_of_the_process() -> Result<()> {
    let (address, certificate) = upstream().await?;
    let tls = TlsClient::with_roots([certificate])?;
    let (account, tasks) = dial(address.port(), Some(tls));
    goes_online(&account).await?;
    tasks.cancel.cancel();
    Ok(())
}

#[tokio::test]
async fn a_wss_upstream_is_reached_when_the_process_has_another_provider() -> Result<()> {
    install_a_useless_provider();
    let (address, certificate) = upstream().await?;
    let tls = TlsClient::with_roots([certificate])?;
    let (account, tasks) = dial(address.port(), Some(tls));
    goes_online(&account).await?;
    tasks.cancel.cancel();
    Ok(())
}

/// A framework under TLS is dialled by the same rules.
#[tokio::test]
async fn a_wss_framework_is_reached_where_somebody_vouches_for_it() -> Result<()> {
    let (address, certificate) = upstream().await?;
    let url = format!("wss://localhost:{}/", address.port());
    let refused = framework(&url, TlsClient::without_roots()?).await?;
    let words = refused.expect_err("nobody vouches for it");
    assert!(words.contains("certificate"), "{words}");
    let reached = framework(&url, TlsClient::with_roots([certificate])?).await?;
    assert_eq!(reached, Ok(()));
    Ok(())
}

/// Whether a framework is reached under this TLS, or what is said of it.
async fn framework(url: &str, tls: TlsClient) -> Result<Result<(), String>> {
    let (account, tasks) = account();
    account.set_uin(Some(10_001));
    account.set_client("bot", ClientSettings::default());
    let dial = DialSettings {
        url: url.to_owned(),
        token: None,
        backoff: Backoff::default(),
        tls: Some(tls),
    };
    let way = FrameworkWay {
        client: "bot".into(),
        place: 0,
        is_one_of_several: false,
        server: String::new(),
        dial,
    };
    let ((_trial, tried), cancel) = (dial_trial(), tasks.cancel.clone());
    let run = dial_framework(account.clone(), way, tried, 1, cancel);
    tasks.tracker.spawn("dial", run);
    let state = timeout(PATIENCE, dialled(&account)).await?;
    tasks.cancel.cancel();
    Ok(match state {
        DialState::Open { .. } => Ok(()),
        other => Err(other.failure().map(ToString::to_string).unwrap_or_default()),
    })
}

/// Events are posted under TLS by the same rules, and one that is not trusted gets none.
#[tokio::test]
async fn events_are_posted_under_tls_where_somebody_vouches_for_the_server() -> Result<()> {
    let (certificate, key) = certificate()?;
    let acceptor = acceptor(certificate.clone(), key, &[&TLS13])?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("https://localhost:{}/onebot", listener.local_addr()?.port());
    tokio::spawn(async move {
        loop {
            let (stream, _node) = listener.accept().await?;
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = vec![0; 12];
            stream.read_exact(&mut head).await?;
            assert_eq!(head, b"POST /onebot");
            let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
            stream.write_all(answer).await?;
            stream.shutdown().await?;
        }
        #[expect(unreachable_code, reason = "it gives the loop its type")]
        anyhow::Ok(())
    });
    for (tls, is_reached) in [
        (TlsClient::without_roots()?, false),
        (TlsClient::with_roots([certificate])?, true),
    ] {
        let (account, tasks) = account();
        account.set_uin(Some(10_001));
        account.set_client("bot", ClientSettings::default());
        let target = PostSettings {
            url: url.clone(),
            secret: None,
            tls: Some(tls),
        };
        let run = post_events(
            account.clone(),
            "bot".into(),
            target,
            1,
            tasks.cancel.clone(),
        );
        tasks.tracker.spawn("post", run);
        let state = timeout(PATIENCE, posted(&account)).await?;
        let words = state.failure().map(ToString::to_string).unwrap_or_default();
        assert_eq!(state == PostState::Taking, is_reached, "{words}");
        assert_eq!(words.contains("certificate"), !is_reached, "{words}");
        tasks.cancel.cancel();
    }
    Ok(())
}

/// What the first attempt to post comes to.
async fn posted(account: &AccountHandle) -> PostState {
    loop {
        let client = account.snapshot().clients.into_iter().next();
        match client.and_then(|client| client.post).map(|post| post.state) {
            Some(state @ (PostState::Taking | PostState::Failing { .. })) => return state,
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// What the first attempt at a framework comes to.
async fn dialled(account: &AccountHandle) -> DialState {
    loop {
        let client = account.snapshot().clients.into_iter().next();
        match client
            .and_then(|mut client| client.dials.remove(&0))
            .map(|dial| dial.state)
        {
            Some(state @ (DialState::Open { .. } | DialState::Waiting { .. })) => return state,
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_refused() -> Result<()> {
    let (address, _certificate) = upstream().await?;
    let (account, tasks) = dial(address.port(), Some(TlsClient::without_roots()?));
    let words = failure(&account).await?.to_string();
    assert!(words.contains("certificate"), "{words}");
    tasks.cancel.cancel();
    Ok(())
}
