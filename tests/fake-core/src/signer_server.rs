//! A signer as Lagrange.OneBot asks one (`Utility/OneBotSigner.cs` there), with everything that can be
//! wrong with it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Where it signs; the number is the build of the QQ that it signs for.
const PATH: &str = "/api/sign/30366";

/// The version that the number belongs to.
const VERSION: &str = "3.2.15-30366";

/// What is wrong with a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerFault {
    /// Every answer has this status, such as 521 or 404.
    Status(u16),
    /// Every answer comes so late.
    Slow(Duration),
    /// It does not say what it is; it signs.
    NoAppInfo,
    /// It signs for another system than it says.
    WrongPlatform,
    /// It signs for another version than it says.
    WrongVersion,
    /// Its signatures are empty.
    EmptySign,
    /// It does not sign; it says what it is.
    RefusesToSign,
}

#[derive(Default)]
struct Desk {
    fault: Option<SignerFault>,
    app_infos: u32,
    signed: Vec<String>,
}

type SharedDesk = Arc<Mutex<Desk>>;

/// A running signer.
pub struct SignerServer {
    address: SocketAddr,
    desk: SharedDesk,
    task: Option<JoinHandle<()>>,
}

impl SignerServer {
    /// Signs on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        let desk = SharedDesk::default();
        let task = Some(serve(listener, desk.clone()));
        Ok(Self {
            address,
            desk,
            task,
        })
    }

    /// What `SignServerUrl` and a signer's `url` in the settings are to be.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// All further answers have this fault, or none.
    pub fn fault(&self, fault: Option<SignerFault>) {
        self.lock().fault = fault;
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
            self.task = Some(serve(listener, self.desk.clone()));
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

fn serve(listener: TcpListener, desk: SharedDesk) -> JoinHandle<()> {
    let router = Router::new()
        .route(&format!("{PATH}/appinfo"), get(app_info))
        .route(PATH, post(sign))
        .with_state(desk);
    tokio::spawn(async move {
        // It ends with the server's value, which aborts it.
        let _never = axum::serve(listener, router).await;
    })
}

async fn app_info(State(desk): State<SharedDesk>) -> Response {
    let fault = {
        let mut desk = lock(&desk);
        desk.app_infos += 1;
        desk.fault
    };
    if let Some(refusal) = common_refusal(fault).await {
        return refusal;
    }
    if fault == Some(SignerFault::NoAppInfo) {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(linux_app_info()).into_response()
}

async fn sign(State(desk): State<SharedDesk>, Json(request): Json<Value>) -> Response {
    let fault = {
        let mut desk = lock(&desk);
        let command = request["cmd"].as_str().unwrap_or_default().to_owned();
        desk.signed.push(command);
        desk.fault
    };
    if let Some(refusal) = common_refusal(fault).await {
        return refusal;
    }
    if fault == Some(SignerFault::RefusesToSign) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let (mut platform, mut version, mut signature) = ("Linux", VERSION, "0A0B0C0D0E0F");
    match fault {
        Some(SignerFault::WrongPlatform) => platform = "Windows",
        Some(SignerFault::WrongVersion) => version = "3.2.19-39038",
        Some(SignerFault::EmptySign) => signature = "",
        _ => {}
    }
    let value = json!({ "sign": signature, "token": "AA55", "extra": "" });
    Json(json!({ "platform": platform, "version": version, "value": value })).into_response()
}

async fn common_refusal(fault: Option<SignerFault>) -> Option<Response> {
    match fault? {
        SignerFault::Status(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
            Some(status.into_response())
        }
        SignerFault::Slow(time) => {
            // The slowness is the fault.
            sleep(time).await;
            None
        }
        _ => None,
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
