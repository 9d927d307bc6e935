//! `tar.gz`, read from its beginning to its last byte.

use std::fs::File;
use std::io::{self, BufReader, Read};

use flate2::read::GzDecoder;
use perpetua_words::{Message, install as words};
use tar::{Archive, EntryType};

use super::UnpackError;
use super::sink::{Sink, shown};

/// Zeros that may follow the end: `tar -b` makes blocks of up to this size.
const PADDING: u64 = 1024 * 1024;

pub(super) fn unpack(file: File, sink: &mut Sink<'_>) -> Result<(), UnpackError> {
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        sink.count()?;
        let path = entry.path_bytes().into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => sink.file(&path, &mut entry)?,
            EntryType::Directory => sink.folder(&path)?,
            // What git and pax write before the first file: it names no file.
            EntryType::XGlobalHeader => {}
            _ => return Err(UnpackError::Special(shown(&path))),
        }
    }
    // The archive ends before the compressed data does: only the last bytes hold the checksum. What is left is
    // padding, so more of it than a block of `tar` is no archive of ours.
    let mut rest = archive.into_inner();
    let padding =
        io::copy(&mut rest.by_ref().take(PADDING + 1), &mut io::sink()).map_err(damaged)?;
    if padding > PADDING {
        return Err(UnpackError::Damaged(words::ArchiveTrailing.into()));
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn damaged(error: io::Error) -> UnpackError {
    UnpackError::Damaged(Message::from(&error))
}
