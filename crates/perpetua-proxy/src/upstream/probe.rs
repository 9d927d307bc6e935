//! Dialling an upstream once: to find out what it is before anything is saved, or whether a core is there.
//!
//! ```text
//! connect ─► TLS ─► upgrade ─► three questions at once ─► answers, or a refusal of the token, or silence
//! ```

use std::{io, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use perpetua_hub::shown_name;
use perpetua_onebot::FrameLimits;
use perpetua_secrets::Secret;
use perpetua_words::{Message, io as io_words, probe as words};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{self, protocol::frame::coding::CloseCode};

use super::{dial::DialSettings, serve::RETCODE_WRONG_TOKEN};
use crate::{
    account::MAX_FRAME_DEPTH,
    budget::Meter,
    dialling::{DialledStream, OpenFailure, open},
    gate::GateRules,
    socket::{self, GatedSocket},
};

/// How long each part may take: reaching it, and having its answers. A core of this machine has it for both.
const LIMIT: Duration = Duration::from_secs(5);
/// What it is asked. Each question has its name as its echo.
const QUESTIONS: [&str; 3] = ["get_login_info", "get_version_info", "get_status"];
/// The answers are short; events beside them may not be.
const MAX_FRAME: usize = 8 << 20;

/// Where a core answers actions and sends no events, behind the address of its link.
const CORE_API_PATH: &str = "api";

/// What was found out about an upstream.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProbedUpstream {
    /// Something at its address takes a connection.
    pub reachable: bool,
    /// Whether it takes the token; `None` when that is not known.
    pub token_accepted: Option<bool>,
    /// The account that is logged in there.
    pub self_id: Option<i64>,
    /// That account's nickname.
    pub nickname: Option<String>,
    /// The implementation's name and version.
    pub implementation: Option<String>,
    /// Whether the account is online there; `None` when it does not say.
    pub online: Option<bool>,
    /// How long its first answer took.
    pub latency: Option<Duration>,
    /// Why it cannot be used, and what to do.
    pub problem: Option<Message>,
}

impl ProbedUpstream {
    fn unusable(reachable: bool, problem: impl Into<Message>) -> Self {
        Self {
            reachable,
            problem: Some(problem.into()),
            ..Self::default()
        }
    }
}

/// Dials an upstream as its account would, and asks it who it is. The token is in nothing that comes of it.
pub async fn probe_upstream(dial: &DialSettings) -> ProbedUpstream {
    let has_token = dial.token.is_some();
    let target = dial.target();
    match timeout(LIMIT, Box::pin(open(&target, rules(), Meter::default()))).await {
        Ok(Ok((socket, _activity))) => Box::pin(ask(socket, has_token)).await,
        Ok(Err(failure)) => not_dialled(failure, has_token),
        Err(_elapsed) => {
            let seconds = LIMIT.as_secs();
            ProbedUpstream::unusable(false, words::Silent { seconds })
        }
    }
}

/// Whether a core of this machine answers over a connection of its own, whatever it says: where it is asked to
/// sign, it answers nothing over the link that asked. `url` is the one of its link.
pub async fn core_answers(url: &str, token: Secret) -> bool {
    let dial = DialSettings::of_core(format!("{url}{CORE_API_PATH}"), token);
    let answers = async {
        let target = dial.target();
        let Ok((mut gated, _activity)) = open(&target, rules(), Meter::default()).await else {
            return false;
        };
        let frame = json!({ "action": "get_status", "params": {}, "echo": "here" });
        let asked = tungstenite::Message::text(frame.to_string());
        if gated.socket.send(asked).await.is_err() {
            return false;
        }
        loop {
            match heard(&mut gated).await {
                Heard::Frame(frame) if frame["echo"] == "here" => break true,
                Heard::Frame(_) | Heard::Foreign => {}
                Heard::Refused | Heard::Ended => break false,
            }
        }
    };
    timeout(LIMIT, Box::pin(answers)).await.unwrap_or(false)
}

fn rules() -> GateRules {
    GateRules::of_upstream(FrameLimits {
        max_bytes: MAX_FRAME,
        max_depth: MAX_FRAME_DEPTH,
    })
}

/// Why it could not be dialled.
fn not_dialled(failure: OpenFailure, has_token: bool) -> ProbedUpstream {
    match failure {
        OpenFailure::Unusable(cause) => ProbedUpstream::unusable(false, cause),
        OpenFailure::Connect(unreached) => {
            ProbedUpstream::unusable(false, not_connected(&unreached.error))
        }
        OpenFailure::Tls(text) => ProbedUpstream::unusable(true, words::NoTls { text }),
        OpenFailure::Upgrade(error) => not_upgraded(&error, has_token),
    }
}

fn not_connected(error: &io::Error) -> Message {
    let cause = Message::from(error);
    match &*cause.code {
        io_words::ConnectionRefused::CODE => words::NobodyListens.into(),
        io_words::UnknownHost::CODE => words::UnknownHost.into(),
        _ => words::Unreachable { cause }.into(),
    }
}

fn not_upgraded(error: &tungstenite::Error, has_token: bool) -> ProbedUpstream {
    match error {
        tungstenite::Error::Http(answer) => match answer.status().as_u16() {
            401 | 403 => token_refused(has_token),
            404 => ProbedUpstream::unusable(true, words::WrongPath),
            status @ 200..=299 => ProbedUpstream::unusable(true, words::WebPage { status }),
            status => ProbedUpstream::unusable(true, words::OtherStatus { status }),
        },
        tungstenite::Error::Protocol(_)
        | tungstenite::Error::HttpFormat(_)
        | tungstenite::Error::Utf8(_) => ProbedUpstream::unusable(true, words::NoWebsocket),
        other => {
            let cause = socket::cause(other);
            ProbedUpstream::unusable(true, words::BrokeOff { cause })
        }
    }
}

fn token_refused(has_token: bool) -> ProbedUpstream {
    let problem: Message = if has_token {
        words::WrongToken.into()
    } else {
        words::TokenNeeded.into()
    };
    ProbedUpstream {
        token_accepted: Some(false),
        ..ProbedUpstream::unusable(true, problem)
    }
}

/// What becomes of the questions.
enum Heard {
    /// One more frame.
    Frame(Value),
    /// Something that is no frame of OneBot.
    Foreign,
    /// The token is refused with a close code.
    Refused,
    /// The connection ended.
    Ended,
}

async fn ask(mut gated: GatedSocket<DialledStream>, has_token: bool) -> ProbedUpstream {
    let mut found = ProbedUpstream {
        reachable: true,
        ..ProbedUpstream::default()
    };
    let begun = Instant::now();
    let mut open_questions = QUESTIONS.to_vec();
    let mut foreign = false;
    let asking = async {
        for question in QUESTIONS {
            let frame = json!({ "action": question, "params": {}, "echo": question });
            let text = tungstenite::Message::text(frame.to_string());
            if gated.socket.send(text).await.is_err() {
                break;
            }
        }
        while !open_questions.is_empty() {
            match heard(&mut gated).await {
                Heard::Frame(frame) if refuses_token(&frame) => {
                    return Some(token_refused(has_token));
                }
                Heard::Refused if found.latency.is_none() => return Some(token_refused(has_token)),
                Heard::Frame(frame) => take(&mut found, &mut open_questions, &frame, begun),
                Heard::Foreign => foreign = true,
                Heard::Refused | Heard::Ended => break,
            }
        }
        None
    };
    let refused = timeout_at(begun + LIMIT, asking).await;
    let _over_either_way = socket::end(gated.socket, None).await;
    if let Ok(Some(refused)) = refused {
        return refused;
    }
    found.problem = problem(&found, foreign, refused.is_err());
    found
}

/// The next thing that it says.
async fn heard(gated: &mut GatedSocket<DialledStream>) -> Heard {
    loop {
        let bytes = match gated.socket.next().await {
            Some(Ok(tungstenite::Message::Text(text))) => text.into(),
            Some(Ok(tungstenite::Message::Binary(bytes))) => bytes,
            Some(Ok(tungstenite::Message::Close(Some(close))))
                if close.code == CloseCode::Policy =>
            {
                return Heard::Refused;
            }
            Some(Ok(tungstenite::Message::Close(_)) | Err(_)) | None => return Heard::Ended,
            Some(Ok(_)) => continue,
        };
        return match serde_json::from_slice(&bytes) {
            Ok(frame @ Value::Object(_)) => Heard::Frame(frame),
            _ => Heard::Foreign,
        };
    }
}

/// How NapCat and LLBot refuse a token after the upgrade.
fn refuses_token(frame: &Value) -> bool {
    frame["retcode"].as_i64() == Some(RETCODE_WRONG_TOKEN) && frame["echo"].as_str().is_none()
}

/// Takes what a frame says of the upstream.
fn take(
    found: &mut ProbedUpstream,
    open_questions: &mut Vec<&'static str>,
    frame: &Value,
    begun: Instant,
) {
    // Events say whose they are, too.
    found.self_id = found.self_id.or_else(|| account_id(&frame["self_id"]));
    let echo = frame["echo"].as_str().unwrap_or_default();
    let Some(place) = open_questions.iter().position(|question| *question == echo) else {
        return;
    };
    open_questions.swap_remove(place);
    found.latency = found.latency.or(Some(begun.elapsed()));
    found.token_accepted = Some(true);
    let data = &frame["data"];
    let text = |key: &str| data[key].as_str().and_then(shown_name);
    match echo {
        "get_login_info" => {
            found.self_id = account_id(&data["user_id"]).or(found.self_id);
            found.nickname = text("nickname");
        }
        "get_version_info" => {
            found.implementation = text("app_name").map(|name| match text("app_version") {
                Some(version) => format!("{name} {version}"),
                None => name,
            });
        }
        _ => found.online = data["online"].as_bool(),
    }
}

/// The id of an account, which some write as a string.
fn account_id(value: &Value) -> Option<i64> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_i64().or(text).filter(|id| *id > 0)
}

/// Why it cannot be used although it takes connections.
fn problem(found: &ProbedUpstream, foreign: bool, is_silent: bool) -> Option<Message> {
    if found.latency.is_some() {
        return if found.online == Some(false) {
            Some(words::Offline.into())
        } else {
            let is_nobody = found.self_id.is_none();
            is_nobody.then(|| words::NoAccount.into())
        };
    }
    Some(if foreign {
        words::NotOnebot.into()
    } else if is_silent {
        let seconds = LIMIT.as_secs();
        words::NoAnswers { seconds }.into()
    } else {
        words::ClosedAtOnce.into()
    })
}
