use std::{path::PathBuf, sync::Arc, time::{Duration, Instant}};
use futures_util::future::BoxFuture;
use perpetua_lagrange::*;
use perpetua_lifecycle::*;
use perpetua_supervisor::*;
use tokio::sync::watch;

#[derive(Debug)]
struct Fixed(PathBuf, watch::Sender<Option<Progress>>, watch::Sender<u64>);
impl Cores for Fixed {
    fn current(&self) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>> {
        let c = VerifiedCore { id: "x".into(), program: self.0.clone() };
        Box::pin(async move { Ok(c) })
    }
    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>> { Box::pin(async { Ok(()) }) }
    fn progress(&self) -> watch::Receiver<Option<Progress>> { self.1.subscribe() }
    fn changes(&self) -> watch::Receiver<u64> { self.2.subscribe() }
    fn roll_back(&self) -> BoxFuture<'static, Result<String, String>> { Box::pin(async { Err("no".into()) }) }
}
#[derive(Debug)]
struct Yes;
impl SignerChoice for Yes {
    fn choose(self: Arc<Self>, s: Vec<Signer>, _p: Protocol) -> BoxFuture<'static, Result<Chosen, SignerProblem>> {
        Box::pin(async move { let signer = s[0].clone(); Ok(Chosen { report: SignerReport { name: signer.name.clone(), host: signer.url.host(), latency: Duration::ZERO, answer: Ok(SignerAnswer::default()) }, signer }) })
    }
}
fn own() -> (u64, f64) {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let rss: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let t: u64 = f[11].parse::<u64>().unwrap() + f[12].parse::<u64>().unwrap();
    (rss * 4096, t as f64 / 100.0)
}
#[tokio::main]
async fn main() {
    let data = tempfile::tempdir().unwrap();
    let folders = perpetua_fs::Folders::at(data.path()).unwrap();
    folders.create().unwrap();
    let folder = data.path().join("accounts/main");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("fake-core.json"), r#"{"confirms_after_polls":1,"poll_ms":100,"ends_with_control":false}"#).unwrap();
    let before = own();
    let program = std::fs::canonicalize(std::env::args().nth(1).unwrap()).unwrap();
    let (core, task) = Core::new(CoreOptions {
        account: "main".into(), folders, log: perpetua_config::Log::default(), seed: 1,
        settings: CoreSettings { policy: Policy::default(), protocol: Protocol::Linux, signers: vec![Signer { name: "a".into(), url: SignerUrl::new(&format!("http://127.0.0.1:{}/sign", signer())).unwrap(), proxy: None }], memory_limit: None, log_messages: false },
        ports: CorePorts { launcher: Arc::new(SystemLauncher), cores: Arc::new(Fixed(program, watch::Sender::new(None), watch::Sender::new(0))), signers: Arc::new(Yes), secrets: perpetua_secrets::SecretStore::in_memory() },
    });
    let task = tokio::spawn(task);
    let begun = Instant::now();
    core.start().await;
    let mut view = core.view();
    loop {
        let v = view.borrow_and_update().clone();
        let (state, ep) = (format!("{:?}", v.state), v.endpoint.clone());
        println!("{:>6.3} {} {:?}", begun.elapsed().as_secs_f64(), &state[..state.len().min(110)], ep.as_ref().map(|e| &e.url));
        if let Some(ep) = ep { core.link_opened(ep.generation).await; }
        if v.state.is_online() { break; }
        view.changed().await.unwrap();
    }
    let a = own();
    tokio::time::sleep(Duration::from_secs(30)).await;
    let b = own();
    println!("rss before {} MB, online {} MB, after {} MB; cpu {:.3} s in 30 s; view {:?} notice {:?}", before.0 as f64/1e6, a.0 as f64/1e6, b.0 as f64/1e6, b.1 - a.1, view.borrow().usage, view.borrow().notice);
    for l in core.lines().recent { println!("  {} {}", l.time, l.text); }
    let t = Instant::now();
    core.shutdown(Duration::from_secs(8)).await;
    println!("shutdown {:?}, run.json {}", t.elapsed(), folder.join("run.json").exists());
    task.await.unwrap();
    for e in std::fs::read_dir(data.path().join("logs")).unwrap() { let p = e.unwrap().path(); println!("{p:?}\n{}", std::fs::read_to_string(&p).unwrap().lines().take(3).collect::<Vec<_>>().join("\n")); }
    for e in std::fs::read_dir(&folder).unwrap() { println!("{:?}", e.unwrap().file_name()); }
}

fn signer() -> u16 {
    use std::io::{Read, Write};
    let l = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = l.local_addr().unwrap().port();
    std::thread::spawn(move || for s in l.incoming() {
        let mut s = s.unwrap();
        std::thread::spawn(move || { let mut b = [0; 8192]; loop {
            let n = s.read(&mut b).unwrap_or(0); if n == 0 { break }
            let body = r#"{"platform":"Linux","version":"3.2.15-30366","value":{"sign":"00","token":"00","extra":"00"}}"#;
            let (st, body) = if b.starts_with(b"GET") { ("404 Not Found", "") } else { ("200 OK", body) };
            let _ = write!(s, "HTTP/1.1 {st}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }});
    });
    port
}
