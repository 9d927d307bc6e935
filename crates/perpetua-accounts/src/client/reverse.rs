//! `kind = "reverse"`: we connect to frameworks, which wait for us.

use perpetua_backoff::Backoff;
use perpetua_config as config;
use perpetua_proxy::{
    AccountHandle, AccountTasks, DialSettings, FrameworkWay, TriedDial, dial_framework,
    dial_framework_in_halves, dial_trial,
};
use perpetua_secrets::Secret;
use perpetua_tls::TlsClient;
use perpetua_words::Message;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    context::Context,
    translate, trust,
    view::{TargetTrial, TrialWay},
};

/// Frameworks that are dialled, each by itself, again and again while it is away.
#[derive(Debug)]
pub(crate) struct ReverseDialler {
    /// That of the first one.
    token: Option<Secret>,
    /// Of each address; the connection for events follows that for actions.
    trials: Vec<TargetTrial>,
    /// Dropped, it makes no more connections.
    no_more: DropGuard,
    tasks: Vec<JoinHandle<Option<()>>>,
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
        let tls = trust::client(reverse.trust.as_ref(), context).await?;
        let name = settings.name.as_str();
        let ways = ways(name, reverse, &tls, context).await?;
        let token = ways.first().and_then(|way| way.dial.token.clone());
        account.set_client(name, translate::client(settings));
        let no_more = CancellationToken::new();
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut ways, mut diallers, mut trials) = (ways.into_iter(), Vec::new(), Vec::new());
        while let Some(way) = ways.next() {
            let event = match reverse.roles {
                config::ReverseRoles::Universal => None,
                config::ReverseRoles::Split => ways.next(),
            };
            let (trial, tried) = dial_trial();
            trials.push(TargetTrial {
                address: way.dial.url.clone(),
                way: TrialWay::Dial(trial),
            });
            let way = (way, tried);
            let dialling = dial(account.clone(), way, event, random.u64(..), no_more.clone());
            let dialling = tasks.cancel.clone().run_until_cancelled_owned(dialling);
            diallers.push(tasks.connections.spawn("framework dial", dialling));
        }
        Ok(Self {
            token,
            trials,
            no_more: no_more.drop_guard(),
            tasks: diallers,
        })
    }

    /// Makes no more connections from now on. What is given ends with those that there are, which are not touched.
    pub(super) fn stop(self) -> impl Future<Output = ()> {
        drop(self.no_more);
        let tasks = self.tasks;
        async {
            for task in tasks {
                let _ended = task.await;
            }
        }
    }

    /// What tries each address.
    pub(super) fn trials(&self) -> &[TargetTrial] {
        &self.trials
    }

    pub(super) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}

/// Dials a framework over one way, or over one for actions and another one for events.
async fn dial(
    account: AccountHandle,
    (way, tried): (FrameworkWay, TriedDial),
    event: Option<FrameworkWay>,
    seed: u64,
    no_more: CancellationToken,
) {
    match event {
        None => dial_framework(account, way, tried, seed, no_more).await,
        Some(event) => {
            dial_framework_in_halves(account, [way, event], tried, seed, no_more).await;
        }
    }
}

/// The ways of a client, in the order of its settings, with the token of each.
async fn ways(
    client: &str,
    reverse: &config::ReverseClient,
    tls: &TlsClient,
    context: &Context,
) -> Result<Vec<FrameworkWay>, Message> {
    let dials = reverse.dials();
    let is_one_of_several = dials.len() > 1;
    let mut ways = Vec::with_capacity(dials.len());
    for (place, dial) in dials.into_iter().enumerate() {
        let token = context.find_if_any(dial.token).await;
        let token = token.map_err(|error| Message::from(&error))?;
        ways.push(FrameworkWay {
            client: client.to_owned(),
            place,
            is_one_of_several,
            server: dial.server.to_string(),
            dial: DialSettings {
                url: dial.url,
                token,
                backoff: Backoff::default(),
                tls: Some(tls.clone()),
            },
        });
    }
    Ok(ways)
}
