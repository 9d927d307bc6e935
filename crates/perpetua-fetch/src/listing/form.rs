//! The two forms of listings: GitHub's answer about a release, and our own static file.

use std::time::SystemTime;

use perpetua_words::install as words;
use serde::Deserialize;
use url::Url;

use super::{Asset, choose};
use crate::exchange::address;
use crate::{AddressProblem, Platform, Sha256, inner_path};

/// A release, read from either form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Release {
    pub(crate) tag: String,
    assets: Vec<Asset>,
}

/// What is read of GitHub's answer; the rest is not ours.
#[derive(Deserialize)]
struct GithubRelease {
    tag_name: String,
    published_at: Option<String>,
    assets: Vec<GithubAsset>,
}

#[derive(Deserialize)]
struct GithubAsset {
    name: String,
    size: Option<u64>,
    digest: Option<String>,
    updated_at: Option<String>,
    browser_download_url: String,
}

/// Our own form, see [`ReleaseSource::Index`](crate::ReleaseSource::Index). It may grow: what is unknown is passed over.
#[derive(Deserialize)]
struct Index {
    tag: String,
    published: Option<String>,
    assets: Vec<IndexAsset>,
}

#[derive(Deserialize)]
struct IndexAsset {
    name: String,
    url: String,
    size: Option<u64>,
    sha256: Option<Sha256>,
}

impl Release {
    /// Reads GitHub's answer.
    pub(crate) fn github(body: &[u8]) -> Result<Self, AddressProblem> {
        let release: GithubRelease = parse(body)?;
        // A release such as `nightly` keeps its date, its files are replaced.
        let of_release = release.published_at.as_deref().and_then(moment);
        let assets = release.assets.into_iter().map(|asset| {
            Ok(Asset {
                url: address(&asset.browser_download_url)?,
                sha256: github_digest(asset.digest.as_deref())?,
                name: file_name(asset.name)?,
                size: asset.size,
                published: asset.updated_at.as_deref().and_then(moment).or(of_release),
            })
        });
        Ok(Self {
            tag: release.tag_name,
            assets: assets.collect::<Result<_, AddressProblem>>()?,
        })
    }

    /// Reads our own form; `base` is where it was found.
    pub(crate) fn index(body: &[u8], base: &Url) -> Result<Self, AddressProblem> {
        let index: Index = parse(body)?;
        let published = index.published.as_deref().and_then(moment);
        let assets = index.assets.into_iter().map(|asset| {
            let url = base.join(&asset.url).map_err(not_a_listing)?;
            Ok(Asset {
                url: address(url.as_str())?,
                sha256: asset.sha256,
                name: file_name(asset.name)?,
                size: asset.size,
                published,
            })
        });
        Ok(Self {
            tag: index.tag,
            assets: assets.collect::<Result<_, AddressProblem>>()?,
        })
    }

    /// The file for this system.
    pub(crate) fn choose(
        &self,
        asset: &str,
        platform: &Platform,
    ) -> Result<&Asset, AddressProblem> {
        choose(&self.assets, asset, platform)
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AddressProblem> {
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(AddressProblem::WebPage);
    }
    serde_json::from_slice(body).map_err(not_a_listing)
}

/// A digest of another kind is none that we know; one of ours that cannot be read is a broken listing.
fn github_digest(digest: Option<&str>) -> Result<Option<Sha256>, AddressProblem> {
    let ours = digest.filter(|digest| digest.starts_with("sha256:"));
    ours.map(str::parse).transpose().map_err(not_a_listing)
}

/// A moment as RFC 3339; one that cannot be read is not known.
fn moment(text: &str) -> Option<SystemTime> {
    text.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

/// The name becomes one of a file on this machine.
fn file_name(name: String) -> Result<String, AddressProblem> {
    match inner_path(name.as_bytes()) {
        Ok(names) if names == [name.as_str()] => Ok(name),
        _ => Err(AddressProblem::NotAListing(
            words::BadFileName { name }.into(),
        )),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn not_a_listing(reason: impl ToString) -> AddressProblem {
    AddressProblem::NotAListing(
        perpetua_words::io::Other {
            text: reason.to_string(),
        }
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use serde_json::json;

    use super::Release;
    use crate::{AddressProblem, Libc, Platform, Sha256, source::ASSET};

    const NAME: &str = "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz";

    #[test]
    fn githubs_answer_is_read_with_and_without_a_digest() {
        let digest = Sha256::of(b"core");
        for (told, expected) in [
            (json!(format!("sha256:{digest}")), Some(digest)),
            (json!(null), None),
            (json!("sha512:00"), None),
        ] {
            let body = json!({ "tag_name": "nightly", "prerelease": true, "assets": [
                { "name": NAME, "size": 4, "digest": told, "browser_download_url": "https://host/f" } ] });
            let release = Release::github(body.to_string().as_bytes()).expect("a release");
            let asset = release.choose(ASSET, &linux()).expect("an asset");
            assert_eq!((asset.sha256, asset.size), (expected, Some(4)));
        }
    }

    #[test]
    fn a_file_is_as_old_as_it_says_or_else_as_its_release() {
        let (file, release) = ("2026-11-27T03:15:00Z", "2024-01-02T00:00:00Z");
        for (updated, published, expected) in [
            (json!(file), json!(release), Some(1_795_749_300)),
            (json!(null), json!(release), Some(1_704_153_600)),
            (json!("yesterday"), json!(null), None),
        ] {
            let body = json!({ "tag_name": "nightly", "published_at": published, "assets": [
                { "name": NAME, "updated_at": updated, "browser_download_url": "https://host/f" } ] });
            let release = Release::github(body.to_string().as_bytes()).expect("a release");
            let asset = release.choose(ASSET, &linux()).expect("an asset");
            let seconds = asset
                .published
                .map(|at| at.duration_since(UNIX_EPOCH).expect("later").as_secs());
            assert_eq!(seconds, expected, "{updated} {published}");
        }
        let body =
            json!({ "tag": "v1", "published": file, "assets": [{ "name": NAME, "url": "a" }] });
        let base = "https://host/".parse().expect("a URL");
        let release = Release::index(body.to_string().as_bytes(), &base).expect("an index");
        let asset = release.choose(ASSET, &linux()).expect("an asset");
        assert!(asset.published.is_some());
    }

    #[test]
    fn our_own_form_may_have_relative_addresses() {
        let body = json!({ "tag": "v1", "assets": [{ "name": NAME, "url": "files/a.tar.gz" }] });
        let base = "https://host/core/index.json".parse().expect("a URL");
        let release = Release::index(body.to_string().as_bytes(), &base).expect("an index");
        let asset = release.choose(ASSET, &linux()).expect("an asset");
        assert_eq!(asset.url.as_str(), "https://host/core/files/a.tar.gz");
    }

    #[test]
    fn names_and_addresses_that_lead_elsewhere_make_it_no_listing() {
        let base = "https://host/".parse().expect("a URL");
        for (name, url) in [
            ("../../x", "f"),
            ("a/b", "f"),
            ("", "f"),
            (NAME, "file:///etc/passwd"),
            (NAME, "data:,x"),
        ] {
            let body = json!({ "tag": "v1", "assets": [{ "name": name, "url": url }] });
            assert!(
                Release::index(body.to_string().as_bytes(), &base).is_err(),
                "{name} {url}"
            );
        }
    }

    #[test]
    fn a_web_page_and_a_broken_digest_are_no_listing() {
        assert_eq!(
            Release::github(b"\n<!DOCTYPE html>"),
            Err(AddressProblem::WebPage)
        );
        let body = json!({ "tag_name": "x", "assets": [
            { "name": NAME, "digest": "sha256:12", "browser_download_url": "https://host/f" } ] });
        let problem = Release::github(body.to_string().as_bytes()).expect_err("broken");
        assert!(
            matches!(problem, AddressProblem::NotAListing(_)),
            "{problem}"
        );
    }

    fn linux() -> Platform {
        Platform {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            libc: Some(Libc::Gnu),
        }
    }
}
