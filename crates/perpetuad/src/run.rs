//! Running a node.

use std::{
    io::{IsTerminal as _, stderr, stdout},
    time::Duration,
};

use perpetua_fs::FolderLock;
use perpetua_node::{ExitCode, Node, NodeOptions};
use perpetua_proxy::Clock;
use perpetua_update::Project;
use perpetua_words::{Message, cli};
use tokio::runtime::Runtime;
use tracing::{error, info};

use crate::{
    arguments::{LogFormat, PlaceArguments},
    failure::Failure,
    pages::PAGES,
    place,
    terminal::{Terminal, print},
};

/// How long work of the node that cannot be called off may go on after its end.
const END_LIMIT: Duration = Duration::from_secs(1);

/// Starts a node and runs it until Ctrl+C or SIGTERM; its webhooks speak this language.
pub(crate) fn run(
    terminal: &Terminal,
    place: &PlaceArguments,
    log_format: Option<LogFormat>,
) -> Result<(), Failure> {
    keep_files_private();
    let folders = place::folders(place)?;
    folders.create()?;
    let lock = FolderLock::acquire(&folders)?;
    let settings = place::settings(place, &folders)?;
    let format = log_format.map(Into::into).or(settings.config.log.format);
    let logs = folders.logs();
    let (log, _written_at_the_end) = perpetua_telemetry::init(
        &settings.config.log,
        format.unwrap_or(perpetua_config::LogFormat::Text),
        Some(&logs),
    )?;
    // Whoever reads the log may be in another folder.
    let anywhere = Terminal::new(terminal.language(), &place.meant_anywhere());
    log.commands_begin_with(anywhere.program());
    if settings.is_new {
        info!(path = %settings.path.display(), "wrote the first settings");
    }
    let tokens = place::tokens(place, &folders, &settings);
    let options = NodeOptions {
        folders,
        lock,
        settings,
        tokens,
        clock: Clock::system(),
        seed: fastrand::u64(..),
        log,
        language: terminal.language(),
        pages: PAGES,
        build: env!("PERPETUA_BUILD"),
        updates: project(),
    };
    let runtime = Runtime::new().map_err(|cause| {
        let cause = &cause;
        Failure::new(ExitCode::Internal, cli::NoThreads { cause })
    })?;
    let served = runtime.block_on(serve(options, terminal));
    // A keyring that waits for its owner must not keep the program from ending.
    runtime.shutdown_timeout(END_LIMIT);
    served
}

/// Where newer versions are; a node runs without knowing it.
fn project() -> Option<Project> {
    let project = Project::built_in();
    project
        .inspect_err(|cause| error!(%cause, "no newer version is looked for"))
        .ok()
}

/// What is written with the usual rights is its owner's alone from here on, what cores write above all: a server has
/// other users, and a data folder that exists keeps its rights. A window starts browsers, which would have the mask
/// too, so that is not done there.
#[cfg(unix)]
fn keep_files_private() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// On Windows files have the rights of their folder.
#[cfg(windows)]
fn keep_files_private() {}

async fn serve(options: NodeOptions, terminal: &Terminal) -> Result<(), Failure> {
    let mut stop = std::pin::pin!(stop_signal());
    let mut node = tokio::select! {
        biased;
        started = Node::start(options) => started?,
        () = &mut stop => return Ok(()),
    };
    announce(node.api());
    if stdout().is_terminal() && stderr().is_terminal() {
        tell_what_next(terminal);
    }
    let failed = tokio::select! {
        () = &mut stop => false,
        () = node.failed() => true,
    };
    node.drain().await;
    if failed {
        error!("a part of the node stopped unexpectedly");
        return Err(Failure::new(ExitCode::Internal, cli::PartEnded));
    }
    Ok(())
}

/// The one line that scripts wait for. A closed stdout is no reason not to run.
fn announce(api: &str) {
    let _nobody_listens = print(&format!("ready api={api}\n"));
}

/// What a person at the terminal may want next. Not on stdout, which has one line.
fn tell_what_next(terminal: &Terminal) {
    let lines: [Message; 2] = [
        cli::RunningPage {
            command: terminal.command("ui"),
        }
        .into(),
        cli::RunningGuide {
            command: terminal.command("guide"),
        }
        .into(),
    ];
    for line in lines {
        terminal.note_beside(line);
    }
}

/// Ctrl+C, SIGTERM, or on Windows the console being closed.
async fn stop_signal() {
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(windows)]
    let terminate = async {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
        match (ctrl_break(), ctrl_close(), ctrl_shutdown()) {
            (Ok(mut ctrl_break), Ok(mut close), Ok(mut shutdown)) => tokio::select! {
                _ = ctrl_break.recv() => {}
                _ = close.recv() => {}
                _ = shutdown.recv() => {}
            },
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
