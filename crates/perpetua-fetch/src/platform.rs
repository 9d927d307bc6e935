//! Which of a release's files runs on this machine.

use std::fmt;
use std::path::Path;

use perpetua_words::{Message, install as words};

/// The C library that programs of a Linux system are linked to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Libc {
    /// The GNU C library, which most systems have.
    Gnu,
    /// musl, as on Alpine.
    Musl,
}

/// A system, in the words of [`std::env::consts`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Platform {
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// `x86_64`, `aarch64`, `arm`, `x86`.
    pub arch: String,
    /// The C library, where it matters.
    pub libc: Option<Libc>,
}

/// The systems that Lagrange.OneBot is built for (`.github/workflows/Lagrange.OneBot-release.yml`).
const BUILDS: [(&str, &str, &str); 7] = [
    ("windows", "x86_64", "win-x64"),
    ("windows", "x86", "win-x86"),
    ("linux", "x86_64", "linux-x64"),
    ("linux", "aarch64", "linux-arm64"),
    ("linux", "arm", "linux-arm"),
    ("macos", "x86_64", "osx-x64"),
    ("macos", "aarch64", "osx-arm64"),
];

impl Platform {
    /// The system that this program runs on.
    pub fn detect() -> Self {
        Self::detect_in(Path::new("/"))
    }

    /// The same, with the C library looked for below this folder: a perpetua that was linked
    /// statically to musl runs on both kinds, so its own build says nothing about the system.
    pub fn detect_in(root: &Path) -> Self {
        let os = std::env::consts::OS;
        Self {
            os: os.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            libc: (os == "linux").then(|| Libc::detect(root)),
        }
    }

    /// The name of this system in .NET's words, such as `linux-x64`; `None` when the core is not built for it.
    pub fn rid(&self) -> Option<&'static str> {
        if self.libc == Some(Libc::Musl) {
            return None;
        }
        let build = BUILDS
            .iter()
            .find(|(os, arch, _)| *os == self.os && *arch == self.arch);
        build.map(|(_, _, rid)| *rid)
    }

    /// The names of all systems that the core is built for.
    pub fn known_rids() -> impl Iterator<Item = &'static str> {
        BUILDS.iter().map(|(_, _, rid)| *rid)
    }

    /// The ending of the archives for this system.
    pub fn archive(&self) -> &'static str {
        if self.os == "windows" {
            "zip"
        } else {
            "tar.gz"
        }
    }

    /// The file name of the core's program.
    pub fn program(&self) -> &'static str {
        if self.os == "windows" {
            "Lagrange.OneBot.exe"
        } else {
            "Lagrange.OneBot"
        }
    }

    /// What a person may try on a system that the core is not built for.
    pub fn advice(&self) -> Option<Message> {
        match (self.os.as_str(), self.arch.as_str(), self.libc) {
            ("windows", "aarch64", _) => Some(words::WindowsOnArm.into()),
            ("linux", _, Some(Libc::Musl)) => Some(words::NeedsGlibc.into()),
            _ => None,
        }
    }
}

impl Libc {
    /// musl's loader is there and glibc's is not: a system with glibc may have musl beside it.
    fn detect(root: &Path) -> Self {
        let has = |prefix| {
            ["lib", "lib64"]
                .iter()
                .any(|folder| holds(&root.join(folder), prefix))
        };
        if has("ld-musl-") && !has("ld-linux") {
            Self::Musl
        } else {
            Self::Gnu
        }
    }
}

/// Whether the folder has a file whose name begins so.
fn holds(folder: &Path, prefix: &str) -> bool {
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let os = match self.os.as_str() {
            "linux" => "Linux",
            "macos" => "macOS",
            "windows" => "Windows",
            other => other,
        };
        write!(formatter, "{os} on {}", self.arch)?;
        match self.libc {
            Some(Libc::Musl) => formatter.write_str(" with musl"),
            Some(Libc::Gnu) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Libc, Platform};

    #[test]
    fn each_build_of_the_release_has_its_system_and_others_have_none() {
        assert_eq!(
            platform("linux", "x86_64", Some(Libc::Gnu)).rid(),
            Some("linux-x64")
        );
        assert_eq!(platform("macos", "aarch64", None).rid(), Some("osx-arm64"));
        assert_eq!(platform("windows", "x86", None).rid(), Some("win-x86"));
        assert_eq!(platform("linux", "x86_64", Some(Libc::Musl)).rid(), None);
        assert_eq!(platform("windows", "aarch64", None).rid(), None);
        assert_eq!(platform("linux", "riscv64", Some(Libc::Gnu)).rid(), None);
    }

    #[test]
    fn musl_is_a_system_with_its_loader_and_without_that_of_glibc() {
        let root = tempfile::tempdir().expect("folder");
        assert_eq!(Libc::detect(root.path()), Libc::Gnu, "nothing is known");
        fs::create_dir(root.path().join("lib")).expect("folder");
        fs::write(root.path().join("lib/ld-musl-x86_64.so.1"), "").expect("file");
        assert_eq!(Libc::detect(root.path()), Libc::Musl);
        fs::create_dir(root.path().join("lib64")).expect("folder");
        fs::write(root.path().join("lib64/ld-linux-x86-64.so.2"), "").expect("file");
        assert_eq!(Libc::detect(root.path()), Libc::Gnu, "it has both");
    }

    #[test]
    fn this_system_has_a_name() {
        let platform = Platform::detect();
        assert!(platform.to_string().contains(&platform.arch), "{platform}");
    }

    fn platform(os: &str, arch: &str, libc: Option<Libc>) -> Platform {
        Platform {
            os: os.to_owned(),
            arch: arch.to_owned(),
            libc,
        }
    }
}
