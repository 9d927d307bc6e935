//! A hub in few words: what everybody must be given, written without regard to speed or sockets.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::RangeInclusive,
    time::Duration,
};

use perpetua_hub::{
    ClientProfile, ClientSettings, ConnectionId, DisconnectReason, QueueLimits, Role,
    SupervisorSignal,
};

use crate::{
    expectation::{Expectation, Expected, Fate, Person, Uuids},
    model_actions::Action,
    model_extensions::Broadcast,
    model_presence::Presence,
    tally::Tally,
};

/// All that the model knows.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) now: Duration,
    pub(crate) clients: BTreeMap<String, ClientSettings>,
    pub(crate) tallies: BTreeMap<String, Tally>,
    pub(crate) seats: Vec<Seat>,
    pub(crate) actions: Vec<Action>,
    pub(crate) broadcasts: Vec<Broadcast>,
    pub(crate) uuids: Uuids,
    pub(crate) presence: Presence,
    /// When the restart begins that somebody asked for.
    pub(crate) restart: Option<Restart>,
    pub(crate) news: VecDeque<SupervisorSignal>,
    pub(crate) events: u64,
    /// Events of other accounts.
    pub(crate) left_out: u64,
}

/// A restart that somebody asked for.
pub(crate) struct Restart {
    pub(crate) due: Duration,
    /// Once it has begun: until when no other one is taken.
    pub(crate) rests_until: Option<Duration>,
}

/// One connection.
pub(crate) struct Seat {
    pub(crate) id: ConnectionId,
    pub(crate) person: Person,
    pub(crate) client: String,
    pub(crate) role: Role,
    pub(crate) profile: ClientProfile,
    pub(crate) greeted: bool,
    pub(crate) cut: Option<DisconnectReason>,
    pub(crate) line: VecDeque<Expected>,
    /// Events for it, since it came.
    pub(crate) offered: u64,
    /// Events that it was given.
    pub(crate) received: u64,
    /// Frames that it was given.
    pub(crate) taken: u64,
    /// Once it was cut off: how many events it may have missed.
    pub(crate) missed: RangeInclusive<u64>,
    pub(crate) beat_due: bool,
    /// Its queue is, or was, small enough to fill.
    pub(crate) small: bool,
}

impl Seat {
    pub(crate) fn hears_events(&self) -> bool {
        self.role != Role::Api
    }

    pub(crate) fn hears_extensions(&self) -> bool {
        self.greeted && self.hears_events() && self.profile == ClientProfile::Perpetua
    }

    pub(crate) fn expect(&mut self, what: Expectation, fate: Fate) {
        if self.cut.is_none() {
            self.line.push_back(Expected { what, fate });
        }
    }

    pub(crate) fn beat(&mut self) {
        self.beat_due |= self.greeted && self.hears_events();
    }

    /// Marks it as cut off; what waited for it is gone.
    pub(crate) fn end(&mut self, cut: DisconnectReason) {
        if self.cut.is_none() {
            self.cut = Some(cut);
            self.line.clear();
        }
    }
}

impl Model {
    pub(crate) fn seat(&mut self, id: ConnectionId) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.id == id)
    }

    /// How many connections a client may still open; `None` if there is no such client.
    pub(crate) fn room(&self, client: &str) -> Option<usize> {
        let most = self.clients.get(client)?.max_connections;
        let open = self
            .seats
            .iter()
            .filter(|seat| seat.client == client && seat.cut.is_none());
        Some(most.saturating_sub(open.count()))
    }

    pub(crate) fn set_client(&mut self, client: &str, settings: ClientSettings) {
        for seat in self.seats.iter_mut().filter(|seat| seat.client == client) {
            seat.small |= is_small(&settings);
        }
        self.clients.insert(client.to_owned(), settings);
        self.tallies
            .entry(client.to_owned())
            .or_insert_with(Tally::new);
    }

    pub(crate) fn remove_client(&mut self, client: &str) {
        self.clients.remove(client);
        self.tallies.remove(client);
        for seat in self.seats.iter_mut().filter(|seat| seat.client == client) {
            seat.end(DisconnectReason::Removed);
        }
    }

    pub(crate) fn connect(&mut self, id: ConnectionId, app_id: String, client: &str, role: Role) {
        let settings = &self.clients[client];
        self.seats.push(Seat {
            id,
            person: Person {
                app_id,
                name: settings.named.then(|| client.to_owned()),
            },
            client: client.to_owned(),
            role,
            profile: settings.profile,
            greeted: false,
            cut: None,
            line: VecDeque::new(),
            offered: 0,
            received: 0,
            taken: 0,
            missed: 0..=0,
            beat_due: false,
            small: is_small(settings),
        });
        self.greet(id);
    }

    /// A connection leaves; `dropped` is what the hub says that it has missed.
    pub(crate) fn leave(&mut self, id: ConnectionId, dropped: Option<u64>) {
        let Some(place) = self.seats.iter().position(|seat| seat.id == id) else {
            return;
        };
        let seat = self.seats.remove(place);
        self.count_leaver(&seat, dropped);
        self.broadcasts
            .iter_mut()
            .filter(|one| one.sender == id)
            .for_each(Broadcast::forget);
        if seat.greeted {
            self.tell_status(id, &seat.person, false);
        }
    }

    pub(crate) fn beat(&mut self, id: ConnectionId) {
        if let Some(seat) = self.seat(id) {
            seat.beat();
        }
    }

    pub(crate) fn greet(&mut self, id: ConnectionId) {
        let (Some(account), online) = (self.presence.account, self.online()) else {
            return;
        };
        let Some(seat) = self.seat(id) else { return };
        if seat.greeted || seat.cut.is_some() {
            return;
        }
        seat.greeted = true;
        let client = seat.person.clone();
        if seat.hears_events() {
            seat.expect(Expectation::Lifecycle { account }, Fate::Kept);
        }
        if seat.hears_extensions() {
            let status = Expectation::Status {
                client: client.clone(),
                online: true,
                own: true,
            };
            seat.expect(status, Fate::Kept);
        }
        if seat.hears_events() {
            let dropped = seat.offered;
            seat.expect(Expectation::Heartbeat { online, dropped }, Fate::Kept);
        }
        self.tell_status(id, &client, true);
    }

    fn tell_status(&mut self, about: ConnectionId, client: &Person, online: bool) {
        for seat in self
            .seats
            .iter_mut()
            .filter(|seat| seat.id != about && seat.hears_extensions())
        {
            let status = Expectation::Status {
                client: client.clone(),
                online,
                own: false,
            };
            seat.expect(status, Fate::Kept);
        }
    }
}

fn is_small(settings: &ClientSettings) -> bool {
    let roomy = QueueLimits::default();
    settings.queue.frames < roomy.frames || settings.queue.bytes < roomy.bytes
}
