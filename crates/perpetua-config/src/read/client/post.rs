//! `[[accounts.clients]]` of the kind `post`.

use perpetua_words::config as words;

use super::trust::trust;
use crate::read::section::Section;
use crate::read::targets::Targets;
use crate::read::token;
use crate::{PostClient, TargetAddress};

pub(super) fn post(
    section: &mut Section<'_>,
    enabled: bool,
    targets: &mut Targets,
) -> Option<PostClient> {
    let url = section.require("url", words::NeedsPostUrl);
    let secret = token::sent(section.take("secret").as_ref());
    let url = url.and_then(|item| {
        let url = item.http_url()?;
        targets.claim(&item, TargetAddress::from(&url), enabled);
        Some(url)
    });
    let is_plain = url.as_ref().is_some_and(|url| !url.is_encrypted());
    let trust = trust(section, is_plain);
    Some(PostClient {
        url: url?,
        secret,
        trust,
    })
}
