//! perpetua-simulator: the embedded upstream, a testing ground for bot authors.
//!
//! A small world of people and groups in which one account is the bot. People speak and act through
//! [`Simulator::say`] and [`Simulator::simulate`], bots through OneBot v11 actions given to
//! [`Simulator::handle`]; each gives back the frames to send to the hub and what watchers should see.
//! Pure: time is an argument, randomness comes from a seed, and whoever drives it does the waiting and sending.

mod actions;
mod chat;
mod error;
mod events;
mod record;
mod request;
mod shown;
mod simulated;
mod step;
mod timestamp;
mod world;

use std::sync::Arc;

use perpetua_onebot::segment;

pub use crate::chat::Chat;
pub use crate::error::SimulatorError;
pub use crate::record::{ClientAction, Page, Record, RecordedFrame, RecordedKind, RecordedLine};
pub use crate::shown::{Deed, Piece, Quote, Shown, ShownPlace, Who};
pub use crate::simulated::SimulatedEvent;
pub use crate::timestamp::Timestamp;
pub use crate::world::{Group, GroupRole, Member, Person, Sex};

use crate::step::Step;
use crate::world::World;

/// The simulated account with the world around it.
#[derive(Debug)]
pub struct Simulator {
    world: World,
}

/// What one call led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The frames to send to the hub, in order: a response first, then the events that it caused.
    pub frames: Vec<String>,
    /// What happened, for people who watch.
    pub shown: Vec<Shown>,
    /// The chat that an action was about, though nothing may have happened there.
    pub about: Option<Chat>,
}

impl Simulator {
    /// The world as it begins: always the same people and groups; only ids made later depend on `seed`.
    pub fn new(seed: u64) -> Simulator {
        Self {
            world: World::new(seed),
        }
    }

    /// The bot account.
    pub fn self_id(&self) -> i64 {
        self.world.self_id
    }

    /// Takes one frame from the hub. An action gets exactly one response, with its own echo byte for byte;
    /// events and responses are not an upstream's business and are let go.
    pub fn handle(&mut self, frame: &str, now: Timestamp) -> Outcome {
        actions::answer(&mut self.world, frame, now)
    }

    /// Someone says `text`, which may hold CQ codes, in `chat`; gives the message's id too.
    ///
    /// Without a `speaker` a group's owner speaks (or, where the bot owns it, another member), and in a
    /// private chat the person it is with.
    pub fn say(
        &mut self,
        chat: &Chat,
        speaker: Option<i64>,
        text: &str,
        now: Timestamp,
    ) -> Result<(i32, Outcome), SimulatorError> {
        let mut step = Step::new(&mut self.world, now);
        let speaker = step.world.speaker(*chat, speaker)?;
        let message_id = step.hear(*chat, speaker, segment::parse_cq(text))?;
        Ok((message_id, step.into_outcome()))
    }

    /// Makes something other than a message happen.
    pub fn simulate(
        &mut self,
        event: SimulatedEvent,
        now: Timestamp,
    ) -> Result<Outcome, SimulatorError> {
        let mut step = Step::new(&mut self.world, now);
        simulated::perform(&mut step, event)?;
        Ok(step.into_outcome())
    }

    /// Checks that there is this chat.
    pub fn check_chat(&self, chat: Chat) -> Result<(), SimulatorError> {
        match chat {
            Chat::Group(group_id) => self.world.group(group_id).map(|_| ()),
            Chat::User(user_id) => self.world.person(user_id).map(|_| ()),
        }
    }

    /// The group or the person that `word` names or whose id it is; a group comes before a person.
    pub fn find_chat(&self, word: &str) -> Result<Chat, SimulatorError> {
        self.world.find_chat(word)
    }

    /// The id of the person that `word` names or whose id it is.
    pub fn find_person(&self, word: &str) -> Result<i64, SimulatorError> {
        self.world.find_person(word)
    }

    /// As long as it stays the same, so do [`people`](Self::people) and [`groups`](Self::groups), but for when
    /// somebody spoke last.
    pub fn revision(&self) -> u64 {
        self.world.revision()
    }

    /// Everybody, the bot account among them.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.world.people()
    }

    /// Every group, also those that the bot is not in.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.world.groups()
    }

    /// A picture in a message, by the number that a [`Piece`] has for it: a data URL. The newest are kept.
    pub fn picture(&self, number: u64) -> Result<Arc<str>, SimulatorError> {
        let picture = self.world.pictures.get(number).cloned();
        picture.ok_or(SimulatorError::UnknownPicture { number })
    }

    /// The name of every action that is answered, without the `_async` forms.
    pub fn actions() -> impl Iterator<Item = &'static str> {
        actions::names()
    }
}
