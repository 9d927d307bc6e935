//! A connection to QQ that is away or breaks in each phase of a run, and outages as they come.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fake_core::{Network, PATIENCE, Phase, Phone, Qq, Report, RunningCore, Scenario, SessionFate};
use perpetua_e2e::Node;

use crate::trials::{says, told};
use perpetua_e2e::world::{LONG, World, confirming, quick, signer_section};

/// Nothing was set aside, and whoever ended a core is named.
fn nothing_is_lost(core: &RunningCore, node: &Node) -> Result<()> {
    for entry in std::fs::read_dir(core.folder())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(!name.contains(".broken-"), "{name}");
    }
    let log = node.log();
    ensure!(!log.contains("memory runs out"), "{log}");
    ensure!(!log.contains("given up"), "{log}");
    Ok(())
}

#[tokio::test]
async fn each_way_of_having_no_network_is_named() -> Result<()> {
    for (network, words) in [
        (Network::NoName, "Resource temporarily unavailable"),
        (Network::NoRoute, "Network is unreachable"),
        (Network::Refused, "Connection refused"),
        (Network::Garbage, "PackageLength was too long"),
        (
            Network::Closes,
            "the connection to QQ broke before the login was done",
        ),
        (Network::Silent, "no answer from QQ"),
    ] {
        let world = World::new(&Scenario {
            network,
            ..confirming()
        })
        .await?;
        let node = world.node().await?;
        let mut core = world.qq.core().await?;
        says(&world, "backoff", &[words])
            .await
            .with_context(|| format!("{network:?}"))?;
        core.ended(PATIENCE).await?;
        world.direct(&confirming())?;
        let core = world.is_back().await?;
        nothing_is_lost(&core, &node)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_during_a_login_is_noticed_in_each_phase() -> Result<()> {
    let phases = [Phase::Session, Phase::QrCode, Phase::LoggingIn];
    for (phase, network) in
        phases
            .into_iter()
            .zip([Network::Closes, Network::Breaks, Network::Garbage])
    {
        let world = World::new(&confirming()).await?;
        let node = world.node().await?;
        let mut core = world.online().await?;
        let session = match phase {
            Phase::Session => SessionFate::Accepted,
            _ => SessionFate::Dead,
        };
        let confirms_after_polls = (phase == Phase::LoggingIn).then_some(1);
        let breaks = Scenario {
            network,
            network_from: phase,
            session,
            confirms_after_polls,
            ..quick()
        };
        world.direct(&breaks)?;
        world.command(&["restart", "main"]).await?;
        core.ended(PATIENCE).await?;
        let mut core = world.qq.core().await?;
        let status = world.reaches("backoff").await?;
        ensure!(status["away"].is_object(), "{phase:?}: {status}");
        core.ended(PATIENCE).await?;
        world.direct(&Scenario {
            session,
            ..confirming()
        })?;
        let core = world.is_back().await?;
        nothing_is_lost(&core, &node).with_context(|| format!("{phase:?}"))?;
    }
    Ok(())
}

/// What brought accounts down for good: the core is ended for a connection that does not come back, and the new
/// ones find no name.
#[tokio::test]
async fn an_outage_with_more_failures_than_are_allowed_ends_online() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    core.qq(Qq::Network(Network::Breaks)).await?;
    world.reaches("reconnecting").await?;
    world.direct(&Scenario {
        network: Network::NoName,
        ..quick()
    })?;
    world.command(&["restart", "main"]).await?;
    core.ended(PATIENCE).await?;
    // Five failures within a minute are one too many for anything else.
    for _ in 0..6 {
        world.qq.core_within(LONG).await?.ended(PATIENCE).await?;
    }
    world.direct(&quick())?;
    let core = world.is_back().await?;
    nothing_is_lost(&core, &node)
}

#[tokio::test]
async fn a_connection_that_breaks_online_comes_back_in_the_same_run() -> Result<()> {
    let world = World::new(&Scenario {
        redial_ms: 200,
        ..confirming()
    })
    .await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    for network in [Network::Closes, Network::Garbage, Network::Refused] {
        core.qq(Qq::Network(network)).await?;
        says(&world, "reconnecting", &["lost its connection to QQ"])
            .await
            .with_context(|| format!("{network:?}"))?;
        let redials = |report: &Report| matches!(report, Report::Redialled);
        core.reported("that it dials again", redials).await?;
        core.qq(Qq::Network(Network::Good)).await?;
        let status = world.reaches("online").await?;
        assert_eq!(status["process"]["pid"], core.pid(), "{network:?}");
    }
    nothing_is_lost(&core, &node)
}

/// Whether names of the internet are found by the machine of the test, which nobody can set here: what is said of
/// signers that nobody reaches depends on it. Both are played in the tests of the supervisor.
async fn finds_names() -> bool {
    let found = tokio::net::lookup_host(("msfwifi.3g.qq.com", 8080)).await;
    found.is_ok_and(|mut addresses| addresses.next().is_some())
}

/// A new login needs a signer; where the network is away, it is the network that is named, and no signer.
#[tokio::test]
async fn a_login_without_a_network_blames_no_signer() -> Result<()> {
    let world = World::new(&confirming()).await?;
    let mine = signer_section("mine", &world.signer);
    let text = world.folder.read_settings()?;
    let far = "[[signers]]\nname = \"far\"\nurl = \"http://signer.invalid/sign\"\n";
    world.folder.write_settings(&text.replace(&mine, far))?;
    let _node = world.node().await?;
    if finds_names().await {
        let status = says(&world, "signer_problem", &["`far`"]).await?;
        ensure!(status["away"].is_null(), "{status}");
    } else {
        let status = says(&world, "backoff", &["there has been no network for"]).await?;
        ensure!(status["away"]["kind"] == "no_network", "{status}");
        ensure!(!told(&status).contains("signer works"), "{status}");
        let since = status["away"]["since_ms"].clone();
        world.command(&["start", "main"]).await?;
        let status = world.reaches("backoff").await?;
        ensure!(status["away"]["since_ms"] == since, "{status}");
    }
    world.qq.stays_alone(Duration::from_millis(500)).await?;

    // One on this machine is reached without a network, so that it is the one to be named.
    let dead = "[[signers]]\nname = \"near\"\nurl = \"http://127.0.0.1:1/sign\"\n";
    world.folder.write_settings(&text.replace(&mine, dead))?;
    let status = says(&world, "signer_problem", &["`near`"]).await?;
    ensure!(status["away"].is_null(), "{status}");
    world.folder.write_settings(&text)?;
    world.online().await.map(drop)
}

/// On a busy machine records fall into the drawing, and neighbours change places.
#[tokio::test]
async fn a_busy_machine_changes_nothing() -> Result<()> {
    for seed in 0..6 {
        let world = World::new(&Scenario {
            seed: Some(seed),
            ..quick()
        })
        .await?;
        let _node = world.node().await?;
        let mut core = world.qq.core().await?;
        let url = core.qr_shown().await?;
        let waiting = world
            .reaches("waiting_for_scan")
            .await
            .with_context(|| format!("{seed}"))?;
        assert_eq!(waiting["qr"]["url"], url, "{seed}");
        let left = waiting["qr"]["expires_in_s"].as_u64();
        ensure!(left.is_some_and(|left| left > 90), "{seed}: {left:?}");
        if seed % 2 == 0 {
            core.phone(Phone::Scan(None)).await?;
            core.phone(Phone::Confirm).await?;
            world
                .reaches("online")
                .await
                .with_context(|| format!("{seed}"))?;
        } else {
            let refused = Phone::Refused(45, "禁止登录".to_owned(), "登录失败".to_owned());
            core.phone(refused).await?;
            let status = world
                .reaches("refused")
                .await
                .with_context(|| format!("{seed}"))?;
            assert_eq!(status["refusal"]["tag"], "禁止登录", "{seed}: {status}");
        }
    }
    Ok(())
}

/// Twenty outages, one after another, on the wall clock: `cargo xtask test --long`.
mod long {
    use std::time::Instant;

    use perpetua_e2e::until_within;

    use super::*;

    const OUTAGES: usize = 20;

    /// When an outage is over, the account is online within it.
    const BACK_WITHIN: Duration = Duration::from_secs(90);

    /// The longest outage here, and how many starts it may cost: each waits longer than the one before.
    const LONGEST_MS: u64 = 5_000;
    const MOST_STARTS: u64 = 8;

    const NETWORKS: [Network; 7] = [
        Network::NoName,
        Network::NoRoute,
        Network::Refused,
        Network::Breaks,
        Network::Closes,
        Network::Garbage,
        Network::Silent,
    ];

    const PHASES: [Phase; 5] = [
        Phase::Connecting,
        Phase::Session,
        Phase::QrCode,
        Phase::LoggingIn,
        Phase::Online,
    ];

    /// A scenario in which the network goes away in this phase.
    fn outage(phase: Phase, network: Network) -> Scenario {
        let session = match phase {
            Phase::QrCode | Phase::LoggingIn => SessionFate::Dead,
            Phase::Connecting | Phase::Session | Phase::Online => SessionFate::Accepted,
        };
        Scenario {
            network,
            network_from: phase,
            session,
            confirms_after_polls: (phase != Phase::QrCode).then_some(1),
            redial_ms: 200,
            ..quick()
        }
    }

    fn no_outage() -> Scenario {
        Scenario {
            redial_ms: 200,
            ..confirming()
        }
    }

    /// Waits for the first core that comes online. QQ answers again, and whoever has to confirm does.
    async fn back(world: &World) -> Result<RunningCore> {
        let over = Instant::now();
        let mut core = world.qq.core_within(BACK_WITHIN).await?;
        loop {
            // It may have begun during the outage, and does not get on then.
            let _or_ended = core.qq(Qq::Network(Network::Good)).await;
            let _or_not_asked = core.phone(Phone::Confirm).await;
            if core.serving().await.is_ok() {
                break;
            }
            core = world.qq.core_within(BACK_WITHIN).await?;
        }
        let left = BACK_WITHIN.saturating_sub(over.elapsed());
        until_within(left, "the account online", async || {
            let status = world.core_status().await?;
            Ok((status["state"] == "online").then_some(()))
        })
        .await?;
        Ok(core)
    }

    #[tokio::test]
    async fn outages_drawn_at_random_end_online_and_lose_nothing() -> Result<()> {
        let seed = u64::from(std::process::id());
        let mut chance = fastrand::Rng::with_seed(seed);
        let world = World::new(&no_outage()).await?;
        let node = world.node().await?;
        let mut core = world.online().await?;
        for _ in 0..OUTAGES {
            let network = NETWORKS[chance.usize(..NETWORKS.len())];
            let phase = PHASES[chance.usize(..PHASES.len())];
            let lasts = Duration::from_millis(chance.u64(..LONGEST_MS));
            let what = || format!("{network:?} from {phase:?} for {lasts:?}; the seed: {seed}");
            let before = world.core_status().await?["generation"].as_u64();
            world.direct(&outage(phase, network))?;
            world.command(&["restart", "main"]).await?;
            core.ended(PATIENCE).await?;
            // The outage lasts.
            tokio::time::sleep(lasts).await;
            world.direct(&no_outage())?;
            core = back(&world).await.with_context(what)?;
            nothing_is_lost(&core, &node).with_context(what)?;
            let after = world.core_status().await?["generation"].as_u64();
            let starts = after
                .zip(before)
                .map_or(0, |(after, before)| after - before);
            ensure!(
                (1..=MOST_STARTS).contains(&starts),
                "{starts} starts: {}",
                what()
            );
        }
        Ok(())
    }
}
