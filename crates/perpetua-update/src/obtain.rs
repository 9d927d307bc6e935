//! A newer version on this disk, proven: each that is offered is tried, the highest first.

use std::{
    fs,
    path::{Path, PathBuf},
};

use perpetua_fetch::{
    AddressProblem, DownloadError, FileDownload, InstallProgress, Patience, Proxy, forget_download,
};
use perpetua_fs::{FileError, create_private_folder, rename};
use perpetua_task::blocking;
use perpetua_words::{Message, update as words};
use semver::Version;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    NewVersion, Package, Project, ReleaseKey,
    find::client,
    listing::ListedFile,
    words::{at, of_download},
};

/// What the name of each file begins with.
const PREFIX: &str = "perpetua_";

/// A newer version that is on this disk, and was proven there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obtained {
    /// Which.
    pub version: Version,
    /// What is new in it.
    pub notes: String,
    /// The file.
    pub path: PathBuf,
    /// Its signature, for whoever proves it once more.
    signature: String,
}

impl Obtained {
    /// Proves a copy of the file as the file was proven; blocks. What lies in a folder may be changed there.
    pub fn prove(&self, key: &ReleaseKey, copy: &Path) -> Result<(), Message> {
        let proven = key.prove(copy, &self.signature, &self.version);
        proven.map_err(|problem| (&problem).into())
    }
}

/// Why there is no file.
#[derive(Debug, PartialEq, Eq)]
pub enum ObtainError {
    /// It was called off.
    Canceled,
    /// Each that was offered failed, or nothing can be proven here.
    Failed(Message),
}

/// What a newer version is obtained with.
#[derive(Debug)]
pub struct Obtaining<'a> {
    /// Whose it has to be.
    pub project: &'a Project,
    /// Which copy it is for.
    pub package: &'a Package,
    /// Which way requests take.
    pub proxy: &'a Proxy,
    /// Where the files are; nobody else's.
    pub folder: &'a Path,
    /// How far it is.
    pub progress: &'a watch::Sender<InstallProgress>,
    /// Calls it off.
    pub cancel: &'a CancellationToken,
}

/// Obtains one of these versions, the first that can be had. `begin` hears which one is tried.
pub async fn obtain(
    obtaining: &Obtaining<'_>,
    offered: &[NewVersion],
    mut begin: impl FnMut(&NewVersion),
) -> Result<Obtained, ObtainError> {
    let failed = |message: Message| ObtainError::Failed(message);
    let key = obtaining.project.key.as_ref();
    let key = key.ok_or_else(|| failed(words::NoKey.into()))?;
    let mut problems = Vec::new();
    for newer in offered {
        let Some(file) = &newer.file else { continue };
        begin(newer);
        match one(obtaining, key, newer, file).await {
            Ok(obtained) => return Ok(obtained),
            Err(None) => return Err(ObtainError::Canceled),
            Err(Some(problem)) => {
                warn!(%problem, version = %newer.version, "a newer version could not be had there");
                problems.push(at(&perpetua_fetch::shown_address(&file.url), problem));
            }
        }
    }
    let version = offered.first().map(|newer| newer.version.to_string());
    let version = version.unwrap_or_default();
    Err(failed(words::NotObtained { problems, version }.into()))
}

/// `Err(None)` where it was called off.
async fn one(
    obtaining: &Obtaining<'_>,
    key: &ReleaseKey,
    newer: &NewVersion,
    file: &ListedFile,
) -> Result<Obtained, Option<Message>> {
    let name = format!("{PREFIX}{}{}", newer.version, obtaining.package.ending());
    let obtained = Obtained {
        version: newer.version.clone(),
        notes: newer.notes.clone(),
        path: obtaining.folder.join(&name),
        signature: file.signature.clone(),
    };
    if is_there(key, &obtained).await {
        return Ok(obtained);
    }
    let part = obtaining.folder.join(format!("{name}.part"));
    let downloaded = download(obtaining, file, part.clone()).await;
    downloaded.map_err(|error| of_download(&error))?;
    let (proving, with, path) = (obtained.clone(), key.clone(), part.clone());
    let proven = blocking(move || with.prove(&path, &proving.signature, &proving.version)).await;
    if let Err(problem) = proven {
        forget_download(part).await;
        return Err(Some((&problem).into()));
    }
    let to = obtained.path.clone();
    let placed = blocking(move || rename(&part, &to)).await;
    placed.map_err(|error: FileError| Some((&error).into()))?;
    // What told of the part tells of nothing now.
    forget_download(obtaining.folder.join(format!("{name}.part"))).await;
    info!(version = %obtained.version, place = newer.place, "a newer version is ready");
    Ok(obtained)
}

/// Whether a former run has it already.
async fn is_there(key: &ReleaseKey, obtained: &Obtained) -> bool {
    let (key, obtained) = (key.clone(), obtained.clone());
    blocking(move || obtained.path.is_file() && obtained.prove(&key, &obtained.path).is_ok()).await
}

async fn download(
    obtaining: &Obtaining<'_>,
    file: &ListedFile,
    part: PathBuf,
) -> Result<(), DownloadError> {
    let folder = obtaining.folder.to_owned();
    blocking(move || create_private_folder(&folder)).await?;
    let no_client = |_| DownloadError::Address(AddressProblem::NoAddress);
    let client = client(obtaining.proxy).map_err(no_client)?;
    let patience = Patience {
        stall: obtaining.project.pace.stall,
        ..Patience::default()
    };
    let download = FileDownload {
        client: &client,
        url: &file.url,
        path: part,
        patience,
        progress: obtaining.progress,
        cancel: obtaining.cancel,
    };
    download.run().await
}

/// Removes what is kept of other versions than these; blocks. What cannot be removed stays for the next time.
pub fn sweep(folder: &Path, keep: &[&Version]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_kept = keep.iter().any(|version| is_of(&name, version));
        if name.starts_with(PREFIX) && !is_kept {
            let _stays_for_the_next_time = fs::remove_file(entry.path());
        }
    }
}

/// The installer of the last version before this one, where one is kept; blocks.
pub fn former_installer(
    folder: &Path,
    version: &Version,
    package: &Package,
) -> Option<(Version, PathBuf)> {
    let ending = package.ending();
    if ending.is_empty() || matches!(package, Package::Image(_)) {
        return None;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let kept = entries.filter_map(|entry| {
        let name = entry.file_name();
        let text = name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(ending)?;
        let kept = Version::parse(text).ok()?;
        (kept < *version).then(|| (kept, entry.path()))
    });
    kept.max_by(|a, b| a.0.cmp(&b.0))
}

/// Whether a file of this name belongs to this version, and not to one whose number only begins so.
fn is_of(name: &str, version: &Version) -> bool {
    let rest = name.strip_prefix(PREFIX);
    let rest = rest.and_then(|rest| rest.strip_prefix(&version.to_string()));
    rest.is_some_and(|rest| {
        [".AppImage", ".exe", ".msi"]
            .iter()
            .any(|ending| rest.starts_with(ending))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use semver::Version;

    use super::{former_installer, sweep};
    use crate::Package;

    #[test]
    fn what_is_kept_is_of_the_named_versions() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = [
            "0.1.0.exe",
            "0.2.0.exe",
            "0.2.0.exe.part",
            "0.2.0-rc.1.exe",
            "0.20.0.msi",
        ];
        for name in names {
            fs::write(folder.path().join(format!("perpetua_{name}")), "").expect("written");
        }
        fs::write(folder.path().join("mine.txt"), "").expect("written");
        let (old, new) = (Version::new(0, 1, 0), Version::new(0, 2, 0));
        let kept = former_installer(folder.path(), &new, &Package::Nsis).expect("one");
        assert_eq!(kept.0.to_string(), "0.2.0-rc.1", "{kept:?}");
        let kept = former_installer(folder.path(), &kept.0, &Package::Nsis).expect("one");
        assert!(kept.1.ends_with("perpetua_0.1.0.exe"), "{kept:?}");
        assert_eq!(former_installer(folder.path(), &old, &Package::Msi), None);
        sweep(folder.path(), &[&new]);
        let left = fs::read_dir(folder.path()).expect("a folder").flatten();
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(
            left,
            ["mine.txt", "perpetua_0.2.0.exe", "perpetua_0.2.0.exe.part"]
        );
    }
}
