//! Taking over installations of other programs.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, RunningCore};
use perpetua_e2e::{Settings, until};
use perpetua_testkit::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::installation::{Installation, PORT_TOKEN, SESSION_SECRET, SIGNER_SECRET, program_below};
use crate::stage::{USAGE, refused, says};
use perpetua_e2e::world::{UIN, World, quick};

/// The name that the new account is given when nobody names one.
fn name() -> String {
    format!("qq{UIN}")
}

/// A world with a simulator and nothing managed, in which the new account's core can be directed.
async fn world() -> Result<World> {
    let settings =
        Settings::simulator().section("[core]\nauto-install = false\ncheck-every = \"0s\"\n");
    let world = World::with(&quick(), |_| settings).await?;
    let folder = world.folder.path().join("accounts").join(name());
    world.qq.direct(&folder, &quick())?;
    Ok(world)
}

/// The core's status of the imported account.
async fn core_status(world: &World) -> Result<Option<Value>> {
    let status: Value = serde_json::from_str(&world.command(&["status", "--json"]).await?)?;
    let accounts = status["accounts"].as_array().context("a list")?;
    let account = accounts.iter().find(|account| account["name"] == name());
    Ok(account.map(|account| account["core"].clone()))
}

/// Waits until the imported account is online with its old session, and talks to it as its old frameworks did.
async fn runs_with_its_session(world: &World, place: SocketAddr) -> Result<RunningCore> {
    let mut core = world.qq.core().await?;
    core.serving().await?;
    until("the imported account online", async || {
        let status = core_status(world).await?;
        Ok(status.filter(|status| status["state"] == "online"))
    })
    .await?;
    let log = world.command(&["log", &name()]).await?;
    says(&log, &["using session to login"])?;
    let mut client = Client::connect(place, PORT_TOKEN).await?;
    let who = client.data_of("get_login_info", json!({})).await?;
    assert_eq!(who["user_id"], UIN);
    Ok(core)
}

/// What was secret in the installation is so here, and is known all the same.
async fn secrets_are_kept(world: &World) -> Result<()> {
    let settings = world.folder.read_settings()?;
    for secret in [SIGNER_SECRET, PORT_TOKEN, SESSION_SECRET] {
        ensure!(
            !settings.contains(secret),
            "`{secret}` stands in the settings: {settings}"
        );
    }
    says(&settings, &["[[signers]]", "secret = \"signer-"])?;
    let token = world
        .command(&["token", &format!("{}/bot", name())])
        .await?;
    assert_eq!(token.trim(), PORT_TOKEN);
    let tested = world.command(&["signer", "test"]).await?;
    says(&tested, &["works", "3.2.15-30366"])
}

fn says_what_was_taken(told: &str, port: u16) -> Result<()> {
    let account = format!("`{}`", name());
    let session = format!("+ the session of {UIN}");
    let open = format!("- its port `0.0.0.0:{port}` was open to other computers");
    let port = format!("+ its port `127.0.0.1:{port}` became client `bot`, with its token");
    says(
        told,
        &[
            &account,
            &session,
            &port,
            &open,
            "+ the device",
            "+ its signer at `127.0.0.1:",
            "- the message database",
            "+ the address `ws://127.0.0.1:8081/onebot/v11/ws` that it dialled became client `bot-2`",
        ],
    )
}

#[tokio::test]
async fn a_lagrange_is_taken_over_while_no_node_runs() -> Result<()> {
    let world = world().await?;
    let old = Installation::lagrange(&world)?;
    let before = old.snapshot()?;
    let told = world.command(&["import", old.path()?]).await?;
    says_what_was_taken(&told, old.port.number())?;
    // It is a file like any other: somebody has to say that it is the right one.
    says(
        &told,
        &["- its core `", "cannot be verified", "core import "],
    )?;
    ensure!(world.current_commit().await?.is_none(), "it was installed");
    let program = program_below(old.place())?;
    let program = program.to_str().context("a path that is text")?;
    let (_, sha256) = told.split_once("SHA-256 `").context("its hash")?;
    let (sha256, _) = sha256.split_once('`').context("its hash")?;
    world
        .command(&["core", "import", program, "--accept", sha256])
        .await?;
    secrets_are_kept(&world).await?;

    let _node = world.node().await?;
    let core = runs_with_its_session(&world, old.port.address()).await?;
    let status = core_status(&world).await?.context("a core")?;
    let version = status["version"].as_str().unwrap_or_default();
    ensure!(
        version.starts_with("local-"),
        "the core that came with it: {status}"
    );
    let device = std::fs::read_to_string(core.folder().join("device.json"))?;
    says(&device, &["Lagrange-0FF1CE"])?;
    ensure!(old.snapshot()? == before, "the source was changed");
    Ok(())
}

#[tokio::test]
async fn a_perpetua_of_old_is_taken_over_by_a_running_node() -> Result<()> {
    let world = world().await?;
    let installed = world.archives.pack_here(&Build::numbered(3))?;
    let file = world.folder.path().join(&installed.name);
    std::fs::write(&file, &installed.bytes)?;
    let file = file.to_str().context("a path that is text")?;
    let import = ["core", "import", file, "--accept", &installed.sha256];
    world.command(&import).await?;
    let old = Installation::perpetua(&world)?;
    let before = old.snapshot()?;

    let _node = world.node().await?;
    let told = world.command(&["import", old.path()?]).await?;
    says_what_was_taken(&told, old.port.number())?;
    says(
        &told,
        &[
            "+ the address `ws://127.0.0.1:9000/onebot/v11/ws` that it dialled became client `bot-3`",
            "another core is installed already",
        ],
    )?;
    ensure!(!told.contains("hunter2"), "a token is shown: {told}");
    let core = runs_with_its_session(&world, old.port.address()).await?;
    assert_eq!(core.commit(), "3".repeat(40), "the core that was there");
    secrets_are_kept(&world).await?;
    ensure!(old.snapshot()? == before, "the source was changed");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_taken_over_changes_nothing() -> Result<()> {
    let world = world().await?;
    let nothing = TempDir::new()?;
    let folder = nothing.path().to_str().context("a path that is text")?;
    let settings = world.folder.read_settings()?;
    let words = ["holds neither a perpetua", "Lagrange.OneBot"];
    refused(&world, &["import", folder], USAGE, &words).await?;
    let missing = format!("{folder}/missing");
    refused(&world, &["import", &missing], USAGE, &["is not a folder"]).await?;
    assert_eq!(world.folder.read_settings()?, settings);

    let old = Installation::lagrange(&world)?;
    let taken = ["import", old.path()?, "--account", "main"];
    let words = ["account `main` exists already"];
    refused(&world, &taken, USAGE, &words).await?;
    assert_eq!(world.folder.read_settings()?, settings);

    // The same account twice would end its own sessions.
    world.command(&["import", old.path()?]).await?;
    let settings = world.folder.read_settings()?;
    let again = ["import", old.path()?, "--account", "twin"];
    refused(&world, &again, USAGE, &["same account"]).await?;
    assert_eq!(world.folder.read_settings()?, settings);
    let twin = world.folder.path().join("accounts").join("twin");
    ensure!(!twin.exists(), "`{}` was made", twin.display());
    Ok(())
}
