//! What stands around a managed account, for tests that are not in Rust: it names a data folder on a line of its own,
//! and then does what each line that it reads says, with a line when it is done.

#![expect(clippy::print_stdout, reason = "a test reads what it says")]

use anyhow::{Context as _, Result, bail};
use fake_core::{Build, Phone, RunningCore};
use perpetua_e2e::world::{LONG, World, quick};
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let world = World::new(&quick()).await?;
    println!("{}", world.folder.path().display());
    let mut core = None;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        carry_out(&line, &world, &mut core).await?;
        println!("{line}");
    }
    Ok(())
}

async fn carry_out(line: &str, world: &World, core: &mut Option<RunningCore>) -> Result<()> {
    let mut phone = async |phone| {
        let core = core.as_mut().context("no core shows a code")?;
        core.phone(phone).await
    };
    match line {
        "scan" => phone(Phone::Scan(None)).await,
        "confirm" => phone(Phone::Confirm).await,
        "code" => {
            let mut shown = world.qq.core_within(LONG).await?;
            shown.qr_shown().await?;
            *core = Some(shown);
            Ok(())
        }
        "archive" => {
            let packed = world.archives.pack_here(&Build::numbered(9))?;
            let path = world.folder.path().join("archive");
            tokio::fs::write(path, &packed.bytes)
                .await
                .map_err(Into::into)
        }
        _ => bail!("`{line}` is none of `code`, `scan`, `confirm`, `archive`"),
    }
}
