//! An account with what a test needs around it.

use std::net::SocketAddr;

use anyhow::Result;
use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_hub::{AccountLimits, ClientProfile, ClientSettings, ClientSnapshot, ProbeSettings};
use perpetua_proxy::{
    AccountHandle, AccountTasks, ClientListener, Clock, Embedded, EmbeddedLink, EmbeddedSettings,
    FrameBudget, serve_callers, serve_clients,
};
use perpetua_task::GapWatch;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) const SELF_ID: i64 = 10001;
pub(crate) const CLIENT: &str = "bot";

/// A running account.
pub(crate) struct World {
    pub(crate) account: AccountHandle,
    pub(crate) tasks: AccountTasks,
    budget: FrameBudget,
    gaps: GapWatch,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_limits(AccountLimits::default())
    }

    pub(crate) fn with_limits(limits: AccountLimits) -> Self {
        Self::with_budget(limits, FrameBudget::default())
    }

    pub(crate) fn with_budget(limits: AccountLimits, budget: FrameBudget) -> Self {
        let (tasks, clock) = (AccountTasks::default(), Clock::system());
        let gaps = clock.gaps().clone();
        let account = AccountHandle::start("main", limits, clock, budget.clone(), 1, &tasks);
        Self {
            account,
            tasks,
            budget,
            gaps,
        }
    }

    /// Messages may hold so many bytes from now on.
    pub(crate) fn limit_budget(&self, bytes: usize) {
        self.budget.set_limit(bytes);
    }

    /// Another account of the same node.
    pub(crate) fn beside(&self, limits: AccountLimits) -> Self {
        Self::with_budget(limits, self.budget.clone())
    }

    /// From now on gaps in this process's own time are seen.
    pub(crate) fn see_gaps(&self) {
        let (gaps, cancel) = (self.gaps.clone(), self.tasks.cancel.clone());
        tokio::spawn(async move { cancel.run_until_cancelled(gaps.run()).await });
    }

    /// An upstream that is online and in the hands of the test. The hub's own question is answered.
    pub(crate) async fn embedded(&self) -> Embedded {
        self.embedded_with(Some(ProbeSettings::default())).await
    }

    /// The same, with probes of its own.
    pub(crate) async fn embedded_with(&self, probes: Option<ProbeSettings>) -> Embedded {
        let settings = EmbeddedSettings {
            self_id: Some(SELF_ID),
            probes,
        };
        let upstream = Embedded::new(self.account.clone(), settings);
        upstream.set_link(EmbeddedLink::Open);
        let probe = parse(&upstream.next_action().await);
        upstream.send(&answer(&probe, &json!({ "user_id": SELF_ID })).to_string());
        upstream
    }

    /// A client's port without a token.
    pub(crate) async fn port(&self, settings: ClientSettings) -> Result<SocketAddr> {
        self.port_of(CLIENT, settings, Auth::Open).await
    }

    pub(crate) async fn port_of(
        &self,
        client: &str,
        settings: ClientSettings,
        auth: Auth,
    ) -> Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let port = ClientListener {
            account: self.account.clone(),
            client: client.to_owned(),
            access: access(auth),
        };
        self.account.set_client(client, settings);
        let stop = CancellationToken::new();
        let serve = serve_clients(listener, port, stop, self.tasks.clone());
        self.tasks.tracker.spawn(
            "port",
            self.tasks.cancel.clone().run_until_cancelled_owned(serve),
        );
        Ok(address)
    }

    /// A port for calls over HTTP, and what closes it.
    pub(crate) async fn http_port(
        &self,
        settings: ClientSettings,
        auth: Auth,
    ) -> Result<(SocketAddr, CancellationToken)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let port = ClientListener {
            account: self.account.clone(),
            client: CLIENT.to_owned(),
            access: access(auth),
        };
        self.account.set_client(CLIENT, settings);
        let stop = CancellationToken::new();
        let serve = serve_callers(listener, port, stop.clone(), self.tasks.clone());
        self.tasks.tracker.spawn(
            "port",
            self.tasks.cancel.clone().run_until_cancelled_owned(serve),
        );
        Ok((address, stop))
    }

    pub(crate) fn client(&self) -> ClientSnapshot {
        self.client_of(CLIENT)
    }

    pub(crate) fn client_of(&self, name: &str) -> ClientSnapshot {
        let clients = self.account.snapshot().clients;
        let mut named = clients.into_iter().filter(|client| client.name == name);
        named.next().expect("the client is known")
    }

    pub(crate) fn connections(&self) -> usize {
        self.client().connections.len()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.cancel.cancel();
    }
}

pub(crate) fn access(auth: Auth) -> AccessPolicy {
    AccessPolicy {
        auth,
        origins: Origins::default(),
    }
}

pub(crate) fn perpetua() -> ClientSettings {
    ClientSettings {
        profile: ClientProfile::Perpetua,
        ..ClientSettings::default()
    }
}

pub(crate) fn parse(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("the hub sends JSON")
}

pub(crate) fn answer(action: &Value, data: &Value) -> Value {
    json!({ "status": "ok", "retcode": 0, "data": data, "echo": action["echo"] })
}

/// A numbered event with a body of this size.
pub(crate) fn event(number: usize, size: usize) -> String {
    let text = "x".repeat(size);
    json!({ "post_type": "message", "self_id": SELF_ID, "number": number, "text": text })
        .to_string()
}

/// Whether a frame is that event.
pub(crate) fn is_event(number: usize) -> impl Fn(&Value) -> bool {
    move |frame| frame["number"] == number
}
