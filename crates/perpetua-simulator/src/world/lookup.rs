//! Finding people and chats by name, and who may talk with whom.

use super::{Person, World};
use crate::chat::Chat;
use crate::error::SimulatorError;

impl World {
    pub(crate) fn find_chat(&self, word: &str) -> Result<Chat, SimulatorError> {
        let group = self
            .groups()
            .find(|group| group.name == word || group.group_id.to_string() == word);
        if let Some(group) = group {
            return Ok(Chat::Group(group.group_id));
        }
        self.people()
            .find(|person| person.user_id != self.self_id && is_called(person, word))
            .map(|person| Chat::User(person.user_id))
            .ok_or_else(|| SimulatorError::UnknownChat {
                word: word.to_owned(),
                known: format!("{}; {}", self.known_groups(), self.known_people()),
            })
    }

    pub(crate) fn find_person(&self, word: &str) -> Result<i64, SimulatorError> {
        self.people()
            .find(|person| is_called(person, word))
            .map(|person| person.user_id)
            .ok_or_else(|| self.unknown_person(word))
    }

    pub(super) fn unknown_person(&self, word: &str) -> SimulatorError {
        SimulatorError::UnknownPerson {
            word: word.to_owned(),
            known: self.known_people(),
        }
    }

    pub(super) fn unknown_group(&self, group_id: i64) -> SimulatorError {
        SimulatorError::UnknownGroup {
            group_id,
            known: self.known_groups(),
        }
    }

    fn known_people(&self) -> String {
        let people = self.people().filter(|it| it.user_id != self.self_id);
        listed(people.map(|person| (person.user_id, person.nickname.as_str())))
    }

    fn known_groups(&self) -> String {
        listed(
            self.groups()
                .map(|group| (group.group_id, group.name.as_str())),
        )
    }

    /// Who speaks in `chat`: `named` if they take part in it, else whoever is most natural.
    pub(crate) fn speaker(&self, chat: Chat, named: Option<i64>) -> Result<i64, SimulatorError> {
        if let Some(user_id) = named {
            self.not_the_bot(user_id)?;
        }
        match (chat, named) {
            (Chat::Group(group_id), Some(user_id)) => {
                self.joined(group_id)?.member(user_id)?;
                Ok(user_id)
            }
            (Chat::Group(group_id), None) => {
                let group = self.joined(group_id)?;
                let highest = group.highest(self.self_id);
                highest.ok_or(SimulatorError::ActsForBot {
                    user_id: self.self_id,
                })
            }
            (Chat::User(user_id), Some(speaker)) if speaker != user_id => {
                Err(SimulatorError::NotInChat { speaker, user_id })
            }
            (Chat::User(user_id), _) => {
                self.not_the_bot(user_id)?;
                Ok(self.person(user_id)?.user_id)
            }
        }
    }

    /// Refuses to let people act as the bot account, which is the bots' part.
    pub(crate) fn not_the_bot(&self, user_id: i64) -> Result<(), SimulatorError> {
        if user_id == self.self_id {
            return Err(SimulatorError::ActsForBot { user_id });
        }
        Ok(())
    }

    /// Checks that the bot and this person can talk in private: as friends, or from a group they share.
    pub(crate) fn acquaintance(&self, user_id: i64) -> Result<&Person, SimulatorError> {
        let person = self.person(user_id)?;
        if person.is_friend() || self.shared_group(user_id).is_some() {
            return Ok(person);
        }
        Err(SimulatorError::Stranger { user_id })
    }

    /// A group that both the bot and this person are in.
    pub(crate) fn shared_group(&self, user_id: i64) -> Option<i64> {
        self.joined_groups()
            .find(|group| group.has(user_id))
            .map(|group| group.group_id)
    }

    /// What a person is called in a chat: their card, else their nickname, else their number.
    pub(crate) fn name_in(&self, chat: Chat, user_id: i64) -> String {
        let card = match chat {
            Chat::Group(group_id) => self
                .group(group_id)
                .and_then(|group| group.member(user_id))
                .map(|member| member.card.clone())
                .unwrap_or_default(),
            Chat::User(_) => String::new(),
        };
        if card.is_empty() {
            self.nickname(user_id)
        } else {
            card
        }
    }

    /// What a person calls themselves, or their number for somebody unknown.
    pub(crate) fn nickname(&self, user_id: i64) -> String {
        self.person(user_id)
            .map_or_else(|_| user_id.to_string(), |person| person.nickname.clone())
    }

    /// What a chat is called: a group's name, or the other person's.
    pub(crate) fn chat_name(&self, chat: Chat) -> String {
        match chat {
            Chat::Group(group_id) => self
                .group(group_id)
                .map_or_else(|_| group_id.to_string(), |group| group.name.clone()),
            Chat::User(user_id) => self.nickname(user_id),
        }
    }
}

fn is_called(person: &Person, word: &str) -> bool {
    person.nickname == word || person.user_id.to_string() == word
}

fn listed<'a>(named: impl Iterator<Item = (i64, &'a str)>) -> String {
    let words: Vec<_> = named.map(|(id, name)| format!("`{name}` ({id})")).collect();
    words.join(", ")
}
