//! The line to the test: orders come in, reports go out. Without a test there is silence.

use std::sync::Arc;

use fake_core::{Network, Order, Phone, Qq, Report, Scenario};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, mpsc, watch};

use crate::{crash, process};

/// Orders that wait for their moment; a test gives one after the other.
const ORDERS: usize = 16;

/// Tells the test what happens. A report is on its way before anything else happens, so that even a
/// core that dies at once has told of its start.
#[derive(Clone)]
pub(crate) struct Reporter {
    line: Option<Arc<Mutex<OwnedWriteHalf>>>,
}

impl Reporter {
    pub(crate) async fn tell(&self, report: Report) {
        let (Some(line), Ok(mut text)) = (&self.line, serde_json::to_string(&report)) else {
            return;
        };
        text.push('\n');
        let _test_has_ended = line.lock().await.write_all(text.as_bytes()).await;
    }
}

/// What the test orders, each for whom it concerns.
pub(crate) struct Orders {
    pub(crate) phone: mpsc::Receiver<Phone>,
    pub(crate) qq: mpsc::Receiver<Qq>,
}

/// Where orders go. Kept for as long as the core runs, so that no receiver sees an end.
#[derive(Clone)]
pub(crate) struct Desks {
    phone: mpsc::Sender<Phone>,
    qq: mpsc::Sender<Qq>,
    hang: watch::Sender<bool>,
    network: watch::Sender<Network>,
}

/// The two ends of the desks.
pub(crate) fn desks(hang: watch::Sender<bool>, network: watch::Sender<Network>) -> (Desks, Orders) {
    let (phone_sender, phone) = mpsc::channel(ORDERS);
    let (qq_sender, qq) = mpsc::channel(ORDERS);
    let desks = Desks {
        phone: phone_sender,
        qq: qq_sender,
        hang,
        network,
    };
    (desks, Orders { phone, qq })
}

/// Connects to the test that the scenario names, if any.
pub(crate) async fn connect(scenario: &Scenario, desks: Desks) -> Reporter {
    let Some(address) = scenario.control else {
        return Reporter { line: None };
    };
    let ends = scenario.ends_with_control;
    match TcpStream::connect(address).await {
        Ok(stream) => {
            let _delayed = stream.set_nodelay(true);
            let (reader, writer) = stream.into_split();
            let reporter = Reporter {
                line: Some(Arc::new(Mutex::new(writer))),
            };
            let replies = reporter.clone();
            tokio::spawn(async move {
                obey(reader, &desks, &replies).await;
                if ends {
                    crash::exit(0);
                }
            });
            reporter
        }
        Err(_test_has_ended) if ends => crash::exit(0),
        Err(_test_has_ended) => Reporter { line: None },
    }
}

async fn obey(reader: OwnedReadHalf, desks: &Desks, reporter: &Reporter) {
    let mut lines = BufReader::new(reader).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let taken = match serde_json::from_str(&line) {
            Ok(Order::Phone(order)) => desks.phone.try_send(order).is_ok(),
            Ok(Order::Qq(Qq::Network(network))) => {
                desks.network.send_replace(network);
                true
            }
            Ok(Order::Qq(order)) => desks.qq.try_send(order).is_ok(),
            Ok(Order::Process(order)) => {
                process::obey(order, &desks.hang, reporter).await;
                true
            }
            Err(_) => false,
        };
        let reply = if taken {
            Report::Done
        } else {
            Report::OutOfPlace
        };
        reporter.tell(reply).await;
    }
}
