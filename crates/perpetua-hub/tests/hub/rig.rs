//! A hub with a clock that tests turn, driven as the sockets' tasks drive it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use perpetua_hub::{
    AccountLimits, ClientFrame, ClientProfile, ClientSettings, ClockReading, ConnectionId,
    ConnectionSnapshot, Hub, LinkFailure, LinkState, Outgoing, Remaining, Role,
};
use perpetua_onebot::{FrameLimits, peek};
use perpetua_words::Message;
use serde_json::Value;

/// The account of every test that needs only one.
pub(crate) const BOT: i64 = 20_002;

/// When every test begins, since 1970.
pub(crate) const UNIX_START: Duration = Duration::from_millis(1_700_000_000_250);

/// A hub and its time.
pub(crate) struct Rig {
    pub(crate) hub: Hub,
    pub(crate) now: ClockReading,
}

impl Rig {
    /// A hub without clients, its upstream closed.
    pub(crate) fn new() -> Self {
        let now = ClockReading {
            instant: Instant::now(),
            unix: UNIX_START,
        };
        Self {
            hub: Hub::new(AccountLimits::default(), 7, now),
            now,
        }
    }

    /// A hub whose upstream is open and whose account is known.
    pub(crate) fn online() -> Self {
        let mut rig = Self::new();
        rig.open();
        rig.log_in(BOT);
        rig
    }

    /// Adds a client, here with the standard profile unless `perpetua`.
    pub(crate) fn client(&mut self, name: &str, profile: ClientProfile) {
        let settings = ClientSettings {
            profile,
            named: profile == ClientProfile::Standard,
            ..ClientSettings::default()
        };
        self.hub.set_client(name, settings, self.now);
    }

    /// A connection of a client that has room for it.
    pub(crate) fn connect(&mut self, client: &str, role: Role) -> ConnectionId {
        self.hub
            .connect(client, role.into(), self.now)
            .expect("the client has room")
            .id
    }

    /// A new client with one connection for everything, its greeting read.
    pub(crate) fn guest(&mut self, name: &str, profile: ClientProfile) -> ConnectionId {
        self.client(name, profile);
        let id = self.connect(name, Role::Universal);
        self.take(id);
        id
    }

    /// The upstream's connection opens; what the hub asks on its own stays unanswered.
    pub(crate) fn open(&mut self) {
        let since = self.now.instant;
        self.hub.set_link(LinkState::Open { since }, self.now);
    }

    /// The upstream's connection is lost.
    pub(crate) fn lose(&mut self) {
        let reset = perpetua_words::io::Other { text: "reset" };
        self.lose_because(LinkFailure::Lost(reset.into()));
    }

    /// The upstream's connection is closed over the size of what was sent.
    pub(crate) fn lose_over_size(&mut self) {
        self.hub.upstream_refused_size(self.now);
        self.lose_because(LinkFailure::RefusedSize(1009, "too big".into()));
    }

    /// The upstream's connection ends with this failure.
    pub(crate) fn lose_because(&mut self, failure: LinkFailure) {
        let waiting = LinkState::Waiting {
            until: self.now.instant + Duration::from_secs(1),
            failure,
        };
        self.hub.set_link(waiting, self.now);
    }

    /// The upstream answers the hub's own question, which comes first, with `account`.
    pub(crate) fn log_in(&mut self, account: i64) {
        let probe = self
            .hub
            .take_action(self.now)
            .expect("the hub asks first of all");
        let login = format!(r#"{{"user_id":{account},"nickname":"bot"}}"#);
        self.answer(&parse(&text(probe)), &login);
    }

    /// The upstream answers an action that it took, with raw `data`.
    pub(crate) fn answer(&mut self, action: &Value, data: &str) {
        let echo = &action["echo"];
        self.upstream(&format!(
            r#"{{"status":"ok","retcode":0,"data":{data},"echo":{echo}}}"#
        ));
    }

    /// A client sends a frame.
    pub(crate) fn send(&mut self, id: ConnectionId, text: &str) {
        let peeked = peek(text, &FrameLimits::default());
        let frame = Bytes::copy_from_slice(text.as_bytes());
        let frame = ClientFrame::new(&frame, &peeked);
        self.hub.from_client(id, frame, self.now);
    }

    /// A client sends a frame, and reads all that waits for it: a hub's own action is answered at once.
    pub(crate) fn call(&mut self, id: ConnectionId, text: &str) -> Value {
        self.send(id, text);
        let frames = self.take(id);
        frames.last().cloned().expect("an answer came at once")
    }

    /// The upstream sends a frame.
    pub(crate) fn upstream(&mut self, text: &str) {
        match peek(text, &FrameLimits::default()) {
            Ok(peeked) => {
                let frame = Bytes::copy_from_slice(text.as_bytes());
                self.hub.from_upstream(frame, &peeked, self.now);
            }
            Err(malformed) => {
                let cause = Message::from(&malformed.reason);
                self.hub
                    .lose_upstream_frame(cause, malformed.echo.as_deref(), self.now);
            }
        }
    }

    /// The upstream sends a message that is told apart by `number`.
    pub(crate) fn message(&mut self, number: u64) {
        self.upstream(&format!(
            r#"{{"self_id":{BOT},"post_type":"message","number":{number}}}"#
        ));
    }

    /// Time passes, and the hub is told.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix += time;
        self.hub.tick(self.now);
    }

    /// One batch for a connection, as text.
    pub(crate) fn take_batch(&mut self, id: ConnectionId) -> (Vec<String>, Remaining) {
        let (batch, taken) = self.take_frames(id);
        (batch.into_iter().map(text).collect(), taken)
    }

    /// One batch for a connection.
    pub(crate) fn take_frames(&mut self, id: ConnectionId) -> (Vec<Outgoing>, Remaining) {
        let mut batch = Vec::new();
        let taken = self.hub.take(id, self.now, &mut batch);
        (batch, taken)
    }

    /// All that waits for a connection, as text.
    pub(crate) fn take_texts(&mut self, id: ConnectionId) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let (batch, taken) = self.take_batch(id);
            texts.extend(batch);
            match taken {
                Remaining::More => {}
                Remaining::Emptied => return texts,
                Remaining::Disconnect(cut) => panic!("the connection was cut: {cut}"),
                Remaining::Gone => panic!("the hub does not know the connection"),
            }
        }
    }

    /// All that waits for a connection.
    pub(crate) fn take(&mut self, id: ConnectionId) -> Vec<Value> {
        self.take_texts(id).iter().map(|text| parse(text)).collect()
    }

    /// All actions that wait for the upstream.
    pub(crate) fn take_actions(&mut self) -> Vec<Value> {
        let mut actions = Vec::new();
        while let Some(action) = self.hub.take_action(self.now) {
            actions.push(parse(&text(action)));
        }
        actions
    }

    /// How a connection stands; `None` once it was cut off, or its client taken out of the settings.
    pub(crate) fn find_seat(&self, id: ConnectionId) -> Option<ConnectionSnapshot> {
        let app_id = self.hub.app_id(id)?;
        let clients = self.hub.snapshot().clients;
        let mut seats = clients.into_iter().flat_map(|client| client.connections);
        seats.find(|seat| seat.app_id == app_id)
    }

    /// How a connection stands.
    pub(crate) fn seat(&self, id: ConnectionId) -> ConnectionSnapshot {
        self.find_seat(id).expect("the connection is there")
    }
}

/// A frame as it goes onto the wire.
pub(crate) fn text(frame: Outgoing) -> String {
    String::from_utf8(frame.into_bytes().into()).expect("frames are UTF-8")
}

/// A frame as a tree.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// What a frame is, in a word that scenarios compare.
pub(crate) fn kind(frame: &Value) -> String {
    let named = |key: &str| frame[key].as_str();
    let words = [
        named("meta_event_type"),
        named("notice_type"),
        named("distributed_type"),
        named("post_type"),
    ];
    let word = words.into_iter().flatten().next();
    word.unwrap_or("response").to_owned()
}

/// What several frames are.
pub(crate) fn kinds(frames: &[Value]) -> Vec<String> {
    frames.iter().map(kind).collect()
}
