//! A newer version of the program: scripts around the built program stand in for both images.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::{Desktop, Window, logged};
use perpetua_e2e::world::{World, confirming};
use perpetua_e2e::{until, until_within};
use perpetua_testkit::{Client, PATIENCE, ReleaseSigner, UpdateAnswer, UpdateServer};
use serde_json::{Value, json};

/// Two accounts beside the one with a core, each with a framework.
const SIMULATORS: &str = r#"
[[accounts]]
name = "second"
[accounts.upstream]
kind = "simulator"
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"

[[accounts]]
name = "third"
[accounts.upstream]
kind = "simulator"
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"
"#;

/// A desktop on which version 0.1.0 runs from an image, with three accounts; 0.2.0 is published.
struct Stage {
    world: World,
    desktop: Desktop,
    image: PathBuf,
    _server: UpdateServer,
}

impl Stage {
    /// The new version does this.
    async fn new(deed: &str) -> Result<Self> {
        let world = World::with(&confirming(), |settings| settings.open_client("bot")).await?;
        let file = world.folder.path().join("perpetua.toml");
        fs::write(&file, fs::read_to_string(&file)? + SIMULATORS)?;
        let (server, signer) = (UpdateServer::start().await?, ReleaseSigner::new()?);
        let program = Desktop::program()?;
        let inside = program.parent().context("a folder")?.to_owned();
        let desktop = Desktop::new().await?;
        let image = desktop.home().join("my programs").join("perpetua.AppImage");
        fs::create_dir(image.parent().context("a folder")?)?;
        let project = |version: &str, first_ms: u64| -> Result<String> {
            let addresses = [server.url("/gone.json"), server.url("/latest.json")];
            Ok(json!({ "key": signer.key()?, "addresses": addresses, "version": version, "first_ms": first_ms, "trial_ms": 40_000 }).to_string())
        };
        let script = |version: &str, deed: &str| -> Result<String> {
            let (image, inside, program) = (image.display(), inside.display(), program.display());
            let (project, home) = (project(version, 3_600_000)?, desktop.home().display());
            Ok(format!(
                "#!/bin/sh\ncat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' > '{home}/seen-by-{version}'\nexport PERPETUA_TEST_UPDATES='{project}' APPIMAGE='{image}' APPDIR='{inside}'\n{deed}\nexec '{program}' \"$@\"\n"
            ))
        };
        fs::write(&image, script("0.1.0", "")?)?;
        fs::set_permissions(&image, fs::Permissions::from_mode(0o755))?;
        let new = script("0.2.0", deed)?;
        let signature = signer.sign(new.as_bytes(), "perpetua_0.2.0_amd64.AppImage")?;
        server.offer(
            "/latest.json",
            "0.2.0",
            &server.url("/new.AppImage"),
            &signature,
        );
        server.put("/new.AppImage", UpdateAnswer::Whole(new.into_bytes()));
        let desktop = desktop
            .variable("APPIMAGE", &image.display().to_string())
            .variable("APPDIR", &inside.display().to_string())
            .variable("PERPETUA_TEST_UPDATES", &project("0.1.0", 0)?);
        Ok(Self {
            world,
            desktop,
            image,
            _server: server,
        })
    }

    async fn open(&self) -> Result<Window> {
        let folder = self.world.folder.path().display().to_string();
        self.desktop.open_with(&["--data-dir", &folder]).await
    }

    /// Where the frameworks of the three accounts dial.
    async fn ports(&self) -> Result<Vec<SocketAddr>> {
        let status = self.world.command(&["status", "--json"]).await?;
        let status: Value = serde_json::from_str(&status)?;
        let accounts = status["accounts"].as_array().context("accounts")?;
        let of = |account: &Value| -> Result<SocketAddr> {
            let clients = account["clients"].as_array().context("clients")?;
            let bot = clients.iter().find(|client| client["name"] == "bot");
            let listen = bot.context("a bot")?["listen"].as_str();
            Ok(listen.context("it listens")?.parse()?)
        };
        accounts.iter().map(of).collect()
    }

    /// What the programs on this machine were when a version started.
    fn seen_by(&self, version: &str) -> Result<String> {
        Ok(fs::read_to_string(
            self.desktop.home().join(format!("seen-by-{version}")),
        )?)
    }

    fn is_of(&self, version: &str) -> Result<bool> {
        Ok(fs::read_to_string(&self.image)?.contains(&format!("seen-by-{version}")))
    }

    fn kept(&self) -> PathBuf {
        self.image.with_file_name(".perpetua-updates")
    }

    fn log(&self) -> Result<String> {
        logged(self.world.folder.path())
    }
}

/// The frameworks of three accounts, each of which was greeted.
async fn connect(ports: &[SocketAddr]) -> Result<Vec<Client>> {
    let mut clients = Vec::new();
    for port in ports {
        let mut client = perpetua_testkit::Dial::to(*port)
            .connect_when_ready()
            .await?;
        let greeting = |event: &Value| event["meta_event_type"] == "lifecycle";
        client.next_where("a greeting", greeting).await?;
        clients.push(client);
    }
    Ok(clients)
}

async fn press_install(window: &Window) -> Result<()> {
    window.go("/settings/updates").await?;
    window.press("settings.update_install_do").await?;
    // Before the question is there, only the link in the sidebar has words that begin as its button does.
    window.has_focus(&window.words().of("app.cancel")).await?;
    window.press("settings.restart_verb").await
}

fn holds(folder: &Path, text: &str) -> bool {
    text.contains(&folder.display().to_string())
}

#[tokio::test]
async fn three_accounts_are_online_again_with_the_new_version() -> Result<()> {
    let stage = Stage::new("").await?;
    let window = stage.open().await?;
    let core = stage.world.online().await?;
    let ports = stage.ports().await?;
    let mut clients = connect(&ports).await?;
    assert_eq!(clients.len(), 3);
    press_install(&window).await?;
    for client in &mut clients {
        client.ended(PATIENCE).await?;
    }
    stage.world.online().await?;
    perpetua_e2e::process::is_gone(core.pid()).await?;
    let cores = stage.world.folder.path().join("core");
    assert!(
        !holds(&cores, &stage.seen_by("0.2.0")?),
        "no core runs while it is replaced"
    );
    assert!(stage.is_of("0.2.0")?);
    assert_eq!(
        stage.ports().await?,
        ports,
        "frameworks find them where they were"
    );
    let mut clients = connect(&ports).await?;
    for client in &mut clients {
        // The core itself may need a moment more than its log.
        let mut is_online = false;
        for _ in 0..100 {
            let status = client.data_of("get_status", json!({})).await?;
            is_online = status["online"] == true;
            if is_online {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(is_online, "each account is online again");
    }
    until("the former image to be gone", async || {
        Ok((!stage.kept().exists()).then_some(()))
    })
    .await?;
    let log = stage.log()?;
    assert!(log.contains("the newer version is in its place"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_new_version_that_never_reports_ready_gives_way_to_the_one_before() -> Result<()> {
    let stage = Stage::new("exit 3").await?;
    let window = stage.open().await?;
    let core = stage.world.online().await?;
    let ports = stage.ports().await?;
    press_install(&window).await?;
    perpetua_e2e::process::is_gone(core.pid()).await?;
    stage.world.online().await?;
    assert!(stage.is_of("0.1.0")?);
    assert!(stage.seen_by("0.1.0").is_ok() && stage.seen_by("0.2.0").is_ok());
    connect(&ports).await?;
    let log = stage.log()?;
    assert!(
        log.contains("version 0.2.0 did not start (it ended before it was ready)"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_person_who_ends_the_program_has_the_new_version_at_the_next_start() -> Result<()> {
    let stage = Stage::new("").await?;
    let tray = stage.desktop.tray().await?;
    let mut notifications = stage.desktop.notifications().await?;
    let window = stage.open().await?;
    window.sees("app.restart_to_update").await?;
    let version = json!({ "version": "0.2.0" });
    let words = stage.desktop.words();
    let ready = words.with("notification.version_ready", &version);
    let told = notifications.told(&ready).await?;
    notifications.press(&told, "default").await?;
    window.is_at("/settings/updates").await?;
    let kept = stage.world.folder.path().join("told-version");
    assert_eq!(fs::read_to_string(kept)?, "0.2.0\n");
    tray.choose(&stage.desktop.words().of("tray.quit")).await?;
    until_within(
        perpetua_e2e::world::LONG,
        "the new version in its place",
        async || Ok((stage.is_of("0.2.0")? && !stage.kept().exists()).then_some(())),
    )
    .await?;
    stage.desktop.is_empty().await?;
    assert!(stage.seen_by("0.2.0").is_ok(), "it was tried");
    let log = stage.log()?;
    assert_eq!(
        log.matches("node started").count(),
        1,
        "the trial starts no node: {log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_session_that_ends_installs_nothing() -> Result<()> {
    let stage = Stage::new("").await?;
    let window = stage.open().await?;
    window.sees("app.restart_to_update").await?;
    for process in stage.desktop.processes() {
        if process.name == "perpetua" {
            process.terminate();
        }
    }
    stage.desktop.is_empty().await?;
    assert!(stage.is_of("0.1.0")? && stage.seen_by("0.2.0").is_err());
    Ok(())
}
