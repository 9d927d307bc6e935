//! A simulator with a clock, and frames read as JSON.

use perpetua_simulator::{
    Chat, Outcome, Shown, SimulatedEvent, Simulator, SimulatorError, Timestamp,
};
use serde_json::{Value, json};

use crate::lines::line;

pub(crate) const BOT: i64 = 10_000;
pub(crate) const MING: i64 = 10_001;
pub(crate) const HONG: i64 = 10_002;
pub(crate) const LEI: i64 = 10_003;
pub(crate) const FANG: i64 = 10_005;
pub(crate) const MO: i64 = 10_006;

/// The bot is an admin here, under Ming, beside Hong, above Lei.
pub(crate) const TESTING: i64 = 20_001;
/// The bot owns this group; Lei is an admin, Ming is not in it.
pub(crate) const CODING: i64 = 20_002;
/// The bot is a plain member here, under Fang.
pub(crate) const CHATTING: i64 = 20_003;
/// Mo owns this group, which the bot is not in.
pub(crate) const NEXT_DOOR: i64 = 20_004;

pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) now_ms: i64,
}

/// What one call led to, its frames read.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) frames: Vec<Value>,
    pub(crate) shown: Vec<Shown>,
}

impl From<Outcome> for Seen {
    fn from(outcome: Outcome) -> Seen {
        let frames = outcome.frames.iter().map(|frame| read(frame)).collect();
        Self {
            frames,
            shown: outcome.shown,
        }
    }
}

impl Seen {
    pub(crate) fn response(&self) -> &Value {
        &self.frames[0]
    }

    pub(crate) fn events(&self) -> &[Value] {
        &self.frames[1..]
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.shown.iter().map(line).collect()
    }
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Self {
            simulator: Simulator::new(1),
            now_ms: 1_700_000_000_123,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_ms)
    }

    pub(crate) fn act(&mut self, action: &str, params: &Value) -> Seen {
        let frame = json!({ "action": action, "params": params, "echo": "e" });
        let now = self.now();
        self.simulator.handle(&frame.to_string(), now).into()
    }

    /// Acts, expects success, and gives the data.
    pub(crate) fn ask(&mut self, action: &str, params: &Value) -> Value {
        let seen = self.act(action, params);
        let response = seen.response();
        assert_eq!(response["status"], "ok", "{action} {params}: {response}");
        assert_eq!(response["retcode"], 0);
        response["data"].clone()
    }

    /// Acts, expects a refusal, and gives its code and words.
    pub(crate) fn refused(&mut self, action: &str, params: &Value) -> (i64, String) {
        let seen = self.act(action, params);
        let response = seen.response();
        assert_eq!(
            response["status"], "failed",
            "{action} {params}: {response}"
        );
        assert_eq!(seen.events(), &[] as &[Value]);
        let words = response["message"].as_str().expect("a refusal has words");
        let code = response["retcode"].as_i64().expect("a retcode is a number");
        (code, words.to_owned())
    }

    pub(crate) fn say(&mut self, chat: Chat, speaker: i64, text: &str) -> (i32, Seen) {
        let (message_id, outcome) = self.try_say(chat, speaker, text).expect(text);
        (message_id, outcome.into())
    }

    pub(crate) fn try_say(
        &mut self,
        chat: Chat,
        speaker: i64,
        text: &str,
    ) -> Result<(i32, Outcome), SimulatorError> {
        let now = self.now();
        self.simulator.say(&chat, Some(speaker), text, now)
    }

    pub(crate) fn simulate(&mut self, event: Value) -> Seen {
        let words = event.to_string();
        self.try_simulate(event).expect(&words).into()
    }

    pub(crate) fn try_simulate(&mut self, event: Value) -> Result<Outcome, SimulatorError> {
        let event: SimulatedEvent = serde_json::from_value(event).expect("a simulated event");
        let now = self.now();
        self.simulator.simulate(event, now)
    }
}

pub(crate) fn read(frame: &str) -> Value {
    serde_json::from_str(frame).expect("frames are JSON")
}
