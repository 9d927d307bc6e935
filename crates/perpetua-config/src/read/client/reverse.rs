//! `[[accounts.clients]]` of the kind `reverse`.

use perpetua_words::config as words;

use super::trust::trust;
use crate::read::item::Item;
use crate::read::section::Section;
use crate::read::targets::Targets;
use crate::read::token;
use crate::{ReverseClient, ReverseRoles, ReverseTarget, TargetAddress, TokenSource};

/// Each is dialled by itself, again and again; whoever has more has more clients.
const MOST_TARGETS: usize = 16;

pub(super) fn reverse(
    section: &mut Section<'_>,
    enabled: bool,
    targets: &mut Targets,
) -> Option<ReverseClient> {
    let urls = section.take("urls");
    let url = match urls {
        Some(_) => section.take("url"),
        None => section.require("url", words::NeedsReverseUrl),
    };
    let token = token::sent(section.take("token").as_ref());
    let roles = section
        .take("roles")
        .and_then(|item| item.word(&ReverseRoles::WORDS));
    let is_list = urls.is_some();
    let mut reader = Reader {
        token,
        enabled,
        targets,
    };
    let found = match (url, urls) {
        (Some(_), Some(urls)) => urls.problem(words::UrlAndUrls),
        (Some(url), None) => reader.target(&url).map(|target| (target, Vec::new())),
        (None, Some(urls)) => reader.list(&urls),
        (None, None) => None,
    };
    let is_plain = found.as_ref().is_some_and(|(first, others)| {
        let mut all = others.iter().chain([first]);
        !all.any(|target| target.url.is_encrypted())
    });
    let trust = trust(section, is_plain);
    let (first, others) = found?;
    Some(ReverseClient {
        first,
        others,
        is_list,
        roles: roles.unwrap_or_default(),
        trust,
    })
}

/// Reads addresses of frameworks.
struct Reader<'a> {
    /// What is sent where an address has no token of its own.
    token: Option<TokenSource>,
    enabled: bool,
    targets: &'a mut Targets,
}

impl Reader<'_> {
    fn list(&mut self, urls: &Item<'_>) -> Option<(ReverseTarget, Vec<ReverseTarget>)> {
        let items = urls.array()?;
        if items.is_empty() {
            return urls.problem(words::NoUrls);
        }
        let count = items.len();
        if count > MOST_TARGETS {
            let most = MOST_TARGETS;
            return urls.problem(words::TooManyUrls { count, most });
        }
        // Of each, what is wrong with it.
        let read: Vec<_> = items.iter().map(|item| self.element(item)).collect();
        let mut read = read.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        Some((read.next()?, read.collect()))
    }

    /// An address, or one with a token of its own.
    fn element(&mut self, item: &Item<'_>) -> Option<ReverseTarget> {
        if item.as_table().is_none() {
            item.string(words::UrlOrTable)?;
            return self.target(item);
        }
        let mut section = item.table("urls")?;
        let url = section.require("url", words::NeedsReverseUrl);
        let token = section.take("token");
        section.finish();
        let own = token.as_ref().map(|item| token::sent(Some(item)));
        let mut target = self.target(&url?)?;
        if let Some(own) = own {
            target.token = own;
        }
        Some(target)
    }

    fn target(&mut self, item: &Item<'_>) -> Option<ReverseTarget> {
        let url = item.websocket_url()?;
        self.targets
            .claim(item, TargetAddress::from(&url), self.enabled);
        let token = self.token.clone();
        Some(ReverseTarget { url, token })
    }
}
