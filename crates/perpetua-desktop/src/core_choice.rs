//! Which file becomes a core: what the system's dialog says, and what the page is told of the answer.

use std::path::Path;

use perpetua_schema::{ErrorCode, RpcError};
use perpetua_words::{Language, Message, desktop as words};
use serde::{Deserialize, Serialize};

/// The dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreChoice {
    /// What it is for.
    pub title: String,
    /// What the files are called that it shows.
    pub archives: String,
}

/// See [`crate::ShellCall::ChooseCore`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenFile {
    /// Where it is; absent when none was chosen.
    pub path: Option<String>,
}

impl CoreChoice {
    /// How the files end that it shows.
    pub const ENDINGS: [&'static str; 3] = ["zip", "gz", "tgz"];

    /// In a language.
    pub fn new(language: Language) -> Self {
        let say = |message: Message| message.in_language(language);
        Self {
            title: say(words::ChooseCore.into()),
            archives: say(words::Archives.into()),
        }
    }
}

impl ChosenFile {
    /// What the dialog gave. A path that is no text cannot be said in a call, and is refused.
    pub fn new(chosen: Option<&Path>) -> Result<Self, RpcError> {
        let text = |path: &Path| {
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| {
                let path = path.to_string_lossy();
                RpcError::new(ErrorCode::BadRequest, words::CoreNoText { path: &*path })
            })
        };
        let path = chosen.map(text).transpose()?;
        Ok(Self { path })
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, path::Path};

    use perpetua_schema::ErrorCode;
    use perpetua_words::Language;

    use super::{ChosenFile, CoreChoice};

    #[test]
    fn the_dialog_speaks_the_language_of_the_tray() {
        let (chinese, english) = (
            CoreChoice::new(Language::Chinese),
            CoreChoice::new(Language::English),
        );
        assert!(chinese.title.contains("Lagrange.OneBot"), "{chinese:?}");
        assert_ne!(chinese.title, english.title);
        assert_ne!(chinese.archives, english.archives);
    }

    #[test]
    fn a_file_that_was_chosen_is_its_path_and_none_is_none() {
        let path = Path::new("/home/我/core.tar.gz");
        let chosen = ChosenFile::new(Some(path)).expect("text");
        assert_eq!(chosen.path.as_deref(), path.to_str());
        assert_eq!(ChosenFile::new(None).expect("none").path, None);
    }

    #[test]
    fn a_file_whose_path_is_no_text_is_refused_in_words() {
        let path = no_text();
        let refused = ChosenFile::new(Some(Path::new(&path))).expect_err("no text");
        assert_eq!(refused.code, ErrorCode::BadRequest);
        assert_eq!(refused.message.code, "desktop.core_no_text");
        let said = refused.message.to_string();
        assert!(said.contains("core-"), "{said}");
    }

    #[cfg(unix)]
    fn no_text() -> OsString {
        std::os::unix::ffi::OsStringExt::from_vec(b"/home/me/core-\xff.zip".to_vec())
    }

    #[cfg(windows)]
    fn no_text() -> OsString {
        let half = [
            &[0xd800][..],
            &"core-.zip".encode_utf16().collect::<Vec<_>>(),
        ]
        .concat();
        std::os::windows::ffi::OsStringExt::from_wide(&half)
    }
}
