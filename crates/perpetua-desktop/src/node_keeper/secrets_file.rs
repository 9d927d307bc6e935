//! The way out of a keyring that gives no secrets: a file for them, which the settings then name.

use perpetua_config::{
    SecretsBackend,
    edit::{EditError, set_secrets},
};
use perpetua_fs::Folders;
use perpetua_node::{NodePlace, Settings};
use perpetua_task::blocking;
use perpetua_words::{Message, desktop as words};

use super::rewrite;
use crate::StartFailure;

/// Whether the settings can be changed so; a node may run on them.
pub(super) async fn check(place: &NodePlace) -> Result<(), StartFailure> {
    let place = place.clone();
    blocking(move || rewrite::check(&place, in_file)).await
}

/// Writes into the settings that secrets are kept in a file, and says so. What the keyring has stays there.
pub(super) async fn choose(place: &NodePlace) -> Result<Message, StartFailure> {
    let place = place.clone();
    blocking(move || rewrite::rewrite(&place, in_file)).await
}

#[expect(clippy::unnecessary_wraps, reason = "other changes may be refused")]
fn in_file(
    folders: &Folders,
    settings: &Settings,
) -> Result<(Result<String, EditError>, Message), StartFailure> {
    let text = set_secrets(&settings.text, SecretsBackend::File);
    let path = &folders.secrets();
    Ok((text, words::SecretsInFile { path }.into()))
}
