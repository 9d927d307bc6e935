//! Reading the settings file, whatever stands in its place.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use perpetua_schema::{ErrorCode, MAX_SETTINGS_BYTES, RpcError};
use perpetua_words::{Message, node as words};

/// The largest file that is read.
const MAX_BYTES: u64 = MAX_SETTINGS_BYTES as u64;

const MEGABYTES: usize = MAX_SETTINGS_BYTES >> 20;

/// Why the settings file cannot be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// There is none.
    Missing,
    /// There is something else, or it cannot be read.
    Unreadable(Message),
}

/// The bytes of the settings file. A pipe or a device in its place is not opened, because that may wait for
/// ever. Blocks.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Unreadable(Message::from(&error)),
    };
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ReadError::Unreadable(perpetua_words::io::NotRegular.into()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let mut limited = file.take(MAX_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if is_too_large(&bytes) {
        return Err(ReadError::Unreadable(
            words::SettingsTooLarge {
                megabytes: MEGABYTES,
            }
            .into(),
        ));
    }
    Ok(bytes)
}

/// Whether a file has more than [`MAX_SETTINGS_BYTES`], or a text that has: some encodings need less room than ours.
fn is_too_large(bytes: &[u8]) -> bool {
    let has_long_text = || perpetua_config::decode(bytes).is_ok_and(|text| is_too_long(&text));
    bytes.len() > MAX_SETTINGS_BYTES || (bytes.len() > MAX_SETTINGS_BYTES / 2 && has_long_text())
}

fn is_too_long(text: &str) -> bool {
    text.len() > MAX_SETTINGS_BYTES
}

/// Refuses a text that could not be read again once it is written.
pub(super) fn can_be_read_again(text: &str) -> Result<(), RpcError> {
    if !is_too_long(text) {
        return Ok(());
    }
    let megabytes = MEGABYTES;
    let words = words::SettingsTextTooLarge { megabytes };
    Err(RpcError::new(ErrorCode::InvalidSettings, words))
}

impl From<ReadError> for Message {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Missing => perpetua_words::io::NotFound.into(),
            ReadError::Unreadable(cause) => cause,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{MAX_BYTES, MAX_SETTINGS_BYTES, ReadError, can_be_read_again, read};

    #[test]
    fn what_is_no_file_or_too_large_is_named_and_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        assert!(matches!(read(&path), Err(ReadError::Missing)));
        fs::create_dir(&path).expect("a folder");
        assert_eq!(code(read(&path)), "io.not_regular");
        fs::remove_dir(&path).expect("removed");
        let file = fs::File::create(&path).expect("a file");
        file.set_len(MAX_BYTES + 1).expect("a sparse file");
        assert_eq!(code(read(&path)), "node.settings_too_large");
        fs::write(&path, "x").expect("written");
        assert_eq!(read(&path).expect("readable"), b"x");
    }

    #[test]
    fn what_can_be_read_can_be_written_in_every_encoding() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        let letters = MAX_SETTINGS_BYTES / "设".len();
        for (more, is_read) in [(0, true), (1, false)] {
            let text = "设".repeat(letters + more);
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for bytes in [
                text.clone().into_bytes(),
                [b"\xff\xfe", &utf16[..]].concat(),
            ] {
                fs::write(&path, bytes).expect("written");
                assert_eq!(read(&path).is_ok(), is_read, "{more}");
                assert_eq!(can_be_read_again(&text).is_ok(), is_read, "{more}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_in_its_place_is_not_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        assert_eq!(code(read(&path)), "io.not_regular");
    }

    fn code(read: Result<Vec<u8>, ReadError>) -> String {
        match read {
            Err(ReadError::Unreadable(message)) => message.code.to_string(),
            other => panic!("{other:?}"),
        }
    }
}
