//! The events of a node, one JSON object per line.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use perpetua_schema::{Event, EventStream};

/// Events as they come over HTTP.
#[derive(Debug)]
pub struct EventLines {
    body: Incoming,
    unread: Lines,
}

impl EventLines {
    pub(crate) fn new(body: Incoming) -> Self {
        Self {
            body,
            unread: Lines::default(),
        }
    }

    /// The next event; `None` when the node has ended. Whoever stops waiting for it misses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(line) = self.unread.next() {
                // An event that this version does not know is one of a newer node.
                if let Ok(event) = serde_json::from_slice(&line) {
                    return Some(event);
                }
            }
            // A stream that breaks off means that the node has ended.
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.unread.0.extend_from_slice(&data);
            }
        }
    }
}

impl EventStream for EventLines {
    async fn next(&mut self) -> Option<Event> {
        self.next().await
    }
}

/// Bytes that came and are not read yet.
#[derive(Debug, Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// The next whole line, with its end.
    fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let rest = self.0.split_off(end + 1);
        Some(std::mem::replace(&mut self.0, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_are_put_together_from_pieces() {
        let mut lines = Lines::default();
        let mut read = Vec::new();
        for piece in ["a", "b\nc\n\nd", "", "\n", "e"] {
            lines.0.extend_from_slice(piece.as_bytes());
            while let Some(line) = lines.next() {
                read.push(String::from_utf8(line).expect("text"));
            }
        }
        assert_eq!(read, ["ab\n", "c\n", "\n", "d\n"]);
    }
}
