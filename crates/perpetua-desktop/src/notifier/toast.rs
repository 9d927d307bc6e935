//! Notifications of Windows and macOS.

use notify_rust::NotificationResponse;
use tokio::sync::{mpsc, oneshot, watch};
use tracing::warn;

use super::{DEFAULT, MEND, NotificationClick, NotificationState, Request, ShownNotification};

// Who we are to Windows; the installer's entry in the start menu says the same.
#[cfg(windows)]
use crate::names::IDENTIFIER;

/// Windows shows toasts only of whom it knows. A program that nobody installed has no entry in the start
/// menu, so that it is made known in the registry.
#[cfg(windows)]
fn introduce() -> std::io::Result<()> {
    let key = format!("Software\\Classes\\AppUserModelId\\{IDENTIFIER}");
    let user = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
    let (key, _is_new) = user.create_subkey(key)?;
    key.set_value("DisplayName", &"perpetua")
}

/// macOS knows a program by its bundle.
#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "Windows may refuse it")]
fn introduce() -> std::io::Result<()> {
    Ok(())
}

pub(super) async fn run(
    mut requests: mpsc::Receiver<Request>,
    clicked: mpsc::Sender<NotificationClick>,
    told: watch::Sender<NotificationState>,
) {
    if let Err(cause) = perpetua_task::blocking(introduce).await {
        warn!(%cause, "notifications may be refused: Windows does not take the name of this program");
    }
    while let Some(request) = requests.recv().await {
        match request {
            Request::Show(notification, outcome) => {
                let (clicked, told) = (clicked.clone(), told.clone());
                // It lasts until a person has seen it, and its handle hears the click.
                std::thread::spawn(move || show(&notification, &clicked, &told, outcome));
            }
            Request::Look(done) => {
                let _nobody_waits = done.send(());
            }
        }
    }
}

fn show(
    notification: &ShownNotification,
    clicked: &mpsc::Sender<NotificationClick>,
    told: &watch::Sender<NotificationState>,
    outcome: oneshot::Sender<NotificationState>,
) {
    let mut toast = notify_rust::Notification::new();
    toast.appname("perpetua");
    toast.summary(&notification.title).body(&notification.body);
    #[cfg(windows)]
    toast.app_id(IDENTIFIER);
    // A click on the notification itself needs no action; one without a text would be an empty button.
    if let Some(button) = &notification.button {
        toast.action(MEND, button);
    }
    let mut outcome = Some(outcome);
    let mut tell = |state| {
        told.send_replace(state);
        if let Some(outcome) = outcome.take() {
            let _nobody_waits = outcome.send(state);
        }
    };
    let shown = toast.show().and_then(|handle| {
        tell(NotificationState::Works);
        let waited = handle.wait_for_response(|response: &NotificationResponse| {
            let deed = match response {
                NotificationResponse::Default => notification.deed_of(DEFAULT),
                NotificationResponse::Action(action) => notification.deed_of(action),
                NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
            };
            if let Some(deed) = deed {
                let click = NotificationClick {
                    deed,
                    activation: None,
                };
                let _many_wait = clicked.try_send(click);
            }
        });
        // macOS refuses it only here; on Windows an end without an answer is no refusal.
        if cfg!(target_os = "macos") {
            waited
        } else {
            Ok(())
        }
    });
    if let Err(cause) = shown {
        warn!(%cause, "a notification was refused");
        tell(NotificationState::Blocked);
    }
}
