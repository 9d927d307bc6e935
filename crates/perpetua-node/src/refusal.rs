//! What a disk, or a store of secrets, that does not do its part is for whoever asked: a code for programs, and
//! what scripts see as an exit code. Neither is a fault of ours.

use std::io;

use perpetua_fetch::VersionsError;
use perpetua_fs::{FileError, LockError};
use perpetua_schema::{ErrorCode, RpcError};
use perpetua_secrets::SecretError;
use perpetua_supervisor::installer::InstallerError;

use crate::{ExitCode, StartError};

/// A file or folder that could not be made, read or written: the disk is full, or does not let us.
pub(crate) fn of_file(error: &FileError) -> RpcError {
    RpcError::new(code_of_file(error), error)
}

/// A secret that could not be read or kept.
pub(crate) fn of_secret(error: &SecretError) -> RpcError {
    RpcError::new(code_of_secret(error), error)
}

/// What was not done to settings without a node.
pub(crate) fn of_settings(error: &StartError) -> RpcError {
    let code = match error {
        StartError::File(error) => code_of_file(error),
        _ => ErrorCode::Conflict,
    };
    RpcError::new(code, error)
}

pub(crate) fn code_of_secret(error: &SecretError) -> ErrorCode {
    match error {
        SecretError::TooLong { .. } => ErrorCode::BadRequest,
        SecretError::File(error) => code_of_file(error),
        _ => ErrorCode::Unavailable,
    }
}

fn code_of_file(error: &FileError) -> ErrorCode {
    if error.is_full() {
        ErrorCode::StorageFull
    } else {
        ErrorCode::Unavailable
    }
}

impl ExitCode {
    /// What a program exits with that was refused with this code.
    pub fn of_refusal(code: ErrorCode) -> Self {
        match code {
            ErrorCode::StorageFull | ErrorCode::Unavailable => Self::Unavailable,
            ErrorCode::BadRequest
            | ErrorCode::Unauthorized
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::InvalidSettings
            | ErrorCode::Conflict
            | ErrorCode::NotSupported
            | ErrorCode::Internal => Self::Usage,
        }
    }

    /// What a program exits with when a secret cannot be read or kept.
    pub fn of_secret(error: &SecretError) -> Self {
        Self::of_refusal(code_of_secret(error))
    }

    /// What a program exits with to which the system itself refuses something: its output, its threads.
    pub fn of_system(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::FileTooLarge
            | Kind::ReadOnlyFilesystem
            | Kind::PermissionDenied
            | Kind::OutOfMemory
            | Kind::WouldBlock
            | Kind::ResourceBusy => Self::Unavailable,
            _ => Self::Internal,
        }
    }

    pub(crate) fn of_lock(error: &LockError) -> Self {
        match error {
            LockError::Held { .. } => Self::FolderInUse,
            _ => Self::Unavailable,
        }
    }

    pub(crate) fn of_cores(error: &InstallerError) -> Self {
        match error {
            InstallerError::Versions(VersionsError::File(_)) => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, path::Path, time::Duration};

    use perpetua_fs::{FileAction, FileError};
    use perpetua_schema::ErrorCode;
    use perpetua_secrets::SecretError;

    use super::{code_of_secret, of_file, of_settings};
    use crate::{ExitCode, StartError};

    /// What a disk may say of a write.
    const KINDS: [(io::ErrorKind, ErrorCode); 6] = [
        (io::ErrorKind::StorageFull, ErrorCode::StorageFull),
        (io::ErrorKind::QuotaExceeded, ErrorCode::StorageFull),
        (io::ErrorKind::FileTooLarge, ErrorCode::StorageFull),
        (io::ErrorKind::ReadOnlyFilesystem, ErrorCode::Unavailable),
        (io::ErrorKind::PermissionDenied, ErrorCode::Unavailable),
        (io::ErrorKind::Other, ErrorCode::Unavailable),
    ];

    fn failed(kind: io::ErrorKind) -> FileError {
        let path = Path::new("/data/perpetua.toml");
        FileError::new(FileAction::Write, path, kind.into())
    }

    #[test]
    fn a_disk_that_takes_nothing_is_an_unavailable_resource_and_no_fault_of_ours() {
        for (kind, code) in KINDS {
            assert_eq!(of_file(&failed(kind)).code, code, "{kind:?}");
            let start = StartError::from(failed(kind));
            assert_eq!(start.exit_code(), ExitCode::Unavailable, "{kind:?}");
            assert_eq!(of_settings(&start).code, code, "{kind:?}");
            let lock = StartError::Lock(failed(kind).into());
            assert_eq!(lock.exit_code(), ExitCode::Unavailable, "{kind:?}");
            let secrets = SecretError::from(failed(kind));
            assert_eq!(code_of_secret(&secrets), code, "{kind:?}");
        }
        assert_eq!(ErrorCode::StorageFull.http_status(), 507);
    }

    #[test]
    fn an_output_that_is_full_is_no_fault_of_ours_either() {
        for (kind, exit) in [
            (io::ErrorKind::StorageFull, ExitCode::Unavailable),
            (io::ErrorKind::QuotaExceeded, ExitCode::Unavailable),
            (io::ErrorKind::ReadOnlyFilesystem, ExitCode::Unavailable),
            (io::ErrorKind::InvalidData, ExitCode::Internal),
        ] {
            assert!(ExitCode::of_system(&kind.into()) == exit, "{kind:?}");
        }
    }

    #[test]
    fn a_keyring_that_does_not_open_is_unavailable_and_a_long_secret_is_the_callers() {
        let reason = String::new;
        let limit = Duration::from_secs(10);
        for error in [
            SecretError::KeyringLocked { reason: reason() },
            SecretError::KeyringAbsent { reason: reason() },
            SecretError::KeyringTimeout { limit },
        ] {
            assert_eq!(code_of_secret(&error), ErrorCode::Unavailable);
            assert_eq!(ExitCode::of_secret(&error), ExitCode::Unavailable);
        }
        let long = SecretError::TooLong { limit: 1280 };
        assert_eq!(code_of_secret(&long), ErrorCode::BadRequest);
        assert_eq!(ExitCode::of_secret(&long), ExitCode::Usage);
        assert_eq!(ErrorCode::Unavailable.http_status(), 503);
    }
}
