//! What a connection to a framework carries, and what the one for events knows of the one for actions.

use std::pin::pin;

use perpetua_hub::Role;
use tokio::sync::watch;

/// What a connection carries.
#[derive(Debug)]
pub(super) enum Half {
    /// Everything; there is no other one.
    Whole,
    /// Actions. It says whether it is in the hub.
    Api(watch::Sender<ApiHalf>),
    /// Events. It is told.
    Event(watch::Receiver<ApiHalf>),
}

/// Where the half for actions stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ApiHalf {
    is_open: bool,
    /// Counts its connections: one that has come after another is another one.
    generation: u64,
}

/// The two halves of one framework, that for actions first.
pub(super) fn halves() -> (Half, Half) {
    let (says, told) = watch::channel(ApiHalf::default());
    (Half::Api(says), Half::Event(told))
}

/// The half for actions is open; dropped, whatever the reason, it is not.
#[derive(Debug)]
pub(super) struct OpenHalf<'a>(Option<&'a watch::Sender<ApiHalf>>);

impl Half {
    /// What it is in the hub.
    pub(super) fn role(&self) -> Role {
        match self {
            Self::Whole => Role::Universal,
            Self::Api(_) => Role::Api,
            Self::Event(_) => Role::Event,
        }
    }

    /// What OneBot v11 calls it (`X-Client-Role`).
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Whole => "Universal",
            Self::Api(_) => "API",
            Self::Event(_) => "Event",
        }
    }

    /// A path of an address without what this half adds to it, and whether it is a half.
    pub(super) fn path_before<'a>(&self, path: &'a str) -> (&'a str, bool) {
        let added = match self {
            Self::Whole => return (path, false),
            Self::Api(_) => "/api",
            Self::Event(_) => "/event",
        };
        (path.strip_suffix(added).unwrap_or(path), true)
    }

    /// Whether the half is open that has to be open before.
    pub(super) fn may_dial(&self) -> bool {
        match self {
            Self::Whole | Self::Api(_) => true,
            Self::Event(told) => told.borrow().is_open,
        }
    }

    /// Waits until it may be dialled.
    pub(super) async fn opened(&self) {
        if let Self::Event(told) = self {
            let mut told = told.clone();
            // It ends only with the client, and then nobody waits for this.
            let _ended = told.wait_for(|api| api.is_open).await;
        }
    }

    /// This half is in the hub for as long as what is given lives.
    pub(super) fn open(&self) -> OpenHalf<'_> {
        OpenHalf(match self {
            Self::Api(says) => {
                says.send_modify(|api| {
                    api.is_open = true;
                    api.generation += 1;
                });
                Some(says)
            }
            Self::Whole | Self::Event(_) => None,
        })
    }

    /// Runs what serves this half, to its own end, and calls `cut` once if the half before it ends meanwhile.
    pub(super) async fn until_other_ends<T>(
        &self,
        serving: impl Future<Output = T>,
        cut: impl FnOnce(),
    ) -> T {
        let Self::Event(told) = self else {
            return serving.await;
        };
        let (mut serving, mut told) = (pin!(serving), told.clone());
        let before = *told.borrow();
        let has_ended = |api: &ApiHalf| !before.is_open || *api != before;
        tokio::select! {
            biased;
            served = &mut serving => return served,
            _closed_or_gone = told.wait_for(has_ended) => cut(),
        }
        serving.await
    }
}

impl Drop for OpenHalf<'_> {
    fn drop(&mut self) {
        if let Some(says) = self.0 {
            says.send_modify(|api| api.is_open = false);
        }
    }
}
