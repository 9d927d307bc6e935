//! What the page follows: streams of the node and of the program, each under a name that the page chose.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use perpetua_schema::{Event, EventStream as _};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{NodeEvents, ShellEvent};

/// The streams that the page has open. A cheap clone.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<BTreeMap<String, CancellationToken>>>);

/// What the page can follow.
pub trait Followed: Send {
    /// What it tells.
    type Told;

    /// The next of it; `None` when it has ended.
    fn next_told(&mut self) -> impl Future<Output = Option<Self::Told>> + Send;
}

impl Followed for NodeEvents {
    type Told = Event;

    async fn next_told(&mut self) -> Option<Event> {
        self.next().await
    }
}

impl Followed for broadcast::Receiver<ShellEvent> {
    type Told = ShellEvent;

    async fn next_told(&mut self) -> Option<ShellEvent> {
        loop {
            match self.recv().await {
                Ok(event) => return Some(event),
                // Who was too slow reads on; the status that comes next is whole.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Streams {
    /// Passes on what is told, until it ends, the page leaves it, or `send` fails.
    pub async fn pass_on<F: Followed, E>(
        &self,
        stream: String,
        mut followed: F,
        send: impl Fn(F::Told) -> Result<(), E> + Send,
    ) {
        let left = self.begin(stream.clone());
        while let Some(Some(told)) = left.run_until_cancelled(followed.next_told()).await {
            if send(told).is_err() {
                break;
            }
        }
        self.ended(&stream, &left);
    }

    /// Begins one; the token says when the page has left it.
    fn begin(&self, stream: String) -> CancellationToken {
        let left = CancellationToken::new();
        if let Some(former) = self.lock().insert(stream, left.clone()) {
            former.cancel();
        }
        left
    }

    /// Ends one.
    pub fn end(&self, stream: &str) {
        if let Some(left) = self.lock().remove(stream) {
            left.cancel();
        }
    }

    /// One has ended by itself; a later one of the same name goes on.
    fn ended(&self, stream: &str, token: &CancellationToken) {
        if !token.is_cancelled() {
            self.end(stream);
        }
    }

    /// Ends all, for their page is gone.
    pub fn end_all(&self) {
        for left in std::mem::take(&mut *self.lock()).into_values() {
            left.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Streams;

    #[test]
    fn a_stream_ends_by_its_name_and_all_of_them_with_their_page() {
        let streams = Streams::default();
        let (one, other) = (streams.begin("one".into()), streams.begin("other".into()));
        streams.end("one");
        assert!(one.is_cancelled() && !other.is_cancelled());
        let again = streams.begin("other".into());
        streams.ended("other", &other);
        assert!(!again.is_cancelled(), "the name is a later one's by now");
        streams.ended("other", &again);
        assert!(streams.lock().is_empty(), "nothing is left of it");
        let other = streams.begin("other".into());
        streams.end_all();
        assert!(other.is_cancelled());
    }
}
