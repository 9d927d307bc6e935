//! From the arguments to the folders, the settings and the secrets of a node.

use perpetua_fs::Folders;
use perpetua_node::{FirstSettings, NodePlace, Settings, StartError, Tokens};

use perpetua_words::cli;

use crate::{arguments::PlaceArguments, failure::Failure};

impl From<&PlaceArguments> for NodePlace {
    fn from(arguments: &PlaceArguments) -> Self {
        Self {
            data_dir: arguments.data_dir.clone(),
            config: arguments.config.clone(),
        }
    }
}

/// The folders that the arguments mean; not made yet.
pub(crate) fn folders(place: &PlaceArguments) -> Result<Folders, StartError> {
    NodePlace::from(place).folders()
}

/// Refuses what asks about a node that was never set up: asking founds none.
pub(crate) fn is_set_up(place: &PlaceArguments, folders: &Folders) -> Result<(), Failure> {
    let named = place.config.clone();
    let path = named.clone().unwrap_or_else(|| folders.settings());
    // What cannot be looked at is told by whoever reads it.
    if path.try_exists().unwrap_or(true) {
        return Ok(());
    }
    if named.is_some() {
        return Err(StartError::NoSettings { path }.into());
    }
    let folder = folders.data();
    Err(Failure::unavailable(cli::NothingSetUp { folder }))
}

/// The settings that the arguments mean; written if this is the first start.
pub(crate) fn settings(place: &PlaceArguments, folders: &Folders) -> Result<Settings, StartError> {
    NodePlace::from(place).settings(folders, FirstSettings::Simulator)
}

/// The tokens that the settings speak of.
pub(crate) fn tokens(place: &PlaceArguments, folders: &Folders, settings: &Settings) -> Tokens {
    NodePlace::from(place).tokens(folders, settings)
}
