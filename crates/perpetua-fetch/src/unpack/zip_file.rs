//! `zip`, by its directory at the end.

use std::fs::File;
use std::io::BufReader;

use perpetua_words::install as words;
use zip::ZipArchive;
use zip::result::ZipError;

use super::UnpackError;
use super::sink::{Sink, shown, text};

/// The file type in the rights of an entry that was packed on Unix, and those of files and folders.
const TYPE: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

pub(super) fn unpack(file: File, sink: &mut Sink<'_>) -> Result<(), UnpackError> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    // The reader keeps one entry for each name, so it has to say whether there were more.
    if archive.has_duplicate_names() {
        return Err(UnpackError::Duplicate(words::ArchiveSameName.into()));
    }
    if archive.has_overlapping_entries().map_err(damaged)? {
        return Err(UnpackError::Damaged(words::ArchiveOverlap.into()));
    }
    for index in 0..archive.len() {
        sink.count()?;
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let path = entry.name_raw().to_vec();
        let kind = entry.unix_mode().map_or(0, |mode| mode & TYPE);
        match kind {
            0 | FILE | FOLDER if path.ends_with(b"/") => sink.folder(&path)?,
            0 | FILE => sink.file(&path, &mut entry)?,
            _ => return Err(UnpackError::Special(shown(&path))),
        }
    }
    Ok(())
}

fn damaged(error: ZipError) -> UnpackError {
    match error {
        ZipError::UnsupportedArchive(what) => UnpackError::Unsupported(what.to_string()),
        other => UnpackError::Damaged(text(other.to_string())),
    }
}
