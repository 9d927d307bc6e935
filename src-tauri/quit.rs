//! The end of the program: in sight, in order, and within ten seconds.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use perpetua_desktop::{NodeState, ShellEvent, UpdateInstall};
use perpetua_telemetry::LogGuard;
use perpetua_words::Message;
use tracing::{info, warn};

use crate::{desk::Desk, window};

/// How long ending may take.
const QUIT_LIMIT: Duration = Duration::from_secs(10);
/// How long work that cannot be called off may go on after the end.
pub(crate) const LATE_WORK: Duration = Duration::from_secs(1);

/// What a start without a screen ends with, and a program whose screen has gone: a service is not there.
#[cfg(target_os = "linux")]
pub(crate) const NO_SCREEN: u8 = 69;

/// The last lines of the log, which wait to be written whichever way the program ends. A cheap clone.
#[derive(Clone)]
pub(crate) struct LastLines(Arc<Mutex<Option<LogGuard>>>);

impl LastLines {
    pub(crate) fn new(guard: LogGuard) -> Self {
        Self(Arc::new(Mutex::new(Some(guard))))
    }

    /// Writes them; nothing that is logged later is kept.
    pub(crate) fn write(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Begins to end the program because a person wants it; a newer version that is ready is installed then, unless the
/// node is another program's: the two would not be of one version any more. A second time changes nothing.
pub(crate) fn by_person(desk: &Desk) {
    let is_others = matches!(*desk.keeper.state().borrow(), NodeState::Other { .. });
    let install = (!is_others).then(|| desk.updater.install(false)).flatten();
    begin(desk, None, install);
}

/// The same, where the newer version is to go on in its place.
pub(crate) fn for_install(desk: &Desk, install: UpdateInstall) {
    begin(desk, None, Some(install));
}

/// Begins to end it because it has to: the reason is logged and shown. There is no time to install anything.
#[cfg(target_os = "linux")]
pub(crate) fn begin_because(desk: &Desk, why: Message) {
    begin(desk, Some(why), None);
}

fn begin(desk: &Desk, why: Option<Message>, install: Option<UpdateInstall>) {
    if !desk.window.begin_to_end() {
        return;
    }
    desk.pending.put(install);
    if let Some(why) = &why {
        warn!(%why, "the program is ending");
    } else {
        info!("the program is ending");
    }
    if let Some(window) = window::find(&desk.app) {
        window::keep_place(desk, &window);
    }
    let (clients, cores) = desk.to_be_told();
    desk.emit(ShellEvent::Quitting {
        clients,
        cores,
        seconds: QUIT_LIMIT.as_secs(),
        why,
    });
    let desk = desk.clone();
    tauri::async_runtime::spawn(async move {
        desk.keeper.end_within(QUIT_LIMIT).await;
        desk.app.exit(0);
    });
}

/// Ends the node, if that has not been done, before the program goes. On the main thread.
pub(crate) fn end_node_now(desk: &Desk) {
    tauri::async_runtime::block_on(desk.keeper.end_within(QUIT_LIMIT));
}

/// Ends the node and then the program, all of it from here: GTK can do nothing without its display any
/// more, not even leave its loop. On the main thread.
#[cfg(target_os = "linux")]
#[expect(clippy::exit, reason = "there is no way back to `main`")]
pub(crate) fn without_display(desk: &Desk, last_lines: &LastLines) {
    warn!("the display is gone; the program is ending");
    end_node_now(desk);
    info!("the program has ended without its display");
    last_lines.write();
    std::process::exit(NO_SCREEN.into())
}

/// Ends the program in order when the system or the session asks for it.
pub(crate) fn on_signals(desk: &Desk) {
    let desk = desk.clone();
    tauri::async_runtime::spawn(async move {
        perpetua_desktop::asked_to_end().await;
        // A session that ends gives nobody the time to install something.
        begin(&desk, None, None);
    });
}
