//! `kind = "onebot"`: a OneBot v11 implementation that we dial.

use perpetua_backoff::Backoff;
use perpetua_config::OnebotUpstream;
use perpetua_proxy::{AccountHandle, AccountTasks, DialSettings, run_dial};
use perpetua_words::Message;

use super::UpstreamTask;
use crate::{context::Context, stop::StopRequest};

/// An upstream that is dialled, again and again while it is away.
#[derive(Debug)]
pub(crate) struct DialledUpstream {
    task: UpstreamTask,
}

impl DialledUpstream {
    pub(super) async fn open(
        settings: &OnebotUpstream,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<Self, Message> {
        let token = context.find_if_any(settings.token.as_ref()).await;
        let token = token.map_err(|error| Message::from(&error))?;
        let dial = DialSettings {
            url: settings.url.to_string(),
            token,
            backoff: Backoff::default(),
            tls: Some(context.tls.clone()),
        };
        let stop = StopRequest::within(&tasks.cancel);
        let dialling = run_dial(account.clone(), dial, seed, stop.token().clone());
        let task = tasks.tracker.spawn("dial", dialling);
        Ok(Self {
            task: UpstreamTask { stop, task },
        })
    }

    pub(super) fn into_task(self) -> UpstreamTask {
        self.task
    }
}
