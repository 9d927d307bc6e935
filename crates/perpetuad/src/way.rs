//! Two ways to carry out a call: through the running node, or on its data folder when no node runs.

use std::time::Duration;

use perpetua_fs::FolderLock;
use perpetua_node::Offline;
use perpetua_schema::{CallError, Method};
use tokio::runtime::{Builder, Runtime};

use crate::{arguments::PlaceArguments, failure::Failure, place, remote::Remote};

/// How a command reaches the data folder.
#[derive(Debug)]
pub(crate) enum Way {
    /// A node runs there and does it.
    Node(Remote),
    /// Nobody runs there: it is done here, under the folder's lock.
    Folder {
        offline: Box<Offline>,
        runtime: Runtime,
    },
}

impl Way {
    /// Through the node if one runs, else on the folder.
    pub(crate) fn find(place: &PlaceArguments) -> Result<Self, Failure> {
        let folders = place::folders(place)?;
        if let Ok(remote) = Remote::find(&folders) {
            return Ok(Self::Node(remote));
        }
        folders.create()?;
        let lock = FolderLock::acquire(&folders)?;
        let settings = place::settings(place, &folders)?;
        let tokens = place::tokens(place, &folders, &settings);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let offline = runtime.block_on(Offline::open(folders, lock, settings, tokens))?;
        Ok(Self::Folder {
            offline: Box::new(offline),
            runtime,
        })
    }

    /// Carries out one call.
    pub(crate) fn call<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        match self {
            Self::Node(remote) => remote.call(call),
            Self::Folder { offline, runtime } => Ok(runtime.block_on(offline.call(call))?),
        }
    }

    /// Lets time pass; what was begun on the folder goes on meanwhile.
    pub(crate) fn pause(&self, duration: Duration) {
        match self {
            Self::Node(remote) => remote.pause(duration),
            Self::Folder { runtime, .. } => {
                runtime.block_on(async { tokio::time::sleep(duration).await });
            }
        }
    }
}
