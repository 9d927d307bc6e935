//! Where the links of documents lead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::page::Page;

/// The links of a page that lead nowhere.
pub(crate) fn wrong_in(root: &Path, page: &Page) -> Vec<String> {
    let mut wrong = Vec::new();
    for target in targets(page) {
        let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let file = place(root, page, path);
        if !path.is_empty() && !file.exists() {
            wrong.push(page.finding(&format!("there is no file `{path}`")));
            continue;
        }
        let is_there = |page: &Page| {
            page.headings
                .iter()
                .any(|heading| slug(&heading.text) == anchor)
        };
        let has_anchor = if path.is_empty() {
            is_there(page)
        } else {
            anchor.is_empty() || is_there(&Page::read(root, &file))
        };
        if !has_anchor {
            wrong.push(page.finding(&format!("there is no heading `{target}`")));
        }
    }
    wrong
}

/// The documents that another one leads to, twins aside.
pub(crate) fn linked(root: &Path, pages: &[Page]) -> BTreeSet<String> {
    let mut linked = BTreeSet::new();
    for page in pages {
        for target in targets(page) {
            let path = target.split('#').next().unwrap_or_default();
            let file = normal(&place(root, page, path));
            let name = file
                .strip_prefix(normal(root))
                .map(|name| name.to_string_lossy().replace('\\', "/"));
            let Ok(name) = name else { continue };
            if stem(&name) != stem(&page.name) {
                linked.insert(name);
            }
        }
    }
    linked
}

fn stem(name: &str) -> &str {
    name.trim_end_matches(".md").trim_end_matches(".zh-CN")
}

fn place(root: &Path, page: &Page, path: &str) -> PathBuf {
    if path.is_empty() {
        return root.join(&page.name);
    }
    let folder = Path::new(&page.name).parent().expect("a folder");
    root.join(folder).join(path)
}

/// Without `..`, which the file system need not know.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

/// What links and pictures lead to, unless it is on the web.
fn targets(page: &Page) -> Vec<String> {
    let mut targets = Vec::new();
    for text in &page.prose {
        // Code holds brackets too.
        let text: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            if !target.contains("://") {
                targets.push(target.to_owned());
            }
        }
    }
    targets
}

/// The anchor of a heading, as the site of the repository makes it.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
