//! Before a start: files of the login that the core would crash on give way to the copy of the last login.
//!
//! ```text
//!   judged unreadable ──► the newest copy that opens is put in its place
//!                    └──► none does: only that file is set aside, and noted
//! ```
//!
//! Where it is the disk that refuses the copy, now, nothing is set aside: there will be room, or the rights, later.
//! A file that can be read stays as it is, whatever else is damaged and whatever the core crashed on. A copy that is
//! out of reach for now, as with a locked keyring, can be restored later.

use std::time::SystemTime;

use perpetua_fs::FileError;
use perpetua_words::Message;

use super::{
    judged::{Device, Keystore},
    session_backup::{SessionBackup, SessionBackupError},
    set_aside::LoginFile,
};

/// What was done about a file that could not be read, and why it could not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mended {
    /// The copy of the last login has taken its place.
    Restored(LoginFile, Message),
    /// It is set aside.
    SetAside(LoginFile, Message),
}

impl SessionBackup {
    /// Mends what needs it for this account, where it is known which one it has to be; the core must not run. A copy of
    /// another account's login is not put back: it would be refused, and nobody would know where it came from.
    pub fn mend(&self, wanted: Option<u64>, now: SystemTime) -> Result<Vec<Mended>, FileError> {
        // It says so itself when the next thing that is written is refused.
        let _again_next_time = self.folder().remove_unfinished();
        let session = self.mend_session(wanted, now)?;
        let device = self.mend_device(wanted, now)?;
        Ok(session.into_iter().chain(device).collect())
    }

    fn mend_session(
        &self,
        wanted: Option<u64>,
        now: SystemTime,
    ) -> Result<Option<Mended>, FileError> {
        let Keystore::Unreadable(why) = self.folder().keystore()? else {
            return Ok(None);
        };
        for copy in self.list(now).unwrap_or_default() {
            if !self.is_of(wanted, &copy, now) {
                continue;
            }
            match self.restore(Some(&copy.name), now) {
                Ok(_) => return Ok(Some(Mended::Restored(LoginFile::Session, why))),
                Err(SessionBackupError::File(error)) if error.is_refusal() => return Err(error),
                Err(_) => {}
            }
        }
        self.folder().set_session_aside(now, &why)?;
        Ok(Some(Mended::SetAside(LoginFile::Session, why)))
    }

    /// Without its device the session would be that of another one.
    fn mend_device(
        &self,
        wanted: Option<u64>,
        now: SystemTime,
    ) -> Result<Option<Mended>, FileError> {
        let Device::Unreadable(why) = self.folder().device()? else {
            return Ok(None);
        };
        match self.restore_device(wanted, now) {
            Ok(_) => return Ok(Some(Mended::Restored(LoginFile::Device, why))),
            Err(SessionBackupError::File(error)) if error.is_refusal() => return Err(error),
            Err(_) => {}
        }
        self.folder().set_device_aside(now, &why)?;
        Ok(Some(Mended::SetAside(LoginFile::Device, why)))
    }
}
