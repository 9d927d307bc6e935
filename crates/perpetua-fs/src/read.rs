//! Small files of ours, read whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use perpetua_words::{Message, io::NotRegular};

use crate::{FileAction, FileError, permit};

/// No file of state is longer; the longest, a listing of releases, has a few megabytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Opens a regular file, or what a symbolic link to one leads to; `None` if there is none. A pipe, a socket or a
/// device in its place is not opened: reading it may never end. One that comes there while this looks is opened
/// without waiting for it, and not read.
pub fn open_regular(path: &Path) -> Result<Option<File>, FileError> {
    open(path, Links::Followed)
}

/// The same, but a symbolic link is none of ours.
pub fn open_unlinked(path: &Path) -> Result<Option<File>, FileError> {
    open(path, Links::Refused)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

fn open(path: &Path, links: Links) -> Result<Option<File>, FileError> {
    let fail = |error| FileError::new(FileAction::Read, path, error);
    let looked_at = permit(FileAction::Read, path).and_then(|()| match links {
        Links::Followed => fs::metadata(path),
        Links::Refused => fs::symlink_metadata(path),
    });
    let opened = looked_at
        .and_then(|metadata| is_regular(&metadata))
        .and_then(|()| options(links).open(path));
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    // What was opened need not be what was looked at.
    let metadata = file.metadata().map_err(fail)?;
    is_regular(&metadata).map_err(fail)?;
    Ok(Some(file))
}

/// Fails with words where it is no regular file.
pub(crate) fn is_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if metadata.is_file() {
        return Ok(());
    }
    let words = Message::from(NotRegular);
    Err(io::Error::new(io::ErrorKind::InvalidInput, words))
}

/// How a file is opened so that nothing in its place is waited for.
#[cfg(unix)]
fn options(links: Links) -> OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if links == Links::Refused {
        flags |= OFlags::NOFOLLOW;
    }
    let mut options = File::options();
    // The bits are those of the system, whatever their sign.
    options.read(true).custom_flags(flags.bits().cast_signed());
    options
}

/// Opens the link itself where links are refused: the look at what was opened then sees that it is one.
#[cfg(windows)]
fn options(links: Links) -> OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let mut options = File::options();
    options.read(true);
    if links == Links::Refused {
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options
}

/// A whole file; `None` if there is none. What is no regular file, or has more than 16 MiB, is refused.
pub fn read_small(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    read_bounded(path, MOST_BYTES)
}

/// The same with a bound of one's own; bytes.
pub fn read_bounded(path: &Path, most: u64) -> Result<Option<Vec<u8>>, FileError> {
    let Some(file) = open_regular(path)? else {
        return Ok(None);
    };
    let fail = |error| FileError::new(FileAction::Read, path, error);
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > most {
        return Err(FileError::Other {
            action: FileAction::Read,
            path: path.to_owned(),
            cause: io::ErrorKind::FileTooLarge.into(),
        });
    }
    Ok(Some(bytes))
}
