//! Posting events to a framework, one after the other.
//!
//! ```text
//! the id is known ─► in the hub ─► the oldest frame ─► posted ─► taken: the next one, and what the answer asks for
//!                                        ▲               │ cannot have been handled
//!                                        └──── wait ◄────┘
//! ```
//!
//! What waits, waits in the hub's queue, where the oldest events give way when it is full; only the one that is being
//! posted has left it. What a framework answers becomes actions of its own.

mod answer;
mod exchange;
mod request;
mod written;

use std::{borrow::Cow, collections::HashSet, pin::pin, slice, time::Duration};

use http::Uri;
use perpetua_hub::{
    AfterFailure, DisconnectReason, LogLine, Outgoing, PostFailure, PostState, PostTarget, Posted,
    QuickOrder, Taken, Visitor,
};
use perpetua_secrets::Secret;
use perpetua_task::{blocking, every};
use perpetua_tls::TlsClient;
use perpetua_words::{Message, post as words};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{AccountHandle, account::Connected};
use answer::{Wish, wish};
use exchange::{Answer, Failed, Post, exchange};
use request::Letter;

/// How long an event that is under way may go on when its client is closed.
const PARTING_LIMIT: Duration = Duration::from_secs(1);
/// A client whose queue was taken away is back after this: what took it away may be there still.
const BACK_AFTER: Duration = Duration::from_secs(1);
/// A larger event is signed beside the tasks that others wait for.
const SIGNED_AT_ONCE: usize = 1 << 20;

/// Where events are posted.
#[derive(Clone, Debug)]
pub struct PostSettings {
    /// `http://` or `https://`.
    pub url: String,
    /// What they are signed with.
    pub secret: Option<Secret>,
    /// How a target is spoken to over `https://`; without it there is only `http://`.
    pub tls: Option<TlsClient>,
}

/// Whether a target takes connections, over TLS where its address says so. Nothing is posted: nobody has said anything.
pub async fn reach_target(settings: &PostSettings) -> Result<(), PostFailure> {
    let to: Uri = settings.url.parse().unwrap_or_default();
    let _closed_at_once = exchange::reach(&to, settings.tls.as_ref()).await?;
    Ok(())
}

/// Posts the events of the account to a client until `no_more` is cancelled. What is in the hub by then is the hub's to
/// end, as the connections of any client; then this returns.
pub async fn post_events(
    account: AccountHandle,
    client: String,
    settings: PostSettings,
    seed: u64,
    no_more: CancellationToken,
) {
    let poster = Poster {
        to: settings.url.parse().unwrap_or_default(),
        account,
        client,
        settings,
        no_more,
    };
    let counts = poster
        .account
        .with(|hub, _| hub.post_counts(&poster.client));
    let mut course = Course {
        target: PostTarget::new(seed).counting_from(counts),
        told: HashSet::new(),
    };
    while poster.round(&mut course).await.is_some() {}
}

/// Whose events, and where to.
struct Poster {
    account: AccountHandle,
    client: String,
    to: Uri,
    settings: PostSettings,
    no_more: CancellationToken,
}

/// How it goes.
struct Course {
    target: PostTarget,
    /// The codes of what is said once.
    told: HashSet<Cow<'static, str>>,
}

/// One frame on its way.
struct Parcel<'a> {
    connected: &'a Connected,
    self_id: i64,
    letter: Letter,
    posted: Posted,
}

impl Poster {
    /// One stay in the hub; `None` once there is to be no more.
    async fn round(&self, course: &mut Course) -> Option<()> {
        if self.account.self_id().is_none() {
            course.target.unnamed();
        }
        self.show(course);
        let self_id = self.account.named(&self.no_more).await?;
        course.target.named();
        self.show(course);
        if let Some(connected) = self.let_in(self_id) {
            self.serve(&connected, self_id, course).await;
            self.note_cut(&connected);
        }
        let back = sleep(BACK_AFTER);
        self.no_more.run_until_cancelled(back).await
    }

    /// A place in the hub, unless it has been overtaken by other settings or another account.
    fn let_in(&self, self_id: i64) -> Option<Connected> {
        let connected = self
            .account
            .connect(&self.client, Visitor::default())
            .ok()?;
        // In this order: who ends the client cancels first, and cuts then; and an id changes before it cuts.
        let is_wanted = !self.no_more.is_cancelled();
        (is_wanted && self.account.self_id() == Some(self_id)).then_some(connected)
    }

    /// Posts what comes until the hub ends it.
    async fn serve(&self, connected: &Connected, self_id: i64, course: &mut Course) {
        let mut beats = every(connected.settings.heartbeat);
        loop {
            let now = self.account.now().instant;
            let pause = course.target.waits_until(now);
            let (frame, posted) = tokio::select! {
                biased;
                () = connected.signals.cut.cancelled() => return,
                () = sleep_until(pause.unwrap_or(now).into()), if pause.is_some() => continue,
                _ = beats.tick(), if course.target.takes_heartbeats(now) => {
                    match self.account.with(|hub, now| hub.take_heartbeat(connected.id, now)) {
                        Some(beat) => (beat, Posted::Heartbeat),
                        None => continue,
                    }
                }
                frame = next(connected) => match frame {
                    Some(frame) => (frame, Posted::Event),
                    None => return,
                },
            };
            let letter = self.letter(frame, connected).await;
            let parcel = Parcel {
                connected,
                self_id,
                letter,
                posted,
            };
            self.deliver(&parcel, course).await;
            connected.signals.meter.writes(&[]);
        }
    }

    /// Brings a frame into the form that is posted.
    async fn letter(&self, frame: Outgoing, connected: &Connected) -> Letter {
        let meter = &connected.signals.meter;
        meter.writes(slice::from_ref(&frame));
        let (text, secret) = (frame.into_bytes(), self.settings.secret.clone());
        let former = text.clone();
        let letter = if text.len() > SIGNED_AT_ONCE {
            blocking(move || Letter::new(&text, secret.as_ref())).await
        } else {
            Letter::new(&text, secret.as_ref())
        };
        // A frame that changes is nobody else's any more.
        if letter.body.as_ptr() != former.as_ptr() {
            meter.writes_own(letter.body.len());
            self.account.came(letter.body.len());
        }
        letter
    }

    /// Posts one frame until that has come to an end.
    async fn deliver(&self, parcel: &Parcel<'_>, course: &mut Course) {
        loop {
            let now = self.account.now().instant;
            if let Some(until) = course.target.waits_until(now) {
                let wait = sleep_until(until.into());
                let cut = &parcel.connected.signals.cut;
                if cut.run_until_cancelled(wait).await.is_none() {
                    let failure = self.interruption(parcel, false);
                    self.give_up(&failure, parcel.posted, course);
                    return;
                }
            }
            course.target.began();
            self.show(course);
            match self.attempt(parcel).await {
                Ok(answer) => {
                    self.took(parcel.posted, course);
                    self.heed(&answer, parcel, course).await;
                    return;
                }
                Err(Failed {
                    failure: failure @ PostFailure::Interrupted { .. },
                    ..
                }) => {
                    self.give_up(&failure, parcel.posted, course);
                    return;
                }
                Err(failed) => {
                    let after = self.failed(failed, parcel.posted, course);
                    if after == AfterFailure::Again {
                        continue;
                    }
                    self.note_over(after);
                    return;
                }
            }
        }
    }

    async fn attempt(&self, parcel: &Parcel<'_>) -> Result<Answer, Failed> {
        let post = Post {
            to: &self.to,
            self_id: parcel.self_id,
            letter: &parcel.letter,
            tls: self.settings.tls.as_ref(),
            meter: &parcel.connected.signals.meter,
        };
        let mut written = None;
        {
            let mut exchange = pin!(exchange(&post, &mut written));
            let ends = async {
                parcel.connected.signals.cut.cancelled().await;
                sleep(PARTING_LIMIT).await;
            };
            tokio::select! {
                biased;
                ended = &mut exchange => return ended,
                () = ends => {}
            }
        }
        let is_whole = written.is_some_and(|written| written.is_whole());
        Err(self.interruption(parcel, is_whole).into())
    }

    /// The hub has ended the client's place in it.
    fn interruption(&self, parcel: &Parcel<'_>, is_whole: bool) -> PostFailure {
        let id = parcel.connected.id;
        let cut = self.account.with(|hub, _| hub.cut_of(id));
        PostFailure::Interrupted { is_whole, cut }
    }

    fn took(&self, posted: Posted, course: &mut Course) {
        let before = course.target.state().clone();
        course.target.took(posted);
        self.show(course);
        self.tell(&before, &course.target);
    }

    fn failed(&self, failed: Failed, posted: Posted, course: &mut Course) -> AfterFailure {
        let before = course.target.state().clone();
        let now = self.account.now().instant;
        let after = course
            .target
            .failed(failed.failure, failed.asked, posted, now);
        self.show(course);
        self.tell(&before, &course.target);
        after
    }

    /// What we end ourselves.
    fn give_up(&self, failure: &PostFailure, posted: Posted, course: &mut Course) {
        let after = course.target.interrupted(failure, posted);
        self.show(course);
        self.note_over(after);
    }

    fn note_over(&self, after: AfterFailure) {
        if let AfterFailure::Over(Some(message)) = after {
            self.account.note_client(&self.client, message);
        }
    }

    /// Does what an answer asks for.
    async fn heed(&self, answer: &Answer, parcel: &Parcel<'_>, course: &mut Course) {
        let wish = match wish(answer) {
            Wish::Nothing => return,
            Wish::Lost(message) => {
                self.note_once(message, course);
                return;
            }
            Wish::Object(wish) => wish,
        };
        let (event, id) = (parcel.letter.body.clone(), parcel.connected.id);
        let size = wish.len();
        let order = if event.len() > SIGNED_AT_ONCE {
            blocking(move || order(&event, &wish)).await
        } else {
            order(&event, &wish)
        };
        let client = &self.client;
        let heeded = self
            .account
            .with(|hub, now| hub.heed(id, client, order, now));
        if let Err(cause) = heeded {
            self.note_refused(cause);
        }
        self.account.came(size);
    }

    /// What an answer asks for is not done. Of a client that is gone only the log can tell.
    fn note_refused(&self, cause: Message) {
        let client = &self.client;
        let message = Message::from(words::QuickRefused { cause });
        let is_there = self
            .account
            .with(|hub, _| hub.connection_limit(client).is_some());
        if is_there {
            self.account.note_client(client, message);
        } else {
            warn!(account = self.account.name(), client, "{message}");
        }
    }

    /// What each event would say again is said once.
    fn note_once(&self, message: Message, course: &mut Course) {
        if course.told.insert(message.code.clone()) {
            self.account.note_client(&self.client, message);
        }
    }

    /// Why the hub has taken the queue away, where that is the client's own doing.
    fn note_cut(&self, connected: &Connected) {
        let taken = self
            .account
            .with(|hub, now| hub.take_one(connected.id, now));
        let Taken::Over(Some(cut @ (DisconnectReason::QueueFull | DisconnectReason::HeldMost))) =
            taken
        else {
            return;
        };
        if let Some(notice) = cut.notice() {
            self.account.note_client(&self.client, notice);
        }
    }

    fn show(&self, course: &Course) {
        let (client, target) = (&self.client, &course.target);
        self.account
            .with(|hub, now| hub.set_post(client, target, now));
    }

    /// One line for each change of state.
    fn tell(&self, before: &PostState, target: &PostTarget) {
        let (account, client) = (self.account.name(), &self.client);
        let after = target.state();
        let has_changed = before.is_paused() != after.is_paused()
            || before.failure().is_some() != after.failure().is_some();
        if !has_changed && *before != PostState::Untried {
            return;
        }
        let Some(LogLine { left_out }) = self.account.client_line() else {
            return;
        };
        match after.failure() {
            None => info!(account, client, left_out, "the framework takes events"),
            Some(reason) if after.is_paused() => {
                let failures = target.failures();
                warn!(account, client, left_out, failures, %reason, "posting events is paused");
            }
            Some(PostFailure::NobodyHere) => {
                info!(
                    account,
                    client, left_out, "the framework is not started yet"
                );
            }
            Some(reason) => warn!(account, client, left_out, %reason, "an event was not taken"),
        }
    }
}

/// What is asked for about an event.
fn order(event: &[u8], wish: &str) -> Result<QuickOrder, Message> {
    let event = std::str::from_utf8(event).unwrap_or_default();
    QuickOrder::new(event, wish)
}

/// The next frame, once there is one; `None` when the hub has ended it. Safe to cancel.
async fn next(connected: &Connected) -> Option<Outgoing> {
    loop {
        match connected
            .account
            .with(|hub, now| hub.take_one(connected.id, now))
        {
            Taken::Frame(frame) => return Some(frame),
            Taken::Over(_) => return None,
            Taken::Nothing => connected.signals.wake.notified().await,
        }
    }
}
