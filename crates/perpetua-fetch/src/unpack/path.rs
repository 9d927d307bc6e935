//! Paths from archives: only those that mean the same file, inside the folder, on every system.

use perpetua_words::Message;
use thiserror::Error;

/// Folders within folders; the core's archives have six.
const DEPTH: usize = 32;
/// Bytes of a whole path: with the data folder's it must stay within what systems allow.
const LENGTH: usize = 1024;
/// Bytes of one name, on every file system of note.
const NAME_LENGTH: usize = 255;

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a path of an archive is not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum PathRefusal {
    /// No UTF-8.
    NotUtf8,
    /// It starts at the root or at a drive.
    Absolute,
    /// It has `..` in it.
    Upwards,
    /// It has a character that some system refuses or takes for a separator.
    Character,
    /// It is a name of a device on Windows, or ends so that Windows changes it.
    Reserved,
    /// It is too long or too deep.
    TooLong,
    /// Nothing is left of it.
    Empty,
}

/// The names that a path of an archive consists of, outermost first; `.` and doubled slashes mean nothing.
pub fn inner_path(raw: &[u8]) -> Result<Vec<&str>, PathRefusal> {
    let path = str::from_utf8(raw).map_err(|_| PathRefusal::NotUtf8)?;
    if path.len() > LENGTH {
        return Err(PathRefusal::TooLong);
    }
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with(['/', '\\']) || drive {
        return Err(PathRefusal::Absolute);
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let names: Result<Vec<&str>, PathRefusal> = parts.map(checked).collect();
    let names = names?;
    match names.len() {
        0 => Err(PathRefusal::Empty),
        1..=DEPTH => Ok(names),
        _ => Err(PathRefusal::TooLong),
    }
}

fn checked(name: &str) -> Result<&str, PathRefusal> {
    if name == ".." {
        return Err(PathRefusal::Upwards);
    }
    let forbidden = |letter: char| letter.is_control() || r#"\:<>"|?*"#.contains(letter);
    if name.contains(forbidden) {
        return Err(PathRefusal::Character);
    }
    if name.len() > NAME_LENGTH {
        return Err(PathRefusal::TooLong);
    }
    if name.ends_with(['.', ' ']) || is_device(name) {
        return Err(PathRefusal::Reserved);
    }
    Ok(name)
}

/// `con`, `nul.txt`, `COM1`, `lpt9.log`, …
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let stem = stem.to_lowercase();
    let port = |prefix| {
        let number = stem.strip_prefix(prefix);
        number.is_some_and(|number| {
            let mut letters = number.chars();
            let is_one = letters
                .next()
                .is_some_and(|letter| matches!(letter, '0'..='9' | '¹' | '²' | '³'));
            is_one && letters.next().is_none()
        })
    };
    DEVICES.contains(&stem.as_str()) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::{PathRefusal, inner_path};

    #[test]
    fn the_paths_of_real_archives_are_taken() {
        let path = b"./Lagrange.OneBot/bin/Release/net9.0/linux-x64/publish/Lagrange.OneBot";
        let names = inner_path(path).expect("a good path");
        assert_eq!(names.first(), Some(&"Lagrange.OneBot"));
        assert_eq!(names.len(), 7);
    }

    #[test]
    fn each_way_out_is_refused_for_its_reason() {
        let cases: [(&[u8], PathRefusal); 18] = [
            (b"/etc/passwd", PathRefusal::Absolute),
            (b"\\\\server\\share", PathRefusal::Absolute),
            (b"C:/Windows/x", PathRefusal::Absolute),
            (b"c:x", PathRefusal::Absolute),
            (b"../x", PathRefusal::Upwards),
            (b"a/../../x", PathRefusal::Upwards),
            (b"a/..", PathRefusal::Upwards),
            (b"a\\..\\..\\x", PathRefusal::Character),
            (b"a/b:stream", PathRefusal::Character),
            (b"a\0b", PathRefusal::Character),
            (b"a\nb", PathRefusal::Character),
            (b"a/CON", PathRefusal::Reserved),
            (b"nul.txt", PathRefusal::Reserved),
            (b"Com1.log", PathRefusal::Reserved),
            (b"a/b./c", PathRefusal::Reserved),
            (b"a ", PathRefusal::Reserved),
            (b"./.", PathRefusal::Empty),
            (b"\xff", PathRefusal::NotUtf8),
        ];
        for (path, refusal) in cases {
            assert_eq!(inner_path(path), Err(refusal), "{}", path.escape_ascii());
        }
        assert_eq!(
            inner_path("a/".repeat(33).as_bytes()),
            Err(PathRefusal::TooLong)
        );
        assert_eq!(
            inner_path("a".repeat(256).as_bytes()),
            Err(PathRefusal::TooLong)
        );
        inner_path(b"console/compost/lpt10/com").expect("harmless names");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_inside(path in r"[a-zA-Z./\\: \x00-\x7f..…]{0,40}") {
            if let Ok(names) = inner_path(path.as_bytes()) {
                let joined: std::path::PathBuf = names.iter().collect();
                prop_assert!(Path::new(&joined).components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(joined.components().count(), names.len());
                prop_assert!(names.iter().all(|name| !name.contains(['\\', ':', '\0'])));
            }
        }

        #[test]
        fn bytes_of_any_kind_never_panic(path: Vec<u8>) {
            let _ = inner_path(&path);
        }

        #[test]
        fn a_way_up_anywhere_is_refused(before in "[a-z/]{0,8}", after in "[a-z/]{0,8}") {
            let path = format!("{before}/../{after}");
            prop_assert!(inner_path(path.as_bytes()).is_err());
        }
    }
}
