//! What can be done on a data folder while no node runs there.

use std::sync::Arc;

use perpetua_accounts::Tokens;
use perpetua_config::Config;
use perpetua_fs::{Access, FolderLock, Folders, write_atomic};
use perpetua_schema::{
    Applied, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog, CoreRemove,
    CoreStatus, CoreUse, CoreVerified, CoreVerify, ErrorCode, Handler, Import, Imported, ListCores,
    Login, LoginRestore, Method, NodeStatus, ReadCoreLog, Reconnect, Restart, RpcError, Said, Say,
    SetClientEnabled, SettingsRead, SettingsText, SettingsWrite, SignerReport, SignerTest,
    Simulate, Start, Status, Stop, Token, TokenValue,
};
use perpetua_supervisor::SystemLauncher;
use perpetua_task::blocking;
use perpetua_words::rpc as words;
use tokio::task::JoinHandle;

use crate::{
    StartError, first_start::Settings, import, installed_cores::InstalledCores,
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
        call.clone().answer(self).await
    }

    async fn list(&self) -> Result<CoreList, RpcError> {
        self.cores.list(|_| Vec::new()).await
    }

    fn config(&self) -> &Config {
        &self.settings.config
    }

    async fn take_over(&self, import: Import) -> Result<Imported, RpcError> {
        let program = self.cores.take_program(&import.folder).await;
        let (folders, tokens) = (self.folders.clone(), self.tokens.clone());
        let (path, text) = (self.settings.path.clone(), self.settings.text.clone());
        let prepared = blocking(move || {
            let prepared = import::import(&import, &text, &folders, &tokens)?;
            write_atomic(&path, prepared.text.as_bytes(), Access::Usual)
                .map_err(|error| RpcError::new(ErrorCode::Internal, &error))?;
            Ok::<_, RpcError>(prepared)
        })
        .await?;
        Ok(program.add_to(prepared.imported))
    }
}

impl Handler for Offline {
    async fn core_list(&self, _: ListCores) -> Result<CoreList, RpcError> {
        self.list().await
    }

    async fn core_check(&self, _: CoreCheck) -> Result<CoreList, RpcError> {
        self.cores.check().await?;
        self.list().await
    }

    async fn core_install(&self, call: CoreInstall) -> Result<CoreJob, RpcError> {
        Ok(self.cores.install(call).await)
    }

    async fn core_cancel(&self, _: CoreCancel) -> Result<(), RpcError> {
        self.cores.cancel().await;
        Ok(())
    }

    async fn core_use(&self, call: CoreUse) -> Result<Applied, RpcError> {
        self.cores.use_version(call.version).await
    }

    async fn core_remove(&self, call: CoreRemove) -> Result<Applied, RpcError> {
        self.cores.remove(call.version, &[]).await
    }

    async fn core_verify(&self, call: CoreVerify) -> Result<Vec<CoreVerified>, RpcError> {
        self.cores.verify(call.version).await
    }

    async fn signer_test(&self, call: SignerTest) -> Result<SignerReport, RpcError> {
        self.signers.run(call, self.config()).await
    }

    async fn import(&self, call: Import) -> Result<Imported, RpcError> {
        self.take_over(call).await
    }

    async fn status(&self, _: Status) -> Result<NodeStatus, RpcError> {
        needs_node()
    }

    async fn token(&self, _: Token) -> Result<TokenValue, RpcError> {
        needs_node()
    }

    async fn say(&self, _: Say) -> Result<Said, RpcError> {
        needs_node()
    }

    async fn simulate(&self, _: Simulate) -> Result<(), RpcError> {
        needs_node()
    }

    async fn reconnect(&self, _: Reconnect) -> Result<(), RpcError> {
        needs_node()
    }

    async fn settings_read(&self, _: SettingsRead) -> Result<SettingsText, RpcError> {
        needs_node()
    }

    async fn settings_write(&self, _: SettingsWrite) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn set_client_enabled(&self, _: SetClientEnabled) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn start(&self, _: Start) -> Result<CoreStatus, RpcError> {
        needs_node()
    }

    async fn stop(&self, _: Stop) -> Result<CoreStatus, RpcError> {
        needs_node()
    }

    async fn restart(&self, _: Restart) -> Result<CoreStatus, RpcError> {
        needs_node()
    }

    async fn login(&self, _: Login) -> Result<CoreStatus, RpcError> {
        needs_node()
    }

    async fn login_restore(&self, _: LoginRestore) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn core_log(&self, _: ReadCoreLog) -> Result<CoreLog, RpcError> {
        needs_node()
    }
}

fn needs_node<T>() -> Result<T, RpcError> {
    Err(RpcError::new(ErrorCode::NotSupported, words::NeedsNode))
}

impl Drop for Offline {
    /// An installation that is under way is called off; its download goes on where it was next time.
    fn drop(&mut self) {
        self.installer.abort();
    }
}
