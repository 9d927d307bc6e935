//! `latest.json`, in the form that Tauri's updater has.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;

use crate::{Package, words::ListingProblem};

/// A listing as it is written. What else stands in it is none of our business.
#[derive(Deserialize)]
struct Written {
    version: String,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    platforms: BTreeMap<String, ListedFile>,
}

/// A file of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct ListedFile {
    /// Where it is.
    pub(crate) url: String,
    /// A signature of minisign, in base64.
    pub(crate) signature: String,
}

/// What an address offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) version: Version,
    pub(crate) notes: String,
    files: BTreeMap<String, ListedFile>,
}

/// The longest notes that are kept, in characters; more reads nobody.
const LONGEST_NOTES: usize = 20_000;

impl Listing {
    pub(crate) fn read(text: &[u8]) -> Result<Self, ListingProblem> {
        let read = serde_json::from_slice(text);
        let written: Written = read.map_err(|error| ListingProblem::Unread(error.to_string()))?;
        let version = written.version.trim().trim_start_matches('v');
        let Ok(version) = Version::parse(version) else {
            return Err(ListingProblem::NoVersion(written.version));
        };
        let notes = written.notes.unwrap_or_default();
        Ok(Self {
            version,
            notes: notes.chars().take(LONGEST_NOTES).collect(),
            files: written.platforms,
        })
    }

    /// The file that replaces such a copy on this system.
    pub(crate) fn file(&self, package: &Package) -> Option<&ListedFile> {
        let ending = package.ending();
        let keys = package.keys();
        let mut files = keys.iter().filter_map(|key| self.files.get(key));
        files.find(|file| {
            let path = file.url.split(['?', '#']).next().unwrap_or_default();
            path.ends_with(ending)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::Listing;
    use crate::Package;

    fn listing(platforms: &serde_json::Value) -> Listing {
        let text = json!({ "version": "v1.2.3", "notes": "n", "pub_date": "2026-12-01T00:00:00Z", "platforms": platforms });
        Listing::read(text.to_string().as_bytes()).expect("a listing")
    }

    #[test]
    fn the_file_for_a_package_is_its_own_or_one_of_its_kind() {
        let system = format!(
            "{}-{}",
            super::super::package::tests::SYSTEM,
            std::env::consts::ARCH
        );
        let file = |name: &str| json!({ "url": format!("https://host.example/{name}?x=1"), "signature": "" });
        let image = Package::Image(PathBuf::from("p"));
        let own = listing(&json!({
            format!("{system}-appimage"): file("own.AppImage"), system.clone(): file("other.AppImage"),
        }));
        let found = own.file(&image).expect("a file");
        assert!(found.url.contains("own"), "{found:?}");
        let general = listing(&json!({ system.clone(): file("general.AppImage") }));
        assert!(general.file(&image).is_some());
        let other = listing(&json!({ system: file("setup.exe") }));
        assert_eq!(other.file(&image), None, "another kind");
        assert_eq!(other.file(&Package::Msi), None, "another installer");
        assert_eq!(
            listing(&json!({ "plan9-x86_64": file("p.AppImage") })).file(&image),
            None
        );
    }

    #[test]
    fn what_is_no_listing_is_said() {
        for text in [
            "",
            "<html>",
            "{}",
            r#"{"version":"soon"}"#,
            r#"{"version":1}"#,
        ] {
            assert!(Listing::read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(listing(&json!({})).version.to_string(), "1.2.3");
    }
}
