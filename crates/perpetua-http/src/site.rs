//! What every handler has at hand.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::{ApiNotices, Backend, HttpSettings, events::MAX_WATCHERS};

/// What the handlers share.
pub(crate) struct Site {
    pub(crate) backend: Arc<dyn Backend>,
    settings: watch::Receiver<HttpSettings>,
    /// Ends the streams of those who watch.
    pub(crate) cancel: CancellationToken,
    /// Places for those who watch.
    pub(crate) watchers: Arc<Semaphore>,
    /// What was refused.
    pub(crate) notices: ApiNotices,
}

impl Site {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        settings: watch::Receiver<HttpSettings>,
        notices: ApiNotices,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            backend,
            settings,
            cancel,
            notices,
            watchers: Arc::new(Semaphore::new(MAX_WATCHERS)),
        }
    }

    /// The rules of this moment; not to be held across an await.
    pub(crate) fn settings(&self) -> watch::Ref<'_, HttpSettings> {
        self.settings.borrow()
    }
}
