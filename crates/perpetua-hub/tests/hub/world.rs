//! A hub and its model side by side: every operation goes into both, then they are compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use perpetua_hub::{
    Admitted, ClientRefused, ConnectionId, DisconnectReason, LinkState, ProbeSettings, QueueLimits,
    Remaining, Retcode, Role,
};

use crate::{
    frames,
    model::Model,
    numbering::Numbering,
    operation::{Ask, Asked, Event, Operation, Pick, Response},
    rig::{Rig, parse, text},
};

/// The names of all clients that may exist.
const CLIENTS: [&str; 4] = ["c0", "c1", "c2", "c3"];

/// Both of them, and what the driver has been told.
pub(crate) struct World {
    pub(crate) rig: Rig,
    pub(crate) model: Model,
    pub(crate) start: Instant,
    pub(crate) woken: BTreeSet<ConnectionId>,
    pub(crate) upstream_woken: bool,
    pub(crate) signals_woken: bool,
    /// What a driver publishes that looks only when it is told to.
    pub(crate) published: (bool, Option<perpetua_words::Message>, Option<Instant>),
    /// Upper bounds that a queue may still exceed after its limits were lowered.
    pub(crate) bounds: BTreeMap<ConnectionId, QueueLimits>,
    pub(crate) numbering: Numbering,
    responses: u64,
    probe_answers: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        let rig = Rig::new();
        let mut model = Model::default();
        model.presence.probes = Some(ProbeSettings::default());
        Self {
            start: rig.now.instant,
            rig,
            model,
            woken: BTreeSet::new(),
            upstream_woken: false,
            signals_woken: false,
            published: (false, None, None),
            bounds: BTreeMap::new(),
            numbering: Numbering::default(),
            responses: 0,
            probe_answers: 0,
        }
    }

    /// Lets one thing happen, and compares.
    pub(crate) fn run(&mut self, operation: &Operation) {
        let offered: Vec<_> = self
            .model
            .seats
            .iter()
            .map(|seat| (seat.id, seat.offered))
            .collect();
        self.apply(operation);
        self.compare_cuts(&offered);
        self.compare();
    }

    /// Everybody reads what there is, time runs out, everybody leaves: nothing remains.
    pub(crate) fn finish(&mut self) {
        self.run(&Operation::SetProbes(None));
        self.run(&Operation::Lose { dials_again: false });
        self.run(&Operation::Pass {
            milliseconds: 200_000,
        });
        assert_eq!(self.rig.hub.next_deadline(), None);
        while !self.model.news.is_empty() {
            self.run(&Operation::TakeNews);
        }
        while !self.model.seats.is_empty() {
            let id = self.model.seats[0].id;
            while self.model.seat(id).is_some_and(|seat| seat.cut.is_none())
                && self.woken.contains(&id)
            {
                self.run(&Operation::Take(0));
            }
            self.run(&Operation::Leave(0));
        }
        let snapshot = self.rig.hub.snapshot();
        assert_eq!(
            (snapshot.unsent, snapshot.unanswered),
            (0, 0),
            "the echo table leaks"
        );
        assert!(
            snapshot
                .clients
                .iter()
                .all(|client| client.connections.is_empty())
        );
        assert_eq!(
            self.responses,
            snapshot.responses + snapshot.late_responses + self.probe_answers,
            "a response was not counted"
        );
    }

    fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::SetClient { client, settings } => {
                let client = client_name(*client);
                self.model.set_client(client, settings.clone());
                self.rig
                    .hub
                    .set_client(client, settings.clone(), self.rig.now);
            }
            Operation::RemoveClient(client) => {
                self.model.remove_client(client_name(*client));
                self.rig.hub.remove_client(client_name(*client));
            }
            Operation::Connect { client, role } => self.connect(client_name(*client), *role),
            Operation::Open => {
                self.model.open();
                self.rig.open();
            }
            Operation::Lose { dials_again: true } => {
                self.model.lose();
                self.rig.lose();
            }
            Operation::Lose { dials_again: false } => {
                self.model.lose();
                self.rig.hub.set_link(LinkState::Closed, self.rig.now);
            }
            Operation::SetUin(uin) => {
                self.model.set_uin(*uin);
                self.rig.hub.set_uin(*uin, self.rig.now);
            }
            Operation::LearnAccount(account) => {
                self.model.meet(*account);
                self.rig.hub.learn_self_id(*account, self.rig.now);
            }
            Operation::TakeActions(count) => self.take_actions(*count),
            Operation::Respond { which, how } => self.respond(*which, *how),
            Operation::Stray(which) => {
                let (text, is_response) = frames::stray(*which);
                self.responses += u64::from(is_response);
                self.model.hear();
                self.rig.upstream(text);
            }
            Operation::LoseFrame(which) => self.lose_frame(*which),
            Operation::Event(event) => self.event(event),
            Operation::WentOffline { words } => {
                self.model.went_offline(words);
                self.rig.hub.went_offline(words, self.rig.now);
            }
            Operation::SetInterrupted(interrupted) => {
                self.model.set_interrupted(*interrupted);
                let words = interrupted.then(|| perpetua_words::link::Ended.into());
                self.rig.hub.set_interrupted(words, self.rig.now);
            }
            Operation::SetManaged(managed) => {
                self.model.set_managed(*managed);
                self.rig.hub.set_managed(*managed);
            }
            Operation::SetProbes(probes) => {
                self.model.set_probes(*probes);
                self.rig.hub.set_probes(*probes, self.rig.now);
            }
            Operation::TakeNews => {
                let news = self.rig.hub.next_signal();
                self.signals_woken &= news.is_some();
                assert_eq!(news, self.model.news.pop_front());
            }
            Operation::LookedElsewhere(answers) => {
                self.model.looked_elsewhere(*answers);
                self.rig.hub.looked_elsewhere(*answers, self.rig.now);
            }
            Operation::Pass { milliseconds } => {
                let time = Duration::from_millis(*milliseconds);
                self.model.pass(time);
                self.rig.pass(time);
            }
            of_a_connection => self.apply_to_connection(of_a_connection),
        }
    }

    fn apply_to_connection(&mut self, operation: &Operation) {
        let (Operation::Leave(who)
        | Operation::WriteTooSlow(who)
        | Operation::Take(who)
        | Operation::Beat(who)
        | Operation::Ask(Ask { who, .. })
        | Operation::Malformed { who, .. }
        | Operation::RefuseFrame { who, .. }
        | Operation::Extension { who, .. }) = operation
        else {
            panic!("{operation:?} is of no connection");
        };
        let Some(place) = usize::from(*who).checked_rem(self.model.seats.len()) else {
            return;
        };
        let id = self.model.seats[place].id;
        let acts = self.model.seats[place].role != Role::Event;
        match operation {
            Operation::Leave(_) => self.leave(id),
            Operation::WriteTooSlow(_) => {
                self.model.seats[place].end(DisconnectReason::WriteTooSlow);
                self.rig
                    .hub
                    .cut_connection(id, DisconnectReason::WriteTooSlow);
            }
            Operation::Take(_) => self.take(id),
            Operation::Beat(_) => {
                self.model.beat(id);
                self.rig.hub.heartbeat(id);
            }
            Operation::Ask(ask) => self.ask(id, ask),
            Operation::RefuseFrame { echo, .. } => {
                let echo = frames::echo(*echo);
                if acts && echo.is_some() {
                    let echo = echo.map(ToOwned::to_owned);
                    self.model.refuse(id, 1413, echo, None);
                }
                let (words, code) = (perpetua_words::link::Ended, Retcode::TooLarge);
                self.rig
                    .hub
                    .refuse_frame(id, echo, words, code, self.rig.now);
            }
            Operation::Malformed { which, .. } => {
                let (text, echo) = frames::malformed(*which);
                if acts && echo.is_some() {
                    let echo = echo.map(ToOwned::to_owned);
                    self.model.refuse(id, 1400, echo, None);
                }
                self.rig.send(id, text);
            }
            Operation::Extension { echo, what, .. } => {
                let echo = frames::echo(*echo);
                if let Some((action, params)) = self.model.extension(id, what, echo) {
                    self.rig.send(id, &frames::extension(action, &params, echo));
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, client: &str, role: Role) {
        let connected = self.rig.hub.connect(client, role.into(), self.rig.now);
        match (self.model.room(client), connected) {
            (None, Err(ClientRefused::Unknown))
            | (Some(0), Err(ClientRefused::TooManyConnections { .. })) => {}
            (Some(1..), Ok(Admitted { id, .. })) => {
                let app_id = self.rig.hub.app_id(id).expect("it just came").to_string();
                assert!(
                    self.model
                        .seats
                        .iter()
                        .all(|seat| seat.id != id && seat.person.app_id != app_id)
                );
                self.numbering.came(id, &self.rig);
                self.model.connect(id, app_id, client, role);
            }
            (room, connected) => panic!("with room for {room:?}: {connected:?}"),
        }
    }

    fn leave(&mut self, id: ConnectionId) {
        let dropped = self.rig.find_seat(id).map(|seat| seat.dropped);
        self.model.leave(id, dropped);
        self.rig.hub.disconnect(id, self.rig.now);
        self.woken.remove(&id);
        assert_eq!(self.rig.take_batch(id), (Vec::new(), Remaining::Gone));
    }

    fn ask(&mut self, id: ConnectionId, ask: &Ask) {
        let echo = frames::echo(ask.echo);
        let action = match ask.asked {
            Asked::Message => "send_msg",
            Asked::Login => "get_login_info",
            Asked::Status => "get_status",
            Asked::Version => "get_version_info",
        };
        let text = frames::action(action, self.model.actions.len(), echo, ask.spelling);
        self.model.client_asks(id, echo, text.clone(), ask.asked);
        self.rig.send(id, &text);
    }

    fn take_actions(&mut self, count: u8) {
        for _ in 0..count {
            let Some(action) = self.rig.hub.take_action(self.rig.now) else {
                let next = self.model.next_to_send();
                assert_eq!(next, None, "actions are held back");
                self.upstream_woken = false;
                return;
            };
            self.model.sent(&parse(&text(action)));
        }
    }

    /// An action that was sent; the latest are the likeliest to be unanswered.
    fn sent_action(&self, which: Pick) -> Option<usize> {
        let sent: Vec<_> = (0..self.model.actions.len())
            .filter(|token| self.model.actions[*token].upstream_echo().is_some())
            .collect();
        let back = usize::from(which).checked_rem(sent.len())?;
        Some(sent[sent.len() - 1 - back])
    }

    fn lose_frame(&mut self, which: Pick) {
        let token = self.sent_action(which);
        let echo = token.and_then(|token| self.model.actions[token].upstream_echo());
        let echo = echo.map(ToOwned::to_owned);
        self.model.lose_frame(token);
        let words = perpetua_words::link::Ended;
        self.rig
            .hub
            .lose_upstream_frame(words, echo.as_deref(), self.rig.now);
    }

    fn respond(&mut self, which: Pick, how: Response) {
        let Some(token) = self.sent_action(which) else {
            return;
        };
        let action = &self.model.actions[token];
        let (echo, of_a_client) = (
            action.upstream_echo().map(ToOwned::to_owned),
            action.caller.is_some(),
        );
        let text = frames::response(of_a_client.then_some(token), echo.as_deref(), how);
        let found = self.model.answer(token, how);
        self.responses += 1;
        self.probe_answers += u64::from(found && !of_a_client);
        self.rig.upstream(&text);
    }

    fn event(&mut self, event: &Event) {
        let (sent, seen) = frames::event(event, self.model.events);
        self.model.event(event.what, event.account, &seen);
        self.rig.upstream(&sent);
    }
}

fn client_name(pick: Pick) -> &'static str {
    CLIENTS[usize::from(pick) % CLIENTS.len()]
}
