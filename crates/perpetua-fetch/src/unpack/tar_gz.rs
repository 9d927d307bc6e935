//! `tar.gz`, read from its beginning to its last byte.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::read::GzDecoder;
use perpetua_words::{Message, install as words};
use tar::{Archive, EntryType};

use super::UnpackError;
use super::sink::{Sink, shown};

/// Zeros that may follow the end: `tar -b` makes blocks of up to this size.
const PADDING: u64 = 1024 * 1024;

/// What may stand between the contents of two files, in bytes: the names and notes there are read into memory whole.
const BETWEEN: u64 = 1024 * 1024;

pub(super) fn unpack(file: File, sink: &mut Sink<'_>) -> Result<(), UnpackError> {
    let left = Rc::new(Cell::new(BETWEEN));
    let mut archive = Archive::new(Limited {
        inner: GzDecoder::new(BufReader::new(file)),
        left: Rc::clone(&left),
    });
    let mut entries = archive.entries().map_err(damaged)?;
    loop {
        left.set(BETWEEN);
        let Some(entry) = entries.next() else {
            break;
        };
        let mut entry = entry.map_err(|error| match left.get() {
            0 => UnpackError::Unsupported("tar-header > 1 MiB".to_owned()),
            _ => damaged(error),
        })?;
        // The sink counts what is in it.
        left.set(u64::MAX);
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
    let mut rest = archive.into_inner().inner;
    let padding =
        io::copy(&mut rest.by_ref().take(PADDING + 1), &mut io::sink()).map_err(damaged)?;
    if padding > PADDING {
        return Err(UnpackError::Damaged(words::ArchiveTrailing.into()));
    }
    Ok(())
}

/// Gives no more than is left.
struct Limited<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let room = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = self.inner.read(&mut buffer[..room])?;
        self.left.set(left - count as u64);
        Ok(count)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn damaged(error: io::Error) -> UnpackError {
    UnpackError::Damaged(Message::from(&error))
}
