//! Messages for clients that want them in a format of their own.
//!
//! A frame is put into it by whoever writes it, not where it is routed: nobody waits for that copy. Of one event each
//! format is made once, whoever comes first, and shared by all who want it. Clients that take messages as they come
//! have no part in any of it.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use perpetua_onebot::{CannotReshape, MessageFormat, reshape_answer, reshape_event};

use crate::{Outgoing, byte_count::ByteCount};

/// The format that a connection wants, and how often it could not get it. Clones share the count.
#[derive(Clone, Debug)]
pub(crate) struct WantedFormat {
    format: MessageFormat,
    failed: Arc<AtomicU64>,
}

impl WantedFormat {
    pub(crate) fn new(format: MessageFormat) -> Self {
        Self {
            format,
            failed: Arc::default(),
        }
    }

    pub(crate) fn format(&self) -> MessageFormat {
        self.format
    }

    /// How many messages went out as they came since the last call, because this format cannot hold them.
    pub(crate) fn take_failures(&self) -> u64 {
        self.failed.swap(0, Ordering::Relaxed)
    }

    /// What was made, or else the frame as it came.
    fn made(&self, made: Result<Option<Bytes>, CannotReshape>, came: Bytes) -> Bytes {
        if made.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        made.ok().flatten().unwrap_or(came)
    }

    /// A response in this format, in at most `limit` bytes.
    pub(crate) fn of_answer(&self, answer: Bytes, limit: usize) -> Bytes {
        let made = text(&answer).and_then(|text| reshape_answer(text, self.format, limit));
        self.made(made.map(|made| made.map(Bytes::from)), answer)
    }
}

/// The copies of one event, a frame for each connection.
#[derive(Debug)]
pub(crate) struct EventCopies<'a> {
    plain: Outgoing,
    holds_message: bool,
    /// How many bytes it may have in another format.
    limit: usize,
    count: &'a ByteCount,
    shared: Option<Arc<SharedEvent>>,
}

impl<'a> EventCopies<'a> {
    /// Of an event as it came. In another format it has at most `limit` bytes, which `count` counts.
    pub(crate) fn new(
        plain: Outgoing,
        holds_message: bool,
        limit: usize,
        count: &'a ByteCount,
    ) -> Self {
        Self {
            plain,
            holds_message,
            limit,
            count,
            shared: None,
        }
    }

    /// One more, for a connection that wants this format, or takes the event as it came.
    pub(crate) fn copy(&mut self, wanted: Option<&WantedFormat>) -> Outgoing {
        let Some(wanted) = wanted.filter(|_| self.holds_message) else {
            return self.plain.clone();
        };
        let shared = self.shared.get_or_insert_with(|| {
            Arc::new(SharedEvent {
                came: self.plain.clone(),
                limit: self.limit,
                count: self.count.clone(),
                array: OnceLock::new(),
                string: OnceLock::new(),
            })
        });
        Outgoing::reshaped(Arc::clone(shared), wanted.clone())
    }
}

/// An event that some want in another format. All their queues share it.
#[derive(Debug)]
pub(crate) struct SharedEvent {
    came: Outgoing,
    limit: usize,
    count: ByteCount,
    array: OnceLock<Result<Option<Bytes>, CannotReshape>>,
    string: OnceLock<Result<Option<Bytes>, CannotReshape>>,
}

impl SharedEvent {
    /// The event as it came. It weighs as much in a queue: nothing else is there before somebody asks for it.
    pub(crate) fn came(&self) -> &Outgoing {
        &self.came
    }

    /// The event for a connection that wants this format.
    pub(crate) fn wanted(&self, wanted: &WantedFormat) -> Bytes {
        let made = match wanted.format {
            MessageFormat::Array => &self.array,
            MessageFormat::String => &self.string,
        };
        let came = self.came.clone().into_bytes();
        let made = made.get_or_init(|| {
            let made = reshape_event(text(&came)?, wanted.format, self.limit)?;
            Ok(made.map(|made| self.count.count(made.into())))
        });
        wanted.made(made.clone(), came)
    }
}

/// Frames are UTF-8; what is not is left alone.
fn text(frame: &Bytes) -> Result<&str, CannotReshape> {
    std::str::from_utf8(frame).map_err(|_| CannotReshape)
}
