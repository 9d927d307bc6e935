//! The blocking part of a launch: the account's folder is made ready for the core.

use std::{
    env,
    ffi::OsString,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use perpetua_fs::{create_private_folder, free_space};
use perpetua_lagrange::{
    CoreProtocol, Keystore, LagrangeSettings, LoginFile, Mended, SessionBackup, inherited,
    log::LogMark,
};
use perpetua_lifecycle::{ExitCause, LaunchFailure};
use perpetua_process::{Console, Launch};
use perpetua_secrets::{Secret, generate_token};
use perpetua_task::WallClock;
use perpetua_words::{Message, core as words};

use crate::{
    options::CorePaths,
    signing::{OpenWay, SigningWay},
};

/// What a new login writes, in bytes: a session and a device of some kilobytes, the picture of a QR code, a copy of the
/// login, and the first pages of a message database and of the core's log, with room to spare.
const LOGIN_ROOM: u64 = 10_000_000;

/// What the folder is prepared with.
#[derive(Debug)]
pub(crate) struct PrepareWorkdir {
    pub(crate) paths: CorePaths,
    pub(crate) program: PathBuf,
    pub(crate) uin: Option<u64>,
    pub(crate) protocol: CoreProtocol,
    pub(crate) way: OpenWay,
    /// Where copies of the login are.
    pub(crate) backup: SessionBackup,
    pub(crate) wall: WallClock,
    pub(crate) mark: LogMark,
}

/// All that a start needs.
#[derive(Debug)]
pub(crate) struct PreparedWorkdir {
    pub(crate) port: u16,
    pub(crate) token: Secret,
    pub(crate) way: SigningWay,
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
        let mended = self.backup.mend(self.uin, self.wall.now());
        let mended = mended.map_err(machine)?;
        let mut remarks: Vec<Message> = mended.into_iter().filter_map(remark).collect();
        self.look_whose_session()?;
        if !matches!(folder.keystore().map_err(machine)?, Keystore::Usable { .. }) {
            room_for_login(folder.path())?;
        }
        let way = self.way.open(folder)?;
        let settings = LagrangeSettings {
            port: free_port()?,
            token: generate_token().map_err(machine)?,
            uin: self.uin,
            protocol: self.protocol,
            sign_server: way.address(),
            sign_proxy: way.proxy(),
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
            way,
            launch,
            remarks,
        })
    }
}

impl PrepareWorkdir {
    /// Whose a session is stands in it. One of another account is not tried: the core would log in with it, and after
    /// that nobody could tell which of the two is meant.
    fn look_whose_session(&self) -> Result<(), LaunchFailure> {
        let keystore = self.paths.folder.keystore().map_err(machine)?;
        match (self.uin, keystore) {
            (
                Some(expected),
                Keystore::Usable {
                    uin: Some(found), ..
                },
            ) if expected != found => Err(LaunchFailure::WrongSession { expected, found }),
            _ => Ok(()),
        }
    }
}

/// All that the core sees of variables; of two of one name the later one counts.
pub(crate) fn environment(settings: &LagrangeSettings) -> Vec<(OsString, OsString)> {
    inherited(env::vars_os())
        .chain(settings.environment())
        .collect()
}

/// A phone that confirms a login which cannot be written was asked for nothing: without a saved session there is
/// no start before there is room for the new one. A disk that does not say how much is free is taken to have it.
fn room_for_login(folder: &Path) -> Result<(), LaunchFailure> {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    match free_space(folder) {
        Some(free) if free < LOGIN_ROOM => Err(LaunchFailure::Machine(
            words::NoRoom {
                free: megabytes(free),
                needed: megabytes(LOGIN_ROOM),
                path: folder,
            }
            .into(),
        )),
        _ => Ok(()),
    }
}

/// What people should know of it. What was set aside stands in the status, for as long as it is so.
fn remark(mended: Mended) -> Option<Message> {
    match mended {
        Mended::Restored(LoginFile::Session, cause) => {
            Some(words::SessionRestored { cause }.into())
        }
        Mended::Restored(LoginFile::Device, cause) => Some(words::DeviceRestored { cause }.into()),
        Mended::SetAside(..) => None,
    }
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
