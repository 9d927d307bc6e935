//! Whether Chinese letters can be drawn at all.

/// Whether a font with Chinese letters is there, as far as the system tells. Blocks.
///
/// Windows and macOS always have one. Elsewhere `fontconfig` knows; where its program is not installed
/// nobody is told anything.
pub(crate) fn has_cjk() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    let mut list = std::process::Command::new("fc-list");
    let found = list.args([":lang=zh-cn", "family"]).output();
    found.map_or(true, |found| {
        !found.status.success() || found.stdout.iter().any(|byte| !byte.is_ascii_whitespace())
    })
}
