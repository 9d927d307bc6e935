//! The log of a whole life, in both formats, and the QR code in between.
#![cfg(unix)]

use std::io::Cursor;

use anyhow::{Context as _, Result};
use fake_core::{Phone, Scenario};

use crate::run::{Ended, Stage};

/// A life from a QR code to an orderly end; gives what it printed and the address of its code.
async fn life(variables: &[(&str, &str)]) -> Result<(Stage, Ended, String)> {
    let scenario = Scenario {
        poll_ms: 50,
        ..Scenario::default()
    };
    let stage = Stage::set(&scenario).await?;
    let mut run = stage.start(variables).await?;
    let url = run.core.qr_shown().await?;
    run.core.phone(Phone::Scan(Some(10_001))).await?;
    run.core.phone(Phone::Confirm).await?;
    run.core.serving().await?;
    run.terminate().await?;
    let ended = run.ended().await?;
    Ok((stage, ended, url))
}

/// Without the banner, the drawing and polls that found nothing, and with a fixed time, port and folder.
fn comparable(stage: &Stage, ended: &Ended) -> String {
    let folder = stage.folder.path().display().to_string();
    let text = ended
        .stdout
        .replace(&folder, "FOLDER")
        .replace(&stage.port.to_string(), "PORT");
    text.lines()
        .skip_while(|line| !line.starts_with("Version: "))
        .filter(|line| !line.starts_with(['█', '▀', '▄']))
        .map(with_fixed_time)
        .collect::<Vec<_>>()
        .join("\n")
        .replace(&polled("WaitingForScan Uin: 0"), "")
        .replace(&polled("WaitingForConfirm Uin: 10001"), "")
}

/// How often it polls before the phone does something is a matter of time.
fn polled(state: &str) -> String {
    format!(
        "info: Lagrange.Core.BotContext[0]\n      [TIME] [WtExchangeLogic] [INFORMATION]: QrCode State Queried: {state}\n"
    )
}

fn with_fixed_time(line: &str) -> String {
    match line.split_once("[20") {
        Some((before, after)) if after.len() > 18 => format!("{before}[TIME]{}", &after[18..]),
        _ => line.to_owned(),
    }
}

#[tokio::test]
async fn in_two_lines_it_says_what_the_real_one_says() -> Result<()> {
    let (stage, ended, _url) = life(&[]).await?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let expected = "\
Version: 625e9b29268c94feddaa64d57287b622b5bb2293

warn: Lagrange.OneBot.Utility.MusicSigner[0]
      MusicSignServer is not available, sign may be failed
info: Lagrange.OneBot.Core.Login.LoginService[0]
      Protocol Version: 3.2.15-30366
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: Connecting Servers...
info: Lagrange.Core.BotContext[0]
      [TIME] [SocketContext] [VERBOSE]: Server: http://222.94.109.78:8080/ Latency: 12
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: QrCode Fetched, Expiration: 120 seconds
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: QrCode State Queried: Confirmed Uin: 10001
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: QrCode Confirmed, Logging in with A1 sig...
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: Doing Login...
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: Login Success
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: Bot name: 伪拉格兰 | Gender: 1 | Age: 0
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: Register Status: register success
info: Lagrange.Core.BotContext[0]
      [TIME] [WtExchangeLogic] [INFORMATION]: AutoReLogin Enabled, session would be refreshed in 15 days period
info: Lagrange.OneBot.Core.Login.LoginService[0]
      Bot Uin: 10001
info: Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection[1]
      [LagrangeWebSvcCollection]: Multi Connection has been configured
info: Lagrange.OneBot.Core.Network.Service.ForwardWSService[10]
      The server is started at http://127.0.0.1:PORT/
info: Microsoft.Hosting.Lifetime[0]
      Application started. Press Ctrl+C to shut down.
info: Microsoft.Hosting.Lifetime[0]
      Hosting environment: Production
info: Microsoft.Hosting.Lifetime[0]
      Content root path: FOLDER
info: Microsoft.Hosting.Lifetime[0]
      Application is shutting down...";
    assert_eq!(comparable(&stage, &ended), expected);
    assert_eq!(
        stage.signer.signed(),
        ["wtlogin.trans_emp", "wtlogin.login"]
    );
    Ok(())
}

#[tokio::test]
async fn in_single_lines_each_record_stands_behind_the_mark() -> Result<()> {
    let (stage, ended, _url) = life(&[
        ("Logging__Console__FormatterOptions__SingleLine", "true"),
        (
            "Logging__Console__FormatterOptions__TimestampFormat",
            "'d34db33f' ",
        ),
    ])
    .await?;
    let text = comparable(&stage, &ended);
    let mut lines = text.lines().skip(2);
    assert_eq!(
        lines.next(),
        Some(
            "d34db33f warn: Lagrange.OneBot.Utility.MusicSigner[0] MusicSignServer is not available, sign may be failed"
        )
    );
    assert!(
        lines.all(|line| line.starts_with("d34db33f info: ")),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn its_picture_holds_the_address_that_it_reports() -> Result<()> {
    let (stage, ended, url) = life(&[]).await?;
    let file = std::fs::read(stage.folder.path().join("qr-0.png"))?;
    let mut picture = png::Decoder::new(Cursor::new(file)).read_info()?;
    let mut pixels = vec![0; picture.output_buffer_size().context("a size")?];
    let info = picture.next_frame(&mut pixels)?;
    let width = usize::try_from(info.width)?;
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    let (_, content) = grids.first().context("a code in the picture")?.decode()?;
    assert_eq!(content, url);
    assert!(url.starts_with("https://txz.qq.com/p?k="), "{url}");
    assert!(ended.stdout.contains('▄'), "{}", ended.stdout);
    Ok(())
}
