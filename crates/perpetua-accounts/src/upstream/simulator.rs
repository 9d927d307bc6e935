//! `kind = "simulator"`: the embedded upstream.

use perpetua_proxy::{AccountHandle, AccountTasks};

use super::UpstreamTask;
use crate::{
    context::Context,
    simulator::{SimulatorHandle, SimulatorTask},
    stop::StopRequest,
};

/// A simulator that runs.
#[derive(Debug)]
pub(crate) struct SimulatorUpstream {
    handle: SimulatorHandle,
    task: UpstreamTask,
}

impl SimulatorUpstream {
    pub(super) fn open(
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Self {
        let stop = StopRequest::within(&tasks.cancel);
        let (task, handle) = SimulatorTask::new(
            account.clone(),
            context.clock.clone(),
            seed,
            context.watchers.clone(),
        );
        let task = tasks
            .tracker
            .spawn("simulator", task.run(stop.token().clone()));
        Self {
            handle,
            task: UpstreamTask { stop, task },
        }
    }

    pub(super) fn handle(&self) -> &SimulatorHandle {
        &self.handle
    }

    pub(super) fn into_task(self) -> UpstreamTask {
        self.task
    }
}
