//! A figure over versions: a point each, with the interval that holds the true figure.

use souk_commerce::models::Version;

use crate::format::Numbers;

/// Versions of a chart at most; the latest count.
const POINTS_MAX: usize = 24;
/// Figures that can be drawn, by their names in a manifest; the first there is.
const METRICS: [(&str, Metric); 3] = [
    ("recall_at_20", Metric::Recall),
    ("hr_at_20", Metric::Hits),
    ("explained", Metric::Explained),
];

/// What a figure is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    /// What customers bought next.
    Recall,
    /// Next products.
    Hits,
    /// How customers differ.
    Explained,
}

/// A figure and its interval, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) metric: Metric,
}

impl Figure {
    /// What a version says of itself; none for one that was not evaluated.
    pub(super) fn of(version: &Version) -> Option<Figure> {
        let metrics = &version.manifest["metrics"];
        METRICS.into_iter().find_map(|(name, metric)| {
            let mean = metrics[name].as_f64()?;
            let end = |side: &str| metrics[format!("{name}_{side}")].as_f64().unwrap_or(mean);
            Some(Figure { mean, low: end("low"), high: end("high"), metric })
        })
    }

    /// The figure in words: `38.5 % (37.1–39.9)`.
    pub(super) fn told(&self, numbers: Numbers) -> String {
        let number = |share: f64| numbers.plain(&format!("{:.1}", 100.0 * share));
        format!("{} % ({}–{})", number(self.mean), number(self.low), number(self.high))
    }
}

/// A version on a chart. Lengths are hundredths of its height, from above.
pub(super) struct Point {
    pub(super) said: String,
    pub(super) x: usize,
    pub(super) y: u32,
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) serves: bool,
}

/// The chart of a model.
pub(super) struct Chart {
    /// Each version has ten.
    pub(super) width: usize,
    /// The greatest figure, which is its height.
    pub(super) most: String,
    pub(super) points: Vec<Point>,
    pub(super) first: String,
    pub(super) last: String,
}

impl Chart {
    /// The chart of these versions, which come the newest first; none where fewer than two were evaluated.
    pub(super) fn new(versions: &[&Version], numbers: Numbers) -> Option<Chart> {
        let known = versions.iter().filter_map(|version| Some((*version, Figure::of(version)?)));
        let mut known: Vec<_> = known.take(POINTS_MAX).collect();
        known.reverse();
        let [(first, _), .., (last, _)] = known.as_slice() else { return None };
        let (first, last) = (first.version.clone(), last.version.clone());
        // In tenths of the whole, so that charts can be compared with a look.
        let most = known.iter().map(|it| it.1.high).fold(0.1, f64::max);
        let most = (most * 10.0).ceil() / 10.0;
        let points = known.iter().enumerate().map(|(place, (version, figure))| Point {
            said: format!("{}: {}", version.version, figure.told(numbers)),
            x: 10 * place + 5,
            y: height(figure.mean, most),
            low: height(figure.low, most),
            high: height(figure.high, most),
            serves: version.promoted_at.is_some(),
        });
        Some(Chart {
            width: 10 * known.len(),
            most: numbers.plain(&format!("{:.0} %", 100.0 * most)),
            points: points.collect(),
            first,
            last,
        })
    }
}

/// Hundredths from the top.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
fn height(share: f64, most: f64) -> u32 {
    (100.0 - 100.0 * (share / most).clamp(0.0, 1.0)).round() as u32
}
