//! Reading the settings file, whatever stands in its place.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use perpetua_words::{Message, node as words};

/// The largest file that is read: many times what any node needs.
const MAX_BYTES: u64 = 8 << 20;

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
        return Err(ReadError::Unreadable(words::SettingsNoFile.into()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let mut limited = file.take(MAX_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        let megabytes = MAX_BYTES >> 20;
        return Err(ReadError::Unreadable(
            words::SettingsTooLarge { megabytes }.into(),
        ));
    }
    Ok(bytes)
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

    use super::{MAX_BYTES, ReadError, read};

    #[test]
    fn what_is_no_file_or_too_large_is_named_and_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        assert!(matches!(read(&path), Err(ReadError::Missing)));
        fs::create_dir(&path).expect("a folder");
        assert_eq!(code(read(&path)), "node.settings_no_file");
        fs::remove_dir(&path).expect("removed");
        let file = fs::File::create(&path).expect("a file");
        file.set_len(MAX_BYTES + 1).expect("a sparse file");
        assert_eq!(code(read(&path)), "node.settings_too_large");
        fs::write(&path, "x").expect("written");
        assert_eq!(read(&path).expect("readable"), b"x");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_in_its_place_is_not_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        assert_eq!(code(read(&path)), "node.settings_no_file");
    }

    fn code(read: Result<Vec<u8>, ReadError>) -> String {
        match read {
            Err(ReadError::Unreadable(message)) => message.code.to_string(),
            other => panic!("{other:?}"),
        }
    }
}
