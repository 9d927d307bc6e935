//! The frameworks of the settings as the schema calls them.

use perpetua_config as config;
use perpetua_schema::Framework;

/// A framework of the settings.
pub(crate) fn shown(framework: config::Framework) -> Framework {
    match framework {
        config::Framework::Nonebot => Framework::Nonebot,
        config::Framework::Koishi => Framework::Koishi,
        config::Framework::Astrbot => Framework::Astrbot,
    }
}

/// What the settings write for it; nothing for one that has no name there.
pub(crate) fn written(framework: Framework) -> Option<config::Framework> {
    match framework {
        Framework::Nonebot => Some(config::Framework::Nonebot),
        Framework::Koishi => Some(config::Framework::Koishi),
        Framework::Astrbot => Some(config::Framework::Astrbot),
        Framework::Other => None,
    }
}
