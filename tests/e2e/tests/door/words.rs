//! Each refusal, provoked once: `perpetuad status` says who was refused and why, in a sentence that leads to
//! the cause.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{
    DataFolder, Node, SdkSession, Settings, Upgrade, WireSocket, get, run, send_raw, sentence,
    until,
};
use serde_json::Value;

const TOKEN: &str = "the-token-of-this-test";
const GUESS: &str = "a-guess-of-somebody";

/// Who knocks here.
const PEER: &str = "127.0.0.1";

/// A node with every kind of port.
struct Setup {
    node: Node,
    folder: DataFolder,
}

impl Setup {
    async fn start(upstream: &str) -> Result<Self> {
        let token = "token = { env = \"TOKEN\" }";
        let keys = format!("kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\n{upstream}");
        let settings = Settings::upstream(&keys)
            .client_with("locked", token)
            .client_with("open", "token = \"off\"\nmax-connections = 1");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start_with(&folder, &[("TOKEN", TOKEN)]).await?;
        Ok(Self { node, folder })
    }

    /// Waits until the newest notice of some part of the node has this code, and its line on the page says
    /// all of this.
    async fn says(&self, code: &str, texts: &[&str]) -> Result<()> {
        let (mut page, mut told) = (String::new(), Vec::new());
        let command = format!("`perpetuad --data-dir {} ", self.folder.path().display());
        let said = until("the refusal in `perpetuad status`", async || {
            told = newest(&self.node.status().await?);
            page = run(&self.folder, &["status"]).await?.stdout;
            let of_code = told
                .iter()
                .filter(|notice| notice["message"]["code"] == code);
            let mut sentences = of_code.map(|notice| sentence(&notice["message"]));
            Ok(sentences.find_map(|sentence| {
                let sentence = sentence.replace("`perpetuad ", &command);
                let line = page.lines().find(|line| line.contains(&sentence))?;
                let says_all = texts.iter().all(|text| line.contains(text));
                says_all.then(|| line.to_owned())
            }))
        })
        .await;
        let line = said.with_context(|| format!("no `{code}` says {texts:?}: {told:?}\n{page}"))?;
        ensure!(line.contains(PEER), "it does not say who: {line}");
        for secret in [TOKEN, GUESS] {
            ensure!(!page.contains(secret), "a token stands in it:\n{page}");
            let log = self.node.log();
            ensure!(!log.contains(secret), "a token stands in the log");
        }
        Ok(())
    }
}

/// The newest notice of each part that has one.
fn newest(status: &Value) -> Vec<Value> {
    let accounts = status["accounts"].as_array().into_iter().flatten();
    let parts = accounts.flat_map(|account| {
        let clients = account["clients"].as_array().into_iter().flatten();
        clients.chain([&account["upstream"]])
    });
    let lists = parts.chain([status]).map(|part| &part["notices"][0]);
    lists.filter(|notice| !notice.is_null()).cloned().collect()
}

/// A request that is refused with this status.
async fn refused(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    status: u16,
) -> Result<()> {
    let answer = Upgrade::ask(address, path, headers).await?;
    ensure!(
        answer.status() == status,
        "{path} with {headers:?} was answered with {}",
        answer.status()
    );
    Ok(())
}

#[tokio::test]
async fn who_comes_to_a_clients_port_with_a_wrong_token_or_none() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let locked = setup.node.client("locked").await?;
    refused(locked, "/", &[], 401).await?;
    setup
        .says("refused.no_token", &["token", "without"])
        .await?;
    let guess = format!("Bearer {GUESS}");
    refused(locked, "/", &[("authorization", &guess)], 403).await?;
    setup.says("refused.wrong_token", &["wrong token"]).await?;
    refused(locked, &format!("/?access_token={GUESS}"), &[], 403).await?;
    setup
        .says("refused.wrong_token", &["wrong token", "2 times"])
        .await
}

#[tokio::test]
async fn pages_that_come_to_a_port_without_a_token() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let open = setup.node.client("open").await?;
    refused(open, "/", &[("origin", "http://example.org")], 403).await?;
    setup
        .says("refused.foreign_origin", &["http://example.org"])
        .await?;
    refused(open, "/", &[("host", "evil.example:6700")], 403).await?;
    setup
        .says("refused.foreign_host", &["evil.example"])
        .await?;
    refused(open, "/", &[("sec-fetch-site", "cross-site")], 403).await?;
    setup
        .says("refused.foreign_site", &["page of another site"])
        .await
}

#[tokio::test]
async fn who_finds_every_place_taken() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let open = setup.node.client("open").await?;
    let _first: WireSocket = Upgrade::ask(open, "/", &[]).await?.open()?;
    refused(open, "/", &[], 409).await?;
    setup.says("refused.too_many", &["max-connections"]).await
}

#[tokio::test]
async fn what_is_no_websocket() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let locked = setup.node.client("locked").await?;
    let token = format!("Bearer {TOKEN}");
    // A reverse proxy that does not pass an upgrade on takes these two headers away.
    let proxied = [
        ("authorization", token.as_str()),
        ("connection", "close"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];
    let answer = get(locked, "/", &proxied).await?;
    ensure!(answer.body.contains("proxy"), "{answer:?}");
    setup
        .says("refused.proxy_without_upgrade", &["proxy"])
        .await?;
    let browser = [("authorization", token.as_str()), ("accept", "text/html")];
    let answer = get(locked, "/", &browser).await?;
    assert_eq!(answer.status, 426);
    let words = ["web page", "instead of a browser"];
    setup.says("refused.no_websocket", &words).await?;
    let answer = get(locked, "/get_status", &[("authorization", &token)]).await?;
    assert_eq!(answer.status, 426);
    setup
        .says(
            "refused.plain_http",
            &["choose WebSocket", "instead of HTTP"],
        )
        .await?;
    let target = format!("?access_token={TOKEN}");
    let answer = get(locked, &target, &[]).await?;
    assert_eq!(answer.status, 400);
    ensure!(answer.body.contains('/'), "no words: {answer:?}");
    setup.says("refused.target_without_slash", &["`/`"]).await?;
    // The beginning of a TLS handshake.
    send_raw(locked, b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03").await?;
    setup.says("refused.tls", &["TLS"]).await
}

#[tokio::test]
async fn who_comes_to_an_upstreams_port_and_is_not_the_upstream() -> Result<()> {
    let token = "token = { env = \"TOKEN\" }\npath = \"/onebot/v11/ws\"";
    let setup = Setup::start(token).await?;
    let upstream = setup.node.upstream().await?;
    let path = "/onebot/v11/ws";
    let bearer = format!("Bearer {TOKEN}");
    let authorization = ("authorization", bearer.as_str());
    refused(upstream, path, &[], 401).await?;
    setup
        .says("refused.no_upstream_token", &["token", "without"])
        .await?;
    let guess = format!("Bearer {GUESS}");
    refused(upstream, path, &[("authorization", &guess)], 403).await?;
    setup
        .says("refused.wrong_upstream_token", &["wrong token"])
        .await?;
    refused(upstream, "/ws", &[authorization], 404).await?;
    setup
        .says("refused.wrong_path", &["/onebot/v11/ws"])
        .await?;
    let role = ("x-client-role", "Observer");
    refused(upstream, path, &[authorization, role], 400).await?;
    setup.says("refused.unknown_role", &["Observer"]).await
}

#[tokio::test]
async fn an_upstream_of_another_account() -> Result<()> {
    let setup = Setup::start("token = \"off\"\nuin = 10001").await?;
    let upstream = setup.node.upstream().await?;
    refused(upstream, "/", &[("x-self-id", "10002")], 403).await?;
    setup
        .says("refused.other_account", &["10001", "10002"])
        .await?;
    let own = Upgrade::ask(upstream, "/", &[("x-self-id", "10001")]).await?;
    own.open().map(drop)
}

#[tokio::test]
async fn a_second_upstream_while_the_first_one_lives() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let upstream = setup.node.upstream().await?;
    let mut first = Upgrade::ask(upstream, "/", &[]).await?.open()?;
    let answering = tokio::spawn(async move {
        while let Ok(Some(frame)) = first.next(std::time::Duration::from_secs(20)).await {
            if frame.opcode == perpetua_e2e::Opcode::Ping {
                first
                    .send(perpetua_e2e::Opcode::Pong, &frame.payload)
                    .await?;
            }
        }
        anyhow::Ok(())
    });
    refused(upstream, "/", &[], 409).await?;
    answering.abort();
    setup.says("refused.upstream_active", &["already"]).await
}

#[tokio::test]
async fn strangers_and_pages_that_come_to_the_nodes_own_port() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let api = setup.node.api();
    let origin = ("origin", "http://example.org");
    assert_eq!(get(api, "/api/get_ws_port", &[origin]).await?.status, 403);
    setup
        .says("refused.api", &["/api/get_ws_port", "another origin"])
        .await?;
    for site in ["cross-site", "same-site"] {
        let answer = get(api, "/api/get_ws_port", &[("sec-fetch-site", site)]).await?;
        assert_eq!(answer.status, 403, "{site}");
    }
    setup.says("refused.api", &["page of another site"]).await?;
    let host = ("host", "evil.example:80");
    assert_eq!(get(api, "/healthz", &[host]).await?.status, 403);
    setup
        .says("refused.api", &["/healthz", "allow-hosts"])
        .await?;
    let call = format!(
        "POST /rpc/status HTTP/1.1\r\nhost: {api}\r\nauthorization: Bearer {GUESS}\r\n\
         content-length: 0\r\n\r\n"
    );
    let answer = send_raw(api, call.as_bytes()).await?;
    assert_eq!(answer.context("no answer")?.status, 401);
    setup.says("refused.api", &["/rpc", "session token"]).await
}

#[tokio::test]
async fn who_comes_to_a_leased_port_and_is_not_its_program() -> Result<()> {
    let setup = Setup::start("token = \"off\"").await?;
    let leased = SdkSession::lease(setup.node.api()).await?;
    refused(leased, "/", &[("origin", "http://example.org")], 403).await?;
    setup
        .says("refused.leased_origin", &["http://example.org"])
        .await?;
    let _program = SdkSession::connect(leased, None).await?;
    refused(leased, "/", &[], 409).await?;
    setup.says("refused.lease_taken", &["leased port"]).await
}
