//! The one place of an upstream that dials us: kept by who lives, taken over from who does not.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::{
    reverse::Reverse,
    time::{Frozen, settle},
    wire::{PING, PONG, Wire, request},
};

const HEADERS: [&str; 2] = ["authorization: Bearer s3cret", "x-self-id: 10001"];
const TAKEN: &str = "HTTP/1.1 409";

/// Reads, and answers pings, for as long as the test lasts.
async fn live(mut upstream: Wire) -> Result<()> {
    loop {
        let frame = upstream.frame().await?;
        if frame.opcode == PING {
            upstream.send(PONG, &frame.payload).await?;
        }
    }
}

// In real time: the pong comes within microseconds of the question, and must still count as its answer.
#[tokio::test]
async fn who_lives_keeps_the_seat() -> Result<()> {
    let reverse = Reverse::start().await?;
    let living = tokio::spawn(live(reverse.connect().await?));
    reverse.until_open().await;
    for _ in 0..30 {
        let begin = tokio::time::Instant::now();
        let refusal = reverse.refusal("/onebot", &HEADERS).await;
        assert!(refusal.starts_with(TAKEN), "{refusal}");
        assert!(refusal.contains("it answers; end it first"), "{refusal}");
        assert!(begin.elapsed() < Duration::from_secs(2));
    }
    assert!(reverse.world.account.snapshot().link.is_open());
    assert!(!living.is_finished());
    living.abort();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_gives_no_sign_of_life_is_replaced_within_about_5_seconds() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    let mut dead = reverse.connect().await?;
    reverse.until_open().await;
    time.pass(Duration::from_secs(1)).await;
    let (upstream, waited) = time.until(reverse.connect()).await;
    let mut upstream = upstream?;
    assert!(waited >= Duration::from_secs(5), "{waited:?}");
    assert!(waited <= Duration::from_secs(6), "{waited:?}");
    // The new one is the upstream, and the old one's connection is over.
    reverse.until_open().await;
    assert_eq!(upstream.json().await?["action"], "get_login_info");
    while dead.frame().await.is_ok() {}
    time.pass(Duration::from_secs(1)).await;
    assert!(reverse.world.account.snapshot().link.is_open());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_who_knock_at_once_one_gets_in() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    let _dead = reverse.connect().await?;
    reverse.until_open().await;
    time.pass(Duration::from_secs(1)).await;
    let attempt = async || match reverse.connect().await {
        Ok(upstream) => {
            tokio::spawn(live(upstream));
            "let in".to_owned()
        }
        Err(refusal) => refusal.to_string(),
    };
    let ((first, second), _) = time
        .until(async { tokio::join!(attempt(), attempt()) })
        .await;
    let mut outcomes = [first, second];
    outcomes.sort();
    assert!(outcomes[0].starts_with(TAKEN), "{outcomes:?}");
    assert_eq!(outcomes[1], "let in");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_has_to_wait_for_others_is_answered_and_not_called_slow() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    let _dead = reverse.connect().await?;
    reverse.until_open().await;
    time.pass(Duration::from_secs(1)).await;
    // None of them answers a ping either.
    let attempt = async || match reverse.connect().await {
        Ok(upstream) => {
            tokio::spawn(async move {
                let _silent = upstream;
                std::future::pending::<()>().await;
            });
            "let in".to_owned()
        }
        Err(refusal) => refusal.to_string(),
    };
    let attempts = [(); 6].map(|()| attempt());
    let (mut outcomes, waited) = time.until(join_all(attempts)).await;
    assert!(waited < Duration::from_secs(9), "{waited:?}");
    outcomes.sort();
    let (let_in, refused) = outcomes.split_last().expect("six of them");
    assert_eq!(let_in, "let in");
    for refusal in refused {
        assert!(refusal.starts_with("HTTP/1.1 503"), "{refusal}");
        assert!(refusal.contains("retry-after: 1\r\n"), "{refusal}");
        assert!(refusal.contains("at the same moment"), "{refusal}");
    }
    time.pass(Duration::from_secs(20)).await;
    let told = reverse.world.account.snapshot().upstream_notices;
    let told: Vec<_> = told
        .iter()
        .map(|notice| (&*notice.message.code, notice.count))
        .collect();
    assert_eq!(told, [("refused.place_contested", 5)]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_knocks_and_leaves_does_not_take_the_seat_with_it() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    let mut slow = reverse.connect().await?;
    reverse.until_open().await;
    time.pass(Duration::from_secs(1)).await;
    // Another one knocks, and leaves while the slow one is still asked whether it lives.
    let mut impatient = TcpStream::connect(reverse.address).await?;
    let handshake = request(reverse.address, "GET", "/onebot", &HEADERS);
    impatient.write_all(handshake.as_bytes()).await?;
    settle().await;
    drop(impatient);
    settle().await;
    // The slow one lives after all, so nobody else may come in.
    slow.frame_of(PING).await?;
    let living = tokio::spawn(live(slow));
    let (refusal, _) = time.until(reverse.refusal("/onebot", &HEADERS)).await;
    assert!(refusal.starts_with(TAKEN), "{refusal}");
    assert!(!living.is_finished());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_fails_frees_the_seat() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(reverse.address).await?;
        let handshake = request(reverse.address, "GET", "/onebot", &HEADERS);
        stream.write_all(handshake.as_bytes()).await?;
        stream.set_zero_linger()?;
        drop(stream);
        settle().await;
    }
    // The clock stands still: nobody had to be waited for.
    reverse.connect().await?;
    Ok(())
}
