//! What the panel looks like, as far as a desktop tells.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{Connection, proxy, zvariant::OwnedValue};

use super::Ink;

/// How long the portal may take; the icon waits for it.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

#[proxy(
    interface = "org.freedesktop.portal.Settings",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_blocking = false
)]
trait PortalSettings {
    fn read_one(&self, namespace: &str, key: &str) -> zbus::Result<OwnedValue>;
}

/// The ink for the panel of this desktop.
pub(super) async fn ink(bus: &Connection) -> Ink {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    // Its panel is black by day and by night.
    if desktop.split(':').any(|name| name == "GNOME") {
        return Ink::Light;
    }
    ink_of_portal(bus).await
}

async fn ink_of_portal(bus: &Connection) -> Ink {
    match timeout(ANSWER_LIMIT, colour_scheme(bus)).await {
        Ok(Some(1)) => Ink::Light,
        Ok(Some(2)) => Ink::Dark,
        _ => Ink::Middle,
    }
}

/// 1: dark, 2: light.
async fn colour_scheme(bus: &Connection) -> Option<u32> {
    let settings = PortalSettingsProxy::new(bus).await.ok()?;
    let value = settings.read_one("org.freedesktop.appearance", "color-scheme");
    u32::try_from(value.await.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;
    use zbus::{interface, zvariant::OwnedValue};

    use super::{Ink, ink_of_portal};
    use crate::test_bus::TestBus;

    /// A portal that takes the call and never answers, as one that is half set up.
    struct SilentPortal;

    #[interface(name = "org.freedesktop.portal.Settings")]
    impl SilentPortal {
        async fn read_one(&self, namespace: String, key: String) -> OwnedValue {
            drop((namespace, key));
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_portal_that_stays_silent_holds_no_icon_back() {
        let Some(bus) = TestBus::start().await else {
            eprintln!("skipped: there is no `dbus-daemon` here");
            return;
        };
        let portal = bus.connect().await;
        let path = "/org/freedesktop/portal/desktop";
        let served = portal.object_server().at(path, SilentPortal).await;
        assert!(served.expect("served"));
        let name = "org.freedesktop.portal.Desktop";
        portal.request_name(name).await.expect("the name");
        let client = bus.connect().await;
        let ink = timeout(Duration::from_secs(5), ink_of_portal(&client)).await;
        assert_eq!(ink, Ok(Ink::Middle));
    }
}
