//! What only Windows has: pseudo-consoles, and files in use.

use std::fs;
use std::time::Duration;

use perpetua_process::{Console, ExitStatus, Launch, Process};

use crate::lifeline::Lifelines;
use crate::{LIMIT, is_wine, launch, texts, until};

const AT_ONCE: Duration = Duration::from_secs(1);

fn in_console(role: &str) -> Launch {
    Launch {
        console: Console::Pseudo { columns: 1000 },
        ..launch(role)
    }
}

/// Whether the test cannot be made here: Wine 8 passes neither output from a pseudo-console nor keys
/// into it. The hosted Windows runner does.
fn is_mute() -> bool {
    if is_wine() {
        eprintln!("skipped: Wine's pseudo-consoles are mute");
    }
    is_wine()
}

#[tokio::test]
async fn a_program_in_a_console_gives_its_exit_code() {
    let (process, _lines) = Process::start(&in_console("exit 7")).expect("started");
    let ended = tokio::time::timeout(LIMIT, process.wait()).await;
    let seven = ExitStatus {
        code: Some(7),
        signal: None,
    };
    assert_eq!(ended, Ok(seven));
}

#[tokio::test]
async fn killing_ends_a_console_with_all_that_runs_in_it() {
    let lifelines = Lifelines::new().await;
    let launch = lifelines.tie(in_console("family"));
    let (process, mut lines) = Process::start(&launch).expect("started");
    let mut both = lifelines.lives(2).await;
    process.kill();
    for life in &mut both {
        assert!(life.ends_within(AT_ONCE).await, "{} lives", life.name);
    }
    process.wait().await;
    let end = async { while lines.next().await.is_some() {} };
    tokio::time::timeout(LIMIT, end)
        .await
        .expect("its lines end");
}

#[tokio::test]
async fn lines_come_out_of_a_console_as_they_were_printed() {
    if is_mute() {
        return;
    }
    let (process, lines) = Process::start(&in_console("wide")).expect("started");
    let texts = texts(lines).await;
    assert_eq!(process.wait().await.code, Some(0));
    // Colours may stand before and after the text.
    let has = |text: &str| texts.iter().any(|line| line.contains(text));
    assert!(has(&"群".repeat(700)), "{texts:?}");
    assert!(has("the end"), "{texts:?}");
}

#[tokio::test]
async fn stopping_presses_ctrl_c() {
    if is_mute() {
        return;
    }
    let (process, mut lines) = Process::start(&in_console("polite")).expect("started");
    until(&mut lines, "complete").await;
    process.stop();
    let ended = tokio::time::timeout(LIMIT, process.wait()).await;
    assert_eq!(ended.map(|status| status.code), Ok(Some(0)));
}

/// So an update of a running core is never written over it: it goes beside it.
#[tokio::test]
async fn a_running_program_can_be_moved_and_not_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let lifelines = Lifelines::new().await;
    let mut launch = lifelines.tie(launch("sleep"));
    let running = folder.path().join("running.exe");
    let update = folder.path().join("update.exe");
    fs::copy(&launch.program, &running).expect("copied");
    fs::write(&update, b"an update").expect("written");
    // There it finds the libraries of the program that it is a copy of.
    launch.folder = launch.program.parent().expect("a folder").into();
    launch.program.clone_from(&running);
    let (process, _lines) = Process::start(&launch).expect("started");
    lifelines.lives(1).await;

    let replaced = fs::rename(&update, &running);
    println!("replacing a running program: {replaced:?}");
    let moved = fs::rename(&running, folder.path().join("moved.exe"));
    println!("moving a running program: {moved:?}");
    process.kill();
    process.wait().await;
    // Wine 8 forgets now and then that a running program's file is in use.
    assert!(
        is_wine() || replaced.is_err(),
        "the system lets nobody write over it"
    );
    assert!(moved.is_ok(), "its name is free to be given away");
}
