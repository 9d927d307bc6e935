//! What follows the node: the tray, the notifications, the page's status; and what follows the clicks.

use std::time::{Duration, Instant};

use perpetua_desktop::{
    LOOK_EVERY, NotificationClick, ShellEvent, ShownNode, ShownVersion, SleepWatch, TrayAction,
    after_sleep, is_seen_within, through_sleep,
};
use tauri::async_runtime::spawn;
use tokio::{sync::mpsc, time::timeout};
use tracing::info;

use crate::{desk::Desk, window};

/// Begins to follow the node, and the clicks on notifications and in the tray.
pub(crate) fn begin(
    desk: &Desk,
    clicks: mpsc::Receiver<NotificationClick>,
    tray_clicks: mpsc::Receiver<(TrayAction, Option<String>)>,
) {
    spawn(show_node(desk.clone()));
    spawn(show_version(desk.clone()));
    spawn(tell_page(desk.clone()));
    spawn(watch_sleep(desk.clone()));
    spawn(follow_clicks(desk.clone(), clicks));
    spawn(follow_tray(desk.clone(), tray_clicks));
    spawn(bring_back(desk.clone()));
    let desk = desk.clone();
    spawn(async move { desk.system.mend_autostart().await });
}

/// Shows in the tray and in notifications how the node stands, after each change and now and then: what
/// takes long becomes worth a word.
async fn show_node(desk: Desk) {
    let mut shown = ShownNode::default();
    let (mut node, mut preferences) = (desk.node.clone(), desk.preferences.clone());
    loop {
        let status = node.borrow_and_update().clone();
        let preferences_now = preferences.borrow_and_update().clone();
        let looked_at = desk.window.looked_at();
        let (view, due) = shown.look(status.as_ref(), &preferences_now, looked_at.as_deref());
        desk.tray.show(view);
        for due in due {
            desk.notify(due);
        }
        let changed = async {
            tokio::select! {
                changed = node.changed() => changed.is_ok(),
                changed = preferences.changed() => changed.is_ok(),
            }
        };
        if timeout(LOOK_EVERY, changed).await == Ok(false) {
            return;
        }
    }
}

/// Tells of newer versions, each once; now and then, too, for quiet hours end.
async fn show_version(desk: Desk) {
    let mut shown = ShownVersion::read(desk.system.told_version_file()).await;
    let (mut update, mut preferences) = (desk.updater.status(), desk.preferences.clone());
    loop {
        let update_now = update.borrow_and_update().clone();
        let preferences_now = preferences.borrow_and_update().clone();
        let looked_at = desk.window.looked_at();
        let due = shown.look(&update_now, &preferences_now, looked_at.as_deref());
        if let Some(due) = due.await {
            desk.notify(due);
        }
        let changed = async {
            tokio::select! {
                changed = update.changed() => changed.is_ok(),
                changed = preferences.changed() => changed.is_ok(),
            }
        };
        if timeout(LOOK_EVERY, changed).await == Ok(false) {
            return;
        }
    }
}

/// Tells the page what has changed around it.
async fn tell_page(desk: Desk) {
    let (mut state, mut visible) = (desk.keeper.state(), desk.tray.visible());
    let mut notifications = desk.notifications();
    let mut update = desk.updater.status();
    loop {
        // A tray or a service that has ended is one reason less to tell, and no end.
        tokio::select! {
            changed = state.changed() => if changed.is_err() {
                return;
            },
            Ok(()) = visible.changed() => {}
            Ok(()) = notifications.changed() => {}
            Ok(()) = update.changed() => {}
        }
        desk.tell_status().await;
    }
}

/// After sleep whoever waits for its next attempt makes it at once, and the page takes a fresh look.
async fn watch_sleep(desk: Desk) {
    let mut clocks = SleepWatch::new(Instant::now(), through_sleep());
    let state = desk.keeper.state();
    while state.has_changed().is_ok() {
        tokio::time::sleep(LOOK_EVERY).await;
        if !clocks.look(Instant::now(), through_sleep()) {
            continue;
        }
        info!("the computer was asleep; who waits for an attempt makes it now");
        let status = desk.node.borrow().clone();
        for deed in status.as_deref().map(after_sleep).unwrap_or_default() {
            desk.carry_out(deed, None).await;
        }
        desk.emit(ShellEvent::Shown);
    }
}

async fn follow_clicks(desk: Desk, mut clicks: mpsc::Receiver<NotificationClick>) {
    while let Some(NotificationClick { deed, activation }) = clicks.recv().await {
        let desk = desk.clone();
        spawn(async move {
            if !desk.carry_out(deed, activation.clone()).await {
                desk.show(None, activation);
            }
        });
    }
}

async fn follow_tray(desk: Desk, mut clicks: mpsc::Receiver<(TrayAction, Option<String>)>) {
    while let Some((action, activation)) = clicks.recv().await {
        // One that takes long, as a call of the node may, holds none of the next ones back.
        let desk = desk.clone();
        spawn(async move { desk.act(action, activation).await });
    }
}

/// A start without a window, as the session makes it. Where nobody shows the icon after a while, a small
/// window is the way to the program; where the node cannot start, the window says so.
pub(crate) fn begin_minimised(desk: Desk) {
    const PANEL_LIMIT: Duration = Duration::from_secs(15);
    let looking = desk.clone();
    spawn(async move {
        let seen = is_seen_within(PANEL_LIMIT, looking.tray.visible()).await;
        if !seen && window::find(&looking.app).is_none() {
            looking.window.lock().begins_minimised = true;
            looking.show(None, None);
        }
    });
    spawn(async move {
        if desk.keeper.fails_to_start().await {
            desk.show(None, None);
        }
    });
}

/// A window that is hidden comes back when nobody shows the icon any more: there would be no way to it.
async fn bring_back(desk: Desk) {
    let mut visible = desk.tray.visible();
    let mut was_visible = *visible.borrow_and_update();
    while visible.changed().await.is_ok() {
        let is_visible = *visible.borrow_and_update();
        if was_visible && !is_visible {
            info!("nobody shows the icon any more; the window comes back");
            desk.show(None, None);
        }
        was_visible = is_visible;
    }
}
