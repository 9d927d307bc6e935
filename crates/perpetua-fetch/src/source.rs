//! Where releases are: a list in the settings, tried in its order.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Platform;

/// One place to get the core from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReleaseSource {
    /// A release of a GitHub repository, found through GitHub's API.
    Github {
        /// The API's address, without a slash at its end.
        api: String,
        /// The repository, such as `LagrangeDev/Lagrange.Core`.
        repository: String,
        /// The release's tag.
        tag: String,
        /// The file's name: `{rid}` stands for the system (`linux-x64`), `{archive}` for `zip` or
        /// `tar.gz`, `*` for anything.
        asset: String,
    },
    /// A listing of our own form, a JSON file on any web server:
    ///
    /// ```json
    /// {
    ///   "tag": "nightly", "published": "2026-11-27T03:15:00Z",
    ///   "assets": [
    ///     { "name": "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz",
    ///       "url": "files/linux-x64.tar.gz", "size": 31000000, "sha256": "<64 hex digits>" }
    ///   ]
    /// }
    /// ```
    ///
    /// `url` may be relative to the listing; `published`, `size` (bytes) and `sha256` may be left out. The file is chosen
    /// by its name, as with GitHub's usual releases.
    Index {
        /// The listing's address.
        url: String,
    },
    /// A proxy for the files and the API of the GitHub sources of the list: their addresses are put
    /// behind this prefix, as in `https://proxy.example/https://github.com/…`.
    Mirror {
        /// The address before theirs.
        prefix: String,
    },
    /// One archive at an address; whether it is for this system, its trial start tells.
    File {
        /// The archive's address, which ends in its name.
        url: String,
    },
    /// An archive on this machine, a folder with archives or with an unpacked core, or the program itself.
    Local {
        /// The file or folder.
        path: PathBuf,
    },
    /// An archive that was uploaded.
    Upload {
        /// Where it is.
        path: PathBuf,
        /// What people are told it is called.
        name: String,
    },
}

/// The name of the files of Lagrange.OneBot's releases; `*` is the version of .NET.
pub(crate) const ASSET: &str = "Lagrange.OneBot_{rid}_net*_SelfContained.{archive}";

impl ReleaseSource {
    /// Where the core is published by those who make it.
    pub fn official() -> Self {
        Self::Github {
            api: "https://api.github.com".to_owned(),
            repository: "LagrangeDev/Lagrange.Core".to_owned(),
            tag: "nightly".to_owned(),
            asset: ASSET.to_owned(),
        }
    }
}

/// A pattern of file names, filled in for a system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// `None` when the pattern asks for the system's name and the system has none.
    pub(crate) fn new(pattern: &str, platform: &Platform) -> Option<Self> {
        let filled = match (pattern.contains("{rid}"), platform.rid()) {
            (false, _) => pattern.to_owned(),
            (true, Some(rid)) => pattern.replace("{rid}", rid),
            (true, None) => return None,
        };
        let filled = filled.replace("{archive}", platform.archive());
        Some(Self {
            parts: filled.split('*').map(str::to_owned).collect(),
        })
    }

    /// Whether it describes this name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == name);
        };
        let Some(mut rest) = name.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{ASSET, Pattern};
    use crate::{Libc, Platform};

    #[test]
    fn the_usual_pattern_finds_the_file_of_this_system_only() {
        let linux = linux(Libc::Gnu);
        let pattern = Pattern::new(ASSET, &linux).expect("a build exists");
        assert!(pattern.matches("Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz"));
        assert!(pattern.matches("Lagrange.OneBot_linux-x64_net10.0_SelfContained.tar.gz"));
        assert!(!pattern.matches("Lagrange.OneBot_linux-x64_net9.0_SelfContained.zip"));
        assert!(!pattern.matches("Lagrange.OneBot_linux-musl-x64_net9.0_SelfContained.tar.gz"));
        assert!(!pattern.matches("Lagrange.OneBot_linux-x64_net9.0_NoSelfContained.tar.gz"));
    }

    #[test]
    fn a_full_name_works_on_systems_that_have_no_build() {
        let musl = linux(Libc::Musl);
        assert_eq!(Pattern::new(ASSET, &musl), None);
        let pattern = Pattern::new("core.tar.gz", &musl).expect("no placeholder");
        assert!(pattern.matches("core.tar.gz"));
        assert!(!pattern.matches("core.tar.gz.asc"));
    }

    #[test]
    fn stars_need_not_stand_for_anything_and_never_for_the_same_text_twice() {
        let pattern = |text| Pattern::new(text, &linux(Libc::Gnu)).expect("no placeholder");
        assert!(pattern("a*b*c").matches("abc"));
        assert!(!pattern("ab*bc").matches("abc"));
        assert!(pattern("*").matches(""));
    }

    fn linux(libc: Libc) -> Platform {
        Platform {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            libc: Some(libc),
        }
    }
}
