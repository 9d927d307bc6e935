//! What stands around a node with a managed account: releases, a signer, and QQ.

use std::time::Duration;

use crate::{ACCOUNT, DataFolder, Node, Settings, run, until_within};
use anyhow::{Context as _, Result, ensure};
use fake_core::{
    Archives, Build, Packed, QqControl, Release, ReleaseServer, RunningCore, Scenario, SignerServer,
};
use serde_json::Value;

/// The account of the phone.
pub const UIN: u64 = 3_889_000_871;

/// How long a state may be awaited: a core that hangs is found by silence, and that takes its time.
pub const LONG: Duration = Duration::from_mins(2);

/// A scenario that wastes no time of the test: everything is asked and told at once. Its machine is a busy one, in
/// each run in another way.
pub fn quick() -> Scenario {
    Scenario {
        uin: UIN,
        seed: Some(seed()),
        poll_ms: 100,
        kick_offline_ms: 500,
        ..Scenario::default()
    }
}

/// What happens by chance in this run follows from it; a test that fails names it.
fn seed() -> u64 {
    u64::from(std::process::id())
}

/// The same, with a phone that confirms by itself.
pub fn confirming() -> Scenario {
    Scenario {
        confirms_after_polls: Some(1),
        ..quick()
    }
}

/// Everything outside of the node.
pub struct World {
    /// The node's data folder.
    pub folder: DataFolder,
    /// Where cores are downloaded from.
    pub releases: ReleaseServer,
    /// Who signs.
    pub signer: SignerServer,
    /// QQ, which leads the fake cores.
    pub qq: QqControl,
    /// Packs fake cores.
    pub archives: Archives,
}

impl World {
    /// A data folder with settings and nothing else; version 1 of the core is published.
    pub async fn new(scenario: &Scenario) -> Result<Self> {
        Self::with(scenario, |settings| settings).await
    }

    /// The same, with changed settings.
    pub async fn with(
        scenario: &Scenario,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Result<Self> {
        let releases = ReleaseServer::start().await?;
        let signer = SignerServer::start().await?;
        let settings = managed(&format!("uin = {UIN}"))
            .section(&core_section(&[&github(&releases)]))
            .section(&signer_section("mine", &signer))
            .client("nonebot")
            .client("koishi")
            .client("probe");
        let world = Self {
            folder: DataFolder::with(&change(settings))?,
            releases,
            signer,
            qq: QqControl::bind().await?,
            archives: Archives::new()?,
        };
        world.direct(scenario)?;
        world.publish(&Build::numbered(1))?;
        Ok(world)
    }

    /// Cores that start from now on follow this scenario.
    pub fn direct(&self, scenario: &Scenario) -> Result<()> {
        let folder = self.folder.path().join("accounts").join(ACCOUNT);
        self.qq.direct(&folder, scenario)
    }

    /// Publishes a version for this machine, in place of the one before.
    pub fn publish(&self, build: &Build) -> Result<Packed> {
        let packed = self.archives.pack_here(build)?;
        self.releases.publish(Release::nightly([packed.clone()]));
        Ok(packed)
    }

    /// Starts the node.
    pub async fn node(&self) -> Result<Node> {
        Node::start(&self.folder).await
    }

    /// Runs a command that has to succeed, and gives what it printed.
    pub async fn command(&self, arguments: &[&str]) -> Result<String> {
        let finished = run(&self.folder, arguments).await?;
        ensure!(
            finished.code == Some(0),
            "`perpetuad {}` failed: {finished:#?}",
            arguments.join(" ")
        );
        Ok(finished.stdout)
    }

    /// Runs a command that must not succeed, and gives its words.
    pub async fn refused(&self, arguments: &[&str]) -> Result<String> {
        let finished = run(&self.folder, arguments).await?;
        ensure!(
            finished.code.is_some_and(|code| code != 0),
            "`perpetuad {}` was to fail: {finished:#?}",
            arguments.join(" ")
        );
        Ok(finished.stderr)
    }

    /// The installed versions, as `perpetuad core list --json` tells.
    pub async fn cores(&self) -> Result<Value> {
        let listed = self.command(&["core", "list", "--json"]).await?;
        Ok(serde_json::from_str(&listed)?)
    }

    /// The commit of the current version; `None` without one.
    pub async fn current_commit(&self) -> Result<Option<String>> {
        let cores = self.cores().await?;
        let installed = cores["installed"].as_array().context("a list")?;
        let current = installed.iter().find(|version| version["current"] == true);
        Ok(current
            .and_then(|version| version["commit"].as_str())
            .map(str::to_owned))
    }

    /// How the account's core stands.
    pub async fn core_status(&self) -> Result<Value> {
        let status = self.command(&["status", "--json"]).await?;
        let mut status: Value = serde_json::from_str(&status)?;
        let core = status["accounts"][0]["core"].take();
        ensure!(!core.is_null(), "the account has no core: {status}");
        Ok(core)
    }

    /// Waits until the core's status is `wanted`, and gives it.
    pub async fn stands(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut last = Value::Null;
        let found = until_within(LONG, what, async || {
            last = self.core_status().await?;
            Ok(wanted(&last).then(|| last.clone()))
        })
        .await;
        found.with_context(|| format!("the last status: {last}; the seed: {}", seed()))
    }

    /// Waits until the core is in this state, and gives its status.
    pub async fn reaches(&self, state: &str) -> Result<Value> {
        let wanted = |core: &Value| core["state"] == state;
        self.stands(&format!("state `{state}`"), wanted).await
    }

    /// Waits for a core whose server listens, and until the account is online with it.
    pub async fn online(&self) -> Result<RunningCore> {
        let mut core = self.qq.core_within(LONG).await?;
        core.serving().await?;
        let is_it =
            |status: &Value| status["state"] == "online" && status["process"]["pid"] == core.pid();
        self.stands("the account online", is_it).await?;
        Ok(core)
    }

    /// Waits until the account is online after an outage: starts that were under way when it ended may fail still.
    pub async fn is_back(&self) -> Result<RunningCore> {
        let mut core = self.qq.core_within(LONG).await?;
        while core.serving().await.is_err() {
            core = self.qq.core_within(LONG).await?;
        }
        self.reaches("online").await?;
        Ok(core)
    }
}

/// A managed account with these keys beside the usual ones.
pub fn managed(keys: &str) -> Settings {
    Settings::upstream(&format!(
        "kind = \"lagrange\"\nstart-timeout = \"5s\"\n{keys}"
    ))
}

/// `[core]` with these sources, which looks for newer versions only when it is asked.
pub fn core_section(sources: &[&str]) -> String {
    let sources = sources.join("\n[[core.sources]]\n");
    format!("[core]\nauto-install = true\ncheck-every = \"0s\"\n\n[[core.sources]]\n{sources}\n")
}

/// A source with GitHub's API at this server.
pub fn github(releases: &ReleaseServer) -> String {
    format!(
        "kind = \"github\"\napi = \"{}\"\nrepository = \"LagrangeDev/Lagrange.Core\"\ntag = \"nightly\"",
        releases.url()
    )
}

/// A signer of this name.
pub fn signer_section(name: &str, signer: &SignerServer) -> String {
    format!(
        "[[signers]]\nname = \"{name}\"\nurl = \"{}\"\n",
        signer.url()
    )
}
