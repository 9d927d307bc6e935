//! The upstream of a running account: one type that the rest of the node sees, a file for each kind.

mod dialled;
mod lagrange;
mod listening;
mod simulator;

use std::net::SocketAddr;

use tokio::time::Instant;

use perpetua_config as config;
use perpetua_proxy::{AccountHandle, AccountTasks};
use perpetua_secrets::Secret;
use perpetua_supervisor::CoreHandle;
use perpetua_words::Message;
use tokio::task::JoinHandle;

use crate::{
    context::Context, desired::DesiredUpstream, simulator::SimulatorHandle, stop::StopRequest,
};
use dialled::DialledUpstream;
use lagrange::LagrangeUpstream;
use listening::ListeningUpstream;
use simulator::SimulatorUpstream;

pub(crate) use lagrange::adjust;

/// An upstream that runs.
#[derive(Debug)]
pub(crate) enum UpstreamRuntime {
    /// The embedded one.
    Simulator(SimulatorUpstream),
    /// A core that this node manages.
    Lagrange(LagrangeUpstream),
    /// A OneBot v11 implementation that we dial.
    Onebot(DialledUpstream),
    /// A OneBot v11 implementation that dials us.
    OnebotReverse(ListeningUpstream),
}

/// The task behind an upstream.
#[derive(Debug)]
struct UpstreamTask {
    stop: StopRequest,
    task: JoinHandle<()>,
}

impl UpstreamTask {
    async fn end(self, deadline: Instant) {
        self.stop.begin(deadline);
        let _ended = self.task.await;
    }
}

impl UpstreamRuntime {
    /// Starts it as the settings say; what could be done only in part comes with it. `seed` is for what is
    /// random in it.
    pub(crate) async fn open(
        wanted: &DesiredUpstream,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
        seed: u64,
    ) -> Result<(Self, Vec<Message>), Message> {
        match &wanted.settings {
            config::Upstream::Simulator => {
                let upstream = SimulatorUpstream::open(account, tasks, context, seed);
                Ok((Self::Simulator(upstream), Vec::new()))
            }
            config::Upstream::Lagrange(settings) => {
                let opened =
                    LagrangeUpstream::open(settings, wanted, account, tasks, context, seed).await;
                opened.map(|(upstream, problems)| (Self::Lagrange(upstream), problems))
            }
            config::Upstream::Onebot(settings) => {
                let opened = DialledUpstream::open(settings, account, tasks, context, seed).await;
                opened.map(|upstream| (Self::Onebot(upstream), Vec::new()))
            }
            config::Upstream::OnebotReverse(settings) => {
                let opened = ListeningUpstream::open(settings, account, tasks, context).await;
                opened.map(|upstream| (Self::OnebotReverse(upstream), Vec::new()))
            }
        }
    }

    /// Ends it until `deadline`; the account's link is closed afterwards.
    pub(crate) async fn close(self, deadline: Instant) {
        let task = match self {
            Self::Simulator(upstream) => upstream.into_task(),
            Self::Lagrange(upstream) => upstream.into_task(),
            Self::Onebot(upstream) => upstream.into_task(),
            Self::OnebotReverse(upstream) => upstream.into_task(),
        };
        task.end(deadline).await;
    }

    /// Its simulator, if it is one.
    pub(crate) fn simulator(&self) -> Option<&SimulatorHandle> {
        match self {
            Self::Simulator(upstream) => Some(upstream.handle()),
            Self::Lagrange(_) | Self::Onebot(_) | Self::OnebotReverse(_) => None,
        }
    }

    /// Its managed core, if it has one.
    pub(crate) fn core(&self) -> Option<&CoreHandle> {
        match self {
            Self::Lagrange(upstream) => Some(upstream.core()),
            Self::Simulator(_) | Self::Onebot(_) | Self::OnebotReverse(_) => None,
        }
    }

    /// Where it has to dial, for one that dials us.
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        match self {
            Self::OnebotReverse(upstream) => Some(upstream.address()),
            Self::Simulator(_) | Self::Lagrange(_) | Self::Onebot(_) => None,
        }
    }

    /// What it has to show, for one that dials us.
    pub(crate) fn token(&self) -> Option<&Secret> {
        match self {
            Self::OnebotReverse(upstream) => upstream.token(),
            Self::Simulator(_) | Self::Lagrange(_) | Self::Onebot(_) => None,
        }
    }
}

/// The upstream's kind, as the settings call it.
pub(crate) fn kind(upstream: &config::Upstream) -> &'static str {
    match upstream {
        config::Upstream::Simulator => "simulator",
        config::Upstream::Lagrange(_) => "lagrange",
        config::Upstream::Onebot(_) => "onebot",
        config::Upstream::OnebotReverse(_) => "onebot-reverse",
    }
}
