//! Accounts whose core this node manages: the supervisor's core on one side, the hub on the other.

mod bridge;
mod import;
mod signers;

use perpetua_config as config;
use perpetua_fs::Folders;
use perpetua_lifecycle::LifecycleState;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_supervisor::{CoreHandle, CoreOptions, CorePorts};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::supplies::Supplies;
use bridge::Bridge;

pub(crate) use import::{import, program_of};
use signers::core_settings;
pub(crate) use signers::{SettingsProblem, protocol, signer_url};

/// What all managed accounts of a node share.
#[derive(Clone, Debug)]
pub(crate) struct ManagedSupplies {
    pub(crate) folders: Folders,
    pub(crate) ports: CorePorts,
    /// `[log]`: the limits of the cores' log files.
    pub(crate) log: config::Log,
    /// `[[signers]]`
    pub(crate) signers: Vec<config::Signer>,
}

impl ManagedSupplies {
    /// Takes over what accounts do not hold themselves.
    pub(crate) fn apply(&mut self, config: &config::Config) {
        self.log = config.log.clone();
        self.signers.clone_from(&config.signers);
    }

    /// The signers that an account uses, the preferred ones first.
    fn signers_of(&self, upstream: &config::LagrangeUpstream) -> Vec<config::Signer> {
        match &upstream.signers {
            None => self.signers.clone(),
            Some(names) => names
                .iter()
                .filter_map(|name| self.signers.iter().find(|signer| signer.name == *name))
                .cloned()
                .collect(),
        }
    }
}

/// Starts the core of an account and the bridge to its hub.
pub(crate) async fn start(
    upstream: &config::LagrangeUpstream,
    account: &AccountHandle,
    tasks: &AccountTasks,
    supplies: &mut Supplies,
    cancel: CancellationToken,
) -> Result<(JoinHandle<()>, CoreHandle), SettingsProblem> {
    let settings = settings(upstream, supplies).await?;
    let seed = supplies.seed();
    let managed = &supplies.managed;
    let (core, running) = CoreHandle::new(CoreOptions {
        account: account.name().to_owned(),
        folders: managed.folders.clone(),
        settings,
        log: managed.log.clone(),
        seed,
        ports: managed.ports.clone(),
    });
    tasks.tracker.spawn("core", running);
    let bridge = Bridge::new(
        account.clone(),
        core.clone(),
        supplies.watchers.clone(),
        supplies.notifier.clone(),
    );
    if upstream.auto_start {
        core.start().await;
    }
    let task = tasks.tracker.spawn("bridge", bridge.run(cancel));
    Ok((task, core))
}

/// Takes new settings over without ending what they do not touch; says whether the core is restarted.
pub(crate) async fn change(
    core: &CoreHandle,
    former: &config::LagrangeUpstream,
    next: &config::LagrangeUpstream,
    supplies: &Supplies,
) -> Result<bool, SettingsProblem> {
    core.change(settings(next, supplies).await?).await;
    let identity = |upstream: &config::LagrangeUpstream| {
        (upstream.uin, upstream.protocol, upstream.sign_proxy.clone())
    };
    let rests = matches!(
        core.view().borrow().state,
        LifecycleState::Stopped | LifecycleState::Stopping { .. }
    );
    let restarts = identity(former) != identity(next) && !rests;
    if restarts {
        core.restart().await;
    }
    Ok(restarts)
}

async fn settings(
    upstream: &config::LagrangeUpstream,
    supplies: &Supplies,
) -> Result<perpetua_supervisor::CoreSettings, SettingsProblem> {
    let signers = supplies.managed.signers_of(upstream);
    core_settings(upstream, &signers, &supplies.tokens).await
}
