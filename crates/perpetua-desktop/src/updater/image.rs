//! An `AppImage` and its successor.
//!
//! ```text
//!  file ──► former        new ──► file        start it on trial
//!                                               │ ready: forget the former one
//!                                               ▼ not ready: end it, former ──► file, start that
//! ```
//!
//! The two renames are all that is not undone by being killed, and they follow each other at once. Whoever is
//! killed after them leaves the new version in its place and the former one beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use perpetua_fs::rename_at_once;
use perpetua_words::{Message, update as words};
use tracing::{error, warn};

use super::{
    install::UpdateInstall,
    trial::{Undone, wait},
};
use crate::{launch, open::without_image};

/// The folder beside an image, on the same disk as it.
const FOLDER: &str = ".perpetua-updates";
/// The image that the new one took the place of.
const FORMER: &str = "former.AppImage";
/// What a new version tells.
const REPORT: &str = "start.json";

/// Where files of updates are kept for an image.
pub(super) fn folder(file: &Path) -> Option<PathBuf> {
    Some(resolved(file).parent()?.join(FOLDER))
}

/// The file that a link leads to.
fn resolved(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_gone| file.to_owned())
}

/// Whether this user can put another file in its place; the error says why not.
#[cfg(unix)]
pub(super) fn may_replace(file: &Path) -> Result<(), Message> {
    use rustix::fs::{Access, access};
    let file = resolved(file);
    let folder = file.parent().unwrap_or(Path::new("/"));
    let may = access(folder, Access::WRITE_OK | Access::EXEC_OK);
    may.map_err(|errno| Message::from(&io::Error::from(errno)))
}

/// Elsewhere there are no such images.
#[cfg(not(unix))]
pub(super) fn may_replace(_file: &Path) -> Result<(), Message> {
    Err(Message::from(&io::Error::from(io::ErrorKind::Unsupported)))
}

/// What was kept to go back to is not needed any more.
pub(super) fn forget_former(folder: &Path) {
    for name in [FORMER, REPORT] {
        let _absent = fs::remove_file(folder.join(name));
    }
    // Only one that is empty goes.
    let _still_used = fs::remove_dir(folder);
}

/// Puts the new image into the place of the one that ran, and puts that back unless the new one starts. Blocks.
pub(super) fn replace(install: &UpdateInstall, file: &Path) -> Result<(), Message> {
    let file = resolved(file);
    let former = install.folder.join(FORMER);
    let placed = make_runnable(&install.obtained.path).and_then(|()| {
        exchange(&install.obtained.path, &file, &former).map_err(|error| Message::from(&error))
    });
    if let Err(cause) = placed {
        let version = install.obtained.version.to_string();
        return Err(words::NotPlaced { cause, version }.into());
    }
    match try_out(install, &file) {
        Ok(()) => {
            forget_former(&install.folder);
            Ok(())
        }
        Err(cause) => Err(put_back(install, &file, &former, cause)),
    }
}

fn exchange(new: &Path, file: &Path, former: &Path) -> Result<(), perpetua_fs::FileError> {
    rename_at_once(file, former)?;
    rename_at_once(new, file).inspect_err(|_refused| {
        if let Err(cause) = rename_at_once(former, file) {
            error!(%cause, former = %former.display(), "the program cannot be put back into its place");
        }
    })
}

#[cfg(unix)]
fn make_runnable(file: &Path) -> Result<(), Message> {
    use std::os::unix::fs::PermissionsExt as _;
    let set = fs::set_permissions(file, fs::Permissions::from_mode(0o755));
    set.map_err(|cause| Message::from(&cause))
}

#[cfg(not(unix))]
fn make_runnable(_file: &Path) -> Result<(), Message> {
    Ok(())
}

/// Starts the new version, and waits until it says that it is ready. Where the program ends with it, the new one
/// only shows that it can start, and ends too.
fn try_out(install: &UpdateInstall, file: &Path) -> Result<(), Message> {
    let report = install.folder.join(REPORT);
    let _absent = fs::remove_file(&report);
    let mut command = command(install, file);
    command.arg(launch::REPORT_READY).arg(&report);
    if !install.restart {
        command.arg(launch::TRIAL);
    }
    let mut child = spawn(command).map_err(|cause| {
        let cause = Message::from(&cause);
        Message::from(words::NotStarted { cause })
    })?;
    let (version, limit) = (&install.obtained.version, install.project.pace.trial);
    let ready = wait(&mut child, &report, version, limit);
    if ready.is_err() {
        end(&mut child);
    }
    ready
}

/// The former version takes its place back; says what became of the new one.
fn put_back(install: &UpdateInstall, file: &Path, former: &Path, cause: Message) -> Message {
    let version = install.obtained.version.to_string();
    warn!(%cause, version, "the new version does not start; the former one is put back");
    let message = Message::from(words::PutBack {
        cause,
        version: &version,
    });
    if let Err(cause) = rename_at_once(former, file) {
        error!(%cause, former = %former.display(), "the program cannot be put back into its place");
        return message;
    }
    let undone = Undone {
        version,
        message: message.clone(),
    };
    if let Err(cause) = undone.note(&install.folder) {
        warn!(%cause, "what became of the new version cannot be noted");
    }
    message
}

/// An image as a person starts it: nothing of the one that runs us reaches it.
pub(super) fn command(install: &UpdateInstall, file: &Path) -> Command {
    let mut command = Command::new(file);
    without_image(&mut command);
    for name in ["APPIMAGE", "APPDIR", "ARGV0", "OWD"] {
        command.env_remove(name);
    }
    command.args(install.arguments());
    command
}

pub(super) fn spawn(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null());
    // A group of its own: what it starts ends with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// Ends a new version with all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _already_gone =
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _already_gone = child.kill();
    let _ended = child.wait();
}
