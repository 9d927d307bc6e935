//! What lies in the data folder, for its owner.

use std::path::{Path, PathBuf};

use perpetua_config::SecretsBackend;
use perpetua_fs::{Folders, free_space, size_of};
use perpetua_schema::{DataFacts, DataKind, DataUse, SecretsPlace};
use perpetua_task::blocking;

/// Where a node keeps things. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct DataPlace {
    pub(crate) folders: Folders,
    pub(crate) settings: PathBuf,
}

impl DataPlace {
    /// How much room everything takes, with secrets where the settings say.
    pub(crate) async fn facts(&self, secrets: SecretsBackend) -> DataFacts {
        let place = self.clone();
        blocking(move || place.look(secrets)).await
    }

    fn look(&self, secrets: SecretsBackend) -> DataFacts {
        let shown = |path: &Path| path.display().to_string();
        let folder = self.folders.data();
        let parts = [
            (DataKind::Cores, self.folders.core()),
            (DataKind::Accounts, self.folders.accounts()),
            (DataKind::Logs, self.folders.logs()),
        ];
        let mut uses: Vec<_> = parts
            .into_iter()
            .map(|(kind, folder)| DataUse {
                kind,
                bytes: size_of(&folder),
            })
            .collect();
        let known: u64 = uses.iter().map(|part| part.bytes).sum();
        uses.push(DataUse {
            kind: DataKind::Rest,
            bytes: size_of(folder).saturating_sub(known),
        });
        DataFacts {
            folder: shown(folder),
            settings: shown(&self.settings),
            settings_elsewhere: !whole(&self.settings).starts_with(whole(folder)),
            uses,
            free: free_space(folder),
            secrets: match secrets {
                SecretsBackend::Keyring => SecretsPlace::Keyring,
                SecretsBackend::File => SecretsPlace::File {
                    path: shown(&self.folders.secrets()),
                },
            },
        }
    }
}

/// A path from the root on, links followed where it is there.
fn whole(path: &Path) -> PathBuf {
    let found = path.canonicalize();
    found.unwrap_or_else(|_not_there| path.to_owned())
}
