//! Whatever the settings were and will be, and however steps end: what is wanted is reached or shown, no
//! address is opened twice, and a client that a change does not concern notices nothing.

use std::collections::BTreeSet;

use tokio::time::Instant;

use proptest::{collection, prelude::*, sample};

use super::{
    model::{Ending, World},
    notation::{client, desired, name, upstream},
};
use crate::{
    desired::{Desired, DesiredAccount},
    plan::{Change, Step, plan},
};

/// Steps that may be taken until nothing is left to do: many times what any change needs.
const ENOUGH: usize = 500;

/// Any settings of two accounts whose listeners have addresses of their own.
fn settings() -> impl Strategy<Value = Desired> {
    let any_client = (any::<bool>(), 0..3_u8, any::<bool>(), any::<bool>());
    let account = (
        any::<bool>(),
        sample::select(vec!["sim", "dial:x", "dial:y", "rev", "core:a", "core:b"]),
        collection::vec(any_client, 3),
    );
    let ports = Just((1..=8).collect::<Vec<u16>>()).prop_shuffle();
    (collection::vec(account, 2), ports).prop_map(|(accounts, ports)| {
        let mut ports = ports.into_iter();
        let mut settings = desired("");
        for (account, (enabled, kind, clients)) in ["main", "other"].iter().zip(accounts) {
            let listens = format!("rev:{}", ports.next().expect("enough"));
            let clients = ["a", "b", "c"].iter().zip(clients);
            let clients = clients.filter(|(_, (enabled, _, _, _))| *enabled).map(
                |(name, (_, token, queue, is_dialled))| {
                    let token = ["", "x", "y"][usize::from(token)];
                    let queue = if queue { "#" } else { "" };
                    let port = ports.next().expect("enough");
                    if is_dialled {
                        return client(name, &format!("~h{port},i{port}{queue}"));
                    }
                    client(name, &format!("{port}{token}{queue}"))
                },
            );
            let wanted = DesiredAccount {
                name: name(account),
                limits: super::notation::limits(30),
                upstream: upstream(if kind == "rev" { &listens } else { kind }),
                clients: clients.collect(),
            };
            if enabled {
                settings.accounts.push(wanted);
            }
        }
        settings
    })
}

/// What happens next: which of the steps under way ends, and how.
fn course() -> impl Strategy<Value = Vec<(sample::Index, bool)>> {
    collection::vec((any::<sample::Index>(), any::<bool>()), 0..40)
}

/// Takes steps as a controller would, and remembers what is under way.
struct Run {
    world: World,
    under_way: Vec<Step>,
    taken: Vec<Step>,
}

impl Run {
    fn new() -> Self {
        Self {
            world: super::world("", Instant::now()),
            under_way: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Begins everything that can be begun.
    fn begin(&mut self, settings: &Desired) {
        for _ in 0..ENOUGH {
            let planned = Instant::now();
            self.world.forget_other_attempts(settings);
            let steps = plan(settings, &self.world.actual(planned));
            if steps.is_empty() {
                // Whatever is waited for is still to come: a controller that wakes for it does not spin.
                let wake = self.world.retry_after(planned);
                assert!(wake.is_none_or(|wake| wake > planned), "{wake:?}");
                return;
            }
            for step in steps {
                self.world.begin(&step, settings);
                self.taken.push(step.clone());
                match &step {
                    // Done at once.
                    Step::StartAccount(_) | Step::SetLimits(_) => {}
                    Step::Upstream(account, Change::CallOff) => self
                        .under_way
                        .retain(|other| !matches!(other, Step::Upstream(name, _) if name == account)),
                    Step::Client(account, client, Change::CallOff) => self.under_way.retain(|other| {
                        !matches!(other, Step::Client(name, one, _) if (name, one) == (account, client))
                    }),
                    Step::Webhooks | Step::Cores | Step::Access => {
                        self.under_way.retain(|other| *other != step);
                        self.under_way.push(step);
                    }
                    // Called off with their account.
                    Step::StopAccount(account) => {
                        self.under_way.retain(|other| !is_of(other, account));
                        self.under_way.push(step);
                    }
                    _ => self.under_way.push(step),
                }
            }
        }
        panic!("there is always something left to do");
    }

    fn end(&mut self, which: usize, ending: Ending) {
        let step = self.under_way.remove(which);
        self.world.end(&step, ending, Instant::now());
        let open = self.world.open_places();
        let distinct: BTreeSet<_> = open.iter().collect();
        assert_eq!(
            open.len(),
            distinct.len(),
            "an address is open twice: {open:?}"
        );
    }

    /// Follows a course of events.
    fn follow(&mut self, settings: &Desired, course: &[(sample::Index, bool)]) {
        for (which, well) in course {
            self.begin(settings);
            if self.under_way.is_empty() {
                return;
            }
            let ending = if *well { Ending::Well } else { Ending::Badly };
            self.end(which.index(self.under_way.len()), ending);
        }
    }

    /// Lets everything end in one way until nothing is left to do.
    fn settle(&mut self, settings: &Desired, ending: Ending) {
        for _ in 0..ENOUGH {
            self.begin(settings);
            if self.under_way.is_empty() {
                return;
            }
            self.end(0, ending);
        }
        panic!("it does not come to rest");
    }
}

fn is_of(step: &Step, account: &perpetua_config::Name) -> bool {
    match step {
        Step::Upstream(name, _) | Step::Client(name, _, _) => name == account,
        _ => false,
    }
}

/// The clients that a change from `before` to `after` does not concern.
fn untouched<'a>(
    before: &'a Desired,
    after: &'a Desired,
) -> impl Iterator<Item = (&'a DesiredAccount, &'a perpetua_config::Client)> {
    before.accounts.iter().flat_map(move |account| {
        let same = move |client: &&perpetua_config::Client| {
            after
                .account(&account.name)
                .and_then(|after| after.client(&client.name))
                == Some(*client)
        };
        account
            .clients
            .iter()
            .filter(same)
            .map(move |client| (account, client))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_settings_are_reached_from_anywhere(
        (before, first) in (settings(), course()),
        (between, second) in (settings(), course()),
        wanted in settings(),
    ) {
        let mut run = Run::new();
        run.follow(&before, &first);
        run.follow(&between, &second);
        run.begin(&wanted);
        run.world.retry_now(Instant::now());
        run.settle(&wanted, Ending::Well);
        run.world.retry_now(Instant::now());
        run.settle(&wanted, Ending::Well);
        prop_assert_eq!(run.world.accounts.len(), wanted.accounts.len());
        prop_assert_eq!(run.world.problems(), 0, "nothing is left that was tried in vain");
        for account in &wanted.accounts {
            for client in &account.clients {
                let (running, problems) = run.world.shown(&account.name, &client.name);
                prop_assert_eq!(running, Some(client));
                prop_assert!(problems.is_empty());
            }
        }
    }

    #[test]
    fn what_cannot_be_reached_is_shown(
        (before, first) in (settings(), course()),
        wanted in settings(),
    ) {
        let mut run = Run::new();
        run.follow(&before, &first);
        run.settle(&wanted, Ending::Badly);
        for account in &wanted.accounts {
            for client in &account.clients {
                let (running, problems) = run.world.shown(&account.name, &client.name);
                prop_assert!(running == Some(client) || !problems.is_empty(), "{}", client.name);
            }
        }
    }

    #[test]
    fn a_client_that_a_change_does_not_concern_notices_nothing(
        before in settings(),
        after in settings(),
        course in course(),
    ) {
        let mut run = Run::new();
        run.settle(&before, Ending::Well);
        run.taken.clear();
        run.follow(&after, &course);
        run.settle(&after, Ending::Well);
        for (account, client) in untouched(&before, &after) {
            for change in [Change::Open, Change::Adjust, Change::Close, Change::CallOff] {
                let step = Step::Client(account.name.clone(), client.name.clone(), change);
                prop_assert!(!run.taken.contains(&step), "{step:?}");
            }
        }
    }
}
