//! The connection to QQ that is away, breaks, and comes back.

use anyhow::{Context as _, Result};
use fake_core::{Network, Phase, Process, Qq, Report, Scenario, SessionFate};
use perpetua_testkit::Client;

use crate::run::{Run, Stage, TOKEN, quick};

const RECORDS: [&str; 3] = [
    "[SocketContext] [FATAL]: Socket Error: Connection re",
    "[SocketContext] [FATAL]:    at System.Net.Sockets.",
    "[SocketContext] [FATAL]: Socket Disconnected, Scheduling Reconnect",
];

async fn redials(run: &mut Run, times: usize) -> Result<()> {
    for _ in 0..times {
        let is_it = |report: &Report| matches!(report, Report::Redialled);
        run.core.reported("that it dials again", is_it).await?;
    }
    Ok(())
}

#[tokio::test]
async fn without_a_way_to_qq_it_dies_at_once() -> Result<()> {
    for (network, words) in [
        (
            Network::NoName,
            "SocketException (00000001, 11): Resource temporarily",
        ),
        (
            Network::NoRoute,
            "PingException: An exception occurred during a Ping",
        ),
        (Network::Refused, "System.Exception: All login failed!"),
    ] {
        let stage = Stage::set(&Scenario { network, ..quick() }).await?;
        let ended = stage.start(&[]).await?.ended().await?;
        ended
            .died_of(words)
            .with_context(|| format!("{network:?}"))?;
        let is_refused = network == Network::Refused;
        for record in RECORDS {
            assert_eq!(
                ended.stdout.contains(record),
                is_refused,
                "{}",
                ended.stdout
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_login_is_dialled_for_ever() -> Result<()> {
    for phase in [
        Phase::Connecting,
        Phase::Session,
        Phase::QrCode,
        Phase::LoggingIn,
    ] {
        let (stage, run) = Stage::online(&Scenario::default()).await?;
        drop(run);
        let session = match phase {
            Phase::QrCode | Phase::LoggingIn => SessionFate::Dead,
            _ => SessionFate::Accepted,
        };
        stage.direct(&Scenario {
            session,
            network: Network::Breaks,
            network_from: phase,
            redial_ms: 20,
            confirms_after_polls: (phase == Phase::LoggingIn).then_some(1),
            ..quick()
        })?;
        let mut run = stage.start(&[]).await?;
        redials(&mut run, 2).await?;
        // It is too late: what was asked was lost.
        run.core.qq(Qq::Network(Network::Good)).await?;
        redials(&mut run, 1).await?;
        run.core.process(Process::Exit(0)).await?;
        let ended = run.ended().await?;
        for record in RECORDS {
            assert!(ended.stdout.contains(record), "{phase:?}: {}", ended.stdout);
        }
        assert!(!ended.stdout.contains("Bot Uin"), "{phase:?}");
        assert!(!ended.stdout.contains("register success"), "{phase:?}");
    }
    Ok(())
}

#[tokio::test]
async fn each_way_of_breaking_has_its_records() -> Result<()> {
    for (network, words) in [
        (Network::Closes, None),
        (
            Network::Garbage,
            Some("Socket Error: PackageLength was too long(1213486160)."),
        ),
        (Network::Refused, Some("Socket Error: Connection refused")),
    ] {
        let scenario = Scenario {
            redial_ms: 20,
            ..Scenario::default()
        };
        let (_stage, mut run) = Stage::online(&scenario).await?;
        run.core.qq(Qq::Network(network)).await?;
        redials(&mut run, 1).await?;
        run.core.process(Process::Exit(0)).await?;
        let stdout = run.ended().await?.stdout;
        assert!(stdout.contains(RECORDS[2]), "{network:?}: {stdout}");
        assert_eq!(
            stdout.contains("Socket Error"),
            words.is_some(),
            "{network:?}"
        );
        assert!(
            stdout.contains(words.unwrap_or_default()),
            "{network:?}: {stdout}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn clients_hear_when_the_connection_is_back() -> Result<()> {
    let scenario = Scenario {
        redial_ms: 20,
        network: Network::Breaks,
        network_from: Phase::Online,
        ..Scenario::default()
    };
    let (stage, mut run) = Stage::online(&scenario).await?;
    let mut client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
    client
        .next_where("a greeting", |frame| frame["sub_type"] == "connect")
        .await?;
    redials(&mut run, 2).await?;
    run.core.qq(Qq::Network(Network::Good)).await?;
    let notice = client
        .next_where("the notice", |frame| frame["notice_type"] == "bot_online")
        .await?;
    assert_eq!(notice["reason"], "Reconnect");
    run.core.process(Process::Exit(0)).await?;
    let ended = run.ended().await?;
    ended.says_in_order(&[
        "Application started.",
        "Reconnect to http",
        "Register Status: register success",
    ])
}
