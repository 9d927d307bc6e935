//! The difference between what the settings want and what runs, as the steps that can be taken now.
//!
//! Pure. Nothing is remembered here: after each step, and whenever the settings change, the plan is made
//! again. Whatever a step is under way for is left alone until it has ended; what failed is tried
//! again when its time has come, or when other settings are wanted for it.

use std::collections::HashSet;

use perpetua_config::{self as config, Name};
use perpetua_hub::AccountLimits;

use crate::{
    desired::{Claim, Desired, DesiredAccess, DesiredAccount, DesiredUpstream, Holds},
    slot::SlotView,
};

#[cfg(test)]
mod tests;

/// What runs, as the plan sees it.
#[derive(Debug)]
pub struct Actual<'a> {
    /// The accounts, in no order.
    pub accounts: Vec<ActualAccount<'a>>,
    /// The webhooks.
    pub webhooks: SlotView<'a, Vec<config::Hook>>,
    /// The sources of cores.
    pub cores: SlotView<'a, config::CoreInstallSettings>,
    /// Who may use the HTTP side and lease ports.
    pub access: SlotView<'a, DesiredAccess>,
}

/// One account that runs, or is being stopped.
#[derive(Debug)]
pub enum ActualAccount<'a> {
    /// It runs.
    Running(RunningAccount<'a>),
    /// Its places are not free before it has ended.
    Stopping {
        /// Its name.
        name: &'a Name,
        /// Those that it still has.
        holds: &'a [Claim],
    },
}

/// One account that runs.
#[derive(Debug)]
pub struct RunningAccount<'a> {
    /// Its name.
    pub(crate) name: &'a Name,
    /// How long its actions may take.
    pub(crate) limits: AccountLimits,
    /// Its upstream.
    pub(crate) upstream: SlotView<'a, DesiredUpstream>,
    /// Its clients, by their names.
    pub(crate) clients: Vec<(&'a Name, SlotView<'a, config::Client>)>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Its hub; upstream and clients are steps of their own.
    StartAccount(Name),
    /// The whole of it.
    StopAccount(Name),
    /// How long its actions may take.
    SetLimits(Name),
    /// An account's upstream.
    Upstream(Name, Change),
    /// A client, after its account.
    Client(Name, Name, Change),
    /// All webhooks.
    Webhooks,
    /// The sources of cores.
    Cores,
    /// Who may use the HTTP side and lease ports.
    Access,
}

/// What is done to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It begins to run.
    Open,
    /// It takes other settings while it runs.
    Adjust,
    /// It ends.
    Close,
    /// What is being opened is not wanted any longer, or with other settings.
    CallOff,
}

/// The steps that can be taken now, in no order: none waits for another of them.
pub fn plan(desired: &Desired, actual: &Actual<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let there: HashSet<_> = actual.accounts.iter().map(ActualAccount::name).collect();
    let missing = desired.accounts.iter();
    for account in missing.filter(|account| !there.contains(&account.name)) {
        steps.push(Step::StartAccount(account.name.clone()));
    }
    let wanted = desired.by_name();
    for account in &actual.accounts {
        if let ActualAccount::Running(running) = account {
            match wanted.get(running.name) {
                None => steps.push(Step::StopAccount(running.name.clone())),
                Some(wanted) => plan_account(wanted, running, &mut steps),
            }
        }
    }
    let whole = [
        (
            Step::Webhooks,
            is_outdated(&desired.webhooks, &actual.webhooks),
        ),
        (Step::Cores, is_outdated(&desired.cores, &actual.cores)),
        (Step::Access, is_outdated(&desired.access, &actual.access)),
    ];
    let outdated = whole.into_iter().filter(|(_, is_outdated)| *is_outdated);
    steps.extend(outdated.map(|(step, _)| step));
    wait_for_places(&mut steps, desired, actual);
    steps
}

fn plan_account(wanted: &DesiredAccount, running: &RunningAccount<'_>, steps: &mut Vec<Step>) {
    let name = running.name;
    if wanted.limits != running.limits {
        steps.push(Step::SetLimits(name.clone()));
    }
    if let Some(change) = move_of(Some(&wanted.upstream), &running.upstream, upstream_adjusts) {
        steps.push(Step::Upstream(name.clone(), change));
    }
    for (client, slot) in &running.clients {
        if let Some(change) = move_of(wanted.client(client), slot, client_adjusts) {
            steps.push(Step::Client(name.clone(), (*client).clone(), change));
        }
    }
    let there: HashSet<_> = running.clients.iter().map(|(name, _)| *name).collect();
    let missing = wanted.clients.iter();
    for client in missing.filter(|client| !there.contains(&client.name)) {
        steps.push(Step::Client(
            name.clone(),
            client.name.clone(),
            Change::Open,
        ));
    }
}

/// Whether a part of the node itself has to be made anew; what is under way for other settings is called off.
fn is_outdated<W: PartialEq>(wanted: &W, slot: &SlotView<'_, W>) -> bool {
    match &slot.busy {
        Some(busy) => busy.settings != Some(wanted),
        None => move_of(Some(wanted), slot, adjusts).is_some(),
    }
}

/// What one slot needs; `None` when it is as wanted, busy, or has to wait for its next attempt.
fn move_of<W: PartialEq>(
    wanted: Option<&W>,
    slot: &SlotView<'_, W>,
    adjusts: impl Fn(&W, &W) -> bool,
) -> Option<Change> {
    if let Some(busy) = &slot.busy {
        let is_outdated = !busy.closes && slot.running.is_none() && busy.settings != wanted;
        return is_outdated.then_some(Change::CallOff);
    }
    let Some(wanted) = wanted else {
        return slot.running.map(|_| Change::Close);
    };
    let tried = slot
        .attempt
        .as_ref()
        .filter(|attempt| attempt.wanted == wanted);
    if tried.is_some_and(|attempt| !attempt.is_due) {
        return None;
    }
    match slot.running {
        None => Some(Change::Open),
        // In part only, and its time has come.
        Some(running) if running == wanted => tried.map(|_| Change::Adjust),
        Some(running) if adjusts(running, wanted) => Some(Change::Adjust),
        Some(_) => Some(Change::Close),
    }
}

fn adjusts<W>(_: &W, _: &W) -> bool {
    true
}

/// The bounds of a client, the format of its messages and which framework it is change under its connections; all else is what they rest on.
fn client_adjusts(running: &config::Client, wanted: &config::Client) -> bool {
    let adjusted = config::Client {
        queue: wanted.queue,
        max_connections: wanted.max_connections,
        max_pending_actions: wanted.max_pending_actions,
        format: wanted.format,
        framework: wanted.framework,
        ..running.clone()
    };
    adjusted == *wanted
}

/// A managed core takes most changes while it runs, and is restarted by itself for the others.
fn upstream_adjusts(running: &DesiredUpstream, wanted: &DesiredUpstream) -> bool {
    matches!(
        (&running.settings, &wanted.settings),
        (config::Upstream::Lagrange(_), config::Upstream::Lagrange(_))
    )
}

/// Takes out what would open a place that another one is about to leave: it comes when the place
/// is free. One that nobody is about to leave is tried, so that the failure is shown.
fn wait_for_places(steps: &mut Vec<Step>, desired: &Desired, actual: &Actual<'_>) {
    let leaving = leaving(steps, actual);
    steps.retain(|step| {
        let wanted = match step {
            Step::Client(account, client, Change::Open) => desired
                .account(account)
                .and_then(|account| account.client(client))
                .map(Holds::places),
            Step::Upstream(account, Change::Open) => desired
                .account(account)
                .map(|account| account.upstream.places()),
            _ => None,
        };
        let mut wanted = wanted.into_iter().flatten();
        !wanted.any(|place| leaving.iter().any(|other| other.clashes(&place)))
    });
}

/// The places of everything that is being closed, or opened for settings that may be outdated.
fn leaving(steps: &[Step], actual: &Actual<'_>) -> Vec<Claim> {
    let (mut places, steps) = (Vec::new(), steps.iter().collect::<HashSet<_>>());
    for account in &actual.accounts {
        match account {
            ActualAccount::Stopping { holds, .. } => places.extend_from_slice(holds),
            ActualAccount::Running(running) => {
                let name = running.name;
                let goes = steps.contains(&Step::StopAccount(name.clone()));
                let leaves = |step: Step| goes || steps.contains(&step);
                let upstream = Step::Upstream(name.clone(), Change::Close);
                places.extend(held(&running.upstream, leaves(upstream)));
                for (client, slot) in &running.clients {
                    let client = Step::Client(name.clone(), (*client).clone(), Change::Close);
                    places.extend(held(slot, leaves(client)));
                }
            }
        }
    }
    places
}

/// What a slot holds that is on its way: the places of the settings, and the one that was chosen for
/// port 0.
fn held<W: Holds>(slot: &SlotView<'_, W>, closes: bool) -> impl Iterator<Item = Claim> + use<W> {
    let of_settings = match &slot.busy {
        Some(busy) => busy.settings.or(slot.running),
        None => slot.running.filter(|_| closes),
    };
    let bound = slot.bound.filter(|_| of_settings.is_some());
    let places = of_settings.map(Holds::places).unwrap_or_default();
    places.into_iter().chain(bound.map(Claim::Port))
}

impl ActualAccount<'_> {
    fn name(&self) -> &Name {
        match self {
            Self::Running(running) => running.name,
            Self::Stopping { name, .. } => name,
        }
    }
}
