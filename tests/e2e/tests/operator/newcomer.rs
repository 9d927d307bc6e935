//! What somebody does who has only read the README, and what is said then.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, run_bare, run_with_input};
use perpetua_testkit::Dial;

const FRAMEWORK: &str = "ws://127.0.0.1:9/onebot/v11/ws";

#[tokio::test]
async fn a_framework_that_dials_the_web_port_is_sent_to_its_client() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().client("bot"))?;
    let node = Node::start(&folder).await?;
    let port = node.client("bot").await?;
    ensure!(
        Dial::to(node.api()).connect().await.is_err(),
        "it was let in"
    );
    let status = run(&folder, &["status"]).await?.stdout;
    ensure!(
        status.contains(&format!("`ws://{port}` (main/bot)")),
        "{status}"
    );
    Ok(())
}

#[tokio::test]
async fn check_says_what_is_not_stored_below_the_client_that_names_it() -> Result<()> {
    let settings = Settings::simulator()
        .reverse_client("first", FRAMEWORK, "token = { secret = \"karin\" }")
        .client_with("second", "token = { env = \"PERPETUA_NOT_SET\" }")
        .client("last");
    let folder = DataFolder::with(&settings)?;
    let said = run(&folder, &["check"]).await?.stdout;
    let lines: Vec<&str> = said.lines().collect();
    let below = |client: &str| {
        let row = lines.iter().position(|line| line.contains(client));
        row.and_then(|row| lines.get(row + 1))
            .copied()
            .unwrap_or_default()
    };
    let first = below("main/first");
    ensure!(
        first.contains("`karin`") && first.contains("secret set karin"),
        "{said}"
    );
    ensure!(first.contains("--data-dir"), "{said}");
    ensure!(below("main/second").contains("PERPETUA_NOT_SET"), "{said}");
    ensure!(!below("main/last").contains('!'), "{said}");
    let set = run_with_input(&folder, &["secret", "set", "karin"], "t0ken").await?;
    ensure!(set.code == Some(0), "{set:?}");
    let said = run(&folder, &["check"]).await?.stdout;
    ensure!(!said.contains("secret set"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_not_stored_is_asked_for_and_its_storing_told_truly() -> Result<()> {
    let settings = Settings::simulator()
        .reverse_client("karin", FRAMEWORK, "token = { secret = \"karin\" }")
        .client_with("bot", "token = { secret = \"bot\" }");
    let folder = DataFolder::with(&settings)?;
    let _node = Node::start(&folder).await?;
    for command in [
        ["guide", "main/karin"].as_slice(),
        &["client", "test", "main/karin"],
    ] {
        let refused = run(&folder, command).await?;
        ensure!(refused.code != Some(0), "{refused:?}");
        ensure!(refused.stderr.contains("secret set karin"), "{refused:?}");
        ensure!(!refused.stderr.contains("port"), "{refused:?}");
    }
    for (secret, first, second) in [
        (
            "karin",
            "connects to the framework",
            "connects to the framework",
        ),
        ("bot", "takes this token from now on", "was disconnected"),
    ] {
        for wanted in [first, second] {
            let set = run_with_input(&folder, &["secret", "set", secret], "t0ken").await?;
            ensure!(set.stdout.contains(wanted), "{set:?}");
        }
        let removed = run(&folder, &["secret", "remove", secret]).await?;
        ensure!(
            removed.stdout.contains("until one is stored"),
            "{removed:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_guide_is_for_the_framework_that_waits_at_this_path() -> Result<()> {
    let settings = Settings::simulator()
        .reverse_client("karin", "ws://127.0.0.1:9/OneBot/v11/ws", "")
        .reverse_client("astrbot", "ws://127.0.0.1:8/ws", "")
        .reverse_client_of(
            "two",
            &[
                "\"ws://127.0.0.1:7/a\"".into(),
                "\"ws://127.0.0.1:6/b\"".into(),
            ],
            "",
        );
    let folder = DataFolder::with(&settings)?;
    let _node = Node::start(&folder).await?;
    let guide = async |client: &str| -> Result<String> {
        Ok(run(&folder, &["guide", client]).await?.stdout)
    };
    let karin = guide("main/karin").await?;
    ensure!(karin.contains("ws://127.0.0.1:9/OneBot/v11/ws"), "{karin}");
    ensure!(
        !karin.contains("ws_reverse") && !karin.contains("DRIVER"),
        "{karin}"
    );
    ensure!(!karin.contains("correct it"), "{karin}");
    let astrbot = guide("main/astrbot").await?;
    ensure!(astrbot.contains("ws_reverse_port"), "{astrbot}");
    ensure!(!astrbot.contains("koishi.yml"), "{astrbot}");
    let two = guide("main/two").await?;
    ensure!(two.contains("`ws://127.0.0.1:6/b` as well"), "{two}");
    ensure!(two.contains("(none is sent)"), "{two}");
    Ok(())
}

#[tokio::test]
async fn a_command_in_the_log_is_one_for_this_folder() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().client("bot"))?;
    let mut node = Node::start(&folder).await?;
    let port = node.client("bot").await?;
    ensure!(Dial::to(port).connect().await.is_err(), "it needs no token");
    let line = node.logged("token main/bot").await?;
    let command = format!(
        "`perpetuad --data-dir {} token main/bot`",
        folder.path().display()
    );
    ensure!(line.contains(&command), "{line}");
    Ok(())
}

#[tokio::test]
async fn help_is_a_word_too() -> Result<()> {
    for (asked, same) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "core"], &["core", "--help"]),
    ] {
        let (asked, same) = (run_bare(asked).await?, run_bare(same).await?);
        ensure!(asked.code == Some(0), "{asked:?}");
        ensure!(asked.stdout == same.stdout, "{asked:?}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_first_start_at_a_terminal_says_what_comes_next() -> Result<()> {
    use perpetua_e2e::start_in_terminal;
    use perpetua_testkit::PATIENCE;

    let folder = DataFolder::with(&Settings::simulator().client("bot"))?;
    let mut program = start_in_terminal(&folder, &[])?;
    let last = |line: &str| line.contains("Ctrl+C");
    let guide = program.stdout.next_where("what comes next", PATIENCE, last);
    let guide = guide.await?;
    ensure!(guide.contains("--data-dir"), "{guide}");
    ensure!(guide.contains(" guide"), "{guide}");
    let screen = program.stdout.text();
    ensure!(screen.contains("ready api="), "{screen}");
    ensure!(screen.contains(" ui"), "{screen}");
    program.write_line("\u{3}").await?;
    program.ended(PATIENCE).await?;
    Ok(())
}
