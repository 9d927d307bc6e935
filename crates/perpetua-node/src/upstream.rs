//! One account's upstream: started from the settings, stopped when they change.

use std::net::SocketAddr;

use perpetua_access::{AccessPolicy, Origins};
use perpetua_backoff::Backoff;
use perpetua_config as config;
use perpetua_proxy::{
    AccountHandle, AccountTasks, BindError, DialSettings, ReverseAccess, run_dial, run_reverse,
};
use perpetua_supervisor::CoreHandle;
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    managed,
    simulator::{SimulatorHandle, SimulatorTask},
    supplies::Supplies,
    tokens::TokenProblem,
};

/// Why an upstream is not running.
#[derive(Debug, Error)]
pub(crate) enum UpstreamProblem {
    #[error("the token of the upstream")]
    Token(#[from] TokenProblem),
    #[error("the port for the upstream")]
    Bind(#[from] BindError),
    #[error("the settings of the core")]
    Core(#[from] managed::SettingsProblem),
}

/// An upstream that runs, or could not be started.
#[derive(Debug)]
pub(crate) enum UpstreamRuntime {
    Stopped,
    Failed(UpstreamProblem),
    Running(Running),
}

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) simulator: Option<SimulatorHandle>,
    /// The core that this node manages for it.
    pub(crate) core: Option<CoreHandle>,
    /// Where it has to dial, for an upstream that dials us.
    pub(crate) listen: Option<SocketAddr>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl UpstreamRuntime {
    pub(crate) async fn start(
        settings: &config::Upstream,
        account: &AccountHandle,
        tasks: &AccountTasks,
        supplies: &mut Supplies,
    ) -> Self {
        match start(settings, account, tasks, supplies).await {
            Ok(running) => Self::Running(running),
            Err(problem) => Self::Failed(problem),
        }
    }

    pub(crate) fn problem(&self) -> Option<&UpstreamProblem> {
        match self {
            Self::Failed(problem) => Some(problem),
            Self::Running(_) | Self::Stopped => None,
        }
    }

    pub(crate) fn running(&self) -> Option<&Running> {
        match self {
            Self::Running(running) => Some(running),
            Self::Failed(_) | Self::Stopped => None,
        }
    }

    /// Its managed core, while it has one.
    pub(crate) fn core(&self) -> Option<&CoreHandle> {
        self.running().and_then(|running| running.core.as_ref())
    }

    /// Ends it; the account's link is closed afterwards.
    pub(crate) async fn stop(&mut self) {
        if let Self::Running(running) = std::mem::replace(self, Self::Stopped) {
            running.cancel.cancel();
            let _ended = running.task.await;
        }
    }
}

async fn start(
    settings: &config::Upstream,
    account: &AccountHandle,
    tasks: &AccountTasks,
    supplies: &mut Supplies,
) -> Result<Running, UpstreamProblem> {
    let cancel = tasks.cancel.child_token();
    let seed = supplies.seed();
    let running = |task| Running {
        simulator: None,
        core: None,
        listen: None,
        cancel: cancel.clone(),
        task,
    };
    match settings {
        config::Upstream::Simulator => {
            let watchers = supplies.watchers.clone();
            let (task, handle) =
                SimulatorTask::new(account.clone(), supplies.clock.clone(), seed, watchers);
            let task = tasks.tracker.spawn("simulator", task.run(cancel.clone()));
            Ok(Running {
                simulator: Some(handle),
                ..running(task)
            })
        }
        config::Upstream::Lagrange(lagrange) => {
            let (task, core) =
                managed::start(lagrange, account, tasks, supplies, cancel.clone()).await?;
            Ok(Running {
                core: Some(core),
                ..running(task)
            })
        }
        config::Upstream::Onebot(onebot) => {
            let token = match onebot.token.clone() {
                Some(source) => Some(supplies.find(source).await?),
                None => None,
            };
            let dial = DialSettings {
                url: onebot.url.to_string(),
                token,
                backoff: Backoff::default(),
            };
            let task = tasks.tracker.spawn(
                "dial",
                run_dial(account.clone(), dial, seed, cancel.clone()),
            );
            Ok(running(task))
        }
        config::Upstream::OnebotReverse(reverse) => {
            let name = format!("upstream/{}", account.name());
            let auth = supplies.gate(reverse.token.clone(), name.clone()).await?;
            let listener = supplies.ports.bind(&name, reverse.listen).await?;
            let listen = listener.local_addr().ok();
            let access = ReverseAccess {
                access: AccessPolicy {
                    auth,
                    origins: Origins::default(),
                },
                path: reverse.path.clone(),
            };
            let tasks = AccountTasks {
                cancel: cancel.clone(),
                ..tasks.clone()
            };
            let task = tasks.tracker.clone().spawn(
                "reverse upstream",
                run_reverse(listener, account.clone(), access, tasks),
            );
            Ok(Running {
                listen,
                ..running(task)
            })
        }
    }
}
