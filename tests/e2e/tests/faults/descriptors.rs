//! A node whose descriptors are all taken.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, get};
use perpetua_testkit::Client;
use rlimit::Resource;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

const TOKEN: &str = "the-token-of-this-test";
/// More than what is left to the node, and few enough that an honest one has sent its request before they all have come
/// again.
const STRANGERS: usize = 60;
/// What is left to it for them.
const LEFT: u64 = 40;
/// On a machine that runs other tests as well.
const SOON: Duration = Duration::from_secs(8);

async fn start() -> Result<(Node, DataFolder)> {
    let token = "token = { env = \"TOKEN\" }\nmax-connections = 64";
    let settings = Settings::simulator()
        .client_with("one", token)
        .client_with("other", token);
    let folder = DataFolder::with(&settings)?;
    let node = Node::start_with(&folder, &[("TOKEN", TOKEN)]).await?;
    Ok((node, folder))
}

/// The descriptors that the node has.
fn descriptors(node: &Node) -> Result<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(format!("/proc/{}/fd", node.id()?))? {
        let name = entry?.file_name();
        all.insert(name.to_string_lossy().parse()?);
    }
    Ok(all)
}

/// From now on the node gets descriptors up to `more` beyond the highest that it has; gives the limit.
fn leave(node: &Node, more: u64) -> Result<u64> {
    let highest = descriptors(node)?.last().copied().unwrap_or_default();
    let limit = highest + 1 + more;
    let id = i32::try_from(node.id()?)?;
    rlimit::prlimit(id, Resource::NOFILE, Some((limit, limit)), None).context("no limit is set")?;
    Ok(limit)
}

/// Somebody who sends half a request, as long as the node lives.
async fn stranger(address: SocketAddr) {
    while let Ok(mut stream) = TcpStream::connect(address).await {
        let _turned_out = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await;
        let _turned_out = stream.read_to_end(&mut Vec::new()).await;
        sleep(Duration::from_millis(200)).await;
    }
}

/// Whoever has a token comes in soon, and the API answers.
async fn all_is_well(node: &Node, port: SocketAddr) -> Result<()> {
    let client = timeout(SOON, Client::connect(port, TOKEN)).await;
    client.context("no client came in")??.close().await?;
    let health = timeout(SOON, get(node.api(), "/healthz", &[])).await;
    ensure!(health.context("no answer of the API")??.status == 200);
    Ok(())
}

/// One more client, which stays.
async fn come_in(port: SocketAddr, inside: &mut Vec<Client>) -> Result<()> {
    let client = timeout(SOON, Client::connect(port, TOKEN)).await;
    inside.push(client.context("no client came in")??);
    Ok(())
}

#[tokio::test]
async fn the_limit_is_raised_to_what_the_system_allows() -> Result<()> {
    let (_, hard) = rlimit::getrlimit(Resource::NOFILE)?;
    // Children inherit it.
    rlimit::setrlimit(Resource::NOFILE, 512, hard)?;
    let (node, _folder) = start().await?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", node.id()?))?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    let soft: u64 = soft.context("a limit")?.parse()?;
    assert_eq!(soft, hard.min(1 << 20), "{limits}");
    Ok(())
}

#[tokio::test]
async fn strangers_who_would_take_all_of_them_keep_nobody_out() -> Result<()> {
    let (node, _folder) = start().await?;
    let ports = [node.client("one").await?, node.client("other").await?];
    let mut there = Client::connect(ports[0], TOKEN).await?;
    leave(&node, LEFT)?;
    let strangers = [node.api(), ports[0], ports[1]];
    let mut crowd = tokio::task::JoinSet::new();
    for number in 0..STRANGERS {
        crowd.spawn(stranger(strangers[number % strangers.len()]));
    }
    sleep(Duration::from_millis(500)).await;
    for port in ports {
        for _ in 0..5 {
            all_is_well(&node, port).await?;
        }
    }
    there.data_of("get_status", serde_json::json!({})).await?;
    crowd.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn some_are_kept_for_when_there_are_no_others() -> Result<()> {
    let (node, _folder) = start().await?;
    let port = node.client("one").await?;
    // Whatever the node opens for a moment has its descriptor by now.
    all_is_well(&node, port).await?;
    let limit = leave(&node, 0)?;
    let mut inside = Vec::new();
    // Those below the limit that are nobody's go first.
    while descriptors(&node)?.range(..limit).count() < usize::try_from(limit)? {
        come_in(port, &mut inside).await?;
    }
    for _ in 0..8 {
        come_in(port, &mut inside).await?;
    }
    all_is_well(&node, port).await
}
