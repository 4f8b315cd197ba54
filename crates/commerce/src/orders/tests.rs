//! The books after returns, against a fresh database.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use souk_base::{Currency, MarketCode};
use sqlx::{PgConnection, PgPool};

use super::accounts::postings;
use super::refunds::Bought;
use super::{
    Event, GroupState, Line, Order, Return, State, advance, cancel, of_number, reject, take_back,
};
use crate::carts::pricing::Amounts;
use crate::checkout::fixture::{bought, bought_wrapped, now, shop, verify};
use crate::ledger;

/// Purchases of a test; `SOUK_TEST_RETURNS` says another number.
const PURCHASES: u64 = 40;

type Books = BTreeMap<String, i64>;

async fn books(pool: &PgPool) -> Books {
    let mut connection = pool.acquire().await.unwrap();
    ledger::balances(&mut connection, Currency::Kwd).await.unwrap().into_iter().collect()
}

/// What was posted between two looks.
fn posted(before: &Books, after: &Books) -> Books {
    let mut posted = after.clone();
    for (account, minor) in before {
        *posted.entry(account.clone()).or_default() -= minor;
    }
    posted.retain(|_, minor| *minor != 0);
    posted
}

async fn deliver(connection: &mut PgConnection, order: &Order) {
    for event in [Event::Accept, Event::Ready, Event::Dispatch, Event::Deliver] {
        advance(connection, order.id, event, "staff:1", now()).await.unwrap();
    }
}

/// Takes some units of each line back, now and then in two steps; gives what the shopper keeps.
async fn take_some(connection: &mut PgConnection, order: &Order, chance: &mut StdRng) -> Amounts {
    let mut kept = Vec::new();
    for line in &order.lines {
        let units = chance.random_range(0..=line.quantity);
        let first = chance.random_range(0..=units);
        for quantity in [first, units - first].into_iter().filter(|units| *units > 0) {
            let returns = [Return { line: line.id, quantity }];
            take_back(connection, order.id, &returns, "staff:1", now()).await.unwrap();
        }
        kept.extend(rest(line, units));
    }
    // What is wrapped stays wrapped as long as there is anything of it.
    if !kept.is_empty() {
        kept.extend(order.wrapping);
    }
    Amounts::sum(kept)
}

/// The share of the units of a line that stay, when so many have gone back.
fn rest(line: &Line, returned: i32) -> Option<Amounts> {
    let Line { quantity, amounts, .. } = line;
    Bought { quantity: *quantity, returned, amounts: *amounts }.share(quantity - returned)
}

#[tokio::test]
async fn after_any_returns_every_account_has_what_the_rest_is_worth() {
    let purchases = std::env::var("SOUK_TEST_RETURNS").ok();
    let purchases = purchases.map_or(PURCHASES, |number| number.parse().unwrap());
    let db = shop().await;
    db.run(
        "update stock set on_hand = 1000000;
         update payment_methods set max_minor = 1000000000;
         insert into promotions (name, effect, market)
             values ('seventh', '{\"kind\": \"percentage\", \"rate_bp\": 1433}', 'KW');
         insert into wrappings (seller_id, market, minor) values (1, 'KW', 1333), (50, 'KW', 0)",
    )
    .await;
    let market: MarketCode = "KW".parse().unwrap();
    for seed in 0..purchases {
        let mut chance = StdRng::seed_from_u64(seed);
        let tax = format!(
            "update markets set tax_rate_bp = {}, tax_inclusive = {} where code = 'KW'",
            chance.random_range(0..2_000),
            chance.random::<bool>()
        );
        db.run(&tax).await;
        let before = books(db.pool()).await;
        let lines = [1, 2, 3].map(|offer| (offer, chance.random_range(1..=7)));
        let wrapped = [1, 50].into_iter().filter(|_| chance.random()).collect::<Vec<_>>();
        let lines = &lines[chance.random_range(0..=2)..];
        let done = bought_wrapped(db.pool(), lines, &wrapped, "cash").await;
        let mut connection = db.pool().acquire().await.unwrap();
        let purchase = of_number(&mut connection, &done.numbers[0]).await.unwrap();

        let mut expected = Books::new();
        for order in &purchase.orders {
            if chance.random_ratio(1, 4) {
                reject(&mut connection, order.id, "seller:1", "broken", now()).await.unwrap();
                continue;
            }
            if chance.random_ratio(1, 3) {
                // What is not there is taken out before it is delivered.
                for event in
                    &[Event::Accept, Event::Prepare, Event::Ready][..chance.random_range(0..=3)]
                {
                    advance(&mut connection, order.id, *event, "staff:1", now()).await.unwrap();
                }
            } else {
                deliver(&mut connection, order).await;
            }
            let kept = take_some(&mut connection, order, &mut chance).await;
            for (account, minor) in postings(market, order.seller_id, &kept, "cash:due") {
                *expected.entry(account).or_default() += minor;
            }
        }

        expected.retain(|_, minor| *minor != 0);
        assert_eq!(posted(&before, &books(db.pool()).await), expected, "seed {seed}: {lines:?}");
        verify(db.pool()).await;
    }
}

#[tokio::test]
async fn units_that_cannot_be_had_are_taken_out_and_with_the_last_the_order_is_cancelled() {
    let db = shop().await;
    let done = bought(db.pool(), &[(1, 3), (2, 1)], "cash").await;
    let mut connection = db.pool().acquire().await.unwrap();
    let order = of_number(&mut connection, &done.numbers[0]).await.unwrap().orders.remove(0);
    let unit = |at: usize| [Return { line: order.lines[at].id, quantity: 1 }];

    let first = take_back(&mut connection, order.id, &unit(0), "staff:1", now()).await.unwrap();

    let line = &order.lines[0];
    let kept = rest(line, 1).unwrap().total;
    assert_eq!(first.unwrap().minor, line.amounts.total - kept);
    assert_eq!(db.count("select sum(reserved) from stock").await, 3);
    let told = "select count(*) from outbox where topic = 'order.partly_cancelled'";
    assert_eq!(db.count(told).await, 1);
    for event in [Event::Accept, Event::Prepare, Event::Ready] {
        advance(&mut connection, order.id, event, "staff:1", now()).await.unwrap();
    }
    assert_eq!(db.count("select sum(on_hand) from stock").await, 27);
    // What has left the shelf goes back on it.
    take_back(&mut connection, order.id, &unit(0), "staff:1", now()).await.unwrap();
    assert_eq!(db.count("select sum(on_hand) from stock").await, 28);
    take_back(&mut connection, order.id, &unit(0), "staff:1", now()).await.unwrap();
    verify(db.pool()).await;
    take_back(&mut connection, order.id, &unit(1), "staff:1", now()).await.unwrap();

    let purchase = of_number(&mut connection, &done.numbers[0]).await.unwrap();
    assert_eq!(
        (purchase.orders[0].state, purchase.state),
        (State::Cancelled, GroupState::Cancelled)
    );
    assert_eq!(purchase.orders[0].refunded_minor, done.total.minor);
    assert_eq!(db.count("select sum(on_hand - reserved) from stock").await, 30);
    assert_eq!(db.count("select sum(reserved)::bigint from delivery_loads").await, 0);
    assert!(books(db.pool()).await.is_empty());
    verify(db.pool()).await;
}

#[tokio::test]
async fn nothing_is_taken_out_of_what_is_not_paid_or_on_its_way() {
    let db = shop().await;
    let mut connection = db.pool().acquire().await.unwrap();
    for (method, moves) in [
        ("transfer", &[][..]),
        ("cash", &[Event::Accept, Event::Ready, Event::Dispatch][..]),
        ("cash", &[Event::Cancel][..]),
    ] {
        let done = bought(db.pool(), &[(1, 1)], method).await;
        let order = of_number(&mut connection, &done.numbers[0]).await.unwrap().orders.remove(0);
        for event in moves {
            match event {
                Event::Cancel => {
                    _ = cancel(&mut connection, order.id, "staff:1", now()).await.unwrap()
                }
                event => {
                    _ = advance(&mut connection, order.id, *event, "staff:1", now()).await.unwrap()
                }
            }
        }
        let unit = [Return { line: order.lines[0].id, quantity: 1 }];

        let taken = take_back(&mut connection, order.id, &unit, "staff:1", now()).await;

        assert!(
            matches!(taken, Err(crate::Error::IllegalMove(_))),
            "{method} {moves:?}: {taken:?}"
        );
    }
    verify(db.pool()).await;
}

#[tokio::test]
async fn after_a_sellers_part_went_back_every_account_equals_a_purchase_without_it() {
    let db = shop().await;
    db.run("update stock set on_hand = 1000; update prices set minor = 5000 where offer_id = 2")
        .await;
    db.run("update markets set tax_rate_bp = 500, tax_inclusive = true where code = 'KW'").await;
    let mut connection = db.pool().acquire().await.unwrap();
    for (gone, alone) in [(50, &[(1, 3), (2, 1)][..]), (1, &[(3, 20)][..])] {
        for is_rejected in [true, false] {
            let start = books(db.pool()).await;
            let both = bought(db.pool(), &[(1, 3), (2, 1), (3, 20)], "cash").await;
            let purchase = of_number(&mut connection, &both.numbers[0]).await.unwrap();
            let part = purchase.orders.iter().find(|it| it.seller_id.get() == gone).unwrap();
            if is_rejected {
                reject(&mut connection, part.id, "staff:1", "broken", now()).await.unwrap();
            } else {
                deliver(&mut connection, part).await;
                let all = part.lines.iter().map(|it| Return { line: it.id, quantity: it.quantity });
                let all: Vec<_> = all.collect();
                take_back(&mut connection, part.id, &all, "staff:1", now()).await.unwrap();
            }
            let between = books(db.pool()).await;
            bought(db.pool(), alone, "cash").await;
            let end = books(db.pool()).await;

            assert_eq!(posted(&start, &between), posted(&between, &end), "without seller {gone}");
        }
    }
    verify(db.pool()).await;
}
