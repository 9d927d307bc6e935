//! QQ's side of a test: every core that starts in a directed folder connects here and is told what happens.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::{Order, PATIENCE, Phone, Process, Qq, Report, Scenario};

/// Waits for cores on a free port of the loopback address.
pub struct QqControl {
    listener: TcpListener,
    address: SocketAddr,
}

impl QqControl {
    /// Listens.
    pub async fn bind() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Lets every core that starts in this folder from now on follow the scenario and connect here.
    pub fn direct(&self, folder: &Path, scenario: &Scenario) -> Result<()> {
        let scenario = Scenario {
            control: Some(self.address),
            ..scenario.clone()
        };
        scenario
            .write(folder)
            .with_context(|| format!("cannot write a scenario into `{}`", folder.display()))
    }

    /// Waits for a core to start. Those that ended before this was called are given, too, in their order.
    pub async fn core(&self) -> Result<RunningCore> {
        self.core_within(PATIENCE).await
    }

    /// Waits for a core to start, at most for `limit`.
    pub async fn core_within(&self, limit: Duration) -> Result<RunningCore> {
        let (stream, _peer) = timeout(limit, self.listener.accept())
            .await
            .with_context(|| format!("no core was started within {limit:?}"))??;
        RunningCore::greet(stream).await
    }

    /// Fails when a core starts within this time.
    pub async fn stays_alone(&self, time: Duration) -> Result<()> {
        let started = timeout(time, self.listener.accept()).await;
        ensure!(started.is_err(), "a core was started that nobody wanted");
        Ok(())
    }
}

/// A core that runs, or ran until a moment ago.
pub struct RunningCore {
    lines: Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
    /// Reports that came while another was waited for.
    early: Vec<Report>,
    pid: u32,
    commit: String,
    folder: String,
}

impl RunningCore {
    async fn greet(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        let mut core = Self {
            lines: BufReader::new(reader).lines(),
            writer,
            early: Vec::new(),
            pid: 0,
            commit: String::new(),
            folder: String::new(),
        };
        let first = timeout(PATIENCE, core.next())
            .await
            .context("a core connected and said nothing")??;
        let Some(Report::Started {
            pid,
            commit,
            folder,
        }) = first
        else {
            bail!("a core began with {first:?} instead of its start");
        };
        (core.pid, core.commit, core.folder) = (pid, commit, folder);
        Ok(core)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The commit that it prints.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Its working folder.
    pub fn folder(&self) -> &Path {
        Path::new(&self.folder)
    }

    /// The phone does this.
    pub async fn phone(&mut self, what: Phone) -> Result<()> {
        self.order(Order::Phone(what)).await
    }

    /// QQ does this.
    pub async fn qq(&mut self, what: Qq) -> Result<()> {
        self.order(Order::Qq(what)).await
    }

    /// This happens to the process.
    pub async fn process(&mut self, what: Process) -> Result<()> {
        self.order(Order::Process(what)).await
    }

    /// Gives an order and waits until it is taken; a core may also end of it.
    pub async fn order(&mut self, order: Order) -> Result<()> {
        let mut line = serde_json::to_string(&order)?;
        line.push('\n');
        self.writer
            .write_all(line.as_bytes())
            .await
            .with_context(|| format!("the core has ended before {order:?}"))?;
        let taken = |report: &Report| matches!(report, Report::Done | Report::OutOfPlace);
        let answer = self.find(&format!("{order:?}"), taken).await?;
        ensure!(
            !matches!(answer, Some(Report::OutOfPlace)),
            "{order:?} does not fit this moment"
        );
        Ok(())
    }

    /// Waits for a QR code; gives the address that it holds.
    pub async fn qr_shown(&mut self) -> Result<String> {
        match self
            .reported("a QR code", |report| matches!(report, Report::QrShown(_)))
            .await?
        {
            Report::QrShown(url) => Ok(url),
            other => bail!("{other:?} is no QR code"),
        }
    }

    /// Waits until its WebSocket server listens.
    pub async fn serving(&mut self) -> Result<()> {
        let serves = |report: &Report| matches!(report, Report::Serving(_));
        self.reported("its WebSocket server", serves)
            .await
            .map(drop)
    }

    /// Waits for a call that succeeds and whose parameters contain this text.
    pub async fn was_told(&mut self, text: &str) -> Result<()> {
        self.called(text, 0).await
    }

    /// Waits for a call that is answered with this code and whose parameters contain this text.
    pub async fn called(&mut self, text: &str, code: i32) -> Result<()> {
        let is_it = |report: &Report| match report {
            Report::Called {
                params, retcode, ..
            } => *retcode == code && params.to_string().contains(text),
            _ => false,
        };
        self.reported(
            &format!("a call with `{text}` and the answer {code}"),
            is_it,
        )
        .await
        .map(drop)
    }

    /// Takes the first report that is `wanted`; fails when the core ends without it.
    pub async fn reported(
        &mut self,
        what: &str,
        wanted: impl Fn(&Report) -> bool,
    ) -> Result<Report> {
        self.find(what, wanted)
            .await?
            .with_context(|| format!("the core ended without {what}"))
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self, limit: Duration) -> Result<()> {
        let end = async { while let Ok(Some(_report)) = self.lines.next_line().await {} };
        timeout(limit, end)
            .await
            .with_context(|| format!("core {} was still running after {limit:?}", self.pid))
    }

    /// `None` when the core ends without it.
    async fn find(
        &mut self,
        what: &str,
        wanted: impl Fn(&Report) -> bool,
    ) -> Result<Option<Report>> {
        if let Some(index) = self.early.iter().position(&wanted) {
            return Ok(Some(self.early.remove(index)));
        }
        let search = async {
            loop {
                match self.next().await? {
                    Some(report) if !wanted(&report) => self.early.push(report),
                    found_or_ended => return Ok(found_or_ended),
                }
            }
        };
        timeout(PATIENCE, search)
            .await
            .with_context(|| format!("{what}: not within {PATIENCE:?}"))?
    }

    async fn next(&mut self) -> Result<Option<Report>> {
        match self.lines.next_line().await {
            Ok(Some(line)) => Ok(Some(serde_json::from_str(&line)?)),
            // A killed process resets its connections.
            Ok(None) | Err(_) => Ok(None),
        }
    }
}
