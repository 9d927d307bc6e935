//! The model's rules of perpetua's own actions.

use std::time::Duration;

use perpetua_hub::{ConnectionId, Role, SupervisorSignal};
use serde_json::{Value, json};

use crate::{
    expectation::{Expectation, Fate},
    model::{Model, Restart, Seat},
    operation::{Delay, Extension, Pick, Target},
};

/// Names that are asked for; the settings may have a client of one of them.
const NAMES: [&str; 6] = ["alpha", "beta", "名 \"g\"", "", "  ", "c1"];
/// What broadcasts carry: no text may come out changed.
const DATA: &str = "a\"b\\n\n\u{4f60}\u{0}";

/// How long after a restart no other one is taken.
const RESTART_PAUSE: Duration = Duration::from_secs(5);

/// Done, or refused with a `retcode` and a word that the refusal must name.
type Outcome = Result<(), (i64, Option<String>)>;

/// A broadcast that was sent.
pub(crate) struct Broadcast {
    pub(crate) sender: ConnectionId,
    receivers: Vec<ConnectionId>,
}

impl Broadcast {
    /// Nobody may answer it any longer.
    pub(crate) fn forget(&mut self) {
        self.receivers.clear();
    }
}

impl Model {
    /// A connection calls one of perpetua's own actions; gives its name and params.
    /// `None`: there is nothing to call it with yet.
    pub(crate) fn extension(
        &mut self,
        who: ConnectionId,
        what: &Extension,
        echo: Option<&str>,
    ) -> Option<(&'static str, Value)> {
        let acts = self
            .seat(who)
            .is_some_and(|seat| seat.role != Role::Event && seat.cut.is_none());
        let echo = echo.map(ToOwned::to_owned);
        let (action, params, outcome) = match what {
            Extension::Restart(delay) => return Some(self.set_restart(who, *delay, echo, acts)),
            Extension::SetName(pick) => {
                let name = NAMES[usize::from(*pick) % NAMES.len()];
                let outcome = self.set_name(who, name, acts);
                ("set_client_name", json!({"name": name}), outcome)
            }
            Extension::Broadcast(targets) => return Some(self.broadcast(who, targets, echo, acts)),
            Extension::Callback { broadcast, client } => {
                let (params, outcome) = self.callback(who, *broadcast, *client, acts)?;
                ("send_broadcast_data_callback", params, outcome)
            }
            Extension::BadParams { action, params } => {
                let (action, params) = bad_params(*action, *params);
                (action, params, Err((1400, None)))
            }
        };
        if acts {
            match outcome {
                Ok(()) => self.succeed(who, Expectation::Success { data: None, echo }),
                Err((retcode, names)) => self.refuse(who, retcode, echo, names),
            }
        }
        Some((action, params))
    }

    fn set_restart(
        &mut self,
        who: ConnectionId,
        delay: Delay,
        echo: Option<String>,
        acts: bool,
    ) -> (&'static str, Value) {
        let (params, delay) = match delay {
            Delay::None => (json!(null), Some(0)),
            Delay::Microseconds(delay) => {
                (json!({"delay": f64::from(delay) / 1000.0}), Some(delay))
            }
            Delay::Negative => (json!({"delay": -1}), None),
        };
        let free = match &self.restart {
            Some(Restart {
                rests_until: Some(until),
                ..
            }) => *until,
            Some(restart) => restart.due + RESTART_PAUSE,
            None => self.now,
        };
        let refused = match delay {
            _ if !self.presence.managed => Some(1401),
            None => Some(1400),
            Some(_) if free > self.now => Some(1429),
            Some(_) => None,
        };
        match (refused, delay) {
            (Some(retcode), _) if acts => self.refuse(who, retcode, echo, None),
            (None, Some(delay)) if acts => {
                self.restart = Some(Restart {
                    due: self.now + Duration::from_micros(delay.into()),
                    rests_until: None,
                });
                self.succeed(who, Expectation::Accepted { echo });
            }
            _ => {}
        }
        ("set_restart", params)
    }

    pub(crate) fn restart_due(&self) -> Option<Duration> {
        let waits = |restart: &&Restart| restart.rests_until.is_none();
        self.restart
            .as_ref()
            .filter(waits)
            .map(|restart| restart.due)
    }

    /// Time has passed: the restart that was asked for may begin.
    pub(crate) fn begin_restart(&mut self) {
        if self.restart_due().is_some_and(|due| due <= self.now) {
            self.post(SupervisorSignal::RestartWanted);
            let until = self.now + RESTART_PAUSE;
            self.restart = self.restart.take().map(|restart| Restart {
                rests_until: Some(until),
                ..restart
            });
        }
    }

    fn succeed(&mut self, who: ConnectionId, what: Expectation) {
        if let Some(seat) = self.seat(who) {
            seat.expect(what, Fate::Kept);
        }
    }

    fn set_name(&mut self, who: ConnectionId, name: &str, acts: bool) -> Outcome {
        if name.trim().is_empty() {
            return Err((1400, None));
        }
        let others = self
            .seats
            .iter()
            .filter(|seat| seat.id != who && seat.cut.is_none());
        if let Some(holder) = others
            .clone()
            .find(|seat| seat.person.name.as_deref() == Some(name))
        {
            return Err((1401, Some(holder.person.app_id.clone())));
        }
        let reserved = self.clients.get(name).is_some_and(|client| client.named);
        if reserved && self.seat(who).is_some_and(|seat| seat.client != name) {
            return Err((1401, Some("settings".to_owned())));
        }
        if let Some(seat) = self.seat(who).filter(|_| acts) {
            seat.person.name = Some(name.to_owned());
        }
        Ok(())
    }

    fn broadcast(
        &mut self,
        who: ConnectionId,
        targets: &[Target],
        echo: Option<String>,
        acts: bool,
    ) -> (&'static str, Value) {
        let addresses: Vec<_> = targets.iter().map(|target| self.address(*target)).collect();
        let params = json!({"clients": addresses, "data": DATA});
        if acts && addresses.is_empty() {
            self.refuse(who, 1400, echo, None);
        } else if acts {
            let number = self.uuids.len();
            self.uuids.push(None);
            let is_meant = |seat: &&Seat| {
                seat.id != who
                    && seat.cut.is_none()
                    && seat.hears_extensions()
                    && addresses.iter().any(|one| means(one, seat))
            };
            let receivers: Vec<_> = self
                .seats
                .iter()
                .filter(is_meant)
                .map(|seat| seat.id)
                .collect();
            for receiver in &receivers {
                self.distribute(who, *receiver, number, false);
            }
            self.broadcasts.push(Broadcast {
                sender: who,
                receivers,
            });
            self.succeed(
                who,
                Expectation::BroadcastSent {
                    broadcast: number,
                    echo,
                },
            );
        }
        ("send_broadcast_data", params)
    }

    fn callback(
        &mut self,
        who: ConnectionId,
        broadcast: Pick,
        client: Option<Pick>,
        acts: bool,
    ) -> Option<(Value, Outcome)> {
        let number = usize::from(broadcast).checked_rem(self.broadcasts.len())?;
        let uuid = self.uuids[number].clone()?;
        let sender = self.broadcasts[number].sender;
        let meant = match client {
            Some(pick) => self.seats[usize::from(pick) % self.seats.len()].id,
            None => sender,
        };
        let app_id = self
            .seat(meant)
            .map_or_else(|| uuid.clone(), |seat| seat.person.app_id.clone());
        let params = json!({"client": {"app_id": app_id}, "uuid": uuid, "data": DATA});
        if meant != sender || !self.broadcasts[number].receivers.contains(&who) {
            return Some((params, Err((1401, None))));
        }
        if acts
            && self
                .seat(sender)
                .is_some_and(|seat| seat.hears_extensions())
        {
            self.distribute(who, sender, number, true);
        }
        Some((params, Ok(())))
    }

    fn distribute(
        &mut self,
        from: ConnectionId,
        to: ConnectionId,
        broadcast: usize,
        callback: bool,
    ) {
        let Some(client) = self.seat(from).map(|seat| seat.person.clone()) else {
            return;
        };
        let data = DATA.to_owned();
        self.succeed(
            to,
            Expectation::Distributed {
                broadcast,
                callback,
                client,
                data,
            },
        );
    }

    fn address(&self, target: Target) -> Value {
        let person = |pick: Pick| &self.seats[usize::from(pick) % self.seats.len()].person;
        match target {
            Target::AppId(pick) => json!({"app_id": person(pick).app_id}),
            Target::Name(pick) => json!({"app_id": null, "client_name": person(pick).name}),
            Target::Both(pick) => {
                json!({"app_id": person(pick).app_id, "client_name": person(pick).name})
            }
            Target::AppIdOfOneNameOfOther(id, name) => {
                json!({"app_id": person(id).app_id, "client_name": person(name).name})
            }
            Target::Nobody => json!({"client_name": "nobody of this name"}),
        }
    }
}

fn means(address: &Value, seat: &Seat) -> bool {
    let (app_id, name) = (address["app_id"].as_str(), address["client_name"].as_str());
    let says_something = app_id.is_some() || name.is_some();
    says_something
        && app_id.is_none_or(|app_id| app_id == seat.person.app_id)
        && name.is_none_or(|name| Some(name) == seat.person.name.as_deref())
}

fn bad_params(action: Pick, params: Pick) -> (&'static str, Value) {
    let actions = [
        "set_client_name",
        "send_broadcast_data",
        "send_broadcast_data_callback",
    ];
    let params = match params % 4 {
        0 => json!(null),
        1 => json!({}),
        2 => json!({"name": 5, "clients": null, "data": "d", "client": {}, "uuid": "no"}),
        _ => json!([1]),
    };
    (actions[usize::from(action) % actions.len()], params)
}
