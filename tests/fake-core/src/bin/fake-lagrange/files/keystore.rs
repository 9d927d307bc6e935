//! `keystore.json`: a login.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::json::{Class, Kind};
use super::secret;
use crate::crash::crash_at;

const FILE: &str = "keystore.json";

/// The nickname of the account.
pub(crate) const NICKNAME: &str = "伪拉格兰";

const CLASS: Class = Class {
    name: "Lagrange.Core.Common.BotKeystore",
    place: "Lagrange.OneBot.Extensions.HostApplicationBuilderExtension.<>c.<ConfigureLagrangeCore>b__0_2(IServiceProvider services)",
    fields: &[
        ("Uin", Kind::Number),
        ("Uid", Kind::Text),
        ("PasswordMd5", Kind::Text),
        (
            "Session",
            Kind::Object(
                "Lagrange.Core.Common.BotKeystore+WtLoginSession",
                &[
                    ("D2Key", Kind::Bytes),
                    ("D2", Kind::Bytes),
                    ("Tgt", Kind::Bytes),
                    ("SessionDate", Kind::Date),
                    ("TempPassword", Kind::Bytes),
                ],
            ),
        ),
        (
            "Info",
            Kind::Object(
                "Lagrange.Core.Common.BotKeystore+BotInfo",
                &[
                    ("Age", Kind::Number),
                    ("Gender", Kind::Number),
                    ("Name", Kind::Text),
                ],
            ),
        ),
    ],
};

/// A login as its file has it.
pub(crate) struct Keystore {
    fields: Map<String, Value>,
}

impl Keystore {
    /// The login of this account, with secrets of its own.
    pub(crate) fn of(uin: u64) -> Self {
        let mut fields = Map::new();
        fields.insert("Uin".to_owned(), json!(uin));
        fields.insert("Uid".to_owned(), json!(format!("u_{uin:022}")));
        fields.insert("PasswordMd5".to_owned(), json!(""));
        let session = json!({
            "D2Key": secret(),
            "D2": secret(),
            "Tgt": secret(),
            "SessionDate": jiff::Timestamp::now().to_string(),
            "TempPassword": secret(),
        });
        fields.insert("Session".to_owned(), session);
        let info = json!({ "Age": 0, "Gender": 1, "Name": NICKNAME });
        fields.insert("Info".to_owned(), info);
        Self { fields }
    }

    /// Reads the folder's; dies of one that is broken. `None`: there is none, or it says that there is none.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let bytes = std::fs::read(folder.join(FILE)).ok()?;
        CLASS.read(&bytes).map(|fields| Self { fields })
    }

    /// Writes the folder's, in place and not atomically, as Lagrange does.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join(FILE), serde_json::to_vec(&self.fields)?)
    }

    /// Whose session it holds; `None` when it holds no session.
    pub(crate) fn login(&self) -> Option<u64> {
        let session = self.fields.get("Session")?;
        if session.is_null() {
            crash_at(
                "System.NullReferenceException: Object reference not set to an instance of an object.",
                "Lagrange.OneBot.Core.Login.LoginService.<StartAsync>b__8_0()",
            );
        }
        session
            .get("TempPassword")
            .filter(|password| !password.is_null())?;
        Some(self.fields.get("Uin").and_then(Value::as_u64).unwrap_or(0))
    }
}
