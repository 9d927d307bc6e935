//! What `GET /metrics` tells of managed cores.

use std::fmt;

use perpetua_schema::{AccountStatus, CoreState};
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeGaugeValue, NoLabelSet},
    metrics::MetricType,
};

/// The managed core of one account in numbers.
#[derive(Debug)]
pub(crate) struct CoreMetrics {
    account: String,
    state: String,
    restarts: u64,
    memory_bytes: Option<u64>,
    /// 1 for a whole processor.
    cpu_ratio: Option<f64>,
}

impl CoreMetrics {
    /// `None` for an account whose core this node does not look after.
    pub(crate) fn new(account: AccountStatus) -> Option<Self> {
        let core = account.core?;
        let process = core.process.as_ref();
        Some(Self {
            account: account.name,
            state: state_name(&core.state),
            restarts: core.restarts,
            memory_bytes: process.and_then(|process| process.memory_bytes),
            cpu_ratio: process
                .and_then(|process| process.cpu_percent)
                .map(|percent| f64::from(percent) / 100.0),
        })
    }
}

/// The name of a state as it stands in its JSON.
fn state_name(state: &CoreState) -> String {
    let state = serde_json::to_value(state).unwrap_or_default();
    state["state"].as_str().unwrap_or_default().to_owned()
}

/// Writes the families of cores; none where there is no core.
pub(crate) fn encode(cores: &[CoreMetrics], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    if cores.is_empty() {
        return Ok(());
    }
    let help = "1 for the state of the managed core";
    let mut metric =
        encoder.encode_descriptor("perpetua_core_state", help, None, MetricType::Gauge)?;
    for core in cores {
        let labels = [("account", &*core.account), ("state", &*core.state)];
        metric.encode_family(&labels)?.encode_gauge(&1_u64)?;
    }
    let help = "Restarts of the managed core by itself";
    let mut metric =
        encoder.encode_descriptor("perpetua_core_restarts", help, None, MetricType::Counter)?;
    for core in cores {
        metric
            .encode_family(&[("account", &*core.account)])?
            .encode_counter::<NoLabelSet, _, u64>(&core.restarts, None)?;
    }
    measured(
        encoder,
        "perpetua_core_memory_bytes",
        "Memory of the managed core's processes",
        cores.iter().map(|core| (core, core.memory_bytes)),
    )?;
    measured(
        encoder,
        "perpetua_core_cpu_ratio",
        "Processor time of the managed core's processes, 1 for a whole processor",
        cores.iter().map(|core| (core, core.cpu_ratio)),
    )
}

/// A gauge of the cores at which it was measured: what does not run is not 0.
fn measured<'a, T: EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (&'a CoreMetrics, Option<T>)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (core, value) in values {
        if let Some(value) = value {
            metric
                .encode_family(&[("account", &*core.account)])?
                .encode_gauge(&value)?;
        }
    }
    Ok(())
}
