//! Who and what there is: people, groups, what was said, what is asked for.

mod cast;
mod group;
mod history;
mod lookup;
mod numbers;
mod person;
mod pictures;

use std::collections::BTreeMap;

pub use self::group::{Group, GroupRole, Member};
pub(crate) use self::history::{Forward, History, Message};
pub(crate) use self::numbers::Numbers;
pub use self::person::{Person, Sex};
pub(crate) use self::pictures::Pictures;

use crate::error::SimulatorError;
use crate::request::Requests;

/// The whole simulated world, with the bot account in it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) self_id: i64,
    people: BTreeMap<i64, Person>,
    groups: BTreeMap<i64, Group>,
    /// Counts what was done to people and groups, tried changes among them.
    revision: u64,
    pub(crate) history: History,
    pub(crate) pictures: Pictures,
    pub(crate) requests: Requests,
    pub(crate) numbers: Numbers,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        Self {
            self_id: cast::SELF_ID,
            people: cast::people(),
            groups: cast::groups(),
            revision: 0,
            history: History::default(),
            pictures: Pictures::default(),
            requests: Requests::default(),
            numbers: Numbers::new(seed),
        }
    }

    /// As long as it stays, people and groups are as they were, but for when somebody spoke last.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    pub(crate) fn friends(&self) -> impl Iterator<Item = (&Person, &str)> {
        self.people()
            .filter_map(|person| Some((person, person.remark.as_deref()?)))
    }

    pub(crate) fn person(&self, user_id: i64) -> Result<&Person, SimulatorError> {
        self.people
            .get(&user_id)
            .ok_or_else(|| self.unknown_person(&user_id.to_string()))
    }

    pub(crate) fn person_mut(&mut self, user_id: i64) -> Result<&mut Person, SimulatorError> {
        self.person(user_id)?;
        self.revision += 1;
        Ok(self.people.get_mut(&user_id).expect("looked up above"))
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The groups that the bot is in.
    pub(crate) fn joined_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups().filter(|group| group.has(self.self_id))
    }

    pub(crate) fn group(&self, group_id: i64) -> Result<&Group, SimulatorError> {
        self.groups
            .get(&group_id)
            .ok_or_else(|| self.unknown_group(group_id))
    }

    /// The group, if the bot is in it.
    pub(crate) fn joined(&self, group_id: i64) -> Result<&Group, SimulatorError> {
        let group = self.group(group_id)?;
        if group.has(self.self_id) {
            Ok(group)
        } else {
            Err(SimulatorError::BotNotInGroup { group_id })
        }
    }

    /// The group, to change it, if the bot is in it.
    pub(crate) fn joined_mut(&mut self, group_id: i64) -> Result<&mut Group, SimulatorError> {
        self.joined(group_id)?;
        self.revision += 1;
        Ok(self.groups.get_mut(&group_id).expect("looked up above"))
    }

    /// The group, to change it, whether the bot is in it or not.
    pub(crate) fn group_mut(&mut self, group_id: i64) -> Result<&mut Group, SimulatorError> {
        self.group(group_id)?;
        self.revision += 1;
        Ok(self.groups.get_mut(&group_id).expect("looked up above"))
    }

    /// Somebody said something in a group.
    pub(crate) fn note_speech(&mut self, group_id: i64, sender_id: i64, time: i64) {
        let group = self.groups.get_mut(&group_id);
        let sender = group.and_then(|group| group.members.get_mut(&sender_id));
        if let Some(sender) = sender {
            sender.last_sent_time = time;
        }
    }

    pub(crate) fn end_group(&mut self, group_id: i64) {
        self.revision += 1;
        self.groups.remove(&group_id);
    }
}
