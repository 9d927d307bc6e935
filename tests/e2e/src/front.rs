//! A reverse proxy in front of a node, with TLS, as the documentation sets it up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::PATIENCE;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Command;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::interop::prepared;
use crate::{Answer, Program, ReservedPort, until};

const NGINX_VARIABLE: &str = "PERPETUA_TEST_NGINX";
const CADDY_VARIABLE: &str = "PERPETUA_TEST_CADDY";

/// What the documentation calls the host, the node's address, and its files.
pub const DOCUMENTED_HOST: &str = "bot.example.com";
const DOCUMENTED_NODE: &str = "127.0.0.1:8080";
const DOCUMENTED_FILES: &str = "/etc/ssl/bot.example.com";

/// A program that stands in front of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReverseProxy {
    /// nginx.
    Nginx,
    /// Caddy.
    Caddy,
}

/// One that runs. Dropping it ends it.
pub struct Front {
    _program: Program,
    _folder: TempDir,
    port: ReservedPort,
    tls: TlsConnector,
}

/// A connection to one, which reads an answer that goes on.
pub type FrontStream = BufReader<TlsStream<TcpStream>>;

impl Front {
    /// Starts it with the lines of the documentation, in front of the node at this address.
    pub async fn start(proxy: ReverseProxy, node: SocketAddr) -> Result<Self> {
        Self::started(|folder, port| match proxy {
            ReverseProxy::Nginx => nginx(folder, port, node, &documented("nginx")?),
            ReverseProxy::Caddy => caddy(folder, port, node),
        })
        .await
    }

    /// Starts nginx as somebody does who has not read it: with these lines in place of the last `location` there.
    pub async fn nginx_with(location: &str, node: SocketAddr) -> Result<Self> {
        let server = documented("nginx")?;
        let (head, _) = server
            .split_once("    location / {")
            .context("the documentation passes nothing on")?;
        let server = format!("{head}{location}\n}}\n");
        Self::started(|folder, port| nginx(folder, port, node, &server)).await
    }

    async fn started(run: impl FnOnce(&Path, &ReservedPort) -> Result<Program>) -> Result<Self> {
        let folder = TempDir::with_prefix("perpetua-front-")?;
        let certificate = make_certificate(folder.path())?;
        let port = ReservedPort::for_the_node()?;
        let program = run(folder.path(), &port)?;
        let front = Self {
            _program: program,
            _folder: folder,
            port,
            tls: trusting(certificate)?,
        };
        until("the proxy to listen", async || {
            Ok(TcpStream::connect(front.port.address()).await.ok())
        })
        .await?;
        Ok(front)
    }

    /// The name by which browsers call it, with its port.
    pub fn host(&self) -> String {
        format!("{DOCUMENTED_HOST}:{}", self.port.number())
    }

    /// Sends a request from an address of this machine, and reads the whole answer.
    pub async fn ask(
        &self,
        from: Ipv4Addr,
        request: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let asking = async {
            let headers = [headers, &[("connection", "close")]].concat();
            let (mut answer, mut stream) = self.open(from, request, &headers, body).await?;
            let mut rest = Vec::new();
            // Whoever closes without a goodbye of TLS has still sent all that its head announced.
            let _ended = stream.read_to_end(&mut rest).await;
            answer.body = String::from_utf8_lossy(&rest).into_owned();
            Ok(answer)
        };
        timeout(PATIENCE, asking).await.context("no answer")?
    }

    /// Sends a request, and reads the head of its answer.
    pub async fn open(
        &self,
        from: Ipv4Addr,
        request: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(Answer, FrontStream)> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(self.port.address()).await?;
        let name = ServerName::try_from(DOCUMENTED_HOST)?;
        let mut stream = BufReader::new(self.tls.connect(name, stream).await?);
        let mut lines = vec![
            format!("{request} HTTP/1.1"),
            format!("host: {}", self.host()),
            format!("content-length: {}", body.len()),
        ];
        let further = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        lines.extend(further);
        let text = lines.join("\r\n") + "\r\n\r\n" + body;
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await?;
        let answer = Answer::read_head(&mut stream).await?;
        Ok((answer, stream))
    }
}

/// Reads lines until one contains `text`.
pub async fn line_with(stream: &mut FrontStream, text: &str) -> Result<String> {
    let reading = async {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            ensure!(
                stream.read_line(&mut line).await? > 0,
                "it ended before `{text}`"
            );
        }
        Ok(line)
    };
    timeout(PATIENCE, reading)
        .await
        .with_context(|| format!("no `{text}`"))?
}

/// The lines of this kind in the documentation, which are the same in both languages.
pub fn documented(kind: &str) -> Result<String> {
    let block = |file: &str| {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let text = std::fs::read_to_string(docs.join(file))?;
        let (_, rest) = text
            .split_once(&format!("```{kind}\n"))
            .with_context(|| format!("no `{kind}` in `{file}`"))?;
        let (block, _) = rest.split_once("```").context("a block without an end")?;
        anyhow::Ok(block.to_owned())
    };
    let english = block("reverse-proxy.md")?;
    ensure!(
        english == block("reverse-proxy.zh-CN.md")?,
        "the lines for `{kind}` differ between the languages"
    );
    Ok(english)
}

/// Replaces something that stands there.
fn instead(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.contains(from), "`{from}` is not in the documentation");
    Ok(text.replace(from, to))
}

fn nginx(folder: &Path, port: &ReservedPort, node: SocketAddr, server: &str) -> Result<Program> {
    let server = instead(server, "listen 443", &format!("listen {}", port.address()))?;
    let server = instead(&server, DOCUMENTED_NODE, &node.to_string())?;
    let server = instead(&server, DOCUMENTED_FILES, &files(folder))?;
    let here = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};"))
        .join("\n");
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}\n{server}\n}}\n"
    );
    let settings = folder.join("nginx.conf");
    std::fs::write(&settings, whole)?;
    let mut command = Command::new(prepared(NGINX_VARIABLE)?);
    command.args(["-e", "stderr", "-p"]).arg(folder);
    command.arg("-c").arg(settings);
    Program::start("nginx", command)
}

fn caddy(folder: &Path, port: &ReservedPort, node: SocketAddr) -> Result<Program> {
    let site = documented("caddy")?;
    let files = files(folder);
    // A certificate of our own, where Caddy would ask the world for one.
    let head = format!("{DOCUMENTED_HOST} {{\n");
    let own = format!(
        "{DOCUMENTED_HOST}:{} {{\ntls {files}.crt {files}.key\n",
        port.number()
    );
    let site = instead(&site, &head, &own)?;
    let site = instead(&site, DOCUMENTED_NODE, &node.to_string())?;
    let whole =
        format!("{{\nadmin off\nauto_https disable_redirects\ndefault_bind 127.0.0.1\n}}\n{site}");
    let settings = folder.join("Caddyfile");
    std::fs::write(&settings, whole)?;
    let mut command = Command::new(prepared(CADDY_VARIABLE)?);
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(settings).env("HOME", folder);
    for kept in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(kept, folder);
    }
    Program::start("caddy", command)
}

/// Where the certificate and its key are, without their endings.
fn files(folder: &Path) -> String {
    folder.join("own").display().to_string()
}

fn make_certificate(folder: &Path) -> Result<CertificateDer<'static>> {
    let made = rcgen::generate_simple_self_signed([DOCUMENTED_HOST.to_owned()])?;
    let place = |ending: &str| PathBuf::from(format!("{}.{ending}", files(folder)));
    let key = made.signing_key.serialize_der();
    std::fs::write(place("crt"), pem("CERTIFICATE", made.cert.der()))?;
    std::fs::write(place("key"), pem("PRIVATE KEY", &key))?;
    Ok(made.cert.der().clone())
}

/// As text, in lines of 64 letters.
fn pem(kind: &str, bytes: &[u8]) -> String {
    let letters = data_encoding::BASE64.encode(bytes);
    let lines: Vec<_> = letters
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n")
}

fn trusting(certificate: CertificateDer<'static>) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
