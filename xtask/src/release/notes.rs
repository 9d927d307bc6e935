//! What is new in a version, as CHANGELOG.md has it.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::release::dist::VERSION;
use crate::workspace::Workspace;

const UNRELEASED: &str = "Unreleased";

/// Prints them.
pub(crate) fn print(workspace: &Workspace, unreleased: bool) -> Result<()> {
    println!("{}", of(workspace, unreleased)?);
    Ok(())
}

/// Refuses a tag that is not `v` and this version: what would be released is called otherwise.
pub(crate) fn check_tag(tag: Option<&str>) -> Result<()> {
    let right = format!("v{VERSION}");
    if let Some(tag) = tag {
        ensure!(tag == right, "the tag is `{tag}`, and this is `{right}`");
    }
    Ok(())
}

/// The section of this version, or of what is not released yet.
pub(crate) fn of(workspace: &Workspace, unreleased: bool) -> Result<String> {
    let changelog = fs::read_to_string(workspace.root.join("CHANGELOG.md"))
        .context("`CHANGELOG.md` cannot be read")?;
    let title = if unreleased { UNRELEASED } else { VERSION };
    section(&changelog, title)
        .with_context(|| format!("`CHANGELOG.md` has no section `## {title}` with words in it"))
}

/// What stands below `## TITLE`, which may be followed by a date, up to the next title of its kind.
fn section(changelog: &str, title: &str) -> Option<String> {
    let is_title = |line: &&str| {
        let mut words = line.strip_prefix("## ").unwrap_or_default().split(' ');
        words.next() == Some(title)
    };
    let lines = changelog.lines().skip_while(|line| !is_title(line)).skip(1);
    let lines: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{VERSION, check_tag, section};

    const CHANGELOG: &str = "\
# Changelog

## Unreleased

- New.

### Details
More.

## 0.2.0 (2026-12-01)

- Older.

## 0.1.0

## 0.0.1
- First.
";

    #[test]
    fn a_section_ends_where_the_next_version_begins() {
        let of = |title| section(CHANGELOG, title);
        let unreleased = "- New.\n\n### Details\nMore.";
        assert_eq!(of("Unreleased").as_deref(), Some(unreleased));
        assert_eq!(of("0.2.0").as_deref(), Some("- Older."));
        assert_eq!(of("0.0.1").as_deref(), Some("- First."));
    }

    #[test]
    fn a_tag_is_that_of_this_version() {
        assert!(check_tag(None).is_ok());
        assert!(check_tag(Some(&format!("v{VERSION}"))).is_ok());
        for tag in [VERSION, "v0.0.1", "v", ""] {
            assert!(check_tag(Some(tag)).is_err(), "{tag}");
        }
    }

    #[test]
    fn no_words_are_no_section() {
        for title in ["0.1.0", "0.2", "0.3.0", ""] {
            assert_eq!(section(CHANGELOG, title), None, "{title}");
        }
    }
}
