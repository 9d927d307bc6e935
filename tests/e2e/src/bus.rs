//! The session's bus, and the keyring on it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::process::Command;
use zbus::Proxy;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::{Program, until};

/// How long a daemon may take to begin.
const LIMIT: Duration = Duration::from_secs(20);

/// A bus of a desktop, without the services that the machine would start on it by itself.
const SETTINGS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=HOME</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Starts a bus for a session with this home, and gives its address.
pub async fn start(home: &Path) -> Result<(Program, String)> {
    let settings = home.join("bus.conf");
    let folder = home.to_str().context("the home is UTF-8")?;
    std::fs::write(&settings, SETTINGS.replace("HOME", folder))?;
    let mut command = Command::new("dbus-daemon");
    command
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .arg(format!("--config-file={}", settings.display()));
    let mut bus = Program::start("dbus-daemon", command)?;
    let said = bus
        .stdout
        .next_where("the bus's address", LIMIT, |line| line.starts_with("unix:"));
    let address = said.await?;
    Ok((bus, address))
}

/// Starts GNOME's keyring, opened by an empty password, and waits until it answers.
///
/// The command is the session's, with its bus and its home.
pub async fn open_keyring(mut shell: Command, home: &Path, bus: &str) -> Result<Program> {
    let password = home.join("password");
    std::fs::write(&password, "\n")?;
    let daemon = "exec gnome-keyring-daemon --foreground --unlock --components=secrets <\"$0\"";
    shell.args(["-c", daemon]).arg(password);
    let keyring = Program::start("gnome-keyring-daemon", shell)?;
    let connection = connect(bus).await?;
    let names = zbus::fdo::DBusProxy::new(&connection).await?;
    until("the keyring on the bus", async || {
        let owned = names.name_has_owner("org.freedesktop.secrets".try_into()?);
        Ok(owned.await?.then_some(()))
    })
    .await?;
    Ok(keyring)
}

/// Takes the keyring's name, and answers nobody: what is asked on this connection is never read.
pub async fn silent_keyring(bus: &str) -> Result<zbus::Connection> {
    let connection = connect(bus).await?;
    connection.request_name("org.freedesktop.secrets").await?;
    Ok(connection)
}

/// All secrets of the keyring with their labels, asked for as any program of the session may.
pub async fn secrets(address: &str) -> Result<Vec<(String, Vec<u8>)>> {
    type Found = (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>);
    type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);
    const NAME: &str = "org.freedesktop.secrets";
    let connection = connect(address).await?;
    let interface = "org.freedesktop.Secret.Service";
    let service = Proxy::new(&connection, NAME, "/org/freedesktop/secrets", interface).await?;
    let plain = ("plain", Value::from(""));
    let (_, session): (OwnedValue, OwnedObjectPath) = service.call("OpenSession", &plain).await?;
    let all: HashMap<&str, &str> = HashMap::new();
    let (items, _locked): Found = service.call("SearchItems", &(all,)).await?;
    let mut secrets = Vec::new();
    for item in items {
        let item = Proxy::new(&connection, NAME, item, "org.freedesktop.Secret.Item").await?;
        let label: String = item.get_property("Label").await?;
        let (secret,): (Secret,) = item.call("GetSecret", &(&session,)).await?;
        secrets.push((label, secret.2));
    }
    Ok(secrets)
}

/// A connection to the session's bus.
pub async fn connect(address: &str) -> Result<zbus::Connection> {
    let connecting = zbus::connection::Builder::address(address)?.build();
    connecting.await.context("the bus does not let us in")
}
