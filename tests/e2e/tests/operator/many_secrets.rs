//! Secrets that many programs store at the same moment.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run_with_input};
use tokio::task::JoinSet;

const MANY: usize = 40;

fn name(number: usize) -> String {
    format!("secret-{number}")
}

/// Stores as many secrets as there are programs, all at once; gives how many of them are there afterwards.
async fn stored(folder: &Arc<DataFolder>) -> Result<usize> {
    let mut programs = JoinSet::new();
    for number in 0..MANY {
        let folder = Arc::clone(folder);
        programs.spawn(async move {
            let name = name(number);
            run_with_input(
                &folder,
                &["secret", "set", &name],
                &format!("value-{number}"),
            )
            .await
        });
    }
    for finished in programs.join_all().await {
        let finished = finished?;
        ensure!(finished.code == Some(0), "one failed: {finished:?}");
    }
    let kept = std::fs::read_to_string(folder.path().join("secrets.json"))?;
    let kept: serde_json::Value = serde_json::from_str(&kept)?;
    let kept = kept.as_object().context("an object")?;
    let is_kept = |number: &usize| {
        let value = kept.get(&format!("named/{}", name(*number)));
        value.is_some_and(|value| *value == format!("value-{number}"))
    };
    Ok((0..MANY).filter(is_kept).count())
}

fn folder() -> Result<Arc<DataFolder>> {
    let settings = Settings::simulator().open_client("bot");
    Ok(Arc::new(DataFolder::with(&settings)?))
}

#[tokio::test]
async fn forty_programs_keep_forty_secrets_without_a_node() -> Result<()> {
    assert_eq!(stored(&folder()?).await?, MANY);
    Ok(())
}

#[tokio::test]
async fn forty_programs_keep_forty_secrets_through_a_node() -> Result<()> {
    let folder = folder()?;
    let node = Node::start(&folder).await?;
    assert_eq!(stored(&folder).await?, MANY);
    node.client("bot").await.map(drop)
}

/// Some of them find no node yet and write the file, others ask the node, which writes it too.
#[tokio::test]
async fn forty_programs_keep_forty_secrets_while_a_node_starts() -> Result<()> {
    let folder = folder()?;
    let (kept, node) = tokio::join!(stored(&folder), Node::start(&folder));
    assert_eq!(kept?, MANY);
    node?.client("bot").await.map(drop)
}
