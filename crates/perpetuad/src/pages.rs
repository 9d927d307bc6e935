//! The web pages that this program brings along, if it was built with them.

use perpetua_node::Pages;

/// Made by the build script from `ui/dist`.
pub(crate) const PAGES: Pages = Pages::new(include!(concat!(env!("OUT_DIR"), "/pages.rs")));
