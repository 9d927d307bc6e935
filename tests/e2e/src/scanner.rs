//! Where bytes stand that nobody may read.

use std::io;
use std::path::{Path, PathBuf};

/// The files below a folder that contain these bytes. What is gone by now, and what is no file, contains nothing.
pub fn files_with(folder: &Path, bytes: &[u8]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            found.extend(files_with(&path, bytes)?);
        } else if kind.is_file() && std::fs::read(&path).is_ok_and(|all| holds(&all, bytes)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The processes of this machine whose environment or command line contains these bytes.
#[cfg(target_os = "linux")]
pub fn processes_with(bytes: &[u8]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.path();
        for file in ["environ", "cmdline"].map(|name| process.join(name)) {
            if std::fs::read(&file).is_ok_and(|all| holds(&all, bytes)) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn holds(all: &[u8], bytes: &[u8]) -> bool {
    all.windows(bytes.len()).any(|part| part == bytes)
}
