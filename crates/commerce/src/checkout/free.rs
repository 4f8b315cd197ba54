//! Purchases that cost nothing, against a fresh database.

use souk_base::Currency;
use souk_testdb::TestDb;
use tokio::task::JoinSet;

use super::fixture::{answer, asked, buy, cart, now, read, shop, till, verify};
use super::{Done, Refusal, complete};
use crate::orders::{self, GroupState, of_number};
use crate::payments::Gateways;
use crate::writes::IdempotencyKey;
use crate::{Conflict, Error, ledger};

/// The shop, in which everything and its delivery are given away.
async fn generous_shop() -> TestDb {
    let db = shop().await;
    db.run(
        "insert into promotions (name, effect, market, uses_max) values
             ('all', '{\"kind\": \"percentage\", \"rate_bp\": 10000}', 'KW', 10),
             ('way', '{\"kind\": \"free_delivery\"}', 'KW', null)",
    )
    .await;
    db
}

#[tokio::test]
async fn a_cart_that_costs_nothing_is_placed_once_without_a_payment_however_many_ask() {
    let db = generous_shop().await;
    let id = cart(db.pool(), &[(1, 2), (3, 1)]).await;
    assert_eq!(read(db.pool(), id).await.amounts.total, 0);
    let asked = asked(db.pool(), id, "").await;
    let mut buyers = JoinSet::new();
    for n in 0..32 {
        let (pool, asked) = (db.pool().clone(), asked.clone());
        buyers.spawn(async move {
            // Half of them with one key, half each with its own.
            let key = if n % 2 == 0 { "one".to_owned() } else { n.to_string() };
            let key = IdempotencyKey::new("cart", &key, &[]);
            let gateways = Gateways::none();
            complete(till(&pool, &gateways), key, &asked, now(), answer).await
        });
    }
    let results = buyers.join_all().await;

    let mut made = Vec::new();
    for result in results {
        match result {
            Ok(Done::Now(completed, ..)) => made.push(completed),
            Ok(Done::Before(_))
            | Err(
                Error::Refused(Refusal::CartCompleted)
                | Error::Conflict(Conflict::CartBought)
                | Error::KeyInUse,
            ) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].state, &*made[0].method.code), (GroupState::Placed, "free"));
    assert_eq!(db.count("select count(*) from order_groups where account = 'free'").await, 1);
    assert_eq!(db.count("select count(*) from payment_intents where state = 'succeeded'").await, 1);
    assert_eq!(db.count("select count(*) from payment_attempts").await, 0);
    assert_eq!(db.count("select sum(reserved) from stock").await, 3);
    assert_eq!(db.count("select uses::bigint from promotions where name = 'all'").await, 1);
    assert_eq!(db.count("select count(*) from ledger_entries").await, 0);
    verify(db.pool()).await;
}

#[tokio::test]
async fn a_purchase_that_cost_nothing_is_given_up_like_any_other() {
    let db = generous_shop().await;
    let id = cart(db.pool(), &[(1, 2)]).await;
    let done = buy(db.pool(), &asked(db.pool(), id, "").await, now()).await.unwrap();
    let mut connection = db.pool().acquire().await.unwrap();
    let order = of_number(&mut connection, &done.numbers[0]).await.unwrap().orders.remove(0);

    let back = orders::cancel(&mut connection, order.id, "shopper", now()).await.unwrap();

    assert_eq!(back.map(|back| back.minor), Some(0));
    assert_eq!(db.count("select sum(reserved) from stock").await, 0);
    assert_eq!(db.count("select uses::bigint from promotions where name = 'all'").await, 0);
    verify(db.pool()).await;
}

#[tokio::test]
async fn what_rounding_makes_free_is_booked_and_goes_out_of_the_books_with_its_order() {
    let db = shop().await;
    db.run(
        "update prices set minor = 4 where offer_id = 3;
         update delivery_windows set fee_minor = 0, free_from_minor = null",
    )
    .await;
    let id = cart(db.pool(), &[(3, 1)]).await;
    let done = buy(db.pool(), &asked(db.pool(), id, "cash").await, now()).await.unwrap();
    assert_eq!((done.total.minor, done.state), (0, GroupState::Placed));
    let mut connection = db.pool().acquire().await.unwrap();
    let books = ledger::balances(&mut connection, Currency::Kwd).await.unwrap();
    let expected = [("rounding:KW", 4), ("sales:50", -4)];
    assert_eq!(books, expected.map(|(account, minor)| (account.to_owned(), minor)));
    verify(db.pool()).await;
    let order = of_number(&mut connection, &done.numbers[0]).await.unwrap().orders.remove(0);

    orders::cancel(&mut connection, order.id, "shopper", now()).await.unwrap();

    assert!(ledger::balances(&mut connection, Currency::Kwd).await.unwrap().is_empty());
    verify(db.pool()).await;
}
