//! `[[accounts.clients]]` of the kind `post`.

use perpetua_words::config as words;

use crate::read::section::Section;
use crate::read::targets::Targets;
use crate::read::token;
use crate::{PostClient, TargetAddress};

pub(super) fn post(
    section: &mut Section<'_>,
    enabled: bool,
    targets: &mut Targets,
) -> Option<PostClient> {
    let item = section.require("url", words::NeedsPostUrl);
    let secret = token::sent(section.take("secret").as_ref());
    let item = item?;
    let url = item.http_url()?;
    targets.claim(&item, TargetAddress::from(&url), enabled);
    Some(PostClient { url, secret })
}
