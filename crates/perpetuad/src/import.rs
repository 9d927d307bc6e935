//! `perpetuad import`: takes over an installation of another program.

use std::path::Path;

use perpetua_schema::Import;

use crate::{arguments::PlaceArguments, output, way::Way};

pub(crate) fn import(
    place: &PlaceArguments,
    folder: &Path,
    account: Option<String>,
) -> anyhow::Result<()> {
    let folder = std::path::absolute(folder)?.display().to_string();
    let imported = Way::find(place)?.call(&Import { folder, account })?;
    output::print(&format!("account `{}` was made of it\n", imported.account))?;
    for sentence in &imported.taken {
        output::print(&format!("  + {sentence}\n"))?;
    }
    for sentence in &imported.not_taken {
        output::print(&format!("  - {sentence}\n"))?;
    }
    Ok(())
}
