//! `GET /healthz`.

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreProcess, CoreState, CoreStatus, QrCode,
    TargetState, TargetStatus, UpstreamState, UpstreamStatus,
};
use serde_json::json;

use crate::harness::{Server, answer, json_answer, words};

#[tokio::test]
async fn a_node_without_faults_is_ok_even_if_no_client_is_connected() {
    let server = Server::start().await;
    let mut account = account("main");
    account.clients = vec![client("nonebot", 0), client("koishi", 2)];
    server.node.status.lock().expect("status").accounts = vec![account];
    assert_eq!(
        json_answer(server.get("/healthz")).await,
        (
            200,
            json!({
                "status": "ok",
                "accounts": [{
                    "name": "main", "enabled": true, "online": true, "upstream": "open", "problem": null,
                    "clients": [
                        { "name": "nonebot", "enabled": true, "connected": 0, "problem": null },
                        { "name": "koishi", "enabled": true, "connected": 2, "problem": null },
                    ],
                }],
                "problems": [],
            })
        )
    );
}

#[tokio::test]
async fn every_fault_is_told_with_the_name_of_what_has_it() {
    let server = Server::start().await;
    {
        let mut status = server.node.status.lock().expect("status");
        let mut account = account("main");
        account.online = false;
        account.problem = Some(words("cannot reach the upstream"));
        account.clients = vec![client("nonebot", 0)];
        account.clients[0].problem = Some(words("`127.0.0.1:6700` is in use"));
        status.accounts = vec![account];
        status.problems = vec![words("perpetua.toml:3:1: unknown key")];
    }
    let (status, health) = json_answer(server.get("/healthz")).await;
    assert_eq!((status, &health["status"]), (503, &json!("degraded")));
    assert_eq!(
        health["accounts"][0]["problem"],
        json!(words("cannot reach the upstream"))
    );
    assert_eq!(
        health["accounts"][0]["clients"][0]["problem"],
        json!(words("`127.0.0.1:6700` is in use"))
    );
    assert_eq!(
        health["problems"],
        json!([
            "perpetua.toml:3:1: unknown key",
            "account `main`: cannot reach the upstream",
            "client `main/nonebot`: `127.0.0.1:6700` is in use",
        ])
    );
}

#[tokio::test]
async fn an_account_that_is_not_online_is_a_fault_whatever_the_reason() {
    let server = Server::start().await;
    for state in [
        UpstreamState::Open,
        UpstreamState::Dialling,
        UpstreamState::Waiting,
        UpstreamState::Closed,
    ] {
        let mut account = account("main");
        account.online = false;
        account.upstream.state = state;
        server.node.status.lock().expect("status").accounts = vec![account];
        let (status, health) = json_answer(server.get("/healthz")).await;
        assert_eq!(
            (status, &health["problems"]),
            (503, &json!(["account `main`: the account is offline"])),
            "{state:?}"
        );
    }
}

#[tokio::test]
async fn what_is_disabled_has_no_fault() {
    let server = Server::start().await;
    let (mut off, mut on) = (account("off"), account("on"));
    off.enabled = false;
    off.online = false;
    off.problem = Some(words("not running"));
    off.clients = vec![client("a", 0)];
    on.clients = vec![client("b", 0)];
    on.clients[0].enabled = false;
    for account in [&mut off, &mut on] {
        account.clients[0].problem = Some(words("not listening"));
    }
    server.node.status.lock().expect("status").accounts = vec![off, on];
    let (status, health) = json_answer(server.get("/healthz")).await;
    assert_eq!((status, &health["problems"]), (200, &json!([])));
    assert_eq!(health["accounts"][0]["clients"][0]["enabled"], false);
    assert_eq!(health["accounts"][1]["clients"][0]["enabled"], false);
}

#[tokio::test]
async fn a_core_that_is_not_online_says_what_is_missing_and_no_more() {
    let server = Server::start().await;
    let qr = QrCode {
        good_for_s: 120,
        codes_max: 5,
        url: Some("https://example.com/secret".into()),
        png_base64: "c2VjcmV0".into(),
        expires_in_s: 60,
        code: 1,
    };
    let mut account = account("main");
    account.online = false;
    account.problem = Some(words("the upstream has not connected to us yet"));
    account.core = Some(core(CoreState::WaitingForScan { qr }, None));
    server.node.status.lock().expect("status").accounts = vec![account];
    let (status, health) = json_answer(server.get("/healthz")).await;
    assert_eq!(
        (status, &health["problems"]),
        (503, &json!(["account `main`: scan the QR code"]))
    );
    let text = health.to_string();
    assert!(
        !text.contains("secret") && !text.contains("c2VjcmV0"),
        "{text}"
    );
}

#[tokio::test]
async fn a_core_that_is_online_leaves_the_word_to_the_hub() {
    let server = Server::start().await;
    let state = CoreState::Online {
        who: 20002,
        for_s: 7,
        signer_problem: None,
    };
    for (online, problem, expected) in [
        (true, None, json!([])),
        (
            false,
            Some("the account is offline: it does not answer"),
            json!(["account `main`: the account is offline: it does not answer"]),
        ),
    ] {
        let mut account = account("main");
        account.online = online;
        account.problem = problem.map(words);
        account.core = Some(core(state.clone(), None));
        server.node.status.lock().expect("status").accounts = vec![account];
        let (_, health) = json_answer(server.get("/healthz")).await;
        assert_eq!(health["problems"], expected);
    }
}

#[tokio::test]
async fn of_several_frameworks_the_one_that_refuses_is_named() {
    let server = Server::start().await;
    let mut client = client("bots", 1);
    let states = [TargetState::Open, TargetState::Refused];
    let targets = states.into_iter().enumerate();
    let targets = targets.map(|(place, state)| TargetStatus {
        address: format!("ws://127.0.0.1:{place}/ws"),
        state,
        since_ms: 1,
        retry_in_s: None,
        failures: 2,
        problem: (state == TargetState::Refused).then(|| words("a wrong token")),
        posts: None,
    });
    client.targets = targets.collect();
    let mut account = account("main");
    account.clients = vec![client];
    server.node.status.lock().expect("status").accounts = vec![account];
    let (_, health) = json_answer(server.get("/healthz")).await;
    let told = "client `main/bots`: `ws://127.0.0.1:1/ws`: a wrong token";
    assert_eq!(health["problems"], json!([told]));
}

#[tokio::test]
async fn a_framework_that_is_not_started_is_no_fault_and_one_that_refuses_is() {
    let server = Server::start().await;
    for (state, expected) in [
        (TargetState::Waiting, json!([])),
        (
            TargetState::Refused,
            json!(["client `main/astrbot`: a wrong token"]),
        ),
    ] {
        let mut client = client("astrbot", 0);
        client.targets = vec![TargetStatus {
            address: "ws://127.0.0.1:6199/ws".into(),
            state,
            since_ms: 1,
            retry_in_s: Some(3),
            failures: 2,
            problem: Some(words("a wrong token")),
            posts: None,
        }];
        let mut account = account("main");
        account.clients = vec![client];
        server.node.status.lock().expect("status").accounts = vec![account];
        let (_, health) = json_answer(server.get("/healthz")).await;
        assert_eq!(health["problems"], expected);
    }
}

/// A core in this state, which in words is that a QR code waits.
pub(crate) fn core(state: CoreState, process: Option<CoreProcess>) -> CoreStatus {
    CoreStatus {
        state,
        since_ms: 1,
        phases: Vec::new(),
        message: words("scan the QR code"),
        away: None,
        notice: None,
        blocked_for_s: None,
        set_aside: Vec::new(),
        version: None,
        protocol: None,
        process,
        signer: None,
        signers: Vec::new(),
        slow_signer: None,
        generation: 1,
        restarts: 5,
        canceled: 0,
    }
}

pub(crate) fn account(name: &str) -> AccountStatus {
    AccountStatus {
        name: name.into(),
        enabled: true,
        self_id: Some(20002),
        nickname: None,
        since_ms: 1,
        online: true,
        problem: None,
        upstream: UpstreamStatus {
            remarks: Vec::new(),
            kind: "onebot".into(),
            state: UpstreamState::Open,
            address: Some("ws://127.0.0.1:5700/".into()),
            retry_in_s: None,
            since_ms: 1,
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

fn client(name: &str, connections: usize) -> ClientStatus {
    let connection = ConnectionStatus {
        app_id: "one".into(),
        name: None,
        role: "universal".into(),
        peer: None,
        user_agent: None,
        since_ms: 1,
        sent: 0,
        queued: 0,
        queued_bytes: 0,
        dropped: 0,
        busy_for_s: None,
    };
    ClientStatus {
        framework: None,
        has_token: true,
        remarks: Vec::new(),
        name: name.into(),
        enabled: true,
        kind: "forward".into(),
        queue_events: 10,
        queue_bytes: 10,
        dropped_last_minute: 0,
        since_ms: 1,
        listen: Some("127.0.0.1:6700".into()),
        called_ms: None,
        targets: Vec::new(),
        problem: None,
        connections: vec![connection; connections],
        sent: 0,
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        notices: Vec::new(),
    }
}

#[tokio::test]
async fn words_of_others_drive_no_terminal_that_shows_the_answer() {
    let server = Server::start().await;
    let hostile = "\u{1b}[2J\u{9b}2J\u{7f}\u{85}\u{2028}\u{202e}\u{200b}\u{feff}机器人";
    server.node.status.lock().expect("status").problems = vec![words(hostile)];
    let (_, text) = answer(server.get("/healthz")).await;
    let is_harmful = |letter: char| perpetua_words::harmless(letter) != letter;
    assert!(!text.contains(is_harmful), "{text:?}");
    let mut account = account("main");
    account.online = false;
    account.problem = Some(words(hostile));
    server.node.status.lock().expect("status").accounts = vec![account];
    let (_, text) = answer(server.get("/healthz")).await;
    assert!(!text.contains(is_harmful), "{text:?}");
    let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(health["accounts"][0]["problem"], json!(words(hostile)));
}
