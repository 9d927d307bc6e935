//! Asking a signer: the one way for probes and for the requests of cores.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use perpetua_lagrange::{ProxyUrl, ResolvedSigner};
use perpetua_task::GapWatch;
use perpetua_words::{Message, cause, signer as words};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tokio::time::Instant;

use crate::{SignerFault, record::Records};

/// An answer has about 1 kB; nobody reads more than this.
const MOST_BYTES: usize = 1024 * 1024;
/// Ways to signers whose connections are kept: few accounts have proxies of their own.
const MOST_WAYS: usize = 16;

type MakeClient = dyn Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync;

/// Asks signers, and measures them.
pub(crate) struct Asker {
    make: Box<MakeClient>,
    /// By the proxy; each keeps its connections.
    clients: Mutex<HashMap<Option<ProxyUrl>, Client>>,
    pub(crate) records: Records,
    /// Tells when this process itself stood still.
    pub(crate) gaps: GapWatch,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The host to which it sends us on, and nothing was sent: not the signer's own, or not with the same question.
    pub(crate) redirects_to: Option<String>,
    /// Its body, where that is JSON.
    pub(crate) body: Option<Value>,
}

impl fmt::Debug for Asker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Asker")
    }
}

impl Asker {
    pub(crate) fn new(
        make: impl Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync + 'static,
        gaps: GapWatch,
    ) -> Self {
        Self {
            make: Box::new(make),
            clients: Mutex::default(),
            records: Records::default(),
            gaps,
        }
    }

    /// Asks what client of QQ it signs for.
    pub(crate) async fn app_info(
        &self,
        signer: &ResolvedSigner,
        limit: Duration,
    ) -> Result<Answer, SignerFault> {
        let request = self.client(signer)?.get(signer.url.app_info());
        self.read(request, limit).await
    }

    /// Asks for a signature once there is a place for the question, and keeps how the signer did. The place may
    /// take as long as the answer.
    pub(crate) async fn signature<T>(
        &self,
        signer: &ResolvedSigner,
        question: Bytes,
        limit: Duration,
        judge: impl FnOnce(&Answer) -> Result<T, SignerFault>,
    ) -> Result<T, SignerFault> {
        let record = self.records.of(&signer.url);
        let _place = record.place(limit).await?;
        let begun = Instant::now();
        let judged = match self.client(signer) {
            Ok(client) => {
                let request = client
                    .post(signer.url.expose())
                    .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
                    .body(question);
                let answer = self.read(request, limit).await;
                answer.and_then(|answer| judge(&answer))
            }
            Err(fault) => Err(fault),
        };
        match &judged {
            Ok(_) => record.signed(self.heard_since(begun).elapsed()),
            Err(fault) => record.failed(fault.clone()),
        }
        judged
    }

    /// From when on a signer that was asked then could be heard.
    pub(crate) fn heard_since(&self, asked: Instant) -> Instant {
        self.gaps.woke_after(asked).unwrap_or(asked)
    }

    /// Asks. A question over which this process stood still is asked again: its connection and its time are gone, and
    /// the signer is not to blame.
    async fn read(&self, request: RequestBuilder, limit: Duration) -> Result<Answer, SignerFault> {
        let mut request = request;
        loop {
            let (begun, again) = (Instant::now(), request.try_clone());
            let answer = read(request, limit).await;
            let is_lost = matches!(
                answer,
                Err(SignerFault::Silent(_) | SignerFault::Unreachable(_))
            );
            match again.filter(|_| is_lost && self.gaps.woke_after(begun).is_some()) {
                Some(again) => request = again,
                None => return answer,
            }
        }
    }

    fn client(&self, signer: &ResolvedSigner) -> Result<Client, SignerFault> {
        let way = signer.way().cloned();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&way) {
            return Ok(client.clone());
        }
        let client = (self.make)(way.as_ref()).map_err(SignerFault::NotAsked)?;
        if clients.len() == MOST_WAYS {
            clients.clear();
        }
        clients.insert(way, client.clone());
        Ok(client)
    }
}

async fn read(request: RequestBuilder, limit: Duration) -> Result<Answer, SignerFault> {
    let fault = |error| fault(error, limit);
    let mut response = request.timeout(limit).send().await.map_err(fault)?;
    let (status, redirects_to) = (response.status(), redirects_to(&response));
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(fault)? {
        if body.len() + bytes.len() > MOST_BYTES {
            return Err(SignerFault::NoSigner(words::TooLong.into()));
        }
        body.extend_from_slice(&bytes);
    }
    let body = serde_json::from_slice(&body).ok();
    Ok(Answer {
        status,
        redirects_to,
        body,
    })
}

/// Scheme and host to which an answer wants to send whoever asked. What stands behind them may hold a key.
fn redirects_to(response: &Response) -> Option<String> {
    let location = response.headers().get(header::LOCATION);
    let location = location.filter(|_| response.status().is_redirection());
    let target = location.and_then(|to| response.url().join(to.to_str().ok()?).ok())?;
    let origin = target.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Sorts a failed request; nothing of it repeats the address.
fn fault(error: reqwest::Error, limit: Duration) -> SignerFault {
    if error.is_timeout() {
        return SignerFault::Silent(limit.as_secs());
    }
    let cause: Message = cause(&error.without_url());
    SignerFault::Unreachable(cause)
}
