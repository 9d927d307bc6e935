//! A disk that fails as a test orders it, in this process and in those that it starts.
//!
//! The orders stand in a file of the folder that they are for, so that nothing is kept in a process. They hold for all
//! that is asked of the disk through this crate; programs that are not ours write on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::FileAction;

/// Where the orders stand, in the folder that they are for.
const ORDERS: &str = ".disk-faults";
/// What was written, a path a line, while somebody wants to know.
const SEEN: &str = ".disk-writes";

/// What stands before the number of the first write that fails.
const FROM: &str = "from-write:";

/// What the disk is to refuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskFault {
    /// It is full: nothing new can be written.
    Full,
    /// The folder is another user's: nothing can be written, moved or deleted.
    ReadOnly,
    /// The files are another user's: nothing can be read.
    Unreadable,
}

/// The disk under a folder.
#[derive(Clone, Debug)]
pub struct FaultyDisk {
    folder: PathBuf,
}

impl FaultyDisk {
    /// The disk under this folder, which exists; nothing fails yet.
    pub fn under(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// From now on this fails for every path that holds `part`; all, where it is empty. What was ordered before ends.
    pub fn fail(&self, fault: DiskFault, part: &str) {
        self.order(&format!("{} {part}", fault.word()));
    }

    /// From now on this fails for the write of this number, counted from 0, and for all that come after it.
    pub fn fail_from(&self, fault: DiskFault, number: usize) {
        self.forget_seen();
        self.order(&format!("{} {FROM}{number}", fault.word()));
    }

    /// From now on nothing fails, and this much is free.
    pub fn leave_free(&self, bytes: u64) {
        self.order(&format!("free {bytes}"));
    }

    /// From now on nothing fails, and it is noted what is written.
    pub fn watch(&self) {
        self.forget_seen();
        self.order("watch");
    }

    /// All is well again.
    pub fn mend(&self) {
        self.order("");
    }

    /// The names of the files that were written since [`FaultyDisk::watch`], or were to be written since
    /// [`FaultyDisk::fail_from`], each once, in their order.
    pub fn written(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in seen(&self.folder).lines() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// How many writes there were since the same.
    pub fn writes(&self) -> usize {
        seen(&self.folder).lines().count()
    }

    fn forget_seen(&self) {
        let _there_is_none = fs::remove_file(self.folder.join(SEEN));
    }

    /// A reader finds the old orders or the new ones.
    fn order(&self, text: &str) {
        let aside = self.folder.join(".disk-faults.new");
        fs::write(&aside, text).expect("the orders of a test are written");
        fs::rename(aside, self.folder.join(ORDERS)).expect("the orders of a test are put in place");
    }
}

impl DiskFault {
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What a test wants to be said of this.
pub(crate) fn ordered(action: FileAction, path: &Path) -> Option<io::ErrorKind> {
    let (folder, orders) = orders(path)?;
    let (word, part) = orders.split_once(' ').unwrap_or((&orders, ""));
    let makes = matches!(action, FileAction::Write | FileAction::CreateFolder);
    let changes = makes || matches!(action, FileAction::Move | FileAction::Delete);
    let reads = matches!(action, FileAction::Read | FileAction::Open);
    let is_meant = || match part.strip_prefix(FROM) {
        Some(number) => {
            note(&folder, path);
            let first = number.parse::<usize>();
            first.is_ok_and(|number| seen(&folder).lines().count() > number)
        }
        None => path.to_string_lossy().contains(part),
    };
    match word {
        "full" if makes && is_meant() => Some(io::ErrorKind::StorageFull),
        "read-only" if changes && is_meant() => Some(io::ErrorKind::PermissionDenied),
        "unreadable" if reads && is_meant() => Some(io::ErrorKind::PermissionDenied),
        "watch" if makes => {
            note(&folder, path);
            None
        }
        _ => None,
    }
}

/// What a test wants to be free under a path; bytes.
pub(crate) fn free(path: &Path) -> Option<u64> {
    let (_, orders) = orders(&path.join(ORDERS))?;
    match orders.split_once(' ').unwrap_or((&orders, "")) {
        ("full", "") => Some(0),
        ("free", bytes) => bytes.parse().ok(),
        _ => None,
    }
}

/// The orders for a path, and the folder that they stand in.
fn orders(path: &Path) -> Option<(PathBuf, String)> {
    let mut above = path.ancestors().skip(1);
    above.find_map(|folder| {
        let text = fs::read_to_string(folder.join(ORDERS)).ok()?;
        Some((folder.to_owned(), text))
    })
}

/// What was written, a path a line.
fn seen(folder: &Path) -> String {
    fs::read_to_string(folder.join(SEEN)).unwrap_or_default()
}

fn note(folder: &Path, path: &Path) {
    use std::io::Write as _;
    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    let file = fs::File::options()
        .append(true)
        .create(true)
        .open(folder.join(SEEN));
    let noted = file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes()));
    noted.expect("what is written is noted");
}
