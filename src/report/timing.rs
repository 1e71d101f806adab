//! Timings as a line and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::page::Page;
use super::table::labelled;
use super::{json_number, significant};
use crate::analysis::Timing;

impl Timing {
    /// A labelled paragraph.
    #[must_use]
    pub fn text(&self) -> String {
        Page::PLAIN.set(&self.marked())
    }

    pub(super) fn marked(&self) -> String {
        let way = match self.tile {
            Some(tile) => format!("over {} in tiles of {tile}", self.path.name()),
            None => format!("from {}", self.path.name()),
        };
        let line = format!(
            "read {}, derive {}, compile {}; J and gradient {} {way}, {}, threads {}; \
             evaluations {}",
            period(self.read),
            period(self.derive),
            period(self.compile),
            period(self.evaluate),
            self.isa,
            self.threads,
            self.evaluations
        );
        labelled("timing", &line) + &self.account()
    }

    /// The time of each stage of the fit and the total; empty where there was no fit.
    fn account(&self) -> String {
        let Some(total) = self.total else { return String::new() };
        let stages = self.stages.iter().map(|(name, spent)| format!("{name} {}", period(*spent)));
        let stages: Vec<String> = stages.collect();
        labelled("", &format!("the fit: {}; total {}", stages.join(", "), period(total)))
    }

    pub(super) fn value(&self) -> Value {
        let seconds = |period: Duration| json_number(period.as_secs_f64());
        let stages: serde_json::Map<String, Value> = (self.stages.iter())
            .map(|(name, spent)| ((*name).to_owned(), seconds(*spent)))
            .collect();
        json!({
            "read_s": seconds(self.read),
            "derive_s": seconds(self.derive),
            "compile_s": seconds(self.compile),
            "evaluate_s": seconds(self.evaluate),
            "evaluations": self.evaluations,
            "path": self.path.name(),
            "tile": self.tile,
            "isa": self.isa.name(),
            "threads": self.threads,
            "stages_s": stages,
            "total_s": self.total.map(seconds),
        })
    }
}

/// A duration with three digits, in ns, us, ms or s.
fn period(period: Duration) -> String {
    let seconds = period.as_secs_f64();
    let (scale, unit) = match seconds {
        s if s < 1e-6 => (1e9, "ns"),
        s if s < 1e-3 => (1e6, "us"),
        s if s < 1.0 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    format!("{} {unit}", significant(seconds * scale, 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Path;
    use crate::program::Isa;

    #[test]
    fn durations_have_the_unit_that_suits() {
        assert_eq!(period(Duration::from_nanos(750)), "750 ns");
        assert_eq!(period(Duration::from_nanos(1_500)), "1.50 us");
        assert_eq!(period(Duration::from_micros(12_345)), "12.3 ms");
        assert_eq!(period(Duration::from_millis(2_500)), "2.50 s");
    }

    #[test]
    fn moments_have_no_tile() {
        let timing = Timing {
            read: Duration::from_millis(2),
            derive: Duration::ZERO,
            compile: Duration::from_micros(40),
            evaluate: Duration::from_nanos(200),
            evaluations: 3,
            path: Path::Moments,
            tile: None,
            isa: Isa::Portable,
            threads: 2,
            stages: vec![("prepare", Duration::from_micros(20))],
            total: Some(Duration::from_millis(3)),
        };
        assert!(timing.text().ends_with("prepare 20.0 us; total 3.00 ms\n"), "{}", timing.text());
        assert_eq!(timing.value()["tile"], Value::Null);
        assert_eq!(timing.value()["read_s"], 0.002);
        assert!(timing.text().contains("from moments, portable"), "{}", timing.text());
        assert!(timing.text().lines().all(|line| line.len() <= 80), "{}", timing.text());
    }
}
