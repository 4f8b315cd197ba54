//! A shop of two tastes: what is recommended to whom, and that every reason holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{History, Neighbours, Placement, Question, Reason, Served, Shop};
use crate::event::DAY_MS;
use crate::models::Visit;
use crate::models::session::Scratch;
use crate::train::{self, Data, Gathering, Kind, Settings, Size};
use crate::{Content, Texts};

/// What the shop calls a model's item: another number.
const SHIFT: u32 = 100;

/// 80 customers of two tastes over 120 days; the last item of each taste is new and nobody knows it yet.
fn data() -> Data {
    let mut gathering = Gathering::default();
    (0..40).for_each(|item| gathering.bought(None, &format!("first {item}"), &item.to_string(), 0));
    for customer in 0..80_i64 {
        for visit in 0..8 {
            let time_ms = (visit * 15 + customer % 14) * DAY_MS + customer * 1_000;
            for line in 0..4 {
                let item = customer % 2 * 20 + (customer * 3 + visit * 5 + line * line * 2) % 20;
                let (who, item) = (customer.to_string(), item.to_string());
                gathering.bought(Some(&who), &format!("{customer}-{visit}"), &item, time_ms);
                gathering.clicked(&who, &item, time_ms + line * 1_000);
            }
        }
    }
    gathering.data()
}

fn shop() -> Shop {
    let data = data();
    let size = Size { items_max: 500, windows: 3, tuned: false };
    let mut shop = Shop::default();
    for kind in Kind::SERVING {
        let now_ms = 125 * DAY_MS;
        let (kept, _) =
            train::fit(kind, data.of(kind), now_ms, size, &Settings::default()).unwrap();
        let items =
            (0..40).map(|item| data.items.name(item).parse().ok().map(|it: u32| it + SHIFT));
        let served = Served::new(kept, format!("{} 1", kind.name()), items.collect());
        shop.models.insert(kind, Arc::new(served));
    }
    let mut texts = Texts::default();
    for item in 0..42_u32 {
        // 40 and 41 came last and are described as the two tastes are.
        let taste = if item < 40 { item / 20 } else { item - 40 };
        texts.push(item + SHIFT, [u64::from(taste), 100 + u64::from(item) % 10]);
    }
    shop.content = Arc::new(Neighbours::of(Content::of(texts).unwrap()));
    shop.wanted = (0..40).map(|item| item + SHIFT).collect();
    shop.newest = vec![41 + SHIFT, 40 + SHIFT];
    shop
}

fn bought(clicks: &[u32], purchases: &[u32]) -> History {
    History { clicks: visits(clicks), purchases: visits(purchases), ..History::default() }
}

fn visits(items: &[u32]) -> Vec<Visit> {
    let visit = |(&item, place): (&u32, i64)| Visit {
        item: item + SHIFT,
        time_ms: 124 * DAY_MS + place * 60_000,
    };
    items.iter().zip(0..).map(visit).collect()
}

fn first(shop: &Shop, question: &Question<'_>, count: usize) -> Vec<u32> {
    let candidates = shop.candidates(question, &mut Scratch::default());
    candidates.iter().take(count).map(|it| it.item - SHIFT).collect()
}

#[test]
fn one_click_makes_the_page_the_visitors() {
    let shop = shop();
    let nobody = History::default();
    let somebody = History { clicks: visits(&[25]), ..History::default() };
    let ask = |history| Question {
        placement: Placement::Home,
        history,
        about: &[],
        now_ms: 125 * DAY_MS,
    };

    let before = first(&shop, &ask(&nobody), 10);
    let after = first(&shop, &ask(&somebody), 10);

    assert_eq!(before.len(), 10);
    assert!(before.iter().any(|item| *item < 20));
    assert!(after.iter().all(|item| (20..40).contains(item) || *item == 41), "{after:?}");
}

#[test]
fn every_reason_holds_and_every_kind_of_reason_occurs() {
    let shop = shop();
    let histories = [
        History::default(),
        History { clicks: visits(&[3, 7, 5]), ..History::default() },
        bought(&[22], &[21, 24, 21, 30]),
    ];
    let mut codes = BTreeSet::new();
    for history in &histories {
        for (_, placement) in Placement::NAMES {
            let about: &[u32] = match placement {
                Placement::Similar | Placement::Together => &[25 + SHIFT],
                Placement::Cart => &[25 + SHIFT, 27 + SHIFT],
                _ => &[],
            };
            let question = Question { placement, history, about, now_ms: 125 * DAY_MS };
            let candidates = shop.candidates(&question, &mut Scratch::default());
            assert!(candidates.len() >= 30, "{}", placement.name());
            for candidate in candidates {
                let is_wanted = candidate.item < 40 + SHIFT;
                let reason = shop.reason(&question, &candidate, is_wanted);
                assert!(shop.holds(&question, candidate.item, reason, is_wanted), "{reason:?}");
                assert!(!about.contains(&candidate.item));
                codes.insert(reason.code());
            }
        }
    }
    assert!(codes.len() >= 8, "{codes:?}");
}

#[test]
fn a_reason_that_is_none_does_not_hold() {
    let shop = shop();
    let history = bought(&[3], &[7]);
    let question = Question {
        placement: Placement::Home,
        history: &history,
        about: &[],
        now_ms: 125 * DAY_MS,
    };

    for reason in [
        Reason::BoughtBefore,
        Reason::BecauseBought(8 + SHIFT),
        Reason::BecauseViewed(7 + SHIFT),
        Reason::SimilarTo(41 + SHIFT),
        Reason::BoughtTogether(3 + SHIFT),
        Reason::New,
        Reason::Popular,
    ] {
        assert!(!shop.holds(&question, 5 + SHIFT, reason, false), "{reason:?}");
    }
}

#[test]
fn what_nobody_knows_yet_is_found_by_what_it_says_of_itself() {
    let shop = shop();
    let history = History::default();
    let question = Question {
        placement: Placement::Similar,
        history: &history,
        about: &[21 + SHIFT],
        now_ms: 125 * DAY_MS,
    };

    assert!(first(&shop, &question, 12).contains(&41));
}

#[test]
fn a_shopper_has_the_segment_of_customers_who_buy_alike() {
    let shop = shop();
    let of = |purchases: &[u32]| {
        let history = History { purchases: visits(purchases), ..History::default() };
        shop.segment(&history, 125 * DAY_MS)
    };

    assert_eq!(of(&[]), None);
    assert!(of(&[1]).is_some());
    assert_eq!(Shop::default().segment(&History::default(), 0), None);
}

#[test]
fn what_lies_in_the_cart_is_completed_and_not_repeated() {
    let shop = shop();
    let history = History::default();
    let about = [2 + SHIFT, 4 + SHIFT];
    let question =
        Question { placement: Placement::Cart, history: &history, about: &about, now_ms: 0 };

    let items = first(&shop, &question, 5);
    assert!(items.iter().all(|item| *item < 20 && *item != 2 && *item != 4), "{items:?}");
}
