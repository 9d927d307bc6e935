//! The tasks that post: a webhook is tried a few times, and holds up no other.

use std::time::Duration;

use perpetua_backoff::Backoff;
use perpetua_words::{Language, Message, cause, edit, node as words, with_causes};
use reqwest::header::LOCATION;
use tokio::{sync::mpsc, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use super::{Notification, Webhook};

/// Notifications that may wait for a webhook that does not answer: what is older than these is no news.
const WAITING: usize = 32;
/// How often a notification is sent before it is given up.
const ATTEMPTS: u32 = 4;
/// How long a webhook may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// All webhooks of the settings.
#[derive(Debug, Default)]
pub(super) struct WebhookTasks {
    queues: Vec<(String, mpsc::Sender<Notification>)>,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl WebhookTasks {
    /// One task for each webhook.
    pub(super) fn start(hooks: Vec<Webhook>, poster: &Poster) -> Self {
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
    pub(super) fn notify(&self, notification: &Notification) {
        for (host, hook) in &self.queues {
            if hook.try_send(notification.clone()).is_err() {
                warn!(%host, event = notification.event, "webhook queue full; notification dropped");
            }
        }
    }

    /// Sends what waits, for at most `limit`, then ends.
    pub(super) async fn finish(self, limit: Duration) {
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

/// How a webhook answered to a notification. Only a status of 200 to 299 says that it was delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// The host to which it wants to send us on, where it does. Nothing was sent there.
    pub redirects_to: Option<String>,
}

impl WebhookAnswer {
    fn of(answer: &reqwest::Response) -> Self {
        let location = answer.headers().get(LOCATION);
        let location = location.filter(|_| answer.status().is_redirection());
        let target = location.and_then(|to| answer.url().join(to.to_str().ok()?).ok());
        Self {
            status: answer.status().as_u16(),
            redirects_to: target.and_then(|url| url.host_str().map(str::to_owned)),
        }
    }

    /// Why the notification was not delivered, if it was not.
    pub fn problem(&self) -> Option<Message> {
        match (self.status, &self.redirects_to) {
            (200..=299, _) => None,
            (_, Some(host)) => Some(words::WebhookRedirects { host }.into()),
            (status, None) => Some(edit::WebhookStatus { status }.into()),
        }
    }
}

/// Sends notifications in one language.
#[derive(Clone, Debug)]
pub struct Poster {
    pub(super) client: reqwest::Client,
    pub(super) language: Language,
}

impl Poster {
    /// Sends with this client, and in this language.
    pub fn new(client: reqwest::Client, language: Language) -> Self {
        Self { client, language }
    }

    /// Sends a notification that says that it is a test; gives what it was answered with, or why there was no answer.
    pub async fn test(&self, hook: &Webhook) -> Result<WebhookAnswer, Message> {
        let notification = Notification::now("test", "", words::WebhookTest.into());
        let answered = self.send(hook, &notification).await;
        answered.map_err(|error| cause(&error))
    }

    async fn post(&self, hook: &Webhook, notification: &Notification) -> Result<(), String> {
        let answer = self.send(hook, notification).await;
        match answer.map_err(|error| with_causes(&error))?.problem() {
            None => Ok(()),
            Some(problem) => Err(problem.to_string()),
        }
    }

    async fn send(
        &self,
        hook: &Webhook,
        notification: &Notification,
    ) -> Result<WebhookAnswer, reqwest::Error> {
        let mut request = self
            .client
            .post(hook.url.clone())
            .timeout(ANSWER_LIMIT)
            .json(&notification.payload(self.language));
        if let Some(token) = &hook.token {
            request = request.bearer_auth(token.expose());
        }
        // The address may hold a key of its own, so it is taken out of errors.
        let answer = request.send().await.map_err(reqwest::Error::without_url)?;
        Ok(WebhookAnswer::of(&answer))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use perpetua_fetch::{Proxy, Purpose, http_client};
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

    /// Where a redirect may lead: the same server, or another one.
    async fn redirected(status: &str, to_itself: bool) {
        let (first, other) = (
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
        );
        let target = if to_itself { &first } else { &other };
        let target = target.local_addr().expect("bound");
        let location = format!("{status}\r\nlocation: http://{target}/elsewhere?key=1");
        let hook = hook(&first);
        let (poster, notification) = (poster(), notification());
        let posting = poster.post(&hook, &notification);
        let (outcome, _request) = tokio::join!(posting, answer(&first, &location));
        let problem = outcome.expect_err("nothing was delivered");
        assert!(
            problem.contains("127.0.0.1") && !problem.contains("key"),
            "{status}: {problem}"
        );
        let (tested, _request) = tokio::join!(poster.test(&hook), answer(&first, &location));
        let tested = tested.expect("an answer");
        assert!(
            status.starts_with(&tested.status.to_string()),
            "{status}: {tested:?}"
        );
        let problem = tested.problem().expect("it is no success");
        assert_eq!(problem.code, "node.webhook_redirects", "{status}");
        for listener in [first, other] {
            let again = tokio::time::timeout(Duration::from_millis(20), listener.accept()).await;
            assert!(again.is_err(), "{status}: the redirect was followed");
        }
    }

    #[tokio::test]
    async fn what_is_redirected_was_not_delivered_wherever_it_leads() {
        for status in [
            "301 Moved Permanently",
            "302 Found",
            "303 See Other",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        ] {
            for to_itself in [true, false] {
                redirected(status, to_itself).await;
            }
        }
    }

    #[tokio::test]
    async fn only_a_status_of_success_says_that_it_was_delivered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (hook, poster, notification) = (hook(&listener), poster(), notification());
        for (status, is_delivered) in [
            ("200 OK", true),
            ("202 Accepted", true),
            ("204 No Content", true),
            ("299 Whatever", true),
            ("300 Multiple Choices", false),
            ("302 Found", false),
            ("304 Not Modified", false),
            ("401 Unauthorized", false),
            ("429 Too Many Requests", false),
            ("503 Service Unavailable", false),
        ] {
            let posting = poster.post(&hook, &notification);
            let (outcome, _request) = tokio::join!(posting, answer(&listener, status));
            assert_eq!(outcome.is_ok(), is_delivered, "{status}: {outcome:?}");
        }
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
            client: http_client(Purpose::Webhooks, &Proxy::Direct).expect("a client"),
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
