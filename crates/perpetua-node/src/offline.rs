//! What can be done on a data folder while no node runs there.

use std::sync::Arc;

use perpetua_config::Config;
use perpetua_fs::{Access, FolderLock, Folders, write_atomic};
use perpetua_schema::{Call, ErrorCode, Import, Imported, Method, RpcError};
use perpetua_supervisor::SystemLauncher;
use perpetua_words::rpc as words;
use tokio::task::JoinHandle;

use crate::{
    StartError, Tokens,
    backend::reply,
    context::blocking,
    error::{in_words, other},
    first_start::Settings,
    installed_cores::InstalledCores,
    managed,
    signer_test::SignerTests,
};

/// A data folder that is ours, without a node: the installed cores, the signers, imports.
#[derive(Debug)]
pub struct Offline {
    cores: InstalledCores,
    signers: SignerTests,
    installer: JoinHandle<()>,
    folders: Folders,
    settings: Settings,
    tokens: Tokens,
    _lock: FolderLock,
}

impl Offline {
    /// Opens what the folder holds. Nothing is started or looked for.
    pub async fn open(
        folders: Folders,
        lock: FolderLock,
        settings: Settings,
        tokens: Tokens,
    ) -> Result<Self, StartError> {
        let core = perpetua_config::CoreInstallSettings {
            check_every: None,
            ..settings.config.core.clone()
        };
        let launcher = Arc::new(SystemLauncher);
        let (cores, task) = InstalledCores::open(&folders, &core, tokens.clone(), launcher).await?;
        Ok(Self {
            cores,
            signers: SignerTests::new(tokens.clone()),
            installer: tokio::spawn(task),
            folders,
            settings,
            tokens,
            _lock: lock,
        })
    }

    /// Carries out a call, as the node would.
    pub async fn call<M: Method>(&self, call: &M) -> Result<M::Reply, RpcError> {
        let internal = |error: serde_json::Error| {
            RpcError::new(
                ErrorCode::Internal,
                words::UnreadableReply {
                    call: M::NAME,
                    reason: error.to_string(),
                },
            )
        };
        let body = serde_json::to_vec(call).map_err(internal)?;
        let value = self.carry_out(Call::parse(M::NAME, &body)?).await?;
        serde_json::from_value(value).map_err(internal)
    }

    async fn carry_out(&self, call: Call) -> Result<serde_json::Value, RpcError> {
        let cores = &self.cores;
        match call {
            Call::ListCores(_) => reply(&cores.list(|_| Vec::new()).await?),
            Call::CoreCheck(_) => {
                cores.check().await?;
                reply(&cores.list(|_| Vec::new()).await?)
            }
            Call::CoreInstall(install) => reply(&cores.install(install).await),
            Call::CoreCancel(_) => reply(&cores.cancel().await),
            Call::CoreUse(which) => reply(&cores.use_version(which.version).await?),
            Call::CoreRemove(which) => reply(&cores.remove(which.version, &[]).await?),
            Call::CoreVerify(which) => reply(&cores.verify(which.version).await?),
            Call::SignerTest(test) => reply(&self.signers.run(test, self.config()).await?),
            Call::Import(import) => reply(&self.import(import).await?),
            _ => Err(RpcError::new(ErrorCode::NotSupported, words::NeedsNode)),
        }
    }

    fn config(&self) -> &Config {
        &self.settings.config
    }

    async fn import(&self, import: Import) -> Result<Imported, RpcError> {
        let program = self.cores.take_program(&import.folder).await;
        let (folders, tokens) = (self.folders.clone(), self.tokens.clone());
        let (path, text) = (self.settings.path.clone(), self.settings.text.clone());
        let prepared = blocking(move || {
            let prepared = managed::import(&import, &text, &folders, &tokens)?;
            write_atomic(&path, prepared.text.as_bytes(), Access::Usual)
                .map_err(|error| RpcError::new(ErrorCode::Internal, other(in_words(&error))))?;
            Ok::<_, RpcError>(prepared)
        })
        .await?;
        Ok(program.add_to(prepared.imported))
    }
}

impl Drop for Offline {
    /// An installation that is under way is called off; its download goes on where it was next time.
    fn drop(&mut self) {
        self.installer.abort();
    }
}
