//! Reading the body of a call: counted as it is announced, and given up when it does not go on.

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::refused::CallRefused;
use crate::{
    budget::Meter,
    gate::{HEADWAY_LIMIT, LEAST_BYTES},
};

/// A buffer for what nobody announced grows by such a part of itself, and by no more than this: what is there twice while it
/// grows is short-lived, and what it has too much stays small.
const GROWS_BY: usize = 4;
const LARGEST_STEP: usize = 4 << 20;

/// What comes behind the head of a request.
#[derive(Debug)]
pub(super) struct CallBody {
    incoming: Incoming,
    announced: Option<u64>,
    /// Nothing of it is left on the way.
    is_read: bool,
}

impl CallBody {
    pub(super) fn new(incoming: Incoming) -> Self {
        Self {
            announced: incoming.size_hint().exact(),
            is_read: incoming.is_end_stream(),
            incoming,
        }
    }

    /// Its bytes as its head announced them; `None` for one in chunks.
    pub(super) fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// Whether what comes next is the next request.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }
}

/// Puts a body of `limit` bytes at most behind what `read` holds already.
pub(super) async fn read_body(
    body: &mut CallBody,
    limit: usize,
    meter: &Meter,
    read: &mut Vec<u8>,
) -> Result<(), CallRefused> {
    let too_large = |bytes: usize| CallRefused::TooLarge {
        bytes: bytes as u64,
        limit,
    };
    let announced = usize::try_from(body.incoming.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(too_large(announced));
    }
    meter.reads(announced);
    meter.room_for(announced).await;
    read.reserve(announced.saturating_add(1));
    let (mut total, mut came) = (0, 0);
    let mut ends = Instant::now() + HEADWAY_LIMIT;
    loop {
        let frame = match timeout_at(ends, body.incoming.frame()).await {
            Err(_elapsed) if came < LEAST_BYTES => return Err(CallRefused::Stalled),
            Err(_elapsed) => {
                (came, ends) = (0, Instant::now() + HEADWAY_LIMIT);
                continue;
            }
            Ok(None) => {
                body.is_read = true;
                return Ok(());
            }
            Ok(Some(frame)) => frame.map_err(|_| CallRefused::Left)?,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        (total, came) = (total + data.len(), came + data.len());
        if total > limit {
            return Err(too_large(total));
        }
        make_room(read, data.len(), meter).await;
        read.extend_from_slice(&data);
    }
}

/// Makes a buffer larger, if it has to be, and counts what it takes, not what is in it.
async fn make_room(read: &mut Vec<u8>, more: usize, meter: &Meter) {
    if read.capacity() - read.len() >= more {
        return;
    }
    let step = more.max((read.len() / GROWS_BY).min(LARGEST_STEP));
    meter.reads(step);
    meter.room_for(step).await;
    read.reserve_exact(step);
}
