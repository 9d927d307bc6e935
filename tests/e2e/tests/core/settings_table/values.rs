//! The new value of each row, as it shows outside.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use fake_core::{Process, Qq, Scenario, SessionFate, SignerFault};
use perpetua_e2e::world::{LONG, confirming};
use perpetua_e2e::{ReservedPort, SdkSession, Upgrade, get, run, until, until_within};
use perpetua_testkit::{Client, Dial, UpstreamLink, group_message};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{Stage, TOKEN, UNSEEN};

/// Whom a proxy of the owner asks for.
const ELSEWHERE: &str = "203.0.113.7";
/// Far below the former limits of time, and far above the new ones on a busy machine.
const EARLY: Duration = Duration::from_secs(10);

impl Stage {
    /// Sees that the new value is used, and leaves everything as it was; gives whether that can be seen.
    pub(super) async fn uses(&mut self, key: &str) -> Result<bool> {
        if UNSEEN.contains(&key) {
            return Ok(false);
        }
        let (section, name) = key
            .rsplit_once("] ")
            .or_else(|| key.split_once(": "))
            .unwrap_or((key, ""));
        match section {
            "[api" => self.uses_of_api(name).await,
            "[log" => self.uses_of_log(name).await,
            "[discovery" => self.uses_of_discovery(name).await,
            "[core" => self.uses_of_cores(name).await,
            "[[accounts]" => self.uses_of_account(name).await,
            "lagrange" => self.uses_of_core(name).await,
            "onebot" | "onebot-reverse" => self.uses_of_upstream(name).await,
            "[[accounts.clients]" => self.uses_of_client(name).await,
            "reverse" => self.uses_of_framework(name).await,
            "post" => self.uses_of_target(name).await,
            _ => Ok(false),
        }
    }

    async fn uses_of_api(&mut self, name: &str) -> Result<bool> {
        match name {
            // After the next start, which has a test of its own.
            "listen" => {}
            "allow-hosts" => {
                for (host, is_let_in) in [("a.example", true), ("b.example", false)] {
                    let headers = [("host", host)];
                    let answer = get(self.node.api(), "/", &headers).await?;
                    ensure!((answer.status != 403) == is_let_in, "{host}: {answer:?}");
                }
            }
            "trusted-proxies" => {
                let path = "/api/get_ws_port";
                let answer = get(self.node.api(), path, &[("x-forwarded-for", ELSEWHERE)]).await?;
                ensure!(answer.status != 200, "{answer:?}");
                ensure!(
                    !answer.body.contains(ELSEWHERE),
                    "it is believed: {answer:?}"
                );
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn uses_of_log(&mut self, name: &str) -> Result<bool> {
        match name {
            // As the address of the API.
            "format" => {}
            "level" | "targets" => {
                let said = "request answered";
                let before = self.node.log().matches(said).count();
                get(self.node.api(), "/healthz", &[]).await?;
                until("a line of that level", async || {
                    let now = self.node.log().matches(said).count();
                    Ok((now > before).then_some(()))
                })
                .await?;
            }
            "max-file-size" => {
                self.fills_log(async |files: &[PathBuf]| {
                    let sizes = files.iter().filter_map(|file| fs::metadata(file).ok());
                    Ok(sizes.map(|file| file.len()).any(|size| size > 15_000))
                })
                .await?;
            }
            "max-files" => {
                self.fills_log(async |files: &[PathBuf]| Ok(files.len() <= 2))
                    .await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The node's own log files, the oldest first.
    fn log_files(&self) -> Result<Vec<PathBuf>> {
        let folder = self.world.folder.path().join("logs");
        let entries = fs::read_dir(folder)?.flatten();
        let is_own = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("perpetua-")
        };
        let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(is_own).collect();
        files.sort();
        Ok(files)
    }

    /// Clients come and go, which the log tells, until this is so of its files.
    async fn fills_log(&self, is_so: impl AsyncFn(&[PathBuf]) -> Result<bool>) -> Result<()> {
        let witness = self.node.client_of("other", "witness").await?;
        until("the log files to be so", async || {
            for _ in 0..20 {
                Dial::to(witness)
                    .connect_when_ready()
                    .await?
                    .close()
                    .await?;
            }
            Ok(is_so(&self.log_files()?).await?.then_some(()))
        })
        .await
    }

    async fn uses_of_discovery(&mut self, name: &str) -> Result<bool> {
        let api = self.node.api();
        match name {
            "enabled" => {
                let refused = get(api, "/api/get_ws_port", &[]).await?.json()?;
                ensure!(refused["status"] == "failed", "{refused}");
                ensure!(
                    refused["msg"].to_string().contains("`enabled`"),
                    "{refused}"
                );
            }
            "token" => {
                let path = "/api/get_ws_port";
                let answer = get(api, path, &[]).await?;
                ensure!(answer.status == 401, "{answer:?}");
                let bearer = format!("Bearer {TOKEN}");
                let shown = [("authorization", bearer.as_str())];
                let leased = get(api, path, &shown).await?.json()?;
                ensure!(leased["status"] == "ok", "{leased}");
            }
            "account" => {
                let mut session = SdkSession::start(api).await?;
                let login = session.call("get_login_info", json!({})).await?;
                session.leave().await?;
                let status = self.node.status().await?;
                let mut accounts = status["accounts"].as_array().context("accounts")?.iter();
                let other = accounts.find(|account| account["name"] == "other");
                let id = &other.context("the account")?["self_id"];
                ensure!(login["data"]["user_id"] == *id, "{login}: {status}");
            }
            "range" => {
                let leased = SdkSession::lease(api).await?;
                ensure!((42_000..=42_100).contains(&leased.port()), "{leased}");
                SdkSession::connect(leased, None).await?.leave().await?;
            }
            "wait" => {
                let leased = SdkSession::lease(api).await?;
                TcpStream::connect(leased).await?;
                until_within(EARLY, "a port that nobody uses to be closed", async || {
                    Ok(TcpStream::connect(leased).await.is_err().then_some(()))
                })
                .await?;
            }
            "allow" => {
                let headers = [("x-forwarded-for", ELSEWHERE)];
                let answer = get(api, "/api/get_ws_port", &headers).await?;
                ensure!(answer.status == 200, "{answer:?}");
            }
            "pending-per-address" => {
                let older = SdkSession::lease(api).await?;
                let newer = SdkSession::lease(api).await?;
                until_within(EARLY, "the older lease to give way", async || {
                    Ok(TcpStream::connect(older).await.is_err().then_some(()))
                })
                .await?;
                SdkSession::connect(newer, None).await?.leave().await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn uses_of_cores(&mut self, name: &str) -> Result<bool> {
        match name {
            "auto-install" => {
                let list = self.rpc("core_list", json!({})).await?;
                ensure!(list["auto_install"] == false, "{list}");
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// How it is answered when the upstream of `dials` does nothing, and after how long.
    async fn unanswered(&mut self) -> Result<(Value, Duration)> {
        let client = self.clients.get_mut("of-dials").context("a client")?;
        let (asked, params) = (Instant::now(), json!({ "group_id": 1, "message": "x" }));
        let answer = client.call("send_group_msg", params).await?;
        Ok((answer, asked.elapsed()))
    }

    async fn uses_of_account(&mut self, name: &str) -> Result<bool> {
        match name {
            "enabled" => {
                let status = self.node.status().await?;
                ensure!(status["accounts"][0]["enabled"] == false, "{status}");
            }
            "action-timeout" => {
                let (answer, after) = self.unanswered().await?;
                ensure!(answer["retcode"] == 1504, "{answer}");
                ensure!(after < EARLY, "{after:?}");
            }
            "unsent-timeout" => {
                let close = Message::Close(None);
                self.dialled.socket().send_message(close).await?;
                until("the link to be down", async || {
                    let status = self.node.status().await?;
                    Ok((status["accounts"][1]["online"] == false).then_some(()))
                })
                .await?;
                let (answer, after) = self.unanswered().await?;
                ensure!(answer["retcode"] == 1503, "{answer}");
                ensure!(after < EARLY, "{after:?}");
                self.dialled = super::accepted(&self.upstream).await?;
            }
            "max-frame-size" => {
                // Those that are connected keep the limit that they began with.
                let address = self.node.client_of("dials", "of-dials").await?;
                let mut client = Dial::to(address).connect_when_ready().await?;
                let params = json!({ "message": "A".repeat(2_000_000) });
                let answer = client.call("send_group_msg", params).await?;
                let said = answer["message"].as_str().unwrap_or_default();
                ensure!(said.contains("max-frame-size"), "{answer}");
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What the core of `main` is told in its file.
    fn told_to_core(&self) -> Result<Value> {
        let path = self.core.folder().join("appsettings.json");
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    async fn uses_of_core(&mut self, name: &str) -> Result<bool> {
        match name {
            "uin" => {
                self.core = self.core_online().await?;
                let told = self.told_to_core()?;
                ensure!(told["Account"]["Uin"] == 0, "{told}");
            }
            "protocol" => {
                self.core = self.core_online().await?;
                let told = self.told_to_core()?;
                ensure!(told["Account"]["Protocol"] == "Windows", "{told}");
            }
            "signers" => self.is_signed_by_the_spare().await?,
            "sign-through" => {
                self.core = self.core_online().await?;
                let status = self.world.core_status().await?;
                ensure!(status["signers"] == json!([]), "{status}");
            }
            "sign-patience" => {
                let slow = SignerFault::SlowToSign(2 * EARLY);
                self.world.signer.fault(Some(slow));
                let begun = Instant::now();
                self.is_signed_by_the_spare().await?;
                ensure!(begun.elapsed() < EARLY, "{:?}", begun.elapsed());
                self.world.signer.fault(None);
            }
            "auto-start" => self.is_not_started_by_itself().await?,
            "memory-limit" => {
                self.core.process(Process::Hog(400)).await?;
                self.core.ended(LONG).await?;
                self.core = self.core_online().await?;
            }
            "start-timeout" => self.is_killed_early().await?,
            "log-messages" => {
                let text = "a text for the log".to_owned();
                let (count, per_second) = (1, 0);
                let say = Qq::Say {
                    text: text.clone(),
                    count,
                    per_second,
                };
                self.core.qq(say).await?;
                until("the text in the log of the core", async || {
                    let log = self.rpc("core_log", json!({ "account": "main" })).await?;
                    Ok(log.to_string().contains(&text).then_some(()))
                })
                .await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sends a message through the core.
    async fn sends(&mut self, text: &str) -> Result<Value> {
        let client = self.clients.get_mut("bot").context("a client")?;
        let params = json!({ "user_id": 10_002, "message": text });
        client.call("send_private_msg", params).await
    }

    async fn is_signed_by_the_spare(&mut self) -> Result<()> {
        let before = self.spare.signed().len();
        for number in 0..50 {
            let answer = self.sends(&format!("who signs this, {number}?")).await?;
            if answer["retcode"] == 0 && self.spare.signed().len() > before {
                return Ok(());
            }
            tokio::time::sleep(super::QUIET / 6).await;
        }
        anyhow::bail!("the spare signer signs nothing")
    }

    /// The account begins anew, and its core waits for a person.
    async fn is_not_started_by_itself(&mut self) -> Result<()> {
        let enable = |enabled: bool| json!({ "account": "main", "enabled": enabled });
        self.rpc("set_account_enabled", enable(false)).await?;
        self.has_ended("bot").await?;
        self.core.ended(LONG).await?;
        self.rpc("set_account_enabled", enable(true)).await?;
        self.world.reaches("stopped").await?;
        self.world.qq.stays_alone(super::QUIET).await?;
        self.rpc("start", json!({ "account": "main" })).await?;
        self.core = self.core_online().await?;
        self.connect("main", "bot").await
    }

    /// A start that makes no headway is ended long before the former limit.
    async fn is_killed_early(&mut self) -> Result<()> {
        let hangs = Scenario {
            session: SessionFate::Unanswered,
            ..confirming()
        };
        self.world.direct(&hangs)?;
        self.rpc("restart", json!({ "account": "main" })).await?;
        self.core.ended(LONG).await?;
        let mut hanging = self.world.qq.core_within(LONG).await?;
        let begun = Instant::now();
        hanging.ended(LONG).await?;
        self.world.direct(&confirming())?;
        ensure!(begun.elapsed() < 2 * EARLY, "{:?}", begun.elapsed());
        self.core = self.core_online().await?;
        Ok(())
    }

    async fn uses_of_upstream(&mut self, name: &str) -> Result<bool> {
        let waits = self.node.upstream_of("waits");
        match name {
            "url" => {
                let path = self.dialled.path();
                ensure!(path == "/other", "{path}");
            }
            "token" if self.changed.contains("# dials-token") => {
                let waits = waits.await?;
                let known = UpstreamLink::dial(waits, TOKEN, 10001).await;
                ensure!(known.is_ok(), "the token is not taken");
                let unknown = UpstreamLink::dial(waits, "any", 10001).await;
                ensure!(unknown.is_err(), "any token is taken");
            }
            "token" => {
                let shown = self.dialled.authorization();
                ensure!(shown == Some(&format!("Bearer {TOKEN}")), "{shown:?}");
            }
            "listen" => {
                let ip = waits.await?.ip().to_string();
                ensure!(ip == "127.0.0.2", "{ip}");
            }
            "path" => {
                let waits = waits.await?;
                for (path, is_there) in [("/other", true), ("/", false)] {
                    let headers = [("authorization", "any"), ("x-self-id", "10001")];
                    let asked = Upgrade::ask(waits, path, &headers).await?;
                    ensure!(asked.open().is_ok() == is_there, "{path}");
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn uses_of_framework(&self, name: &str) -> Result<bool> {
        match name {
            "url" | "urls" => {
                let path = self.way.path();
                ensure!(path == "/other", "{path}");
            }
            "token" => {
                let shown = self.way.header("authorization");
                ensure!(shown == Some(&format!("Bearer {TOKEN}")), "{shown:?}");
            }
            "roles" => drop(self.node.health_says("/ws/api").await?),
            "pin-sha256" => drop(self.node.health_says("TLS").await?),
            "ca-file" => drop(self.node.health_says("ca.pem").await?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn uses_of_target(&self, name: &str) -> Result<bool> {
        match name {
            "url" => ensure!(
                self.posted.head.starts_with("POST /other "),
                "{}",
                self.posted.head
            ),
            "secret" => {
                let signature = self.posted.header("x-signature").unwrap_or_default();
                ensure!(signature.starts_with("sha1="), "{}", self.posted.head);
            }
            // Its server has no TLS, and waits for the rest of a request.
            "pin-sha256" => {
                until("that nothing comes of TLS", async || {
                    let told = run(&self.world.folder, &["status"]).await?.stdout;
                    Ok(told.contains("no answer within").then_some(()))
                })
                .await?;
            }
            "ca-file" => drop(self.node.health_says("ca.pem").await?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn uses_of_client(&mut self, name: &str) -> Result<bool> {
        let [bot, other] = self.ports.each_ref().map(ReservedPort::address);
        match name {
            "enabled" => ensure!(TcpStream::connect(bot).await.is_err(), "it listens"),
            "listen" => {
                Dial::to(other).connect_when_ready().await?;
                ensure!(TcpStream::connect(bot).await.is_err(), "it listens");
            }
            "token" => {
                let known = Client::connect(bot, TOKEN).await;
                ensure!(known.is_ok(), "the token is not taken");
                ensure!(Dial::to(bot).connect().await.is_err(), "none is needed");
            }
            "profile" => {
                let mut client = Dial::to(bot).connect_when_ready().await?;
                let answer = client
                    .call("set_client_name", json!({ "name": "x" }))
                    .await?;
                ensure!(answer["retcode"] == 0, "{answer}");
            }
            "heartbeat" => {
                let mut client = Dial::to(bot).connect_when_ready().await?;
                let beats = |frame: &Value| frame["meta_event_type"] == "heartbeat";
                let beat = client.next_where("a heartbeat", beats).await?;
                ensure!(beat["interval"] == 1000, "{beat}");
            }
            "max-connections" => {
                let second = Dial::to(bot).connect().await;
                ensure!(second.is_err(), "there is one already");
            }
            "format" => self.gets_codes().await?,
            "framework" => {
                let status = self.node.status().await?;
                let shown = status.to_string().contains("\"framework\":\"nonebot\"");
                ensure!(shown, "{status}");
            }
            "max-pending-actions" => self.has_room_for_one_action().await?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The next message has the other format.
    async fn gets_codes(&mut self) -> Result<()> {
        let event = group_message(10001, 0, "[typed]");
        self.dialled.emit(&event).await?;
        let client = self.clients.get_mut("of-dials").context("a client")?;
        let heard = client.heard("[typed]").await?;
        ensure!(heard["message"] == "&#91;typed&#93;", "{heard}");
        Ok(())
    }

    /// While one action waits, the next is refused.
    async fn has_room_for_one_action(&mut self) -> Result<()> {
        let client = self.clients.get_mut("of-dials").context("a client")?;
        let first = client.ask("send_group_msg", json!({ "n": 1 })).await?;
        let action = self.dialled.expect_action("send_group_msg").await?;
        let second = client.call("send_group_msg", json!({ "n": 2 })).await?;
        ensure!(second["status"] == "failed", "{second}");
        self.dialled.answer(&action, &Value::Null).await?;
        client.response(&json!(first)).await.map(drop)
    }
}
