//! `kind = "reverse"`: we connect to a framework, which waits for us.

use perpetua_backoff::Backoff;
use perpetua_config as config;
use perpetua_proxy::{AccountHandle, AccountTasks, DialSettings, dial_framework};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{context::Context, translate, trust};

/// A framework that is dialled, again and again while it is away.
#[derive(Debug)]
pub(crate) struct ReverseDialler {
    token: Option<Secret>,
    /// Dropped, it makes no more connections.
    no_more: DropGuard,
    task: JoinHandle<Option<()>>,
}

impl ReverseDialler {
    pub(super) async fn open(
        settings: &config::Client,
        reverse: &config::ReverseClient,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<Self, Message> {
        let token = context.find_if_any(reverse.token.as_ref()).await;
        let token = token.map_err(|error| Message::from(&error))?;
        let tls = trust::client(reverse.trust.as_ref(), context).await?;
        let dial = DialSettings {
            url: reverse.url.to_string(),
            token: token.clone(),
            backoff: Backoff::default(),
            tls: Some(tls),
        };
        let name = settings.name.as_str();
        account.set_client(name, translate::client(settings));
        let no_more = CancellationToken::new();
        let dialling = dial_framework(
            account.clone(),
            name.to_owned(),
            dial,
            seed,
            no_more.clone(),
        );
        let dialling = tasks.cancel.clone().run_until_cancelled_owned(dialling);
        let task = tasks.connections.spawn("framework dial", dialling);
        Ok(Self {
            token,
            no_more: no_more.drop_guard(),
            task,
        })
    }

    /// Makes no more connections from now on. What is given ends with the one that there is, which is not touched.
    pub(super) fn stop(self) -> impl Future<Output = ()> {
        drop(self.no_more);
        let task = self.task;
        async {
            let _ended = task.await;
        }
    }

    pub(super) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}
