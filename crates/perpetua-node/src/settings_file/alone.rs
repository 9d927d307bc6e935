//! Changes of the settings while no node runs: nobody watches the file then, so each change looks for itself.

use std::{
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use perpetua_fs::{Access, write_atomic_if};

use super::read;
use crate::{Settings, StartError, read_settings};

/// How long the file has to stay as it is.
const SETTLED: Duration = Duration::from_millis(500);
/// How long that is waited for.
const LIMIT: Duration = Duration::from_secs(4);

/// Reads settings that shall be changed, once nobody is writing them: neither a blank file nor one that became
/// other bytes meanwhile is taken. Blocks for half a second at least.
#[expect(
    clippy::disallowed_methods,
    reason = "it blocks, and nothing tells when another program has ended writing"
)]
pub fn settled_settings(path: PathBuf) -> Result<Settings, StartError> {
    let until = Instant::now() + LIMIT;
    let mut former = read_settings(path.clone());
    loop {
        sleep(SETTLED);
        let settings = read_settings(path.clone());
        let is_late = Instant::now() >= until;
        match (former, settings) {
            (Ok(former), Ok(settings))
                if former.bytes == settings.bytes && !settings.text.trim().is_empty() =>
            {
                return Ok(settings);
            }
            (_, Err(error)) if is_late => return Err(error),
            (_, Ok(_)) if is_late => return Err(StartError::SettingsBeingEdited { path }),
            (_, settings) => former = settings,
        }
    }
}

/// Replaces settings by a changed text, unless somebody has written the file since they were read. Blocks.
pub fn replace_settings(settings: &Settings, text: &str) -> Result<(), StartError> {
    let path = &settings.path;
    let is_same = || read::read(path).is_ok_and(|now| now == settings.bytes);
    if write_atomic_if(path, text.as_bytes(), Access::Usual, is_same)? {
        return Ok(());
    }
    let path = path.clone();
    Err(StartError::SettingsBeingEdited { path })
}

#[cfg(test)]
mod tests {
    use std::{fs, thread, time::Duration};

    use super::{replace_settings, settled_settings};
    use crate::StartError;

    const TEXT: &str = "[api]\nlisten = \"127.0.0.1:0\"\n";

    #[test]
    fn a_blank_file_is_waited_for_and_nothing_is_written_over_another_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, "").expect("written");
        let saved = path.clone();
        let editor = thread::spawn(move || {
            thread::park_timeout(Duration::from_millis(700));
            fs::write(saved, TEXT).expect("written");
        });
        let settings = settled_settings(path.clone()).expect("it came");
        editor.join().expect("saved");
        assert_eq!(settings.text, TEXT);
        fs::write(&path, "# by hand\n").expect("written");
        let refused = replace_settings(&settings, "# ours\n");
        assert!(matches!(
            refused,
            Err(StartError::SettingsBeingEdited { .. })
        ));
        assert_eq!(fs::read_to_string(&path).expect("readable"), "# by hand\n");
    }

    #[test]
    fn a_file_that_stays_blank_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, " \n").expect("written");
        let refused = settled_settings(path);
        assert!(matches!(
            refused,
            Err(StartError::SettingsBeingEdited { .. })
        ));
    }
}
