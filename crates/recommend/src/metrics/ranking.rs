//! One list against what was relevant. Relevant items are ascending, each once; lists are best first.

/// 1 when one of the first `k` is relevant, else 0.
#[must_use]
pub fn hit(list: &[u32], relevant: &[u32], k: usize) -> f64 {
    f64::from(u8::from(found(list, relevant, k).next().is_some()))
}

/// Relevant items among the first `k`, divided by min(k, relevant).
#[must_use]
pub fn recall(list: &[u32], relevant: &[u32], k: usize) -> f64 {
    let most = k.min(relevant.len()).max(1);
    found(list, relevant, k).count() as f64 / most as f64
}

/// 1 / place of the first relevant item among the first `k`; 0 when there is none.
#[must_use]
pub fn reciprocal_rank(list: &[u32], relevant: &[u32], k: usize) -> f64 {
    found(list, relevant, k).next().map_or(0.0, |place| 1.0 / (place + 1) as f64)
}

/// Σ 1/log2(place + 1) of the relevant among the first `k`, divided by the best sum there could be.
///
/// Source: Järvelin, Kekäläinen 2002, with gains of 0 and 1.
#[must_use]
pub fn ndcg(list: &[u32], relevant: &[u32], k: usize) -> f64 {
    let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
    let gained: f64 = found(list, relevant, k).map(discount).sum();
    let best: f64 = (0..k.min(relevant.len())).map(discount).sum();
    if best > 0.0 { gained / best } else { 0.0 }
}

/// Places, from 0, of the relevant items among the first `k`.
fn found(list: &[u32], relevant: &[u32], k: usize) -> impl Iterator<Item = usize> {
    let first = list.iter().take(k).enumerate();
    first.filter(|(_, item)| relevant.binary_search(item).is_ok()).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_worth_what_the_definitions_say() {
        let (list, relevant) = ([7, 3, 9, 1], [1, 3]);

        assert!((recall(&list, &relevant, 2) - 0.5).abs() < 1e-12);
        assert!((recall(&list, &[1, 3, 4], 2) - 0.5).abs() < 1e-12, "divided by min(k, relevant)");
        assert!((reciprocal_rank(&list, &relevant, 20) - 0.5).abs() < 1e-12);
        assert!((hit(&list, &[1], 3)).abs() < 1e-12);
        let ideal = 1.0 + 1.0 / 3.0_f64.log2();
        let gained = 1.0 / 3.0_f64.log2() + 1.0 / 5.0_f64.log2();
        assert!((ndcg(&list, &relevant, 100) - gained / ideal).abs() < 1e-12);
    }
}
