//! Signers that are changed while an account is online: the settings, or the secrets that they name.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{RunningCore, SignerServer};
use perpetua_e2e::world::{World, confirming, signer_section};
use perpetua_e2e::{Node, Settings, run_with_input, sentence};
use perpetua_testkit::Client;
use serde_json::{Value, json};

/// Within it, a start that nobody wants would have come: those that are wanted come at once.
const QUIET: Duration = Duration::from_millis(500);
const LIST: &str = "signers = [\"first\", \"second\"]";

/// An account that is online with the first of two signers, and a client that must not notice anything.
struct Stage {
    world: World,
    _node: Node,
    core: RunningCore,
    client: Client,
    signers: [SignerServer; 2],
    settings: String,
    /// Which start of the core this is.
    generation: u64,
}

impl Stage {
    /// `way` is a further key of the upstream.
    async fn online(way: &str) -> Result<Self> {
        let signers = [SignerServer::start().await?, SignerServer::start().await?];
        let sections = secret_section("first") + &signer_section("second", &signers[1]);
        let world = World::with(&confirming(), |settings: Settings| {
            settings
                .section(&sections)
                .upstream_key(LIST)
                .upstream_key(way)
        })
        .await?;
        set(&world, &signers[0].url()).await?;
        let node = world.node().await?;
        let core = world.online().await?;
        let token = world.folder.token("probe").await?;
        let client = Client::connect(node.client("probe").await?, &token).await?;
        let settings = world.folder.read_settings()?;
        let status = world.core_status().await?;
        Ok(Self {
            generation: status["generation"].as_u64().context("a number")?,
            world,
            _node: node,
            core,
            client,
            signers,
            settings,
        })
    }

    fn save(&self, from: &str, to: &str) -> Result<()> {
        ensure!(self.settings.contains(from), "{}", self.settings);
        self.world
            .folder
            .write_settings(&self.settings.replace(from, to))
    }

    /// Waits until a message is signed by this one.
    async fn signs(&mut self, number: usize) -> Result<()> {
        for attempt in 0..100 {
            let before = self.signers[number].signed().len();
            let text = format!("who signs this, {attempt}?");
            let params = json!({ "user_id": 10_002, "message": text });
            let answer = self.client.call("send_private_msg", params).await?;
            if answer["retcode"] == 0 && self.signers[number].signed().len() > before {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let status = self.world.core_status().await?;
        anyhow::bail!("signer {number} signs nothing: {status}")
    }

    async fn is_the_same_core(&self) -> Result<()> {
        self.world.qq.stays_alone(QUIET).await?;
        let status = self.world.core_status().await?;
        ensure!(status["process"]["pid"] == self.core.pid(), "{status}");
        Ok(())
    }

    /// Another core runs, one start later, and why is said.
    async fn is_started_anew_once(&mut self) -> Result<()> {
        self.core.ended(fake_core::PATIENCE).await?;
        self.core = self.world.online().await?;
        self.world.qq.stays_alone(QUIET).await?;
        let status = self.world.core_status().await?;
        self.generation += 1;
        ensure!(status["generation"] == self.generation, "{status}");
        let said = sentence(&status["notice"]);
        ensure!(said.contains("sign"), "{status}");
        Ok(())
    }
}

fn secret_section(name: &str) -> String {
    format!("[[signers]]\nname = \"{name}\"\nurl = {{ secret = \"key\" }}\n")
}

/// Stores the address of the first signer; gives what is said.
async fn set(world: &World, address: &str) -> Result<String> {
    let set = ["secret", "set", "key"];
    let done = run_with_input(&world.folder, &set, address).await?;
    ensure!(done.code == Some(0), "{done:?}");
    Ok(done.stdout)
}

#[tokio::test]
async fn the_node_asks_others_from_the_next_message_on_and_the_core_runs_on() -> Result<()> {
    let mut stage = Stage::online("sign-patience = \"1s\"").await?;
    stage.signs(0).await?;
    for (from, to, number) in [
        (LIST, "signers = [\"second\"]", 1),
        (LIST, LIST, 0),
        (LIST, "signers = [\"second\", \"first\"]", 1),
        (LIST, LIST, 0),
    ] {
        stage.save(from, to)?;
        stage.signs(number).await.with_context(|| to.to_owned())?;
        stage.is_the_same_core().await?;
    }
    // The first one moves to where the other was.
    let moved = SignerServer::start().await?;
    let said = set(&stage.world, &moved.url()).await?;
    ensure!(
        said.contains("`first`") && said.contains("`main`"),
        "{said}"
    );
    stage.signers[0] = moved;
    stage.signs(0).await?;
    stage.is_the_same_core().await?;
    // Written out in the settings, at another address again.
    let moved = SignerServer::start().await?;
    stage.save(&secret_section("first"), &signer_section("first", &moved))?;
    stage.signers[0] = moved;
    stage.signs(0).await?;
    stage.is_the_same_core().await
}

#[tokio::test]
async fn what_none_of_the_new_ones_can_sign_is_said_before_a_message_is_lost() -> Result<()> {
    let mut stage = Stage::online("sign-patience = \"1s\"").await?;
    stage.save(LIST, "signers = [\"first\"]")?;
    stage.signs(0).await?;
    let said = set(&stage.world, "http://127.0.0.1:1/nobody/is/there").await?;
    ensure!(said.contains("`first`"), "{said}");
    let cannot_send = |status: &Value| status["signer_problem"].is_object();
    stage.world.stands("a signer problem", cannot_send).await?;
    stage.is_the_same_core().await?;
    let removed = run_with_input(&stage.world.folder, &["secret", "remove", "key"], "").await?;
    ensure!(removed.stdout.contains("`key`"), "{removed:?}");
    stage.world.stands("no signer at all", cannot_send).await?;
    stage.is_the_same_core().await?;
    set(&stage.world, &stage.signers[0].url()).await?;
    stage.signs(0).await?;
    let is_well = |status: &Value| status["signer_problem"].is_null();
    stage.world.stands("no signer problem", is_well).await?;
    stage.is_the_same_core().await
}

#[tokio::test]
async fn a_core_that_asks_by_itself_takes_one_start_for_it() -> Result<()> {
    let mut stage = Stage::online("sign-through = \"core\"").await?;
    stage.signs(0).await?;
    stage.save(LIST, "signers = [\"second\"]")?;
    stage.is_started_anew_once().await?;
    stage.signs(1).await?;
    stage.save(LIST, LIST)?;
    stage.is_started_anew_once().await?;
    stage.signs(0).await?;
    stage.save(LIST, "signers = [\"second\", \"first\"]")?;
    stage.is_started_anew_once().await?;
    stage.signs(1).await?;
    // What it does not ask is none of its business.
    let moved = SignerServer::start().await?;
    set(&stage.world, &moved.url()).await?;
    stage.is_the_same_core().await?;
    stage.save(LIST, "signers = [\"first\", \"second\"]")?;
    stage.is_started_anew_once().await?;
    stage.signers[0] = moved;
    stage.signs(0).await?;
    let moved = SignerServer::start().await?;
    let said = set(&stage.world, &moved.url()).await?;
    ensure!(said.contains("anew"), "{said}");
    stage.is_started_anew_once().await?;
    stage.signers[0] = moved;
    stage.signs(0).await
}
