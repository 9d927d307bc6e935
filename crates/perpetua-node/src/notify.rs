//! Hooks: addresses that are told when an account goes offline, comes online, or needs a person.
//!
//! Each hook has a queue and a task of its own, so that one that does not answer delays no other.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perpetua_backoff::Backoff;
use perpetua_secrets::Secret;
use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

/// Notices that may wait for a hook that does not answer: what is older than these is no news.
const WAITING: usize = 32;
/// How often a notice is sent before it is given up.
const ATTEMPTS: u32 = 4;
/// How long a hook may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What a hook is told, as the JSON body of a POST.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notice {
    /// `online`, `offline` or `person_needed`.
    pub(crate) event: &'static str,
    /// The account's name in the settings.
    pub(crate) account: String,
    /// One sentence for people: why, and what to do.
    pub(crate) message: String,
    /// Seconds since 1970.
    pub(crate) time: i64,
}

impl Notice {
    /// Something that happened just now.
    pub(crate) fn now(event: &'static str, account: &str, message: String) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since_1970.map_or(0, |duration| duration.as_secs());
        Self {
            event,
            account: account.to_owned(),
            message,
            time: i64::try_from(seconds).unwrap_or(i64::MAX),
        }
    }
}

/// Where to post, and what to show there.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hook {
    url: reqwest::Url,
    /// Sent as `Authorization: Bearer …`.
    token: Option<Secret>,
}

impl Hook {
    /// Takes an address that can be posted to.
    pub(crate) fn new(url: &str, token: Option<Secret>) -> Result<Self, String> {
        let url: reqwest::Url = url.parse().map_err(
            |_may_hold_a_secret| "its address is none; write it like `https://host.example/path`",
        )?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("its address must begin with `https://` or `http://`".into());
        }
        Ok(Self { url, token })
    }

    /// The part of the address that may be shown.
    fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hook({})", self.host())
    }
}

/// How long notices may still go out when the node ends.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Notices that may wait for the task, which passes them on at once.
const UNTOLD: usize = 32;

/// A handle to the task that tells the hooks. Telling never waits.
#[derive(Clone, Debug)]
pub(crate) struct Notifier(mpsc::Sender<Notice>);

impl Notifier {
    /// The handle, and the task to run; `hooks` changes with the settings.
    pub(crate) fn new(
        hooks: watch::Receiver<Vec<Hook>>,
        client: reqwest::Client,
        cancel: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, notices) = mpsc::channel(UNTOLD);
        (Self(sender), run(notices, hooks, client, cancel))
    }

    /// Tells every hook.
    pub(crate) fn tell(&self, notice: Notice) {
        if let Err(refused) = self.0.try_send(notice) {
            warn!(reason = %refused, "hooks were not told");
        }
    }
}

async fn run(
    mut notices: mpsc::Receiver<Notice>,
    mut settings: watch::Receiver<Vec<Hook>>,
    client: reqwest::Client,
    cancel: CancellationToken,
) {
    let mut hooks = Hooks::start(settings.borrow_and_update().clone(), &client);
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Ok(()) = settings.changed() => {
                let changed = Hooks::start(settings.borrow_and_update().clone(), &client);
                std::mem::replace(&mut hooks, changed).finish(LAST_WORDS).await;
            }
            notice = notices.recv() => match notice {
                Some(notice) => hooks.tell(&notice),
                None => break,
            },
        }
    }
    while let Ok(notice) = notices.try_recv() {
        hooks.tell(&notice);
    }
    hooks.finish(LAST_WORDS).await;
}

/// All hooks of the settings.
#[derive(Debug, Default)]
struct Hooks {
    queues: Vec<(String, mpsc::Sender<Notice>)>,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Hooks {
    /// One task for each hook.
    fn start(hooks: Vec<Hook>, client: &reqwest::Client) -> Self {
        let mut started = Self::default();
        for hook in hooks {
            let (sender, notices) = mpsc::channel(WAITING);
            started.queues.push((hook.host(), sender));
            let posting = post_all(hook, client.clone(), notices);
            let cancel = started.cancel.clone();
            started
                .tasks
                .spawn(async move { cancel.run_until_cancelled(posting).await });
        }
        started.tasks.close();
        started
    }

    /// Tells every hook; never waits.
    fn tell(&self, notice: &Notice) {
        for (host, hook) in &self.queues {
            if hook.try_send(notice.clone()).is_err() {
                warn!(%host, event = notice.event, "a hook has not answered for long; this notice is not sent");
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

async fn post_all(hook: Hook, client: reqwest::Client, mut notices: mpsc::Receiver<Notice>) {
    while let Some(notice) = notices.recv().await {
        deliver(&hook, &client, &notice).await;
    }
}

/// Tries a few times: who is told of an outage is often behind the same network.
async fn deliver(hook: &Hook, client: &reqwest::Client, notice: &Notice) {
    let backoff = Backoff {
        jitter: 0.0,
        ..Backoff::default()
    };
    for attempt in 1..=ATTEMPTS {
        match post(hook, client, notice).await {
            Ok(()) => {
                debug!(host = %hook.host(), event = notice.event, "a hook was told");
                return;
            }
            Err(reason) => {
                warn!(host = %hook.host(), event = notice.event, attempt, reason, "a hook could not be told");
            }
        }
        if attempt < ATTEMPTS {
            sleep(backoff.wait(attempt, 0.0)).await;
        }
    }
}

async fn post(hook: &Hook, client: &reqwest::Client, notice: &Notice) -> Result<(), String> {
    let mut request = client
        .post(hook.url.clone())
        .timeout(ANSWER_LIMIT)
        .json(notice);
    if let Some(token) = &hook.token {
        request = request.bearer_auth(token.expose());
    }
    // The address may hold a key of its own, so it is taken out of errors.
    let answer = request
        .send()
        .await
        .map_err(|error| crate::error::in_words(&error.without_url()))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("it answered with HTTP status {status}")),
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

    use super::{Hook, Hooks, Notice};

    #[tokio::test]
    async fn a_hook_is_told_again_when_its_first_answer_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hooks = Hooks::start(vec![hook(&listener)], &client());
        hooks.tell(&notice());
        let refused = answer(&listener, "500 Oops").await;
        assert!(
            refused.contains("authorization: Bearer s3cret"),
            "{refused}"
        );
        let accepted = answer(&listener, "204 No Content").await;
        assert!(
            accepted
                .contains(r#"{"event":"offline","account":"main","message":"kicked","time":7}"#),
            "{accepted}"
        );
        hooks.finish(Duration::from_secs(5)).await;
    }

    #[tokio::test]
    async fn one_that_does_not_answer_holds_up_neither_others_nor_the_end() {
        let (silent, listener) = (
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
            TcpListener::bind("127.0.0.1:0").await.expect("a port"),
        );
        let both = vec![hook(&silent), hook(&listener)];
        let hooks = Hooks::start(both, &client());
        hooks.tell(&notice());
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

    fn hook(listener: &TcpListener) -> Hook {
        let address = listener.local_addr().expect("bound");
        let token = Secret::new("s3cret").expect("a token");
        Hook::new(&format!("http://{address}/told"), Some(token)).expect("an address")
    }

    fn client() -> reqwest::Client {
        perpetua_fetch::http_client(&perpetua_fetch::Proxy::Direct).expect("a client")
    }

    fn notice() -> Notice {
        Notice {
            event: "offline",
            account: "main".into(),
            message: "kicked".into(),
            time: 7,
        }
    }
}
