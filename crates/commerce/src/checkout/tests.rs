//! Checkout against a fresh database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use rand::seq::SliceRandom;
use souk_base::{Currency, Money, OfferId};
use souk_testdb::TestDb;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::fixture::{answer, asked, bought, buy, cart, now, read, shop, till, verify};
use super::{Asked, Done, Refusal, complete};
use crate::carts::{self, Address, CartId, Gift, Recipient, SlotId};
use crate::orders::{self, Event, GroupState, Paid, Reason, Return, Settled};
use crate::payments::Gateways;
use crate::writes::IdempotencyKey;
use crate::writes::fixture::{keep, write};
use crate::{Error, Result, ledger};

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn balances(pool: &PgPool) -> HashMap<String, i64> {
    let mut connection = pool.acquire().await.unwrap();
    ledger::balances(&mut connection, Currency::Kwd).await.unwrap().into_iter().collect()
}

fn money(account: &str, minor: i64) -> Paid {
    Paid { amount: Money::new(minor, Currency::Kwd), account: account.to_owned() }
}

#[tokio::test]
async fn a_cart_of_two_sellers_becomes_one_purchase_of_two_orders_whose_shares_add_up() {
    let db = shop().await;

    let done = bought(db.pool(), &[(1, 2), (2, 1), (3, 3)], "cash").await;

    // 25.000 + 4.995 + 3.000 and two deliveries of 1.500: 35.995, rounded to the step of 10 fils.
    assert_eq!((done.state, done.total.minor, done.numbers.len()), (GroupState::Placed, 36_000, 2));
    let mut connection = db.pool().acquire().await.unwrap();
    let purchase = orders::of_number(&mut connection, &done.numbers[0]).await.unwrap();
    assert_eq!((purchase.amounts.rounding, purchase.amounts.delivery), (5, 3_000));
    assert_eq!(purchase.orders.iter().map(|order| order.lines.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(purchase.orders[0].lines[0].titles["ar"], "وردة");
    assert_eq!(balances(db.pool()).await["cash:due"], 36_000);
    assert_eq!(db.count("select sum(reserved) from stock").await, 6);
    assert_eq!(db.count("select sum(reserved)::bigint from delivery_loads").await, 2);
    verify(db.pool()).await;
}

#[tokio::test]
async fn one_cart_is_bought_once_however_many_ask_and_a_repetition_gets_the_same_answer() {
    let db = shop().await;
    let id = cart(db.pool(), &[(1, 1)]).await;
    let asked = asked(db.pool(), id, "cash").await;
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

    let made: Vec<_> =
        results.iter().filter(|result| matches!(result, Ok(Done::Now(..)))).collect();
    assert_eq!(made.len(), 1);
    for result in results.iter().filter_map(|result| result.as_ref().err()) {
        let is_clean = matches!(
            result,
            Error::Refused(Refusal::CartCompleted) | Error::KeyInUse | Error::Busy
        );
        assert!(
            is_clean || matches!(result, Error::Database(sqlx::Error::PoolTimedOut)),
            "{result}"
        );
    }
    assert_eq!(db.count("select count(*) from order_groups").await, 1);
    verify(db.pool()).await;
}

#[tokio::test]
async fn what_changed_meanwhile_is_named_and_nothing_is_written() {
    let db = shop().await;
    let buy_after = async |change: &str| {
        let id = cart(db.pool(), &[(1, 4), (3, 1)]).await;
        let asked = asked(db.pool(), id, "cash").await;
        db.run(change).await;
        refusal(buy(db.pool(), &asked, now()).await)
    };

    let dearer = buy_after("update prices set minor = 12600 where offer_id = 1").await;
    // 50.400 and free delivery, 1.000 and delivery for 1.500.
    assert!(matches!(dearer, Refusal::TotalChanged(total) if total.minor == 52_900), "{dearer:?}");
    let short = buy_after("update stock set on_hand = 3 where offer_id = 1").await;
    assert_eq!(short, Refusal::OutOfStock(vec![1.into()]));
    db.run("update stock set on_hand = 10").await;
    let full = buy_after("update delivery_windows set capacity = 0").await;
    assert!(matches!(full, Refusal::SlotFull(_)));
    db.run("update delivery_windows set capacity = null").await;
    let closed = buy_after("update delivery_windows set cut_off_at = '08:00'").await;
    assert_eq!(closed, Refusal::SlotClosed);
    db.run("update delivery_windows set cut_off_at = '13:00'").await;
    let gone = buy_after("update offers set state = 'paused' where id = 3").await;
    assert!(matches!(gone, Refusal::CartIncomplete(_)));
    db.run("update offers set state = 'active'").await;
    let cash =
        buy_after("update markets set flags = flags || '{\"cash_on_delivery\": false}'").await;
    assert_eq!(cash, Refusal::MethodNotOffered);

    assert_eq!(db.count("select count(*) from order_groups").await, 0);
    verify(db.pool()).await;
}

/// Carts like this one, each to be bought by somebody else.
async fn likewise(db: &TestDb, cart: CartId, count: usize) -> Vec<Asked> {
    let like = asked(db.pool(), cart, "cash").await;
    let copies = format!(
        "with made as (
             insert into carts
             select copy.* from carts, generate_series(1, {count}) as number,
                    jsonb_populate_record(carts, jsonb_build_object('id', gen_random_uuid(), 'number', number)) as copy
             where carts.id = '{cart}'
             returning id),
         lines as (
             insert into cart_lines (cart_id, offer_id, quantity, minor)
             select made.id, offer_id, quantity, minor from made, cart_lines where cart_id = '{cart}')
         select id::text from made"
    );
    let ids: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(copies)).fetch_all(db.pool()).await.unwrap();
    let asked = |id: &String| Asked {
        cart: id.parse().unwrap(),
        phone: format!("+965{:08}", rand::random::<u32>() % 100_000_000).parse().unwrap(),
        ..like.clone()
    };
    ids.iter().map(asked).collect()
}

/// Everybody buys at once; how many did, and why the others did not.
async fn race(pool: &PgPool, carts: Vec<Asked>) -> (usize, Vec<Error>) {
    let mut buyers = JoinSet::new();
    for asked in carts {
        let pool = pool.clone();
        buyers.spawn(async move {
            loop {
                match buy(&pool, &asked, now()).await {
                    // The pool of a test is small, and a client would try again.
                    Err(Error::Busy) => {}
                    other => return other,
                }
            }
        });
    }
    let (mut bought, mut refused) = (0, Vec::new());
    for result in buyers.join_all().await {
        match result {
            Ok(_) => bought += 1,
            Err(error) => refused.push(error),
        }
    }
    (bought, refused)
}

/// Whether a race for so many units by more than as many buyers ended well. Whoever wants two gets none of a last one.
fn is_fair(units: i64, sold: i64, reserved: i64) -> bool {
    (units - 1..=units).contains(&sold) && reserved == sold
}

#[tokio::test]
async fn of_256_buyers_of_100_units_as_many_get_some_as_there_are() {
    let db = shop().await;
    db.run("update stock set on_hand = 100 where offer_id = 1; update stock set on_hand = 1000 where offer_id = 2")
        .await;
    let one = cart(db.pool(), &[(1, 1), (2, 1)]).await;
    // A second line of the same stock, as a promotion's gift would be.
    let two = cart(db.pool(), &[(1, 1), (2, 1)]).await;
    db.run(&format!(
        "insert into cart_lines (cart_id, offer_id, quantity, minor) values ('{two}', 1, 1, 12500)"
    ))
    .await;
    let mut carts = likewise(&db, one, 192).await;
    carts.extend(likewise(&db, two, 64).await);
    carts.shuffle(&mut rand::rng());

    let (bought, refused) = race(db.pool(), carts).await;

    let sold = db.count("select sum(quantity)::bigint from order_lines where offer_id = 1").await;
    let reserved = db.count("select reserved::bigint from stock where offer_id = 1").await;
    assert!(is_fair(100, sold, reserved), "{sold} of 100, {reserved} are reserved");
    assert_eq!(bought + refused.len(), 256);
    for error in refused {
        let short = refusal::<()>(Err(error));
        let Refusal::OutOfStock(offers) = &short else { panic!("{short:?}") };
        assert!(offers.iter().all(|&offer| offer == OfferId::new(1)), "{short:?}");
    }
    verify(db.pool()).await;
}

#[tokio::test]
async fn of_500_buyers_50_get_the_slot_and_the_others_are_told_that_it_is_full() {
    let db = shop().await;
    db.run(
        "update stock set on_hand = 1000;
         update delivery_windows set capacity = 50 where id = 1",
    )
    .await;
    let one = cart(db.pool(), &[(1, 1)]).await;
    let carts = likewise(&db, one, 500).await;

    let (bought, refused) = race(db.pool(), carts).await;

    assert_eq!((bought, refused.len()), (50, 450));
    assert_eq!(db.count("select reserved::bigint from delivery_loads").await, 50);
    for error in refused {
        let full = refusal::<()>(Err(error));
        assert_eq!(full, Refusal::SlotFull(vec![1.into()]));
    }
    verify(db.pool()).await;
}

#[tokio::test]
async fn of_500_buyers_20_use_the_coupon_and_the_others_are_told_that_it_is_used_up() {
    let db = shop().await;
    db.run(
        "update stock set on_hand = 1000;
         insert into promotions (id, name, effect, market, needs_coupon)
             values (1, 'ten', '{\"kind\": \"percentage\", \"rate_bp\": 1000}', 'KW', true);
         insert into coupons (code, promotion_id, uses_max) values ('TEN', 1, 20)",
    )
    .await;
    let one = cart(db.pool(), &[(1, 1)]).await;
    db.run(&format!("update carts set coupons = '{{TEN}}' where id = '{one}'")).await;
    let carts = likewise(&db, one, 500).await;

    let (bought, refused) = race(db.pool(), carts).await;

    assert_eq!((bought, refused.len()), (20, 480));
    assert_eq!(db.count("select uses::bigint from coupons").await, 20);
    for error in refused {
        let used_up = refusal::<()>(Err(error));
        assert_eq!(used_up, Refusal::CouponNotValid("TEN".to_owned()));
    }
    verify(db.pool()).await;
}

/// The same race for somebody who reads first and writes then: how many were told that they bought.
async fn race_naively(pool: &PgPool, buyers: usize) -> usize {
    // As many at once as there are connections; all of a wave read before one of them writes.
    let together = Arc::new(tokio::sync::Barrier::new(8));
    let mut bought = JoinSet::new();
    for _ in 0..buyers {
        let (pool, together) = (pool.clone(), together.clone());
        bought.spawn(async move {
            let read = "select reserved from stock where offer_id = 1 and on_hand - reserved >= 1";
            let mut transaction = pool.begin().await.unwrap();
            let found = sqlx::query_scalar(read).fetch_optional(&mut *transaction).await;
            let reserved: Option<i32> = found.unwrap();
            together.wait().await;
            if let Some(reserved) = reserved {
                let sell = "update stock set reserved = $1 where offer_id = 1";
                let sold = sqlx::query(sell).bind(reserved + 1).execute(&mut *transaction).await;
                sold.unwrap();
            }
            transaction.commit().await.unwrap();
            reserved.is_some()
        });
    }
    bought.join_all().await.into_iter().filter(|bought| *bought).count()
}

#[tokio::test]
async fn reading_first_and_writing_then_sells_more_than_there_is_in_the_same_race() {
    let db = shop().await;
    db.run("update stock set on_hand = 100 where offer_id = 1").await;

    let sold = race_naively(db.pool(), 256).await;

    let sold = i64::try_from(sold).unwrap();
    let reserved = db.count("select reserved::bigint from stock where offer_id = 1").await;
    assert!(!is_fair(100, sold, reserved), "{sold} of 100, {reserved} are reserved");
    let mut connection = db.pool().acquire().await.unwrap();
    let findings = orders::verify(&mut connection).await.unwrap();
    assert!(findings.iter().any(|finding| finding.name == "reserved" && finding.wrong > 0));
}

#[tokio::test]
async fn an_unpaid_purchase_holds_until_its_time_is_over_and_late_money_takes_it_again() {
    let db = shop().await;
    let done = bought(db.pool(), &[(1, 4)], "transfer").await;
    let cut_off: Timestamp = "2026-02-14T13:00:00+03:00".parse().unwrap();
    assert_eq!((done.state, done.expires_at), (GroupState::PendingPayment, cut_off));
    let mut connection = db.pool().acquire().await.unwrap();
    let early = cut_off - SignedDuration::from_secs(1);

    assert!(!orders::hold_expired(&mut connection, done.group, early).await.unwrap());
    // The clock of the guard is that of the caller, so the slot must still be open.
    db.run("update order_groups set expires_at = '2026-02-14T07:00:00Z'").await;
    let later = "2026-02-14T10:30:00+03:00".parse().unwrap();
    assert_eq!(orders::due_holds(&mut connection, later, 9).await.unwrap(), [done.group]);
    assert!(orders::hold_expired(&mut connection, done.group, later).await.unwrap());
    assert_eq!(db.count("select sum(reserved) from stock").await, 0);
    verify(db.pool()).await;

    let total = done.total.minor;
    let other = orders::paid(&mut connection, done.group, &money("provider:x", 1), later).await;
    assert_eq!(other.unwrap(), Settled::GoesBack(Reason::OtherAmount));
    let paid = money("provider:x", total);
    let settled = orders::paid(&mut connection, done.group, &paid, later).await.unwrap();
    assert_eq!(settled, Settled::Placed);
    let again = orders::paid(&mut connection, done.group, &paid, later).await.unwrap();
    assert_eq!(again, Settled::Before);
    assert_eq!(db.count("select sum(reserved) from stock").await, 4);
    assert_eq!(balances(db.pool()).await["provider:x"], total);
    verify(db.pool()).await;
}

#[tokio::test]
async fn money_that_comes_when_all_is_sold_goes_back() {
    let db = shop().await;
    let done = bought(db.pool(), &[(1, 8)], "transfer").await;
    db.run("update order_groups set expires_at = '2026-02-14T06:00:00Z'").await;
    let mut connection = db.pool().acquire().await.unwrap();
    orders::hold_expired(&mut connection, done.group, now()).await.unwrap();
    bought(db.pool(), &[(1, 8)], "cash").await;

    let paid = money("provider:x", done.total.minor);
    let settled = orders::paid(&mut connection, done.group, &paid, now()).await.unwrap();
    assert!(matches!(settled, Settled::GoesBack(Reason::SoldOut(_))), "{settled:?}");
    let late = "2026-02-14T13:00:00+03:00".parse().unwrap();
    let settled = orders::paid(&mut connection, done.group, &paid, late).await.unwrap();
    assert_eq!(settled, Settled::GoesBack(Reason::SlotClosed));
    verify(db.pool()).await;
}

#[tokio::test]
async fn what_is_rejected_or_comes_back_goes_back_by_its_shares() {
    let db = shop().await;
    let done = bought(db.pool(), &[(1, 3), (3, 2)], "cash").await;
    let mut connection = db.pool().acquire().await.unwrap();
    let purchase = orders::of_number(&mut connection, &done.numbers[0]).await.unwrap();
    let [house, other] = [0, 1].map(|at| purchase.orders[at].clone());

    let refund =
        orders::reject(&mut connection, other.id, "seller:50", "broken", now()).await.unwrap();
    assert_eq!(refund.unwrap().minor, other.amounts.total);
    verify(db.pool()).await;
    for event in [Event::Accept, Event::Ready, Event::Dispatch, Event::Deliver] {
        orders::advance(&mut connection, house.id, event, "staff:1", now()).await.unwrap();
    }
    assert_eq!(db.count("select on_hand::bigint from stock where offer_id = 1").await, 7);
    let line = house.lines[0].id;
    for quantity in [1, 2] {
        let returns = [Return { line, quantity }];
        orders::take_back(&mut connection, house.id, &returns, "staff:1", now()).await.unwrap();
        verify(db.pool()).await;
    }

    assert!(balances(db.pool()).await.is_empty(), "nothing is left in the books");
    let purchase = orders::of_number(&mut connection, &done.numbers[0]).await.unwrap();
    assert_eq!(purchase.state, GroupState::Completed);
    let returns = [Return { line, quantity: 1 }];
    let more = orders::take_back(&mut connection, house.id, &returns, "staff:1", now()).await;
    assert!(matches!(more, Err(Error::IllegalMove(_))));
}

#[tokio::test]
async fn a_cancelled_order_returns_its_stock_and_uses_no_promotion_up() {
    let db = shop().await;
    db.run(
        "insert into promotions (id, name, effect, market, uses_max)
         values (1, 'off', '{\"kind\": \"amount\", \"minor\": 500}', 'KW', 1)",
    )
    .await;
    let done = bought(db.pool(), &[(1, 1)], "transfer").await;
    assert_eq!(
        (done.total.minor, db.count("select uses::bigint from promotions").await),
        (13_500, 1)
    );
    let mut connection = db.pool().acquire().await.unwrap();
    let purchase = orders::of_number(&mut connection, &done.numbers[0]).await.unwrap();

    orders::cancel(&mut connection, purchase.orders[0].id, "shopper", now()).await.unwrap();

    assert_eq!(db.count("select uses::bigint from promotions").await, 0);
    assert_eq!(db.count("select sum(reserved) from stock").await, 0);
    let paid = money("provider:x", done.total.minor);
    let settled = orders::paid(&mut connection, done.group, &paid, now()).await.unwrap();
    assert_eq!(settled, Settled::GoesBack(Reason::Cancelled));
    verify(db.pool()).await;
}

#[tokio::test]
async fn nobody_holds_more_than_a_few_unpaid_purchases() {
    let db = shop().await;
    let phone: super::Phone = "+96522222222".parse().unwrap();
    for n in 0..4 {
        let id = cart(db.pool(), &[(3, 1)]).await;
        let asked = Asked { phone: phone.clone(), ..asked(db.pool(), id, "transfer").await };
        let result = buy(db.pool(), &asked, now()).await;
        assert_eq!(result.is_err(), n == 3, "{n}");
    }
    assert_eq!(read(db.pool(), cart(db.pool(), &[(3, 1)]).await).await.problems, []);
}

/// Remembers what sqlx says about statements.
struct Statements(Arc<Mutex<Vec<String>>>);

impl tracing::field::Visit for Statements {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Statements(self.0.clone()));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn a_checkout_takes_at_most_twelve_statements_between_begin_and_commit() {
    let db = shop().await;
    db.run(
        "insert into promotions (id, name, effect, market, needs_coupon)
             values (1, 'ten', '{\"kind\": \"percentage\", \"rate_bp\": 1000}', 'KW', true);
         insert into coupons (code, promotion_id, uses_max) values ('TEN', 1, 20)",
    )
    .await;
    // The first one makes the accounts of the books.
    bought(db.pool(), &[(1, 2), (2, 1), (3, 1)], "cash").await;
    for (coupons, method) in
        [("{}", "cash"), ("{TEN}", "cash"), ("{}", "transfer"), ("{TEN}", "transfer")]
    {
        let cart = cart(db.pool(), &[(1, 2), (2, 1), (3, 1)]).await;
        db.run(&format!("update carts set coupons = '{coupons}' where id = '{cart}'")).await;
        let asked = asked(db.pool(), cart, method).await;
        let said = Arc::new(Mutex::new(Vec::new()));
        let counting = tracing::subscriber::set_default(Statements(said.clone()));

        buy(db.pool(), &asked, now()).await.unwrap();

        drop(counting);
        let ends = |it: &&String| it.contains("COMMIT") || it.contains("pg_current_wal_lsn");
        let said = said.lock().unwrap();
        let statements = said.iter().filter(|it| !ends(it)).count();
        assert!((8..=12).contains(&statements), "with {coupons} and {method}: {said:#?}");
    }
}

#[tokio::test]
async fn a_recipient_who_is_asked_says_once_where_to_and_when_and_pays_nothing() {
    let db = shop().await;
    let id = cart(db.pool(), &[(1, 1), (3, 1)]).await;
    let mut open = write(db.pool()).await;
    let recipient = Recipient {
        phone: Some("+96511111111".to_owned()),
        name: Some("Noor".to_owned()),
        city: Some(285_787.into()),
        is_asked: true,
        ..Recipient::default()
    };
    carts::set_recipient(&mut open, id, &recipient, None, None, now()).await.unwrap();
    let gift = Gift { from: Some("Omar".to_owned()), anonymous: true, ..Gift::default() };
    carts::set_gift(&mut open, id, &gift, now()).await.unwrap();
    keep(db.pool(), open).await;
    assert_eq!(read(db.pool(), id).await.problems, [], "neither place nor time is missing");
    let done = buy(db.pool(), &asked(db.pool(), id, "cash").await, now()).await.unwrap();
    assert_eq!(db.count("select count(*) from delivery_loads").await, 0);

    let gift = {
        let mut connection = db.pool().acquire().await.unwrap();
        orders::gift(&mut connection, done.group, now()).await.unwrap()
    };
    assert_eq!((gift.is_open(), gift.from), (true, None));
    let slot = |part: &orders::GiftPart| (part.order, SlotId::of(&part.options[0].slot));
    let choice = orders::GiftChoice {
        address: Address::Text("Block 4".to_owned()),
        location: None,
        slots: gift.parts.iter().map(slot).collect(),
    };
    let say = async || {
        let mut open = write(db.pool()).await;
        orders::choose_place(&mut open, done.group, &choice, now()).await?;
        keep(db.pool(), open).await;
        Ok::<_, Error>(())
    };
    say().await.unwrap();
    let again = say().await;

    assert!(matches!(again, Err(Error::Invalid { field: "address", .. })), "{again:?}");
    let mut connection = db.pool().acquire().await.unwrap();
    let purchase = orders::of_number(&mut connection, &done.numbers[0]).await.unwrap();
    assert!(!purchase.waits_for_recipient && purchase.orders.iter().all(|it| it.slot.is_some()));
    assert_eq!(purchase.amounts.total, done.total.minor);
    assert_eq!(db.count("select sum(reserved)::bigint from delivery_loads").await, 2);
    verify(db.pool()).await;
}

#[tokio::test]
async fn an_order_by_telephone_says_who_placed_it() {
    let db = shop().await;
    db.run("insert into staff (id, email, name, password_hash, roles) values (7, 'a@b.c', 'Huda', 'x', '{admin}')")
        .await;
    let id = cart(db.pool(), &[(1, 1)]).await;
    let mut open = write(db.pool()).await;
    carts::filled_by(&mut open, id, 7.into()).await.unwrap();
    carts::set_lang(&mut open, id, souk_base::Lang::Ru, now()).await.unwrap();
    keep(db.pool(), open).await;
    let filled = read(db.pool(), id).await;
    assert_eq!((filled.staff, filled.lang), (Some(7.into()), souk_base::Lang::Ru));

    let asked = Asked { staff: Some(7.into()), ..asked(db.pool(), id, "transfer").await };
    let done = buy(db.pool(), &asked, now()).await.unwrap();

    let mut connection = db.pool().acquire().await.unwrap();
    let history = orders::buyer(&mut connection, done.group).await.unwrap().history;
    assert_eq!(
        (history[0].actor.as_str(), history[0].staff_name.as_deref()),
        ("staff:7", Some("Huda"))
    );
    let listed = orders::list(&mut connection, &orders::Filter::default(), None, 10).await.unwrap();
    assert_eq!(listed[0].staff, Some(7.into()));
    let happened = orders::happened_after(&mut connection, 0, 10).await.unwrap();
    assert_eq!(happened[0].number.as_ref(), Some(&done.numbers[0]));
    let audited = crate::writes::fixture::audited(db.pool()).await;
    assert_eq!(audited.last().map(|(action, _)| action.as_str()), Some("orders.place"));
}
