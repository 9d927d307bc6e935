//! What can be done on a data folder while no node runs there.

use std::sync::Arc;

use perpetua_accounts::Tokens;
use perpetua_config::Config;
use perpetua_fs::{FolderLock, Folders};
use perpetua_schema::{
    AccountAdd, AccountAdded, AccountConfig, AccountEdit, AccountEdited, AccountRemove,
    AccountSettings, Applied, ChatFrame, ChatFrames, ChatHistory, ChatPage, ChatPicture, ClientAdd,
    ClientAdded, ClientConfig, ClientCut, ClientEdit, ClientEdited, ClientRead, ClientRemove,
    ClientTest, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog, CoreRemove,
    CoreSourcesEdit, CoreStatus, CoreUse, CoreVerified, CoreVerify, DataFacts, DataRead, ErrorCode,
    Guide, GuideText, Handler, Happening, Happenings, Import, Imported, ListCores, ListSigners,
    Login, LoginBackup, LoginBackupStatus, LoginForget, LoginNewCode, LoginRestore, Method,
    NetworkEdit, NetworkEdited, NetworkRead, NetworkSettings, NodeStatus, PictureContent,
    PortCheck, PortReport, Preferences, PreferencesEdit, PreferencesEdited, PreferencesRead,
    RatesHistory, ReadCoreLog, ReadRates, Reconnect, Restart, RetryFailed, RpcError, Said, Say,
    SecretRemove, SecretSet, SetAccountEnabled, SetClientEnabled, SettingsRead, SettingsText,
    SettingsWrite, SignInLink, SignInLinkMade, SignInToken, SignInTokenNew, SignerAdd, SignerAdded,
    SignerEdit, SignerRemove, SignerReport, SignerStatus, SignerTest, SignersOrder, Simulate,
    SimulatorWorld, Start, Status, Stop, TargetTested, Token, TokenNew, TokenValue, UpdateCheck,
    UpdateNews, UpstreamReport, UpstreamTest, WebhookReport, WebhookTest, World,
};
use perpetua_supervisor::SystemLauncher;
use perpetua_task::{GapWatch, blocking};
use perpetua_words::rpc as words;
use tokio::task::JoinHandle;

use crate::{
    StartError,
    first_start::Settings,
    import,
    installed_cores::InstalledCores,
    refusal,
    settings_file::{replace_settings, settled_settings},
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
            signers: SignerTests::new(tokens.clone(), GapWatch::default()),
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
        let core = &self.config().core;
        self.cores.list(core, |_| Vec::new()).await
    }

    fn config(&self) -> &Config {
        &self.settings.config
    }

    async fn take_over(&self, import: Import) -> Result<Imported, RpcError> {
        let (wanted, folders) = (import.clone(), self.folders.clone());
        blocking(move || import::may_begin(&wanted, &folders)).await?;
        let program = self.cores.take_program(&import.folder).await;
        let (folders, tokens) = (self.folders.clone(), self.tokens.clone());
        let path = self.settings.path.clone();
        let prepared = blocking(move || {
            let settings = settled_settings(path).map_err(|error| refusal::of_settings(&error))?;
            let prepared = import::import(&import, &settings.text, &folders, &tokens)?;
            replace_settings(&settings, &prepared.text)
                .map_err(|error| refusal::of_settings(&error))?;
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
        let (applied, _version) = self.cores.use_version(call.version).await?;
        Ok(applied)
    }

    async fn core_remove(&self, call: CoreRemove) -> Result<Applied, RpcError> {
        self.cores.remove(call.version, &[]).await
    }

    async fn core_verify(&self, call: CoreVerify) -> Result<Vec<CoreVerified>, RpcError> {
        self.cores.verify(call.version).await
    }

    async fn signer_test(&self, call: SignerTest) -> Result<SignerReport, RpcError> {
        self.signers.run(call, self.config(), None).await
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

    async fn retry_failed(&self, _: RetryFailed) -> Result<Applied, RpcError> {
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

    async fn account_add(&self, _: AccountAdd) -> Result<AccountAdded, RpcError> {
        needs_node()
    }

    async fn account_settings(&self, _: AccountSettings) -> Result<AccountConfig, RpcError> {
        needs_node()
    }

    async fn account_edit(&self, _: AccountEdit) -> Result<AccountEdited, RpcError> {
        needs_node()
    }

    async fn account_remove(&self, _: AccountRemove) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn set_account_enabled(&self, _: SetAccountEnabled) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn client_add(&self, _: ClientAdd) -> Result<ClientAdded, RpcError> {
        needs_node()
    }

    async fn client_settings(&self, _: ClientRead) -> Result<ClientConfig, RpcError> {
        needs_node()
    }

    async fn client_edit(&self, _: ClientEdit) -> Result<ClientEdited, RpcError> {
        needs_node()
    }

    async fn client_remove(&self, _: ClientRemove) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn token_new(&self, _: TokenNew) -> Result<TokenValue, RpcError> {
        needs_node()
    }

    async fn client_cut(&self, _: ClientCut) -> Result<(), RpcError> {
        needs_node()
    }

    async fn client_test(&self, _: ClientTest) -> Result<Vec<TargetTested>, RpcError> {
        needs_node()
    }

    async fn guide(&self, _: Guide) -> Result<GuideText, RpcError> {
        needs_node()
    }

    async fn port_check(&self, _: PortCheck) -> Result<PortReport, RpcError> {
        needs_node()
    }

    async fn upstream_test(&self, _: UpstreamTest) -> Result<UpstreamReport, RpcError> {
        needs_node()
    }

    async fn preferences_read(&self, _: PreferencesRead) -> Result<Preferences, RpcError> {
        needs_node()
    }

    async fn preferences_edit(&self, _: PreferencesEdit) -> Result<PreferencesEdited, RpcError> {
        needs_node()
    }

    async fn network_read(&self, _: NetworkRead) -> Result<NetworkSettings, RpcError> {
        needs_node()
    }

    async fn network_edit(&self, _: NetworkEdit) -> Result<NetworkEdited, RpcError> {
        needs_node()
    }

    async fn update_check(&self, _: UpdateCheck) -> Result<UpdateNews, RpcError> {
        needs_node()
    }

    async fn data_read(&self, _: DataRead) -> Result<DataFacts, RpcError> {
        needs_node()
    }

    async fn webhook_test(&self, _: WebhookTest) -> Result<WebhookReport, RpcError> {
        needs_node()
    }

    async fn signer_list(&self, _: ListSigners) -> Result<Vec<SignerStatus>, RpcError> {
        needs_node()
    }

    async fn signer_add(&self, _: SignerAdd) -> Result<SignerAdded, RpcError> {
        needs_node()
    }

    async fn signer_remove(&self, _: SignerRemove) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn signer_edit(&self, _: SignerEdit) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn signers_order(&self, _: SignersOrder) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn core_sources_edit(&self, _: CoreSourcesEdit) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn secret_set(&self, _: SecretSet) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn secret_remove(&self, _: SecretRemove) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn happenings(&self, _: Happenings) -> Result<Vec<Happening>, RpcError> {
        needs_node()
    }

    async fn read_rates(&self, _: ReadRates) -> Result<RatesHistory, RpcError> {
        needs_node()
    }

    async fn login_new_code(&self, _: LoginNewCode) -> Result<CoreStatus, RpcError> {
        needs_node()
    }

    async fn login_backup(&self, _: LoginBackup) -> Result<LoginBackupStatus, RpcError> {
        needs_node()
    }

    async fn login_forget(&self, _: LoginForget) -> Result<Applied, RpcError> {
        needs_node()
    }

    async fn simulator_world(&self, _: SimulatorWorld) -> Result<World, RpcError> {
        needs_node()
    }

    async fn chat_history(&self, _: ChatHistory) -> Result<ChatPage, RpcError> {
        needs_node()
    }

    async fn chat_picture(&self, _: ChatPicture) -> Result<PictureContent, RpcError> {
        needs_node()
    }

    async fn chat_frames(&self, _: ChatFrames) -> Result<Vec<ChatFrame>, RpcError> {
        needs_node()
    }

    async fn sign_in_link(&self, _: SignInLink) -> Result<SignInLinkMade, RpcError> {
        needs_node()
    }

    async fn sign_in_token(&self, _: SignInToken) -> Result<TokenValue, RpcError> {
        needs_node()
    }

    async fn sign_in_token_new(&self, _: SignInTokenNew) -> Result<TokenValue, RpcError> {
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
