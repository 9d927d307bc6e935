//! `device.json`: what QQ takes for a machine.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::json::{Class, Kind};
use super::secret;

const FILE: &str = "device.json";

const CLASS: Class = Class {
    name: "Lagrange.Core.Common.BotDeviceInfo",
    place: "Lagrange.OneBot.Extensions.HostApplicationBuilderExtension.<>c.<ConfigureLagrangeCore>b__0_1(IServiceProvider services)",
    fields: &[
        ("Guid", Kind::Guid),
        ("MacAddress", Kind::Bytes),
        ("DeviceName", Kind::Text),
        ("SystemKernel", Kind::Text),
        ("KernelVersion", Kind::Text),
    ],
};

/// Reads or makes it, and writes it in any case.
pub(crate) fn refresh_device(folder: &Path) -> io::Result<()> {
    let path = folder.join(FILE);
    let kept = match std::fs::read(&path) {
        Ok(bytes) => CLASS.read(&bytes),
        Err(_absent) => None,
    };
    let device = kept.as_ref().map_or_else(fresh, completed);
    std::fs::write(path, device.to_string())
}

fn fresh() -> Value {
    json!({
        "Guid": uuid::Uuid::new_v4().to_string(),
        "MacAddress": secret()[..8],
        "DeviceName": format!("Lagrange-{:06X}", fastrand::u32(..0x0100_0000)),
        "SystemKernel": "Windows 10.0.19042",
        "KernelVersion": "10.0.19042.0",
    })
}

/// Fields that the file lacks have the defaults of their types.
fn completed(kept: &Map<String, Value>) -> Value {
    let field = |name: &str| kept.get(name).cloned().unwrap_or_default();
    json!({
        "Guid": kept.get("Guid").cloned().unwrap_or(json!(uuid::Uuid::nil().to_string())),
        "MacAddress": field("MacAddress"),
        "DeviceName": field("DeviceName"),
        "SystemKernel": field("SystemKernel"),
        "KernelVersion": field("KernelVersion"),
    })
}
