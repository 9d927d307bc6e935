//! How a copy of perpetua was installed, which decides what can replace it.

use std::path::PathBuf;

/// How a copy of perpetua was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// An `AppImage`: this file, which a new one takes the place of.
    Image(PathBuf),
    /// The installer of NSIS.
    Nsis,
    /// The installer of Windows.
    Msi,
    /// By the package manager of a Linux system.
    System,
    /// In any other way: built here, unpacked, or an application of macOS, which a person replaces.
    Other,
}

impl Package {
    /// The keys of a listing that hold the file for it, the preferred one first; none where no file is used.
    pub(crate) fn keys(&self) -> Vec<String> {
        let kind = match self {
            Self::Image(_) => "appimage",
            Self::Nsis => "nsis",
            Self::Msi => "msi",
            Self::System | Self::Other => return Vec::new(),
        };
        let system = format!("{}-{}", system(), std::env::consts::ARCH);
        vec![format!("{system}-{kind}"), system]
    }

    /// How the file's address ends. Below the key of a system alone there may be a file of another kind: two
    /// installers of Windows do not replace each other.
    pub(crate) fn ending(&self) -> &'static str {
        match self {
            Self::Image(_) => ".AppImage",
            Self::Nsis => ".exe",
            Self::Msi => ".msi",
            Self::System | Self::Other => "",
        }
    }

    /// Whether a new version can take the place of this copy without anybody's help.
    pub fn replaces_itself(&self) -> bool {
        matches!(self, Self::Image(_) | Self::Nsis | Self::Msi)
    }
}

/// The system in the words of listings.
fn system() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    /// The system of this machine in the words of listings.
    pub(crate) const SYSTEM: &str = if cfg!(target_os = "macos") {
        "darwin"
    } else if cfg!(windows) {
        "windows"
    } else {
        "linux"
    };
}
