//! What it asks signers, and what bad ones do to it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Scenario, SignerFault};
use perpetua_testkit::{Client, Dial};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::run::{Stage, TOKEN, quick};

/// Slower than anything that a test waits for.
const NEVER: Duration = Duration::from_hours(1);

#[tokio::test]
async fn each_way_of_not_signing_ends_the_login_with_its_words() -> Result<()> {
    for (fault, words) in [
        (
            SignerFault::Status(401),
            "Signer server returned a Unauthorized",
        ),
        (SignerFault::RefusesToSign, "Signer server returned a 521"),
        (
            SignerFault::NeedsLength,
            "Signer server returned a LengthRequired",
        ),
        (
            SignerFault::WrongPlatform,
            "System.Exception: Signer platform mismatch",
        ),
        (
            SignerFault::WrongVersion,
            "System.Exception: Signer version mismatch",
        ),
        (
            SignerFault::NullSign,
            "Signer server returned an empty sign",
        ),
        (SignerFault::BadHex, "System.FormatException: "),
        (
            SignerFault::NoValue,
            "System.Collections.Generic.KeyNotFoundException: ",
        ),
        (
            SignerFault::WebPage,
            "System.Text.Json.JsonReaderException: ",
        ),
        (
            SignerFault::SlowToSign(NEVER),
            "configured HttpClient.Timeout of 100 seconds",
        ),
        (
            SignerFault::Slow(NEVER),
            "configured HttpClient.Timeout of 100 seconds",
        ),
    ] {
        let scenario = Scenario {
            signer_timeout_ms: 300,
            ..quick()
        };
        let stage = Stage::set(&scenario).await?;
        stage.signer.fault(Some(fault));
        let ended = stage.start(&[]).await?.ended().await?;
        ensure!(ended.stdout.contains(words), "{fault:?}: {}", ended.stdout);
        ensure!(ended.stdout.contains("OneBotSigner.Sign("), "{fault:?}");
        ended
            .died_of("All login failed!")
            .with_context(|| format!("{fault:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_signature_and_one_without_a_version_are_taken() -> Result<()> {
    for fault in [
        SignerFault::EmptySign,
        SignerFault::NoVersion,
        SignerFault::NoAppInfo,
    ] {
        let stage = Stage::set(&quick()).await?;
        stage.signer.fault(Some(fault));
        let mut run = stage.start(&[]).await?;
        run.core
            .qr_shown()
            .await
            .with_context(|| format!("{fault:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn what_a_signer_does_not_say_of_itself_ends_the_login() -> Result<()> {
    let stage = Stage::set(&quick()).await?;
    stage
        .signer
        .fault(Some(SignerFault::LacksFields(&["PackageName"])));
    let ended = stage.start(&[]).await?.ended().await?;
    let words = "System.InvalidOperationException: Value is null for System.String PackageName";
    ensure!(ended.stdout.contains(words), "{}", ended.stdout);
    ended.died_of("All login failed!")?;
    stage
        .signer
        .fault(Some(SignerFault::LacksFields(&["CurrentVersion"])));
    let ended = stage.start(&[]).await?.ended().await?;
    ensure!(
        ended.stdout.contains("Protocol Version: (null)"),
        "{}",
        ended.stdout
    );
    Ok(())
}

#[tokio::test]
async fn the_environment_names_another_signer_than_the_file() -> Result<()> {
    let stage = Stage::set(&quick()).await?;
    let other = fake_core::SignerServer::start().await?;
    let mut run = stage.start(&[("SignServerUrl", &other.url())]).await?;
    run.core.qr_shown().await?;
    assert_eq!((stage.signer.app_infos(), other.app_infos()), (0, 1));
    assert_eq!(other.signed().len(), 1);
    Ok(())
}

#[tokio::test]
async fn faults_come_in_their_order_and_then_stay() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    stage
        .signer
        .next_signatures([None, Some(SignerFault::RefusesToSign), None]);
    stage.signer.fault(Some(SignerFault::WrongVersion));
    let mut client = client(&stage).await?;
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(client.call("send_private_msg", message()).await?["retcode"].clone());
    }
    assert_eq!(codes, [0, 9057, 0, 9057, 9057]);
    Ok(())
}

#[tokio::test]
async fn more_signatures_at_once_than_it_has_places_are_refused() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    stage.signer.at_once(Some(2));
    stage
        .signer
        .fault(Some(SignerFault::SlowToSign(Duration::from_millis(300))));
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(client(&stage).await?);
    }
    for client in &mut clients {
        client.ask("send_private_msg", message()).await?;
    }
    let mut signed = 0;
    for client in &mut clients {
        let answer = client.response(&json!("call-1")).await?;
        signed += usize::from(answer["retcode"] == 0);
    }
    assert_eq!((signed, stage.signer.most_at_once()), (2, 2));
    Ok(())
}

/// A second connection and events go on; on this one not even a Ping is answered.
#[tokio::test]
async fn while_it_asks_for_a_signature_it_reads_nothing_on_that_connection() -> Result<()> {
    let (stage, mut run) = Stage::online(&Scenario::default()).await?;
    stage
        .signer
        .fault(Some(SignerFault::SlowToSign(Duration::from_secs(1))));
    let mut blocked = client(&stage).await?;
    let address = ([127, 0, 0, 1], stage.port).into();
    let mut other = Dial::to(address)
        .path("/api")
        .token(TOKEN)?
        .connect()
        .await?;
    let sent = blocked.ask("send_private_msg", message()).await?;
    blocked
        .socket()
        .send_message(Message::Ping("are you there?".into()))
        .await?;
    let behind = blocked.ask("get_status", json!({})).await?;
    other.data_of("get_status", json!({})).await?;
    let said = fake_core::Qq::Say {
        text: "hi".to_owned(),
        count: 1,
        per_second: 0,
    };
    run.core.qq(said).await?;
    blocked.heard("hi").await?;
    run.core.called("hi", 0).await?;
    let order = [
        first_answer(&mut blocked).await?,
        first_answer(&mut blocked).await?,
    ];
    assert_eq!(order, [json!(sent), json!(behind)]);
    Ok(())
}

async fn first_answer(client: &mut Client) -> Result<serde_json::Value> {
    let answer = client
        .next_where("an answer", |frame| frame.get("retcode").is_some())
        .await?;
    Ok(answer["echo"].clone())
}

#[tokio::test]
async fn its_requests_name_no_length_and_no_agent() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/sign", listener.local_addr()?);
    let stage = Stage::set(&quick()).await?;
    let _run = stage.start(&[("SignServerUrl", &url)]).await?;
    let get = head_of_next(&listener).await?;
    assert_eq!(get, ["GET /sign/appinfo HTTP/1.1", "host"]);
    let post = head_of_next(&listener).await?;
    assert_eq!(post[0], "POST /sign HTTP/1.1");
    assert!(post.contains(&"transfer-encoding".to_owned()), "{post:?}");
    for absent in ["content-length", "user-agent"] {
        assert!(!post.contains(&absent.to_owned()), "{post:?}");
    }
    Ok(())
}

/// The first line of a request and the names of its headers; it is answered with 404.
async fn head_of_next(listener: &TcpListener) -> Result<Vec<String>> {
    let (stream, _) = timeout(PATIENCE, listener.accept()).await??;
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim_end() {
            "" => break,
            first if head.is_empty() => head.push(first.to_owned()),
            header => {
                let (name, _) = header.split_once(':').context("a header")?;
                head.push(name.to_lowercase());
            }
        }
    }
    refuse(stream.into_inner()).await?;
    Ok(head)
}

async fn refuse(mut stream: TcpStream) -> Result<()> {
    let answer = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}

async fn client(stage: &Stage) -> Result<Client> {
    Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await
}

fn message() -> serde_json::Value {
    json!({ "user_id": 1, "message": "hi" })
}
