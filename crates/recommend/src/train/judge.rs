//! How good a model is on what came after a moment, and whether one is better than another.

use serde_json::{Value, json};

use super::data::Data;
use super::kept::Kept;
use crate::evaluate::{SEED, figure, history, once, shares};
use crate::event::{Event, Events, Names};
use crate::metrics::{Interval, Report, bootstrap, hit, mean, paired, reciprocal_rank};
use crate::models::segments::{Segment, Segments};
use crate::models::session::Scratch;
use crate::models::{ItemScore, Visit, best};
use crate::split::{hidden_lines, temporal};

/// Length of a list that is judged.
const LIST: usize = 20;
/// Questions that one model is asked.
const QUESTIONS_MAX: usize = 10_000;

/// How good a model's answers were.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What is measured.
    pub metric: &'static str,
    /// Its value for every user, basket or click that was asked about, in the data's order.
    pub values: Vec<f64>,
    /// The mean with its interval, and more, for people.
    pub figures: Value,
}

/// What was asked of two models, and how the answers differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The mean difference, first − second, with the interval of pairs.
    pub difference: Interval,
}

impl Comparison {
    /// Whether the first is worse beyond chance.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.difference.high < 0.0
    }

    /// Whether the first is better beyond chance.
    #[must_use]
    pub fn is_better(&self) -> bool {
        self.difference.low > 0.0
    }
}

/// Compares two that were asked the same; `None` when they were not.
#[must_use]
pub fn compare(one: &Judged, other: &Judged) -> Option<Comparison> {
    let same = one.metric == other.metric && one.values.len() == other.values.len();
    let difference =
        (same && !one.values.is_empty()).then(|| paired(&one.values, &other.values, SEED))?;
    Some(Comparison { difference })
}

/// Whether a model is worse than what another says of itself, asked about other days: where no interval of the two meets.
#[must_use]
pub fn is_below(judged: &Judged, figures: &Value) -> bool {
    let figure = |figures: &Value, end: &str| figures[format!("{}_{end}", judged.metric)].as_f64();
    matches!((figure(&judged.figures, "high"), figure(figures, "low")), (Some(high), Some(low)) if high < low)
}

/// Asks a model about everything that came after the cut. `names` are those of its items, where they are not numbered as
/// the data's are; what only one of the two knows is neither asked nor answered.
#[must_use]
pub fn judge(kept: &Kept, names: Option<&[String]>, data: &Data, cut_ms: i64) -> Judged {
    let numbers = names.map(|names| Numbers::of(names, &data.items));
    let numbers = numbers.as_ref();
    match kept {
        Kept::Together(model) => of_baskets(&data.baskets, cut_ms, |basket| {
            answered(model.scores(&asked(basket, numbers)), numbers)
        }),
        Kept::Session(model) => {
            let mut scratch = Scratch::default();
            of_sessions(&data.sessions, cut_ms, |clicks, now_ms| {
                let clicks = asked(clicks, numbers);
                answered(model.next(&clicks, now_ms, LIST, &mut scratch), numbers)
            })
        }
        Kept::Segments(model) => of_customers(&data.purchases, model),
        _ => of_users(&data.purchases, cut_ms, |history| {
            let visits = history.iter().filter_map(|visit| {
                Some(Visit { item: asked(&[visit.item], numbers).first().copied()?, ..*visit })
            });
            answered(scores(kept, &visits.collect::<Vec<_>>(), cut_ms), numbers)
        }),
    }
}

/// A model's numbers of the data's items, and the other way round.
struct Numbers {
    of_data: Vec<Option<u32>>,
    of_model: Vec<Option<u32>>,
}

impl Numbers {
    fn of(names: &[String], items: &Names) -> Numbers {
        let of_model: Vec<_> = names.iter().map(|name| items.known(name)).collect();
        let mut of_data = vec![None; items.len()];
        for (number, item) in (0..).zip(&of_model) {
            if let Some(item) = item {
                of_data[*item as usize] = Some(number);
            }
        }
        Numbers { of_data, of_model }
    }
}

fn asked(items: &[u32], numbers: Option<&Numbers>) -> Vec<u32> {
    let Some(numbers) = numbers else { return items.to_vec() };
    items.iter().filter_map(|&item| numbers.of_data[item as usize]).collect()
}

fn answered(scores: Vec<ItemScore>, numbers: Option<&Numbers>) -> Vec<ItemScore> {
    let Some(numbers) = numbers else { return scores };
    let known = scores
        .into_iter()
        .filter_map(|it| Some(ItemScore { item: numbers.of_model[it.item as usize]?, ..it }));
    known.collect()
}

/// Every item that has a score for a history.
fn scores(kept: &Kept, history: &[Visit], now_ms: i64) -> Vec<ItemScore> {
    let every = |scores: Vec<f32>| {
        let scores = scores.into_iter().zip(0..);
        scores.map(|(score, item)| ItemScore { item, score }).collect()
    };
    match kept {
        Kept::Popularity(model) => model.scores(),
        Kept::Trending(model) => model.scores(),
        Kept::Repeat(model) => model.scores(history, now_ms),
        Kept::Ease(model) => every(model.scores(&once(history))),
        Kept::Als(model) => every(model.scores(&once(history))),
        Kept::Blend(model) => model.scores(history, now_ms),
        Kept::Together(_) | Kept::Session(_) | Kept::Segments(_) => Vec::new(),
    }
}

fn of_users(
    purchases: &Events,
    cut_ms: i64,
    scores: impl Fn(&[Visit]) -> Vec<ItemScore>,
) -> Judged {
    let (train, cases) = temporal(purchases, cut_ms);
    let shares = shares(&train);
    let (mut all, mut new) = (Report::default(), Report::default());
    for case in cases.iter().take(QUESTIONS_MAX) {
        let history = history(&train, case.user);
        let scores = scores(&history);
        let had = |item: u32| history.iter().any(|visit| visit.item == item);
        let unseen: Vec<ItemScore> = scores.iter().filter(|it| !had(it.item)).copied().collect();
        all.add(&items(best(scores, 100)), &case.relevant, &shares);
        new.add(&items(best(unseen, 100)), &case.new, &shares);
    }
    let item_count = shares.iter().filter(|&&share| share > 0.0).count();
    let mut figures = interval_of("recall_at_20", &all.recall_at_20);
    figures["users"] = json!(all.recall_at_20.len());
    figures["ndcg_at_100"] = figure(mean(&all.ndcg_at_100));
    figures["coverage_at_20"] = figure(all.coverage_at_20(item_count));
    figures["novelty_at_20"] = figure(mean(&all.novelty_at_20));
    figures["new"] = interval_of("recall_at_20", &new.recall_at_20);
    Judged { metric: "recall_at_20", values: all.recall_at_20, figures }
}

fn of_baskets(baskets: &Events, cut_ms: i64, scores: impl Fn(&[u32]) -> Vec<ItemScore>) -> Judged {
    let (_, cases) = hidden_lines(baskets, cut_ms, SEED);
    let (mut values, mut ranks) = (Vec::new(), Vec::new());
    for case in cases.iter().take(QUESTIONS_MAX) {
        let list = items(best(scores(&case.shown), LIST));
        values.push(hit(&list, &[case.hidden], LIST));
        ranks.push(reciprocal_rank(&list, &[case.hidden], LIST));
    }
    let mut figures = interval_of("hr_at_20", &values);
    figures["baskets"] = json!(values.len());
    figures["mrr_at_20"] = figure(mean(&ranks));
    Judged { metric: "hr_at_20", values, figures }
}

fn of_sessions(
    sessions: &Events,
    cut_ms: i64,
    mut next: impl FnMut(&[u32], i64) -> Vec<ItemScore>,
) -> Judged {
    let (mut values, mut ranks) = (Vec::new(), Vec::new());
    for session in 0..sessions.user_count() {
        let rows = sessions.of(session);
        if rows.first().is_none_or(|row| row.time_ms < cut_ms) || values.len() >= QUESTIONS_MAX {
            continue;
        }
        let clicks: Vec<u32> = rows.iter().map(|row| row.item).collect();
        for place in 1..clicks.len() {
            let list = items(next(&clicks[..place], rows[place - 1].time_ms));
            values.push(hit(&list, &[clicks[place]], LIST));
            ranks.push(reciprocal_rank(&list, &[clicks[place]], LIST));
        }
    }
    let mut figures = interval_of("hr_at_20", &values);
    figures["predictions"] = json!(values.len());
    figures["mrr_at_20"] = figure(mean(&ranks));
    Judged { metric: "hr_at_20", values, figures }
}

/// How well centres describe the customers as they are at the end: 1 − (distance from the own centre)² / the mean of those
/// from the mean of all.
fn of_customers(purchases: &Events, segments: &Segments) -> Judged {
    let now_ms = purchases.span_ms().map_or(0, |(_, last_ms)| last_ms + 1);
    let customers = (0..purchases.user_count()).map(|user| purchases.of(user));
    let times = |rows: &'_ [Event]| rows.iter().map(|row| row.time_ms).collect::<Vec<_>>();
    let distances = customers
        .filter_map(|rows| segments.distances(times(rows).into_iter(), now_ms))
        .take(QUESTIONS_MAX);
    let (from_mean, from_own): (Vec<f64>, Vec<f64>) =
        distances.map(|(mean, own)| (f64::from(mean), f64::from(own))).unzip();
    let all = mean(&from_mean).max(f64::MIN_POSITIVE);
    let values: Vec<f64> = from_own.iter().map(|own| 1.0 - own / all).collect();
    let mut figures = interval_of("explained", &values);
    figures["customers"] = json!(values.len());
    figures["segments"] = segments.described().iter().map(described).collect();
    Judged { metric: "explained", values, figures }
}

/// A segment, for people.
fn described(it: &Segment) -> Value {
    json!({
        "segment": it.number,
        "share": figure(it.share.into()),
        "days_since_purchase": figure(it.idle_days.into()),
        "days_with_purchases": figure(it.days.into()),
        "lines": figure(it.lines.into()),
    })
}

fn interval_of(metric: &str, values: &[f64]) -> Value {
    let interval = bootstrap(values, SEED);
    json!({
        metric: figure(interval.mean),
        format!("{metric}_low"): figure(interval.low),
        format!("{metric}_high"): figure(interval.high),
    })
}

fn items(list: Vec<ItemScore>) -> Vec<u32> {
    list.into_iter().map(|it| it.item).collect()
}
