//! Shows notifications by the system's own service, and hears the clicks on them.
//!
//! A service that is missing, slow or dead keeps nobody waiting: all of it happens in a task of its own.

#[cfg(target_os = "linux")]
mod freedesktop;
#[cfg(not(target_os = "linux"))]
mod toast;

use perpetua_words::Language;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{ButtonAction, Notification, NotificationState};
#[cfg(target_os = "linux")]
use freedesktop as service;
#[cfg(not(target_os = "linux"))]
use toast as service;

/// Notifications that may wait for a slow service; more are dropped, for tray and pages tell the same.
const WAITING: usize = 16;
/// The action of a click on the notification itself.
const DEFAULT: &str = "default";
/// The action of its button.
const MEND: &str = "mend";

/// A notification in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownNotification {
    /// A later one with the same key takes its place.
    pub key: String,
    /// Its first line.
    pub title: String,
    /// What stands below.
    pub body: String,
    /// What its button says.
    pub button: Option<String>,
    /// What a click on it does.
    pub on_click: ButtonAction,
    /// What its button does.
    pub on_button: Option<ButtonAction>,
}

/// A click on a notification, with the desktop's leave to come to the front where it gives one.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationClick {
    /// What is to be done.
    pub deed: ButtonAction,
    /// The leave.
    pub activation: Option<String>,
}

/// Shows notifications. A cheap clone.
#[derive(Clone, Debug)]
pub struct DesktopNotifier {
    requests: mpsc::Sender<Request>,
    state: watch::Receiver<NotificationState>,
}

#[derive(Debug)]
enum Request {
    /// What became of it is told to whoever waits.
    Show(Box<ShownNotification>, oneshot::Sender<NotificationState>),
    /// Asks the system anew whether anybody shows notifications.
    Look(oneshot::Sender<()>),
}

impl ShownNotification {
    /// A notification in a language.
    pub fn new(notification: Notification, language: Language) -> Self {
        let body = notification.body.map(|body| body.in_language(language));
        let (button, on_button) = match notification.button {
            Some(button) => (Some(button.word.in_language(language)), Some(button.deed)),
            None => (None, None),
        };
        Self {
            key: notification.key,
            title: notification.title.in_language(language),
            body: body.unwrap_or_default(),
            button,
            on_click: ButtonAction::Go(notification.page),
            on_button,
        }
    }

    /// What an action of the system stands for.
    fn deed_of(&self, action: &str) -> Option<ButtonAction> {
        match action {
            DEFAULT => Some(self.on_click.clone()),
            MEND => self.on_button.clone(),
            _ => None,
        }
    }
}

impl DesktopNotifier {
    /// Begins to listen for the clicks. Needs a runtime.
    pub fn start() -> (Self, mpsc::Receiver<NotificationClick>) {
        let (requests, coming) = mpsc::channel(WAITING);
        let (clicked, clicks) = mpsc::channel(WAITING);
        let (told, state) = watch::channel(NotificationState::Works);
        tokio::spawn(service::run(coming, clicked, told));
        (Self { requests, state }, clicks)
    }

    /// Shows one, as soon as the service takes it.
    pub fn show(&self, notification: ShownNotification) {
        let _nobody_waits = self.begin_to_show(notification);
    }

    /// Shows one, and says what became of it.
    pub async fn show_and_wait(&self, notification: ShownNotification) -> NotificationState {
        let outcome = self.begin_to_show(notification).await;
        outcome.unwrap_or_else(|_dropped| self.state())
    }

    fn begin_to_show(
        &self,
        notification: ShownNotification,
    ) -> oneshot::Receiver<NotificationState> {
        let (outcome, shown) = oneshot::channel();
        let request = Request::Show(Box::new(notification), outcome);
        if self.requests.try_send(request).is_err() {
            tracing::warn!("the service for notifications is too slow; one was dropped");
        }
        shown
    }

    /// Whether the system shows them, as was seen last.
    pub fn state(&self) -> NotificationState {
        *self.state.borrow()
    }

    /// The same, and each change.
    pub fn changes(&self) -> watch::Receiver<NotificationState> {
        self.state.clone()
    }

    /// Whether the system shows them, asked anew.
    pub async fn look(&self) -> NotificationState {
        let (done, looked) = oneshot::channel();
        if self.requests.try_send(Request::Look(done)).is_ok() {
            let _ending = looked.await;
        }
        self.state()
    }
}
