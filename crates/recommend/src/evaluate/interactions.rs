//! What users take after a moment, by what they had before it.

use std::str::FromStr;

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use serde_json::{Map, Value, json};

use super::{LIST_MAX, SEED, Watch, figure};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::interactions::Interactions;
use crate::metrics::{Report, bootstrap, mean};
use crate::models::als::Als;
use crate::models::blend::Blend;
use crate::models::ease::Ease;
use crate::models::popularity::Popularity;
use crate::models::repeat::Repeat;
use crate::models::trending::Trending;
use crate::models::{ItemScore, Visit, best};
use crate::read::Log;
use crate::split::temporal;

/// Models that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InteractionModel {
    /// Buyers of the last months.
    Popularity,
    /// What more buy than lately.
    Trending,
    /// The rule to beat: own history by count, then popularity of the last 30 days.
    Repeat,
    /// EASE over users.
    Ease,
    /// Implicit ALS.
    Als,
    /// All of them, ranked.
    Blend,
}

impl InteractionModel {
    /// All of them, by name.
    const NAMES: [(&'static str, InteractionModel); 6] = [
        ("popularity", InteractionModel::Popularity),
        ("trending", InteractionModel::Trending),
        ("repeat", InteractionModel::Repeat),
        ("ease", InteractionModel::Ease),
        ("als", InteractionModel::Als),
        ("blend", InteractionModel::Blend),
    ];
}

impl FromStr for InteractionModel {
    type Err = Error;

    fn from_str(name: &str) -> Result<InteractionModel> {
        super::named(name, &InteractionModel::NAMES)
    }
}

/// A fitted model, asked with a history.
enum Fitted {
    Popularity(Popularity),
    Trending(Trending),
    Repeat(Repeat, Popularity),
    Ease(Ease),
    Als(Als),
    Blend(Box<Blend>),
}

/// Fits on what is before the cut, asks for every user with rows on both sides.
///
/// # Errors
/// When the model cannot be fitted on what is before the cut.
pub fn interactions(
    log: &Log,
    cut_ms: i64,
    model: InteractionModel,
    watch: &mut Watch<'_>,
) -> Result<Value> {
    let (train, cases) = temporal(&log.events, cut_ms);
    let started_s = (watch.cpu_s)();
    let fitted = fit(model, &train, cut_ms)?;
    let fit_cpu_s = (watch.cpu_s)() - started_s;
    let shares = shares(&train);
    let (mut new, mut all) = (Report::default(), Report::default());
    for case in &cases {
        let history = history(&train, case.user);
        let scores = fitted.scores(&history, cut_ms);
        let answered = best(scores.clone(), LIST_MAX);
        (watch.answered)(log.users.name(case.user), &answered);
        all.add(&items(&answered), &case.relevant, &shares);
        let had = |item: u32| history.iter().any(|visit| visit.item == item);
        let unseen = scores.into_iter().filter(|it| !had(it.item));
        new.add(&items(&best(unseen, LIST_MAX)), &case.new, &shares);
    }
    let item_count = shares.iter().filter(|&&share| share > 0.0).count();
    Ok(json!({
        "users": cases.len(),
        "items": item_count,
        "skipped": log.skipped,
        "new": figures(&new, item_count),
        "all": figures(&all, item_count),
        "fit_cpu_s": figure(fit_cpu_s),
    }))
}

fn fit(model: InteractionModel, train: &Events, cut_ms: i64) -> Result<Fitted> {
    let dataset = DatasetBase::new(train.clone(), ());
    let popularity = || Popularity::params().half_life_days(60.0).now_ms(cut_ms).fit(&dataset);
    Ok(match model {
        InteractionModel::Popularity => Fitted::Popularity(popularity()?),
        InteractionModel::Trending => {
            Fitted::Trending(Trending::params().now_ms(cut_ms).check()?.fit(&dataset)?)
        }
        InteractionModel::Repeat => {
            let lately = DatasetBase::new(train.between(cut_ms - 30 * DAY_MS, cut_ms), ());
            let popularity = Popularity::params().half_life_days(1e6).fit(&lately)?;
            Fitted::Repeat(Repeat::params().half_life_days(1e6).fit(&dataset)?, popularity)
        }
        InteractionModel::Ease => {
            let dataset = DatasetBase::new(Interactions::once(train), ());
            Fitted::Ease(Ease::params().check()?.fit(&dataset)?)
        }
        InteractionModel::Als => {
            let dataset = DatasetBase::new(Interactions::once(train), ());
            Fitted::Als(Als::params().check()?.fit(&dataset)?)
        }
        InteractionModel::Blend => {
            Fitted::Blend(Box::new(Blend::params().now_ms(cut_ms).check()?.fit(&dataset)?))
        }
    })
}

impl Fitted {
    /// Every item that has a score.
    fn scores(&self, history: &[Visit], now_ms: i64) -> Vec<ItemScore> {
        match self {
            Fitted::Popularity(popularity) => popularity.scores(),
            Fitted::Trending(trending) => trending.scores(),
            Fitted::Repeat(repeat, popularity) => {
                let mut scores = popularity.scores();
                let most = scores.iter().map(|it| it.score).fold(0.0, f32::max) + 1.0;
                scores.iter_mut().for_each(|it| it.score /= most);
                for own in repeat.scores(history, now_ms) {
                    scores[own.item as usize].score += own.score;
                }
                scores
            }
            Fitted::Blend(blend) => blend.scores(history, now_ms),
            Fitted::Ease(ease) => every(ease.scores(&once(history))),
            Fitted::Als(als) => every(als.scores(&once(history))),
        }
    }
}

/// Each item of a history once.
pub(crate) fn once(history: &[Visit]) -> Vec<(u32, f32)> {
    let mut had: Vec<(u32, f32)> = history.iter().map(|it| (it.item, 1.0)).collect();
    had.sort_unstable_by_key(|it| it.0);
    had.dedup();
    had
}

fn every(scores: Vec<f32>) -> Vec<ItemScore> {
    let scores = scores.into_iter().zip(0..);
    scores.map(|(score, item)| ItemScore { item, score }).collect()
}

pub(crate) fn history(train: &Events, user: u32) -> Vec<Visit> {
    let rows = train.of(user as usize).iter();
    rows.map(|row| Visit { item: row.item, time_ms: row.time_ms }).collect()
}

/// The share of users who had each item.
pub(crate) fn shares(train: &Events) -> Vec<f64> {
    let users = (0..train.user_count()).filter(|&user| !train.of(user).is_empty()).count();
    let counts = Interactions::once(train).row_counts();
    counts.into_iter().map(|count| count as f64 / users.max(1) as f64).collect()
}

fn items(list: &[ItemScore]) -> Vec<u32> {
    list.iter().map(|it| it.item).collect()
}

fn figures(report: &Report, item_count: usize) -> Value {
    let recall = bootstrap(&report.recall_at_20, SEED);
    let ndcg = bootstrap(&report.ndcg_at_100, SEED);
    let figures = [
        ("users", json!(report.recall_at_20.len())),
        ("hit_at_10", figure(mean(&report.hit_at_10))),
        ("recall_at_20", figure(recall.mean)),
        ("recall_at_20_low", figure(recall.low)),
        ("recall_at_20_high", figure(recall.high)),
        ("recall_at_50", figure(mean(&report.recall_at_50))),
        ("ndcg_at_100", figure(ndcg.mean)),
        ("ndcg_at_100_low", figure(ndcg.low)),
        ("ndcg_at_100_high", figure(ndcg.high)),
        ("coverage_at_20", figure(report.coverage_at_20(item_count))),
        ("novelty_at_20", figure(mean(&report.novelty_at_20))),
        ("popularity_lift", figure(report.popularity_lift())),
    ];
    Value::Object(
        figures.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<Map<_, _>>(),
    )
}
