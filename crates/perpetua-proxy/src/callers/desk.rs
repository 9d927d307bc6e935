//! What is known of one caller's socket: its seat, what is being written to it, and the events that are not certain to
//! have reached it.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use perpetua_hub::{ClientRefused, ConnectionId, DisconnectReason};
use perpetua_words::{Message, call as words};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Port, mailbox::Handed, refused::CallRefused, request_end::RequestEnd, seats::Seat};
use crate::{account::Connected, socket::WRITE_LIMIT};

/// Whoever ends its side so soon after its request has said all that it had to say, and waits for the answer.
const SAYS_NO_MORE_WITHIN: Duration = Duration::from_millis(500);

/// One socket.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) port: Arc<Port>,
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Its seat is another's: it may have one more answer.
    pub(super) leaves: CancellationToken,
    seat: OnceLock<Seat>,
    writing: watch::Sender<Option<Writing>>,
    /// The latest last: calls may come before the answers to earlier ones are gone.
    handed: Mutex<Vec<Leaving>>,
    line_is_next: AtomicBool,
    request: Mutex<RequestEnd>,
    is_stuck: AtomicBool,
    turn: Mutex<Turn>,
    /// It says no more, and waits for the answer to what it has said.
    pub(super) listens: CancellationToken,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Nothing has begun.
    Nobody,
    /// A request has begun.
    Caller,
    /// It was read by then, and has no answer yet.
    Ours(Instant),
    /// The answer is in the socket's buffer, and not on its way yet.
    Written,
}

/// What it means that a caller has ended its side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SideEnded {
    /// It is gone.
    Gone,
    /// It waits for an answer.
    Listens,
    /// That is known when what came of the request was looked at.
    Undecided,
}

/// Whose answer is being written.
#[derive(Clone, Debug)]
struct Writing {
    id: ConnectionId,
    cut: CancellationToken,
}

/// Events in an answer.
#[derive(Debug)]
struct Leaving {
    events: Handed,
    /// All of the answer is in the socket's buffer.
    are_in_buffer: bool,
}

impl Desk {
    pub(super) fn new(port: Arc<Port>, peer: IpAddr) -> Self {
        Self {
            port,
            peer,
            leaves: CancellationToken::new(),
            seat: OnceLock::new(),
            writing: watch::Sender::new(None),
            handed: Mutex::default(),
            line_is_next: AtomicBool::new(true),
            request: Mutex::default(),
            is_stuck: AtomicBool::new(false),
            turn: Mutex::new(Turn::Nobody),
            listens: CancellationToken::new(),
        }
    }

    /// It has shown that it may call: it needs a seat from now on.
    pub(super) fn sits(&self) -> Result<(), CallRefused> {
        if let Some(seat) = self.seat.get() {
            seat.asks();
            return Ok(());
        }
        let settings = &self.port.settings;
        let limit = settings.account.connection_limit(&settings.client);
        let seat = self.port.seats.take(limit, &self.leaves);
        let seat = seat.ok_or(ClientRefused::TooManyConnections { limit })?;
        let _only_one = self.seat.set(seat);
        let peer = self.peer.to_string();
        let client = &settings.client;
        settings
            .account
            .with(|hub, now| hub.token_was_shown(client, &peer, now));
        Ok(())
    }

    /// The owner is told of what was refused.
    pub(super) fn note(&self, refused: &CallRefused) {
        let settings = &self.port.settings;
        let (account, client) = (settings.account.name(), &settings.client);
        if let Some(notice) = refused.notice(self.peer, account, client) {
            settings.account.note_client(client, notice);
        }
    }

    /// An answer begins, which is `held` in the hub.
    pub(super) fn writes(&self, held: Option<&Connected>) {
        let writing = held.map(|held| Writing {
            id: held.id,
            cut: held.signals.cut.clone(),
        });
        self.writing.send_replace(writing);
    }

    /// An answer has ended; it is in the socket's buffer, if it is `whole`.
    pub(super) fn wrote(&self, whole: bool) {
        self.writing.send_replace(None);
        *self.lock_turn() = Turn::Written;
        if let Some(seat) = self.seat.get() {
            seat.is_answered();
        }
        let mut handed = self.lock_handed();
        if !whole {
            handed.pop_if(|leaving| !leaving.are_in_buffer);
        } else if let Some(leaving) = handed.last_mut() {
            leaving.are_in_buffer = true;
        }
    }

    /// The answer that begins has these events.
    pub(super) fn hands(&self, events: Handed) {
        self.lock_handed().push(Leaving {
            events,
            are_in_buffer: false,
        });
    }

    /// The socket's buffer has been given to the system.
    pub(super) fn flushed(&self) {
        let mut turn = self.lock_turn();
        if matches!(*turn, Turn::Written) {
            *turn = Turn::Nobody;
        }
        drop(turn);
        let mut handed = self.lock_handed();
        let gone = handed.extract_if(.., |leaving| leaving.are_in_buffer);
        gone.for_each(|leaving| leaving.events.arrived());
    }

    /// Waits until the hub ends what is being written.
    pub(super) async fn cut_while_writing(&self) {
        let mut writing = self.writing.subscribe();
        loop {
            let current = writing.borrow_and_update().clone();
            let cut = async {
                match current {
                    Some(writing) => writing.cut.cancelled().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                // Its sender is here.
                _ = writing.changed() => {}
                () = cut => return,
            }
        }
    }

    /// Nothing was taken of an answer for too long.
    pub(super) fn is_stuck(&self) {
        self.is_stuck.store(true, Ordering::Relaxed);
    }

    /// Tells of an answer that was not taken, if that has ended the socket.
    pub(super) fn tell_if_stuck(&self) {
        if !self.is_stuck.load(Ordering::Relaxed) {
            return;
        }
        let settings = &self.port.settings;
        if let Some(Writing { id, .. }) = self.writing.borrow().clone() {
            let cut = DisconnectReason::WriteTooSlow;
            settings.account.with(|hub, _| hub.cut_connection(id, cut));
        }
        let (peer, seconds) = (self.peer, WRITE_LIMIT.as_secs());
        let notice: Message = words::LostAnswer { peer, seconds }.into();
        settings.account.note_client(&settings.client, notice);
    }

    /// The HTTP library was given these bytes.
    pub(super) fn gives(&self, bytes: &[u8]) {
        self.lock_request().gives(bytes);
        let mut turn = self.lock_turn();
        if matches!(*turn, Turn::Nobody | Turn::Written) && !bytes.is_empty() {
            *turn = Turn::Caller;
        }
    }

    /// The caller has ended its side. Both who says no more and who is gone do that: the first one at once, the other
    /// one when it has waited for long enough.
    pub(super) fn side_ended(&self) -> SideEnded {
        let turn = *self.lock_turn();
        match turn {
            Turn::Caller => SideEnded::Undecided,
            Turn::Ours(_) | Turn::Written if self.listens.is_cancelled() => SideEnded::Listens,
            // Another request may have come with the one that was answered.
            Turn::Nobody if self.listens.is_cancelled() => SideEnded::Undecided,
            Turn::Ours(since) if since.elapsed() < SAYS_NO_MORE_WITHIN => {
                self.listens.cancel();
                SideEnded::Listens
            }
            Turn::Nobody | Turn::Ours(_) | Turn::Written => SideEnded::Gone,
        }
    }

    /// A request is read; its body was announced with so many bytes, if it did not come in chunks.
    pub(super) fn request_ends(&self, body: Option<u64>) {
        *self.lock_turn() = Turn::Ours(Instant::now());
        if self.lock_request().ends(body) {
            self.line_is_next.store(true, Ordering::Relaxed);
        }
    }

    /// Whether what comes next begins a request; told once.
    pub(super) fn takes_line(&self) -> bool {
        self.line_is_next.swap(false, Ordering::Relaxed)
    }

    fn lock_request(&self) -> MutexGuard<'_, RequestEnd> {
        self.request.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_handed(&self) -> MutexGuard<'_, Vec<Leaving>> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
