//! The services that the settings name (`LagrangeWebSvcCollection.cs`); this stand-in has WebSocket servers.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use fake_core::{Report, Scenario};

use crate::crash::{TASK_CANCELED, crash};
use crate::log::Level;
use crate::server::{self, Server, Shared};
use crate::settings::{ForwardWebSocket, Settings};
use crate::stop::Stop;

/// The category of their records.
pub(crate) const CATEGORY: &str = "Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection";

/// What is needed to open services.
pub(crate) struct Services<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) folder: &'a Path,
    pub(crate) stop: &'a Stop,
    pub(crate) shared: &'a Arc<Shared>,
}

impl Services<'_> {
    /// Opens all of them; one that fails does not end the run.
    pub(crate) async fn open(&self) {
        if self.settings.implementations() == 0 {
            self.shared.log.write(
                Level::Warning,
                CATEGORY,
                3,
                "[LagrangeWebSvcCollection]: No implementation has been configured",
            );
            return;
        }
        self.shared.log.write(
            Level::Information,
            CATEGORY,
            1,
            "[LagrangeWebSvcCollection]: Multi Connection has been configured",
        );
        for entry in self.settings.servers() {
            self.open_server(entry).await;
        }
    }

    async fn open_server(&self, entry: ForwardWebSocket) {
        let (host, port) = (entry.host.clone(), entry.port);
        let _thief = self.steal(port);
        let failure = if self.stop.is_asked() {
            TASK_CANCELED.to_owned()
        } else {
            match Server::start(entry, self.shared.clone()).await {
                Ok(()) => {
                    let sentence = format!("The server is started at http://{host}:{port}/");
                    self.shared
                        .log
                        .write(Level::Information, server::CATEGORY, 10, &sentence);
                    return self.shared.reporter.tell(Report::Serving(port)).await;
                }
                Err(error) => start_failure(&error, &host, port),
            }
        };
        self.shared.log.write_with(
            Level::Warning,
            CATEGORY,
            4,
            "[LagrangeWebSvcCollection]: WebService start failed.",
            Some(&failure),
        );
        self.shared.reporter.tell(Report::NotServing(port)).await;
    }

    /// Where the scenario wants it, someone else has the port, and the scenario is counted down.
    fn steal(&self, port: u16) -> Option<TcpListener> {
        let left = self.shared.scenario.taken_ports.checked_sub(1)?;
        let next = Scenario {
            taken_ports: left,
            ..self.shared.scenario.clone()
        };
        if let Err(error) = next.write(self.folder) {
            crash(&format!("System.IO.IOException: {error}"));
        }
        TcpListener::bind(("127.0.0.1", port)).ok()
    }
}

/// What `HttpListener` throws, on each system in its own way.
fn start_failure(error: &io::Error, host: &str, port: u16) -> String {
    let words = match (error.kind(), std::env::consts::OS) {
        (io::ErrorKind::AddrInUse, "windows") => format!(
            "(183): Failed to listen on prefix 'http://{host}:{port}/' because it conflicts with an existing registration on the machine."
        ),
        (io::ErrorKind::AddrInUse, "macos") => "(48): Address already in use".to_owned(),
        (io::ErrorKind::AddrInUse, _) => "(98): Address already in use".to_owned(),
        (io::ErrorKind::PermissionDenied, _) => "(5): Access is denied.".to_owned(),
        _ => "(50): The request is not supported.".to_owned(),
    };
    format!(
        "System.Net.HttpListenerException {words}\n   at System.Net.HttpEndPointManager.GetEPListener(String host, Int32 port, HttpListener listener, Boolean secure)"
    )
}
