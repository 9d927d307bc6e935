//! The other end of an updater: a project with a key of its own, and addresses with every bad habit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign::KeyPair;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// Signs files, as the release of a project does. The key lasts as long as this.
pub struct ReleaseSigner(KeyPair);

impl ReleaseSigner {
    /// One with a key that nobody else has.
    pub fn new() -> Result<Self> {
        let keys = KeyPair::generate_unencrypted_keypair();
        Ok(Self(keys.context("no key was made")?))
    }

    /// The public key, as programs have it.
    pub fn key(&self) -> Result<String> {
        let text = self.0.pk.to_box().context("the key has a text")?;
        Ok(STANDARD.encode(text.to_string()))
    }

    /// The signature of a file under this name, as a listing has it.
    pub fn sign(&self, file: &[u8], name: &str) -> Result<String> {
        let comment = format!("timestamp:1\tfile:{name}");
        let signed = minisign::sign(
            Some(&self.0.pk),
            &self.0.sk,
            std::io::Cursor::new(file),
            Some(&comment),
            None,
        );
        Ok(STANDARD.encode(signed.context("it can be signed")?.to_string()))
    }
}

/// What an address answers.
#[derive(Clone, Debug)]
pub enum UpdateAnswer {
    /// This.
    Whole(Vec<u8>),
    /// Nothing, for as long as anybody waits.
    Silence,
    /// So many bytes of it, and then nothing.
    Stall(Vec<u8>, usize),
    /// So many bytes of it, and then the end of the connection.
    Cut(Vec<u8>, usize),
    /// It in so many pieces, with pauses in between.
    Slow(Vec<u8>, usize),
    /// A page for browsers, with the status of success.
    Page,
    /// No such thing.
    Gone,
}

type Answers = Arc<Mutex<HashMap<String, UpdateAnswer>>>;
type Asked = Arc<Mutex<Vec<String>>>;

/// A server with listings and files. Dropping it ends it.
pub struct UpdateServer {
    address: String,
    answers: Answers,
    asked: Asked,
    task: JoinHandle<()>,
}

impl UpdateServer {
    /// One that knows nothing yet.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let (answers, asked) = (Answers::default(), Asked::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&answers), Arc::clone(&asked)));
        Ok(Self {
            address,
            answers,
            asked,
            task,
        })
    }

    /// The address of a path that begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Answers this at a path from now on.
    pub fn put(&self, path: &str, answer: UpdateAnswer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(path.to_owned(), answer);
    }

    /// Offers a version at a path: a listing with one file for this system.
    pub fn offer(&self, path: &str, version: &str, url: &str, signature: &str) {
        let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        let file = json!({ "url": url, "signature": signature });
        self.list(path, version, &json!({ platform: file }));
    }

    /// Offers a version at a path with these files.
    pub fn list(&self, path: &str, version: &str, platforms: &Value) {
        let listing = json!({ "version": version, "notes": format!("What is new in {version}"), "pub_date": "2026-12-01T00:00:00Z", "platforms": platforms });
        self.put(path, UpdateAnswer::Whole(listing.to_string().into_bytes()));
    }

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

impl Drop for UpdateServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, answers: Answers, asked: Asked) {
    while let Ok((socket, _)) = listener.accept().await {
        let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
        tokio::spawn(async move {
            // Whoever hangs up has what they wanted.
            let _gone = answer(socket, &answers, &asked).await;
        });
    }
}

async fn answer(mut socket: TcpStream, answers: &Answers, asked: &Asked) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(path.clone());
    let answers = answers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&path)
        .cloned();
    match answers.unwrap_or(UpdateAnswer::Gone) {
        UpdateAnswer::Whole(body) => {
            begin(
                &mut socket,
                "200 OK",
                "application/octet-stream",
                body.len(),
            )
            .await?;
            socket.write_all(&body).await?;
        }
        UpdateAnswer::Silence => std::future::pending().await,
        UpdateAnswer::Stall(body, count) => {
            begin(
                &mut socket,
                "200 OK",
                "application/octet-stream",
                body.len(),
            )
            .await?;
            socket.write_all(&body[..count]).await?;
            socket.flush().await?;
            std::future::pending::<()>().await;
        }
        UpdateAnswer::Cut(body, count) => {
            begin(
                &mut socket,
                "200 OK",
                "application/octet-stream",
                body.len(),
            )
            .await?;
            socket.write_all(&body[..count]).await?;
        }
        UpdateAnswer::Slow(body, pieces) => {
            begin(
                &mut socket,
                "200 OK",
                "application/octet-stream",
                body.len(),
            )
            .await?;
            for piece in body.chunks(body.len().div_ceil(pieces).max(1)) {
                socket.write_all(piece).await?;
                socket.flush().await?;
                sleep(Duration::from_millis(200)).await;
            }
        }
        UpdateAnswer::Page => {
            let page = b"<!doctype html><title>Sign in to the network</title>";
            begin(
                &mut socket,
                "200 OK",
                "text/html; charset=utf-8",
                page.len(),
            )
            .await?;
            socket.write_all(page).await?;
        }
        UpdateAnswer::Gone => begin(&mut socket, "404 Not Found", "text/plain", 0).await?,
    }
    socket.shutdown().await?;
    Ok(())
}

async fn begin(socket: &mut TcpStream, status: &str, kind: &str, length: usize) -> Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    Ok(())
}
