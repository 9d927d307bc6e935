//! The blocking part of a launch: the account's folder is made ready for the core.

use std::{
    env,
    ffi::OsString,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    time::SystemTime,
};

use perpetua_fs::create_private_folder;
use perpetua_lagrange::{
    AccountFolder, AppInfo, Chosen, CoreProtocol, Device, Keystore, LagrangeSettings,
    SessionBackup, inherited, log::LogMark,
};
use perpetua_lifecycle::{ExitCause, LaunchFailure};
use perpetua_process::{Console, Launch};
use perpetua_secrets::{Secret, generate_token};
use perpetua_words::{Message, core as words};

use crate::options::CorePaths;

/// What the folder is prepared with.
#[derive(Debug)]
pub(crate) struct PrepareWorkdir {
    pub(crate) paths: CorePaths,
    pub(crate) program: PathBuf,
    pub(crate) uin: Option<u64>,
    pub(crate) protocol: CoreProtocol,
    pub(crate) chosen: Chosen,
    /// Where copies of the login are.
    pub(crate) backup: SessionBackup,
    pub(crate) mark: LogMark,
}

/// All that a start needs.
#[derive(Debug)]
pub(crate) struct PreparedWorkdir {
    pub(crate) port: u16,
    pub(crate) token: Secret,
    pub(crate) launch: Launch,
    /// What people should know of it, a sentence each.
    pub(crate) remarks: Vec<Message>,
}

impl PrepareWorkdir {
    /// Blocks for as long as the disk takes.
    pub(crate) fn prepare(self) -> Result<PreparedWorkdir, LaunchFailure> {
        let folder = &self.paths.folder;
        create_private_folder(folder.path()).map_err(machine)?;
        create_private_folder(&self.paths.extract_folder).map_err(machine)?;
        folder.remove_stale_pictures().map_err(machine)?;
        if let Some(file) = folder.legacy_database(self.uin) {
            let cause = ExitCause::LegacyDatabase(file.display().to_string());
            return Err(LaunchFailure::CannotRun(cause));
        }
        let session = mend_session(folder, &self.backup)?;
        let device = mend_device(folder, &self.backup)?;
        let mut remarks: Vec<Message> = session.into_iter().chain(device).collect();
        self.write_app_info().map_err(machine)?;
        let settings = LagrangeSettings {
            port: free_port()?,
            token: generate_token().map_err(machine)?,
            uin: self.uin,
            protocol: self.protocol,
            signer: self.chosen.signer,
            log_mark: self.mark,
            extract_folder: self.paths.extract_folder,
        };
        let written = settings.write(folder.path()).map_err(machine)?;
        remarks.extend(written.dropped);
        let launch = Launch {
            program: self.program,
            arguments: Vec::new(),
            folder: folder.path().to_owned(),
            environment: environment(&settings),
            console: Console::for_core(),
        };
        let LagrangeSettings { port, token, .. } = settings;
        Ok(PreparedWorkdir {
            port,
            token,
            launch,
            remarks,
        })
    }

    /// What the core pretends to be has to fit the signer, even when its own question to it fails.
    fn write_app_info(&self) -> Result<(), perpetua_fs::FileError> {
        let folder = self.paths.folder.path();
        let answer = self.chosen.report.answer.as_ref().ok();
        match answer.and_then(|answer| answer.app_info.as_ref()) {
            Some(app_info) => app_info.write(folder),
            None => AppInfo::remove(folder),
        }
    }
}

/// All that the core sees of variables; of two of one name the later one counts.
pub(crate) fn environment(settings: &LagrangeSettings) -> Vec<(OsString, OsString)> {
    inherited(env::vars_os())
        .chain(settings.environment())
        .collect()
}

/// A session that the core would crash on gives way to the copy of the last login, before it can. Where no copy
/// can be had it is set aside: one that is out of reach for now, as with a locked keyring, can be restored later.
fn mend_session(
    folder: &AccountFolder,
    backup: &SessionBackup,
) -> Result<Option<Message>, LaunchFailure> {
    let Keystore::Unreadable(cause) = folder.keystore().map_err(machine)? else {
        return Ok(None);
    };
    let now = SystemTime::now();
    if backup.restore(None, now).is_ok() {
        return Ok(Some(words::SessionRestored { cause }.into()));
    }
    folder.set_session_aside(now).map_err(machine)?;
    Ok(Some(words::SessionDamaged { cause }.into()))
}

/// The same for the device, without which the session would be that of another one.
fn mend_device(
    folder: &AccountFolder,
    backup: &SessionBackup,
) -> Result<Option<Message>, LaunchFailure> {
    let Device::Unreadable(cause) = folder.device().map_err(machine)? else {
        return Ok(None);
    };
    if backup.restore_device().is_ok() {
        return Ok(Some(words::DeviceRestored { cause }.into()));
    }
    folder
        .set_device_aside(SystemTime::now())
        .map_err(machine)?;
    Ok(Some(words::DeviceDamaged { cause }.into()))
}

/// A port that was free a moment ago. Another program may take it before the core does, which
/// the core's log tells, and the next start takes another one.
fn free_port() -> Result<u16, LaunchFailure> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let port = bound.and_then(|listener| listener.local_addr());
    port.map(|address| address.port()).map_err(|error| {
        let cause = Message::from(&error);
        LaunchFailure::Machine(words::NoFreePort { cause }.into())
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn machine<E>(error: E) -> LaunchFailure
where
    for<'a> Message: From<&'a E>,
{
    LaunchFailure::Machine(Message::from(&error))
}
