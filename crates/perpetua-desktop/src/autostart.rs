//! Starting with the session: the system's own entry, which is read, written and mended, and nowhere copied.

#[cfg(any(not(windows), test))]
mod desktop_entry;
#[cfg(any(not(windows), test))]
mod launch_agent;
#[cfg(any(windows, test))]
mod run_key;
mod store;

use std::{env, ffi::OsString, path::PathBuf};

use perpetua_node::NodePlace;
use perpetua_words::{Message, desktop as words};
use tracing::{info, warn};

use crate::{Autostart, AutostartState, image::AppImage, launch::MINIMISED};
use store::Store;

/// What an entry starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

/// What the system has of us.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    None,
    /// It starts this command line, or file, as the system writes it.
    Starts(String),
    /// It is there, and somebody has switched it off where the system lets one.
    SwitchedOff,
}

impl Program {
    /// This program, for this node. An `AppImage` is started by its own file: what runs is a copy that
    /// is gone after the session.
    pub(crate) fn this(place: &NodePlace) -> Option<Self> {
        let image = AppImage::this().and_then(|image| image.file);
        let path = image.or_else(|| env::current_exe().ok())?;
        let mut arguments = vec![OsString::from(MINIMISED)];
        for (name, value) in [("--data-dir", &place.data_dir), ("--config", &place.config)] {
            if let Some(value) = value {
                let absolute = std::path::absolute(value).unwrap_or_else(|_| value.clone());
                arguments.extend([name.into(), absolute.into_os_string()]);
            }
        }
        Some(Self { path, arguments })
    }

    /// Program and arguments as text; what is no text cannot stand in an entry.
    fn words(&self) -> Option<Vec<&str>> {
        let program = std::iter::once(self.path.as_os_str());
        let all = program.chain(self.arguments.iter().map(OsString::as_os_str));
        all.map(|word| word.to_str()).collect()
    }
}

/// Whether the program starts with the session. Blocks.
pub(crate) fn read(place: &NodePlace) -> Autostart {
    let Some(store) = Store::of_user(place) else {
        return unavailable(words::AutostartNowhere);
    };
    match store.read() {
        Ok(Entry::Starts(_)) => Autostart {
            state: AutostartState::On,
            why: None,
        },
        Ok(Entry::None) => Autostart {
            state: AutostartState::Off,
            why: None,
        },
        Ok(Entry::SwitchedOff) => Autostart {
            state: AutostartState::Off,
            why: Some(words::AutostartSwitchedOff.into()),
        },
        Err(cause) => unavailable(words::AutostartUnreadable { cause }),
    }
}

/// Starts it with the session from now on, or no longer. Blocks.
pub(crate) fn set(place: &NodePlace, enabled: bool) -> Result<(), Message> {
    let store = Store::of_user(place).ok_or(words::AutostartNowhere)?;
    let written = if enabled {
        let program = Program::this(place).ok_or(words::AutostartNowhere)?;
        let text = store.text(&program).ok_or(words::AutostartNoText)?;
        store.write(&text)
    } else {
        store.remove()
    };
    written.map_err(|cause| words::AutostartUnwritable { cause }.into())
}

/// Mends an entry that starts another file than this one, as after an update or a move. Blocks.
pub(crate) fn mend(place: &NodePlace) {
    if let Some((store, program)) = Store::of_user(place).zip(Program::this(place)) {
        mend_entry(&store, &program);
    }
}

fn mend_entry(store: &Store, program: &Program) {
    let (Ok(Entry::Starts(present)), Some(wanted)) = (store.read(), store.text(program)) else {
        return;
    };
    if present == wanted {
        return;
    }
    match store.write(&wanted) {
        Ok(()) => info!("the entry that starts the program with the session was mended"),
        Err(cause) => warn!(%cause, "the entry that starts the program is of another file"),
    }
}

fn unavailable(why: impl Into<Message>) -> Autostart {
    Autostart {
        state: AutostartState::Unavailable,
        why: Some(why.into()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Entry, Program, Store, mend_entry};

    #[test]
    fn an_entry_of_a_moved_program_is_mended_and_one_that_is_gone_stays_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::at(folder.path().join("autostart/perpetua.desktop"));
        let program = |path: &str| Program {
            path: path.into(),
            arguments: Vec::new(),
        };
        let text = |program: &Program| store.text(program).expect("text");
        let (before, now) = (
            program("/tmp/old.AppImage"),
            program("/tmp/a b/new.AppImage"),
        );
        mend_entry(&store, &now);
        assert_eq!(store.read(), Ok(Entry::None));
        store.write(&text(&before)).expect("written");
        mend_entry(&store, &now);
        assert_eq!(store.read(), Ok(Entry::Starts(text(&now))));
        let off = text(&before).replace("enabled=true", "enabled=false");
        store.write(&off).expect("written");
        mend_entry(&store, &now);
        assert_eq!(store.read(), Ok(Entry::SwitchedOff));
        store.remove().expect("removed");
        store.remove().expect("gone already");
        assert_eq!(store.read(), Ok(Entry::None));
    }

    /// Puts something into the place of an entry.
    type Put = fn(&std::path::Path);

    /// Reading any of these would never end, or is no entry.
    #[test]
    fn what_is_no_entry_is_said_to_be_none_and_is_not_waited_for() {
        let made: [(&str, Put); 4] = [
            ("a pipe", |path| {
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.expect("mkfifo").success());
            }),
            ("endless", |path| {
                std::os::unix::fs::symlink("/dev/zero", path).expect("linked");
            }),
            ("a folder", |path| {
                std::fs::create_dir(path).expect("a folder");
            }),
            ("no text", |path| {
                std::fs::write(path, [0xff, 0xfe]).expect("written");
            }),
        ];
        for (what, make) in made {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("perpetua.desktop");
            make(&path);
            let said = Store::at(path).read().expect_err(what).to_string();
            assert!(!said.is_empty(), "{what}");
        }
    }
}

#[cfg(all(test, windows))]
mod tests {
    use perpetua_node::NodePlace;
    use winreg::{
        RegKey, RegValue,
        enums::{HKEY_CURRENT_USER, KEY_SET_VALUE, RegType},
    };

    use super::{Entry, Program, Store, mend_entry, read, set};
    use crate::AutostartState;

    /// What the Task Manager writes where one switches an entry off.
    fn switch_off(name: &str) {
        let key = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
        let user = RegKey::predef(HKEY_CURRENT_USER);
        let key = user.open_subkey_with_flags(key, KEY_SET_VALUE);
        let off = RegValue {
            bytes: vec![3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8].into(),
            vtype: RegType::REG_BINARY,
        };
        key.and_then(|key| key.set_raw_value(name, &off))
            .expect("switched off");
    }

    #[test]
    fn an_entry_is_written_mended_switched_off_by_the_system_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = NodePlace {
            data_dir: Some(folder.path().to_owned()),
            config: None,
        };
        let store = Store::of_user(&place).expect("a registry");
        assert_eq!(read(&place).state, AutostartState::Off);

        set(&place, true).expect("written");
        assert_eq!(read(&place).state, AutostartState::On);
        let this = Program::this(&place).expect("this program");
        let wanted = store.text(&this).expect("text");
        assert!(wanted.starts_with('"') && wanted.contains(" --minimised --data-dir "));
        assert_eq!(store.read(), Ok(Entry::Starts(wanted.clone())));

        store.write(r"C:\old\perpetua.exe").expect("written");
        mend_entry(&store, &this);
        assert_eq!(store.read(), Ok(Entry::Starts(wanted)));

        let name = format!("perpetua-{}", crate::names::of_folder(folder.path()));
        switch_off(&name);
        let off = read(&place);
        assert_eq!(off.state, AutostartState::Off);
        assert!(off.why.is_some());
        mend_entry(&store, &this);
        assert_eq!(store.read(), Ok(Entry::SwitchedOff));
        set(&place, true).expect("switched on again");
        assert_eq!(read(&place).state, AutostartState::On);

        set(&place, false).expect("removed");
        set(&place, false).expect("gone already");
        assert_eq!(store.read(), Ok(Entry::None));
    }
}
