//! A core that is uploaded to a node: whole, and while the node is killed.

use anyhow::{Context as _, Result, ensure};
use fake_core::{Build, Packed};
use perpetua_e2e::world::World;
use perpetua_e2e::{Node, until};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::idle_world;

#[tokio::test]
async fn one_that_came_whole_is_compared_and_made_current() -> Result<()> {
    let world = idle_world().await?;
    let node = world.node().await?;
    let packed = world.archives.pack_here(&Build::numbered(5))?;
    let mut sending = begin(&world, &node, &packed).await?;
    sending.write_all(&packed.bytes).await?;
    let mut answer = [0; 12];
    sending.read_exact(&mut answer).await?;
    assert_eq!(&answer, b"HTTP/1.1 200");
    let job = until("a question", async || {
        let job = world.cores().await?["job"].clone();
        Ok((job["state"] == "unconfirmed").then_some(job))
    });
    assert_eq!(job.await?["sha256"], packed.sha256.as_str());
    world
        .command(&["core", "install", "--accept", &packed.sha256])
        .await?;
    let cores = world.cores().await?;
    let core = &cores["installed"][0];
    assert_eq!(core["id"], packed.version_id("local"));
    assert_eq!(core["origin"], "core.tar.gz");
    assert_eq!(core["voucher"], "person");
    assert_eq!(left(&world)?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn of_one_whose_node_was_killed_nothing_is_left() -> Result<()> {
    let world = idle_world().await?;
    let node = world.node().await?;
    let packed = world.archives.pack_here(&Build::default())?;
    let mut sending = begin(&world, &node, &packed).await?;
    sending.write_all(&packed.bytes[..100_000]).await?;
    until("a part of it", async || {
        let job = world.cores().await?["job"].clone();
        ensure!(job["state"] != "failed", "{job}");
        let has_begun = job["received"]
            .as_u64()
            .is_some_and(|received| received > 0);
        Ok((job["step"] == "uploading" && has_begun).then_some(()))
    })
    .await?;
    assert_eq!(left(&world)?.len(), 1);
    node.kill().await?;
    assert_eq!(left(&world)?.len(), 1, "nobody could tidy up");
    let _again = world.node().await?;
    assert_eq!(left(&world)?, Vec::<String>::new());
    assert_eq!(world.cores().await?["job"]["state"], "idle");
    Ok(())
}

/// Sends the head of an upload.
async fn begin(world: &World, node: &Node, packed: &Packed) -> Result<TcpStream> {
    let session = std::fs::read(world.folder.path().join("run").join("session.json"))?;
    let session: Value = serde_json::from_slice(&session)?;
    let token = session["token"].as_str().context("a token")?;
    let head = format!(
        "POST /rpc/core_upload?name=core.tar.gz HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        node.api(),
        packed.bytes.len(),
    );
    let mut stream = TcpStream::connect(node.api()).await?;
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// What uploads have left in the folder of cores.
fn left(world: &World) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for entry in std::fs::read_dir(world.folder.path().join("core"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(".new-upload-") {
            left.push(name);
        }
    }
    Ok(left)
}
