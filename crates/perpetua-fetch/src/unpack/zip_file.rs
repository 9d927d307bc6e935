//! `zip`, by its directory at the end.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use perpetua_words::{Message, install as words};
use zip::ZipArchive;
use zip::result::ZipError;

use super::UnpackError;
use super::sink::{Sink, shown, text};

/// The file type in the rights of an entry that was packed on Unix, and those of files and folders.
const TYPE: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// The record at the end of an archive begins so, and is so long without its comment.
const END: &[u8; 4] = b"PK\x05\x06";
const END_LENGTH: u64 = 22;

pub(super) fn unpack(file: File, size: u64, sink: &mut Sink<'_>) -> Result<(), UnpackError> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    // The reader keeps one entry for each name, so it has to say whether there were more.
    if archive.has_duplicate_names() {
        return Err(UnpackError::Duplicate(words::ArchiveSameName.into()));
    }
    if archive.has_overlapping_entries().map_err(damaged)? {
        return Err(UnpackError::Damaged(words::ArchiveOverlap.into()));
    }
    let mut first = u64::MAX;
    for index in 0..archive.len() {
        sink.count()?;
        let mut entry = archive.by_index(index).map_err(damaged)?;
        first = first.min(entry.header_start());
        let path = entry.name_raw().to_vec();
        let kind = entry.unix_mode().map_or(0, |mode| mode & TYPE);
        match kind {
            0 | FILE | FOLDER if path.ends_with(b"/") => sink.folder(&path)?,
            0 | FILE => sink.file(&path, &mut entry)?,
            _ => return Err(UnpackError::Special(shown(&path))),
        }
    }
    if !archive.is_empty() && first > 0 {
        return Err(UnpackError::Damaged(words::ArchiveLeading.into()));
    }
    let comment = archive.comment().len() as u64;
    ends_with_its_record(archive.into_inner().into_inner(), size, comment)
}

/// Whether the last bytes of the file are the record that ends the archive, with its comment.
fn ends_with_its_record(mut file: File, size: u64, comment: u64) -> Result<(), UnpackError> {
    let broken = |error: std::io::Error| UnpackError::Damaged(Message::from(&error));
    let mut found = [0; 4];
    let at = size.saturating_sub(END_LENGTH + comment);
    file.seek(SeekFrom::Start(at)).map_err(broken)?;
    file.read_exact(&mut found).map_err(broken)?;
    if found == *END {
        Ok(())
    } else {
        Err(UnpackError::Damaged(words::ArchiveTrailing.into()))
    }
}

fn damaged(error: ZipError) -> UnpackError {
    match error {
        ZipError::UnsupportedArchive(what) => UnpackError::Unsupported(what.to_string()),
        other => UnpackError::Damaged(text(other.to_string())),
    }
}
