//! The truth in one sentence: what is worst, and how many it concerns.

use perpetua_schema::{AccountStatus, CoreState, NodeStatus};
use perpetua_words::{Message, overview as words};

use super::{Standing, Tone, client, name_of, standing_of};

/// What comes back by itself is worth a headline only after this long, in milliseconds.
const BUSY_MS: i64 = 30_000;

/// What is said first.
#[derive(Clone, Debug, PartialEq)]
pub struct Headline {
    /// How bad it is.
    pub tone: Tone,
    /// The sentence.
    pub title: Message,
}

impl Headline {
    fn new(tone: Tone, title: impl Into<Message>) -> Self {
        Self {
            tone,
            title: title.into(),
        }
    }
}

/// The headline of a node; without one, nobody knows. `now_ms` is the time in milliseconds since 1970.
pub fn headline(status: Option<&NodeStatus>, now_ms: i64) -> Headline {
    let Some(status) = status else {
        return Headline::new(Tone::Idle, words::Unknown);
    };
    let all: Vec<_> = status
        .accounts
        .iter()
        .map(|account| (account, standing_of(account, now_ms)))
        .collect();
    away(&all)
        .or_else(|| hampered(&all))
        .or_else(|| wrong(status, now_ms))
        .or_else(|| busy(&all, now_ms))
        .unwrap_or_else(|| resting(&all))
}

type Standings<'s> = [(&'s AccountStatus, Standing)];

fn away(all: &Standings<'_>) -> Option<Headline> {
    let away = all
        .iter()
        .filter(|(account, standing)| standing.needs_somebody() && !account.online);
    let away: Vec<_> = away.collect();
    let (account, _) = away.first()?;
    let is_bad = away.iter().any(|(_, standing)| standing.tone == Tone::Bad);
    if is_bad || away.len() > 1 {
        let tone = if is_bad { Tone::Bad } else { Tone::You };
        return Some(Headline::new(tone, words::Bad { count: away.len() }));
    }
    let name = name_of(account);
    Some(if waits_for_scan(account) {
        Headline::new(Tone::You, words::Scan { name })
    } else {
        Headline::new(Tone::You, words::You { name })
    })
}

/// Whether a code waits for a phone.
pub(crate) fn waits_for_scan(account: &AccountStatus) -> bool {
    let core = account.core.as_ref();
    core.is_some_and(|core| matches!(core.state, CoreState::WaitingForScan { .. }))
}

fn hampered(all: &Standings<'_>) -> Option<Headline> {
    let hampered = all
        .iter()
        .filter(|(account, standing)| standing.needs_somebody() && account.online);
    let hampered: Vec<_> = hampered.collect();
    let (account, _) = hampered.first()?;
    Some(match hampered.len() {
        1 => {
            let name = name_of(account);
            Headline::new(Tone::You, words::CannotSend { name })
        }
        count => Headline::new(Tone::You, words::CannotSendSeveral { count }),
    })
}

fn wrong(status: &NodeStatus, now_ms: i64) -> Option<Headline> {
    let needs = status.accounts.iter().flat_map(|account| {
        let clients = account.clients.iter();
        clients.filter_map(|one| client::need(one, account.online, now_ms))
    });
    let needs: Vec<_> = needs.collect();
    if let Some(worst) = needs.iter().min() {
        let count = needs.len();
        return Some(Headline::new(*worst, words::ClientsBad { count }));
    }
    // What waits for the next start is no fault.
    let mut problems = status.problems.iter();
    let is_wrong = problems.any(|problem| problem.code != "node.needs_restart");
    is_wrong.then(|| Headline::new(Tone::You, words::NodeProblem))
}

fn busy(all: &Standings<'_>, now_ms: i64) -> Option<Headline> {
    let since = |account: &AccountStatus| {
        let core = account.core.as_ref();
        core.map_or(account.upstream.since_ms, |core| core.since_ms)
    };
    let long: Vec<_> = all
        .iter()
        .filter(|(account, standing)| {
            standing.tone == Tone::Busy && now_ms.saturating_sub(since(account)) > BUSY_MS
        })
        .collect();
    let (account, _) = long.first()?;
    Some(match long.len() {
        1 => {
            let name = name_of(account);
            Headline::new(Tone::Busy, words::Busy { name })
        }
        count => Headline::new(Tone::Busy, words::BusySeveral { count }),
    })
}

/// Nothing needs anybody: it works, it begins, or it is off.
fn resting(all: &Standings<'_>) -> Headline {
    let online = all.iter().map(|(account, _)| account);
    let online: Vec<_> = online.filter(|account| account.online).collect();
    let mut clients = online.iter().flat_map(|account| &account.clients);
    if clients.any(|client| !client.connections.is_empty()) {
        Headline::new(Tone::Ok, words::Ok)
    } else if !online.is_empty() {
        // No framework has come to any of them: nothing answers yet.
        Headline::new(Tone::Busy, words::AwaitsBot)
    } else if all.iter().any(|(_, standing)| standing.tone == Tone::Busy) {
        Headline::new(Tone::Busy, words::Starting)
    } else {
        Headline::new(Tone::Idle, words::Off)
    }
}
