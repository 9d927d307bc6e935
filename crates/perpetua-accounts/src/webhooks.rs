//! Webhooks: addresses that are notified when an account goes offline, comes online, or needs a person.
//!
//! Each webhook has a queue and a task of its own, so that one that does not answer delays no other.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use perpetua_backoff::Backoff;
use perpetua_secrets::Secret;
use perpetua_words::{Language, Message, Param, node as words};
use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use perpetua_words::with_causes;

/// Notifications that may wait for a webhook that does not answer: what is older than these is no news.
const WAITING: usize = 32;
/// How often a notification is sent before it is given up.
const ATTEMPTS: u32 = 4;
/// How long a webhook may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Something that webhooks are notified of.
#[derive(Clone, Debug)]
pub struct Notification {
    /// `online`, `offline` or `person_needed`.
    pub event: &'static str,
    /// The account's name in the settings.
    pub account: String,
    /// Why, and what to do.
    pub message: Message,
    /// Seconds since 1970.
    pub time: i64,
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
    pub fn now(event: &'static str, account: &str, message: Message) -> Self {
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
        client: reqwest::Client,
        language: Language,
        cancel: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, notifications) = mpsc::channel(QUEUED);
        (
            Self(sender),
            run(notifications, hooks, Poster { client, language }, cancel),
        )
    }

    /// Notifies every webhook.
    pub fn notify(&self, notification: Notification) {
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

/// All webhooks of the settings.
#[derive(Debug, Default)]
struct WebhookTasks {
    queues: Vec<(String, mpsc::Sender<Notification>)>,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl WebhookTasks {
    /// One task for each webhook.
    fn start(hooks: Vec<Webhook>, poster: &Poster) -> Self {
        let mut started = Self::default();
        for hook in hooks {
            let (sender, notifications) = mpsc::channel(WAITING);
            started.queues.push((hook.host(), sender));
            let posting = post_all(hook, poster.clone(), notifications);
            let cancel = started.cancel.clone();
            started
                .tasks
                .spawn(async move { cancel.run_until_cancelled(posting).await });
        }
        started.tasks.close();
        started
    }

    /// Notifies every webhook; never waits.
    fn notify(&self, notification: &Notification) {
        for (host, hook) in &self.queues {
            if hook.try_send(notification.clone()).is_err() {
                warn!(%host, event = notification.event, "webhook queue full; notification dropped");
            }
        }
    }

    /// Sends what waits, for at most `limit`, then ends.
    async fn finish(self, limit: Duration) {
        let Self {
            queues,
            cancel,
            tasks,
        } = self;
        drop(queues);
        if tokio::time::timeout(limit, tasks.wait()).await.is_err() {
            cancel.cancel();
            tasks.wait().await;
        }
    }
}

async fn post_all(hook: Webhook, poster: Poster, mut notifications: mpsc::Receiver<Notification>) {
    while let Some(notification) = notifications.recv().await {
        deliver(&hook, &poster, &notification).await;
    }
}

/// Tries a few times: a webhook is often behind the network whose outage it is notified of.
async fn deliver(hook: &Webhook, poster: &Poster, notification: &Notification) {
    let backoff = Backoff {
        jitter: 0.0,
        ..Backoff::default()
    };
    for attempt in 1..=ATTEMPTS {
        match poster.post(hook, notification).await {
            Ok(()) => {
                debug!(host = %hook.host(), event = notification.event, "webhook notified");
                return;
            }
            Err(reason) => {
                warn!(host = %hook.host(), event = notification.event, attempt, reason, "webhook not reached");
            }
        }
        if attempt < ATTEMPTS {
            sleep(backoff.wait(attempt, 0.0)).await;
        }
    }
}

/// Sends notifications in one language.
#[derive(Clone, Debug)]
struct Poster {
    client: reqwest::Client,
    language: Language,
}

impl Poster {
    async fn post(&self, hook: &Webhook, notification: &Notification) -> Result<(), String> {
        let mut request = self
            .client
            .post(hook.url.clone())
            .timeout(ANSWER_LIMIT)
            .json(&notification.payload(self.language));
        if let Some(token) = &hook.token {
            request = request.bearer_auth(token.expose());
        }
        // The address may hold a key of its own, so it is taken out of errors.
        let answer = request
            .send()
            .await
            .map_err(|error| with_causes(&error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("HTTP status {status}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use perpetua_secrets::Secret;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use perpetua_words::{Language, node as words};

    use super::{Notification, Poster, Webhook, WebhookTasks};

    #[tokio::test]
    async fn a_webhook_is_notified_again_when_its_first_answer_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hooks = WebhookTasks::start(vec![hook(&listener)], &poster());
        hooks.notify(&notification());
        let refused = answer(&listener, "500 Oops").await;
        assert!(
            refused.contains("authorization: Bearer s3cret"),
            "{refused}"
        );
        let accepted = answer(&listener, "204 No Content").await;
        let body = r#"{"event":"offline","account":"main","message":"和上游的连接断了","code":"node.upstream_lost","params":{},"time":7}"#;
        assert!(accepted.contains(body), "{accepted}");
        hooks.finish(Duration::from_secs(5)).await;
    }

    #[tokio::test]
    async fn one_that_does_not_answer_holds_up_neither_others_nor_the_end() {
        let (silent, listener) = (
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
        );
        let both = vec![hook(&silent), hook(&listener)];
        let hooks = WebhookTasks::start(both, &poster());
        hooks.notify(&notification());
        answer(&listener, "200 OK").await;
        hooks.finish(Duration::from_millis(50)).await;
    }

    async fn answer(listener: &TcpListener, status: &str) -> String {
        let (mut stream, _) = listener.accept().await.expect("a call");
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            let read = stream.read_buf(&mut request).await.expect("a request");
            assert_ne!(read, 0, "the request broke off");
        }
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("answered");
        String::from_utf8(request).expect("text")
    }

    fn hook(listener: &TcpListener) -> Webhook {
        let address = listener.local_addr().expect("bound");
        let token = Secret::new("s3cret").expect("a token");
        Webhook::new(&format!("http://{address}/told"), Some(token)).expect("an address")
    }

    fn poster() -> Poster {
        Poster {
            client: perpetua_fetch::http_client(&perpetua_fetch::Proxy::Direct).expect("a client"),
            language: Language::Chinese,
        }
    }

    fn notification() -> Notification {
        Notification {
            event: "offline",
            account: "main".into(),
            message: words::UpstreamLost.into(),
            time: 7,
        }
    }
}
