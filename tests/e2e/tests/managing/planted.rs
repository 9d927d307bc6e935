//! A good program with something beside it that somebody else has laid there: nobody has confirmed that.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::Settings;

use crate::installation::{Installation, program_below};
use crate::stage::says;
use perpetua_e2e::{
    run,
    world::{World, quick},
};

/// The hash that stands in what was said.
fn hash(told: &str) -> Result<&str> {
    let (_, rest) = told.split_once("SHA-256 `").context("no hash")?;
    let (hash, _) = rest.split_once('`').context("no hash")?;
    Ok(hash)
}

#[tokio::test]
async fn the_hash_of_a_program_does_not_cover_the_libraries_beside_it() -> Result<()> {
    let settings =
        Settings::simulator().section("[core]\nauto-install = false\ncheck-every = \"0s\"\n");
    let world = World::with(&quick(), |_| settings).await?;
    let old = Installation::lagrange(&world)?;
    let program = program_below(old.place())?;
    let path = program.to_str().context("a path that is text")?;
    let told = world
        .command(&["import", old.path()?, "--account", "one", "--disabled"])
        .await?;
    let alone = hash(&told)?.to_owned();

    for library in ["planted.so", "planted.dll", "planted.dylib"] {
        std::fs::write(program.with_file_name(library), "evil")?;
        let refused = run(&world.folder, &["core", "import", path, "--accept", &alone]).await?;
        ensure!(refused.code == Some(69), "{refused:?}");
        says(&refused.stderr, &["libraries beside a program", library])?;
        // Without a hash one is asked for, and it is another one.
        let asked = run(&world.folder, &["core", "import", path]).await?;
        ensure!(asked.code != Some(0), "{asked:?}");
        says(&asked.stderr, &["Lagrange.OneBot", library])?;
        ensure!(!asked.stderr.contains(&alone), "{asked:?}");
        ensure!(world.current_commit().await?.is_none(), "it was installed");
        std::fs::remove_file(program.with_file_name(library))?;
    }
    world
        .command(&["core", "import", path, "--accept", &alone])
        .await?;
    ensure!(world.current_commit().await?.is_some(), "not installed");
    Ok(())
}
