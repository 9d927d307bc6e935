//! What the disk refuses before it is asked. A program that is given to people asks the disk itself; one that is built
//! for tests (`faults`) looks first whether a test has ordered a fault for the place.

use std::{io, path::Path};

use crate::FileAction;

/// Whether the disk may be asked to do this: always, but where a test has ordered that it fails. Whoever writes or
/// reads without the functions of this crate asks here first, so that a test reaches it too.
///
/// # Errors
///
/// What the system would say of a disk that is full, or of a file that is not this user's.
pub fn permit(action: FileAction, path: &Path) -> io::Result<()> {
    #[cfg(feature = "faults")]
    let ordered = crate::faults::ordered(action, path);
    #[cfg(not(feature = "faults"))]
    let ordered = none_ordered(action, path);
    ordered.map_or(Ok(()), |kind| Err(kind.into()))
}

#[cfg(not(feature = "faults"))]
fn none_ordered(_: FileAction, _: &Path) -> Option<io::ErrorKind> {
    None
}
