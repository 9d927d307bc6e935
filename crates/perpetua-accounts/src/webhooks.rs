//! Webhooks: addresses that are notified when an account goes offline, comes online, or needs a person.
//!
//! Each webhook has a queue and a task of its own, so that one that does not answer delays no other.

mod delivery;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use perpetua_secrets::Secret;
use perpetua_words::{Language, Message, Param, node as words};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use delivery::WebhookTasks;
pub use delivery::{Poster, WebhookAnswer};

/// Something that webhooks are notified of.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// `online`, `offline` or `person_needed`.
    pub(crate) event: &'static str,
    /// The account's name in the settings.
    pub(crate) account: String,
    /// Why, and what to do.
    pub(crate) message: Message,
    /// Seconds since 1970.
    pub(crate) time: i64,
}

/// The JSON body of a POST.
#[derive(Debug, Serialize)]
struct WebhookPayload<'a> {
    event: &'static str,
    account: &'a str,
    /// The message as a sentence in the node's language.
    message: String,
    /// The same for programs.
    code: &'a str,
    params: &'a BTreeMap<Cow<'static, str>, Param>,
    time: i64,
}

impl Notification {
    /// Something that happened just now.
    pub(crate) fn now(event: &'static str, account: &str, message: Message) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since_1970.map_or(0, |duration| duration.as_secs());
        Self {
            event,
            account: account.to_owned(),
            message,
            time: i64::try_from(seconds).unwrap_or(i64::MAX),
        }
    }

    fn payload(&self, language: Language) -> WebhookPayload<'_> {
        WebhookPayload {
            event: self.event,
            account: &self.account,
            message: self.message.in_language(language),
            code: &self.message.code,
            params: &self.message.params,
            time: self.time,
        }
    }
}

/// Where to post, and what to show there.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    url: reqwest::Url,
    /// Sent as `Authorization: Bearer …`.
    token: Option<Secret>,
}

impl Webhook {
    /// Takes an address that can be posted to.
    pub fn new(url: &str, token: Option<Secret>) -> Result<Self, Message> {
        let url: reqwest::Url = url
            .parse()
            .map_err(|_may_hold_a_secret| Message::from(words::WebhookAddressInvalid))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(words::WebhookScheme.into());
        }
        Ok(Self { url, token })
    }

    /// The part of the address that may be shown.
    fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Webhook({})", self.host())
    }
}

/// How long notifications may still go out when the node ends.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);
/// Notifications that may wait for the task, which passes them on at once.
const QUEUED: usize = 32;

/// A handle to the task that notifies the webhooks. Notifying never waits.
#[derive(Clone, Debug)]
pub struct Notifier(mpsc::Sender<Notification>);

impl Notifier {
    /// The handle, and the task to run; `hooks` changes with the settings.
    pub fn new(
        hooks: watch::Receiver<Vec<Webhook>>,
        poster: Poster,
        cancel: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, notifications) = mpsc::channel(QUEUED);
        (Self(sender), run(notifications, hooks, poster, cancel))
    }

    /// Notifies every webhook.
    pub(crate) fn notify(&self, notification: Notification) {
        if let Err(refused) = self.0.try_send(notification) {
            warn!(reason = %refused, "webhook queue full; notification dropped");
        }
    }
}

async fn run(
    mut notifications: mpsc::Receiver<Notification>,
    mut settings: watch::Receiver<Vec<Webhook>>,
    poster: Poster,
    cancel: CancellationToken,
) {
    let mut hooks = WebhookTasks::start(settings.borrow_and_update().clone(), &poster);
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Ok(()) = settings.changed() => {
                let changed = WebhookTasks::start(settings.borrow_and_update().clone(), &poster);
                std::mem::replace(&mut hooks, changed).finish(FLUSH_LIMIT).await;
            }
            notification = notifications.recv() => match notification {
                Some(notification) => hooks.notify(&notification),
                None => break,
            },
        }
    }
    while let Ok(notification) = notifications.try_recv() {
        hooks.notify(&notification);
    }
    hooks.finish(FLUSH_LIMIT).await;
}
