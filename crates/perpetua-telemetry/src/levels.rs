//! Which events are logged.

use perpetua_config::{Log, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// All of our crates begin with this.
const OURS: &str = "perpetua";

/// The filter that the settings describe.
///
/// `level` is for our own targets. Those of other crates stay at `info` or below unless the
/// settings name them: below it some write whole headers and frames, and with them tokens.
pub(crate) fn targets(log: &Log) -> Targets {
    let level = filter(log.level);
    let named = log
        .targets
        .iter()
        .map(|(target, level)| (target.as_str(), filter(*level)));
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target(OURS, level)
        .with_targets(named)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    fn log(level: LogLevel, named: &[(&str, LogLevel)]) -> Log {
        let targets = named
            .iter()
            .map(|(target, level)| ((*target).to_owned(), *level))
            .collect();
        Log {
            level,
            targets,
            ..Log::default()
        }
    }

    #[test]
    fn the_level_is_for_our_crates_and_others_stay_at_info() {
        let targets = targets(&log(LogLevel::Trace, &[]));
        assert!(targets.would_enable("perpetua_proxy::client", &Level::TRACE));
        assert!(targets.would_enable("hyper", &Level::INFO));
        assert!(!targets.would_enable("hyper", &Level::DEBUG));
    }

    #[test]
    fn a_named_target_has_its_own_level_and_the_longest_name_wins() {
        let named = [
            ("perpetua_proxy", LogLevel::Debug),
            ("perpetua_proxy::client", LogLevel::Off),
            ("hyper", LogLevel::Debug),
        ];
        let targets = targets(&log(LogLevel::Warn, &named));
        assert!(targets.would_enable("perpetua_proxy::upstream", &Level::DEBUG));
        assert!(!targets.would_enable("perpetua_proxy::client", &Level::ERROR));
        assert!(targets.would_enable("hyper", &Level::DEBUG));
        assert!(!targets.would_enable("perpetua_hub", &Level::INFO));
        assert!(!targets.would_enable("axum", &Level::INFO));
    }
}
