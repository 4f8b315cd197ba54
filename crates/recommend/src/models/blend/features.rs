//! What the heads see of a candidate: the own past, the item, the user, and what the models say.

use super::candidates::{Said, Sources};
use super::statistics::{Had, Past};
use crate::numbers::count;

/// How many there are.
pub(super) const FEATURES: usize = 43;

/// Features of one candidate after the other.
pub(super) struct Rows {
    /// [`FEATURES`] numbers each.
    pub features: Vec<f32>,
    /// Whether each was had before.
    pub own: Vec<bool>,
}

/// The features of these candidates for one history.
pub(super) fn rows(sources: &Sources, past: &Past, said: &Said, candidates: &[u32]) -> Rows {
    let user = user(past);
    let ranks =
        [&said.taste, &said.lately, &said.last_visit].map(|scores| ranks(scores, candidates));
    let mut rows = Rows { features: Vec::new(), own: Vec::new() };
    for (place, &item) in candidates.iter().enumerate() {
        let had = past.had.get(&item);
        let start = rows.features.len();
        own(had, past, item, &mut rows.features);
        of_item(sources, item, &mut rows.features);
        rows.features.extend(user);
        let at = item as usize;
        rows.features.extend([said.users[at], said.taste[at], said.lately[at]]);
        rows.features.extend([said.last_visit[at], said.visits[at]]);
        rows.features.extend(ranks.iter().map(|ranks| ranks[place]));
        // What sells, to those who follow it: heavy users and light ones differ.
        let selling = sources.items[at].buyers[3].ln_1p();
        rows.features.extend([selling * user[3], selling * user[4], said.taste[at] * user[3]]);
        debug_assert_eq!(rows.features.len() - start, FEATURES);
        rows.own.push(had.is_some());
    }
    rows
}

/// 11: what was had of the item.
fn own(had: Option<&Had>, past: &Past, item: u32, features: &mut Vec<f32>) {
    let Some(had) = had else {
        features.extend([0.0; 11]);
        return;
    };
    let visits = count(past.visit_days.len());
    let gaps = (had.visits - 1.0).max(1.0);
    let interval = if had.visits > 1.0 { (had.first_days - had.last_days) / gaps } else { 0.0 };
    let due = if interval > 0.0 { (had.last_days / interval.max(1.0)).min(20.0) } else { 0.0 };
    features.push(had.visits.ln_1p());
    features.extend(had.decayed.map(|decayed| (4.0 * decayed).ln_1p()));
    features.extend([had.last_days.ln_1p(), had.first_days.ln_1p(), interval.ln_1p(), due.ln_1p()]);
    features.push(had.visits / visits);
    features.push(f32::from(u8::from(past.last_visit.binary_search(&item).is_ok())));
    features.push(if had.visits > 1.0 { 1.0 } else { 0.0 });
}

/// 14: what is known of the item.
fn of_item(sources: &Sources, item: u32, features: &mut Vec<f32>) {
    let it = &sources.items[item as usize];
    features.extend(it.buyers.map(f32::ln_1p));
    features.extend(it.first_buyers.map(f32::ln_1p));
    features.push((it.buyers[1] * 30.0 / 7.0).ln_1p() - it.buyers[3].ln_1p());
    features.push(it.buyers[3].ln_1p() - (it.buyers[5] / 4.0).ln_1p());
    features.extend([it.age_days.min(150.0).ln_1p(), it.idle_days.ln_1p(), it.repeated]);
}

/// 7: what is known of the user.
fn user(past: &Past) -> [f32; 7] {
    let visits = count(past.visit_days.len()).max(1.0);
    let items = count(past.had.len());
    let first = past.visit_days.first().copied().unwrap_or(0.0);
    let last = past.visit_days.last().copied().unwrap_or(0.0);
    [
        visits.ln(),
        last.ln_1p(),
        items.ln_1p(),
        (past.lines / visits).ln_1p(),
        1.0 - items / past.lines.max(1.0),
        first.min(150.0).ln_1p(),
        ((first - last) / (visits - 1.0).max(1.0)).ln_1p(),
    ]
}

/// −ln of the place, from 1, that a model gives each candidate.
fn ranks(scores: &[f32], candidates: &[u32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let score = |place: usize| scores[candidates[place] as usize];
    order.sort_by(|&one, &other| score(other).total_cmp(&score(one)));
    let mut ranks = vec![0.0; candidates.len()];
    for (rank, place) in order.into_iter().enumerate() {
        ranks[place] = -count(rank + 1).ln();
    }
    ranks
}
