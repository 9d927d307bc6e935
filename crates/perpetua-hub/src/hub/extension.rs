//! perpetua's own actions: answered here, never sent upstream.

use std::sync::Arc;

use perpetua_onebot::{Peek, compose};
use perpetua_words::{Message, harmless, hub as words};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Hub, greeting::to_frame, refusal::Refusal};
use crate::{
    ClientProfile, ClockReading, ConnectionId, Outgoing, Retcode,
    connection::{Connection, Identity},
};

/// Clients that one broadcast may name. Each is compared with every connection.
const MAX_ADDRESSES: usize = 256;
/// Bytes of what one broadcast may say, or its answer: all of it waits for whoever reads slowest.
const MAX_DATA_BYTES: usize = 1 << 20;
/// Characters of a client's name. It is kept for as long as its connection is open, and shown in every list of them.
const LONGEST_CLIENT_NAME: usize = 64;
/// Characters of what the parser says of parameters: it repeats what it found, which may be all of a frame.
const LONGEST_CAUSE: usize = 200;

/// A good answer of the hub's own.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is done; the raw `data`.
    Done(String),
    /// It will be done.
    UnderWay,
}

impl Answer {
    pub(super) fn frame(&self, echo: Option<&str>) -> Outgoing {
        match self {
            Self::Done(data) => compose::success(data, echo).into(),
            Self::UnderWay => compose::accepted(echo).into(),
        }
    }
}

/// `null` in all optional places is as good as absent: the SDK writes both.
#[derive(Deserialize)]
struct SetClientName {
    name: String,
}

#[derive(Deserialize)]
struct SendBroadcast {
    clients: Vec<Address>,
    data: String,
}

#[derive(Deserialize)]
struct SendBroadcastCallback {
    client: Address,
    uuid: Uuid,
    data: String,
}

/// Another client, by its id or its name; by both when both are given.
#[derive(Deserialize)]
struct Address {
    app_id: Option<Uuid>,
    client_name: Option<String>,
}

impl Address {
    fn means(&self, connection: &Connection) -> bool {
        let (id, name) = (self.app_id, self.client_name.as_deref());
        (id.is_some() || name.is_some())
            && id.is_none_or(|id| id == connection.app_id)
            && name.is_none_or(|name| Some(name) == connection.name.as_deref())
    }
}

/// `distributed` events of the perpetua profile.
#[derive(Serialize)]
struct Distributed<'a> {
    time: i64,
    self_id: i64,
    post_type: &'static str,
    #[serde(rename = "distributed_type")]
    kind: &'static str,
    client: &'a Identity,
    uuid: Uuid,
    data: &'a str,
}

impl Hub {
    /// Answers an action of ours; `None` means that it is the upstream's.
    pub(super) fn extension(
        &mut self,
        id: ConnectionId,
        action: &str,
        peek: &Peek<'_>,
        now: ClockReading,
    ) -> Option<Result<Answer, Refusal>> {
        let params = peek.params;
        Some(match action {
            "set_restart" => self.set_restart(params, now),
            "set_client_name" => read(params).and_then(|params| self.set_client_name(id, params)),
            "send_broadcast_data" => {
                read(params).and_then(|params| self.broadcast(id, &params, now))
            }
            "send_broadcast_data_callback" => {
                read(params).and_then(|params| self.broadcast_callback(id, &params, now))
            }
            _ => return None,
        })
    }

    fn set_client_name(
        &mut self,
        id: ConnectionId,
        params: SetClientName,
    ) -> Result<Answer, Refusal> {
        if params.name.trim().is_empty() {
            return Err(Refusal::malformed(words::NameEmpty));
        }
        if params.name.chars().nth(LONGEST_CLIENT_NAME).is_some() {
            let limit = LONGEST_CLIENT_NAME;
            return Err(Refusal::malformed(words::NameTooLong { limit }));
        }
        if params.name.chars().any(|letter| harmless(letter) != letter) {
            return Err(Refusal::malformed(words::NameHarmful));
        }
        if let Some(holder) = self.name_holder(id, &params.name) {
            return Err(Refusal::new(Retcode::NotAllowed, holder));
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.name = Some(params.name);
        }
        Ok(Answer::Done("null".into()))
    }

    /// That somebody else goes by a name: a connection, or a client of the settings even while it is
    /// away.
    fn name_holder(&self, asking: ConnectionId, name: &str) -> Option<Message> {
        let holds = |(id, connection): &(&ConnectionId, &Connection)| {
            **id != asking && connection.cut.is_none() && connection.name.as_deref() == Some(name)
        };
        if let Some((_, holder)) = self.connections.iter().find(holds) {
            let app_id = holder.app_id.to_string();
            return Some(words::NameTaken { name, app_id }.into());
        }
        let own = self
            .connections
            .get(&asking)
            .map(|connection| &*connection.client);
        let reserved = self
            .clients
            .get(name)
            .is_some_and(|client| client.settings.named);
        (reserved && own != Some(name)).then(|| words::NameReserved { name }.into())
    }

    fn broadcast(
        &mut self,
        sender: ConnectionId,
        params: &SendBroadcast,
        now: ClockReading,
    ) -> Result<Answer, Refusal> {
        if params.clients.is_empty() {
            return Err(Refusal::malformed(words::ClientsEmpty));
        }
        if params.clients.len() > MAX_ADDRESSES {
            let limit = MAX_ADDRESSES;
            return Err(Refusal::new(
                Retcode::OverQuota,
                words::TooManyAddressees { limit },
            ));
        }
        check_data(&params.data)?;
        let uuid = self.random_uuid();
        let receivers: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(id, connection)| {
                **id != sender
                    && connection.hears_distributed()
                    && params
                        .clients
                        .iter()
                        .any(|address| address.means(connection))
            })
            .map(|(id, _)| *id)
            .collect();
        self.distribute(sender, &receivers, "broadcast", uuid, &params.data, now)?;
        if !receivers.is_empty() {
            self.broadcasts.remember(uuid, sender, receivers);
        }
        Ok(Answer::Done(format!("{{\"uuid\":\"{uuid}\"}}")))
    }

    fn broadcast_callback(
        &mut self,
        caller: ConnectionId,
        params: &SendBroadcastCallback,
        now: ClockReading,
    ) -> Result<Answer, Refusal> {
        let went = |(id, connection): &(&ConnectionId, &Connection)| {
            params.client.means(connection) && self.broadcasts.went(params.uuid, **id, caller)
        };
        let Some(sender) = self.connections.iter().find(went).map(|(id, _)| *id) else {
            return Err(Refusal::new(Retcode::NotAllowed, words::NoSuchBroadcast));
        };
        check_data(&params.data)?;
        self.distribute(
            caller,
            &[sender],
            "broadcast_callback",
            params.uuid,
            &params.data,
            now,
        )?;
        Ok(Answer::Done("null".into()))
    }

    fn distribute(
        &mut self,
        from: ConnectionId,
        to: &[ConnectionId],
        kind: &'static str,
        uuid: Uuid,
        data: &str,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let Some(sender) = self.connections.get(&from) else {
            return Ok(());
        };
        let (identity, client) = (sender.identity(), Arc::clone(&sender.client));
        let text = to_frame(&Distributed {
            time: now.unix_milliseconds(),
            self_id: self.presence.self_id().unwrap_or_default(),
            post_type: "distributed",
            kind,
            client: &identity,
            uuid,
            data,
        });
        let Some(client) = self.clients.get(&client) else {
            return Ok(());
        };
        let frame = client
            .distributed
            .count(text.into_bytes())
            .map(Outgoing::distributed);
        let frame = frame.ok_or(Refusal::new(Retcode::OverQuota, words::BroadcastsWait))?;
        // The sender of a broadcast may be one that hears no such events; it gets no callback.
        for id in to {
            if self
                .connections
                .get(id)
                .is_some_and(Connection::hears_distributed)
            {
                self.deliver(*id, frame.clone());
            }
        }
        Ok(())
    }
}

fn check_data(data: &str) -> Result<(), Refusal> {
    if data.len() > MAX_DATA_BYTES {
        let limit = MAX_DATA_BYTES;
        return Err(Refusal::new(
            Retcode::TooLarge,
            words::BroadcastTooLarge { limit },
        ));
    }
    Ok(())
}

pub(super) fn read<'a, T: Deserialize<'a>>(params: Option<&'a str>) -> Result<T, Refusal> {
    serde_json::from_str(params.unwrap_or("{}")).map_err(|error| {
        let text: String = error.to_string().chars().take(LONGEST_CAUSE).collect();
        Refusal::malformed(words::BadParams { text })
    })
}

impl Connection {
    fn hears_distributed(&self) -> bool {
        self.is_greeted()
            && self.cut.is_none()
            && self.profile == ClientProfile::Perpetua
            && self.role.gets_events()
    }
}
