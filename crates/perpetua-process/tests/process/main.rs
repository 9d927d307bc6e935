//! Real process trees: how they are started, read, stopped and killed, and what is left of them.
//!
//! The children are this test program again, see `roles`. A child that must be seen to live or die
//! holds a lifeline, a connection to its test: nothing tells of its end sooner, or on more systems.

mod ends;
mod lifeline;
mod orphans;
mod printed;
#[expect(
    clippy::print_stdout,
    clippy::zombie_processes,
    reason = "children print, and some leave theirs behind: that is what is tested"
)]
mod roles;
mod starts;
#[cfg(windows)]
mod windows;

use std::env;
use std::time::Duration;

use perpetua_process::{Console, Launch, Lines};

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Not a test of its own: the children of the others run it.
#[test]
fn role() {
    roles::play();
}

/// This test program, set to play `role`.
fn launch(role: &str) -> Launch {
    Launch {
        program: env::current_exe().expect("this test program"),
        arguments: roles::arguments(),
        folder: env::current_dir().expect("a folder"),
        // What this test program needs to start differs from system to system.
        environment: env::vars_os()
            .chain([(roles::ROLE.into(), role.into())])
            .collect(),
        console: Console::Pipes,
    }
}

/// Whether this Windows is Wine, as `cargo xtask check-windows` tells.
fn is_wine() -> bool {
    env::var_os("PERPETUA_TEST_WINE").is_some()
}

/// The lines of a role, without what the test harness prints before it.
async fn texts(mut lines: Lines) -> Vec<String> {
    let mut texts = Vec::new();
    let read = async {
        while let Some(line) = lines.next().await {
            texts.push(line.text);
        }
    };
    tokio::time::timeout(LIMIT, read).await.expect("all lines");
    let begin = texts.iter().position(|text| text == roles::BEGIN);
    texts.split_off(begin.expect("the role began") + 1)
}

/// Reads until the role says this.
async fn until(lines: &mut Lines, text: &str) {
    let read = async {
        loop {
            let line = lines.next().await.expect("it goes on");
            if line.text == text {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, read).await.expect(text);
}
