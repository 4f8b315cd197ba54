//! The place of a match in the order, as a few numbers that a person can read.
//!
//! First come buckets: how many words of the query the product has, how far they are from what was typed, and
//! whether they stand together in its title. Within a bucket a blended score decides: BM25 as a share of the
//! best possible, what the product *is* (see `titles.rs`), what it costs beside the others, how popular and
//! how available it is. [`Rank`] holds all of it, and is what `explain` shows.

use rustc_hash::FxHashMap;
use souk_base::{Lang, Weights};

use crate::lexicon::{StemId, Words};
use crate::matching::{Match, Matches};
use crate::searcher::Searcher;
use crate::segment::SegmentColumns;
use crate::titles::{Mark, Title};
use crate::totals::Totals;

/// Words behind a word that are looked at for what it is part of.
const PHRASE_LENGTH: usize = 4;

/// Words behind which a title says what the product is for, not what it is; folded.
const INTRODUCING: [(Lang, &[&str]); 3] = [
    (Lang::En, &["for", "with", "without"]),
    (Lang::Ru, &["для", "с", "со", "без", "под"]),
    (Lang::Ar, &["مع", "بدون"]),
];

/// The share of the best possible BM25 that counts as 1: hardly any document has all of it.
const BEST_SHARE: f32 = 0.8;
/// The share of the median price below which a product is cheap.
const CHEAP_BELOW: f32 = 0.25;
/// In so many seconds a product is half as new.
const NEWNESS_HALF_LIFE_S: f32 = 30.0 * 86_400.0;

/// Why a hit has its place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rank {
    /// Words of the query it has.
    pub matched_words: u8,
    /// How far they are from what was typed: one for each slip or added letter.
    pub typo_cost: u8,
    /// 2 when its title has the words one behind the other, 1 when it has them all, else 0.
    pub exactness: u8,
    /// The sum of what follows.
    pub score: f32,
    /// BM25 as a share of the best possible.
    pub text: f32,
    /// What it is: positive when the words name it, negative when they only describe it.
    pub kind: f32,
    /// Words that follow each other in the title.
    pub together: f32,
    /// What it costs beside the others.
    pub price: f32,
    /// How often it was bought.
    pub popularity: f32,
    /// Whether it can be had.
    pub availability: f32,
    /// How lately it came.
    pub newness: f32,
    /// What rules multiply the score by.
    pub factor: f32,
}

impl Rank {
    /// The part that comes before any score; larger comes first.
    #[must_use]
    pub const fn bucket(&self) -> u32 {
        bucket(self.matched_words, self.typo_cost, self.exactness)
    }
}

const fn bucket(matched: u8, cost: u8, exactness: u8) -> u32 {
    (matched as u32) << 16 | ((u8::MAX - cost) as u32) << 8 | exactness as u32
}

/// What a title has of a query.
#[derive(Clone, Copy, Default)]
struct InTitle {
    /// Words of the query, a bit each.
    words: u16,
    /// Pairs of neighbours of the query that are neighbours here.
    pairs: u8,
    /// Whether the last word is what the title names (1) or describes it (−1); 0 when it is not there.
    last: f32,
    /// The same of the words before, summed.
    earlier: f32,
}

/// Ranks the matches of one query.
pub(crate) struct Ranker<'r> {
    weights: Weights,
    totals: &'r Totals,
    languages: Vec<Language>,
    words: u8,
    best_score: f32,
    now_s: i64,
    /// Prices below this are cheap.
    cheap_below: f32,
    most_popular: f32,
}

/// The stems of a query's words in one language.
struct Language {
    lang: Lang,
    /// Words of the query that each stem is an alternative of, a bit each.
    stems: FxHashMap<StemId, u16>,
    introducing: Vec<StemId>,
}

/// What a query's words are looked for as, in one language.
pub(crate) struct Stems {
    pub(crate) lang: Lang,
    /// By word of the query.
    pub(crate) words: Vec<Vec<String>>,
}

/// What the matches have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// The price in the middle, in minor units.
    pub(crate) median_minor: i64,
    pub(crate) most_popular: f32,
}

impl Field {
    /// The field of matches with these prices, in minor units, and popularities.
    pub(crate) fn of(matches: impl Iterator<Item = (i64, f32)>) -> Field {
        let mut prices = Vec::with_capacity(matches.size_hint().1.unwrap_or(0));
        let mut most_popular = 0.0_f32;
        for (minor, popularity) in matches {
            prices.push(minor);
            most_popular = most_popular.max(popularity);
        }
        let middle = prices.len() / 2;
        let median = (!prices.is_empty()).then(|| *prices.select_nth_unstable(middle).1);
        Field { median_minor: median.unwrap_or(0), most_popular }
    }
}

impl<'r> Ranker<'r> {
    pub(crate) fn new(
        searcher: &'r Searcher,
        weights: Weights,
        stems: &[Stems],
        matches: &Matches,
        field: Field,
        now_s: i64,
    ) -> Ranker<'r> {
        let words = stems.first().map_or(0, |stems| stems.words.len());
        let languages = stems.iter().map(|stems| Language::new(searcher, stems)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a price that is compared")]
        let median = field.median_minor as f32;
        Ranker {
            weights,
            totals: searcher.totals(),
            languages,
            words: u8::try_from(words).unwrap_or(u8::MAX),
            best_score: (matches.best_score * BEST_SHARE).max(f32::MIN_POSITIVE),
            now_s,
            cheap_below: median * CHEAP_BELOW,
            most_popular: field.most_popular,
        }
    }

    /// The best bucket and score that this match could have, without a look at its title.
    pub(crate) fn at_most(&self, found: &Match) -> (u32, f32) {
        let all = u32::from(self.words) == found.titled.count_ones();
        let exactness = if all { 2 } else { 0 };
        let weights = &self.weights;
        let earlier = f32::from(self.words.saturating_sub(1)) * weights.earlier;
        let bonus =
            weights.named + earlier + weights.together + weights.popularity + weights.newness;
        let text = weights.text * found.score / self.best_score;
        (bucket(matched(found), found.cost, exactness), text + bonus)
    }

    /// The rank of a match.
    pub(crate) fn rank(
        &self,
        found: &Match,
        columns: &SegmentColumns,
        in_stock: bool,
        factor: f32,
    ) -> Rank {
        let shown = &found.shown;
        let in_title = self.in_title(found, columns);
        let weights = &self.weights;
        let full = self.words > 0 && in_title.words.count_ones() == u32::from(self.words);
        let pairs = self.words.saturating_sub(1);
        let exactness = u8::from(full) + u8::from(full && in_title.pairs == pairs);
        let last = if in_title.last > 0.0 { weights.named } else { weights.describing };
        let mut rank = Rank {
            matched_words: matched(found),
            typo_cost: found.cost,
            exactness,
            score: 0.0,
            text: weights.text * found.score / self.best_score,
            kind: in_title.last * last - in_title.earlier * weights.earlier,
            together: weights.together * f32::from(in_title.pairs) / f32::from(pairs.max(1)),
            price: -weights.cheap * self.cheapness(shown.minor),
            popularity: weights.popularity * self.popularity(shown.popularity),
            availability: if in_stock { 0.0 } else { -weights.availability },
            newness: weights.newness * self.newness(columns.created_at(found.document)),
            factor,
        };
        let sum = rank.text + rank.kind + rank.together + rank.price;
        rank.score = (sum + rank.popularity + rank.availability + rank.newness) * factor;
        rank
    }

    /// 0 for an ordinary price, towards 1 the farther below the others it is.
    fn cheapness(&self, minor: i64) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a price that is compared")]
        let minor = minor.max(1) as f32;
        if minor < self.cheap_below { (self.cheap_below / minor).ln().min(1.0) } else { 0.0 }
    }

    /// 1 for what came just now, half as much a month later.
    fn newness(&self, created_at_s: i64) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "an age in whole seconds, where days count")]
        let age_s = (self.now_s - created_at_s).max(0) as f32;
        (-age_s / NEWNESS_HALF_LIFE_S).exp2()
    }

    fn popularity(&self, popularity: f32) -> f32 {
        if self.most_popular <= 0.0 { 0.0 } else { popularity.ln_1p() / self.most_popular.ln_1p() }
    }

    /// The best of the titles in the languages searched.
    fn in_title(&self, found: &Match, columns: &SegmentColumns) -> InTitle {
        let mut best = InTitle::default();
        if found.titled == 0 {
            return best;
        }
        for language in &self.languages {
            let title = columns.titles(language.lang).get(found.document);
            let in_title = language.in_title(&title, self.words, self.totals);
            let counts = |it: &InTitle| (it.words.count_ones(), it.pairs);
            if counts(&in_title) > counts(&best)
                || (counts(&in_title) == counts(&best) && in_title.last > best.last)
            {
                best = in_title;
            }
        }
        best
    }
}

fn matched(found: &Match) -> u8 {
    u8::try_from(found.words()).unwrap_or(u8::MAX)
}

impl Language {
    fn new(searcher: &Searcher, stems: &Stems) -> Language {
        let known = searcher.lexicon().read(stems.lang);
        let mut words: FxHashMap<StemId, u16> = FxHashMap::default();
        for (place, alternatives) in stems.words.iter().enumerate() {
            for id in alternatives.iter().filter_map(|stem| known.stem_id(stem)) {
                *words.entry(id).or_default() |= 1 << place;
            }
        }
        let introducing = INTRODUCING.iter().filter(|(lang, _)| *lang == stems.lang);
        let introducing = introducing.flat_map(|(_, words)| words.iter());
        let introducing = introducing.filter_map(|word| stem_of(&known, word)).collect();
        Language { lang: stems.lang, stems: words, introducing }
    }

    fn in_title(&self, title: &Title<'_>, words: u8, totals: &Totals) -> InTitle {
        let mut found = InTitle::default();
        let last = words.checked_sub(1).map_or(0, |place| 1_u16 << place);
        let mut before = 0;
        let mut introduced = false;
        let mut last_is: Option<f32> = None;
        for (place, stem) in title.stems.iter().enumerate() {
            introduced |= self.introducing.contains(stem);
            let of = self.stems.get(stem).copied().unwrap_or(0);
            if of != 0 {
                found.words |= of;
                let follows = (before << 1) & of;
                found.pairs = found.pairs.saturating_add(u8::from(follows != 0));
                let is = if introduced {
                    -1.0
                } else {
                    1.0 - 2.0 * self.describes(title, place, of, totals)
                };
                if of & last != 0 {
                    last_is = Some(last_is.map_or(is, |best| best.max(is)));
                } else {
                    found.earlier += is;
                }
            }
            before = of;
        }
        found.pairs = found.pairs.min(words.saturating_sub(1));
        found.last = last_is.unwrap_or(0.0);
        found
    }

    /// How surely the word at this place describes a word behind it, 0 to 1.
    fn describes(&self, title: &Title<'_>, place: usize, of: u16, totals: &Totals) -> f32 {
        let mut describes = 0.0_f32;
        let mut at = place;
        for _ in 0..PHRASE_LENGTH {
            let mark = title.mark(at);
            if mark.has(Mark::ENDS) {
                break;
            }
            at += 1;
            let Some(next) = title.stems.get(at) else { break };
            // What is joined is an equal, and described by the same words.
            if mark.has(Mark::JOINS) {
                continue;
            }
            if totals.has_digit(self.lang, *next) || self.introducing.contains(next) {
                break;
            }
            if self.stems.get(next).is_some_and(|&word| word & of != 0) {
                describes = 0.0;
            } else {
                describes = describes.max(totals.headness(self.lang, *next));
            }
        }
        describes
    }
}

fn stem_of(known: &Words, folded: &str) -> Option<StemId> {
    let id = known.spelled(folded).first()?;
    Some(known.get(*id).stem)
}
