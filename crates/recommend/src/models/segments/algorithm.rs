//! Groups customers, and finds the group of a history.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use linfa_clustering::KMeans;
use ndarray::{Array2, Axis};

use super::hyperparams::{SegmentsParams, SegmentsValidParams};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::models::Visit;
use crate::numbers::{count, narrow};

/// What customers are compared by: days since the last purchase, days with purchases, lines.
pub(super) const FEATURES: usize = 3;

/// Customers a segment that make it more than a few people's habit.
const CUSTOMERS_MIN: usize = 10;

/// Centres of groups, the most valuable first.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// Of each feature, over all customers.
    pub(super) means: Vec<f32>,
    /// Standard deviations; 1 where all customers are the same.
    pub(super) scales: Vec<f32>,
    /// [`FEATURES`] numbers each, centred and scaled.
    pub(super) centres: Vec<f32>,
    /// Share of the customers that each was nearest to.
    pub(super) shares: Vec<f32>,
}

/// A segment in numbers that people know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// From 1, the most valuable.
    pub number: usize,
    /// Of all customers.
    pub share: f32,
    /// Days since the last purchase.
    pub idle_days: f32,
    /// Days with purchases.
    pub days: f32,
    /// Lines bought.
    pub lines: f32,
}

impl Fit<Events, (), Error> for SegmentsValidParams {
    type Object = Segments;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Segments> {
        let events = dataset.records();
        let now_ms = self.now_ms.or(events.span_ms().map(|(_, last)| last)).unwrap_or(0);
        let users = (0..events.user_count()).map(|user| events.of(user));
        let rows: Vec<[f64; FEATURES]> =
            users.filter_map(|rows| features(rows.iter().map(|row| row.time_ms), now_ms)).collect();
        let least = self.segments * CUSTOMERS_MIN;
        if rows.len() < least {
            let (what, given) = ("customers who bought", rows.len());
            return Err(Error::NotEnough { model: "segments", what, least, given });
        }
        let mut features = Array2::from(rows);
        let means = features.mean_axis(Axis(0)).expect("there are customers");
        let deviations = features.std_axis(Axis(0), 0.0);
        let scales = deviations.mapv(|deviation| if deviation > 1e-9 { deviation } else { 1.0 });
        features -= &means;
        features /= &scales;
        let narrowed = |numbers: &[f64]| numbers.iter().map(|&number| narrow(number)).collect();
        let fitted = Segments {
            means: narrowed(means.as_slice().unwrap_or_default()),
            scales: narrowed(scales.as_slice().unwrap_or_default()),
            centres: self.centres(&features)?,
            shares: Vec::new(),
        };
        Ok(fitted.settled(&features))
    }
}

impl SegmentsValidParams {
    /// The centres of the best run, in no order.
    fn centres(&self, features: &Array2<f64>) -> Result<Vec<f32>> {
        let broken = |what| Error::Numbers { model: "segments", what };
        // Its seed is fixed unless another generator is given.
        let params = KMeans::params(self.segments).n_runs(self.runs);
        let params = params.check().map_err(|_| broken("k-means refuses its parameters"))?;
        let found = params.fit(&DatasetBase::from(features.view()));
        let found = found.map_err(|_| broken("no run of k-means came to an end"))?;
        Ok(found.centroids().iter().map(|&number| narrow(number)).collect())
    }
}

/// What a history is compared by; `None` of an empty one.
fn features(times_ms: impl Iterator<Item = i64>, now_ms: i64) -> Option<[f64; FEATURES]> {
    let mut times: Vec<i64> = times_ms.collect();
    times.sort_unstable();
    let idle_days = (now_ms - *times.last()?).max(0) as f64 / DAY_MS as f64;
    let lines = times.len() as f64;
    times.iter_mut().for_each(|time| *time = time.div_euclid(DAY_MS));
    times.dedup();
    Some([idle_days.ln_1p(), (times.len() as f64).ln_1p(), lines.ln_1p()])
}

impl Segments {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> SegmentsParams {
        SegmentsParams::default()
    }

    /// Counts shares, leaves out what nobody is in, and orders by value.
    fn settled(mut self, features: &Array2<f64>) -> Segments {
        let mut counts = vec![0_usize; self.centres.len() / FEATURES];
        for row in features.rows() {
            counts[self.nearest([narrow(row[0]), narrow(row[1]), narrow(row[2])]).0] += 1;
        }
        let mut order: Vec<usize> = (0..counts.len()).filter(|&it| counts[it] > 0).collect();
        // Bought often and much, and not long ago.
        let worth = |centre: &[f32]| centre[1] + centre[2] - centre[0];
        order.sort_by(|&one, &other| {
            worth(self.centre(other)).total_cmp(&worth(self.centre(one))).then(one.cmp(&other))
        });
        let share = |&segment: &usize| count(counts[segment]) / count(features.nrows());
        self.shares = order.iter().map(share).collect();
        self.centres = order.iter().flat_map(|&segment| self.centre(segment)).copied().collect();
        self
    }

    fn centre(&self, segment: usize) -> &[f32] {
        &self.centres[segment * FEATURES..(segment + 1) * FEATURES]
    }

    /// The nearest centre, the first of several, and the square of its distance.
    fn nearest(&self, point: [f32; FEATURES]) -> (usize, f32) {
        let centres = self.centres.chunks_exact(FEATURES).enumerate();
        let distances = centres.map(|(segment, centre)| {
            (segment, centre.iter().zip(point).map(|(one, other)| (one - other).powi(2)).sum())
        });
        distances.fold(
            (0, f32::INFINITY),
            |best, it: (usize, f32)| {
                if it.1 < best.1 { it } else { best }
            },
        )
    }

    fn scaled(&self, times_ms: impl Iterator<Item = i64>, now_ms: i64) -> Option<[f32; FEATURES]> {
        let mut point = features(times_ms, now_ms)?.map(narrow);
        for (place, number) in point.iter_mut().enumerate() {
            *number = (*number - self.means[place]) / self.scales[place];
        }
        Some(point)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// Whether there are none, which a fitted model has not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// The segment that these purchases belong to, from 1; `None` of somebody who has bought nothing.
    #[must_use]
    pub fn of(&self, purchases: &[Visit], now_ms: i64) -> Option<usize> {
        let point = self.scaled(purchases.iter().map(|visit| visit.time_ms), now_ms)?;
        Some(self.nearest(point).0 + 1)
    }

    /// The squares of a history's distances from the mean of all and from its segment; their ratio is what the segments
    /// leave unexplained.
    pub(crate) fn distances(
        &self,
        times_ms: impl Iterator<Item = i64>,
        now_ms: i64,
    ) -> Option<(f32, f32)> {
        let point = self.scaled(times_ms, now_ms)?;
        let from_mean = point.iter().map(|number| number.powi(2)).sum();
        Some((from_mean, self.nearest(point).1))
    }

    /// All of them, for people.
    #[must_use]
    pub fn described(&self) -> Vec<Segment> {
        let describe = |(place, &share): (usize, &f32)| {
            let number = |feature: usize| {
                let scaled = self.centre(place)[feature];
                (self.means[feature] + scaled * self.scales[feature]).exp_m1()
            };
            let (idle_days, days, lines) = (number(0), number(1), number(2));
            Segment { number: place + 1, share, idle_days, days, lines }
        };
        self.shares.iter().enumerate().map(describe).collect()
    }
}
