//! Which file becomes a core: what the system's dialog says, and what the page is told of the answer.

use std::path::Path;

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
    /// What the dialog gave. A path that is no text cannot be said in a call, so it counts as none.
    pub fn new(chosen: Option<&Path>) -> Self {
        let path = chosen.and_then(Path::to_str);
        Self {
            path: path.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        let chosen = ChosenFile::new(Some(path));
        assert_eq!(chosen.path.as_deref(), path.to_str());
        assert_eq!(ChosenFile::new(None).path, None);
    }
}
