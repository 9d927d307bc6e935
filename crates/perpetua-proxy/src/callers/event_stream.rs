//! `/_events`: the events of a connection as a stream (Server-Sent Events), framed as NapCat and LLBot do.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use perpetua_hub::{Outgoing, Remaining};
use perpetua_task::every;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

use super::answer::Events;
use crate::{
    account::Connected,
    connection::{Ended, cut_reason, note},
};

/// What waits to be written, and when the next heartbeat is due.
struct Source {
    connected: Arc<Connected>,
    /// Whoever says no more may be gone.
    enough: CancellationToken,
    beats: Interval,
    batch: VecDeque<Outgoing>,
    is_over: bool,
}

/// Everything that comes for a connection until it ends, or `enough` is cancelled; heartbeats come among the events.
pub(super) fn events_of(connected: Arc<Connected>, enough: CancellationToken) -> Events {
    let source = Source {
        beats: every(connected.settings.heartbeat),
        connected,
        enough,
        batch: VecDeque::new(),
        is_over: false,
    };
    Box::pin(stream::unfold(source, |mut source| async {
        let event = source.next().await?;
        Some((event, source))
    }))
}

impl Source {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.batch.pop_front() {
                return Some(line(&frame.into_bytes()));
            }
            if self.is_over {
                return None;
            }
            let connected = &self.connected;
            connected.signals.meter.writes(&[]);
            tokio::select! {
                biased;
                () = connected.signals.cut.cancelled() => {
                    let ended = cut_reason(connected);
                    note(connected, &ended);
                    self.is_over = true;
                    return farewell(&ended);
                }
                () = self.enough.cancelled() => return None,
                _ = self.beats.tick() => {
                    connected.account.with(|hub, _| hub.heartbeat(connected.id));
                }
                () = connected.signals.wake.notified() => self.take(),
            }
        }
    }

    fn take(&mut self) {
        let (connected, mut batch) = (&self.connected, Vec::new());
        let taken = connected
            .account
            .with(|hub, now| hub.take(connected.id, now, &mut batch));
        connected.signals.meter.writes(&batch);
        self.batch = batch.into();
        if taken == Remaining::More {
            connected.signals.wake.notify_one();
        }
    }
}

/// An event has one line: what ends lines in it is white space between its members.
fn line(event: &[u8]) -> Bytes {
    let mut line = Vec::with_capacity(event.len() + 8);
    line.extend_from_slice(b"data: ");
    let in_one_line = |byte: &u8| match byte {
        b'\n' | b'\r' => b' ',
        byte => *byte,
    };
    line.extend(event.iter().map(in_one_line));
    line.extend_from_slice(b"\n\n");
    line.into()
}

/// Why the stream ends, as a comment: programs come again by themselves.
fn farewell(ended: &Ended) -> Option<Bytes> {
    let (_, words) = ended.close_reason()?;
    Some(format!(": {words}\n\n").into())
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn an_event_has_one_line() {
        assert_eq!(line(b"{\"a\":1}"), "data: {\"a\":1}\n\n");
        assert_eq!(line(b"{\r\n \"a\":\n1}"), "data: {   \"a\": 1}\n\n");
    }
}
