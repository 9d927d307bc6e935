//! The `AppImage` that runs us, if one does. A program that is started from within another one inherits
//! that one's variables, so they count only where this program lies in what they name.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// An image and the folder where it is unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppImage {
    /// The file that a person has.
    pub(crate) file: Option<PathBuf>,
    /// What is in it, gone after the session.
    pub(crate) folder: PathBuf,
}

impl AppImage {
    /// The one that runs this program.
    pub(crate) fn this() -> Option<Self> {
        Self::around(&env::current_exe().ok()?, |name| env::var_os(name))
    }

    fn around(program: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let path = |name| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let folder = path("APPDIR").filter(|folder| program.starts_with(folder))?;
        let file = path("APPIMAGE");
        Some(Self { file, folder })
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::AppImage;

    #[test]
    fn an_image_is_ours_only_where_this_program_lies_in_it() {
        let around = |program: &str, folder: &str| {
            AppImage::around(Path::new(program), |name| {
                let value = match name {
                    "APPDIR" => folder,
                    _ => "/opt/a b.AppImage",
                };
                Some(value.into())
            })
        };
        let ours = AppImage {
            file: Some(PathBuf::from("/opt/a b.AppImage")),
            folder: PathBuf::from("/tmp/.mount_a"),
        };
        let inside = "/tmp/.mount_a/usr/bin/perpetua";
        assert_eq!(around(inside, "/tmp/.mount_a"), Some(ours));
        assert_eq!(around("/usr/bin/perpetua", "/tmp/.mount_editor"), None);
        assert_eq!(around(inside, ""), None);
    }
}
