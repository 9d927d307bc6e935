//! Statuses for tests.

use perpetua_schema::{
    AccountStatus, ClientStatus, CoreState, CoreStatus, NodeStatus, UpstreamState, UpstreamStatus,
};
use perpetua_words::{Message, core as words};

/// A node with these accounts.
pub(crate) fn node(accounts: impl IntoIterator<Item = AccountStatus>) -> NodeStatus {
    NodeStatus {
        accounts: accounts.into_iter().collect(),
        ..NodeStatus::default()
    }
}

/// An account whose link is open.
pub(crate) fn account(name: &str, online: bool) -> AccountStatus {
    AccountStatus {
        name: name.into(),
        enabled: true,
        self_id: None,
        nickname: None,
        since_ms: 0,
        online,
        problem: None,
        upstream: UpstreamStatus {
            remarks: Vec::new(),
            kind: "simulator".into(),
            state: UpstreamState::Open,
            address: None,
            retry_in_s: None,
            since_ms: 0,
            implementation: None,
            notices: Vec::new(),
        },
        core: None,
        events: 0,
        responses: 0,
        late_responses: 0,
        clients: Vec::new(),
    }
}

/// An account with a core in this state.
pub(crate) fn core_account(name: &str, state: CoreState, online: bool) -> AccountStatus {
    let core = CoreStatus {
        state,
        since_ms: 0,
        phases: Vec::new(),
        message: Message::from(words::Stopped),
        away: None,
        notice: None,
        blocked_for_s: None,
        set_aside: Vec::new(),
        version: None,
        protocol: None,
        process: None,
        signer: None,
        signers: Vec::new(),
        slow_signer: None,
        generation: 1,
        restarts: 0,
        canceled: 0,
    };
    AccountStatus {
        core: Some(core),
        ..account(name, online)
    }
}

/// A client that listens.
pub(crate) fn client(name: &str, listen: &str) -> ClientStatus {
    ClientStatus {
        framework: None,
        has_token: true,
        remarks: Vec::new(),
        name: name.into(),
        enabled: true,
        kind: "forward".into(),
        queue_events: 0,
        queue_bytes: 0,
        dropped_last_minute: 0,
        since_ms: 0,
        listen: Some(listen.into()),
        called_ms: None,
        targets: Vec::new(),
        problem: None,
        connections: Vec::new(),
        sent: 0,
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        notices: Vec::new(),
    }
}
