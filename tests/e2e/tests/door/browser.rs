//! Pages of other origins in a real browser: without a token nothing opens for them, with one the token
//! decides.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{ACCOUNT, Chromium, DataFolder, Node, PageServer, SdkSession, Settings};
use perpetua_testkit::{FakeUpstream, UpstreamLink};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

const PAGE: &str = include_str!("page.html");

/// A name that leads to this machine, as one does that somebody has bound to its address.
const REBOUND: &str = "evil.example";

/// What a page takes at most: a browser to start, and hundreds of attempts that it slows down by itself.
const PAGE_LIMIT: Duration = Duration::from_mins(1);

/// What pages ask for, and nobody else here.
const PAGES_ACTION: &str = "send_private_msg";

/// Leased ports that wait for a client of one address, at most: one that pages find, and one that they must not take.
const LEASES: usize = 2;

/// Accounts beside the one that is dialled: their upstreams dial us.
const DIALLING: &str = "
[[accounts]]
name = \"dialling\"
[accounts.upstream]
kind = \"onebot-reverse\"
listen = \"127.0.0.1:0\"
token = \"off\"

[[accounts]]
name = \"guarded\"
[accounts.upstream]
kind = \"onebot-reverse\"
listen = \"127.0.0.1:0\"
";

/// A node with every kind of port.
struct Setup {
    node: Node,
    _folder: DataFolder,
    /// The actions that reached the upstream.
    reached: Arc<Mutex<Vec<Value>>>,
    /// Leased already, for nobody yet.
    leased: SocketAddr,
    token: String,
}

impl Setup {
    async fn start() -> Result<Self> {
        let upstream = FakeUpstream::bind().await?;
        let settings = Settings::onebot(&upstream.url())
            // What pages lease is to stand until the end.
            .section(&format!(
                "[discovery]\naccount = \"{ACCOUNT}\"\nwait = \"5m\"\npending-per-address = {LEASES}"
            ))
            .client("locked")
            .open_client("open");
        let folder = DataFolder::empty()?;
        folder.write_settings(&format!("{settings}{DIALLING}"))?;
        let node = Node::start(&folder).await?;
        let reached = Arc::default();
        tokio::spawn(record(upstream.accept().await?, Arc::clone(&reached)));
        Ok(Self {
            leased: SdkSession::lease(node.api()).await?,
            token: folder.token("locked").await?,
            node,
            _folder: folder,
            reached,
        })
    }

    /// Every port with the paths that mean something there.
    async fn ports(&self) -> Result<Vec<(&str, SocketAddr, &[&str])>> {
        let node = &self.node;
        let api: &[&str] = &[
            "/api/get_ws_port",
            "/api/get_online_clients",
            "/rpc/status",
            "/rpc/stop",
            "/healthz",
        ];
        let client: &[&str] = &["/", "/api", "/event?access_token=wrong"];
        Ok(vec![
            ("api", node.api(), api),
            ("locked", node.client("locked").await?, client),
            ("open", node.client("open").await?, client),
            ("leased", self.leased, client),
            ("dialling", node.upstream_of("dialling").await?, client),
            ("guarded", node.upstream_of("guarded").await?, client),
        ])
    }

    /// What a page of this name does, in its own words.
    async fn page(&self, name: &str, server: &PageServer, frames: &Value) -> Result<String> {
        let mut targets = Vec::new();
        for (port, address, paths) in self.ports().await? {
            for host in ["127.0.0.1", "localhost", REBOUND] {
                let host = format!("{host}:{}", address.port());
                targets.push(json!({ "name": port, "host": host, "paths": paths }));
            }
        }
        let locked = self.node.client("locked").await?;
        let action = json!({
            "action": PAGES_ACTION,
            "params": { "user_id": 1, "message": name },
            "echo": "page",
        });
        let plan = json!({
            "name": name,
            "report": format!("http://{}/report", server.address()),
            "targets": targets,
            "control": format!("ws://{locked}/?access_token={}", self.token),
            "action": action.to_string(),
            "frames": frames,
        });
        Ok(PAGE.replace("/*PLAN*/null", &plan.to_string()))
    }

    fn reached(&self) -> Vec<Value> {
        let reached = self.reached.lock();
        reached.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers every action, and keeps those of pages.
async fn record(mut link: UpstreamLink, reached: Arc<Mutex<Vec<Value>>>) -> Result<()> {
    loop {
        link.greet(10001).await?;
        // Nothing comes for longer than a fake waits; where the link is gone, the greeting fails.
        let Ok(action) = link.next_action().await else {
            continue;
        };
        link.answer(&action, &json!({ "user_id": 10001 })).await?;
        if action["action"] == PAGES_ACTION {
            let mut reached = reached.lock().unwrap_or_else(PoisonError::into_inner);
            reached.push(action);
        }
    }
}

/// Attempts of a page that ended in one of these ways.
fn ended<'a>(report: &'a Value, ways: &[&str]) -> Vec<&'a Value> {
    let outcomes = report["outcomes"].as_array().into_iter().flatten();
    let ended = |outcome: &&Value| {
        let outcome = outcome["outcome"].as_str().unwrap_or_default();
        ways.iter().any(|way| outcome.starts_with(way))
    };
    outcomes.filter(ended).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_another_origin_gets_anywhere_without_a_token() -> Result<()> {
    let setup = Setup::start().await?;
    let mut server = PageServer::start().await?;
    let port = server.address().port();
    let places = [
        ("address", format!("http://127.0.0.1:{port}"), None),
        ("name", format!("http://localhost:{port}"), None),
        ("rebound", format!("http://{REBOUND}:{port}"), None),
        (
            "sandboxed",
            format!("http://127.0.0.1:{port}"),
            Some("allow-scripts allow-forms"),
        ),
    ];
    let mut frames = Vec::new();
    for (name, origin, sandbox) in &places {
        server.show(name, setup.page(name, &server, &json!([])).await?);
        let mut frame = json!({ "src": format!("{origin}/page/{name}") });
        if let Some(sandbox) = sandbox {
            frame["sandbox"] = json!(sandbox);
        }
        frames.push(frame);
    }
    let file = NamedTempFile::with_suffix(".html")?;
    std::fs::write(
        file.path(),
        setup.page("file", &server, &json!(frames)).await?,
    )?;
    let path = file.path().to_str().context("a temporary file's name")?;
    let _browser = Chromium::open(&format!("file://{path}"), &[REBOUND])?;

    let mut reports = Vec::new();
    for _ in 0..=places.len() {
        reports.push(server.report(PAGE_LIMIT).await?);
    }
    let mut pages: Vec<_> = reports.iter().map(|report| &report["page"]).collect();
    pages.sort_unstable_by_key(|page| page.as_str());
    assert_eq!(pages, ["address", "file", "name", "rebound", "sandboxed"]);
    for report in &reports {
        let breaches = ended(report, &["opened", "answered", "read"]);
        ensure!(breaches.is_empty(), "{} got in: {breaches:#?}", who(report));
        let open = ended(report, &["no answer"]);
        ensure!(open.is_empty(), "{} still waits: {open:#?}", who(report));
    }
    nothing_is_taken(&setup).await?;
    for report in &reports {
        ensure!(
            report["control"] == "answered",
            "{} showed the token and was kept out: {}",
            who(report),
            report["control"]
        );
    }
    let reached = setup.reached();
    ensure!(
        reached.len() == reports.len(),
        "each page sent one action under the token, and these came: {reached:#?}"
    );
    Ok(())
}

fn who(report: &Value) -> String {
    format!("{} of origin {}", report["page"], report["origin"])
}

/// The node stands as before: no lease is taken, and no upstream has come.
async fn nothing_is_taken(setup: &Setup) -> Result<()> {
    let status = setup.node.status().await?;
    for account in status["accounts"].as_array().into_iter().flatten() {
        let name = &account["name"];
        ensure!(
            account["online"] == (*name == ACCOUNT),
            "{name} is not as it was: {account}"
        );
    }
    // The lease that stood is still unused, and the others that one address may have are still to be had.
    SdkSession::connect(setup.leased, None)
        .await
        .context("a page has used the lease up")?;
    for _ in 0..LEASES {
        SdkSession::lease(setup.node.api())
            .await
            .context("pages have leased ports")?;
    }
    Ok(())
}
