//! The first phase of a start: everything that can fail. Nothing runs yet, so that whatever fails
//! leaves nothing behind.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use perpetua_accounts::{Desired, PortRegistry, UnusablePort};
use perpetua_config::Config;
use perpetua_fetch::{ClientError, Proxy, http_client};
use perpetua_fs::{Access, Folders, write_atomic};
use perpetua_proxy::bind;
use perpetua_schema::Session;
use perpetua_secrets::{Secret, generate_token};
use perpetua_supervisor::{Launcher, SystemLauncher};
use perpetua_task::blocking;
use perpetua_tls::TlsClient;
use tokio::net::TcpListener;

use super::{NodeOptions, SessionFile};
use crate::{StartError, browsers::Browsers, installed_cores::InstalledCores};

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
    pub(super) browsers: Browsers,
}

impl Prepared {
    pub(super) async fn new(options: NodeOptions) -> Result<Self, StartError> {
        let config = Arc::clone(&options.settings.config);
        let listener = bind_api(&config).await?;
        let address = listener.local_addr().unwrap_or(config.api.listen);
        let state = options.folders.state();
        let ports = blocking(move || PortRegistry::load(state)).await;
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
        let client = blocking(|| http_client(&Proxy::Environment)).await?;
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
            browsers,
        })
    }
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
    blocking(move || {
        write_atomic(&path, &bytes, Access::Owner)?;
        Ok(SessionFile(path))
    })
    .await
}
