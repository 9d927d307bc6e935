//! What of a stranger's folder is read: nothing that lies elsewhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use perpetua_words::{Message, import as words};

/// Where the settings of an installation, or a usual name, lead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Nothing is there.
    Nowhere,
    /// It leads out of the folder, by its path or by a link, and is not touched.
    Outside,
    /// It is in the folder; the path has no links below it.
    Inside(PathBuf),
}

impl Place {
    /// Looks where a path leads. A relative one starts at the folder.
    pub(super) fn of(folder: &Path, named: &str) -> Self {
        let path = folder.join(named);
        match fs::symlink_metadata(&path) {
            Ok(_) => {}
            // Whether something is there does not matter where it would not be read.
            Err(error) if error.kind() == io::ErrorKind::NotFound && stays(named) => {
                return Self::Nowhere;
            }
            Err(_) => return Self::Outside,
        }
        let (Ok(real), Ok(around)) = (path.canonicalize(), folder.canonicalize()) else {
            return Self::Outside;
        };
        match real.strip_prefix(around) {
            Ok(below) => Self::Inside(folder.join(below)),
            Err(_) => Self::Outside,
        }
    }

    /// The path, if it may be read; else that is told where something was to be read.
    pub(super) fn told(self, named: &str, remarks: &mut Vec<Message>) -> Option<PathBuf> {
        match self {
            Self::Inside(path) => Some(path),
            Self::Nowhere => None,
            Self::Outside => {
                remarks.push(words::LeadsOut { path: named }.into());
                None
            }
        }
    }

    /// The path, if it may be read.
    pub(super) fn inside(self) -> Option<PathBuf> {
        match self {
            Self::Inside(path) => Some(path),
            Self::Nowhere | Self::Outside => None,
        }
    }
}

/// Whether a path by its words alone stays below where it starts.
fn stays(named: &str) -> bool {
    use std::path::Component;
    Path::new(named)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Place;

    #[test]
    fn what_leads_out_by_its_words_is_outside_whether_it_is_there_or_not() {
        let above = tempfile::tempdir().expect("a folder");
        let folder = above.path().join("lagrange");
        fs::create_dir_all(folder.join("login")).expect("folders");
        fs::write(above.path().join("keystore.json"), "{}").expect("a file");
        fs::write(folder.join("login/keystore.json"), "{}").expect("a file");
        let absolute = above.path().join("keystore.json");
        let absolute = absolute.to_str().expect("text");
        for named in [
            "../keystore.json",
            "../none.json",
            "login/../../keystore.json",
            absolute,
            "/etc/hostname",
            "/nowhere/keystore.json",
        ] {
            assert_eq!(Place::of(&folder, named), Place::Outside, "{named}");
        }
        let inside = folder.join("login").join("keystore.json");
        for named in [
            "login/keystore.json",
            "./login/./keystore.json",
            "login/../login/keystore.json",
            inside.to_str().expect("text"),
        ] {
            assert_eq!(
                Place::of(&folder, named),
                Place::Inside(inside.clone()),
                "{named}"
            );
        }
        for named in ["keystore.json", "login/none.json"] {
            assert_eq!(Place::of(&folder, named), Place::Nowhere, "{named}");
        }
    }
}
