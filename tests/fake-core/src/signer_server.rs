//! A signer as Lagrange.OneBot asks one (`Utility/OneBotSigner.cs` there), with everything that can be
//! wrong with it ([`SignerFault`]).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::SignerFault;

/// Where it signs; the number is the build of the QQ that it signs for.
const PATH: &str = "/api/sign/30366";

/// The version that the number belongs to.
const VERSION: &str = "3.2.15-30366";

#[derive(Default)]
struct Desk {
    fault: Option<SignerFault>,
    /// What the next signatures suffer, before `fault` counts again.
    coming: VecDeque<Option<SignerFault>>,
    /// More signatures than that at once are refused.
    places: Option<usize>,
    /// Signatures that are under way, and the most that there were.
    under_way: usize,
    most_at_once: usize,
    app_infos: u32,
    signed: Vec<String>,
}

type SharedDesk = Arc<Mutex<Desk>>;

/// A running signer.
pub struct SignerServer {
    address: SocketAddr,
    path: String,
    desk: SharedDesk,
    task: Option<JoinHandle<()>>,
}

impl SignerServer {
    /// Signs on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        Self::start_at(PATH.to_owned()).await
    }

    /// The same, for those only who know a key that stands in its address.
    pub async fn start_with_key(key: &str) -> Result<Self> {
        Self::start_at(format!("/{key}{PATH}")).await
    }

    async fn start_at(path: String) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        let desk = SharedDesk::default();
        let task = Some(serve(listener, &path, desk.clone()));
        Ok(Self {
            address,
            path,
            desk,
            task,
        })
    }

    /// What `SignServerUrl` and a signer's `url` in the settings are to be.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    /// All further answers have this fault, or none.
    pub fn fault(&self, fault: Option<SignerFault>) {
        self.lock().fault = fault;
    }

    /// The next signatures have these faults, one each, in this order; then counts what [`fault`](Self::fault)
    /// says. So a signer lies from the third signature on: `fault(Some(WrongVersion))` after
    /// `next_signatures([None, None])`.
    pub fn next_signatures(&self, faults: impl IntoIterator<Item = Option<SignerFault>>) {
        self.lock().coming = faults.into_iter().collect();
    }

    /// Who asks for a signature while so many are under way gets a 401; `None`: everyone is served.
    pub fn at_once(&self, places: Option<usize>) {
        self.lock().places = places;
    }

    /// The most signatures that were under way at the same time, those refused not counted.
    pub fn most_at_once(&self) -> usize {
        self.lock().most_at_once
    }

    /// Nobody listens on its port any more.
    pub async fn go_down(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // Only its end closes the port.
            let _aborted = task.await;
        }
    }

    /// It listens on its port again.
    pub async fn come_up(&mut self) -> Result<()> {
        if self.task.is_none() {
            let listener = TcpListener::bind(self.address)
                .await
                .context("the signer's port is not free any more")?;
            self.task = Some(serve(listener, &self.path, self.desk.clone()));
        }
        Ok(())
    }

    /// How often it was asked what it is.
    pub fn app_infos(&self) -> u32 {
        self.lock().app_infos
    }

    /// The commands that it was asked to sign, in their order.
    pub fn signed(&self) -> Vec<String> {
        self.lock().signed.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }
}

impl Drop for SignerServer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn lock(desk: &SharedDesk) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(listener: TcpListener, path: &str, desk: SharedDesk) -> JoinHandle<()> {
    let router = Router::new()
        .route(&format!("{path}/appinfo"), get(app_info))
        .route(path, post(sign))
        .with_state(desk);
    tokio::spawn(async move {
        // They end with this task, which ends with the server's value: one that is down answers nobody.
        let mut connections = JoinSet::new();
        while let Ok((stream, _peer)) = listener.accept().await {
            let service = TowerToHyperService::new(router.clone());
            connections
                .spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            while connections.try_join_next().is_some() {}
        }
    })
}

/// A signature that is under way.
struct Place(SharedDesk);

impl Place {
    fn take(desk: &SharedDesk) -> Option<Self> {
        let mut taken = lock(desk);
        if taken.places.is_some_and(|places| taken.under_way >= places) {
            return None;
        }
        taken.under_way += 1;
        taken.most_at_once = taken.most_at_once.max(taken.under_way);
        Some(Self(desk.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.0).under_way -= 1;
    }
}

async fn app_info(State(desk): State<SharedDesk>) -> Response {
    let fault = {
        let mut desk = lock(&desk);
        desk.app_infos += 1;
        desk.fault
    };
    match fault {
        Some(SignerFault::Status(code)) => return refusal(code),
        Some(SignerFault::NoAppInfo) => return StatusCode::NOT_FOUND.into_response(),
        // The slowness is the fault.
        Some(SignerFault::Slow(time)) => sleep(time).await,
        _ => {}
    }
    let mut info = linux_app_info();
    if let (Some(SignerFault::LacksFields(names)), Some(fields)) = (fault, info.as_object_mut()) {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    Json(info).into_response()
}

async fn sign(
    State(desk): State<SharedDesk>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    let Some(_place) = Place::take(&desk) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let fault = {
        let mut desk = lock(&desk);
        let command = request["cmd"].as_str().unwrap_or_default().to_owned();
        desk.signed.push(command);
        desk.coming.pop_front().unwrap_or(desk.fault)
    };
    let Some(fault) = fault else {
        return Json(signature()).into_response();
    };
    let has_length = headers.contains_key(header::CONTENT_LENGTH);
    if let Some(code) = fault.status(has_length) {
        return refusal(code);
    }
    if let SignerFault::Slow(time) | SignerFault::SlowToSign(time) = fault {
        // The slowness is the fault.
        sleep(time).await;
    }
    if fault == SignerFault::WebPage {
        return Html("<html>This is no signer.</html>").into_response();
    }
    Json(spoilt(signature(), fault)).into_response()
}

fn refusal(code: u16) -> Response {
    StatusCode::from_u16(code)
        .unwrap_or(StatusCode::BAD_GATEWAY)
        .into_response()
}

fn signature() -> Value {
    let value = json!({ "sign": "0A0B0C0D0E0F", "token": "AA55", "extra": "" });
    json!({ "platform": "Linux", "version": VERSION, "value": value })
}

fn spoilt(mut answer: Value, fault: SignerFault) -> Value {
    match fault {
        SignerFault::WrongPlatform => answer["platform"] = json!("Windows"),
        SignerFault::WrongVersion => answer["version"] = json!("3.2.19-39038"),
        SignerFault::NoVersion => remove(&mut answer, "version"),
        SignerFault::EmptySign => answer["value"]["sign"] = json!(""),
        SignerFault::NullSign => answer["value"]["sign"] = Value::Null,
        SignerFault::BadHex => answer["value"]["sign"] = json!("0A0B0"),
        SignerFault::NoValue => remove(&mut answer, "value"),
        _ => {}
    }
    answer
}

fn remove(answer: &mut Value, field: &str) {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove(field);
    }
}

/// A `BotAppInfo` as signers give it; the numbers belong to QQ for Linux 3.2.15.
fn linux_app_info() -> Value {
    json!({
        "Os": "Linux",
        "VendorOs": "linux",
        "Kernel": "Linux",
        "CurrentVersion": VERSION,
        "MiscBitmap": 32764,
        "PtVersion": "2.0.0",
        "SsoVersion": 19,
        "PackageName": "com.tencent.qq",
        "WtLoginSdk": "nt.wtlogin.0.0.1",
        "AppId": 1_600_001_615,
        "SubAppId": 537_258_424,
        "AppIdQrCode": 537_258_424,
        "AppClientVersion": 30366,
        "MainSigMap": 169_742_560,
        "SubSigMap": 0,
        "NTLoginType": 1,
    })
}
