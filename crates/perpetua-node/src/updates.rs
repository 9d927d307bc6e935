//! Whether there is a newer version of the program, for a node that no window's program looks after. It is only
//! said: nothing is downloaded, and nothing waits for an answer.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use perpetua_accounts::Tokens;
use perpetua_config::{Config, UpdateChannel};
use perpetua_schema::{ErrorCode, NewerVersion, RpcError, UpdateNews};
use perpetua_update::{Found, Package, Project, UpdatePace, Version, Wishes, find};
use perpetua_words::{Message, update as words};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::{backend::NodeBackend, installed_cores::download_proxy};

/// What is known of newer versions.
#[derive(Debug)]
pub(crate) struct UpdateWatch {
    project: Option<Project>,
    /// The commit that the program was built from.
    pub(crate) build: &'static str,
    news: watch::Sender<UpdateNews>,
}

impl UpdateWatch {
    /// Knows nothing yet; without a project it never will.
    pub(crate) fn new(project: Option<Project>, build: &'static str) -> Self {
        Self {
            project,
            build,
            news: watch::Sender::default(),
        }
    }

    /// What is known; `None` where somebody else looks.
    pub(crate) fn news(&self) -> Option<UpdateNews> {
        self.project.as_ref()?;
        Some(self.news.borrow().clone())
    }

    /// Asks now.
    pub(crate) async fn look(
        &self,
        config: &Config,
        tokens: &Tokens,
        now: SystemTime,
    ) -> Result<UpdateNews, RpcError> {
        let nowhere = || RpcError::new(ErrorCode::NotSupported, words::NoChannel);
        let project = self.project.as_ref().ok_or_else(nowhere)?;
        let wishes = update_wishes(config, tokens).await;
        let found = find(project, &wishes, &Package::Other).await;
        let news = UpdateNews {
            asked_ms: Some(unix_ms(now)),
            ..told(project, found)
        };
        self.tell(project, &news);
        self.news.send_replace(news.clone());
        Ok(news)
    }

    /// Each version has its line in the log once.
    fn tell(&self, project: &Project, news: &UpdateNews) {
        if let Some(problem) = &news.problem {
            debug!(%problem, "nobody tells of newer versions");
        }
        let before = self.news.borrow();
        let version = |news: &UpdateNews| news.newer.as_ref().map(|newer| newer.version.clone());
        if let Some(newer) = news
            .newer
            .as_ref()
            .filter(|_| version(&before) != version(news))
        {
            let said = is_out(&project.version, newer);
            info!("{said}");
        }
    }
}

fn unix_ms(now: SystemTime) -> i64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// That a newer version is out, and how it comes here.
fn is_out(own: &Version, newer: &NewerVersion) -> Message {
    let own = own.to_string();
    let version = newer.version.as_str();
    match newer.page.as_deref() {
        Some(page) => words::NewerAt { own, page, version }.into(),
        None => words::Newer { own, version }.into(),
    }
}

fn told(project: &Project, found: Result<Found, Message>) -> UpdateNews {
    match found {
        Err(problem) => UpdateNews {
            problem: Some(problem),
            ..UpdateNews::default()
        },
        Ok(found) => {
            let newer = found.newer.into_iter().next().map(|newer| {
                let version = newer.version.to_string();
                NewerVersion {
                    page: project.page_of(&version),
                    notes: newer.notes,
                    version,
                }
            });
            UpdateNews {
                newer,
                ..UpdateNews::default()
            }
        }
    }
}

/// What an owner wants of updates, by the settings.
pub async fn update_wishes(config: &Config, tokens: &Tokens) -> Wishes {
    let addresses = config.updates.addresses.iter();
    Wishes {
        automatic: config.updates.check,
        beta: config.updates.channel == UpdateChannel::Beta,
        addresses: addresses.map(|url| url.as_str().to_owned()).collect(),
        proxy: download_proxy(&config.core, tokens).await,
    }
}

impl NodeBackend {
    /// Asks now whether there is a newer version.
    pub(crate) async fn look_for_update(&self) -> Result<UpdateNews, RpcError> {
        let config = self.view.borrow().config.clone();
        let now = self.clock.wall().now();
        self.updates.look(&config, &self.tokens, now).await
    }
}

/// Looks once a day, unless the settings say no; asks nobody where the project names no address.
pub(crate) async fn look_for_updates(backend: Arc<NodeBackend>, cancel: CancellationToken) {
    if let Some(pace) = backend.updates.project.as_ref().map(|project| project.pace) {
        let mut due = Instant::now() + pace.first;
        while cancel.run_until_cancelled(sleep_until(due)).await.is_some() {
            let looking = look_if_wanted(&backend, pace);
            let wait = cancel.run_until_cancelled(looking).await;
            due = Instant::now() + wait.unwrap_or(pace.every);
        }
    }
    drop(backend);
    cancel.cancelled().await;
}

/// Gives how long nobody has to be asked again.
async fn look_if_wanted(backend: &NodeBackend, pace: UpdatePace) -> Duration {
    if !backend.view.borrow().config.updates.check {
        return pace.every;
    }
    match backend.look_for_update().await {
        Ok(UpdateNews {
            problem: Some(_), ..
        }) => pace.again,
        _ => pace.every,
    }
}
