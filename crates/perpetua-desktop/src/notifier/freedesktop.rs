//! Notifications of a freedesktop session, over its bus.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt as _, stream::BoxStream};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tracing::{debug, warn};
use zbus::{Connection, proxy, zvariant::Value};

use super::{DEFAULT, MEND, NotificationClick, NotificationState, Request, ShownNotification};

/// How long the service may take; it may have to be started first.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// Notifications whose clicks are waited for; a desktop forgets older ones too.
const REMEMBERED: usize = 64;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Service {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn activation_token(&self, id: u32, token: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What the service tells of a notification.
enum Told {
    Clicked(u32, String),
    Leave(u32, String),
    Closed(u32),
}

/// The notifications that a person may still click on.
#[derive(Default)]
struct Open {
    /// By the service's number, oldest first.
    shown: Vec<(u32, ShownNotification)>,
    /// The desktop's leave to come to the front comes before the click.
    leave: Option<(u32, String)>,
}

impl Open {
    fn number_of(&self, key: &str) -> u32 {
        let mut shown = self.shown.iter();
        shown
            .find(|(_, shown)| shown.key == key)
            .map_or(0, |(number, _)| *number)
    }

    fn remember(&mut self, number: u32, notification: ShownNotification) {
        self.forget(number);
        if self.shown.len() == REMEMBERED {
            self.shown.remove(0);
        }
        self.shown.push((number, notification));
    }

    fn forget(&mut self, number: u32) {
        self.shown.retain(|(known, _)| *known != number);
    }

    fn hear(&mut self, told: Told) -> Option<NotificationClick> {
        match told {
            Told::Closed(number) => {
                self.forget(number);
                None
            }
            Told::Leave(number, token) => {
                self.leave = Some((number, token));
                None
            }
            Told::Clicked(number, action) => {
                let leave = self.leave.take().filter(|(of, _)| *of == number);
                let (_, shown) = self.shown.iter().find(|(known, _)| *known == number)?;
                Some(NotificationClick {
                    deed: shown.deed_of(&action)?,
                    activation: leave.map(|(_, token)| token),
                })
            }
        }
    }
}

pub(super) async fn run(
    requests: mpsc::Receiver<Request>,
    clicked: mpsc::Sender<NotificationClick>,
    told: watch::Sender<NotificationState>,
) {
    let service = match connect().await {
        Ok(service) => service,
        Err(cause) => {
            debug!(%cause, "there is no session bus, and there are no notifications");
            told.send_replace(NotificationState::NoService);
            return without_service(requests).await;
        }
    };
    serve(service, requests, clicked, told).await;
}

/// Shows what comes and hears the clicks, until nobody asks any more.
async fn serve(
    service: ServiceProxy<'static>,
    mut requests: mpsc::Receiver<Request>,
    clicked: mpsc::Sender<NotificationClick>,
    told: watch::Sender<NotificationState>,
) {
    let mut signals = signals(&service).await;
    let mut open = Open::default();
    // What became of the latest notification: a service that is there may refuse them all the same.
    let mut last = NotificationState::Works;
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(Request::Show(notification, outcome)) => {
                    last = show(&service, *notification, &mut open).await;
                    tell(&told, last);
                    let _nobody_waits = outcome.send(last);
                }
                Some(Request::Look(done)) => {
                    let capabilities = capabilities(&service).await;
                    tell(&told, state_of(capabilities.is_some(), last));
                    let _nobody_waits = done.send(());
                }
                None => return,
            },
            Some(signal) = signals.next() => {
                if let Some(click) = open.hear(signal) {
                    let _many_wait = clicked.try_send(click);
                }
            }
        }
    }
}

async fn without_service(mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        if let Request::Look(done) = request {
            let _nobody_waits = done.send(());
        }
    }
}

async fn connect() -> zbus::Result<ServiceProxy<'static>> {
    let bus = Connection::session().await?;
    ServiceProxy::new(&bus).await
}

/// All that the service tells; whatever of it cannot be heard is left out.
async fn signals(service: &ServiceProxy<'static>) -> BoxStream<'static, Told> {
    let mut all = Vec::new();
    if let Ok(clicked) = service.receive_action_invoked().await {
        let clicked = clicked.filter_map(async |signal| {
            let of = signal.args().ok()?;
            Some(Told::Clicked(of.id, of.action.to_owned()))
        });
        all.push(clicked.boxed());
    }
    if let Ok(leave) = service.receive_activation_token().await {
        let leave = leave.filter_map(async |signal| {
            let of = signal.args().ok()?;
            Some(Told::Leave(of.id, of.token.to_owned()))
        });
        all.push(leave.boxed());
    }
    if let Ok(closed) = service.receive_notification_closed().await {
        let closed = closed.filter_map(async |signal| Some(Told::Closed(signal.args().ok()?.id)));
        all.push(closed.boxed());
    }
    futures_util::stream::select_all(all).boxed()
}

async fn capabilities(service: &ServiceProxy<'_>) -> Option<Vec<String>> {
    match timeout(ANSWER_LIMIT, service.get_capabilities()).await {
        Ok(Ok(capabilities)) => Some(capabilities),
        Ok(Err(cause)) => {
            debug!(%cause, "nobody shows notifications");
            None
        }
        Err(_silent) => None,
    }
}

async fn show(
    service: &ServiceProxy<'_>,
    notification: ShownNotification,
    open: &mut Open,
) -> NotificationState {
    let Some(capabilities) = capabilities(service).await else {
        return NotificationState::NoService;
    };
    let can = |name: &str| capabilities.iter().any(|capability| capability == name);
    let body = if can("body-markup") {
        escaped(&notification.body)
    } else {
        notification.body.clone()
    };
    let mut actions = Vec::new();
    if can("actions") {
        // Without a default action a click on the notification itself is not reported.
        actions.extend([DEFAULT, ""]);
        if let Some(button) = &notification.button {
            actions.extend([MEND, button.as_str()]);
        }
    }
    let hints = HashMap::from([("desktop-entry", Value::from("perpetua"))]);
    let replaces = open.number_of(&notification.key);
    // Name, what it replaces, icon, title, body, actions, hints, and how long: as the service likes.
    let asked = (
        "perpetua",
        replaces,
        "perpetua",
        &notification.title,
        &body,
        &actions,
        hints,
        -1_i32,
    );
    let asked = service.inner().call::<_, _, u32>("Notify", &asked);
    match timeout(ANSWER_LIMIT, asked).await {
        Ok(Ok(number)) => {
            open.remember(number, notification);
            NotificationState::Works
        }
        Ok(Err(cause)) => {
            warn!(%cause, "a notification was refused");
            NotificationState::Blocked
        }
        Err(_silent) => {
            warn!("the service for notifications does not answer");
            NotificationState::NoService
        }
    }
}

fn state_of(is_there: bool, last: NotificationState) -> NotificationState {
    match (is_there, last) {
        (false, _) => NotificationState::NoService,
        (true, NotificationState::Blocked) => NotificationState::Blocked,
        (true, _) => NotificationState::Works,
    }
}

fn tell(told: &watch::Sender<NotificationState>, state: NotificationState) {
    told.send_if_modified(|known| std::mem::replace(known, state) != state);
}

/// As markup shows it.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
