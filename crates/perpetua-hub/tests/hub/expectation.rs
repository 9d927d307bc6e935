//! What a connection is expected to be given, and whether a frame is that.

use serde_json::Value;

/// One frame that a connection waits for.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) what: Expectation,
    pub(crate) fate: Fate,
}

/// Whether the frame must come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It must, unless the connection ends.
    Kept,
    /// A small queue may drop it, counted.
    Droppable,
}

/// What the frame says.
#[derive(Debug)]
pub(crate) enum Expectation {
    /// The first frame of all.
    Lifecycle { account: i64 },
    /// The heartbeat of the greeting; those that come later are made when they are read.
    Heartbeat { online: bool, dropped: u64 },
    /// Another client came or went, or this one came.
    Status {
        client: Person,
        online: bool,
        own: bool,
    },
    /// These bytes.
    Text(String),
    /// The hub's refusal; `names` stands in its words.
    Refusal {
        retcode: i64,
        echo: Option<String>,
        names: Option<String>,
    },
    /// The hub's own answer.
    Success {
        data: Option<Value>,
        echo: Option<String>,
    },
    /// The hub will do it.
    Accepted { echo: Option<String> },
    /// The answer to the sender of a broadcast.
    BroadcastSent {
        broadcast: usize,
        echo: Option<String>,
    },
    /// A broadcast, or what a receiver of it says.
    Distributed {
        broadcast: usize,
        callback: bool,
        client: Person,
        data: String,
    },
}

/// A client as others see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Person {
    pub(crate) app_id: String,
    pub(crate) name: Option<String>,
}

impl Person {
    fn is(&self, client: &Value) -> bool {
        let name = client.get("client_name").map(Value::as_str);
        client["app_id"] == *self.app_id && name == self.name.as_deref().map(Some)
    }
}

/// The ids that the hub chose for broadcasts, as far as somebody has seen them.
pub(crate) type Uuids = Vec<Option<String>>;

impl Expectation {
    /// Whether `frame`, which is `text`, is the expected one.
    pub(crate) fn is(&self, text: &str, frame: &Value, uuids: &mut Uuids) -> bool {
        match self {
            Self::Text(expected) => expected == text,
            Self::Lifecycle { account } => {
                frame["meta_event_type"] == "lifecycle"
                    && frame["sub_type"] == "connect"
                    && frame["self_id"] == *account
            }
            Self::Heartbeat { online, dropped } => {
                frame["meta_event_type"] == "heartbeat" && is_beat(frame, *online, *dropped)
            }
            Self::Status {
                client,
                online,
                own,
            } => {
                frame["notice_type"] == "client_status"
                    && frame["online"] == *online
                    && frame["self_client"] == *own
                    && client.is(&frame["client"])
            }
            Self::Refusal {
                retcode,
                echo,
                names,
            } => {
                frame["status"] == "failed"
                    && frame["retcode"] == *retcode
                    && has_echo(text, frame, echo.as_deref())
                    && words(frame)
                        .is_some_and(|words| words.contains(names.as_deref().unwrap_or_default()))
            }
            Self::Success { data, echo } => {
                frame["status"] == "ok"
                    && data.as_ref().is_none_or(|data| frame["data"] == *data)
                    && has_echo(text, frame, echo.as_deref())
            }
            Self::Accepted { echo } => {
                frame["status"] == "async"
                    && frame["retcode"] == 1
                    && frame["data"].is_null()
                    && has_echo(text, frame, echo.as_deref())
            }
            Self::BroadcastSent { broadcast, echo } => {
                frame["status"] == "ok"
                    && has_echo(text, frame, echo.as_deref())
                    && is_uuid(&frame["data"]["uuid"], &mut uuids[*broadcast])
            }
            Self::Distributed {
                broadcast,
                callback,
                client,
                data,
            } => {
                let kind = if *callback {
                    "broadcast_callback"
                } else {
                    "broadcast"
                };
                frame["distributed_type"] == kind
                    && frame["data"] == **data
                    && client.is(&frame["client"])
                    && is_uuid(&frame["uuid"], &mut uuids[*broadcast])
            }
        }
    }
}

/// Whether a heartbeat says this.
pub(crate) fn is_beat(beat: &Value, online: bool, dropped: u64) -> bool {
    let status = &beat["status"];
    status["online"] == online
        && status["dropped"].as_u64().unwrap_or(0) == dropped
        && beat["interval"] == 5000
}

/// The caller's echo stands last in the hub's own answers, byte for byte.
fn has_echo(text: &str, frame: &Value, echo: Option<&str>) -> bool {
    match echo {
        Some(echo) => text.ends_with(&format!(",\"echo\":{echo}}}")),
        None => frame.get("echo").is_none(),
    }
}

/// The words of a refusal, which must be the same in all three places.
fn words(frame: &Value) -> Option<&str> {
    let words = frame["message"].as_str()?;
    let same = frame["msg"] == words && frame["wording"] == words;
    (same && !words.is_empty()).then_some(words)
}

/// The first who sees a broadcast's id learns it; for all others it must be the same.
fn is_uuid(found: &Value, known: &mut Option<String>) -> bool {
    match (found.as_str(), &known) {
        (Some(found), Some(known)) => found == known,
        (Some(found), None) => {
            *known = Some(found.to_owned());
            true
        }
        (None, _) => false,
    }
}
