//! Why an item is shown: found by asking the model that speaks most for it, and only if it says so.

use super::shop::{Candidate, Shop};
use super::{Placement, Question, Source};
use crate::train::{Kept, Kind};

/// Why an item is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The shopper bought it before.
    BoughtBefore,
    /// Who bought this, which the shopper bought, bought it.
    BecauseBought(u32),
    /// Who looked at this, which the shopper looked at, looked at it.
    BecauseViewed(u32),
    /// It is like this product.
    SimilarTo(u32),
    /// It is bought in one go with this product.
    BoughtTogether(u32),
    /// Its share of what is bought has risen.
    Trending,
    /// It is wanted here.
    Popular,
    /// It is among what came last.
    New,
    /// It can be had.
    Available,
}

impl Reason {
    /// Its name at the outside.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::BoughtBefore => "bought_before",
            Reason::BecauseBought(_) => "because_bought",
            Reason::BecauseViewed(_) => "because_viewed",
            Reason::SimilarTo(_) => "similar_to",
            Reason::BoughtTogether(_) => "bought_together",
            Reason::Trending => "trending",
            Reason::Popular => "popular",
            Reason::New => "new",
            Reason::Available => "available",
        }
    }

    /// The product that it is because of.
    #[must_use]
    pub const fn because(self) -> Option<u32> {
        match self {
            Reason::BecauseBought(item)
            | Reason::BecauseViewed(item)
            | Reason::SimilarTo(item)
            | Reason::BoughtTogether(item) => Some(item),
            _ => None,
        }
    }
}

impl Shop {
    /// The reason of the source that gives most, of those that can say one. `is_wanted` says whether it is in this market.
    #[must_use]
    pub fn reason(
        &self,
        question: &Question<'_>,
        candidate: &Candidate,
        is_wanted: bool,
    ) -> Reason {
        let item = candidate.item;
        let found = candidate.parts.iter().find_map(|&(source, _)| match source {
            Source::Blend => self.of_purchases(question, item),
            Source::Repeat => self.bought(question, item),
            Source::Session => {
                self.seen_with(item, &self.asked(question)).map(Reason::BecauseViewed)
            }
            Source::Alike => self.bought_with(item, &self.asked(question)).map(|of| {
                let is_own = question.placement != Placement::Similar;
                if is_own { Reason::BecauseViewed(of) } else { Reason::BecauseBought(of) }
            }),
            Source::Content => self.like(item, &self.asked(question)).map(Reason::SimilarTo),
            Source::Together => {
                self.in_baskets_with(item, question.about).map(Reason::BoughtTogether)
            }
            Source::Trending => self.is_trending(item).then_some(Reason::Trending),
            Source::Wanted => is_wanted.then_some(Reason::Popular),
            Source::Newest => self.newest.contains(&item).then_some(Reason::New),
        });
        found.unwrap_or(if is_wanted { Reason::Popular } else { Reason::Available })
    }

    /// Whether a reason holds, asked anew.
    #[must_use]
    pub fn holds(
        &self,
        question: &Question<'_>,
        item: u32,
        reason: Reason,
        is_wanted: bool,
    ) -> bool {
        let history = question.history;
        match reason {
            Reason::BoughtBefore => history.purchases.iter().any(|visit| visit.item == item),
            Reason::BecauseBought(of) => {
                let is_own = history.purchases.iter().any(|visit| visit.item == of);
                (is_own || question.about.contains(&of)) && self.bought_with(item, &[of]).is_some()
            }
            Reason::BecauseViewed(of) => {
                let is_own = self.asked(question).contains(&of);
                let is_so = self.seen_with(item, &[of]).or(self.bought_with(item, &[of]));
                is_own && is_so.is_some()
            }
            Reason::SimilarTo(of) => {
                self.asked(question).contains(&of) && self.like(item, &[of]).is_some()
            }
            Reason::BoughtTogether(of) => {
                question.about.contains(&of) && self.in_baskets_with(item, &[of]).is_some()
            }
            Reason::Trending => self.is_trending(item),
            Reason::Popular => is_wanted,
            Reason::New => self.newest.contains(&item),
            Reason::Available => true,
        }
    }

    /// The products that were asked about: the page's or the cart's, else the shopper's latest, the last one first.
    fn asked(&self, question: &Question<'_>) -> Vec<u32> {
        if !question.about.is_empty() {
            return question.about.to_vec();
        }
        question.history.clicks.iter().rev().map(|visit| visit.item).collect()
    }

    fn bought(&self, question: &Question<'_>, item: u32) -> Option<Reason> {
        let is_own = question.history.purchases.iter().any(|visit| visit.item == item);
        is_own.then_some(Reason::BoughtBefore)
    }

    fn of_purchases(&self, question: &Question<'_>, item: u32) -> Option<Reason> {
        let purchases: Vec<u32> =
            question.history.purchases.iter().map(|visit| visit.item).collect();
        let because = || self.bought_with(item, &purchases).map(Reason::BecauseBought);
        self.bought(question, item).or_else(because)
    }

    /// Which of these says most for the item among buyers.
    fn bought_with(&self, item: u32, of: &[u32]) -> Option<u32> {
        let (served, Kept::Blend(blend)) = self.model(Kind::Blend)? else { return None };
        let number = served.number(item)?;
        served.item(blend.because(&served.numbers(of), number)?)
    }

    /// Which of these was looked at in one session with the item, the first one that was.
    fn seen_with(&self, item: u32, of: &[u32]) -> Option<u32> {
        let (served, Kept::Session(session)) = self.model(Kind::Session)? else { return None };
        let number = served.number(item)?;
        of.iter().copied().find(|&of| {
            let of = served.number(of);
            of.is_some_and(|of| of != number && session.is_seen_with(of, number))
        })
    }

    fn in_baskets_with(&self, item: u32, of: &[u32]) -> Option<u32> {
        let (served, Kept::Together(together)) = self.model(Kind::Together)? else { return None };
        let number = served.number(item)?;
        served.item(together.because(&served.numbers(of), number)?)
    }

    /// Which of these is most like the item.
    fn like(&self, item: u32, of: &[u32]) -> Option<u32> {
        let alike =
            of.iter().filter(|&&of| of != item).map(|&of| (self.content.likeness(of, item), of));
        let best = alike
            .filter(|(likeness, _)| *likeness > 0.0)
            .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        best.map(|(_, of)| of)
    }

    fn is_trending(&self, item: u32) -> bool {
        let Some((served, Kept::Trending(trending))) = self.model(Kind::Trending) else {
            return false;
        };
        served.number(item).is_some_and(|number| trending.score(number) > 0.0)
    }
}
