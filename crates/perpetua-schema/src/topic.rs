//! What a program follows: each topic has a bounded queue of its own, so that lines that come fast
//! make nobody miss a change of the settings.

use std::{collections::BTreeSet, fmt, str::FromStr};

use perpetua_words::{Message, http as words};

use crate::Event;

/// Topics that one program follows at once; each has a queue of its own.
const MAX_TOPICS: usize = 64;

/// One kind of events, as in `GET /rpc/events?topics=state,log:main`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// `state`: a snapshot, then what changes.
    State,
    /// `settings`: they were applied or refused.
    Settings,
    /// `core`: an installation goes on.
    Core,
    /// `rates`: counters, once a second.
    Rates,
    /// `log:ACCOUNT`: what its core writes; `log`: what all of them write.
    Log(Option<String>),
    /// `simulator:ACCOUNT`: what happens in its simulator; `simulator`: in all of them.
    Simulator(Option<String>),
}

impl Topic {
    /// Where an event belongs.
    pub fn of(event: &Event) -> Self {
        match event {
            Event::Snapshot { .. }
            | Event::NodeChanged { .. }
            | Event::AccountChanged { .. }
            | Event::UpstreamChanged { .. }
            | Event::ClientChanged { .. }
            | Event::Core { .. }
            | Event::Account { .. }
            | Event::Happened { .. }
            | Event::Missed { .. } => Self::State,
            Event::Settings { .. } => Self::Settings,
            Event::CoreJob { .. } => Self::Core,
            Event::Rates { .. } => Self::Rates,
            Event::CoreLine { account, .. } => Self::Log(Some(account.clone())),
            Event::Shown { account, .. } | Event::WorldChanged { account } => {
                Self::Simulator(Some(account.clone()))
            }
        }
    }

    /// The topic of all accounts that this one of a single account is part of.
    pub fn of_all_accounts(&self) -> Option<Self> {
        match self {
            Self::Log(Some(_)) => Some(Self::Log(None)),
            Self::Simulator(Some(_)) => Some(Self::Simulator(None)),
            _ => None,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => formatter.write_str("state"),
            Self::Settings => formatter.write_str("settings"),
            Self::Core => formatter.write_str("core"),
            Self::Rates => formatter.write_str("rates"),
            Self::Log(None) => formatter.write_str("log"),
            Self::Simulator(None) => formatter.write_str("simulator"),
            Self::Log(Some(account)) => write!(formatter, "log:{account}"),
            Self::Simulator(Some(account)) => write!(formatter, "simulator:{account}"),
        }
    }
}

impl FromStr for Topic {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, account) = match text.split_once(':') {
            Some((kind, account)) if !account.is_empty() => (kind, Some(account.to_owned())),
            Some(_) => return Err(words::UnknownTopic { topic: text }.into()),
            None => (text, None),
        };
        match (kind, account) {
            ("state", None) => Ok(Self::State),
            ("settings", None) => Ok(Self::Settings),
            ("core", None) => Ok(Self::Core),
            ("rates", None) => Ok(Self::Rates),
            ("log", account) => Ok(Self::Log(account)),
            ("simulator", account) => Ok(Self::Simulator(account)),
            _ => Err(words::UnknownTopic { topic: text }.into()),
        }
    }
}

/// Several topics, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics(BTreeSet<Topic>);

impl Default for Topics {
    /// `state`.
    fn default() -> Self {
        Self::from(Topic::State)
    }
}

impl From<Topic> for Topics {
    fn from(topic: Topic) -> Self {
        Self(BTreeSet::from([topic]))
    }
}

impl<const N: usize> From<[Topic; N]> for Topics {
    fn from(topics: [Topic; N]) -> Self {
        Self(BTreeSet::from(topics))
    }
}

impl Topics {
    /// Whether a topic is one of them.
    pub fn contains(&self, topic: &Topic) -> bool {
        self.0.contains(topic)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.0.iter()
    }
}

impl fmt::Display for Topics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, topic) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{topic}")?;
        }
        Ok(())
    }
}

impl FromStr for Topics {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let topics: BTreeSet<_> = text
            .split(',')
            .take(MAX_TOPICS + 1)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if topics.len() > MAX_TOPICS {
            return Err(words::TooManyTopics { max: MAX_TOPICS }.into());
        }
        Ok(Self(topics))
    }
}

#[cfg(test)]
mod tests {
    use super::{Topic, Topics};

    #[test]
    fn topics_are_read_as_they_are_written() {
        let text = "state,settings,core,rates,log,log:main,simulator,simulator:a";
        let topics: Topics = text.parse().expect("topics");
        assert_eq!(topics.to_string(), text);
        assert!(topics.contains(&Topic::Log(Some("main".into()))));
        assert_eq!(Topics::default().to_string(), "state");
    }

    #[test]
    fn nobody_follows_thousands_of_topics() {
        let many: Vec<_> = (0..1000).map(|number| format!("log:{number}")).collect();
        let refused = many.join(",").parse::<Topics>().expect_err("too many");
        assert_eq!(refused.code, "http.too_many_topics");
    }

    #[test]
    fn what_is_no_topic_is_named() {
        for wrong in ["", "stat", "state:main", "log:", "state,,core", "State"] {
            let refused = wrong.parse::<Topics>().expect_err(wrong);
            assert_eq!(refused.code, "http.unknown_topic", "{wrong}");
        }
    }
}
