//! The part of RPC that is about clients and their ports.

use perpetua_config::{Client, ClientKind, ListenerToken, Name};
use perpetua_hub::DisconnectReason;
use perpetua_schema::{ClientCut, ErrorCode, Guide, GuideText, PortCheck, PortReport, RpcError};
use perpetua_words::rpc as words;

use super::NodeBackend;
use crate::{
    guide::{self, GuideFacts, Way},
    port_check::port_check,
};

impl NodeBackend {
    /// Ends connections of a client.
    pub(super) fn cut_client(&self, call: &ClientCut) -> Result<(), RpcError> {
        let (account, client) = (&*call.account, &*call.client);
        let view = self.view.borrow().clone();
        self.configured_client(account, client)?;
        let found = view.account(account);
        // Of what does not run, nobody is connected.
        let Some(running) = found.and_then(|found| found.running.as_ref()) else {
            return Ok(());
        };
        let cut = DisconnectReason::CutByOwner;
        match &call.app_id {
            None => running.account.cut_client(client, cut),
            Some(app_id) if running.account.cut_app(client, app_id, cut) => {}
            Some(app_id) => {
                let words = words::NoSuchConnection { app_id, client };
                return Err(RpcError::new(ErrorCode::NotFound, words));
            }
        }
        Ok(())
    }

    /// What to enter into a framework.
    pub(super) fn guide(&self, call: &Guide) -> Result<GuideText, RpcError> {
        let view = self.view.borrow().clone();
        let settings = self.configured_client(&call.account, &call.client)?;
        let account = view.account(&call.account);
        let running = account.and_then(|account| account.running.as_ref());
        let mut clients = running.iter().flat_map(|running| &running.clients);
        let client = clients.find(|client| client.name == call.client);
        let listen = client.and_then(|client| client.listen);
        let (way, has_token) = match settings.kind {
            ClientKind::Forward(forward) => {
                let has_token = forward.token != ListenerToken::Off;
                (Way::Port(listen.unwrap_or(forward.listen)), has_token)
            }
            ClientKind::Post(post) => {
                let has_secret = post.secret.is_some();
                (Way::Posts(post.url), has_secret)
            }
            ClientKind::Http(http) => {
                let has_token = http.token != ListenerToken::Off;
                (Way::Http(listen.unwrap_or(http.listen)), has_token)
            }
            ClientKind::Reverse(reverse) => {
                let has_token = reverse.first.token.is_some();
                (Way::Dials(reverse), has_token)
            }
        };
        let self_id = running.and_then(|running| running.account.snapshot().self_id);
        let facts = GuideFacts {
            client: call.client.clone(),
            way,
            problem: client.and_then(|client| client.problem.clone()),
            has_token,
            self_id,
        };
        Ok(guide::guide(&facts, call.framework))
    }

    pub(super) async fn check_port(&self, call: PortCheck) -> Result<PortReport, RpcError> {
        let view = self.view.borrow().clone();
        Ok(port_check(call, &view.config, &view).await)
    }

    /// What the applied settings say of a client.
    pub(super) fn configured_client(
        &self,
        account: &str,
        client: &str,
    ) -> Result<Client, RpcError> {
        let view = self.view.borrow().clone();
        let names = (Name::new(account), Name::new(client));
        let found = match &names {
            (Ok(account), Ok(client)) => view
                .config
                .account(account)
                .and_then(|one| one.client(client)),
            _ => None,
        };
        found
            .cloned()
            .ok_or_else(|| no_such_client(account, client))
    }
}

fn no_such_client(account: &str, client: &str) -> RpcError {
    let words = words::NoSuchClient { account, client };
    RpcError::new(ErrorCode::NotFound, words)
}
