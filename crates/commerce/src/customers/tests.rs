//! Customers against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_base::{Lang, OfferId};
use souk_testdb::TestDb;
use sqlx::{PgConnection, PgPool};

use super::{
    CODE_LIFE, Caller, CodeKey, Contact, Customer, Door, Limits, NewAddress, NewRecipient, Proof,
    RESEND_PAUSE, Registration, Session, add_address, add_recipient, addresses, by_token,
    change_address, change_contact, code_to_send, forget_expired, log_in, register, remove_address,
    request_code, set_password,
};
use crate::carts::{self, Address, CartId};
use crate::checkout::{Completed, fixture};
use crate::recommendations::{self, Shopper};
use crate::writes::fixture::{keep, write};
use crate::{Conflict, Error, Result, orders};

const EMAIL: &str = "noor@example.com";
const PHONE: &str = "+96522222222";
const PASSWORD: &str = "correct horse";

fn door() -> Door {
    Door { key: CodeKey::new("secret".to_owned()), limits: Limits::default() }
}

fn caller(contact: &str) -> Caller {
    Caller { contact: contact.parse().unwrap(), lang: Lang::Ar, network: None }
}

/// Asks for a code and reads it as its messenger would.
async fn code(pool: &PgPool, contact: &str, now: Timestamp) -> String {
    request_code(pool, &door(), &caller(contact), now).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let id: i64 = sqlx::query_scalar("select id from customer_codes where contact = $1")
        .bind(contact)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    code_to_send(&mut connection, &door().key, id).await.unwrap().unwrap().code
}

async fn enter(pool: &PgPool, contact: &str, proof: Proof<'_>, now: Timestamp) -> Result<Session> {
    log_in(pool, &door(), &caller(contact), proof, now).await
}

/// Somebody who has come in with a code.
async fn customer(pool: &PgPool, contact: &str, now: Timestamp) -> Customer {
    let code = code(pool, contact, now).await;
    enter(pool, contact, Proof::Code(&code), now).await.unwrap().customer
}

/// Buys a cart, to be paid at the door.
async fn buy(pool: &PgPool, cart: CartId) -> Completed {
    let asked = fixture::asked(pool, cart, "cash").await;
    fixture::buy(pool, &asked, fixture::now()).await.unwrap()
}

#[tokio::test]
async fn a_code_makes_a_stranger_a_customer_and_brings_them_back() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let first = code(db.pool(), EMAIL, now).await;
    assert!(first.len() == 6 && first.bytes().all(|byte| byte.is_ascii_digit()), "{first}");

    let made = enter(db.pool(), "Noor@Example.com", Proof::Code(&first), now).await.unwrap();
    let later = now + RESEND_PAUSE;
    let second = code(db.pool(), EMAIL, later).await;
    let eastern: String = second
        .chars()
        .map(|c| char::from_u32(u32::from(c) - u32::from('0') + 0x660).unwrap())
        .collect();
    let back = enter(db.pool(), EMAIL, Proof::Code(&eastern), later).await.unwrap();

    assert!(made.is_new && !back.is_new);
    assert_eq!(made.customer.id, back.customer.id);
    assert_eq!(made.customer.email.as_ref().unwrap().as_str(), EMAIL);
    let found = by_token(db.pool(), &made.token, later).await.unwrap().unwrap();
    assert_eq!(found, made.customer);
    assert_eq!(by_token(db.pool(), &made.token, made.expires_at).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_and_five_attempts() {
    let db = TestDb::new().await;
    let mut now = Timestamp::now();
    let wrong = |code: &str| if code == "000000" { "111111" } else { "000000" };
    let refused = async |code: &str, now| {
        let refused = enter(db.pool(), EMAIL, Proof::Code(code), now).await;
        assert!(matches!(refused, Err(Error::WrongProof)));
    };

    let used = code(db.pool(), EMAIL, now).await;
    enter(db.pool(), EMAIL, Proof::Code(&used), now).await.unwrap();
    refused(&used, now).await;

    now += RESEND_PAUSE;
    let late = code(db.pool(), EMAIL, now).await;
    refused(&late, now + CODE_LIFE).await;

    now += CODE_LIFE;
    let guessed = code(db.pool(), EMAIL, now).await;
    for _ in 0..5 {
        refused(wrong(&guessed), now).await;
    }
    refused(&guessed, now).await;
}

#[tokio::test]
async fn codes_are_not_sent_again_at_once_nor_too_often() {
    let db = TestDb::new().await;
    let mut now = Timestamp::now();
    let ask = async |now| request_code(db.pool(), &door(), &caller(PHONE), now).await;
    ask(now).await.unwrap();

    let soon = ask(now + SignedDuration::from_secs(20)).await;
    assert!(matches!(soon, Err(Error::TooManyCodes { retry_after_s: 40 })), "{soon:?}");
    for _ in 0..3 {
        now += RESEND_PAUSE;
        ask(now).await.unwrap();
    }
    now += RESEND_PAUSE;
    assert!(matches!(ask(now).await, Err(Error::TooManyCodes { .. })));
    ask(now + SignedDuration::from_hours(1)).await.unwrap();
}

#[tokio::test]
async fn codes_for_one_network_address_are_counted_together() {
    let db = TestDb::new().await;
    let limits = Limits { codes_network: 2, ..Limits::default() };
    let door = Door { limits, ..door() };
    let ask = async |email: &str, network: &str| {
        let network = Some(network.parse().unwrap());
        let caller = Caller { network, ..caller(email) };
        request_code(db.pool(), &door, &caller, Timestamp::now()).await
    };

    ask("a@example.com", "192.0.2.1").await.unwrap();
    ask("b@example.com", "192.0.2.1").await.unwrap();

    let refused = ask("c@example.com", "192.0.2.1").await;
    assert!(matches!(refused, Err(Error::TooManyCodes { .. })));
    ask("c@example.com", "192.0.2.2").await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_customer_are_refused_alike_and_counted_alike() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let right = code(db.pool(), EMAIL, now).await;
    let new = Some(PASSWORD.to_owned());
    let new = Registration { code: &right, name: " Noor ", password: new };
    register(db.pool(), &door(), &caller(EMAIL), new, now).await.unwrap();
    customer(db.pool(), PHONE, now).await;

    let known = enter(db.pool(), EMAIL, Proof::Password(PASSWORD), now).await.unwrap();
    assert_eq!((known.customer.name.as_str(), known.customer.has_password), ("Noor", true));
    for contact in [EMAIL, "nobody@example.com", PHONE] {
        for _ in 0..10 {
            let refused = enter(db.pool(), contact, Proof::Password("wrong"), now).await;
            assert!(matches!(refused, Err(Error::WrongProof)), "{contact}");
        }
        let refused = enter(db.pool(), contact, Proof::Password(PASSWORD), now).await;
        assert!(matches!(refused, Err(Error::TooManyAttempts { retry_after_s: 900 })), "{contact}");
    }
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_needs_the_old_one_or_a_code() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let first = code(db.pool(), EMAIL, now).await;
    let phone = enter(db.pool(), EMAIL, Proof::Code(&first), now).await.unwrap();
    let second = code(db.pool(), EMAIL, now + RESEND_PAUSE).await;
    let laptop = enter(db.pool(), EMAIL, Proof::Code(&second), now + RESEND_PAUSE).await.unwrap();
    let set = async |customer: &Customer, current: Option<&str>, new: &str| {
        set_password(db.pool(), customer, &laptop.token, current, new.to_owned(), now).await
    };

    set(&laptop.customer, None, PASSWORD).await.unwrap();
    assert_eq!(by_token(db.pool(), &phone.token, now).await.unwrap(), None);
    let customer = by_token(db.pool(), &laptop.token, now).await.unwrap().unwrap();

    let refused = set(&customer, Some("wrong"), "another horse").await;
    assert!(matches!(refused, Err(Error::WrongProof)));
    assert!(matches!(set(&customer, None, "another horse").await, Err(Error::WrongProof)));
    set(&customer, Some(PASSWORD), "another horse").await.unwrap();
    let third = code(db.pool(), EMAIL, now + 2 * RESEND_PAUSE).await;
    let new = Some("forgot the horse".to_owned());
    let new = Registration { code: &third, name: "", password: new };
    register(db.pool(), &door(), &caller(EMAIL), new, now + 2 * RESEND_PAUSE).await.unwrap();
    assert_eq!(by_token(db.pool(), &laptop.token, now).await.unwrap(), None);
}

#[tokio::test]
async fn only_who_gets_its_code_takes_a_number_and_another_customers_stays_theirs() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let noor = customer(db.pool(), EMAIL, now).await;
    let take = async |contact: &str, code: &str| {
        let contact: Contact = contact.parse().unwrap();
        change_contact(db.pool(), &door(), noor.id, &contact, code, now).await
    };

    let right = code(db.pool(), PHONE, now).await;
    assert!(matches!(take(EMAIL, &right).await, Err(Error::WrongProof)));
    take(PHONE, &right).await.unwrap();
    customer(db.pool(), "other@example.com", now).await;
    let others = code(db.pool(), "other@example.com", now + RESEND_PAUSE).await;
    let refused = take("other@example.com", &others).await;

    assert!(matches!(refused, Err(Error::Conflict(Conflict::CustomerEmailTaken))));
}

#[tokio::test]
async fn whoever_is_deactivated_is_nobody_at_once() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let first = code(db.pool(), EMAIL, now).await;
    let session = enter(db.pool(), EMAIL, Proof::Code(&first), now).await.unwrap();
    let again = code(db.pool(), EMAIL, now + RESEND_PAUSE).await;

    db.run("update customers set active = false").await;

    assert_eq!(by_token(db.pool(), &session.token, now).await.unwrap(), None);
    let refused = enter(db.pool(), EMAIL, Proof::Code(&again), now + RESEND_PAUSE).await;
    assert!(matches!(refused, Err(Error::WrongProof)));
}

#[tokio::test]
async fn a_guests_cart_becomes_the_customers_and_a_second_one_is_put_into_it() {
    let db = fixture::shop().await;
    let now = fixture::now();
    let noor = customer(db.pool(), PHONE, now).await;
    let adopt = async |cart| {
        let mut open = write(db.pool()).await;
        carts::adopt(&mut open, noor.id, cart, now).await.unwrap();
        keep(db.pool(), open).await;
    };
    let first = fixture::cart(db.pool(), &[(1, 2), (2, 999)]).await;
    adopt(first).await;
    let second = fixture::cart(db.pool(), &[(2, 3), (3, 1)]).await;
    adopt(second).await;
    adopt(first).await;

    let kept = carts::of_customer(&mut db.pool().acquire().await.unwrap(), noor.id).await.unwrap();
    assert_eq!(kept.iter().map(|cart| cart.id).collect::<Vec<_>>(), [first]);
    let cart = fixture::read(db.pool(), first).await;
    let lines: Vec<(OfferId, i32)> =
        cart.lines.iter().map(|line| (line.offer_id, line.quantity)).collect();
    assert_eq!(lines, [(1.into(), 2), (2.into(), 1_000), (3.into(), 1)]);
    assert_eq!(db.count("select count(*) from carts").await, 1);
}

#[tokio::test]
async fn another_customers_cart_and_a_bought_one_are_not_taken() {
    let db = fixture::shop().await;
    let now = fixture::now();
    let noor = customer(db.pool(), PHONE, now).await;
    let sara = customer(db.pool(), EMAIL, now).await;
    let cart = fixture::cart(db.pool(), &[(1, 1)]).await;
    let adopt = async |customer: &Customer, cart| {
        let mut open = write(db.pool()).await;
        carts::adopt(&mut open, customer.id, cart, now).await.unwrap();
        keep(db.pool(), open).await;
    };
    adopt(&noor, cart).await;
    adopt(&sara, cart).await;
    let bought = fixture::cart(db.pool(), &[(1, 1)]).await;
    db.run("update carts set state = 'completed' where customer_id is null").await;
    adopt(&sara, bought).await;

    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(carts::of_customer(&mut connection, noor.id).await.unwrap().len(), 1);
    assert!(carts::of_customer(&mut connection, sara.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_bought_with_a_number_is_found_by_who_shows_that_it_is_theirs() {
    let db = fixture::shop().await;
    let now = fixture::now();
    let cart = fixture::cart(db.pool(), &[(1, 1), (3, 1)]).await;
    let bought = buy(db.pool(), cart).await;
    db.run("update order_groups set phone = '+96522222222', email = 'Noor@Example.com'").await;
    let of = async |customer: &Customer| {
        let mut connection = db.pool().acquire().await.unwrap();
        orders::claim(&mut connection, customer).await.unwrap();
        let orders = orders::of_customer(&mut connection, customer.id, None, 10).await.unwrap();
        orders.into_iter().rev().map(|order| order.number).collect::<Vec<_>>()
    };

    let stranger = customer(db.pool(), "+96533333333", now).await;
    assert!(of(&stranger).await.is_empty());
    let sara = customer(db.pool(), EMAIL, now).await;
    assert_eq!(of(&sara).await, bought.numbers);
    let second = customer(db.pool(), PHONE, now).await;
    assert!(of(&second).await.is_empty(), "it is somebody's already");
    let mut connection = db.pool().acquire().await.unwrap();
    let number = &bought.numbers[0];
    assert!(orders::is_of_customer(&mut connection, number, sara.id).await.unwrap());
    assert!(!orders::is_of_customer(&mut connection, number, second.id).await.unwrap());
    db.run("update order_groups set state = 'placed', placed_at = created_at").await;
    let of_customer = async |customer: &Customer, connection: &mut PgConnection| {
        let who = Shopper::Customer(customer.id);
        let known = recommendations::history(connection, who, "KW".parse().unwrap(), now).await;
        known.unwrap().purchases.len()
    };
    assert_eq!(of_customer(&sara, &mut connection).await, 2, "recommendations know of it, too");
    assert_eq!(of_customer(&second, &mut connection).await, 0);
}

#[tokio::test]
async fn a_purchase_of_a_customers_cart_is_theirs_whatever_number_they_give() {
    let db = fixture::shop().await;
    let now = fixture::now();
    let noor = customer(db.pool(), EMAIL, now).await;
    let cart = fixture::cart(db.pool(), &[(1, 1)]).await;
    let mut open = write(db.pool()).await;
    carts::own(&mut open, cart, noor.id, now).await.unwrap();
    keep(db.pool(), open).await;

    let bought = buy(db.pool(), cart).await;

    let mut connection = db.pool().acquire().await.unwrap();
    let orders = orders::of_customer(&mut connection, noor.id, None, 10).await.unwrap();
    assert_eq!(orders[0].number, bought.numbers[0]);
    assert_eq!((orders[0].lines, orders[0].titles["en"].as_str()), (1, Some("Rose")));
    let below = Some(orders[0].id);
    assert!(orders::of_customer(&mut connection, noor.id, below, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn entries_of_the_address_book_are_their_owners_alone() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let noor = customer(db.pool(), EMAIL, now).await;
    let sara = customer(db.pool(), PHONE, now).await;
    let home = NewAddress {
        label: "Home".to_owned(),
        city: 285_787.into(),
        address: Address::Text("Block 1".to_owned()),
        location: None,
    };
    let mut open = write(db.pool()).await;
    let id = add_address(&mut open, noor.id, &home).await.unwrap();
    let guest = NewRecipient { name: "Mama".to_owned(), phone: None, address: Some(id) };

    add_recipient(&mut open, noor.id, &guest).await.unwrap();
    let foreign = add_recipient(&mut open, sara.id, &guest).await;
    let changed = change_address(&mut open, sara.id, id, &home).await;
    let removed = remove_address(&mut open, sara.id, id).await;
    keep(db.pool(), open).await;

    assert!(matches!(foreign, Err(Error::Invalid { field: "address_id", .. })));
    assert!(matches!((changed, removed), (Err(Error::NotFound), Err(Error::NotFound))));
    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(addresses(&mut connection, noor.id).await.unwrap()[0].place, home);
    assert!(addresses(&mut connection, sara.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_over_leaves_no_rows() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    customer(db.pool(), EMAIL, now).await;
    code(db.pool(), PHONE, now).await;

    let later = now + SignedDuration::from_hours(24 * 61);
    forget_expired(&mut db.pool().acquire().await.unwrap(), later).await.unwrap();

    for table in ["customer_sessions", "customer_codes", "customer_attempts"] {
        let count = format!("select count(*) from {table}");
        let left: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(db.pool()).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}
