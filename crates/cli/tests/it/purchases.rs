//! Purchases through the real binary, which is killed in the middle of them: what is sold is what there was, and nobody buys
//! twice.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use souk_testdb::TestDb;

use crate::shop::{Server, fixture, souk, status};

/// Buyers, and the units that they want one each of.
const BUYERS: usize = 256;
const UNITS: usize = 100;
/// Who asks at once.
const CLIENTS: usize = 32;
/// Answers after which the server is killed.
const ANSWERS_BEFORE: usize = 60;
/// What has not been answered by then never will.
const PATIENCE: Duration = Duration::from_secs(120);
/// Before a server that is away or busy is asked again.
const PAUSE: Duration = Duration::from_millis(20);

/// One offer with so many units in one warehouse of Kuwait City, and room in every slot.
const SCARCE: &str = "
    delete from stock where offer_id <> (select min(offer_id) from stock join offers on offers.id = offer_id where market = 'KW');
    delete from stock where warehouse_id <> (select min(warehouse_id) from stock join warehouses on warehouses.id = warehouse_id
        where city_id = 285787);
    update stock set on_hand = 100, reserved = 0;
    update delivery_windows set capacity = null";

/// A buyer with a cart that is ready to be bought.
struct Buyer {
    cart: String,
    secret: String,
    /// What is asked for, the same each time.
    body: String,
}

/// What a server says; none when it is not there, or goes away before it has said everything.
fn ask(address: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut request = format!("{line} HTTP/1.1\r\nhost: souk\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let is_whole = length.is_none_or(|length| length.parse() == Ok(body.len()));
    is_whole.then(|| (status(head), body.to_owned()))
}

/// Asks until the machine is not too busy for an answer.
fn must(address: &str, line: &str, secret: &str, body: &Value) -> Value {
    let deadline = Instant::now() + PATIENCE;
    let (status, body) = loop {
        let said = ask(address, line, &[("x-cart-secret", secret)], &body.to_string());
        match said.unwrap_or_else(|| panic!("{line}: no answer")) {
            (503, _) if Instant::now() < deadline => sleep(PAUSE),
            said => break said,
        }
    };
    assert!(status < 300, "{line}: {status} {body}");
    serde_json::from_str(&body).unwrap()
}

/// A guest with one unit of the offer in the cart, for tomorrow's first slot.
fn buyer(address: &str, offer: &str, number: usize) -> Buyer {
    let made = must(address, "POST /v1/KW/carts", "", &json!({}));
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (cart, secret) = (text("id"), text("secret"));
    let line = json!({"offer_id": offer, "quantity": 1});
    must(address, &format!("POST /v1/carts/{cart}/lines"), &secret, &line);
    let tomorrow = jiff::Zoned::now().in_tz("Asia/Kuwait").unwrap().tomorrow().unwrap().date();
    let slots = format!("GET /v1/KW/delivery/slots?city=285787&date={tomorrow}&cart={cart}");
    let slots = must(address, &slots, &secret, &json!({}));
    let delivery = json!({
        "recipient": "Noor", "phone": "+96511111111", "address": format!("Block {number}"), "city": "285787",
        "slot_id": slots["items"][0]["id"],
    });
    let filled = must(address, &format!("PUT /v1/carts/{cart}/delivery"), &secret, &delivery);
    let body = json!({
        "phone": format!("+965{:08}", 20_000_000 + number), "payment_method": "cash", "expected_total": filled["total"],
    });
    Buyer { cart, secret, body: body.to_string() }
}

/// Asks to buy until there is an answer that stays: bought, or refused for good.
fn buy(address: &Mutex<String>, buyer: &Buyer, answers: &AtomicUsize) -> (u16, String) {
    let deadline = Instant::now() + PATIENCE;
    let line = format!("POST /v1/carts/{}/checkout", buyer.cart);
    let headers = [("x-cart-secret", buyer.secret.as_str()), ("idempotency-key", "once")];
    loop {
        let address = address.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match ask(&address, &line, &headers, &buyer.body) {
            Some(said @ (201 | 409, _)) if !said.1.contains("idempotency_key_in_use") => {
                answers.fetch_add(1, Ordering::Relaxed);
                return said;
            }
            Some((400..=428, body)) => panic!("{body}"),
            _ => {
                assert!(Instant::now() < deadline, "no answer for {line}");
                sleep(PAUSE);
            }
        }
    }
}

/// Does something for each of so many numbers, several at once.
fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while let Some(number) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&it| it < count)
                {
                    let made = act(number);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, made));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|&(number, _)| number);
    done.into_iter().map(|(_, made)| made).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_amid_many_checkouts_of_the_last_units_sells_each_once_and_loses_none() {
    let (db, data) = (TestDb::new().await, tempfile::tempdir().unwrap());
    let catalogue = fixture("flowers/flowers.jsonl");
    let import = ["import", "catalog", catalogue.to_str().unwrap(), "--invent-stock"];
    assert!(souk(data.path(), &db.url(), &import).status.success());
    db.run(SCARCE).await;
    let offer = db.count("select offer_id from stock").await.to_string();
    let server = Server::start(data.path(), &db.url());
    let first = server.address().to_owned();
    let buyers = at_once(BUYERS, |number| buyer(&first, &offer, number));

    let (address, answers) = (Mutex::new(first), AtomicUsize::new(0));
    let (address, answers, buyers) = (&address, &answers, &buyers);
    let (outcomes, server) = std::thread::scope(|scope| {
        let outcomes =
            scope.spawn(|| at_once(BUYERS, |number| buy(address, &buyers[number], answers)));
        let started = Instant::now();
        while answers.load(Ordering::Relaxed) < ANSWERS_BEFORE {
            assert!(started.elapsed() < PATIENCE, "hardly anybody is answered");
            sleep(Duration::from_micros(200));
        }
        server.kill();
        let server = Server::start(data.path(), &db.url());
        server.address().clone_into(&mut address.lock().unwrap());
        (outcomes.join().unwrap(), server)
    });

    let bought = outcomes.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(bought, UNITS);
    for (_, body) in outcomes.iter().filter(|(status, _)| *status == 409) {
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["code"], "out_of_stock", "{body}");
        assert!(body.contains(&offer), "{body}");
    }
    for (buyer, said) in buyers.iter().zip(&outcomes).filter(|(_, said)| said.0 == 201) {
        let again = buy(address, buyer, answers);
        assert_eq!(&again, said, "the same key has the same answer");
    }
    assert_eq!(db.count("select count(*) from order_groups").await, 100);
    assert_eq!(db.count("select sum(reserved)::bigint from stock").await, 100);
    let held = "select sum(quantity)::bigint from reservations where offer_id is not null and state in ('held', 'committed')";
    assert_eq!(db.count(held).await, 100);
    assert!(server.terminate().success());
    let verified = souk(data.path(), &db.url(), &["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
