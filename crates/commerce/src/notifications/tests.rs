//! Messages against a fresh database and simulated messengers.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use souk_base::Lang;
use souk_providers::http::{Answer, CallError, Client, Handler};
use souk_simulators::{Letter, Letters, serve_letters};
use souk_testdb::TestDb;
use sqlx::PgPool;
use tokio::net::TcpListener;

use super::{Messengers, Post, Settings, forget_old, tend};
use crate::checkout::fixture;
use crate::customers::{Caller, CodeKey, Door, Limits, RESEND_PAUSE, request_code};
use crate::outbox::{self, Event};

const PHONE: &str = "+96522222222";

/// A shop whose messages end in this process.
struct Office {
    post: Post,
    letters: Letters,
}

impl Office {
    async fn open(pool: &PgPool) -> Office {
        let (pages, mail) = (listen().await, listen().await);
        let base = format!("http://{}", pages.local_addr().unwrap());
        let settings = Settings {
            mail: Some((
                format!("smtp://{}", mail.local_addr().unwrap()),
                "Souk <shop@souk.example>".to_owned(),
            )),
            sms: Some((Some(base), "AC1".to_owned(), "token".to_owned(), "Souk".to_owned())),
        };
        let letters = Letters::default();
        tokio::spawn(serve_letters(pages, mail, letters.clone(), std::future::pending()));
        let post = Post {
            db: pool.clone(),
            messengers: Messengers::new(settings).unwrap(),
            key: CodeKey::new("secret".to_owned()),
            link: Arc::new(|_, number| format!("https://souk.example/orders/{number}?secret=s")),
            gift_link: Arc::new(|group| format!("https://souk.example/gift/{group}.s")),
        };
        Office { post, letters }
    }

    /// The same, whose SMS are answered like this.
    fn answering(self, handler: Handler) -> Office {
        let messengers = self.post.messengers.clone().with_client(Client::here(handler));
        Office { post: Post { messengers, ..self.post }, letters: self.letters }
    }

    /// Sends until nothing is due any more.
    async fn send_all(&self, now: Timestamp) {
        while tend(&self.post, now).await.unwrap() > 0 {}
    }

    async fn ask_for_code(&self, contact: &str, lang: Lang, now: Timestamp) {
        let door = Door { key: self.post.key.clone(), limits: Limits::default() };
        let caller = Caller { contact: contact.parse().unwrap(), lang, network: None };
        request_code(&self.post.db, &door, &caller, now).await.unwrap();
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A moment after everything that a test has put into the database.
fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(5)
}

async fn states(db: &TestDb) -> Vec<(String, String)> {
    sqlx::query_as("select channel, state from notifications order by id")
        .fetch_all(db.pool())
        .await
        .unwrap()
}

fn to(letters: &[Letter], channel: &str) -> Vec<String> {
    letters.iter().filter(|it| it.channel == channel).map(|it| it.to.clone()).collect()
}

#[tokio::test]
async fn a_code_goes_to_who_asked_for_it_in_their_language() {
    let db = TestDb::new().await;
    let office = Office::open(db.pool()).await;
    office.ask_for_code("noor@example.com", Lang::Ar, Timestamp::now()).await;
    office.ask_for_code(PHONE, Lang::Kk, Timestamp::now()).await;

    office.send_all(soon()).await;

    let letters = office.letters.all();
    let mail = letters.iter().find(|letter| letter.channel == "email").unwrap();
    let sms = letters.iter().find(|letter| letter.channel == "sms").unwrap();
    assert_eq!((mail.to.as_str(), sms.to.as_str()), ("noor@example.com", PHONE));
    let code = mail.subject.split(' ').next().unwrap();
    assert!(code.len() == 6 && mail.text.contains(&format!("رمزك هو {code}")), "{mail:?}");
    assert!(mail.html.contains("dir=\"rtl\"") && mail.html.contains(&format!("<bdi>{code}</bdi>")));
    assert!(sms.text.contains("кодыңыз"), "{sms:?}");
    let kept: String = sqlx::query_scalar(
        "select coalesce(string_agg(notifications::text, ''), '')
             || (select coalesce(string_agg(outbox::text, ''), '') from outbox) from notifications",
    )
    .fetch_one(db.pool())
    .await
    .unwrap();
    assert!(!kept.contains(code), "a code is kept: {kept}");
}

#[tokio::test]
async fn a_purchase_of_several_sellers_is_told_of_once_however_often_and_by_whom() {
    let db = fixture::shop().await;
    let office = Office::open(db.pool()).await;
    let bought = fixture::bought(db.pool(), &[(1, 1), (3, 1)], "cash").await;
    db.run("update order_groups set email = 'a@example.com', lang = 'en'").await;
    db.run(
        "insert into outbox (topic, subject, payload) select topic, subject, payload from outbox",
    )
    .await;

    let (one, other) = tokio::join!(office.send_all(soon()), office.send_all(soon()));
    assert_eq!((one, other), ((), ()));

    let letters = office.letters.all();
    assert_eq!(to(&letters, "email"), ["a@example.com"]);
    assert!(to(&letters, "sms").is_empty(), "who is written to needs no SMS");
    let text = &letters[0].text;
    for part in bought.numbers.iter().chain([&bought.total.to_string()]) {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let link = format!("https://souk.example/orders/{}?secret=s", bought.numbers[0]);
    assert!(text.contains(&link) && letters[0].subject.contains("We have your order"), "{text}");
    assert_eq!(db.count("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn each_thing_that_happens_to_a_purchase_has_its_message() {
    let db = fixture::shop().await;
    let office = Office::open(db.pool()).await;
    let bought = fixture::bought(db.pool(), &[(1, 1)], "cash").await;
    db.run("update order_groups set lang = 'ru', account = 'provider:kaspi'").await;
    let group = bought.group.to_string();
    let order: i64 =
        sqlx::query_scalar("select id from orders").fetch_one(db.pool()).await.unwrap();
    let events = [
        ("order.cancelled", json!({"group": group, "order": order})),
        ("order.partly_cancelled", json!({"group": group, "order": order})),
        ("payment.refunded", json!({"order_group": group, "refund": "7", "minor": 1500})),
        ("payment.goes_back", json!({"order_group": group, "reason": "sold_out"})),
        ("payment.refund_failed", json!({"order_group": group, "refund": "8", "minor": 1})),
    ];
    for (topic, payload) in events {
        let event = Event { topic: topic.to_owned(), subject: "x".to_owned(), payload };
        outbox::add(&mut db.pool().acquire().await.unwrap(), &event).await.unwrap();
    }

    office.send_all(soon()).await;

    let mut texts: Vec<String> =
        office.letters.all().into_iter().map(|letter| letter.text).collect();
    texts.sort();
    assert_eq!(texts.len(), 5, "{texts:?}");
    for part in ["оплачен", "отменён", "нет в наличии", "1.500 KWD", "нельзя было принять"]
    {
        assert!(texts.iter().any(|text| text.contains(part)), "{part}: {texts:?}");
    }
}

#[tokio::test]
async fn who_has_ordered_by_telephone_gets_the_link_to_pay_and_others_do_not() {
    let db = fixture::shop().await;
    let office = Office::open(db.pool()).await;
    fixture::bought(db.pool(), &[(1, 1)], "transfer").await;
    let called = fixture::bought(db.pool(), &[(2, 1)], "transfer").await;
    // A way that a provider is spoken to for.
    db.run("update order_groups set payment_method = 'knet'").await;
    db.run("insert into staff (id, email, name, password_hash, roles) values (7, 'a@b.c', 'Huda', 'x', '{admin}')")
        .await;
    db.run(&format!(
        "update order_groups set staff_id = 7, phone = '{PHONE}', lang = 'en', expires_at = '2026-02-16T06:00:00Z'
         where id = '{}'",
        called.group
    ))
    .await;

    office.send_all(soon()).await;

    let letters = office.letters.all();
    assert_eq!(to(&letters, "sms"), [PHONE]);
    for part in [&called.numbers[0], &called.total.to_string(), "2026-02-16 09:00"] {
        assert!(letters[0].text.contains(part), "{part} is not in {}", letters[0].text);
    }
}

#[tokio::test]
async fn who_pays_by_transfer_is_told_where_to_and_a_rejected_order_says_so() {
    let db = fixture::shop().await;
    let office = Office::open(db.pool()).await;
    db.run("update payment_method_translations set instructions = 'IBAN KW81'").await;
    let waits = fixture::bought(db.pool(), &[(1, 1)], "transfer").await;
    let bought = fixture::bought(db.pool(), &[(2, 1)], "cash").await;
    db.run(&format!("update order_groups set phone = '{PHONE}' where id = '{}'", waits.group))
        .await;
    let rejected = format!(
        "insert into outbox (topic, subject, payload)
         select 'order.rejected', 'x', jsonb_build_object('group', group_id, 'order', id) from orders where number = '{}'",
        bought.numbers[0]
    );
    db.run(&rejected).await;

    office.send_all(soon()).await;

    let letters = office.letters.all();
    let told = letters.iter().find(|letter| letter.to == PHONE).unwrap();
    for part in ["IBAN KW81", &waits.numbers[0], &waits.total.to_string()] {
        assert!(told.text.contains(part), "{part} is not in {}", told.text);
    }
    assert!(
        letters.iter().any(|letter| letter.text.contains("the seller cannot do")),
        "{letters:?}"
    );
}

#[tokio::test]
async fn a_recipient_is_asked_once_by_a_link_that_tells_no_hidden_sender() {
    let db = fixture::shop().await;
    let office = Office::open(db.pool()).await;
    let signed = fixture::bought(db.pool(), &[(1, 1), (3, 1)], "cash").await;
    let hidden = fixture::bought(db.pool(), &[(2, 1)], "cash").await;
    let unpaid = fixture::bought(db.pool(), &[(2, 1)], "transfer").await;
    db.run("update order_recipients set asked = true, gift_from = 'Omar', phone = '+96555555555'")
        .await;
    let hide = format!(
        "update order_recipients set anonymous = true, phone = '{PHONE}' where group_id = '{}'",
        hidden.group
    );
    db.run(&hide).await;
    db.run(
        "insert into outbox (topic, subject, payload) select topic, subject, payload from outbox",
    )
    .await;

    office.send_all(soon()).await;

    let letters = office.letters.all();
    let asked = |phone: &str| -> Vec<String> {
        let its = letters.iter().filter(|letter| letter.to == phone);
        its.map(|letter| letter.text.clone()).collect()
    };
    let ([open], [closed]) = (&*asked("+96555555555"), &*asked(PHONE)) else {
        panic!("each is asked once, and nobody for what is not paid: {letters:?}");
    };
    assert!(open.contains("Omar") && open.contains(&format!("/gift/{}.s", signed.group)), "{open}");
    assert!(!closed.contains("Omar") && closed.contains("هناك من يرسل إليك هدية"), "{closed}");
    assert!(letters.iter().all(|letter| !letter.text.contains(&unpaid.group.to_string())));
}

#[tokio::test]
async fn what_was_not_sent_is_tried_later_and_what_is_refused_is_not() {
    let db = TestDb::new().await;
    let away: Handler = Arc::new(|_| Err(CallError::NotSent("no connection".to_owned())));
    let office = Office::open(db.pool()).await.answering(away);
    let now = Timestamp::now();
    office.ask_for_code(PHONE, Lang::En, now).await;
    office.ask_for_code("+96522220000", Lang::En, now).await;

    office.send_all(soon()).await;
    assert!(states(&db).await.iter().all(|(_, state)| state == "waiting"));
    let back = Office::open(db.pool()).await;
    back.send_all(soon()).await;
    assert!(back.letters.all().is_empty(), "it is not tried again at once");
    back.send_all(soon() + SignedDuration::from_secs(60)).await;

    assert_eq!(to(&back.letters.all(), "sms"), [PHONE]);
    let mut ends: Vec<_> = states(&db).await.into_iter().map(|(_, state)| state).collect();
    ends.sort();
    assert_eq!(ends, ["refused", "sent"]);
}

#[tokio::test]
async fn what_may_have_gone_out_is_not_sent_again() {
    let db = TestDb::new().await;
    let lost: Handler = Arc::new(|_| Err(CallError::NoAnswer("timed out".to_owned())));
    let office = Office::open(db.pool()).await.answering(lost);
    office.ask_for_code(PHONE, Lang::En, Timestamp::now()).await;
    office.send_all(soon()).await;
    assert_eq!(states(&db).await[0].1, "unknown");

    // Somebody who died in the middle of it.
    office.ask_for_code("+96533333333", Lang::En, Timestamp::now()).await;
    let dies: Handler =
        Arc::new(|_| Ok(Answer { status: 201, body: b"{\"sid\":\"SM1\"}".to_vec() }));
    let other = Office::open(db.pool()).await.answering(dies);
    tend(&other.post, soon()).await.unwrap();
    db.run("update notifications set state = 'sending' where state = 'waiting'").await;
    other.send_all(soon()).await;

    assert!(states(&db).await.iter().all(|(_, state)| state == "unknown"));
    assert!(other.letters.all().is_empty());
    assert_eq!(db.count("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn a_code_that_is_over_is_not_sent_any_more() {
    let db = TestDb::new().await;
    let office = Office::open(db.pool()).await;
    let asked = Timestamp::now();
    office.ask_for_code(PHONE, Lang::En, asked).await;
    tend(&office.post, soon()).await.unwrap();
    office.ask_for_code(PHONE, Lang::En, asked + RESEND_PAUSE).await;

    office.send_all(soon() + RESEND_PAUSE).await;

    assert_eq!(office.letters.all().len(), 1, "only the new one is good");
    let ends: Vec<_> = states(&db).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(ends, ["dropped", "sent"]);
}

#[tokio::test]
async fn without_messengers_nothing_waits_for_ever_and_old_messages_are_forgotten() {
    let db = TestDb::new().await;
    let office = Office::open(db.pool()).await;
    let nobody = Post { messengers: Messengers::none(), ..office.post.clone() };
    office.ask_for_code(PHONE, Lang::En, Timestamp::now()).await;
    tend(&nobody, soon()).await.unwrap();
    assert_eq!(db.count("select count(*) from jobs").await, 0);

    office.ask_for_code("a@example.com", Lang::En, Timestamp::now()).await;
    office.send_all(soon()).await;
    let later = soon() + SignedDuration::from_hours(24 * 91);
    forget_old(&mut db.pool().acquire().await.unwrap(), later).await.unwrap();
    assert!(states(&db).await.is_empty());
}
