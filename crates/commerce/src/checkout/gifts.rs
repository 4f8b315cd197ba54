//! Purchases that are wrapped as gifts, against a fresh database.

use souk_base::Currency;
use souk_testdb::TestDb;

use super::fixture::{asked, bought_wrapped, buy, cart, now, read, shop, verify, wrap};
use super::{Completed, Refusal};
use crate::carts::ProblemKind;
use crate::orders::{self, Event, Order, Return, advance, of_number};
use crate::{Error, ledger};

/// The shop, whose house wraps for 0.700 dinar and whose other seller does for nothing; 5 % tax on top of prices.
async fn wrapping_shop() -> TestDb {
    let db = shop().await;
    db.run(
        "insert into wrappings (seller_id, market, minor) values (1, 'KW', 700), (50, 'KW', 0);
         update markets set tax_rate_bp = 500, tax_inclusive = false, payable_step = 1 where code = 'KW'",
    )
    .await;
    db
}

async fn order(db: &TestDb, done: &Completed) -> Order {
    let mut connection = db.pool().acquire().await.unwrap();
    of_number(&mut connection, &done.numbers[0]).await.unwrap().orders.remove(0)
}

#[tokio::test]
async fn wrapping_is_a_part_of_the_price_at_once_taxed_as_delivery_is_and_kept_with_the_order() {
    let db = wrapping_shop().await;
    let id = cart(db.pool(), &[(1, 1), (3, 1)]).await;
    let plain = read(db.pool(), id).await;

    wrap(db.pool(), id, &[1, 50]).await;

    let wrapped = read(db.pool(), id).await;
    assert_eq!(plain.amounts.wrapping, 0);
    let offered: Vec<_> = plain.deliveries.iter().map(|it| it.wrapping_minor).collect();
    assert_eq!(offered, [Some(700), Some(0)]);
    assert_eq!(wrapped.amounts.wrapping, 700);
    assert_eq!(wrapped.amounts.total, plain.amounts.total + 735);
    let done = buy(db.pool(), &asked(db.pool(), id, "cash").await, now()).await.unwrap();
    let order = order(&db, &done).await;
    let part = order.wrapping.unwrap();
    assert_eq!((part.wrapping, part.tax, part.rounding, part.total), (700, 35, 0, 735));
    let mut connection = db.pool().acquire().await.unwrap();
    let books = ledger::balances(&mut connection, Currency::Kwd).await.unwrap();
    assert!(books.contains(&("sales:1".to_owned(), -13_200)), "{books:?}");
    verify(db.pool()).await;
}

#[tokio::test]
async fn what_its_seller_does_not_wrap_is_a_problem_and_nothing_is_bought() {
    let db = wrapping_shop().await;
    let id = cart(db.pool(), &[(1, 1), (3, 1)]).await;
    wrap(db.pool(), id, &[1, 50]).await;
    let asked = asked(db.pool(), id, "cash").await;

    db.run("delete from wrappings where seller_id = 50").await;

    let problems = read(db.pool(), id).await.problems;
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, ProblemKind::NotWrapped);
    assert_eq!(problems[0].seller_id, Some(50.into()));
    let refused = buy(db.pool(), &asked, now()).await;
    let Err(Error::Refused(Refusal::CartIncomplete(kinds))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(kinds, [ProblemKind::NotWrapped]);
}

#[tokio::test]
async fn units_go_back_without_their_wrapping_and_the_last_one_takes_it_along() {
    let db = wrapping_shop().await;
    let done = bought_wrapped(db.pool(), &[(1, 2)], &[1], "cash").await;
    let bought = order(&db, &done).await;
    let mut connection = db.pool().acquire().await.unwrap();
    for event in [Event::Accept, Event::Ready, Event::Dispatch, Event::Deliver] {
        advance(&mut connection, bought.id, event, "staff:1", now()).await.unwrap();
    }
    let unit = [Return { line: bought.lines[0].id, quantity: 1 }];

    let first = orders::take_back(&mut connection, bought.id, &unit, "staff:1", now()).await;
    let between = order(&db, &done).await;
    let last = orders::take_back(&mut connection, bought.id, &unit, "staff:1", now()).await;

    let line = bought.lines[0].amounts.total;
    assert_eq!(first.unwrap().unwrap().minor, line / 2);
    assert_eq!(between.refunded_minor, line / 2);
    assert_eq!(last.unwrap().unwrap().minor, line - line / 2 + bought.wrapping.unwrap().total);
    assert_eq!(order(&db, &done).await.refunded_minor, bought.amounts.total);
    verify(db.pool()).await;
}

#[tokio::test]
async fn a_wrapped_order_that_is_given_up_gives_its_wrapping_back_too() {
    let db = wrapping_shop().await;
    let done = bought_wrapped(db.pool(), &[(1, 2), (2, 1)], &[1], "cash").await;
    let bought = order(&db, &done).await;
    let mut connection = db.pool().acquire().await.unwrap();

    let back = orders::reject(&mut connection, bought.id, "seller:1", "broken", now()).await;

    assert_eq!(back.unwrap().unwrap().minor, done.total.minor);
    assert!(ledger::balances(&mut connection, Currency::Kwd).await.unwrap().is_empty());
    verify(db.pool()).await;
}
