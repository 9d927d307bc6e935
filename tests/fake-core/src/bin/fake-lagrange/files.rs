//! The files of the working folder.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::crash::crash;
use crate::log::{Level, Log};

const DEVICE: &str = "device.json";
const KEYSTORE: &str = "keystore.json";

/// `device.json`: what QQ takes for a machine.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "named as in the file")]
struct Device {
    guid: String,
    mac_address: String,
    device_name: String,
    system_kernel: String,
    kernel_version: String,
}

/// `keystore.json`: a login.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Keystore {
    pub(crate) uin: u64,
    uid: Option<String>,
    password_md5: String,
    pub(crate) session: Session,
    info: Option<Info>,
}

/// The secrets of a login, in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "named as in the file")]
pub(crate) struct Session {
    d2_key: String,
    d2: String,
    tgt: String,
    session_date: String,
    pub(crate) temp_password: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    age: u8,
    gender: u8,
    name: String,
}

/// The nickname of the account.
pub(crate) const NICKNAME: &str = "伪拉格兰";

impl Keystore {
    /// The login of this account, with secrets of its own.
    pub(crate) fn of(uin: u64) -> Self {
        Self {
            uin,
            uid: Some(format!("u_{uin:022}")),
            password_md5: String::new(),
            session: Session {
                d2_key: secret(),
                d2: secret(),
                tgt: secret(),
                session_date: jiff::Timestamp::now().to_string(),
                temp_password: Some(secret()),
            },
            info: Some(Info {
                age: 0,
                gender: 1,
                name: NICKNAME.to_owned(),
            }),
        }
    }

    /// Reads the folder's; crashes on one that is broken, as Lagrange does.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let bytes = std::fs::read(folder.join(KEYSTORE)).ok()?;
        Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            crash("System.Text.Json.JsonException: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true. Path: $ | LineNumber: 0 | BytePositionInLine: 0.")
        }))
    }

    /// Writes the folder's, in place and not atomically, as Lagrange does.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join(KEYSTORE), serde_json::to_vec(self)?)
    }
}

/// Hex digits are base64 too.
fn secret() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Reads or makes `device.json`, and writes it in any case.
pub(crate) fn refresh_device(folder: &Path) -> io::Result<()> {
    let path = folder.join(DEVICE);
    let device = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            crash("System.Text.Json.JsonException: The JSON value could not be converted to Lagrange.Core.Common.BotDeviceInfo.")
        }),
        Err(_absent) => Device {
            guid: uuid::Uuid::new_v4().to_string(),
            mac_address: secret()[..8].to_owned(),
            device_name: format!("Lagrange-{:06X}", fastrand::u32(..0x0100_0000)),
            system_kernel: "Windows 10.0.19042".to_owned(),
            kernel_version: "10.0.19042.0".to_owned(),
        },
    };
    std::fs::write(path, serde_json::to_vec(&device)?)
}

/// Opens the message database; the one of older versions blocks the start.
pub(crate) fn open_database(folder: &Path, uin: u64, log: &Log) -> io::Result<()> {
    let legacy = format!("lagrange-{uin}.db");
    if folder.join(&legacy).is_file() {
        let lines = [
            "Found LiteDB database, currently Lagrange.OneBot has been migrated to Realm database"
                .to_owned(),
            format!("Please delete ./{legacy} if you no longer need the data in the old database"),
            "Press any key to terminate the program".to_owned(),
        ];
        for line in lines {
            log.write(Level::Critical, "Realms.RealmConfiguration", 0, &line);
        }
        crash(crate::crash::TASK_CANCELED);
    }
    let database = folder.join(format!("lagrange-{uin}-db"));
    std::fs::create_dir_all(&database)?;
    std::fs::write(database.join(".realm"), "T-DB")
}
