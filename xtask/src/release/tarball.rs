//! `perpetuad` in an archive, for any of the six systems.

use anyhow::Result;

use crate::release::archive::{self, Entry};
use crate::release::dist::{self, Dist, VERSION};
use crate::release::licences;
use crate::release::program::{Program, System};
use crate::workspace::Workspace;

/// What lies beside the program.
const TEXTS: [&str; 4] = ["LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md"];

/// One folder with the program and what belongs to it; as `.zip` for Windows, which opens nothing else.
pub(crate) fn pack(workspace: &Workspace, dist: &Dist, program: &Program) -> Result<()> {
    let target = program.target()?;
    let mut entries = vec![
        Entry::program(
            target.program_name("perpetuad"),
            program.place(workspace, "perpetuad")?,
        ),
        Entry::text(licences::NOTICES, licences::notices(dist, "perpetuad")?),
    ];
    let texts = TEXTS.map(|name| Entry::text(name, workspace.root.join(name)));
    entries.extend(texts);
    let folder = format!("perpetuad-{VERSION}-{}", target.triple);
    let time = dist::committed_at(workspace)?;
    let name = match target.system {
        System::Windows => format!("{folder}.zip"),
        System::Linux | System::Macos => format!("{folder}.tar.gz"),
    };
    let made = dist.folder.join(&name);
    match target.system {
        System::Windows => archive::zip(&made, &folder, &entries)?,
        System::Linux | System::Macos => archive::tar_gz(&made, &folder, &entries, time)?,
    }
    eprintln!("xtask: made {name}");
    Ok(())
}
