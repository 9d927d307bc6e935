//! Opening things with the programs of the user.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use perpetua_schema::{ErrorCode, RpcError};
use perpetua_task::blocking;
use perpetua_words::{Message, desktop as words};

use crate::{image::AppImage, input_methods};

/// The arguments by which an editor opens a file at a line.
type AtLine = fn(&Path, usize) -> Vec<OsString>;

/// Editors that open a file at a line, and how they are told; the first that is installed is taken.
const EDITORS: [(&str, AtLine); 5] = [
    ("code", |file, line| {
        vec!["--goto".into(), with_line(file, line)]
    }),
    ("codium", |file, line| {
        vec!["--goto".into(), with_line(file, line)]
    }),
    ("kate", |file, line| {
        vec!["--line".into(), line.to_string().into(), file.into()]
    }),
    ("gedit", |file, line| {
        vec![format!("+{line}").into(), file.into()]
    }),
    ("mousepad", |file, line| {
        vec!["--line".into(), line.to_string().into(), file.into()]
    }),
];

fn with_line(file: &Path, line: usize) -> OsString {
    let mut text = OsString::from(file);
    text.push(format!(":{line}"));
    text
}

/// Opens a folder or a file of ours.
pub(crate) async fn path(path: PathBuf) -> Result<(), RpcError> {
    blocking(move || {
        let shown = path.display().to_string();
        started(&mut opener(path.as_os_str()), &shown)
    })
    .await
}

/// Opens a text file, at a line where an editor is known that can.
pub(crate) async fn text_file(file: PathBuf, line: Option<usize>) -> Result<(), RpcError> {
    if let Some(line) = line {
        let file = file.clone();
        if blocking(move || open_at_line(&file, line)).await {
            return Ok(());
        }
    }
    path(file).await
}

fn open_at_line(file: &Path, line: usize) -> bool {
    EDITORS.iter().any(|(editor, arguments)| {
        let mut command = Command::new(editor);
        command.args(arguments(file, line));
        started(&mut command, editor).is_ok()
    })
}

/// What opens anything on this system.
fn opener(what: &OsStr) -> Command {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("rundll32.exe");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else {
        Command::new("xdg-open")
    };
    command.arg(what);
    command
}

/// Starts a program and leaves it alone; a thread waits for its end, so that nothing is left of it.
fn started(command: &mut Command, what: &str) -> Result<(), RpcError> {
    without_image(command);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
    match quiet.stderr(Stdio::null()).spawn() {
        Ok(mut child) => {
            std::thread::spawn(move || child.wait());
            Ok(())
        }
        Err(error) => {
            let cause = Message::from(&error);
            let refused = words::CannotOpen { cause, what };
            Err(RpcError::new(ErrorCode::NotSupported, refused))
        }
    }
}

/// Takes away what an `AppImage` has put into the environment for us: libraries of its own in a program
/// of the host are its end.
pub(crate) fn without_image(command: &mut Command) {
    let Some(image) = AppImage::this() else {
        return;
    };
    // Ours is the list of one version of GTK, and other programs have others.
    command.env_remove(input_methods::LIST);
    for (name, value) in std::env::vars_os() {
        if let Some(left) = without_folder(&value, image.folder.as_os_str()) {
            if left.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, left);
            }
        }
    }
}

/// The parts of a variable that do not lie in a folder; `None` where none does.
fn without_folder(value: &OsStr, folder: &OsStr) -> Option<OsString> {
    let (value, folder) = (value.to_str()?, folder.to_str()?);
    if !value.contains(folder) {
        return None;
    }
    let left = value.split(':').filter(|part| !part.starts_with(folder));
    Some(left.collect::<Vec<_>>().join(":").into())
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, path::Path};

    use super::{with_line, without_folder};

    #[test]
    fn programs_of_the_host_see_nothing_of_the_image() {
        let left = |value: &str| without_folder(OsStr::new(value), OsStr::new("/tmp/.mount_x"));
        assert_eq!(left("/usr/bin:/bin"), None);
        assert_eq!(left("/tmp/.mount_x/usr/bin:/bin"), Some("/bin".into()));
        assert_eq!(left("/tmp/.mount_x/usr/lib"), Some("".into()));
    }

    #[test]
    fn a_line_stands_behind_the_file() {
        assert_eq!(with_line(Path::new("/a b/c.toml"), 3), "/a b/c.toml:3");
    }
}
