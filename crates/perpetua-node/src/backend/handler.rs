//! Every call to a running node, and what carries it out.

use perpetua_schema::{
    Applied, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog, CoreRemove,
    CoreStatus, CoreUse, CoreVerified, CoreVerify, Handler, Import, Imported, ListCores, Login,
    LoginRestore, NodeStatus, ReadCoreLog, Reconnect, Restart, RpcError, Said, Say,
    SetClientEnabled, SettingsRead, SettingsText, SettingsWrite, SignerReport, SignerTest,
    Simulate, Start, Status, Stop, Token, TokenValue,
};

use super::NodeBackend;

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

    async fn settings_read(&self, _: SettingsRead) -> Result<SettingsText, RpcError> {
        self.settings.read().await
    }

    async fn settings_write(&self, call: SettingsWrite) -> Result<Applied, RpcError> {
        self.settings.write(call).await
    }

    async fn set_client_enabled(&self, call: SetClientEnabled) -> Result<Applied, RpcError> {
        self.settings.set_client_enabled(call).await
    }

    async fn core_list(&self, _: ListCores) -> Result<CoreList, RpcError> {
        self.list_cores().await
    }

    async fn core_check(&self, _: CoreCheck) -> Result<CoreList, RpcError> {
        self.cores.check().await?;
        self.list_cores().await
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
        let config = self.view.borrow().config.clone();
        self.signers.run(call, &config).await
    }

    async fn import(&self, call: Import) -> Result<Imported, RpcError> {
        // The program first: the new account would begin to download one.
        let program = self.cores.take_program(&call.folder).await;
        Ok(program.add_to(self.settings.import(call).await?))
    }
}
