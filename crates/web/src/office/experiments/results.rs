//! What came of an experiment, in words.

use souk_api::pipeline::experiments::{Change, Found, Liked, Report, VariantReport};
use souk_base::{Lang, MarketCode, Money};

use crate::format::Numbers;
use crate::text::experiments::{Experiments as Words, experiments};
use crate::text::fill;

/// The figures of the page.
pub(super) struct Figures {
    /// Visitors came in other shares than was wanted.
    pub(super) is_misfit: bool,
    pub(super) rows: Vec<Row>,
    /// Which of two mixed lists is liked.
    pub(super) liked: Option<Told>,
}

/// A variant.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) visitors: String,
    pub(super) buyers: String,
    pub(super) conversion: String,
    pub(super) average: String,
    pub(super) per_visitor: String,
    /// Beside the first; none for the first itself.
    pub(super) conversion_told: Option<Told>,
    pub(super) revenue_told: Option<Told>,
}

/// A finding: its code, what it is, and by how much.
pub(super) struct Told {
    pub(super) code: &'static str,
    pub(super) finding: &'static str,
    pub(super) by: String,
}

impl Figures {
    /// The figures of a report.
    pub(super) fn new(report: &Report, market: Option<MarketCode>, lang: Lang) -> Figures {
        let (words, numbers) = (experiments(lang), Numbers::of(lang, market));
        let rows = report.variants.iter().enumerate();
        Figures {
            is_misfit: !report.shares.fit,
            // Where two are mixed every visitor has both.
            rows: match report.liked {
                Some(_) => Vec::new(),
                None => rows.map(|(at, it)| Row::new(at, it, words, numbers)).collect(),
            },
            liked: report.liked.map(|liked| told_of(&liked, words, numbers)),
        }
    }
}

impl Row {
    fn new(at: usize, variant: &VariantReport, words: &'static Words, numbers: Numbers) -> Row {
        let amount = |money: Option<Money>| {
            money.map_or_else(|| "–".to_owned(), |money| numbers.money(money).text())
        };
        let percent = |share: f64| numbers.plain(&format!("{:.2} %", 100.0 * share));
        let told = |change: Option<Change>, scale: Scale| {
            (at > 0).then(|| told(change, scale, words, numbers))
        };
        let currency = variant.revenue.map(|money| money.currency);
        Row {
            name: variant.name.clone(),
            visitors: numbers.whole(variant.visitors),
            buyers: numbers.whole(variant.buyers),
            conversion: percent(variant.conversion),
            average: amount(variant.average_order),
            per_visitor: amount(variant.revenue_per_visitor),
            conversion_told: told(variant.conversion_change, Scale::Points),
            revenue_told: currency
                .and_then(|currency| told(variant.revenue_change, Scale::Money(currency))),
        }
    }
}

/// What a difference is counted in.
#[derive(Clone, Copy)]
enum Scale {
    Points,
    Money(souk_base::Currency),
}

fn told(change: Option<Change>, scale: Scale, words: &'static Words, numbers: Numbers) -> Told {
    let Some(change) = change else {
        return Told { code: "open", finding: words.too_few, by: String::new() };
    };
    let (code, finding) = match change.finding {
        Found::Better => ("better", words.better),
        Found::Worse => ("worse", words.worse),
        Found::Open => ("open", words.open),
    };
    let by = match scale {
        Scale::Points => {
            let number = |share: f64| numbers.plain(&format!("{:+.2}", 100.0 * share));
            let by = fill(words.points, "by", &number(change.by));
            fill(&fill(&by, "low", &number(change.low)), "high", &number(change.high))
        }
        Scale::Money(currency) => {
            let amount = |minor: f64| {
                let sign = if minor < 0.0 { "−" } else { "+" };
                let money = Money::new(whole(minor.abs()), currency);
                format!("{sign}{}", numbers.money(money).text())
            };
            format!("{} ({} … {})", amount(change.by), amount(change.low), amount(change.high))
        }
    };
    Told { code, finding, by }
}

fn told_of(liked: &Liked, words: &'static Words, numbers: Numbers) -> Told {
    let by = fill(words.liked, "first", &numbers.whole(liked.first));
    let by = fill(&by, "second", &numbers.whole(liked.second));
    let by = fill(&by, "neither", &numbers.whole(liked.neither));
    Told { by, ..told(liked.change, Scale::Points, words, numbers) }
}

/// The nearest whole number; what is shown of a mean needs no more.
#[expect(clippy::cast_possible_truncation, reason = "no mean comes near 2^63")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}
