//! Where one start of a core asks for signatures.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared},
};
use perpetua_lagrange::{AppInfo, CoreProtocol, ResolvedSigner, SignerUrl, SignerUrlError};
use perpetua_lifecycle::SignerProblem;
use perpetua_secrets::{Secret, SecretError, generate_token};
use perpetua_task::GapWatch;
use perpetua_words::Message;
use tokio::{sync::watch, time::Instant};

use crate::{
    ProbeReport, Prober, SignerAnswer, SignerFault, SignerFigures, choose::named, judge::Told,
};

mod contest;

/// How long a signer that signed for another version than it had said is left alone.
const MISFIT: Duration = Duration::from_mins(1);

/// What a start of a core is told, and who signs for it.
#[derive(Clone, Debug)]
pub struct DeskStart {
    /// The account's name, for the log.
    pub account: String,
    /// What the core is told that it is; complete.
    pub app_info: AppInfo,
    /// The account's protocol, where that does not say it.
    pub protocol: CoreProtocol,
    /// Who may sign, the most wanted first.
    pub signers: Vec<ResolvedSigner>,
    /// How long a signer may be silent before the next one is asked as well.
    pub patience: Duration,
}

/// How a desk does; published before and after each request.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeskView {
    /// Who has signed last, and how long that took.
    pub in_use: Option<ProbeReport>,
    /// Why the last request was not signed.
    pub problem: Option<SignerProblem>,
    /// How many requests have ended, signed or not.
    pub answered: u64,
    /// Since when the core has waited for a signature; the oldest of the requests under way.
    pub waiting_since: Option<std::time::Instant>,
    /// All who may sign, in the order of the settings.
    pub signers: Vec<DeskSigner>,
}

/// One of those who may sign, and what was measured of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskSigner {
    /// Its name.
    pub name: String,
    /// For all accounts of the node.
    pub figures: SignerFigures,
}

/// The desks of a node. A cheap clone.
#[derive(Clone, Debug)]
pub struct Desks(Arc<Room>);

#[derive(Debug)]
struct Room {
    prober: Arc<Prober>,
    /// Where the server listens on the loopback address.
    port: u16,
    /// One for each account whose core runs.
    open: Mutex<Vec<Arc<Counter>>>,
}

/// The desk of one start of a core. Whoever asks there finds nothing once it is dropped.
#[derive(Debug)]
pub struct Desk {
    counter: Arc<Counter>,
    room: Desks,
    url: SignerUrl,
}

/// A desk cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
pub enum DeskError {
    /// The system has no randomness for its address.
    Random(SecretError),
    /// Its address is none.
    Address(SignerUrlError),
}

impl From<&DeskError> for Message {
    fn from(error: &DeskError) -> Self {
        match error {
            DeskError::Random(error) => error.into(),
            DeskError::Address(error) => error.into(),
        }
    }
}

/// What becomes of a request: the answer for the core, or why there is none.
pub(crate) type Signed = Result<Bytes, SignerProblem>;
type Asked = Shared<BoxFuture<'static, Signed>>;

/// A desk as the server sees it.
pub(crate) struct Counter {
    account: String,
    secret: Secret,
    told: Told,
    app_info: Bytes,
    prober: Arc<Prober>,
    orders: Mutex<Orders>,
    /// Those who signed for another client than they had said, and when; few, for so are signers.
    misfits: Mutex<HashMap<SignerUrl, (SignerFault, Instant)>>,
    /// The requests under way; each belongs to a connection, of which there is a limit.
    under_way: Mutex<HashMap<Bytes, WeakShared<BoxFuture<'static, Signed>>>>,
    /// When those began that are run, the oldest first.
    began: Mutex<Vec<Instant>>,
    view: watch::Sender<DeskView>,
}

/// What may change while a core runs.
#[derive(Debug)]
struct Orders {
    signers: Vec<ResolvedSigner>,
    patience: Duration,
}

impl Desks {
    /// The desks at a server that listens on this port of the loopback address.
    pub fn new(prober: Arc<Prober>, port: u16) -> Self {
        Self(Arc::new(Room {
            prober,
            port,
            open: Mutex::default(),
        }))
    }

    /// What was measured of these signers, in their order.
    pub fn times(&self, signers: &[ResolvedSigner]) -> Vec<DeskSigner> {
        times(signers, &self.0.prober)
    }

    /// Opens one for a start of a core.
    pub fn begin(&self, start: DeskStart) -> Result<Desk, DeskError> {
        let secret = generate_token().map_err(DeskError::Random)?;
        let url = format!("http://127.0.0.1:{}/{}", self.0.port, secret.expose());
        let url = SignerUrl::new(&url).map_err(DeskError::Address)?;
        let orders = Orders {
            signers: start.signers,
            patience: start.patience,
        };
        let counter = Arc::new(Counter {
            account: start.account,
            secret,
            told: Told::of(&start.app_info, start.protocol),
            app_info: start.app_info.to_json().into(),
            prober: Arc::clone(&self.0.prober),
            view: watch::Sender::new(DeskView {
                signers: times(&orders.signers, &self.0.prober),
                ..DeskView::default()
            }),
            orders: Mutex::new(orders),
            misfits: Mutex::default(),
            under_way: Mutex::default(),
            began: Mutex::default(),
        });
        lock(&self.0.open).push(Arc::clone(&counter));
        let room = self.clone();
        Ok(Desk { counter, room, url })
    }

    /// The gaps in this process's own time.
    pub(crate) fn gaps(&self) -> GapWatch {
        self.0.prober.asker.gaps.clone()
    }

    /// The desk with this secret. How long it takes does not tell how much of a secret was right.
    pub(crate) fn find(&self, shown: &[u8]) -> Option<Arc<Counter>> {
        let mut found = None;
        for counter in lock(&self.0.open).iter() {
            if counter.secret.matches(shown) {
                found = Some(Arc::clone(counter));
            }
        }
        found
    }
}

impl Desk {
    /// The address for the core, secret as it is.
    pub fn url(&self) -> &SignerUrl {
        &self.url
    }

    /// The version of QQ that the core was told.
    pub fn version(&self) -> &str {
        &self.counter.told.version
    }

    /// How it does.
    pub fn view(&self) -> watch::Receiver<DeskView> {
        self.counter.view.subscribe()
    }

    /// From now on these sign. What one said that was at another address says nothing of it.
    pub fn change(&self, signers: Vec<ResolvedSigner>, patience: Duration) {
        let orders = Orders { signers, patience };
        let former = std::mem::replace(&mut *lock(&self.counter.orders), orders);
        for one in &lock(&self.counter.orders).signers {
            let by_name = former.signers.iter().find(|other| other.name == one.name);
            if by_name.is_some_and(|other| other.url != one.url) {
                self.counter.prober.forget(&one.name);
            }
        }
        self.counter.publish(|_| {});
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let mut open = lock(&self.room.0.open);
        open.retain(|counter| !Arc::ptr_eq(counter, &self.counter));
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Counter")
            .field("account", &self.account)
            .field("told", &self.told)
            .finish_non_exhaustive()
    }
}

impl Counter {
    /// What the core is told that it is.
    pub(crate) fn app_info(&self) -> Bytes {
        self.app_info.clone()
    }

    /// Has a question signed. One that is asked again while it is under way is joined; it ends when
    /// nobody waits for it any more.
    pub(crate) fn sign(self: &Arc<Self>, question: Bytes) -> Asked {
        let mut under_way = lock(&self.under_way);
        under_way.retain(|_, asked| asked.upgrade().is_some());
        if let Some(asked) = under_way.get(&question).and_then(WeakShared::upgrade) {
            return asked;
        }
        let contest = Arc::clone(self).contest(question.clone());
        let asked = contest.boxed().shared();
        under_way.extend(asked.downgrade().map(|asked| (question, asked)));
        asked
    }

    /// Who may sign, the most wanted first, and why others may not.
    fn candidates(&self) -> (Vec<ResolvedSigner>, Vec<Message>) {
        let now = Instant::now();
        let signers = lock(&self.orders).signers.clone();
        let (mut fitting, mut unfit) = (Vec::new(), Vec::new());
        for signer in signers {
            match self.misfit(&signer, now) {
                None => fitting.push(signer),
                Some(fault) => unfit.push(named(&signer.name, &fault)),
            }
        }
        let records = &self.prober.asker.records;
        fitting.sort_by_key(|signer| records.of(&signer.url).standing(now));
        (fitting, unfit)
    }

    /// Why a signer signs for another client, by what it said last; `None` too where nobody knows.
    fn misfit(&self, signer: &ResolvedSigner, now: Instant) -> Option<SignerFault> {
        let misfit = lock(&self.misfits).get(&signer.url).cloned();
        // It may have signed as it should since, when it was probed.
        let still_fails = self.prober.asker.records.of(&signer.url).fails();
        let is_recent = |at: Instant| now.duration_since(at) < MISFIT;
        if let Some((fault, _)) = misfit.filter(|(_, at)| still_fails && is_recent(*at)) {
            return Some(fault);
        }
        match self.prober.last(signer)?.report.answer {
            Ok(said) => {
                let (platform, version) = (said.platform.as_deref(), said.version.as_deref());
                self.told.fits(platform, version).err()
            }
            // It was asked for an account that may use another protocol.
            Err(SignerFault::OtherPlatform { theirs, .. }) => {
                self.told.fits(Some(&theirs), None).err()
            }
            Err(_) => None,
        }
    }

    /// What the signer that has just signed is shown as.
    fn report(&self, signer: &ResolvedSigner, took: Duration) -> ProbeReport {
        let last = self.prober.last(signer).map(|last| last.report.answer);
        let signs = SignerAnswer {
            version: Some(self.told.version.clone()),
            platform: Some(self.told.protocol.name().to_owned()),
            ..SignerAnswer::default()
        };
        let said = last.and_then(Result::ok).unwrap_or(signs);
        ProbeReport::of(signer, took, Ok(said))
    }

    fn publish(&self, change: impl FnOnce(&mut DeskView)) {
        let signers = times(&lock(&self.orders).signers, &self.prober);
        let oldest = lock(&self.began).first().map(|began| began.into_std());
        self.view.send_modify(|view| {
            view.signers = signers;
            view.waiting_since = oldest;
            change(view);
        });
    }
}

fn times(signers: &[ResolvedSigner], prober: &Prober) -> Vec<DeskSigner> {
    let times = |signer: &ResolvedSigner| DeskSigner {
        name: signer.name.clone(),
        figures: prober.figures(&signer.url),
    };
    signers.iter().map(times).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
