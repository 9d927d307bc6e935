//! A record that was damaged: it is kept under another name, and the versions that it does not name are found again.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use perpetua_fs::{FileAction, FileError, free_name, rename_at_once};
use perpetua_words::{Message, install as words};
use serde_json::json;

use super::files::{Look, record_files};
use super::record::{FILE, Found, Record};
use super::{Entry, VersionsError, sweep::is_version};
use crate::Sha256;

/// The names of the core's program.
const PROGRAMS: [&str; 2] = ["Lagrange.OneBot", "Lagrange.OneBot.exe"];

/// Mends the record, and gives what its owner has to know of that. Only while nobody installs, and under the record's
/// lock.
pub(super) fn recover(folder: &Path) -> Result<Vec<Message>, VersionsError> {
    let mut told = Vec::new();
    let (mut record, is_whole) = match Record::find(folder)? {
        Found::Whole(record) => (record, true),
        Found::Absent => (Record::default(), false),
        Found::Damaged { record, cause } => {
            told.push(set_aside(&folder.join(FILE), cause)?);
            (record, false)
        }
    };
    let mut changed = !told.is_empty();
    if !is_whole {
        let found = find_versions(folder, &mut record)?;
        changed |= !record.found.is_empty();
        // Nothing goes back by itself to one that was only found.
        let is_found = |previous: &mut String| record.found.contains(previous);
        record.previous.take_if(is_found);
        if !found.is_empty() {
            let versions = found.join(", ");
            told.push(words::VersionsFound { versions }.into());
        }
    }
    if let Some(version) = record.lost_current() {
        let mut others = record.instead_of_current().into_iter();
        let other = others.find(|entry| entry.verify(folder, Look::AtTouched).is_ok());
        let other = other.map(|entry| entry.id.clone());
        record.current.clone_from(&other);
        record
            .previous
            .take_if(|previous| Some(&*previous) == other.as_ref());
        if let Some(used) = other {
            told.push(words::CurrentGone { used, version }.into());
        }
        changed = true;
    }
    if changed {
        record.write(folder)?;
    }
    for message in &told {
        tracing::warn!(%message, "the record of the installed cores was mended");
    }
    Ok(told)
}

/// Keeps what stands in the place of the record under a name that is free.
fn set_aside(path: &Path, cause: Message) -> Result<Message, FileError> {
    let kept = &free_name(path, ".damaged");
    rename_at_once(path, kept)?;
    Ok(words::RecordDamaged { cause, kept, path }.into())
}

/// Notes the versions that the folder has and the record does not, so that nothing sweeps them; those with their
/// program are entered. Gives the names of these.
fn find_versions(folder: &Path, record: &mut Record) -> Result<Vec<String>, FileError> {
    let entries =
        fs::read_dir(folder).map_err(|error| FileError::new(FileAction::Read, folder, error))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name().into_string().ok()?;
            (is_folder && is_version(&name) && record.entry(&name).is_err()).then_some(name)
        })
        .collect();
    names.sort();
    let mut found = Vec::new();
    for name in names {
        if let Some(entry) = found_entry(folder, &name) {
            record.installed.insert(0, entry);
            found.push(name.clone());
        }
        record.found.push(name);
    }
    Ok(found)
}

/// A version as far as its folder tells. Who vouched for it and where it came from nobody knows any more; its digest
/// is that of the program.
fn found_entry(folder: &Path, id: &str) -> Option<Entry> {
    let version = folder.join(id);
    let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|file| file.is_file());
    let program = PROGRAMS
        .into_iter()
        .find(|name| is_file(&version.join(name)))?;
    let path = version.join(program);
    let metadata = fs::metadata(&path).ok()?;
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let entry = json!({
        "id": id,
        "program": program,
        "sha256": Sha256::of_file(&path).ok()?,
        "origin": version,
        "size": metadata.len(),
        "commit": null,
        "installed_at": since.as_secs(),
        "files": record_files(&version).ok()?,
        "online": {},
    });
    serde_json::from_value(entry).ok()
}
