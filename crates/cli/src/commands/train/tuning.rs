//! `souk train --tune`: how long is searched, and what is told of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use jiff::SignedDuration;
use serde::Serialize;
use souk_base::MarketCode;
use souk_recommend::train::{self, Data, Kind, Search, Settings, Size, Trial};

/// Whether and how long parameters are searched for.
#[derive(Args, Clone, Debug)]
pub(crate) struct TuningArgs {
    /// Try other parameters first, on the last days of the training time (never on those that a version is judged by), and
    /// train with the best; the manifest keeps them, and later trainings take over those of the version that serves. There
    /// is nothing to choose for trending and segments
    #[arg(long)]
    pub tune: bool,
    /// How long all searches together may take, like 90s, 10m or 2h; a trial that has begun is finished
    #[arg(long, requires = "tune", default_value = "10m", value_parser = duration, value_name = "TIME")]
    pub budget: Duration,
    /// The most parameters that are tried for a model: with the same number and enough time the choice is the same
    #[arg(long, requires = "tune", value_name = "N")]
    pub trials: Option<usize>,
    /// What is tried follows from this number
    #[arg(long, requires = "tune", default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

fn duration(text: &str) -> anyhow::Result<Duration> {
    let duration: SignedDuration = text.parse()?;
    Duration::try_from(duration).context("a time is not below nothing")
}

/// The time that is left, shared out among the searches that are left.
pub(super) struct Budget {
    ends: Instant,
    searches: u32,
}

/// A search that was made.
#[derive(Debug, Serialize)]
pub(super) struct Tuned {
    model: &'static str,
    market: MarketCode,
    seed: u64,
    #[serde(flatten)]
    search: Search,
}

impl Budget {
    /// For so many markets, each with these models.
    pub(super) fn of(args: &TuningArgs, markets: usize, kinds: &[Kind]) -> Budget {
        let searches = markets * kinds.iter().filter(|&&kind| train::is_tunable(kind)).count();
        Budget {
            ends: Instant::now() + args.budget,
            searches: u32::try_from(searches).unwrap_or(u32::MAX),
        }
    }

    /// When the next search has to end; what it leaves is for the others.
    fn next(&mut self) -> Instant {
        let now = Instant::now();
        let share = self.ends.saturating_duration_since(now) / self.searches.max(1);
        self.searches = self.searches.saturating_sub(1);
        now + share
    }

    /// A market without a history needs no time.
    pub(super) fn skip(&mut self, kinds: &[Kind]) {
        kinds.iter().filter(|&&kind| train::is_tunable(kind)).for_each(|_| _ = self.next());
    }
}

/// Searches for the parameters of one model, and says on the bar how far it is.
///
/// # Errors
/// When the data says too little for this model.
pub(super) async fn search(
    args: &TuningArgs,
    budget: &mut Budget,
    (market, kind, size): (MarketCode, Kind, Size),
    data: &Arc<Data>,
    present: &Settings,
    bar: &ProgressBar,
) -> anyhow::Result<Tuned> {
    let (ends, seed) = (budget.next(), args.seed);
    let trials = args.trials.unwrap_or(usize::MAX);
    let (data, present, bar) = (data.clone(), present.clone(), bar.clone());
    let searched = tokio::task::spawn_blocking(move || {
        let mut goes_on = |tried: &[Trial]| {
            let best = tried.iter().filter_map(|trial| trial.value).fold(0.0, f64::max);
            let count = tried.len();
            bar.set_message(format!("{market}: {} tried {count}, best {best:.4}", kind.name()));
            count < trials && Instant::now() < ends
        };
        train::tune(kind, &data, size, &present, seed, &mut goes_on)
    });
    Ok(Tuned { model: kind.name(), market, seed, search: searched.await?? })
}

impl Tuned {
    /// The parameters to train with.
    pub(super) fn chosen(&self) -> &Settings {
        self.search.chosen()
    }

    /// A table of what was tried.
    pub(super) fn text(&self) -> String {
        let Tuned { model, market, seed, search } = self;
        let head = format!("{model} {market}: {} by parameters, seed {seed}", search.metric);
        let lines = search.trials.iter().enumerate().map(|(place, trial)| {
            let mark = if place == search.best { "→" } else { " " };
            let value = trial.value.map_or("-".to_owned(), |value| format!("{value:.4}"));
            let named = trial.parameters.iter().map(|(name, value)| format!("{name}={value}"));
            let named: Vec<_> = named.collect();
            let named = if named.is_empty() { "as it comes".to_owned() } else { named.join(" ") };
            format!("{mark} {:>4}  {value:>7}  {named}", place + 1)
        });
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_shared_out_among_the_searches_that_are_left() {
        let args =
            TuningArgs { tune: true, budget: duration("10m").unwrap(), trials: None, seed: 1 };
        let kinds = [Kind::Popularity, Kind::Trending, Kind::Ease];
        let mut budget = Budget::of(&args, 2, &kinds);
        let minutes = |ends: Instant| ends.duration_since(Instant::now()).as_secs_f64() / 60.0;

        assert_eq!(budget.searches, 4, "nothing is searched for of trends");
        assert!((minutes(budget.next()) - 2.5).abs() < 0.1);
        budget.skip(&kinds);
        assert!((minutes(budget.next()) - 10.0).abs() < 0.1, "what others left");
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("1h30m").unwrap(), Duration::from_secs(5_400));
        assert!(duration("-1m").is_err() && duration("soon").is_err());
    }
}
