//! `kind = "onebot-reverse"`: a OneBot v11 implementation that dials us.

use std::net::SocketAddr;

use perpetua_access::{AccessPolicy, Auth, NormalPath, Origins};
use perpetua_config::OnebotReverseUpstream;
use perpetua_proxy::{AccountHandle, AccountTasks, ReverseAccess, run_reverse};
use perpetua_secrets::Secret;
use perpetua_words::Message;

use super::UpstreamTask;
use crate::{context::Context, ports::PortOwner, stop::StopRequest, tokens::upstream_secret_name};

/// The port that an upstream dials.
#[derive(Debug)]
pub(crate) struct ListeningUpstream {
    address: SocketAddr,
    token: Option<Secret>,
    task: UpstreamTask,
}

impl ListeningUpstream {
    pub(super) async fn open(
        settings: &OnebotReverseUpstream,
        account: &AccountHandle,
        tasks: &AccountTasks,
        context: &Context,
    ) -> Result<Self, Message> {
        let owner = PortOwner::Upstream(account.name().to_owned());
        let secret = upstream_secret_name(account.name());
        let auth = match context.auth(settings.token.clone(), secret).await {
            Ok(auth) => auth,
            Err(problem) => {
                context.ports.close_reserved_of(&owner);
                return Err(Message::from(&problem));
            }
        };
        let token = match &auth {
            Auth::Token(token) => Some(token.clone()),
            Auth::Open => None,
        };
        let listener = context
            .ports
            .bind(&owner, settings.listen)
            .await
            .map_err(|problem| Message::from(&problem))?;
        let address = listener.local_addr().unwrap_or(settings.listen);
        let access = ReverseAccess {
            access: AccessPolicy {
                auth,
                origins: Origins::default(),
            },
            path: settings.path.as_deref().map(NormalPath::new),
        };
        let stop = StopRequest::within(&tasks.cancel);
        let own = AccountTasks {
            cancel: stop.token().clone(),
            ..tasks.clone()
        };
        let serving = run_reverse(listener, account.clone(), access, own);
        let task = tasks.tracker.spawn("reverse upstream", serving);
        Ok(Self {
            address,
            token,
            task: UpstreamTask { stop, task },
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    pub(super) fn into_task(self) -> UpstreamTask {
        self.task
    }
}
