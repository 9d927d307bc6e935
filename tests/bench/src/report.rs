//! The tables that are printed in the end.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::statistics::Summary;

/// What a figure has to reach.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    Below(f64),
    /// Only shown.
    None,
}

/// One line of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    what: String,
    baseline: Option<Summary>,
    node: Option<Summary>,
    figure: Option<Summary>,
    target: Target,
}

impl Row {
    /// Compares rounds, each of which measured the baseline and the node. `None` where the system does not tell.
    pub(crate) fn ratio(
        what: impl Into<String>,
        rounds: &[[Option<f64>; 2]],
        target: Target,
    ) -> Self {
        Self::compared(what, rounds, |baseline, node| node / baseline, target)
    }

    /// The same, with what the node adds to the baseline as the figure.
    pub(crate) fn added(
        what: impl Into<String>,
        rounds: &[[Option<f64>; 2]],
        target: Target,
    ) -> Self {
        Self::compared(what, rounds, |baseline, node| node - baseline, target)
    }

    fn compared(
        what: impl Into<String>,
        rounds: &[[Option<f64>; 2]],
        compare: impl Fn(f64, f64) -> f64,
        target: Target,
    ) -> Self {
        let of_side =
            |side: usize| -> Vec<f64> { rounds.iter().filter_map(|round| round[side]).collect() };
        let figures = rounds
            .iter()
            .filter_map(|[baseline, node]| Some(compare((*baseline)?, (*node)?)));
        Self {
            what: what.into(),
            baseline: Summary::of(&of_side(0)),
            node: Summary::of(&of_side(1)),
            figure: Summary::of(&figures.collect::<Vec<_>>()),
            target,
        }
    }

    /// Shows the node's measurements, which have to reach the target by themselves.
    pub(crate) fn absolute(what: impl Into<String>, node: &[f64], target: Target) -> Self {
        Self {
            what: what.into(),
            baseline: None,
            node: Summary::of(node),
            figure: Summary::of(node),
            target,
        }
    }

    fn verdict(&self) -> &'static str {
        let Some(figure) = self.figure else {
            return "not measured on this system";
        };
        match self.target.is_reached_by(figure.median) {
            None => "",
            Some(true) => "ok",
            Some(false) => "MISS",
        }
    }
}

impl Target {
    fn is_reached_by(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(figure >= least),
            Self::AtMost(most) => Some(figure <= most),
            Self::Below(bound) => Some(figure < bound),
            Self::None => None,
        }
    }
}

impl Display for Target {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::AtLeast(least) => format!(">= {least}"),
            Self::AtMost(most) => format!("<= {most}"),
            Self::Below(bound) => format!("< {bound}"),
            Self::None => String::new(),
        };
        formatter.pad(&words)
    }
}

/// A whole table, with the names of its two sides and of what the figures are.
pub(crate) fn table([baseline, node, figure]: [&str; 3], rows: &[Row]) -> String {
    let mut table = format!(
        "{:<42} {baseline:>11} {node:>11}   {:<22} {:<8}\n",
        "median of all rounds",
        format!("{figure} (least to most)"),
        "target"
    );
    for row in rows {
        let median =
            |side: Option<Summary>| side.map_or_else(|| "-".to_owned(), |side| number(side.median));
        let figure = row.figure.map_or_else(String::new, |figure| {
            let [median, least, most] = [figure.median, figure.least, figure.most].map(number);
            format!("{median} ({least} to {most})")
        });
        let _never_fails = writeln!(
            table,
            "{:<42} {:>11} {:>11}   {figure:<22} {:<8} {}",
            row.what,
            median(row.baseline),
            median(row.node),
            row.target,
            row.verdict()
        );
    }
    table
}

/// Three digits that matter; the rest is noise.
fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_the_median_of_the_ratios_or_differences_of_each_round() {
        let rounds = [
            [Some(100.0), Some(90.0)],
            [Some(200.0), Some(240.0)],
            [Some(50.0), Some(50.0)],
        ];
        let row = Row::ratio("deliveries/s", &rounds, Target::AtLeast(0.9));
        assert_eq!(row.verdict(), "ok");
        assert!(table(["relay", "node", "figure"], &[row]).contains("1.00 (0.90 to 1.20)"));
        let row = Row::added("ms", &rounds, Target::AtMost(5.0));
        assert!(table(["by hand", "managed", "added"], &[row]).contains("0.00 (-10.0 to 40.0)"));
    }

    #[test]
    fn a_figure_beyond_its_target_is_a_miss_and_one_that_nobody_measured_is_neither() {
        let memory = Row::absolute("memory", &[15.0], Target::Below(15.0));
        assert_eq!(memory.verdict(), "MISS");
        let processor = Row::ratio("processor", &[[None, None]], Target::AtMost(1.5));
        assert_eq!(processor.verdict(), "not measured on this system");
        assert_eq!(
            Row::absolute("first start", &[900.0], Target::None).verdict(),
            ""
        );
    }
}
