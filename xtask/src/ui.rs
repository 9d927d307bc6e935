//! The page that the window and a browser show: `ui/`, made with Node.js.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::browser::Browser;
use crate::workspace::Workspace;
use crate::{folder, npm, packages, process};

/// What the built page is made from, beside the catalogue and the installed packages.
const SOURCES: [&str; 7] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "scripts",
    "src",
    "vite.config.ts",
];

/// What it takes from outside of its folder: its sentences, and the documents that it shows.
const OUTSIDE: [&str; 3] = ["docs/frameworks", "docs/troubles", "locales"];

/// The page's folder, with its packages installed.
pub(crate) struct Ui {
    home: PathBuf,
    outside: [PathBuf; 3],
}

impl Ui {
    /// Installs what its lock file names, unless that has been done.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        packages::require(&[&npm::NODE])?;
        let home = workspace.root.join("ui");
        npm::install(&home)?;
        Ok(Self {
            home,
            outside: OUTSIDE.map(|source| workspace.root.join(source)),
        })
    }

    /// Checks types, formatting and lints.
    pub(crate) fn check(&self) -> Result<()> {
        self.run("check")
    }

    /// Runs its unit tests.
    pub(crate) fn test(&self) -> Result<()> {
        self.run("test")
    }

    /// Shows every page in a browser: anybody can use it, and it speaks one language. With `long`, in
    /// every theme and language.
    pub(crate) fn test_in_browser(&self, browser: &Browser, long: bool) -> Result<()> {
        let mut tests = npm::script(&self.home, "browser")?;
        browser.announce_to(&mut tests);
        if long {
            tests.env("PERPETUA_TEST_EVERY", "1");
        }
        process::run(&mut tests)
    }

    /// Uses the pages of a real node in a browser.
    pub(crate) fn test_served(&self, browser: &Browser, program: &Path) -> Result<()> {
        let mut tests = npm::script(&self.home, "web")?;
        browser.announce_to(&mut tests);
        tests.env("PERPETUA_TEST_PERPETUAD", program);
        process::run(&mut tests)
    }

    /// Draws every scenario into `docs/pictures`.
    pub(crate) fn draw(&self, browser: &Browser) -> Result<()> {
        let mut pictures = npm::script(&self.home, "pictures")?;
        browser.announce_to(&mut pictures);
        process::run(&mut pictures)
    }

    /// Builds `ui/dist`, which the window's program holds; only when something has changed since.
    pub(crate) fn build(&self) -> Result<()> {
        let note = self.home.join("node_modules").join(".cache");
        if folder::is_fresh(&note, &self.state()?) {
            return self.make_it_look_fresh();
        }
        self.run("build")?;
        fs::create_dir_all(&note)
            .with_context(|| format!("`{}` cannot be made", note.display()))?;
        folder::mark(&note, &self.state()?)
    }

    /// A checkout gives files of any content the time of today. The build script of the window's program
    /// goes by times, and would warn of a page that is right.
    fn make_it_look_fresh(&self) -> Result<()> {
        let page = self.home.join("dist").join("index.html");
        let built = fs::metadata(&page)?.modified()?;
        let mut newest = built;
        for source in self.sources() {
            newest = newest.max(last_change(&source)?);
        }
        if newest > built {
            let page = fs::File::options().append(true).open(&page)?;
            page.set_modified(SystemTime::now())?;
        }
        Ok(())
    }

    fn sources(&self) -> impl Iterator<Item = PathBuf> {
        let of_page = SOURCES.map(|source| self.home.join(source));
        of_page.into_iter().chain(self.outside.clone())
    }

    fn run(&self, script: &str) -> Result<()> {
        process::run(&mut npm::script(&self.home, script)?)
    }

    /// What the sources are now, and the page made of them: a page that something else has put there
    /// since (a build without Node.js puts a stand-in) is not the one that was built.
    fn state(&self) -> Result<String> {
        let mut sources = DefaultHasher::new();
        for source in self.sources() {
            hash(&source, &mut sources)?;
        }
        let mut page = DefaultHasher::new();
        let built = self.home.join("dist").join("index.html");
        if built.exists() {
            hash(&built, &mut page)?;
        }
        Ok(format!("{:x} {:x}", sources.finish(), page.finish()))
    }
}

/// Takes in a file, or a folder with all that is in it, but for what the build itself makes.
fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    files(path)?.iter().try_for_each(|file| {
        file.hash(hasher);
        let unread = || format!("`{}` cannot be read", file.display());
        fs::read(file).with_context(unread)?.hash(hasher);
        Ok(())
    })
}

/// When a file, or any file of a folder, was changed last; without files, never.
fn last_change(path: &Path) -> Result<SystemTime> {
    let mut last = SystemTime::UNIX_EPOCH;
    for file in files(path)? {
        last = last.max(fs::metadata(file)?.modified()?);
    }
    Ok(last)
}

/// A file, or all files of a folder in their order, but for what the build itself makes.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let made = Path::new("generated").join("words.ts");
    if !path.is_dir() {
        let is_source = !path.ends_with(made);
        return Ok(is_source.then(|| path.to_owned()).into_iter().collect());
    }
    let unread = || format!("`{}` cannot be read", path.display());
    let entries: std::io::Result<Vec<_>> = fs::read_dir(path).with_context(unread)?.collect();
    let entries = entries.with_context(unread)?;
    let mut inside: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
    inside.sort();
    let mut all = Vec::new();
    for path in inside {
        all.extend(files(&path)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{OUTSIDE, SOURCES};

    #[test]
    fn the_program_warns_of_a_page_that_is_older_than_any_of_its_sources() {
        let script = include_str!("../../build.rs");
        let list = script.split_once("const SOURCES").expect("a list").1;
        let list = list.split_once("];").expect("its end").0;
        let known: Vec<_> = list.split('"').skip(1).step_by(2).collect();
        let of_page = SOURCES.map(|source| format!("ui/{source}"));
        let mut expected = OUTSIDE.to_vec();
        expected.extend(of_page.iter().map(String::as_str));
        assert_eq!(known, expected);
    }
}
