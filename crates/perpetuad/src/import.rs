//! `perpetuad import`: takes over an installation of another program.

use std::path::Path;

use perpetua_schema::Import;
use perpetua_words::cli;

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint,
    terminal::{Terminal, print},
    way::Way,
};

pub(crate) fn import(
    terminal: &Terminal,
    place: &PlaceArguments,
    folder: &Path,
    account: Option<String>,
    disabled: bool,
) -> Result<(), Failure> {
    let folder = std::path::absolute(folder)?.display().to_string();
    let imported = Way::find(place)?.call(&Import {
        folder,
        account,
        disabled,
    })?;
    terminal.say(cli::Imported {
        account: imported.account,
    })?;
    for taken in imported.taken {
        print(&format!("  + {}\n", terminal.text(taken)))?;
    }
    for not_taken in imported.not_taken {
        let hint = hint::for_message(terminal, &not_taken);
        print(&format!("  - {}\n", terminal.text(not_taken)))?;
        if let Some(hint) = hint {
            print(&format!("    {}\n", terminal.text(hint)))?;
        }
    }
    Ok(())
}
