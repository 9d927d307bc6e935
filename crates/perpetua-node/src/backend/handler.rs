//! Every call to a running node, and what carries it out.

use perpetua_schema::{
    AccountAdd, AccountAdded, AccountConfig, AccountEdit, AccountEdited, AccountRemove,
    AccountSettings, Applied, ChatFrame, ChatFrames, ChatHistory, ChatPage, ChatPicture, ClientAdd,
    ClientAdded, ClientConfig, ClientCut, ClientEdit, ClientEdited, ClientRead, ClientRemove,
    ClientTest, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog, CoreRemove,
    CoreSourcesEdit, CoreStatus, CoreUse, CoreVerified, CoreVerify, DataFacts, DataRead, Guide,
    GuideText, Handler, Happening, Happenings, Import, Imported, ListCores, ListSigners, Login,
    LoginBackup, LoginBackupStatus, LoginForget, LoginNewCode, LoginRestore, NetworkEdit,
    NetworkEdited, NetworkRead, NetworkSettings, NodeStatus, PictureContent, PortCheck, PortReport,
    Preferences, PreferencesEdit, PreferencesEdited, PreferencesRead, RatesHistory, ReadCoreLog,
    ReadRates, Reconnect, Restart, RetryFailed, RpcError, Said, Say, SecretRemove, SecretSet,
    SetAccountEnabled, SetClientEnabled, SettingsRead, SettingsText, SettingsWrite, SignInLink,
    SignInLinkMade, SignInToken, SignInTokenNew, SignerAdd, SignerAdded, SignerEdit, SignerRemove,
    SignerReport, SignerStatus, SignerTest, SignersOrder, Simulate, SimulatorWorld, Start, Status,
    Stop, TargetTested, Token, TokenNew, TokenValue, UpdateCheck, UpdateNews, UpstreamReport,
    UpstreamTest, WebhookReport, WebhookTest, World,
};

use perpetua_task::blocking;

use super::NodeBackend;
use crate::import::may_begin;

impl Handler for NodeBackend {
    async fn status(&self, _: Status) -> Result<NodeStatus, RpcError> {
        Ok(self.node_status())
    }

    async fn token(&self, call: Token) -> Result<TokenValue, RpcError> {
        self.shown_token(&call)
    }

    async fn say(&self, call: Say) -> Result<Said, RpcError> {
        self.simulator(call.account.as_deref())?.say(call).await
    }

    async fn simulate(&self, call: Simulate) -> Result<(), RpcError> {
        let simulator = self.simulator(call.account.as_deref())?;
        simulator.simulate(call.event).await
    }

    async fn reconnect(&self, call: Reconnect) -> Result<(), RpcError> {
        self.controller.reconnect(call.account).await
    }

    async fn retry_failed(&self, _: RetryFailed) -> Result<Applied, RpcError> {
        // A person wants it tried, so a keyring that was silent is asked.
        self.tokens.store().try_again();
        self.controller.retry_failed().await
    }

    async fn settings_read(&self, _: SettingsRead) -> Result<SettingsText, RpcError> {
        self.settings.read().await
    }

    async fn settings_write(&self, call: SettingsWrite) -> Result<Applied, RpcError> {
        let applied = self.view.borrow().config.clone();
        self.edits.write_text(call, &applied).await
    }

    async fn set_client_enabled(&self, call: SetClientEnabled) -> Result<Applied, RpcError> {
        self.edits.set_client_enabled(call).await
    }

    async fn core_list(&self, _: ListCores) -> Result<CoreList, RpcError> {
        self.list_cores().await
    }

    async fn core_check(&self, _: CoreCheck) -> Result<CoreList, RpcError> {
        self.cores.check().await?;
        self.list_cores().await
    }

    async fn core_install(&self, call: CoreInstall) -> Result<CoreJob, RpcError> {
        // What a new version takes the place of is not kept for accounts that are gone.
        let config = self.view.borrow().config.clone();
        let folders = &self.edits.place().folders;
        self.cores.forget_gone(&config, folders).await;
        Ok(self.cores.install(call).await)
    }

    async fn core_cancel(&self, _: CoreCancel) -> Result<(), RpcError> {
        self.cores.cancel().await;
        Ok(())
    }

    async fn core_use(&self, call: CoreUse) -> Result<Applied, RpcError> {
        self.use_core(call.version).await
    }

    async fn core_remove(&self, call: CoreRemove) -> Result<Applied, RpcError> {
        let users = self.users_of(&call.version);
        self.cores.remove(call.version, &users).await
    }

    async fn core_verify(&self, call: CoreVerify) -> Result<Vec<CoreVerified>, RpcError> {
        self.cores.verify(call.version).await
    }

    async fn start(&self, call: Start) -> Result<CoreStatus, RpcError> {
        self.lead(&call.account, async |core| core.start().await)
            .await
    }

    async fn stop(&self, call: Stop) -> Result<CoreStatus, RpcError> {
        self.lead(&call.account, async |core| core.stop().await)
            .await
    }

    async fn restart(&self, call: Restart) -> Result<CoreStatus, RpcError> {
        self.lead(&call.account, async |core| core.restart().await)
            .await
    }

    async fn login(&self, call: Login) -> Result<CoreStatus, RpcError> {
        self.look_at_login(&call.account).await
    }

    async fn login_restore(&self, call: LoginRestore) -> Result<Applied, RpcError> {
        self.restore_login(call).await
    }

    async fn core_log(&self, call: ReadCoreLog) -> Result<CoreLog, RpcError> {
        self.read_core_log(&call)
    }

    async fn signer_test(&self, call: SignerTest) -> Result<SignerReport, RpcError> {
        let view = self.view.borrow().clone();
        self.signers.run(call, &view.config, Some(&view)).await
    }

    async fn import(&self, call: Import) -> Result<Imported, RpcError> {
        let (wanted, folders) = (call.clone(), self.edits.place().folders.clone());
        blocking(move || may_begin(&wanted, &folders)).await?;
        // The program first: the new account would begin to download one.
        let program = self.cores.take_program(&call.folder).await;
        let imported = self.edits.alone(self.settings.import(call)).await?;
        Ok(program.add_to(imported))
    }

    async fn account_add(&self, call: AccountAdd) -> Result<AccountAdded, RpcError> {
        self.edits.alone(self.edits.add_account(call)).await
    }

    async fn account_settings(&self, call: AccountSettings) -> Result<AccountConfig, RpcError> {
        self.edits.account_settings(call).await
    }

    async fn account_edit(&self, call: AccountEdit) -> Result<AccountEdited, RpcError> {
        self.edits.alone(self.edits.edit_account(call)).await
    }

    async fn account_remove(&self, call: AccountRemove) -> Result<Applied, RpcError> {
        let account = call.account.clone();
        let removed = self.edits.alone(self.edits.remove_account(call)).await?;
        self.cores.forget_account(account).await;
        Ok(removed)
    }

    async fn set_account_enabled(&self, call: SetAccountEnabled) -> Result<Applied, RpcError> {
        self.edits.set_account_enabled(call).await
    }

    async fn client_add(&self, call: ClientAdd) -> Result<ClientAdded, RpcError> {
        self.edits.alone(self.edits.add_client(call)).await
    }

    async fn client_settings(&self, call: ClientRead) -> Result<ClientConfig, RpcError> {
        self.edits.client_settings(call).await
    }

    async fn client_edit(&self, call: ClientEdit) -> Result<ClientEdited, RpcError> {
        self.edits.edit_client(call).await
    }

    async fn client_remove(&self, call: ClientRemove) -> Result<Applied, RpcError> {
        self.edits.alone(self.edits.remove_client(call)).await
    }

    async fn token_new(&self, call: TokenNew) -> Result<TokenValue, RpcError> {
        self.edits.alone(self.edits.renew_token(call)).await
    }

    async fn client_cut(&self, call: ClientCut) -> Result<(), RpcError> {
        self.cut_client(&call)
    }

    async fn client_test(&self, call: ClientTest) -> Result<Vec<TargetTested>, RpcError> {
        self.test_client(&call).await
    }

    async fn guide(&self, call: Guide) -> Result<GuideText, RpcError> {
        self.guide(&call)
    }

    async fn port_check(&self, call: PortCheck) -> Result<PortReport, RpcError> {
        let _turn = self.turn().await;
        self.check_port(call).await
    }

    async fn upstream_test(&self, call: UpstreamTest) -> Result<UpstreamReport, RpcError> {
        let _turn = self.turn().await;
        self.try_upstream(&call).await
    }

    async fn preferences_read(&self, _: PreferencesRead) -> Result<Preferences, RpcError> {
        self.edits.preferences().await
    }

    async fn preferences_edit(&self, call: PreferencesEdit) -> Result<PreferencesEdited, RpcError> {
        self.edits.edit_preferences(call).await
    }

    async fn network_read(&self, _: NetworkRead) -> Result<NetworkSettings, RpcError> {
        self.edits.network().await
    }

    async fn network_edit(&self, call: NetworkEdit) -> Result<NetworkEdited, RpcError> {
        self.edits.alone(self.edits.edit_network(call)).await
    }

    async fn update_check(&self, _: UpdateCheck) -> Result<UpdateNews, RpcError> {
        let _turn = self.turn().await;
        self.look_for_update().await
    }

    async fn data_read(&self, _: DataRead) -> Result<DataFacts, RpcError> {
        let _turn = self.turn().await;
        let secrets = self.view.borrow().config.secrets;
        Ok(self.edits.place().facts(secrets).await)
    }

    async fn webhook_test(&self, call: WebhookTest) -> Result<WebhookReport, RpcError> {
        let _turn = self.turn().await;
        self.try_webhook(&call).await
    }

    async fn signer_list(&self, _: ListSigners) -> Result<Vec<SignerStatus>, RpcError> {
        let view = self.view.borrow().clone();
        Ok(self.signers.list(&view, self.moment()).await)
    }

    async fn signer_add(&self, call: SignerAdd) -> Result<SignerAdded, RpcError> {
        self.edits.alone(self.edits.add_signer(call)).await
    }

    async fn signer_remove(&self, call: SignerRemove) -> Result<Applied, RpcError> {
        self.edits.alone(self.edits.remove_signer(call)).await
    }

    async fn signer_edit(&self, call: SignerEdit) -> Result<Applied, RpcError> {
        let moved = call.url.is_some().then(|| call.name.clone());
        let applied = self.edits.alone(self.edits.edit_signer(call)).await?;
        if let Some(name) = moved {
            self.signers.prober.forget(&name);
        }
        Ok(applied)
    }

    async fn signers_order(&self, call: SignersOrder) -> Result<Applied, RpcError> {
        self.edits.order_signers(call).await
    }

    async fn core_sources_edit(&self, call: CoreSourcesEdit) -> Result<Applied, RpcError> {
        self.edits.edit_core_sources(call).await
    }

    async fn secret_set(&self, call: SecretSet) -> Result<Applied, RpcError> {
        self.forget_signers_of(&call.name);
        self.edits.alone(self.edits.set_secret(call)).await
    }

    async fn secret_remove(&self, call: SecretRemove) -> Result<Applied, RpcError> {
        self.forget_signers_of(&call.name);
        self.edits.alone(self.edits.remove_secret(call)).await
    }

    async fn happenings(&self, call: Happenings) -> Result<Vec<Happening>, RpcError> {
        Ok(self.history.happenings(call.limit, self.moment()))
    }

    async fn read_rates(&self, call: ReadRates) -> Result<RatesHistory, RpcError> {
        Ok(self
            .history
            .rates(&self.counts(), self.clock.now(), call.minutes))
    }

    async fn login_new_code(&self, call: LoginNewCode) -> Result<CoreStatus, RpcError> {
        self.new_login_code(&call.account).await
    }

    async fn login_backup(&self, call: LoginBackup) -> Result<LoginBackupStatus, RpcError> {
        self.kept_login(&call.account).await
    }

    async fn login_forget(&self, call: LoginForget) -> Result<Applied, RpcError> {
        self.forget_login(call).await
    }

    async fn simulator_world(&self, call: SimulatorWorld) -> Result<World, RpcError> {
        self.simulator(Some(&call.account))?.world().await
    }

    async fn chat_history(&self, call: ChatHistory) -> Result<ChatPage, RpcError> {
        self.simulator(Some(&call.account))?.history(call).await
    }

    async fn chat_picture(&self, call: ChatPicture) -> Result<PictureContent, RpcError> {
        self.simulator(Some(&call.account))?.picture(call).await
    }

    async fn chat_frames(&self, call: ChatFrames) -> Result<Vec<ChatFrame>, RpcError> {
        self.simulator(Some(&call.account))?.frames(call).await
    }

    async fn sign_in_link(&self, _: SignInLink) -> Result<SignInLinkMade, RpcError> {
        self.browsers.link().await
    }

    async fn sign_in_token(&self, _: SignInToken) -> Result<TokenValue, RpcError> {
        self.browsers.shown_token().await
    }

    async fn sign_in_token_new(&self, _: SignInTokenNew) -> Result<TokenValue, RpcError> {
        self.browsers.renew_token().await
    }
}
