//! What the messages of this node may hold together, and who gives way when it is more.
//!
//! What comes in is counted as soon as it is announced, and nothing else makes memory grow: so it is enough to
//! look again after every few megabytes what all accounts hold. Beyond the limit, the client whose messages hold the most loses the
//! connection that holds the most of it; whoever holds less notices nothing. An upstream goes last: all clients
//! of its account miss it.
//!
//! Whoever gives way holds its messages until its task has let go of them. Until then no large message is read or
//! copied: it is counted when it is announced, and waits for its room.

mod meter;

use std::sync::{
    Arc, Mutex, PoisonError, TryLockError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    AccountHandle,
    account::WeakAccount,
    state::{Holder, Most},
};

pub(crate) use meter::{ASK_EVERY, Meter, ROOM_WITHIN};

/// What may be held unless the settings say otherwise: `256MB`.
const DEFAULT_LIMIT: usize = 256_000_000;
/// As many frames of the greatest size fit whatever the limit: one that comes, one that waits, and both for
/// somebody else.
const LARGEST_FRAMES: usize = 4;
/// So many bytes may come in between two looks: few enough beside any limit, and enough that looking costs
/// nothing beside reading them.
const LOOK_EVERY: usize = 1 << 20;

/// What the messages of a node may hold; clones share it.
#[derive(Clone, Debug)]
pub struct FrameBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limit: AtomicUsize,
    /// What has come since the last look.
    unseen: AtomicUsize,
    /// What those hold who had to give way, and have not let go of it yet.
    leaving: AtomicUsize,
    accounts: Mutex<Vec<WeakAccount>>,
    /// Held by whoever looks.
    looking: Mutex<()>,
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl FrameBudget {
    /// Messages may hold so many bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                limit: AtomicUsize::new(limit),
                unseen: AtomicUsize::new(0),
                leaving: AtomicUsize::new(0),
                accounts: Mutex::default(),
                looking: Mutex::default(),
            }),
        }
    }

    /// Messages may hold so many bytes from now on.
    pub fn set_limit(&self, bytes: usize) {
        self.shared.limit.store(bytes, Ordering::Relaxed);
    }

    /// From now on this account is looked at too, for as long as it is there.
    pub(crate) fn join(&self, account: WeakAccount) {
        let accounts = &self.shared.accounts;
        let mut accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(WeakAccount::is_there);
        accounts.push(account);
    }

    /// Bytes came in. Not to be called while an account is locked.
    pub(crate) fn came(&self, bytes: usize) {
        let unseen = &self.shared.unseen;
        if unseen.fetch_add(bytes, Ordering::Relaxed) + bytes >= LOOK_EVERY {
            self.look();
        }
    }

    /// Somebody gives way that holds so much.
    fn leaves(&self, bytes: usize) {
        self.shared.leaving.fetch_add(bytes, Ordering::Relaxed);
    }

    /// It holds it no more.
    fn let_go(&self, bytes: usize) {
        self.shared.leaving.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether somebody gave way and has not let go yet of what it held.
    fn lacks_room(&self) -> bool {
        self.shared.leaving.load(Ordering::Relaxed) > 0
    }

    /// Has whoever holds the most give way until everybody together holds no more than they may.
    fn look(&self) {
        let _looking = match self.shared.looking.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        self.shared.unseen.store(0, Ordering::Relaxed);
        let accounts = self.accounts();
        let frame_sizes = accounts
            .iter()
            .map(|account| account.frame_limits().max_bytes);
        let frame = frame_sizes.max().unwrap_or_default();
        let frames = LARGEST_FRAMES.saturating_mul(frame);
        let limit = self.shared.limit.load(Ordering::Relaxed).max(frames);
        let held = || accounts.iter().map(AccountHandle::held_bytes);
        while held().sum::<usize>() > limit {
            match who_gives_way(&accounts, frame) {
                Some((account, holder)) => account.give_way(&holder),
                None => return,
            }
        }
    }

    fn accounts(&self) -> Vec<AccountHandle> {
        let accounts = &self.shared.accounts;
        let accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().filter_map(WeakAccount::get).collect()
    }
}

/// The client that holds the most. An upstream only where it holds more than any client, and no client more than
/// the one frame that everybody may send.
fn who_gives_way(accounts: &[AccountHandle], frame: usize) -> Option<(&AccountHandle, Holder)> {
    let most = |of: fn(&AccountHandle) -> Option<Most>| {
        let all = accounts.iter();
        let all = all.filter_map(move |account| Some((account, of(account)?)));
        all.max_by_key(|(_, most)| most.bytes)
    };
    let client = most(AccountHandle::largest_client);
    let clients_bytes = client.as_ref().map_or(0, |(_, most)| most.bytes);
    let upstream = most(AccountHandle::largest_upstream);
    let upstream =
        upstream.filter(|(_, most)| most.bytes > clients_bytes && clients_bytes <= frame);
    let (account, most) = upstream.or(client)?;
    Some((account, most.holder))
}
