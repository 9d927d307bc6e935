//! Where the system keeps entries.

use perpetua_node::NodePlace;
use perpetua_words::Message;

use super::{Entry, Program};

pub(super) use system::Store;

impl Store {
    /// The entries of this user; absent where the system has none. A node with a folder of its own has
    /// an entry of its own.
    pub(super) fn of_user(place: &NodePlace) -> Option<Self> {
        Self::named(&match &place.data_dir {
            None => "perpetua".to_owned(),
            Some(folder) => format!("perpetua-{}", crate::names::of_folder(folder)),
        })
    }
}

#[cfg(not(windows))]
mod system {
    use std::{
        fs, io,
        path::{Path, PathBuf},
    };

    use directories::BaseDirs;
    use perpetua_fs::{Access, create_private_folder, read_small, write_atomic};

    use super::{Entry, Message, Program};

    /// A file of its own for each entry.
    pub(in crate::autostart) struct Store {
        file: PathBuf,
    }

    impl Store {
        #[cfg(target_os = "macos")]
        pub(super) fn named(name: &str) -> Option<Self> {
            let folders = BaseDirs::new()?;
            let name = match name {
                "perpetua" => super::super::launch_agent::LABEL.to_owned(),
                other => format!("{}.{other}", super::super::launch_agent::LABEL),
            };
            let folder = folders.home_dir().join("Library/LaunchAgents");
            Some(Self::at(folder.join(format!("{name}.plist"))))
        }

        #[cfg(not(target_os = "macos"))]
        pub(super) fn named(name: &str) -> Option<Self> {
            let folder = BaseDirs::new()?.config_dir().join("autostart");
            Some(Self::at(folder.join(format!("{name}.desktop"))))
        }

        pub(in crate::autostart) fn at(file: PathBuf) -> Self {
            Self { file }
        }

        pub(in crate::autostart) fn text(&self, program: &Program) -> Option<String> {
            if self.is_agent() {
                let label = self.file.file_stem()?.to_str()?;
                super::super::launch_agent::text(label, program)
            } else {
                super::super::desktop_entry::text(program)
            }
        }

        pub(in crate::autostart) fn read(&self) -> Result<Entry, Message> {
            let read =
                read_small(&self.file).map_err(|error| Message::from(&error.into_cause()))?;
            let Some(bytes) = read else {
                return Ok(Entry::None);
            };
            let text = String::from_utf8(bytes).map_err(|error| {
                Message::from(&io::Error::new(io::ErrorKind::InvalidData, error))
            })?;
            Ok(if self.is_agent() {
                Entry::Starts(text)
            } else {
                super::super::desktop_entry::read(&text)
            })
        }

        pub(in crate::autostart) fn write(&self, text: &str) -> Result<(), Message> {
            let folder = self.file.parent().unwrap_or(Path::new("."));
            let made = create_private_folder(folder);
            let written =
                made.and_then(|()| write_atomic(&self.file, text.as_bytes(), Access::Usual));
            written.map_err(|error| Message::from(&error))
        }

        pub(in crate::autostart) fn remove(&self) -> Result<(), Message> {
            match fs::remove_file(&self.file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Message::from(&error)),
                _ => Ok(()),
            }
        }

        fn is_agent(&self) -> bool {
            self.file
                .extension()
                .is_some_and(|extension| extension == "plist")
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;

    use winreg::{
        RegKey, RegValue,
        enums::{HKEY_CURRENT_USER, RegType},
    };

    use super::{Entry, Message, Program};

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
    const APPROVED: &str =
        r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
    /// What the Task Manager writes for an entry that may start.
    const MAY_START: [u8; 12] = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// A value of the registry for each entry.
    pub(in crate::autostart) struct Store {
        name: String,
    }

    impl Store {
        pub(super) fn named(name: &str) -> Option<Self> {
            Some(Self {
                name: name.to_owned(),
            })
        }

        pub(in crate::autostart) fn text(&self, program: &Program) -> Option<String> {
            super::super::run_key::text(program)
        }

        pub(in crate::autostart) fn read(&self) -> Result<Entry, Message> {
            let user = RegKey::predef(HKEY_CURRENT_USER);
            let run = user
                .open_subkey(RUN)
                .and_then(|key| key.get_value(&self.name));
            let text: String = match run {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entry::None),
                Err(error) => return Err(Message::from(&error)),
            };
            let switch = user
                .open_subkey(APPROVED)
                .and_then(|key| key.get_raw_value(&self.name));
            let off = switch.is_ok_and(|value| !super::super::run_key::is_approved(&value.bytes));
            Ok(if off {
                Entry::SwitchedOff
            } else {
                Entry::Starts(text)
            })
        }

        pub(in crate::autostart) fn write(&self, text: &str) -> Result<(), Message> {
            let user = RegKey::predef(HKEY_CURRENT_USER);
            let written = user
                .create_subkey(RUN)
                .and_then(|(key, _)| key.set_value(&self.name, &text));
            let written = written.and_then(|()| {
                let (key, _) = user.create_subkey(APPROVED)?;
                let may_start = RegValue {
                    bytes: MAY_START.to_vec().into(),
                    vtype: RegType::REG_BINARY,
                };
                key.set_raw_value(&self.name, &may_start)
            });
            written.map_err(|error| Message::from(&error))
        }

        pub(in crate::autostart) fn remove(&self) -> Result<(), Message> {
            let user = RegKey::predef(HKEY_CURRENT_USER);
            for key in [RUN, APPROVED] {
                let opened = user.open_subkey_with_flags(key, winreg::enums::KEY_SET_VALUE);
                match opened.and_then(|key| key.delete_value(&self.name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(Message::from(&error));
                    }
                    _ => {}
                }
            }
            Ok(())
        }
    }
}
