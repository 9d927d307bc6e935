//! What stands around a core: its signer, QQ, and the person with the phone.

use std::path::Path;

use anyhow::Result;
use fake_core::{Phone, QqControl, RunningCore, Scenario, SignerServer};

/// The account that logs in.
pub(super) const UIN: u64 = 3_889_000_871;

/// How a login goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// With the session that the login before has left.
    Session,
    /// With a QR code that is confirmed as soon as it is shown.
    QrCode,
}

/// The surroundings of the cores that run in one folder.
pub(super) struct Outside {
    signer: SignerServer,
    qq: QqControl,
}

impl Outside {
    /// Makes the folder of the cores.
    pub(super) async fn of(folder: &Path) -> Result<Self> {
        let qq = QqControl::bind().await?;
        let scenario = Scenario {
            uin: UIN,
            // The wait for a poll is none of the node's.
            poll_ms: 20,
            ..Scenario::default()
        };
        qq.direct(folder, &scenario)?;
        Ok(Self {
            signer: SignerServer::start().await?,
            qq,
        })
    }

    pub(super) fn signer_url(&self) -> String {
        self.signer.url()
    }

    /// Waits for a core to start, and confirms its QR code. The core lives for as long as the value.
    pub(super) async fn core(&self, way: Way) -> Result<RunningCore> {
        let mut core = self.qq.core().await?;
        if way == Way::QrCode {
            core.qr_shown().await?;
            core.phone(Phone::Confirm).await?;
        }
        Ok(core)
    }
}
