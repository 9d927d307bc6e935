//! What the documents say is what the program has: commands, settings, words of the pages, files that
//! are linked, and one document in two languages. Each rule is tried on a document that breaks it.

mod commands;
mod keys;
mod links;
mod page;
mod twins;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use crate::commands::Programs;
use crate::keys::Keys;
use crate::page::Page;
use crate::words::Words;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder whose names end so, in the order of their paths.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What users read, in both languages.
fn documents() -> Vec<Page> {
    let root = root();
    let mut paths = vec![root.join("README.md"), root.join("README.zh-CN.md")];
    paths.extend(files(&root.join("docs"), ".md"));
    let pages: Vec<_> = paths.iter().map(|path| Page::read(&root, path)).collect();
    assert!(pages.len() > 20, "the documents are found");
    pages
}

/// Fails with everything that is wrong, one thing a line.
fn nothing_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Every rule on every document.
fn all(rule: impl Fn(&Page) -> Vec<String>) {
    let wrong: Vec<_> = documents().iter().flat_map(rule).collect();
    nothing_wrong(&wrong);
}

#[test]
fn each_command_exists() {
    let programs = Programs::read(&root());
    let mut pages = documents();
    pages.push(Page::read(&root(), &root().join("CONTRIBUTING.md")));
    let wrong: Vec<_> = pages
        .iter()
        .flat_map(|page| programs.wrong_in(page))
        .collect();
    nothing_wrong(&wrong);
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let programs = Programs::read(&root());
    for wrong in [
        "`perpetuad stat`",
        "`perpetuad status --yaml`",
        "`perpetuad core instal`",
        "`perpetuad reconnect main now`",
        "`cargo xtask tests`",
        "`cargo xtask test --quick`",
        "```sh\nperpetuad watch\nperpetuad sya 小明 \"a b\"   # says it\n```",
    ] {
        assert_eq!(programs.wrong_in(&Page::of(wrong)).len(), 1, "{wrong}");
    }
    for right in [
        "`perpetuad`",
        "`perpetuad --data-dir DIR status [--json]`",
        "`perpetuad start\\|stop\\|restart ACCOUNT`",
        "`perpetuad core install --accept SHA256`",
        "`cargo xtask run --data-dir DIR`",
        "```sh\nperpetuad say 小明 \"a b c\"   # says it\n```",
    ] {
        assert_eq!(programs.wrong_in(&Page::of(right)), Vec::<String>::new());
    }
}

#[test]
fn each_setting_exists() {
    let keys = Keys::read(&root());
    all(|page| keys.wrong_in(page));
}

#[test]
fn a_setting_that_does_not_exist_is_found() {
    let keys = Keys::read(&root());
    for wrong in [
        "```toml\nlistens = \"127.0.0.1:6700\"\n```",
        "```toml\n[[accounts.client]]\n```",
        "```toml\nkind = \"backward\"\n```",
        "```toml\ntoken = { secretly = \"a\" }\n```",
        "`heart-beat`",
        "`[limits] memories`",
        "`formats = \"string\"`",
        "| key | meaning |\n|---|---|\n| `nam` | a name |",
    ] {
        assert_eq!(keys.wrong_in(&Page::of(wrong)).len(), 1, "{wrong}");
    }
    for right in [
        "```toml\n[[accounts.clients]]\nkind = \"reverse\"   # a note\ntoken = { secret = \"a\" }\n```",
        "`max-frame-size`, `[limits] memory`, `format = \"string\"`",
        "`kovi.conf.toml`:\n```toml\n[server]\naccess_token = \"a\"\n```",
    ] {
        assert_eq!(keys.wrong_in(&Page::of(right)), Vec::<String>::new());
    }
}

#[test]
fn each_quoted_word_is_on_a_page_or_in_the_terminal() {
    let (english, chinese) = (Words::read(&root(), "en"), Words::read(&root(), "zh-CN"));
    all(|page| {
        if page.is_chinese() {
            &chinese
        } else {
            &english
        }
        .wrong_in(page)
    });
}

#[test]
fn a_word_that_is_nowhere_is_found() {
    let english = Words::read(&root(), "en");
    for wrong in [
        "press \"Add and connects\"",
        "it says \"127.0.0.1 came with a false token\"",
        "see Clients → Bicycles",
        "it says \"whatever stands here and nowhere else in the program\"",
    ] {
        assert_eq!(english.wrong_in(&Page::of(wrong)).len(), 1, "{wrong}");
    }
    for right in [
        "press \"Add and connect\"; `\"not a word\"`",
        "it says \"127.0.0.1 came with a wrong token\"",
        "it says \"… is in use by …\", \"2 connections\"",
        "see Clients → Add a client, and more",
    ] {
        assert_eq!(english.wrong_in(&Page::of(right)), Vec::<String>::new());
    }
    let chinese = Words::read(&root(), "zh-CN");
    assert_eq!(chinese.wrong_in(&Page::of("点“添加并接人”")).len(), 1);
    assert_eq!(
        chinese.wrong_in(&Page::of("“设置 → 常规”")),
        Vec::<String>::new()
    );
}

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let root = root();
    all(|page| links::wrong_in(&root, page));
}

#[test]
fn a_link_to_nothing_is_found() {
    let root = root();
    for wrong in [
        "[a](docs/none.md)",
        "![a](none.webp)",
        "[a](README.md#none)",
        "[a](#none)",
    ] {
        assert_eq!(links::wrong_in(&root, &Page::of(wrong)).len(), 1, "{wrong}");
    }
    let right =
        "# One, two `three`\n[a](README.md#settings) [b](#one-two-three) [c](https://rustup.rs)";
    assert_eq!(
        links::wrong_in(&root, &Page::of(right)),
        Vec::<String>::new()
    );
}

#[test]
fn each_page_is_linked_from_another_one() {
    let (root, pages) = (root(), documents());
    let linked = links::linked(&root, &pages);
    let unlinked = pages.iter().filter(|page| page.name.starts_with("docs/"));
    let unlinked = unlinked.filter(|page| !linked.contains(&page.name));
    let wrong = unlinked.map(|page| format!("{}: nothing leads to it", page.name));
    nothing_wrong(&wrong.collect::<Vec<_>>());
}

#[test]
fn each_document_is_the_same_in_both_languages() {
    nothing_wrong(&twins::wrong_among(&documents()));
}

#[test]
fn a_document_that_differs_from_its_twin_is_found() {
    let english = "# A\n\n## B\n```toml\na = 1 # one\n```\n";
    let of = |name: &str, text: &str| Page {
        name: name.into(),
        ..Page::of(text)
    };
    for wrong in [
        "# 甲\n\n### 乙\n```toml\na = 1\n```\n",
        "# 甲\n\n## 乙\n```toml\na = 2\n```\n",
        "# 甲\n\n## 乙\n",
    ] {
        let pages = [of("a.md", english), of("a.zh-CN.md", wrong)];
        assert_eq!(twins::wrong_among(&pages).len(), 1, "{wrong}");
    }
    let right = "# 甲\n\n## 乙\n```toml\na = 1 # 一\n```\n";
    let pages = [of("a.md", english), of("a.zh-CN.md", right)];
    assert_eq!(twins::wrong_among(&pages), Vec::<String>::new());
    assert_eq!(twins::wrong_among(&pages[..1]).len(), 1);
}
