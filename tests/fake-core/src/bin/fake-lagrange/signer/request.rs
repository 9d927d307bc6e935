//! Requests as .NET's `HttpClient` sends them.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, Uri, header, uri::Authority};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A status and a body.
pub(crate) type Answer = (u16, Bytes);

type Body = BoxBody<Bytes, Infallible>;

const INVALID_URI: &str =
    "System.UriFormatException: Invalid URI: The format of the URI could not be determined.";

/// Connections that wait for the next request; more are closed.
const IDLE: usize = 8;

/// Sends requests to one server, and keeps connections for the next ones.
#[derive(Default)]
pub(crate) struct Client {
    idle: Mutex<Vec<SendRequest<Body>>>,
}

impl Client {
    /// Asks; the error is an exception of .NET.
    pub(crate) async fn get(&self, url: &str) -> Result<Answer, String> {
        self.send(Method::GET, url, None).await
    }

    /// Sends JSON, whose length is not told beforehand.
    pub(crate) async fn post(&self, url: &str, body: &Value) -> Result<Answer, String> {
        self.send(Method::POST, url, Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let uri: Uri = url.parse().map_err(|_| INVALID_URI)?;
        let authority = uri.authority().ok_or(INVALID_URI)?;
        if uri.scheme_str() != Some("http") {
            return Err(failed(
                "The SSL connection could not be established",
                authority,
            ));
        }
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => connect(authority).await?,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority.as_str());
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        }
        let request = request.body(piecewise(body)).map_err(|_| INVALID_URI)?;
        let broken = |_| failed("An error occurred while sending the request.", authority);
        let answer = connection.send_request(request).await.map_err(broken)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(broken)?;
        self.keep(connection);
        Ok((status, body.to_bytes()))
    }

    /// A connection that is still good.
    async fn kept(&self) -> Option<SendRequest<Body>> {
        loop {
            let mut connection = self.lock().pop()?;
            if connection.ready().await.is_ok() {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: SendRequest<Body>) {
        let mut idle = self.lock();
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Body>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(authority: &Authority) -> Result<SendRequest<Body>, String> {
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port))
        .await
        .map_err(|_| failed("Connection refused", authority))?;
    let _delayed = stream.set_nodelay(true);
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| failed("An error occurred while sending the request.", authority))?;
    let _driver = tokio::spawn(connection);
    Ok(sender)
}

fn failed(words: &str, authority: &Authority) -> String {
    format!("System.Net.Http.HttpRequestException: {words} ({authority})")
}

fn piecewise(body: Option<&Value>) -> Body {
    match body {
        None => Empty::new().boxed(),
        Some(body) => {
            let piece = Frame::data(Bytes::from(body.to_string()));
            StreamBody::new(stream::iter([Ok(piece)])).boxed()
        }
    }
}
