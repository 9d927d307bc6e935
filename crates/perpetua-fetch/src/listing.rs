//! What the sources offer for this system.

mod cache;
mod form;
mod group;
mod local;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use perpetua_words::{Message, install as words};
use url::Url;

use crate::exchange::{address, shown};
use crate::{AddressProblem, Platform, Sha256, inner_path, source::Pattern};

pub(crate) use cache::Listings;
pub(crate) use form::Release;
pub(crate) use group::{Group, behind};
pub(crate) use local::look as look_locally;

/// Names of a listing that are told when none suits; some releases have hundreds.
const TOLD_NAMES: usize = 12;

/// The tag of a file of this machine, which belongs to no release.
const LOCAL: &str = "local";
/// The tag of a file at an address.
const FILE: &str = "file";

/// A core that a source has for this system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The release's tag, such as `nightly`; `local` for files of this machine.
    pub tag: String,
    /// The file's name.
    pub name: String,
    /// Its size, where the listing says so; bytes.
    pub size: Option<u64>,
    /// Its digest, where the listing says so.
    pub sha256: Option<Sha256>,
    /// Where it comes from, for people.
    pub origin: String,
    /// When it was published, where the listing says so.
    pub published: Option<SystemTime>,
    /// How old the listing is, when no source answered and the one of another day was taken.
    pub age: Option<Duration>,
    /// Whether the listing came from the source itself and not through a mirror.
    pub(crate) is_first_hand: bool,
    /// Where to get it, in this order.
    pub(crate) places: Vec<AssetLocation>,
}

impl Offer {
    /// The one archive at an address: nothing is known of it but its name.
    pub(crate) fn of_file(url: &str) -> Result<Self, AddressProblem> {
        let url = address(url)?;
        let last = url.path_segments().and_then(|mut parts| parts.next_back());
        let name = match inner_path(last.unwrap_or_default().as_bytes()) {
            Ok(names) => names.concat(),
            Err(_) => return Err(AddressProblem::NoFileName),
        };
        Ok(Self {
            tag: FILE.to_owned(),
            name,
            size: None,
            sha256: None,
            origin: shown(&url),
            published: None,
            age: None,
            is_first_hand: true,
            places: vec![AssetLocation::Remote(url)],
        })
    }

    /// An archive that was uploaded. Nobody vouches for it but the pinned table or a person.
    pub(crate) fn of_upload(path: &Path, name: &str) -> Self {
        Self {
            tag: LOCAL.to_owned(),
            name: name.to_owned(),
            size: None,
            sha256: None,
            origin: name.to_owned(),
            published: None,
            age: None,
            is_first_hand: true,
            places: vec![AssetLocation::Archive(path.to_owned())],
        }
    }

    /// What it is, for people: the release, or the file where there is none.
    pub(crate) fn label(&self) -> &str {
        match self.places.first() {
            Some(AssetLocation::Remote(_)) if self.tag != FILE => &self.tag,
            _ => &self.name,
        }
    }

    /// That the listing is an old one, for people; `None` when it is of now.
    pub fn staleness(&self) -> Option<Message> {
        let count = self.age?.as_secs().div_ceil(60).max(1);
        Some(words::Stale { count }.into())
    }
}

/// Where a file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum AssetLocation {
    /// On a server.
    Remote(Url),
    /// An archive on this machine.
    Archive(PathBuf),
    /// A program on this machine.
    Program(PathBuf),
}

/// One file of a release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) size: Option<u64>,
    pub(crate) sha256: Option<Sha256>,
    pub(crate) published: Option<SystemTime>,
}

/// The file for this system. Where several fit, such as those of two versions of .NET, the newest
/// version: the longest name, then the last in the alphabet.
fn choose<'a>(
    assets: &'a [Asset],
    asset: &str,
    platform: &Platform,
) -> Result<&'a Asset, AddressProblem> {
    let pattern = Pattern::new(asset, platform);
    let fits = |name: &str| {
        pattern
            .as_ref()
            .is_some_and(|pattern| pattern.matches(name))
    };
    let fitting = assets.iter().filter(|asset| fits(&asset.name));
    fitting
        .max_by_key(|asset| (asset.name.len(), &asset.name))
        .ok_or_else(|| AddressProblem::NoneForSystem {
            system: platform.to_string(),
            exists: assets
                .iter()
                .take(TOLD_NAMES)
                .map(|asset| asset.name.clone())
                .collect(),
            advice: platform.advice(),
        })
}

#[cfg(test)]
mod tests {
    use super::{Asset, Offer, choose};
    use crate::{AddressProblem, Libc, Platform, source::ASSET};

    #[test]
    fn the_newest_of_several_fitting_files_is_chosen() {
        let assets = ["8.0", "10.0", "9.0"].map(|net| {
            asset(&format!(
                "Lagrange.OneBot_linux-x64_net{net}_SelfContained.tar.gz"
            ))
        });
        let chosen = choose(&assets, ASSET, &linux(Libc::Gnu)).expect("one fits");
        assert!(chosen.name.contains("net10.0"));
    }

    #[test]
    fn an_address_of_one_file_is_an_offer_of_that_file() {
        let offer = Offer::of_file("https://host.example/a/core.tar.gz?key=1").expect("an offer");
        assert_eq!(offer.name, "core.tar.gz");
        assert!(!offer.origin.contains("key"), "{}", offer.origin);
        for wrong in [
            "https://host.example/",
            "https://host.example",
            "core.tar.gz",
        ] {
            assert!(Offer::of_file(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_system_without_a_build_is_named_with_what_exists() {
        let assets = [asset(
            "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz",
        )];
        let problem = choose(&assets, ASSET, &linux(Libc::Musl)).expect_err("no musl build");
        assert!(matches!(problem, AddressProblem::NoneForSystem { .. }));
        let words = problem.to_string();
        assert!(words.starts_with("none of its files is for this system, Linux on x86_64 with musl; it has: `Lagrange.OneBot_linux-x64"), "{words}");
        assert!(words.contains("glibc"), "{words}");
    }

    fn asset(name: &str) -> Asset {
        Asset {
            name: name.to_owned(),
            url: "https://example.invalid/file".parse().expect("a URL"),
            size: None,
            sha256: None,
            published: None,
        }
    }

    fn linux(libc: Libc) -> Platform {
        Platform {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            libc: Some(libc),
        }
    }
}
