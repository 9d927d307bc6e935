//! `kind = "post"`: each event is posted to a framework.

use perpetua_config as config;
use perpetua_proxy::{AccountHandle, AccountTasks, PostSettings, post_events};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    context::Context,
    translate, trust,
    view::{TargetTrial, TrialWay},
};

/// A framework that is posted to.
#[derive(Debug)]
pub(crate) struct EventPoster {
    target: PostSettings,
    /// Dropped, it takes no more events.
    no_more: DropGuard,
    task: JoinHandle<Option<()>>,
}

impl EventPoster {
    pub(super) async fn open(
        settings: &config::Client,
        post: &config::PostClient,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<Self, Message> {
        let secret = context.find_key_if_any(post.secret.as_ref()).await;
        let secret = secret.map_err(|error| Message::from(&error))?;
        let tls = trust::client(post.trust.as_ref(), context).await?;
        let target = PostSettings {
            url: post.url.to_string(),
            secret,
            tls: Some(tls),
        };
        let name = settings.name.as_str();
        account.set_client(name, translate::client(settings));
        let no_more = CancellationToken::new();
        let posting = post_events(
            account.clone(),
            name.to_owned(),
            target.clone(),
            seed,
            no_more.clone(),
        );
        let posting = tasks.cancel.clone().run_until_cancelled_owned(posting);
        let task = tasks.connections.spawn("event posting", posting);
        Ok(Self {
            target,
            no_more: no_more.drop_guard(),
            task,
        })
    }

    /// Takes no more events once what it has in the hub has ended, which is not touched. What is given ends with that.
    pub(super) fn stop(self) -> impl Future<Output = ()> {
        drop(self.no_more);
        let task = self.task;
        async {
            let _ended = task.await;
        }
    }

    /// What tries it.
    pub(super) fn trial(&self) -> TargetTrial {
        TargetTrial {
            address: self.target.url.clone(),
            way: TrialWay::Reach(self.target.clone()),
        }
    }

    pub(super) fn secret(&self) -> Option<&Secret> {
        self.target.secret.as_ref()
    }
}
