//! Names of what a node with a folder of its own has for itself: its window, its entry at the start of a session.

use std::path::Path;

use perpetua_fs::Folders;

/// The identity of the program, by which the system and the bus know it; `tauri.conf.json` says the same.
pub(crate) const IDENTIFIER: &str = "dev.perpetua.desktop";

/// A short name for a folder; the same folder has the same name each time.
pub(crate) fn of_folder(folder: &Path) -> String {
    // FNV-1a: the same in every version of the program.
    let absolute = std::path::absolute(folder);
    let bytes = absolute.as_deref().unwrap_or(folder).as_os_str();
    let add = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let hash = bytes.as_encoded_bytes().iter().fold(0x811C_9DC5, add);
    format!("{hash:08x}")
}

/// The identity of a program whose node has these folders, so that each has a window of its own.
pub fn identifier_of(folders: Option<&Folders>) -> String {
    match folders {
        // A part of a name on the bus begins with a letter.
        Some(folders) => format!("{IDENTIFIER}.d{}", of_folder(folders.data())),
        None => IDENTIFIER.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::identifier_of;

    #[test]
    fn the_program_has_one_identity_whoever_asks() {
        let settings = include_str!("../../../tauri.conf.json");
        let settings: serde_json::Value = serde_json::from_str(settings).expect("JSON");
        assert_eq!(settings["identifier"], identifier_of(None));
    }
}
