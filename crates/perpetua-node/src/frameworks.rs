//! The frameworks of the settings as the schema calls them.

use perpetua_config as config;
use perpetua_schema::Framework;

/// A framework of the settings.
pub(crate) fn shown(framework: config::ClientFramework) -> Framework {
    match framework {
        config::ClientFramework::Nonebot => Framework::Nonebot,
        config::ClientFramework::Koishi => Framework::Koishi,
        config::ClientFramework::Astrbot => Framework::Astrbot,
    }
}

/// What the settings write for it; nothing for one that has no name there.
pub(crate) fn written(framework: Framework) -> Option<config::ClientFramework> {
    match framework {
        Framework::Nonebot => Some(config::ClientFramework::Nonebot),
        Framework::Koishi => Some(config::ClientFramework::Koishi),
        Framework::Astrbot => Some(config::ClientFramework::Astrbot),
        Framework::Other => None,
    }
}
