//! An import beside an old program that still runs, or of what is perpetua's own.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use fake_core::{RunningCore, Scenario};
use perpetua_e2e::{Settings, run};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::installation::{Installation, program_below};
use crate::stage::{USAGE, refused, says};
use perpetua_e2e::world::{UIN, World, quick};

/// A world with a simulator and nothing managed.
async fn world() -> Result<World> {
    let settings =
        Settings::simulator().section("[core]\nauto-install = false\ncheck-every = \"0s\"\n");
    World::with(&quick(), |_| settings).await
}

/// The old program as somebody has started it.
struct OldProgram {
    process: Child,
    /// It ends with whoever leads it.
    _led: RunningCore,
    _elsewhere: TempDir,
}

impl OldProgram {
    /// Its file lies in the installation's folder, or in another one; it works in the first, or not.
    async fn start(
        world: &World,
        old: &Installation,
        is_there: bool,
        works_there: bool,
    ) -> Result<Self> {
        let elsewhere = TempDir::new()?;
        let mut program = program_below(old.place())?;
        if !is_there {
            let copy = elsewhere
                .path()
                .join(program.file_name().context("a name")?);
            fs::copy(&program, &copy)?;
            program = copy;
        }
        let place: &Path = if works_there {
            old.place()
        } else {
            elsewhere.path()
        };
        if !works_there {
            for file in ["appsettings.json", "keystore.json"] {
                fs::copy(old.place().join(file), place.join(file))?;
            }
        }
        world.qq.direct(
            place,
            &Scenario {
                console: Some(true),
                ..quick()
            },
        )?;
        let mut command = Command::new(program);
        command.current_dir(place).kill_on_drop(true);
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        let process = command.stderr(std::process::Stdio::null()).spawn()?;
        let led = world.qq.core().await.context("the old program")?;
        Ok(Self {
            process,
            _led: led,
            _elsewhere: elsewhere,
        })
    }

    async fn end(mut self) -> Result<()> {
        self.process.kill().await.map_err(Into::into)
    }
}

/// The same in a world without a node, and in one where a node runs.
async fn is_refused_while_it_runs(is_there: bool, works_there: bool) -> Result<()> {
    for has_node in [false, true] {
        let world = world().await?;
        let _node = if has_node {
            Some(world.node().await?)
        } else {
            None
        };
        let old = Installation::lagrange(&world)?;
        let running = OldProgram::start(&world, &old, is_there, works_there).await?;
        let settings = world.folder.read_settings()?;
        let pid = running.process.id().context("it runs")?.to_string();
        let words = ["Lagrange.OneBot", &pid, "still runs", "--disabled"];
        refused(&world, &["import", old.path()?], USAGE, &words).await?;
        ensure!(
            world.folder.read_settings()? == settings,
            "the settings were changed"
        );
        let folder = world
            .folder
            .path()
            .join("accounts")
            .join(format!("qq{UIN}"));
        ensure!(!folder.exists(), "`{}` was made", folder.display());

        // On purpose, with the account left off, or once it has ended.
        let off = ["import", old.path()?, "--account", "off", "--disabled"];
        let told = world.command(&off).await?;
        says(&told, &["`off`", "switched off"])?;
        says(&world.folder.read_settings()?, &["enabled = false"])?;
        running.end().await?;
        world.folder.write_settings(&settings)?;
        let told = world
            .command(&["import", old.path()?, "--account", "on"])
            .await?;
        ensure!(!told.contains("switched off"), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_program_of_the_folder_is_seen() -> Result<()> {
    is_refused_while_it_runs(true, true).await
}

#[tokio::test]
async fn a_program_of_the_folder_that_works_elsewhere_is_seen() -> Result<()> {
    is_refused_while_it_runs(true, false).await
}

#[tokio::test]
async fn a_core_from_elsewhere_that_works_in_the_folder_is_seen() -> Result<()> {
    is_refused_while_it_runs(false, true).await
}

#[tokio::test]
async fn perpetuas_own_folders_are_nothing_to_import() -> Result<()> {
    let world = world().await?;
    let own = world.folder.path();
    let account = own.join("accounts").join("main");
    fs::create_dir_all(&account)?;
    fs::write(account.join("keystore.json"), "{}")?;
    fs::write(own.join("keystore.json"), "{}")?;
    for folder in [own, &account, &own.join("accounts").join("..")] {
        let folder = folder.to_str().context("a path that is text")?;
        let words = ["data of perpetua itself"];
        refused(&world, &["import", folder], USAGE, &words).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_installation_with_no_port_says_that_nobody_can_connect() -> Result<()> {
    let world = world().await?;
    let _node = world.node().await?;
    let old = Installation::lagrange(&world)?;
    let settings = r#"{"Implementations":[
        {"Type":"Http","Host":"127.0.0.1","Port":99999}]}"#;
    fs::write(old.place().join("appsettings.json"), settings)?;
    let told = world.command(&["import", old.path()?]).await?;
    says(&told, &["no bot framework can connect"])?;
    let status = run(&world.folder, &["status"]).await?;
    says(&status.stdout, &["[[accounts.clients]]"])
}
