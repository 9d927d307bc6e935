//! Accounts whose core this node manages: the supervisor's core on one side, the hub on the other.

mod bridge;
mod signers;

use perpetua_config as config;
use perpetua_fs::Folders;
use perpetua_lifecycle::LifecycleState;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_supervisor::{CoreHandle, CoreOptions, CorePorts};
use perpetua_words::Message;
use tokio::task::JoinHandle;

use crate::{context::Context, stop::StopRequest};
use bridge::Bridge;

use signers::{WithoutSigner, core_settings};
pub use signers::{core_protocol, sign_proxy, signer_url};

/// What all managed accounts of a node share.
#[derive(Clone, Debug)]
pub struct ManagedContext {
    /// The node's folders.
    pub folders: Folders,
    /// What cores are run and installed with.
    pub ports: CorePorts,
    /// `[log]`: the limits of the cores' log files.
    pub log: config::Log,
}

/// What the core of an account is started with.
pub(crate) struct ManagedStart<'a> {
    pub(crate) upstream: &'a config::LagrangeUpstream,
    /// The signers to use, the preferred ones first.
    pub(crate) signers: &'a [config::Signer],
    pub(crate) account: &'a AccountHandle,
    pub(crate) tasks: &'a AccountTasks,
    pub(crate) context: &'a Context,
    pub(crate) seed: u64,
    pub(crate) stop: StopRequest,
}

/// Starts the core of an account and the bridge to its hub; signers that cannot be used are named.
pub(crate) async fn start(
    start: ManagedStart<'_>,
) -> Result<(JoinHandle<()>, CoreHandle, Vec<Message>), Message> {
    let ManagedStart {
        upstream,
        signers,
        account,
        tasks,
        context,
        seed,
        stop,
    } = start;
    let (settings, problems) =
        core_settings(upstream, signers, WithoutSigner::Nothing, &context.tokens).await?;
    let managed = &context.managed;
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
        tasks.clone(),
        core.clone(),
        context.watchers.clone(),
        context.notifier.clone(),
    );
    let task = tasks.tracker.spawn("bridge", bridge.run(stop));
    if upstream.auto_start {
        core.start().await;
    }
    Ok((task, core, problems))
}

/// Takes new settings over without ending what they do not touch; signers that cannot be used are named.
pub(crate) async fn change(
    core: &CoreHandle,
    former: &config::LagrangeUpstream,
    next: &config::LagrangeUpstream,
    signers: &[config::Signer],
    context: &Context,
) -> Result<Vec<Message>, Message> {
    let (settings, problems) = core_settings(
        next,
        signers,
        WithoutSigner::WithoutRemoved,
        &context.tokens,
    )
    .await?;
    core.change(settings).await;
    let identity = |upstream: &config::LagrangeUpstream| {
        // The node takes another way to the signers at the next request; a core has to be told.
        let proxy = match upstream.sign_through {
            config::SignThrough::Node => None,
            config::SignThrough::Core => upstream.sign_proxy.clone(),
        };
        (
            upstream.uin,
            upstream.protocol,
            upstream.sign_through,
            proxy,
        )
    };
    let rests = matches!(
        core.view().borrow().state,
        LifecycleState::Stopped | LifecycleState::Stopping { .. }
    );
    if identity(former) != identity(next) && !rests {
        core.restart_at_once().await;
    }
    Ok(problems)
}
