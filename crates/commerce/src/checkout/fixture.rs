//! What tests of purchases share: a shop in Kuwait with a clock of its own.

use jiff::Timestamp;
use souk_base::{Money, OfferId};
use souk_testdb::TestDb;
use sqlx::PgPool;

use super::{Asked, Completed, Done, Limits, Till, complete};
use crate::carts::{self, Address, Cart, CartId, Gift, NewCart, Recipient, SlotId};
use crate::payments::Gateways;
use crate::writes::fixture::{keep, write};
use crate::writes::{Answer, IdempotencyKey};
use crate::{Result, orders};

/// Two sellers in Kuwait City: offers 1 and 2 of the house for 12.500 and 4.995 dinar, offer 3 of another for 1.000. Ten
/// units of each; delivery costs 1.500, from 30.000 on nothing.
const ROWS: &str = "
    insert into sellers (id, slug, name) values (50, 'other', 'Other');
    insert into categories (id, slug) values (1, 'roses');
    insert into products (id, slug, category_id) values (1, 'rose', 1), (2, 'card', 1), (3, 'vase', 1);
    insert into product_translations (product_id, lang, title) values (1, 'en', 'Rose'), (1, 'ar', 'وردة');
    insert into variants (id, product_id, sku) values (1, 1, 'R'), (2, 2, 'C'), (3, 3, 'V');
    insert into offers (id, variant_id, seller_id, market, preparation_minutes)
        select id, id, case when id = 3 then 50 else 1 end, 'KW', 60 from variants;
    insert into prices (offer_id, minor) values (1, 12500), (2, 4995), (3, 1000);
    insert into warehouses (id, city_id, seller_id, name) values (1, 285787, 1, 'w'), (2, 285787, 50, 'o');
    insert into stock (offer_id, warehouse_id, on_hand) values (1, 1, 10), (2, 1, 10), (3, 2, 10);
    delete from delivery_windows;
    insert into delivery_windows (id, city_id, starts_at, ends_at, cut_off_at, fee_minor, free_from_minor) values
        (1, 285787, '14:00', '18:00', '13:00', 1500, 30000), (2, 285787, '18:00', '22:00', '19:00', 1500, 30000);
    update markets set payable_step = 10 where code = 'KW';";

/// Saturday morning in Kuwait.
pub(crate) fn now() -> Timestamp {
    "2026-02-14T09:00:00+03:00".parse().unwrap()
}

/// The shop.
pub(crate) async fn shop() -> TestDb {
    let db = TestDb::new().await;
    db.run(ROWS).await;
    db
}

/// A cart with these offers and quantities, everything said, for the first slot of the day.
pub(crate) async fn cart(pool: &PgPool, lines: &[(i64, i32)]) -> CartId {
    let mut open = write(pool).await;
    let new = NewCart { market: "KW".parse().unwrap(), lang: souk_base::Lang::En, visitor: None };
    let id = carts::create(&mut open, &new, now()).await.unwrap();
    for &(offer, quantity) in lines {
        carts::add_line(&mut open, id, OfferId::new(offer), quantity, now()).await.unwrap();
    }
    let recipient = Recipient {
        name: Some("Noor".to_owned()),
        phone: Some("+96511111111".to_owned()),
        address: Some(Address::Text("Block 1".to_owned())),
        city: Some(285_787.into()),
        ..Recipient::default()
    };
    let slot: SlotId = "1:2026-02-14".parse().unwrap();
    carts::set_recipient(&mut open, id, &recipient, None, Some(slot), now()).await.unwrap();
    keep(pool, open).await;
    id
}

/// The cart as it is.
pub(crate) async fn read(pool: &PgPool, id: CartId) -> Cart {
    carts::read(&mut pool.acquire().await.unwrap(), id, now()).await.unwrap()
}

/// Asks to buy a cart for what it costs now, paying so.
pub(crate) async fn asked(pool: &PgPool, id: CartId, method: &str) -> Asked {
    let cart = read(pool, id).await;
    Asked {
        cart: id,
        email: None,
        phone: format!("+965{:08}", rand::random::<u32>() % 100_000_000).parse().unwrap(),
        payment_method: method.to_owned(),
        expected_total: Money::new(cart.amounts.total, cart.currency),
        network: None,
        staff: None,
    }
}

/// A till without accounts at providers.
pub(crate) fn till<'t>(pool: &'t PgPool, gateways: &'t Gateways) -> Till<'t> {
    Till { db: pool, gateways, limits: Limits::default() }
}

/// Buys as asked for, with a key of its own.
pub(crate) async fn buy(pool: &PgPool, asked: &Asked, now: Timestamp) -> Result<Completed> {
    let key = format!("{:032x}", rand::random::<u128>());
    let key = IdempotencyKey::new(&format!("cart:{}", asked.cart), &key, &[]);
    let gateways = Gateways::none();
    match complete(till(pool, &gateways), key, asked, now, answer).await? {
        Done::Now(completed, ..) => Ok(*completed),
        Done::Before(answer) => panic!("{answer:?}"),
    }
}

/// A purchase of these offers, paid so.
pub(crate) async fn bought(pool: &PgPool, lines: &[(i64, i32)], method: &str) -> Completed {
    let cart = cart(pool, lines).await;
    buy(pool, &asked(pool, cart, method).await, now()).await.unwrap()
}

/// A purchase of these offers, the parts of these sellers wrapped as far as they are in it.
pub(crate) async fn bought_wrapped(
    pool: &PgPool,
    lines: &[(i64, i32)],
    sellers: &[i64],
    method: &str,
) -> Completed {
    let cart = cart(pool, lines).await;
    wrap(pool, cart, sellers).await;
    buy(pool, &asked(pool, cart, method).await, now()).await.unwrap()
}

/// Has the parts of these sellers wrapped.
pub(crate) async fn wrap(pool: &PgPool, cart: CartId, sellers: &[i64]) {
    let wrapped = sellers.iter().map(|&seller| seller.into()).collect();
    let mut open = write(pool).await;
    let gift = Gift { wrapped, ..Gift::default() };
    carts::set_gift(&mut open, cart, &gift, now()).await.unwrap();
    keep(pool, open).await;
}

/// An answer that names the orders.
pub(crate) fn answer(completed: &Completed) -> Answer {
    Answer { status: 201, headers: Vec::new(), body: completed.numbers.join(",") }
}

/// What must hold whatever happened: counters are the sums of what is held, shares add up, the books are at zero.
pub(crate) async fn verify(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let findings = orders::verify(&mut connection).await.unwrap();
    assert!(findings.iter().all(|finding| finding.wrong == 0), "{findings:?}");
}
