//! Times and what is said of them.

use std::time::Duration;

use serde_json::{Value, json};

/// Measured times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Adds one.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds those of another.
    pub(super) fn extend(&mut self, times: Times) {
        self.0.extend(times.0);
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that this many of a hundred do not exceed (nearest rank), in milliseconds; null without any.
    pub(crate) fn percentile(&self, percent: usize) -> Value {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(rank).map_or(Value::Null, |&time| milliseconds(time))
    }

    /// The longest, in milliseconds; null without any.
    pub(super) fn max(&self) -> Value {
        self.0.iter().max().map_or(Value::Null, |&time| milliseconds(time))
    }
}

/// With three digits behind the point.
pub(super) fn milliseconds(time: Duration) -> Value {
    rounded(time.as_secs_f64() * 1_000.0, 1_000.0)
}

/// How many of something there are in a second.
#[expect(clippy::cast_precision_loss, reason = "a figure for people, far below 2^52")]
pub(super) fn rate(count: usize, time: Duration) -> Value {
    rounded(count as f64 / time.as_secs_f64().max(f64::EPSILON), 10.0)
}

/// Millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "a figure for people, far below 2^52")]
pub(super) fn megabytes(bytes: u64) -> Value {
    rounded(bytes as f64 / 1e6, 10.0)
}

fn rounded(number: f64, steps: f64) -> Value {
    json!((number * steps).round() / steps)
}

/// The figures as a table for people, a line each.
pub(crate) fn table(figures: &Value) -> String {
    let figures = figures.as_object().into_iter().flatten();
    let lines = figures.map(|(name, value)| match value {
        Value::String(text) => format!("{name:<24} {text}"),
        _ => format!("{name:<24} {value}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut times = Times::default();
        assert_eq!(times.percentile(50), Value::Null);
        (1..=200).rev().for_each(|ms| times.push(Duration::from_millis(ms)));

        assert_eq!(times.percentile(50), json!(100.0));
        assert_eq!(times.percentile(99), json!(198.0));
        assert_eq!(times.max(), json!(200.0));
    }
}
