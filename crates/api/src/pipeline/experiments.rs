//! What came of an experiment: figures by variant, and what they say however often they are looked at.

use serde::Serialize;
use souk_base::Money;
use souk_commerce::PgConnection;
use souk_commerce::experiments::{self, Experiment, Kind, Results};
use souk_recommend::experiments::{
    Difference, Finding, Mean, Preference, compare, preference, shares_fit,
};
use utoipa::ToSchema;

use crate::answer::MoneySchema;
use crate::error::Result;

/// Figures that are compared with the first variant's: conversion and revenue.
const FIGURES: usize = 2;

/// What came of an experiment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
    /// In the order of the experiment.
    pub variants: Vec<VariantReport>,
    /// Whether visitors came in the shares that were wanted.
    pub shares: Shares,
    /// Which of two mixed rankings is liked; none where nothing is mixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liked: Option<Liked>,
}

/// What the visitors of a variant did since they saw it first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VariantReport {
    /// What the variant is called.
    pub name: String,
    /// Its share of the visitors, in proportion to the others'.
    pub weight: u32,
    /// How many saw it.
    pub visitors: u64,
    /// Of these, how many bought something.
    pub buyers: u64,
    /// Their purchases.
    pub orders: u64,
    /// Share of the visitors who bought something, from 0 to 1.
    pub conversion: f64,
    /// What a purchase came to in the mean; null without one, and where visitors pay in several currencies.
    #[schema(value_type = Option<MoneySchema>)]
    pub average_order: Option<Money>,
    /// What a visitor spent in the mean; null where visitors pay in several currencies.
    #[schema(value_type = Option<MoneySchema>)]
    pub revenue_per_visitor: Option<Money>,
    /// What all of them spent.
    #[schema(value_type = Option<MoneySchema>)]
    pub revenue: Option<Money>,
    /// The conversion beside the first variant's; null for the first, and while there are too few visitors.
    pub conversion_change: Option<Change>,
    /// What a visitor spent beside the first variant's, in minor units; null as before.
    pub revenue_change: Option<Change>,
}

/// How far a figure is from the first variant's.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Change {
    /// The difference.
    pub by: f64,
    /// Lower end of what it may be; holds at every look, in 95 of 100 experiments.
    pub low: f64,
    /// Upper end of what it may be.
    pub high: f64,
    /// Always-valid p-value.
    pub p: f64,
    /// `better` or `worse` beyond chance, else `open`.
    #[schema(value_type = String, example = "open")]
    pub finding: Found,
}

/// What a difference amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It may be chance.
    Open,
    /// More, beyond chance.
    Better,
    /// Less, beyond chance.
    Worse,
}

/// Whether visitors came in the shares that were wanted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Shares {
    /// How likely such shares are by chance (chi-square).
    pub p: f64,
    /// Whether that can be believed (p ≥ 0.001). Where it cannot, something loses visitors and no other figure can be trusted.
    pub fit: bool,
}

/// Visitors by which of two mixed rankings brought more of what they clicked.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Liked {
    /// The first.
    pub first: u64,
    /// The second.
    pub second: u64,
    /// Both as much.
    pub neither: u64,
    /// How far the second's share is from a half; null while there are too few visitors.
    pub change: Option<Change>,
}

impl From<Difference> for Change {
    fn from(difference: Difference) -> Change {
        let finding = match difference.finding() {
            Finding::Better => Found::Better,
            Finding::Worse => Found::Worse,
            Finding::Open => Found::Open,
        };
        let Difference { by, low, high, p } = difference;
        Change { by, low, high, p, finding }
    }
}

/// Counts and compares. Reads every exposure of the experiment: for people who look, not for every request.
///
/// # Errors
/// When the database does not answer.
pub async fn report(connection: &mut PgConnection, experiment: &Experiment) -> Result<Report> {
    let results = experiments::results(connection, experiment).await?;
    let liked = match experiment.kind {
        Kind::Split => None,
        Kind::Interleaving => Some(experiments::preferred(connection, experiment.id).await?),
    };
    let liked = liked.map(|it| Liked {
        first: it.one,
        second: it.other,
        neither: it.neither,
        change: preference(Preference { one: it.one, other: it.other }).map(Change::from),
    });
    Ok(of(experiment, &results, liked))
}

fn of(experiment: &Experiment, results: &[Results], liked: Option<Liked>) -> Report {
    let comparisons = (results.len().saturating_sub(1) * FIGURES).try_into().unwrap_or(u32::MAX);
    let first = results.first().cloned().unwrap_or_default();
    let variants = experiment.variants.iter().zip(results).enumerate();
    let variants = variants.map(|(place, (variant, results))| {
        let change = |of: fn(&Results) -> Option<Mean>| {
            let (old, new) = (of(&first)?, of(results)?);
            compare(&old, &new, comparisons).filter(|_| place > 0).map(Change::from)
        };
        VariantReport {
            name: variant.name.clone(),
            weight: variant.weight,
            visitors: results.visitors,
            buyers: results.buyers,
            orders: results.orders,
            conversion: conversion(results).mean(),
            average_order: results.spent.and_then(|it| each(it.total, results.orders)),
            revenue_per_visitor: results.spent.and_then(|it| each(it.total, results.visitors)),
            revenue: results.spent.map(|it| it.total),
            conversion_change: change(|results| Some(conversion(results))),
            revenue_change: change(revenue),
        }
    });
    let (p, fit) = match experiment.kind {
        Kind::Interleaving => (1.0, true),
        Kind::Split => {
            let visitors: Vec<u64> = results.iter().map(|it| it.visitors).collect();
            shares_fit(&visitors, &experiment.weights())
        }
    };
    Report { variants: variants.collect(), shares: Shares { p, fit }, liked }
}

fn conversion(results: &Results) -> Mean {
    Mean::share(results.visitors, results.buyers)
}

/// What a visitor spent, as a mean of which only the spread matters.
fn revenue(results: &Results) -> Option<Mean> {
    let spent = results.spent?;
    let sum = spent.total.minor as f64;
    Some(Mean { count: results.visitors, sum, squares: spent.squares })
}

/// A sum shared out equally, half a unit rounded up; none among nobody.
fn each(sum: Money, among: u64) -> Option<Money> {
    let among = i64::try_from(among).ok().filter(|&among| among > 0)?;
    Some(Money::new((sum.minor + among / 2).div_euclid(among), sum.currency))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use souk_base::Currency;
    use souk_commerce::experiments::{Spent, State, Variant};

    use super::*;

    fn experiment(kind: Kind) -> Experiment {
        Experiment {
            id: 1.into(),
            name: "x".to_owned(),
            market: None,
            kind,
            place: "home".to_owned(),
            variants: vec![Variant::of("a", 1), Variant::of("b", 1)],
            state: State::Running,
            note: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            started_at: None,
            stopped_at: None,
        }
    }

    fn results(visitors: u64, buyers: u64) -> Results {
        let total = Money::new(i64::try_from(buyers).unwrap() * 1_001, Currency::Kwd);
        let squares = buyers as f64 * 1_001.0 * 1_001.0;
        Results { visitors, buyers, orders: buyers, spent: Some(Spent { total, squares }) }
    }

    #[test]
    fn figures_are_counted_and_compared_with_the_first() {
        let told = of(&experiment(Kind::Split), &[results(5_000, 250), results(5_050, 400)], None);

        let [first, second] = told.variants.as_slice() else { panic!("{told:?}") };
        assert!(first.conversion_change.is_none() && first.revenue_change.is_none());
        assert!((first.conversion - 0.05).abs() < 1e-12);
        assert_eq!(first.average_order, Some(Money::new(1_001, Currency::Kwd)));
        assert_eq!(first.revenue_per_visitor, Some(Money::new(50, Currency::Kwd)));
        assert_eq!(second.conversion_change.unwrap().finding, Found::Better);
        assert_eq!(second.revenue_change.unwrap().finding, Found::Better);
        assert!(told.shares.fit);
    }

    #[test]
    fn shares_that_were_not_wanted_are_told_and_little_says_nothing() {
        let told = of(&experiment(Kind::Split), &[results(900, 9), results(600, 6)], None);
        assert!(!told.shares.fit);

        let few = of(&experiment(Kind::Split), &[results(9, 0), results(6, 1)], None);
        assert!(few.variants[1].conversion_change.is_none());
        assert_eq!(few.variants[0].average_order, None);
        let mixed = of(&experiment(Kind::Interleaving), &[results(900, 9), results(0, 0)], None);
        assert!(mixed.shares.fit, "all visitors have both");
        let abroad = Results { spent: None, ..results(500, 50) };
        let told = of(&experiment(Kind::Split), &[abroad.clone(), abroad], None);
        assert!(told.variants[1].revenue_change.is_none());
        assert!(told.variants[1].conversion_change.is_some());
    }
}
