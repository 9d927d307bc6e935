//! `[core]` with its sources, and `[[signers]]`.

use std::ops::RangeInclusive;
use std::time::Duration;

use perpetua_words::config as words;

use super::address::{address, proxy, url};
use super::item::Item;
use super::kind::kind;
use super::name::{Named, Names, unique_name};
use super::section::Section;
use crate::{CoreInstallSettings, CoreSource, HttpUrl, Name, Signer};

/// More often would only meet the limits of the API that is asked.
const CHECKS: RangeInclusive<Duration> = Duration::from_mins(10)..=Duration::from_hours(30 * 24);

#[derive(Clone, Copy)]
enum Kind {
    Github,
    Index,
    Mirror,
    Local,
}

const KINDS: [(&str, Kind); 4] = [
    ("github", Kind::Github),
    ("index", Kind::Index),
    ("mirror", Kind::Mirror),
    ("local", Kind::Local),
];

pub(super) fn core(mut section: Section<'_>) -> CoreInstallSettings {
    let default = CoreInstallSettings::default();
    let auto_install = section
        .take("auto-install")
        .and_then(|item| item.boolean())
        .unwrap_or(default.auto_install);
    let check_every = section
        .take("check-every")
        .and_then(|item| item.interval(&CHECKS))
        .map_or(default.check_every, |every| {
            (!every.is_zero()).then_some(every)
        });
    let proxy = section.take("proxy").and_then(|item| proxy(&item, "proxy"));
    let sources = section.take("sources").map(|item| sources(&item));
    section.finish();
    CoreInstallSettings {
        auto_install,
        check_every,
        proxy,
        sources: sources.unwrap_or(default.sources),
    }
}

fn sources(item: &Item<'_>) -> Vec<CoreSource> {
    let items = item.array().unwrap_or_default();
    let mut sources = Vec::with_capacity(items.len());
    let mut mirror = None;
    let mut may_have_github = false;
    for item in &items {
        let Some(mut section) = item.table("[[core.sources]]") else {
            continue;
        };
        match kind(&mut section, &KINDS, &[]) {
            // Nobody knows what it was meant to be, and which other keys belong there.
            None => may_have_github = true,
            Some(kind) => {
                may_have_github |= matches!(kind, Kind::Github);
                mirror = mirror.or(matches!(kind, Kind::Mirror).then_some(item));
                sources.extend(source(kind, section));
            }
        }
    }
    if let Some(item) = mirror
        && !may_have_github
    {
        item.problem::<()>(words::MirrorWithoutGithub);
    }
    sources
}

fn source(kind: Kind, mut section: Section<'_>) -> Option<CoreSource> {
    let source = match kind {
        Kind::Github => github(&mut section),
        Kind::Index => section
            .require("url", words::NeedsIndexUrl)
            .and_then(|item| url(&item))
            .map(|url| CoreSource::Index { url }),
        Kind::Mirror => section
            .require("prefix", words::NeedsMirrorPrefix)
            .and_then(|item| url(&item))
            .map(|prefix| CoreSource::Mirror { prefix }),
        Kind::Local => section
            .require("path", words::NeedsSourcePath)
            .and_then(|item| item.line().map(Into::into))
            .map(|path| CoreSource::Local { path }),
    };
    section.finish();
    source
}

/// What is left out is as at the core's own release.
fn github(section: &mut Section<'_>) -> Option<CoreSource> {
    let [api, repository, tag, asset] =
        ["api", "repository", "tag", "asset"].map(|key| section.take(key));
    let api = api.map_or_else(|| Some(HttpUrl::github_api()), |item| url(&item));
    let text = |item: Option<Item<'_>>, default: &str, read: fn(&Item<'_>) -> Option<String>| {
        item.map_or_else(|| Some(default.to_owned()), |item| read(&item))
    };
    let repository = text(repository, CoreSource::REPOSITORY, repository_name);
    let tag = text(tag, CoreSource::TAG, tag_name);
    let asset = text(asset, CoreSource::ASSET, asset_pattern);
    Some(CoreSource::Github {
        api: api?,
        repository: repository?,
        tag: tag?,
        asset: asset?,
    })
}

/// `owner/name`, as it stands in the path of an address.
fn repository_name(item: &Item<'_>) -> Option<String> {
    let fits = |part: &str| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        !matches!(part, "" | "." | "..") && part.bytes().all(is_name)
    };
    item.fitting(words::Repository, |text| {
        text.split_once('/')
            .is_some_and(|(owner, name)| fits(owner) && fits(name))
    })
}

/// A tag, as it stands in the path of an address.
fn tag_name(item: &Item<'_>) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    item.fitting(words::Tag, |text| {
        !text.is_empty() && text.bytes().all(fits)
    })
}

/// A file's name with its placeholders.
fn asset_pattern(item: &Item<'_>) -> Option<String> {
    let text = item.line()?;
    let without_placeholders = text.replace("{rid}", "").replace("{archive}", "");
    if without_placeholders.contains(['{', '}', '/', '\\']) {
        return item.unexpected(words::Asset);
    }
    Some(text.to_owned())
}

/// The signers, and the names of all that have one: also of those with other faults.
pub(super) fn signers(sections: Vec<Section<'_>>) -> (Vec<Signer>, Vec<Name>) {
    let mut names = Names::default();
    let signers = sections
        .into_iter()
        .filter_map(|section| signer(section, &mut names))
        .collect();
    (signers, names.in_order())
}

fn signer(mut section: Section<'_>, names: &mut Names) -> Option<Signer> {
    let name = unique_name(&mut section, Named::Signer, names);
    let url = section
        .require("url", words::NeedsSignerUrl)
        .and_then(|item| address(&item, "url"));
    section.finish();
    Some(Signer {
        name: name?,
        url: url?,
    })
}
