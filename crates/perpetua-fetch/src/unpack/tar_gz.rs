//! `tar.gz`, read from its beginning to its last byte.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::GzDecoder;
use perpetua_words::{Message, install as words};
use tar::{Archive, Entries, EntryType};

use super::UnpackError;
use super::sink::{Sink, shown};

/// Zeros that may follow the end: `tar -b` makes blocks of up to this size.
const PADDING: u64 = 1024 * 1024;

/// What may stand between the contents of two files, in bytes: the names and notes there are read into memory whole.
const BETWEEN: u64 = 1024 * 1024;

type Packed = Limited<GzDecoder<BufReader<File>>>;

pub(super) fn unpack(file: File, sink: &mut Sink<'_>) -> Result<(), UnpackError> {
    let left = Left {
        between: Rc::new(Cell::new(BETWEEN)),
        in_all: Rc::new(Cell::new(sink.all_bytes())),
    };
    let mut archive = Archive::new(Limited {
        inner: GzDecoder::new(BufReader::new(file)),
        left: left.clone(),
    });
    let entries = archive.entries().map_err(damaged)?;
    let unpacked = unpack_entries(entries, &left, sink).and_then(|()| {
        left.between.set(PADDING + 1);
        behind_the_end(archive.into_inner())
    });
    // Whoever was reading then says it in words of its own.
    if unpacked.is_err() && left.in_all.get() == 0 {
        return Err(sink.too_much());
    }
    unpacked
}

fn unpack_entries(
    mut entries: Entries<'_, Packed>,
    left: &Left,
    sink: &mut Sink<'_>,
) -> Result<(), UnpackError> {
    loop {
        left.between.set(BETWEEN);
        let Some(entry) = entries.next() else {
            return Ok(());
        };
        let mut entry = entry.map_err(|error| match left.between.get() {
            0 => UnpackError::Unsupported("tar-header > 1 MiB".to_owned()),
            _ => damaged(error),
        })?;
        // The sink counts what is in it.
        left.between.set(u64::MAX);
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
}

/// The archive ends before the compressed data does: only the last bytes hold the checksum. What is left has to be
/// the padding of `tar`, and nothing may follow the compressed data.
fn behind_the_end(mut rest: Packed) -> Result<(), UnpackError> {
    let trailing = || UnpackError::Damaged(words::ArchiveTrailing.into());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) if buffer[..count].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(trailing()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(trailing()),
            Err(error) => return Err(damaged(error)),
        }
    }
    let mut file = rest.inner.into_inner();
    match file.read(&mut buffer[..1]).map_err(damaged)? {
        0 => Ok(()),
        _ => Err(trailing()),
    }
}

/// How much may still be unpacked.
#[derive(Clone)]
struct Left {
    /// Before the next content of a file.
    between: Rc<Cell<u64>>,
    /// Of the whole archive.
    in_all: Rc<Cell<u64>>,
}

/// Gives no more than is left.
struct Limited<R> {
    inner: R,
    left: Left,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (between, in_all) = (self.left.between.get(), self.left.in_all.get());
        let left = between.min(in_all);
        if left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let room = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = self.inner.read(&mut buffer[..room])?;
        self.left.between.set(between - count as u64);
        self.left.in_all.set(in_all - count as u64);
        Ok(count)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn damaged(error: io::Error) -> UnpackError {
    UnpackError::Damaged(Message::from(&error))
}
