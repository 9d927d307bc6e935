//! What every handler has at hand.

use std::sync::Arc;

use perpetua_access::WaitingRoom;
use perpetua_task::SupervisedTasks;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::{ApiNotices, Backend, HttpSettings, Pages, SignIn, events::MAX_WATCHERS};

/// What an HTTP side is made of.
#[derive(Clone)]
pub struct HttpParts {
    /// The node behind it.
    pub backend: Arc<dyn Backend>,
    /// A change holds from the next request on; the last value stays when the sender is gone.
    pub settings: watch::Receiver<HttpSettings>,
    /// Is told what was refused.
    pub notices: ApiNotices,
    /// Room for those who have connected and asked for nothing yet.
    pub waiting: WaitingRoom,
    /// How browsers sign in.
    pub sign_in: SignIn,
    /// What they are shown.
    pub pages: Pages,
}

/// What the handlers share.
pub(crate) struct Site {
    pub(crate) backend: Arc<dyn Backend>,
    settings: watch::Receiver<HttpSettings>,
    /// Ends the streams of those who watch.
    pub(crate) cancel: CancellationToken,
    /// What outlives the request that began it.
    pub(crate) tasks: SupervisedTasks,
    /// Places for those who watch.
    pub(crate) watchers: Arc<Semaphore>,
    /// What was refused.
    pub(crate) notices: ApiNotices,
    pub(crate) sign_in: SignIn,
    /// The name of the cookie: nodes on several ports of a host each have their own.
    pub(crate) cookie: String,
    pub(crate) pages: Pages,
}

impl Site {
    pub(crate) fn new(parts: HttpParts, port: u16, cancel: CancellationToken) -> Self {
        Self {
            backend: parts.backend,
            settings: parts.settings,
            cancel,
            // The log has it; whoever had asked was answered before.
            tasks: SupervisedTasks::new(|_panicked| {}),
            notices: parts.notices,
            watchers: Arc::new(Semaphore::new(MAX_WATCHERS)),
            sign_in: parts.sign_in,
            cookie: format!("perpetua-{port}"),
            pages: parts.pages,
        }
    }

    /// The rules of this moment; not to be held across an await.
    pub(crate) fn settings(&self) -> watch::Ref<'_, HttpSettings> {
        self.settings.borrow()
    }
}
