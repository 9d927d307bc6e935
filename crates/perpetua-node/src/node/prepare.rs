//! The first phase of a start: everything that can fail. Nothing runs yet, so that whatever fails
//! leaves nothing behind.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use perpetua_accounts::{Desired, PortRegistry, UnusablePort};
use perpetua_config::Config;
use perpetua_fetch::{ClientError, Proxy, Purpose, http_client};
use perpetua_fs::Folders;
use perpetua_proxy::bind;
use perpetua_schema::Session;
use perpetua_secrets::{Secret, generate_token};
use perpetua_signing::SigningListener;
use perpetua_supervisor::{Launcher, SystemLauncher};
use perpetua_task::blocking;
use perpetua_tls::TlsClient;
use perpetua_words::Message;
use tokio::net::TcpListener;

use super::{NodeOptions, SessionFile};
use crate::{
    StartError,
    browsers::Browsers,
    installed_cores::InstalledCores,
    renames::{AccountNotes, Register, take_all_along},
};

/// A node that is ready to run.
pub(super) struct Prepared {
    pub(super) options: NodeOptions,
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) ports: PortRegistry,
    pub(super) cores: InstalledCores,
    /// The installer's task.
    pub(super) installing: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// For `wss://` upstreams.
    pub(super) tls: TlsClient,
    /// For webhooks.
    pub(super) client: reqwest::Client,
    pub(super) session_token: Secret,
    pub(super) session: SessionFile,
    pub(super) launcher: Arc<dyn Launcher>,
    /// For cores that ask for signatures.
    pub(super) signing: SigningListener,
    pub(super) browsers: Browsers,
    pub(super) account_notes: AccountNotes,
}

impl Prepared {
    pub(super) async fn new(options: NodeOptions) -> Result<Self, StartError> {
        let config = Arc::clone(&options.settings.config);
        let listener = bind_api(&config).await?;
        let address = listener.local_addr().unwrap_or(config.api.listen);
        let state = options.folders.state();
        let ports = blocking(move || PortRegistry::load(state)).await;
        let (register, mut account_notes) = take_along(&options, &ports).await;
        let reserved = ports.reserve_all(&Desired::new(&config)).await;
        reserved.map_err(|UnusablePort { owner, cause }| StartError::Bind {
            owner: Some(owner),
            cause,
        })?;
        let launcher: Arc<dyn Launcher> = Arc::new(SystemLauncher);
        let (cores, installing) = InstalledCores::open(
            &options.folders,
            &config.core_install(),
            options.tokens.clone(),
            Arc::clone(&launcher),
        )
        .await?;
        let folders = options.folders.clone();
        let register = cores.rename_accounts(register, folders).await;
        cores.forget_gone(&config, &options.folders).await;
        account_notes.of_change = remember(&options, register).await;
        let signing = SigningListener::bind().await.map_err(StartError::Signing)?;
        let client = blocking(|| http_client(Purpose::Webhooks, &Proxy::Environment)).await?;
        let tls = blocking(TlsClient::with_system_roots)
            .await
            .map_err(ClientError::from)?;
        let (tokens, clock) = (options.tokens.clone(), &options.clock);
        let browsers = Browsers::open(&options.folders, tokens, clock, options.pages).await;
        let session_token = generate_token()?;
        let session = write_session(&options.folders, address, &session_token).await?;
        Ok(Self {
            options,
            listener,
            address,
            ports,
            cores,
            installing: Box::pin(installing),
            tls,
            client,
            session_token,
            session,
            launcher,
            signing,
            browsers,
            account_notes,
        })
    }
}

/// What accounts have under former names comes along, before anything runs; gives what is left to do.
async fn take_along(options: &NodeOptions, ports: &PortRegistry) -> (Register, AccountNotes) {
    let (folders, ports) = (options.folders.clone(), ports.clone());
    let config = Arc::clone(&options.settings.config);
    let carried = options
        .tokens
        .ask(move |tokens| take_all_along(&config, &folders, tokens.store(), &ports));
    carried.await
}

/// The accounts of the settings are those that ran last; gives what is not clear of their names.
async fn remember(options: &NodeOptions, mut register: Register) -> Vec<Message> {
    let folders = options.folders.clone();
    let config = Arc::clone(&options.settings.config);
    blocking(move || register.remember(&config, &folders)).await
}

async fn bind_api(config: &Config) -> Result<TcpListener, StartError> {
    bind(config.api.listen)
        .await
        .map_err(|cause| StartError::Bind { owner: None, cause })
}

async fn write_session(
    folders: &Folders,
    address: SocketAddr,
    token: &Secret,
) -> Result<SessionFile, StartError> {
    let session = Session {
        api: format!("http://{address}"),
        token: token.expose().to_owned(),
        pid: std::process::id(),
    };
    let path = folders.session();
    let bytes = serde_json::to_vec(&session).unwrap_or_default();
    Ok(blocking(move || SessionFile::write(path, bytes)).await?)
}
