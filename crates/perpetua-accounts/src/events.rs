//! What happens, handed to those who follow it: each topic has a queue of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_schema::{Event, Topic};
use tokio::sync::{broadcast, watch};

/// Events of one topic that are kept for programs that read slowly: a core's start writes about as
/// many lines in a second. What they miss beyond that is counted for them.
const KEPT: usize = 256;

/// The events of a node. A cheap clone.
#[derive(Clone, Debug, Default)]
pub struct Events(Arc<Queues>);

#[derive(Debug, Default)]
struct Queues {
    /// Only topics that somebody follows have one.
    queues: Mutex<HashMap<Topic, broadcast::Sender<Event>>>,
    state_changed: watch::Sender<()>,
}

impl Events {
    /// Hands an event to those who follow its topic; never waits.
    pub fn send(&self, event: Event) {
        let topic = Topic::of(&event);
        let mut queues = self.queues();
        if let Some(all) = topic.of_all_accounts() {
            send_to(&mut queues, &all, event.clone());
        }
        send_to(&mut queues, &topic, event);
    }

    /// What comes of a topic from now on.
    pub fn subscribe(&self, topic: &Topic) -> broadcast::Receiver<Event> {
        let mut queues = self.queues();
        // Nobody reads these any more.
        queues.retain(|_, queue| queue.receiver_count() > 0);
        let queue = queues.entry(topic.clone());
        queue
            .or_insert_with(|| broadcast::channel(KEPT).0)
            .subscribe()
    }

    /// Something stands otherwise than before; whoever looks at it looks at once.
    pub fn state_changed(&self) {
        self.0.state_changed.send_replace(());
    }

    /// Changes with each [`Events::state_changed`].
    pub fn state_changes(&self) -> watch::Receiver<()> {
        self.0.state_changed.subscribe()
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Topic, broadcast::Sender<Event>>> {
        let queues = self.0.queues.lock();
        queues.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends, or forgets a queue that nobody reads any more.
fn send_to(queues: &mut HashMap<Topic, broadcast::Sender<Event>>, topic: &Topic, event: Event) {
    if queues
        .get(topic)
        .is_some_and(|queue| queue.send(event).is_err())
    {
        queues.remove(topic);
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{CoreLine, Event, Topic};

    use super::{Events, KEPT};

    fn line(account: &str, number: usize) -> Event {
        Event::CoreLine {
            account: account.into(),
            line: CoreLine {
                time_ms: 0,
                text: number.to_string(),
            },
        }
    }

    #[tokio::test]
    async fn a_chatty_core_makes_nobody_miss_the_settings() {
        let events = Events::default();
        let mut settings = events.subscribe(&Topic::Settings);
        let _log = events.subscribe(&Topic::Log(Some("main".into())));
        for number in 0..4 * KEPT {
            events.send(line("main", number));
        }
        let problems = Vec::new();
        events.send(Event::Settings { problems });
        assert!(matches!(settings.recv().await, Ok(Event::Settings { .. })));
    }

    #[tokio::test]
    async fn the_lines_of_one_account_and_of_all_are_topics_of_their_own() {
        let events = Events::default();
        let mut one = events.subscribe(&Topic::Log(Some("main".into())));
        let mut all = events.subscribe(&Topic::Log(None));
        events.send(line("other", 1));
        events.send(line("main", 2));
        assert_eq!(one.recv().await, Ok(line("main", 2)));
        assert_eq!(all.recv().await, Ok(line("other", 1)));
        assert_eq!(all.recv().await, Ok(line("main", 2)));
    }

    #[test]
    fn a_topic_that_nobody_follows_costs_nothing() {
        let events = Events::default();
        drop(events.subscribe(&Topic::Log(None)));
        events.send(line("main", 1));
        assert!(events.queues().is_empty());
    }
}
