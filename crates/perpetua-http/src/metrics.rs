//! `GET /metrics`: counts for Prometheus, read from the hubs at each scrape.

use std::{fmt, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use perpetua_hub::{
    AccountSnapshot, ClientSnapshot, ConnectionSnapshot, DialSnapshot, DialState,
    LATENCY_BOUNDS_MS, Latency, PostCounts,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};

use crate::{
    core_metrics::{self, CoreMetrics},
    refusal::Refusal,
    site::Site,
};

/// The text that Prometheus itself asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The older name for it: our text is valid as either.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers with the counts of this moment.
pub(crate) async fn metrics(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let accounts = site.backend.status().accounts;
    let scrape = Scrape {
        api_refusals: site.notices.total(),
        hubs: site.backend.snapshots(),
        cores: accounts.into_iter().filter_map(CoreMetrics::new).collect(),
    };
    let text = render(scrape).map_err(|_| {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            perpetua_words::http::NoMetrics,
        )
    })?;
    let mut accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok());
    let open = accepted.any(|accept| accept.contains("application/openmetrics-text"));
    let kind = if open { OPEN_METRICS } else { PLAIN };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn render(scrape: Scrape) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(scrape));
    let mut text = String::new();
    text::encode(&mut text, &registry)?;
    Ok(text)
}

/// One number of each account or client.
struct Family<T> {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    value: fn(&T) -> u64,
}

const fn counter<T>(name: &'static str, help: &'static str, value: fn(&T) -> u64) -> Family<T> {
    let kind = MetricType::Counter;
    Family {
        name,
        help,
        kind,
        value,
    }
}

const fn gauge<T>(name: &'static str, help: &'static str, value: fn(&T) -> u64) -> Family<T> {
    let kind = MetricType::Gauge;
    Family {
        name,
        help,
        kind,
        value,
    }
}

const OF_ACCOUNTS: [Family<AccountSnapshot>; 12] = [
    gauge(
        "perpetua_account_upstream_up",
        "Whether the upstream is connected",
        |account| u64::from(account.link.is_open()),
    ),
    gauge(
        "perpetua_account_online",
        "Whether the bot can be talked to",
        |account| u64::from(account.online),
    ),
    gauge(
        "perpetua_account_hung",
        "Whether the upstream is connected and answers nothing",
        |account| u64::from(account.hung),
    ),
    counter(
        "perpetua_account_events",
        "Events from the upstream",
        |account| account.events,
    ),
    counter(
        "perpetua_account_responses",
        "Responses that found their caller",
        |account| account.responses,
    ),
    counter(
        "perpetua_account_late_responses",
        "Responses too late, twice, or for a caller who left",
        |account| account.late_responses,
    ),
    counter(
        "perpetua_account_foreign_frames",
        "Frames from the upstream that are not OneBot",
        |account| account.foreign_frames,
    ),
    counter(
        "perpetua_account_foreign_events",
        "Events of other accounts, left out",
        |account| account.other_accounts_events,
    ),
    counter(
        "perpetua_account_upstream_notices",
        "What was refused at the upstream's side, or lost",
        |account| account.upstream_noted,
    ),
    gauge(
        "perpetua_account_held_bytes",
        "What the messages of the account hold",
        |account| account.held_bytes as u64,
    ),
    gauge(
        "perpetua_account_unsent_actions",
        "Actions that wait to be sent",
        |account| account.unsent as u64,
    ),
    gauge(
        "perpetua_account_unanswered_actions",
        "Actions that wait for their response",
        |account| account.unanswered as u64,
    ),
];

const OF_CLIENTS: [Family<ClientSnapshot>; 16] = [
    gauge("perpetua_client_connections", "Connections", |client| {
        client.connections.len() as u64
    }),
    gauge(
        "perpetua_client_busy_connections",
        "Connections whose program answers no ping",
        |client| {
            let connections = client.connections.iter();
            connections.filter(|one| one.busy_since.is_some()).count() as u64
        },
    ),
    gauge(
        "perpetua_client_failed_dials",
        "Attempts in a row to connect to the client that failed, at the address with most of them",
        |client| {
            let failures = client.dials.values().map(|dial| u64::from(dial.failures));
            failures.max().unwrap_or_default()
        },
    ),
    gauge(
        "perpetua_client_queued_frames",
        "Frames that wait for the client",
        |client| sum(client, |connection| connection.queued),
    ),
    gauge(
        "perpetua_client_queued_bytes",
        "Bytes that wait for the client",
        |client| sum(client, |connection| connection.queued_bytes),
    ),
    counter(
        "perpetua_client_sent_frames",
        "Frames handed to the client's sockets",
        |client| client.traffic.sent,
    ),
    counter(
        "perpetua_client_dropped_events",
        "Events that the client missed",
        |client| client.traffic.dropped,
    ),
    counter(
        "perpetua_client_actions",
        "Actions that the client asked for",
        |client| client.traffic.actions,
    ),
    counter(
        "perpetua_client_refusals",
        "Actions that the node refused",
        |client| client.traffic.refusals,
    ),
    counter(
        "perpetua_client_cuts",
        "Connections that the node ended",
        |client| client.traffic.cuts,
    ),
    counter(
        "perpetua_client_notices",
        "Connections and frames that were refused, or lost",
        |client| client.noted,
    ),
    gauge(
        "perpetua_client_post_paused",
        "Whether posting to the client is paused because it failed again and again",
        |client| {
            let post = client.post.as_ref();
            u64::from(post.is_some_and(|post| post.state.is_paused()))
        },
    ),
    counter(
        "perpetua_client_posts_delivered",
        "Events that were posted to the client and taken",
        |client| posts(client).delivered,
    ),
    counter(
        "perpetua_client_posts_repeated",
        "Attempts to post an event that were repeated",
        |client| posts(client).repeated,
    ),
    counter(
        "perpetua_client_posts_unsure",
        "Events that were posted with an unknown outcome",
        |client| posts(client).unsure,
    ),
    counter(
        "perpetua_client_posts_refused",
        "Events that were posted, not taken, and given up",
        |client| posts(client).refused,
    ),
];

const OF_TARGETS: [Family<DialSnapshot>; 2] = [
    gauge(
        "perpetua_client_target_up",
        "Whether the client is connected at this of its addresses, counted from 1",
        |dial| u64::from(matches!(dial.state, DialState::Open { .. })),
    ),
    gauge(
        "perpetua_client_target_failed_dials",
        "Attempts in a row to connect to this address of the client that failed",
        |dial| u64::from(dial.failures),
    ),
];

fn posts(client: &ClientSnapshot) -> PostCounts {
    client.posts
}

fn sum(client: &ClientSnapshot, of: fn(&ConnectionSnapshot) -> usize) -> u64 {
    client
        .connections
        .iter()
        .map(|connection| of(connection) as u64)
        .sum()
}

/// What was said at one scrape.
#[derive(Debug)]
struct Scrape {
    /// How often somebody was refused at this side.
    api_refusals: u64,
    /// By the hubs, with the names of their accounts.
    hubs: Vec<(String, AccountSnapshot)>,
    /// Of the managed cores.
    cores: Vec<CoreMetrics>,
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests of the API that were refused";
        let (name, kind) = ("perpetua_api_refusals", MetricType::Counter);
        let mut metric = encoder.encode_descriptor(name, help, None, kind)?;
        metric.encode_counter::<NoLabelSet, _, u64>(&self.api_refusals, None)?;
        for family in &OF_ACCOUNTS {
            let mut metric = family.describe(&mut encoder)?;
            for (name, account) in &self.hubs {
                family.write(
                    metric.encode_family(&[("account", name.as_str())])?,
                    account,
                )?;
            }
        }
        for family in &OF_CLIENTS {
            let mut metric = family.describe(&mut encoder)?;
            for (labels, client) in self.clients() {
                family.write(metric.encode_family(&labels)?, client)?;
            }
        }
        for family in &OF_TARGETS {
            let mut metric = family.describe(&mut encoder)?;
            for ([account, client], snapshot) in self.clients() {
                for (place, dial) in &snapshot.dials {
                    let number = (place + 1).to_string();
                    let labels = [account, client, ("target", number.as_str())];
                    family.write(metric.encode_family(&labels)?, dial)?;
                }
            }
        }
        let help = "How long the client's actions took from arrival to response";
        let (name, unit) = ("perpetua_client_action_duration", Some(&Unit::Seconds));
        let mut metric = encoder.encode_descriptor(name, help, unit, MetricType::Histogram)?;
        for (labels, client) in self.clients() {
            write_latency(metric.encode_family(&labels)?, &client.traffic.latency)?;
        }
        core_metrics::encode(&self.cores, &mut encoder)
    }
}

impl Scrape {
    /// Every client, with its labels.
    fn clients(&self) -> impl Iterator<Item = ([(&str, &str); 2], &ClientSnapshot)> {
        self.hubs.iter().flat_map(|(account, snapshot)| {
            let clients = snapshot.clients.iter();
            clients.map(|client| {
                (
                    [
                        ("account", account.as_str()),
                        ("client", client.name.as_str()),
                    ],
                    client,
                )
            })
        })
    }
}

impl<T> Family<T> {
    fn describe<'a>(
        &'a self,
        encoder: &'a mut DescriptorEncoder<'_>,
    ) -> Result<MetricEncoder<'a>, fmt::Error> {
        encoder.encode_descriptor(self.name, self.help, None, self.kind)
    }

    fn write(&self, mut metric: MetricEncoder<'_>, of: &T) -> fmt::Result {
        let value = (self.value)(of);
        match self.kind {
            MetricType::Counter => metric.encode_counter::<NoLabelSet, _, u64>(&value, None),
            _ => metric.encode_gauge(&value),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the bounds are small whole numbers of milliseconds"
)]
fn write_latency(mut metric: MetricEncoder<'_>, latency: &Latency) -> fmt::Result {
    let bounds = LATENCY_BOUNDS_MS
        .iter()
        .map(|bound| *bound as f64 / 1000.0)
        .chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(latency.buckets).collect();
    metric.encode_histogram::<NoLabelSet>(
        latency.sum.as_secs_f64(),
        latency.count(),
        &buckets,
        None,
    )
}
