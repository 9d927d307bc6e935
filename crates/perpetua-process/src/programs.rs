//! The programs that run on this machine, as far as this user may know of them.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// A program that runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunningProgram {
    /// The system's number for its process.
    pub pid: u32,
    /// Its file; unknown where this user may not know it.
    pub program: Option<PathBuf>,
    /// The folder that it works in; unknown where this user may not know it.
    pub folder: Option<PathBuf>,
    /// What it was called with, its own name first; empty where this user may not know it.
    pub arguments: Vec<OsString>,
}

impl RunningProgram {
    /// All of them, but for this one. Blocks: it asks the system about every process.
    pub fn all() -> Vec<Self> {
        #[cfg(target_os = "linux")]
        let mut all = linux::all();
        #[cfg(not(target_os = "linux"))]
        let mut all = elsewhere::all();
        all.retain(|one| one.pid != std::process::id());
        all
    }

    /// What people know it by: the name of its file, or what it was called as.
    pub fn name(&self) -> String {
        let called = self.arguments.first().map(Path::new);
        let path = self.program.as_deref().or(called);
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Whether it is a program of this folder: its file lies in there, or it works there and is, or runs, a file of
    /// one of these names. A shell in which somebody went there is none. However the paths are written, they are the
    /// same where they lead to one place. Blocks.
    pub fn belongs_to(&self, folder: &Path, names: &[&str]) -> bool {
        let folder = as_the_system_writes_it(folder);
        let is_within = |path: &Option<PathBuf>| {
            let path = path.as_deref().map(as_the_system_writes_it);
            path.is_some_and(|path| path.starts_with(&folder))
        };
        let is_named = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            names.iter().any(|one| name == *one)
        };
        // An interpreter or a runtime has the program among the first of its arguments.
        let called = self.arguments.iter().take(3);
        let mut files = self
            .program
            .iter()
            .map(PathBuf::as_path)
            .chain(called.map(Path::new));
        is_within(&self.program) || (is_within(&self.folder) && files.any(is_named))
    }
}

/// One of the many ways to write a path: links, letter case and the prefix `\\?\` of Windows make no difference then. What
/// is not there any more stays as it is.
fn as_the_system_writes_it(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::RunningProgram;

    fn running(program: Option<&str>, folder: &str, arguments: &[&str]) -> RunningProgram {
        RunningProgram {
            pid: 7,
            program: program.map(Into::into),
            folder: Some(folder.into()),
            arguments: arguments.iter().map(Into::into).collect(),
        }
    }

    #[test]
    fn a_program_of_a_folder_is_told_from_who_only_looks_there() {
        let names = ["Core", "Core.dll"];
        for (running, belongs) in [
            (running(Some("/old/Core"), "/", &["Core"]), true),
            (running(Some("/old/bin/any"), "/", &["any"]), true),
            (running(Some("/usr/bin/Core"), "/old", &["Core"]), true),
            (
                running(Some("/usr/bin/dotnet"), "/old", &["dotnet", "Core.dll"]),
                true,
            ),
            (
                running(Some("/usr/bin/sh"), "/old", &["sh", "-c", "./Core"]),
                true,
            ),
            (running(None, "/old/data", &["./Core", "-x"]), true),
            (running(Some("/usr/bin/bash"), "/old", &["-bash"]), false),
            (
                running(Some("/usr/bin/vim"), "/old", &["vim", "a", "b", "Core"]),
                false,
            ),
            (running(Some("/usr/bin/Core"), "/other", &["Core"]), false),
            (running(Some("/older/Core"), "/older", &["Core"]), false),
            (running(None, "/elsewhere", &[]), false),
        ] {
            assert_eq!(
                running.belongs_to(Path::new("/old"), &names),
                belongs,
                "{running:?}"
            );
        }
    }

    /// Where it runs and where it is looked for, each written in several ways.
    #[test]
    fn a_program_is_found_however_its_folder_is_written() {
        let home = tempfile::tempdir().expect("a folder");
        let real = home.path().canonicalize().expect("it is there");
        for folder in ["old", "older"] {
            std::fs::create_dir(real.join(folder)).expect("made");
            std::fs::write(real.join(folder).join("Core"), "").expect("written");
        }
        let written = |folder: &str| {
            let mut ways = vec![
                real.join(folder),
                home.path().join(folder),
                real.join("old").join("..").join(folder),
                real.join(".").join(folder),
            ];
            ways.extend(other_ways(&real, folder));
            ways
        };
        for folder in written("old") {
            for (runs_in, belongs) in [("old", true), ("older", false)] {
                for place in written(runs_in) {
                    let program = place.join("Core");
                    let text = |path: &Path| path.to_str().expect("text").to_owned();
                    let by_file = running(Some(&text(&program)), "/", &["any"]);
                    let by_place = running(None, &text(&place), &["Core"]);
                    for running in [by_file, by_place] {
                        let found = running.belongs_to(&folder, &["Core"]);
                        assert_eq!(found, belongs, "{folder:?} {running:?}");
                    }
                }
            }
        }
    }

    #[cfg(unix)]
    fn other_ways(real: &Path, folder: &str) -> Vec<PathBuf> {
        let link = real.join(format!("link-to-{folder}"));
        if !link.exists() {
            std::os::unix::fs::symlink(real.join(folder), &link).expect("linked");
        }
        vec![link]
    }

    /// Without the prefix `\\?\`, and in capital letters.
    #[cfg(windows)]
    fn other_ways(real: &Path, folder: &str) -> Vec<PathBuf> {
        let text = real.join(folder).to_str().expect("text").to_owned();
        let plain = text.trim_start_matches(r"\\?\").to_owned();
        vec![plain.to_uppercase().into(), plain.into()]
    }

    #[test]
    fn this_program_is_none_of_the_others() {
        let own = std::process::id();
        assert!(RunningProgram::all().iter().all(|one| one.pid != own));
    }
}
