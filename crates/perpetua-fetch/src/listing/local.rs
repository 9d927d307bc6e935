//! Files of this machine as a source.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use perpetua_words::{Message, install as words};

use super::{AssetLocation, Offer};
use crate::source::{ASSET, Pattern};
use crate::unpack::{Packing, UnpackError, find_program};
use crate::{AddressProblem, Platform};

/// What a file or folder offers; blocks. Nobody vouches for it but the pinned table or a person.
pub(crate) fn look(path: &Path, platform: &Platform) -> Result<Offer, AddressProblem> {
    let unreadable = |error: io::Error| {
        let cause = Message::from(&error);
        AddressProblem::Local(words::CannotRead { cause }.into())
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    // What belongs to a program is beside the program, not beside a link to it.
    let real;
    let mut path = path;
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        real = path.canonicalize().map_err(unreadable)?;
        path = &real;
    }
    if metadata.is_file() {
        let place = if Packing::of(&path.to_string_lossy()) == Packing::Bare {
            AssetLocation::Program(path.to_owned())
        } else {
            AssetLocation::Archive(path.to_owned())
        };
        return Ok(offer(path, metadata.len(), place));
    }
    if let Some((archive, size)) = newest_archive(path, platform) {
        return Ok(offer(
            &archive,
            size,
            AssetLocation::Archive(archive.clone()),
        ));
    }
    let program = find_program(path, platform.program()).map_err(|error| match error {
        UnpackError::NoProgram { .. } => AddressProblem::Local(
            words::NoCoreInFolder {
                system: platform.to_string(),
                program: platform.program(),
            }
            .into(),
        ),
        other => AddressProblem::Local(Message::from(&other)),
    })?;
    let size = fs::metadata(&program).map_err(unreadable)?.len();
    Ok(offer(
        &program,
        size,
        AssetLocation::Program(program.clone()),
    ))
}

/// The archive for this system that was changed last.
fn newest_archive(folder: &Path, platform: &Platform) -> Option<(PathBuf, u64)> {
    let pattern = Pattern::new(ASSET, platform)?;
    let archives = folder.read_dir().ok()?.flatten().filter_map(|entry| {
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let fits = pattern.matches(&entry.file_name().to_string_lossy());
        fits.then(|| (changed, entry.path(), metadata.len()))
    });
    archives.max().map(|(_, path, size)| (path, size))
}

fn offer(path: &Path, size: u64, place: AssetLocation) -> Offer {
    let changed = fs::metadata(path).and_then(|file| file.modified()).ok();
    let name = path.file_name().unwrap_or_default();
    Offer {
        tag: super::LOCAL.to_owned(),
        name: name.to_string_lossy().into_owned(),
        size: Some(size),
        sha256: None,
        origin: path.display().to_string(),
        published: changed,
        age: None,
        is_first_hand: true,
        places: vec![place],
    }
}
