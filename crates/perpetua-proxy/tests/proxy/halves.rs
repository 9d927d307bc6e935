//! An upstream that brings actions and events over a connection each.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_hub::ClientSettings;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::JoinHandle};

use crate::{
    reverse::Reverse,
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire, request},
    world::{SELF_ID, answer, event, is_event},
};

const TOKEN: &str = "authorization: Bearer s3cret";
const NAMED: &str = "x-self-id: 10001";

impl Reverse {
    async fn connect_as(&self, role: &str) -> Result<Wire> {
        let role = format!("x-client-role: {role}");
        Wire::dial(self.address, "/onebot", &[TOKEN, NAMED, &role]).await
    }

    async fn connect_of(&self, role: &str, self_id: i64) -> Result<Wire> {
        let role = format!("x-client-role: {role}");
        let named = format!("x-self-id: {self_id}");
        Wire::dial(self.address, "/onebot", &[TOKEN, &named, &role]).await
    }

    async fn refusal_as(&self, role: &str) -> String {
        let role = format!("x-client-role: {role}");
        self.refusal("/onebot", &[TOKEN, NAMED, &role]).await
    }

    fn is_open(&self) -> bool {
        self.world.account.snapshot().link.is_open()
    }

    fn is_online(&self) -> bool {
        self.world.account.presence().borrow().online
    }

    /// The codes of what the owner is told about the upstream, newest first, with their counts.
    fn notices(&self) -> Vec<(String, u64)> {
        let told = self.world.account.snapshot().upstream_notices;
        told.iter()
            .map(|notice| (notice.message.code.to_string(), notice.count))
            .collect()
    }
}

/// Answers the hub's own question.
async fn log_in(api: &mut Wire) -> Result<()> {
    let probe = api.json().await?;
    ensure!(probe["action"] == "get_login_info", "{probe}");
    api.send_json(&answer(&probe, &json!({ "user_id": SELF_ID })))
        .await
}

/// Reads, and answers pings, until the connection ends; gives its last words.
fn live(mut half: Wire) -> JoinHandle<Result<(u16, String)>> {
    tokio::spawn(async move {
        loop {
            let frame = half.frame().await?;
            match frame.opcode {
                PING => half.send(PONG, &frame.payload).await?,
                CLOSE => {
                    let (code, words) = frame.close_reason()?;
                    return Ok((code, words.to_owned()));
                }
                _ => {}
            }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn two_halves_are_one_link_whichever_comes_first_and_however_they_are_written() -> Result<()>
{
    let _time = Frozen::time();
    for roles in [["API", "Event"], ["Event", "API"], ["event", "Api"]] {
        let reverse = Reverse::start().await?;
        let client = reverse.world.port(ClientSettings::default()).await?;
        let mut client = Wire::dial(client, "/", &[]).await?;
        let first = reverse.connect_as(roles[0]).await?;
        settle().await;
        assert!(!reverse.is_open(), "{roles:?}");
        let second = reverse.connect_as(roles[1]).await?;
        let (mut api, mut events) = match roles[0] {
            "API" => (first, second),
            _ => (second, first),
        };
        log_in(&mut api).await?;
        reverse.until_open().await;
        until_holds("it is online", || reverse.is_online()).await;

        events.send(TEXT, event(1, 1).as_bytes()).await?;
        client.json_where(is_event(1)).await?;
        client.send(TEXT, br#"{"action":"ask","echo":"e"}"#).await?;
        let action = api.json_where(|frame| frame["action"] == "ask").await?;
        api.send_json(&answer(&action, &7.into())).await?;
        let response = client.json_where(|frame| frame["data"] == 7).await?;
        assert_eq!(response["echo"], "e");
        assert_eq!(reverse.notices(), []);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_half_sends_before_the_other_comes_is_not_lost() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let client = reverse.world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(client, "/", &[]).await?;
    let mut events = reverse.connect_as("Event").await?;
    for number in 1..=100 {
        events.send(TEXT, event(number, 10).as_bytes()).await?;
    }
    settle().await;
    let _api = reverse.connect_as("API").await?;
    for number in 1..=100 {
        client.json_where(is_event(number)).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_half_alone_is_no_upstream_and_the_owner_is_told() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    for (count, role) in [(1, "API"), (2, "API"), (1, "Event")] {
        let half = live(reverse.connect_as(role).await?);
        time.pass(Duration::from_secs(14)).await;
        assert!(!half.is_finished());
        assert!(!reverse.is_open());
        time.pass(Duration::from_secs(2)).await;
        let (code, words) = half.await??;
        assert_eq!(code, 1008);
        assert!(words.contains("as `Universal`"), "{words}");
        assert_eq!(reverse.notices()[0], ("refused.half_alone".into(), count));
        assert!(!reverse.is_open() && !reverse.is_online());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_half_that_left_while_it_waited_is_no_half() -> Result<()> {
    let time = Frozen::time();
    for (role, other) in [("API", "Event"), ("Event", "API")] {
        for leaves in ["with a word", "without one", "with a word behind events"] {
            for pause in [0, 3] {
                let reverse = Reverse::start().await?;
                let mut left = reverse.connect_as(role).await?;
                settle().await;
                if leaves == "with a word behind events" {
                    for (number, length) in [(1, 1), (2, 200), (3, 1000)] {
                        left.send(TEXT, event(number, length).as_bytes()).await?;
                    }
                }
                // One that says goodbye waits for the answer before it hangs up.
                let _waits_for_an_answer = if leaves == "without one" {
                    left.reset()?;
                    None
                } else {
                    left.send(CLOSE, &1000_u16.to_be_bytes()).await?;
                    Some(left)
                };
                settle().await;
                time.pass(Duration::from_secs(pause)).await;
                let _other = reverse.connect_as(other).await?;
                settle().await;
                assert!(!reverse.is_open(), "{role} {leaves} {pause}");
                let _again = reverse.connect_as(role).await?;
                reverse.until_open().await;
                assert_eq!(reverse.notices(), []);
            }
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn when_one_half_leaves_the_other_is_sent_away_and_both_may_come_again() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    for leaving in ["API", "Event", "API"] {
        let [api, events] = [
            reverse.connect_as("API").await?,
            reverse.connect_as("Event").await?,
        ];
        reverse.until_open().await;
        let (left, stays) = match leaving {
            "API" => (api, events),
            _ => (events, api),
        };
        left.reset()?;
        let (code, words) = live(stays).await??;
        assert_eq!(code, 1012);
        assert!(words.contains("the other half"), "{words}");
        until_holds("the link is closed", || !reverse.is_open()).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_role_that_there_is_not_is_refused_in_words() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    for role in ["Events", "API,Event", "client", "机器人"] {
        let refusal = reverse.refusal_as(role).await;
        assert!(refusal.starts_with("HTTP/1.1 400"), "{refusal}");
        assert!(refusal.contains("no role"), "{refusal}");
        assert_eq!(reverse.notices()[0], ("refused.unknown_role".into(), 1));
    }
    for second in ["Universal", "API", "nope"] {
        let second = format!("x-client-role: {second}");
        let headers = [TOKEN, NAMED, "x-client-role: Event", &second];
        let refusal = reverse.refusal("/onebot", &headers).await;
        assert!(refusal.starts_with("HTTP/1.1 400"), "{refusal}");
        assert!(refusal.contains("no role `Event, "), "{refusal}");
    }
    for role in ["Universal", "universal", ""] {
        reverse.connect_as(role).await?.reset()?;
    }
    Ok(())
}

// In real time: the pong comes within microseconds of the question.
#[tokio::test]
async fn halves_that_live_keep_the_slot() -> Result<()> {
    let reverse = Reverse::start().await?;
    let halves = [
        live(reverse.connect_as("API").await?),
        live(reverse.connect_as("Event").await?),
    ];
    reverse.until_open().await;
    for role in ["Universal", "API", "Event"] {
        let refusal = reverse.refusal_as(role).await;
        assert!(refusal.starts_with("HTTP/1.1 409"), "{role}: {refusal}");
    }
    assert_eq!(reverse.notices(), [("refused.upstream_active".into(), 3)]);
    assert!(reverse.is_open());
    assert!(halves.iter().all(|half| !half.is_finished()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn when_one_of_two_halves_is_dead_both_are_replaced() -> Result<()> {
    let time = Frozen::time();
    for role in ["Universal", "API", "Event"] {
        let reverse = Reverse::start().await?;
        let _living = live(reverse.connect_as("API").await?);
        let _dead = reverse.connect_as("Event").await?;
        reverse.until_open().await;
        time.pass(Duration::from_secs(1)).await;
        let (newcomer, waited) = time.until(reverse.connect_as(role)).await;
        let _newcomer = newcomer?;
        assert!(waited <= Duration::from_secs(6), "{role} {waited:?}");
        settle().await;
        assert_eq!(reverse.is_open(), role == "Universal", "{role}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_that_wait_in_one_role_the_newer_stays() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let older = live(reverse.connect_as("Event").await?);
    settle().await;
    let mut newer = reverse.connect_as("Event").await?;
    let (code, words) = older.await??;
    assert_eq!(code, 1000);
    assert!(words.contains("newer connection"), "{words}");
    let _api = reverse.connect_as("API").await?;
    reverse.until_open().await;
    newer.send(TEXT, event(1, 1).as_bytes()).await?;
    assert_eq!(reverse.notices(), []);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_carries_everything_needs_not_wait_for_a_half() -> Result<()> {
    let _time = Frozen::time();
    for role in ["API", "Event"] {
        let reverse = Reverse::start().await?;
        let half = live(reverse.connect_as(role).await?);
        settle().await;
        let mut whole = reverse.connect_as("Universal").await?;
        reverse.until_open().await;
        let (code, words) = half.await??;
        assert_eq!(code, 1000);
        assert!(words.contains("carries everything"), "{words}");
        assert_eq!(reverse.notices(), [("refused.half_displaced".into(), 1)]);
        log_in(&mut whole).await?;
        until_holds("it is online", || reverse.is_online()).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_half_goes_on_waiting_when_one_that_carries_everything_does_not_come_about() -> Result<()>
{
    let _time = Frozen::time();
    for (role, other) in [("API", "Event"), ("Event", "API")] {
        let reverse = Reverse::start().await?;
        let half = live(reverse.connect_as(role).await?);
        settle().await;
        let mut broken_off = TcpStream::connect(reverse.address).await?;
        let asked = request(reverse.address, "GET", "/onebot", &[TOKEN, NAMED]);
        broken_off.write_all(asked.as_bytes()).await?;
        broken_off.set_zero_linger()?;
        drop(broken_off);
        settle().await;
        assert!(!half.is_finished());
        let _other = reverse.connect_as(other).await?;
        reverse.until_open().await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_half_of_another_account_takes_no_place_and_both_sides_are_told() -> Result<()> {
    let _time = Frozen::time();
    for (role, foreign) in [("API", "API"), ("API", "Event"), ("Event", "Event")] {
        let reverse = Reverse::start().await?;
        let half = live(reverse.connect_of(role, 10001).await?);
        settle().await;
        for count in 1..=2 {
            let refusal = reverse.connect_of(foreign, 10002).await;
            let refusal = refusal.err().map(|refusal| refusal.to_string());
            let refusal = refusal.unwrap_or_default();
            assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
            assert!(
                refusal.contains("10001") && refusal.contains("10002"),
                "{refusal}"
            );
            assert_eq!(reverse.notices(), [("refused.other_half".into(), count)]);
        }
        assert!(!half.is_finished());
        let other = if role == "API" { "Event" } else { "API" };
        let _other = reverse.connect_of(other, 10001).await?;
        reverse.until_open().await;
        assert_eq!(reverse.world.account.snapshot().self_id, Some(10001));
    }
    Ok(())
}
