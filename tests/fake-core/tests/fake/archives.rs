//! The archives have the layout of the real ones.

use std::io::{Cursor, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use fake_core::{Archives, Build, Fate, Rid};

fn archives() -> Result<Archives> {
    Archives::of(Path::new(env!("CARGO_BIN_EXE_fake-lagrange")))
}

#[test]
fn the_tar_ball_has_a_folder_that_is_named_like_the_program() -> Result<()> {
    let packed = archives()?.pack(Rid("linux-x64"), &Build::default())?;
    assert_eq!(
        packed.name,
        "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz"
    );
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&packed.bytes[..]));
    let mut entries = Vec::new();
    for entry in archive.entries()? {
        let entry = entry?;
        let path = String::from_utf8(entry.path_bytes().into_owned())?;
        entries.push((path, entry.header().mode()? & 0o111 != 0));
    }
    let publish = "./Lagrange.OneBot/bin/Release/net9.0/linux-x64/publish";
    assert_eq!(
        entries.first(),
        Some(&("./Lagrange.OneBot/".to_owned(), true))
    );
    assert!(
        entries.contains(&(format!("{publish}/Lagrange.OneBot"), true)),
        "{entries:?}"
    );
    assert!(
        entries.contains(&(format!("{publish}/fake-build.json"), false)),
        "{entries:?}"
    );
    Ok(())
}

#[test]
fn the_zip_for_windows_holds_the_program() -> Result<()> {
    let packed = archives()?.pack(Rid("win-x64"), &Build::default())?;
    let mut archive = zip::ZipArchive::new(Cursor::new(&packed.bytes))?;
    let name = "Lagrange.OneBot/bin/Release/net9.0/win-x64/publish/Lagrange.OneBot.exe";
    let mut program = Vec::new();
    archive
        .by_name(name)
        .context("the program")?
        .read_to_end(&mut program)?;
    assert!(program.len() > 1_000_000);
    Ok(())
}

#[test]
fn versions_differ() -> Result<()> {
    let archives = archives()?;
    let builds = [
        Build::numbered(1),
        Build::numbered(2),
        Build::numbered(2).with(Fate::CrashesOnline(1000)),
        Build::numbered(3).with(Fate::NoProgram),
    ];
    let mut ids = builds
        .iter()
        .map(|build| Ok(archives.pack_here(build)?.version_id("nightly")))
        .collect::<Result<Vec<_>>>()?;
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), builds.len());
    Ok(())
}
