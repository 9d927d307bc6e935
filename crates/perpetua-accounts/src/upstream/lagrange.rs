//! `kind = "lagrange"`: a core that this node manages.

use perpetua_config as config;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_supervisor::CoreHandle;
use perpetua_words::Message;

use super::UpstreamTask;
use crate::{
    context::Context,
    desired::DesiredUpstream,
    managed::{self, ManagedStart},
    stop::StopRequest,
};

/// A managed core and the bridge between it and the hub.
#[derive(Debug)]
pub(crate) struct LagrangeUpstream {
    core: CoreHandle,
    task: UpstreamTask,
}

impl LagrangeUpstream {
    pub(super) async fn open(
        settings: &config::LagrangeUpstream,
        wanted: &DesiredUpstream,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<(Self, Vec<Message>), Message> {
        let stop = StopRequest::within(&tasks.cancel);
        let start = ManagedStart {
            upstream: settings,
            signers: &wanted.signers,
            account,
            tasks,
            context,
            seed,
            stop: stop.clone(),
        };
        let (task, core, problems) = managed::start(start).await?;
        let upstream = Self {
            core,
            task: UpstreamTask { stop, task },
        };
        Ok((upstream, problems))
    }

    pub(super) fn core(&self) -> &CoreHandle {
        &self.core
    }

    pub(super) fn into_task(self) -> UpstreamTask {
        self.task
    }
}

/// A running core takes other settings over; gives what could not be taken over.
pub(crate) async fn adjust(
    core: CoreHandle,
    former: DesiredUpstream,
    wanted: DesiredUpstream,
    context: Context,
) -> Result<Vec<Message>, Message> {
    match (&former.settings, &wanted.settings) {
        (config::Upstream::Lagrange(former), config::Upstream::Lagrange(next)) => {
            managed::change(&core, former, next, &wanted.signers, &context).await
        }
        // Every other kind is closed and opened.
        _ => Ok(Vec::new()),
    }
}
