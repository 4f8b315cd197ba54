//! Ranges of prices that divide what was found into parts of about the same size, with ends that are easy to read.

/// Ranges at most.
const RANGES_MAX: usize = 6;
/// Ends are one of these, in tenths of a power of ten.
const STEPS: [i64; 10] = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100];

/// Prices from one end to the other, both included, and how many products have one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PriceRange {
    /// None for the cheapest.
    pub(crate) from: Option<i64>,
    /// None for the dearest.
    pub(crate) to: Option<i64>,
    pub(crate) count: u64,
}

/// The ranges of these prices, cheapest first; none when all fall into one. Every price is in exactly one range, and the
/// ranges depend on the prices alone, in whatever order they come.
pub(crate) fn ranges(mut prices: Vec<i64>) -> Vec<PriceRange> {
    prices.sort_unstable();
    let (Some(&least), Some(&most)) = (prices.first(), prices.last()) else { return Vec::new() };
    let quantile = |part: usize| readable(prices[prices.len() * part / RANGES_MAX]);
    let mut cuts: Vec<i64> = (1..RANGES_MAX).map(quantile).collect();
    cuts.retain(|&cut| least < cut && cut <= most);
    cuts.dedup();
    if cuts.is_empty() {
        return Vec::new();
    }
    let starts = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let ends = cuts.iter().map(|&cut| Some(cut - 1)).chain([None]);
    let below = |price: i64| prices.partition_point(|&it| it < price);
    let ranges = starts.zip(ends).map(|(from, to)| {
        let end = to.map_or(prices.len(), |to| below(to + 1));
        let count = end - from.map_or(0, below);
        PriceRange { from, to, count: count as u64 }
    });
    ranges.filter(|range| range.count > 0).collect()
}

/// The nearest price that is easy to read: 15.00 for 14.35.
fn readable(price: i64) -> i64 {
    let power = price.max(1).ilog10();
    let Some(unit) = power.checked_sub(1).map(|tens| 10_i64.pow(tens)) else { return price };
    let steps = STEPS.map(|step| step.saturating_mul(unit));
    steps.into_iter().min_by_key(|step| step.abs_diff(price)).unwrap_or(price)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn ends_are_easy_to_read() {
        let prices: Vec<i64> = (0..600).map(|place| 1_130 + place * 13).collect();

        let ranges = ranges(prices);

        let ends: Vec<Option<i64>> = ranges.iter().map(|range| range.from).collect();
        assert_eq!(ends, [None, Some(2_500), Some(4_000), Some(5_000), Some(6_000), Some(8_000)]);
        assert_eq!(ranges[0].to, Some(2_499));
        assert_eq!(ranges.iter().map(|range| range.count).sum::<u64>(), 600);
    }

    #[test]
    fn one_price_is_no_range() {
        assert_eq!(ranges(vec![500; 20]), []);
        assert_eq!(ranges(vec![]), []);
    }

    proptest! {
        #[test]
        fn every_price_is_in_exactly_one_range(prices in vec(0..5_000_000_i64, 0..200)) {
            let ranges = ranges(prices.clone());

            let within = |range: &PriceRange, price: i64| {
                range.from.is_none_or(|from| from <= price) && range.to.is_none_or(|to| price <= to)
            };
            for range in &ranges {
                let expected = prices.iter().filter(|&&price| within(range, price)).count();
                assert_eq!(range.count, expected as u64, "{range:?}");
            }
            for &price in &prices {
                let of = ranges.iter().filter(|range| within(range, price)).count();
                assert!(ranges.is_empty() || of == 1);
            }
        }
    }
}
