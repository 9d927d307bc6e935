//! What has happened, found by comparing how the node stood with how it stands. Pure.

use std::{collections::HashMap, time::Instant};

use perpetua_schema::{
    AccountStatus, ClientStatus, CoreState, HappeningTone, NodeStatus, NoticeStatus, TargetState,
    TargetStatus,
};
use perpetua_words::{Message, duration, happened as words};

use super::{core, kept::Found};

/// Who looks at a node again and again.
#[derive(Debug, Default)]
pub(super) struct Observer {
    before: Option<NodeStatus>,
    accounts: HashMap<String, Seen>,
}

/// What is remembered of an account beside how it stood.
#[derive(Debug, Default)]
struct Seen {
    was_online: bool,
    offline: Option<Instant>,
    /// Why its core did not run on, until it is started anew.
    failure: Option<Message>,
    /// When the framework of a client left, and how many events had come by then.
    left: HashMap<String, (Instant, u64)>,
}

/// Those whom something concerns.
#[derive(Clone, Copy)]
struct Whom<'a> {
    account: Option<&'a str>,
    client: Option<&'a str>,
}

impl Observer {
    /// What has happened since the last look. Who is there at the first one has come since the node runs.
    pub(super) fn look(&mut self, status: NodeStatus, now: Instant) -> Vec<Found> {
        let mut found = Vec::new();
        let there = by_name(&status);
        self.accounts
            .retain(|name, _| there.contains_key(name.as_str()));
        if let Some(before) = self.before.take() {
            let nobody = Whom {
                account: None,
                client: None,
            };
            notices(&mut found, nobody, &before.notices, &status.notices);
            let before = by_name(&before);
            for after in &status.accounts {
                let seen = self.accounts.entry(after.name.clone()).or_default();
                match before.get(after.name.as_str()) {
                    Some(before) => seen.compare(&mut found, before, after, now),
                    None => arrived(&mut found, after),
                }
            }
        } else {
            for account in &status.accounts {
                arrived(&mut found, account);
            }
        }
        for account in &status.accounts {
            let seen = self.accounts.entry(account.name.clone()).or_default();
            seen.was_online |= account.online;
        }
        self.before = Some(status);
        found
    }
}

/// The accounts by their names: each look is for all of them.
fn by_name(status: &NodeStatus) -> HashMap<&str, &AccountStatus> {
    let accounts = status.accounts.iter();
    accounts.map(|one| (one.name.as_str(), one)).collect()
}

impl Seen {
    fn compare(
        &mut self,
        found: &mut Vec<Found>,
        before: &AccountStatus,
        after: &AccountStatus,
        now: Instant,
    ) {
        let whom = Whom {
            account: Some(&after.name),
            client: None,
        };
        if !before.online
            && let Some(cause) = newly_away(before, after)
        {
            found.push(whom.apart(HappeningTone::Busy, words::OutOfReach { cause }.into()));
        }
        if let (Some(before), Some(after)) = (&before.core, &after.core) {
            let told = core::compare(before, after, &mut self.failure);
            found.extend(told.into_iter().map(|(tone, what)| whom.found(tone, what)));
        }
        match (before.online, after.online) {
            (true, false) => {
                self.offline = Some(now);
                found.extend(offline(after).map(|(tone, what)| whom.apart(tone, what)));
            }
            (false, true) => {
                let offline = self.offline.take().filter(|_| self.was_online);
                let what = match offline {
                    Some(since) => {
                        let after = duration(seconds(since, now));
                        words::OnlineAgain { after }.into()
                    }
                    None => words::Online.into(),
                };
                found.push(whom.apart(HappeningTone::Ok, what));
            }
            _ => {}
        }
        let (older, newer) = (&before.upstream.notices, &after.upstream.notices);
        notices(found, whom, older, newer);
        self.clients(found, before, after, now);
    }

    fn clients(
        &mut self,
        found: &mut Vec<Found>,
        before: &AccountStatus,
        after: &AccountStatus,
        now: Instant,
    ) {
        self.left
            .retain(|name, _| after.clients.iter().any(|there| there.name == *name));
        for client in &after.clients {
            let former = before.clients.iter().find(|one| one.name == client.name);
            let Some(former) = former else { continue };
            let whom = Whom {
                account: Some(&after.name),
                client: Some(&client.name),
            };
            if client.kind == "post" {
                found.extend(posted(whom, former, client));
            } else {
                self.connections(found, whom, (former, client), after.events, now);
            }
            let count = lost(former, client);
            if count > 0 {
                let mut told = whom.found(HappeningTone::You, lost_words(former, client));
                told.counts = Some(count);
                found.push(told);
            }
            notices(found, whom, &former.notices, &client.notices);
        }
    }

    /// What became of the connections of a client.
    fn connections(
        &mut self,
        found: &mut Vec<Found>,
        whom: Whom<'_>,
        (before, after): (&ClientStatus, &ClientStatus),
        events: u64,
        now: Instant,
    ) {
        match (before.connections.is_empty(), after.connections.is_empty()) {
            (true, false) => {
                let what = match self.left.remove(&after.name) {
                    None => words::ClientConnected.into(),
                    Some((left, by_then)) => {
                        let after = duration(seconds(left, now));
                        match events.saturating_sub(by_then) {
                            0 => words::ClientBack { after }.into(),
                            count => words::ClientBackMissed { after, count }.into(),
                        }
                    }
                };
                found.push(whom.found(HappeningTone::Ok, what));
            }
            (false, true) => {
                // What waited for it by then is missed as well.
                let by_then = events.saturating_sub(lost(before, after));
                self.left.insert(after.name.clone(), (now, by_then));
                let (tone, what) = if after.enabled {
                    (HappeningTone::Busy, words::ClientLeft.into())
                } else {
                    (HappeningTone::Idle, words::SwitchedOff.into())
                };
                found.push(whom.found(tone, what));
            }
            _ => {}
        }
    }
}

impl Whom<'_> {
    fn found(self, tone: HappeningTone, message: Message) -> Found {
        Found {
            account: self.account.map(str::to_owned),
            client: self.client.map(str::to_owned),
            tone,
            message,
            counts: None,
            is_apart: false,
        }
    }

    /// What belongs to an outage, of which each is told.
    fn apart(self, tone: HappeningTone, message: Message) -> Found {
        Found {
            is_apart: true,
            ..self.found(tone, message)
        }
    }
}

/// How many events it has missed since.
fn lost(before: &ClientStatus, after: &ClientStatus) -> u64 {
    after.dropped.saturating_sub(before.dropped)
}

/// Who is there and loses events reads too slowly; another one was left, or is not there.
fn lost_words(before: &ClientStatus, after: &ClientStatus) -> Message {
    let count = lost(before, after);
    let of_connections = |client: &ClientStatus| -> u64 {
        let connections = client.connections.iter();
        connections.map(|one| one.dropped).sum()
    };
    if of_connections(after) > of_connections(before) && after.kind != "post" {
        words::ClientSlow { count }.into()
    } else {
        words::ClientLost { count }.into()
    }
}

/// What became of a client that is posted to.
fn posted(whom: Whom<'_>, before: &ClientStatus, after: &ClientStatus) -> Option<Found> {
    let [before, after] = [before, after].map(|client| client.targets.first());
    let (before, after) = (before?, after?);
    let is_paused = |target: &TargetStatus| target.posts.is_some_and(|posts| posts.paused);
    let takes = |target: &TargetStatus| target.state == TargetState::Open;
    let (tone, what) = match (is_paused(before), is_paused(after)) {
        (false, true) => {
            let cause = after.problem.clone()?;
            (HappeningTone::You, words::PostPaused { cause }.into())
        }
        (true, false) if takes(after) => (HappeningTone::Ok, words::PostTakenAgain.into()),
        _ if before.state == TargetState::Dialling && takes(after) => {
            (HappeningTone::Ok, words::PostTaken.into())
        }
        _ => return None,
    };
    Some(whom.found(tone, what))
}

/// What there is to say of an account that is seen for the first time.
fn arrived(found: &mut Vec<Found>, account: &AccountStatus) {
    let mut whom = Whom {
        account: Some(&account.name),
        client: None,
    };
    if account.online {
        found.push(whom.found(HappeningTone::Ok, words::Online.into()));
    }
    for client in &account.clients {
        if !client.connections.is_empty() {
            whom.client = Some(&client.name);
            found.push(whom.found(HappeningTone::Ok, words::ClientConnected.into()));
        }
    }
}

/// Why an account went offline, unless the state of its core is a happening of its own.
fn offline(account: &AccountStatus) -> Option<(HappeningTone, Message)> {
    if !account.enabled {
        return Some((HappeningTone::Idle, words::SwitchedOff.into()));
    }
    let cause = match account.core.as_ref().map(|core| &core.state) {
        None | Some(CoreState::Online { .. }) => account.problem.clone(),
        Some(CoreState::Reconnecting { reason, .. } | CoreState::Backoff { reason, .. }) => {
            reason.clone()
        }
        Some(_) => return None,
    };
    let what = cause.map_or_else(
        || words::OfflineUnexplained.into(),
        |cause| words::Offline { cause }.into(),
    );
    Some((HappeningTone::Busy, what))
}

/// Why QQ cannot be reached, from now on.
fn newly_away(before: &AccountStatus, after: &AccountStatus) -> Option<Message> {
    let away = after.core.as_ref()?.away.as_ref()?;
    let was_away = before.core.as_ref()?.away.is_some();
    (!was_away).then(|| away.reason.clone())
}

/// What was refused or lost since then.
fn notices(
    found: &mut Vec<Found>,
    whom: Whom<'_>,
    before: &[NoticeStatus],
    after: &[NoticeStatus],
) {
    // The newest stand first.
    for notice in after.iter().rev() {
        let former = before.iter().find(|one| one.message == notice.message);
        if former.is_none_or(|former| former.count < notice.count) {
            let what = notice.message.clone();
            found.push(whom.found(HappeningTone::You, words::Noticed { what }.into()));
        }
    }
}

fn seconds(since: Instant, now: Instant) -> u64 {
    now.saturating_duration_since(since).as_secs()
}
