//! `docs/settings.md` tried row by row, while accounts of every kind run with clients connected.

mod edits;
mod values;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use fake_core::RunningCore;
use perpetua_e2e::process::is_running;
use perpetua_e2e::world::{LONG, UIN, World, confirming, github};
use perpetua_e2e::{DataFolder, HookServer, Node, ReservedPort, rpc, until, until_within};
use perpetua_testkit::{
    Client, Dial, FakeFramework, FakeTarget, FakeUpstream, FrameworkLink, PATIENCE, PostedRequest,
    UpstreamLink, group_message,
};
use serde_json::{Value, json};

use edits::{EDITS, SETTINGS};

const ENGLISH: &str = include_str!("../../../../docs/settings.md");
const CHINESE: &str = include_str!("../../../../docs/settings.zh-CN.md");

/// Within it, what nobody wants would have come: what is wanted comes at once.
const QUIET: Duration = Duration::from_millis(300);

/// What stands in the file that settings name.
const TOKEN: &str = "a-token-in-a-file";

/// Keys whose new value this test does not look for, as the documents say too.
const UNSEEN: [&str; 16] = [
    "secrets",
    "[log] max-age-days",
    "[limits] memory",
    "[core] check-every",
    "[core] proxy",
    "[updates] check",
    "[updates] channel",
    "[updates] addresses",
    "[[core.sources]]",
    "[[signers]] url",
    "[[notify]] post",
    "[[notify]] token",
    "lagrange: sign-proxy",
    "[[accounts.clients]] queue-events",
    "[[accounts.clients]] queue-bytes",
    "[[accounts.clients]] when-full",
];
/// With these the framework of this test is left alone, as it has no TLS.
const OVER_TLS: [&str; 3] = ["reverse: roles", "reverse: pin-sha256", "reverse: ca-file"];
/// The same for the framework that is posted to.
const POSTED_OVER_TLS: [&str; 2] = ["post: pin-sha256", "post: ca-file"];
/// How the lines begin that name them.
const UNSEEN_WORDS: [(&str, &str); 2] = [
    (ENGLISH, "Not seen in use by this test: "),
    (CHINESE, "这个测试不检查新值的有："),
];

/// What the table says of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    AtOnce,
    Connections,
    Upstream,
    Core,
    Account,
    NextAccount,
    NextNode,
}

/// Their words in both languages.
const EFFECTS: [(Effect, &str, &str); 7] = [
    (Effect::AtOnce, "at once", "立即"),
    (Effect::Connections, "its connections", "该客户端的连接"),
    (Effect::Upstream, "the upstream", "上游"),
    (Effect::Core, "the core", "核心"),
    (Effect::Account, "the account", "账号"),
    (
        Effect::NextAccount,
        "the next start of the account",
        "账号下次启动",
    ),
    (
        Effect::NextNode,
        "the next start of perpetua",
        "perpetua 下次启动",
    ),
];

/// The rows of a table.
fn rows(
    document: &str,
    word_of: fn(&(Effect, &'static str, &'static str)) -> &'static str,
) -> Result<Vec<(String, Effect)>> {
    let lines = document.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [key, words] = cells[..] else {
            bail!("a row of two cells: {line}");
        };
        let effect = EFFECTS.iter().find(|effect| word_of(effect) == words);
        let (effect, ..) = effect.with_context(|| format!("`{words}` is not explained"))?;
        Ok((key.trim_matches('`').to_owned(), *effect))
    };
    lines.map(row).collect()
}

/// What runs beside what is changed.
struct Stage {
    world: World,
    node: Node,
    core: RunningCore,
    spare: fake_core::SignerServer,
    upstream: FakeUpstream,
    dialled: UpstreamLink,
    dialling: UpstreamLink,
    clients: BTreeMap<&'static str, Client>,
    framework: FakeFramework,
    /// The way to the framework.
    way: FrameworkLink,
    target: FakeTarget,
    /// The first event that was posted with these settings.
    posted: PostedRequest,
    ports: [ReservedPort; 2],
    hook: HookServer,
    settings: String,
    /// The settings that are tried.
    changed: String,
    /// The numbers of events, so that each is another one.
    told: u64,
}

/// Accounts and their clients.
const CLIENTS: [(&str, &str); 4] = [
    ("main", "bot"),
    ("dials", "of-dials"),
    ("waits", "of-waits"),
    ("other", "witness"),
];

impl Stage {
    async fn start() -> Result<Self> {
        let world = World::new(&confirming()).await?;
        let (spare, upstream) = (
            fake_core::SignerServer::start().await?,
            FakeUpstream::bind().await?,
        );
        let ports = [ReservedPort::for_the_node()?, ReservedPort::for_the_node()?];
        std::fs::write(world.folder.path().join("token.txt"), TOKEN)?;
        let hook = HookServer::start().await?;
        let framework = FakeFramework::start().await?;
        let target = FakeTarget::start().await?;
        let places = Places {
            world: &world,
            spare: &spare,
            upstream: &upstream,
            framework: &framework,
            target: &target,
            ports: &ports,
            hook: &hook,
        };
        let settings = places.filled(SETTINGS);
        world.folder.write_settings(&settings)?;
        let node = world.node().await?;
        let dialled = accepted(&upstream).await?;
        let dialling = dials(&node).await?;
        let way = framework.next().await?;
        let posted = target.next_where("the first event", is_first).await?;
        let core = world.online().await?;
        let mut stage = Self {
            world,
            node,
            core,
            spare,
            upstream,
            dialled,
            dialling,
            clients: BTreeMap::new(),
            framework,
            way,
            target,
            posted,
            ports,
            hook,
            changed: settings.clone(),
            settings,
            told: 0,
        };
        for (account, client) in CLIENTS {
            stage.connect(account, client).await?;
        }
        Ok(stage)
    }

    async fn connect(&mut self, account: &str, client: &'static str) -> Result<()> {
        let address = self.node.client_of(account, client).await?;
        let connected = Dial::to(address).connect_when_ready().await?;
        self.clients.insert(client, connected);
        Ok(())
    }

    /// Saves other settings; gives what does not run as they want.
    async fn save(&self, text: &str) -> Result<Value> {
        self.rpc("settings_write", json!({ "text": text })).await
    }

    /// What the node answers to a call.
    async fn rpc(&self, name: &str, body: Value) -> Result<Value> {
        rpc(&self.world.folder, self.node.api(), name, &body).await
    }

    /// Tries one row, and puts everything back.
    async fn try_row(&mut self, key: &str, effect: Effect, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.filled(from), self.filled(to));
        ensure!(
            self.settings.matches(&from).count() == 1,
            "`{from}` stands there once"
        );
        self.changed = self.settings.replace(&from, &to);
        let pending = self.save(&self.changed).await?["pending"].to_string();
        self.see(key, effect, &pending)
            .await
            .context("the change")?;
        let is_seen = self.uses(key).await.context("the new value")?;
        ensure!(is_seen != UNSEEN.contains(&key), "it is seen: {is_seen}");
        self.save(&self.settings.clone()).await?;
        self.take_back(key, effect).await.context("the way back")
    }

    async fn see(&mut self, key: &str, effect: Effect, pending: &str) -> Result<()> {
        let is_later = effect == Effect::NextNode;
        let name = key.rsplit_once("] ").map_or(key, |(_, name)| name);
        ensure!(
            pending.contains("node.needs_restart") == is_later,
            "{pending}"
        );
        let status = self.node.status().await?["problems"].to_string();
        ensure!(
            status.contains("node.needs_restart") == is_later,
            "{status}"
        );
        ensure!(!is_later || status.contains(name), "{status}");
        match effect {
            Effect::AtOnce | Effect::NextNode | Effect::NextAccount => self.all_goes_on(&[]).await,
            Effect::Connections if OVER_TLS.contains(&key) => {
                self.is_told_why().await?;
                self.clients_go_on(&[]).await
            }
            Effect::Connections if key.starts_with("reverse:") => {
                self.dials_anew().await?;
                self.all_goes_on(&[]).await
            }
            Effect::Connections if POSTED_OVER_TLS.contains(&key) => self.all_goes_on(&[]).await,
            Effect::Connections if key.starts_with("post:") => {
                self.posts_anew().await?;
                self.all_goes_on(&[]).await
            }
            Effect::Connections => {
                self.has_ended("bot").await?;
                self.all_goes_on(&["bot"]).await
            }
            Effect::Upstream => {
                if key.starts_with("onebot:") {
                    self.dialled.socket().ended(PATIENCE).await?;
                    self.dialled = accepted(&self.upstream).await?;
                } else {
                    self.dialling.socket().ended(PATIENCE).await?;
                }
                self.clients_go_on(&[]).await
            }
            Effect::Core => {
                self.core.ended(PATIENCE).await?;
                self.clients_go_on(&[]).await
            }
            Effect::Account => {
                self.has_ended("bot").await?;
                self.core.ended(PATIENCE).await?;
                self.clients_go_on(&["bot"]).await
            }
        }
    }

    async fn take_back(&mut self, key: &str, effect: Effect) -> Result<()> {
        match effect {
            Effect::AtOnce | Effect::NextNode | Effect::NextAccount => {}
            Effect::Connections if OVER_TLS.contains(&key) => {
                self.way = self.framework.next().await?;
            }
            Effect::Connections if key.starts_with("reverse:") => self.dials_anew().await?,
            Effect::Connections if key.starts_with("post:") => self.posts_anew().await?,
            Effect::Connections => self.connect("main", "bot").await?,
            Effect::Upstream if key.starts_with("onebot:") => {
                self.dialled.socket().ended(PATIENCE).await?;
                self.dialled = accepted(&self.upstream).await?;
            }
            Effect::Upstream => {
                self.dialling = until("the upstream's port", async || {
                    Ok(dials(&self.node).await.ok())
                })
                .await?;
            }
            Effect::Core => self.core = self.core_online().await?,
            Effect::Account => {
                self.core = self.core_online().await?;
                self.connect("main", "bot").await?;
            }
        }
        self.all_goes_on(&[]).await
    }

    /// The core with which the account is online; one that was started in between has ended, or will.
    async fn core_online(&self) -> Result<RunningCore> {
        loop {
            let core = self.world.qq.core_within(LONG).await?;
            let is_it = until_within(LONG, "the account online, or another core", async || {
                let status = self.world.core_status().await?;
                if status["state"] == "online" && status["process"]["pid"] == core.pid() {
                    return Ok(Some(true));
                }
                Ok((!is_running(core.pid()).await?).then_some(false))
            });
            if is_it.await? {
                return Ok(core);
            }
        }
    }

    /// The framework hears why its connection ends, and is dialled again.
    async fn dials_anew(&mut self) -> Result<()> {
        self.is_told_why().await?;
        self.way = self.framework.next().await?;
        Ok(())
    }

    async fn is_told_why(&mut self) -> Result<()> {
        let close = self.way.ended().await?.context("no word")?;
        ensure!(!close.reason.is_empty(), "no reason: {close:?}");
        Ok(())
    }

    /// Events are posted anew.
    async fn posts_anew(&mut self) -> Result<()> {
        self.posted = self.target.next_where("the first event", is_first).await?;
        Ok(())
    }

    async fn has_ended(&mut self, client: &str) -> Result<()> {
        let mut ended = self.clients.remove(client).context("a client")?;
        let close = ended.ended(PATIENCE).await?.context("no word")?;
        ensure!(!close.reason.is_empty(), "no reason: {close:?}");
        Ok(())
    }

    /// Nobody but these has noticed anything, and the core is the one that ran.
    async fn all_goes_on(&mut self, but: &[&str]) -> Result<()> {
        tokio::time::sleep(QUIET).await;
        self.clients_go_on(but).await?;
        while let Some(request) = self.target.came().await {
            ensure!(
                !is_first(&request.event()?),
                "it is posted anew: {request:?}"
            );
        }
        self.told += 1;
        for (link, client) in [
            (&mut self.dialled, "of-dials"),
            (&mut self.dialling, "of-waits"),
        ] {
            let text = format!("still there, {client}, {}?", self.told);
            link.emit(&group_message(10001, self.told, &text)).await?;
            self.clients
                .get_mut(client)
                .context("a client")?
                .heard(&text)
                .await?;
        }
        let asked = self.way.call("get_status", json!({}));
        asked.await.context("the framework")?;
        let most = self.framework.most_at_once();
        ensure!(most == 1, "{most} connections at once");
        let status = self.node.status().await?;
        let core = &status["accounts"][0]["core"];
        ensure!(core["process"]["pid"] == self.core.pid(), "{core}");
        Ok(())
    }

    async fn clients_go_on(&mut self, but: &[&str]) -> Result<()> {
        for (name, client) in &mut self.clients {
            // Others are answered by their upstreams, whose events they hear when all goes on.
            let is_answered = matches!(*name, "bot" | "witness");
            if is_answered && !but.contains(name) {
                let answered = client.data_of("get_status", json!({})).await;
                answered.with_context(|| format!("client `{name}`"))?;
            }
        }
        Ok(())
    }

    fn filled(&self, text: &str) -> String {
        let places = Places {
            world: &self.world,
            spare: &self.spare,
            upstream: &self.upstream,
            framework: &self.framework,
            target: &self.target,
            ports: &self.ports,
            hook: &self.hook,
        };
        places.filled(text)
    }
}

/// What settings name.
struct Places<'s> {
    world: &'s World,
    spare: &'s fake_core::SignerServer,
    upstream: &'s FakeUpstream,
    framework: &'s FakeFramework,
    target: &'s FakeTarget,
    ports: &'s [ReservedPort; 2],
    hook: &'s HookServer,
}

impl Places<'_> {
    fn filled(&self, text: &str) -> String {
        let [bot, other] = self.ports.each_ref().map(|port| port.number().to_string());
        text.replace("SOURCE", &github(&self.world.releases))
            .replace("SIGNER", &self.world.signer.url())
            .replace("SPARE", &self.spare.url())
            .replace("DIALS", &self.upstream.url())
            .replace(
                "FRAMEWORKS",
                &self.framework.url("").replacen("ws", "wss", 1),
            )
            .replace("FRAMEWORK", &self.framework.url(""))
            .replace(
                "TARGETS",
                &self.target.url("").replace("http://", "https://"),
            )
            .replace("TARGET", &self.target.url(""))
            .replace("HOOK", &self.hook.url(""))
            .replace("UIN", &UIN.to_string())
            .replace("BOT", &bot)
            .replace("OTHER", &other)
    }
}

/// Whether an event is the first one that is posted to a client.
fn is_first(event: &Value) -> bool {
    event["sub_type"] == "enable"
}

async fn accepted(upstream: &FakeUpstream) -> Result<UpstreamLink> {
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    Ok(link)
}

async fn dials(node: &Node) -> Result<UpstreamLink> {
    let address = node.upstream_of("waits").await?;
    let mut link = UpstreamLink::dial(address, "any", 10001).await?;
    link.greet(10001).await?;
    Ok(link)
}

/// Tries the rows whose key begins with one of these.
async fn try_rows(beginnings: &[&str]) -> Result<()> {
    let mut stage = Stage::start().await?;
    let mut tried = 0;
    for (key, effect) in rows(ENGLISH, |(_, english, _)| english)? {
        if !beginnings
            .iter()
            .any(|beginning| key.starts_with(beginning))
        {
            continue;
        }
        let edit = EDITS.iter().find(|(known, ..)| *known == key);
        let (_, from, to) = edit.with_context(|| format!("nobody tries `{key}`"))?;
        stage
            .try_row(&key, effect, from, to)
            .await
            .with_context(|| format!("`{key}`: {effect:?}"))?;
        tried += 1;
    }
    ensure!(tried > 5, "only {tried} rows");
    Ok(())
}

#[test]
fn the_table_is_the_same_in_both_languages_and_every_row_is_tried() -> Result<()> {
    let english = rows(ENGLISH, |(_, english, _)| english)?;
    assert_eq!(english, rows(CHINESE, |(_, _, chinese)| chinese)?);
    let tried: Vec<_> = EDITS.iter().map(|(key, ..)| (*key).to_owned()).collect();
    let keys: Vec<_> = english.into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, tried);
    for (document, words) in UNSEEN_WORDS {
        let line = document.lines().find_map(|line| line.strip_prefix(words));
        let named = line.context(words)?.split('`').skip(1).step_by(2);
        assert_eq!(named.collect::<Vec<_>>(), UNSEEN);
    }
    Ok(())
}

/// The rows that are taken over by the next start of perpetua, where that can be seen.
#[tokio::test]
async fn what_waits_for_the_next_start_of_perpetua_is_used_then() -> Result<()> {
    let settings = |listen: &str, format: &str| {
        format!(
            "secrets = \"file\"\n[api]\nlisten = \"{listen}\"\n[log]\nformat = \"{format}\"\n[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n"
        )
    };
    let port = ReservedPort::for_the_node()?;
    let folder = DataFolder::empty()?;
    folder.write_settings(&settings("127.0.0.1:0", "text"))?;
    let mut node = Node::start(&folder).await?;
    ensure!(node.api() != port.address(), "it is free");
    let is_json = |line: &str| line.starts_with('{');
    let line = node.logged("node started").await?;
    ensure!(!is_json(&line), "{line}");
    folder.write_settings(&settings(&port.address().to_string(), "json"))?;
    until("both to be named", async || {
        let status = node.status().await?["problems"].to_string();
        Ok((status.contains("listen") && status.contains("format")).then_some(()))
    })
    .await?;
    node.terminate().await?;
    node.ended(PATIENCE).await?;
    let mut node = Node::start(&folder).await?;
    ensure!(node.api() == port.address(), "{}", node.api());
    let line = node.logged("node started").await?;
    ensure!(is_json(&line), "{line}");
    Ok(())
}

#[tokio::test]
async fn keys_of_the_node_do_what_the_table_says() -> Result<()> {
    try_rows(&[
        "secrets",
        "[api]",
        "[log]",
        "[limits]",
        "[discovery]",
        "[core]",
        "[[core",
        "[[signers",
        "[[notify",
    ])
    .await
}

#[tokio::test]
async fn keys_of_an_account_do_what_the_table_says() -> Result<()> {
    try_rows(&["[[accounts]]", "lagrange:", "onebot:", "onebot-reverse:"]).await
}

#[tokio::test]
async fn keys_of_a_client_do_what_the_table_says() -> Result<()> {
    try_rows(&["[[accounts.clients]]", "reverse:", "post:"]).await
}
