//! Names for what is new.

use perpetua_config::Name;
use perpetua_schema::{Framework, RpcError};

use super::name;
use crate::import::free;

/// The name that was asked for, or one like the wish that is free. Whether the former is free is known by
/// who adds it.
pub(super) fn chosen(
    asked: Option<&str>,
    wish: &str,
    taken: impl Fn(&Name) -> bool,
) -> Result<Name, RpcError> {
    asked.map_or_else(|| free(wish, taken), name)
}

/// What a client of a framework is called.
pub(super) fn of_framework(framework: Framework) -> &'static str {
    match framework {
        Framework::Nonebot => "nonebot",
        Framework::Koishi => "koishi",
        Framework::Astrbot => "astrbot",
        Framework::Other => "bot",
    }
}
