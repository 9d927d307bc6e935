//! What happens to the process itself.

use std::process::{Command, Stdio};
use std::time::Duration;

use fake_core::{Process, Report};
use tokio::sync::watch;

use crate::crash::{crash, exit};
use crate::link::Reporter;
use crate::log::print_raw;

/// The argument that makes this program a child that only lives.
pub(crate) const CHILD: &str = "--child-of-a-fake-core";

/// Nobody's child lives for ever: longer than any test looks for it.
const CHILD_LIFE: Duration = Duration::from_mins(5);

const MIB: usize = 1024 * 1024;

/// Carries out an order.
pub(crate) async fn obey(order: Process, hang: &watch::Sender<bool>, reporter: &Reporter) {
    match order {
        Process::Hang => {
            hang.send_replace(true);
        }
        Process::Hog(mebibytes) => hog(mebibytes),
        Process::Crash(words) => crash(&words),
        Process::Exit(code) => exit(code),
        Process::Print(text) => print_raw(&text),
        Process::HaveChild => {
            if let Some(pid) = have_child() {
                reporter.tell(Report::Child(pid)).await;
            }
        }
    }
}

/// Takes memory and touches every page of it, until the end of the process.
fn hog(mebibytes: usize) {
    let memory = vec![1_u8; mebibytes * MIB];
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(memory);
    });
}

fn have_child() -> Option<u32> {
    let program = std::env::current_exe().ok()?;
    let child = Command::new(program)
        .arg(CHILD)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    Some(child.id())
}

/// The life of such a child: it does nothing, and does not mind its parent's end.
pub(crate) async fn live_as_child() {
    tokio::time::sleep(CHILD_LIFE).await;
}
