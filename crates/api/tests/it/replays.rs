//! A request with a key is done once, whatever operation of the document it asks for and however often it comes.
//!
//! What a request does is counted by the database: a trigger at every table counts each row that is written.

use std::sync::Arc;

use axum::http::Method;
use tokio::task::JoinSet;

use crate::fixture::Answer;
use crate::operations::{Floor, Operation, Valid, operations};
use crate::requests::Sent;

/// Requests with one key at once.
const CROWD: usize = 100;

/// Writes that take no key: they change nothing of the shop, or are about sessions and secrets, whose answers must not be
/// kept, or are told by providers, which have their own way of repeating.
const WITHOUT_KEY: [&str; 16] = [
    "POST /1/indexes/{index}/facets/{facet}/query",
    "POST /1/indexes/{index}/queries",
    "POST /1/indexes/{index}/query",
    "POST /v1/admin/rules/preview",
    "POST /v1/admin/search-settings/preview",
    "POST /v1/admin/synonyms/preview",
    "POST /v1/auth/codes",
    "POST /v1/auth/login",
    "POST /v1/auth/logout",
    "POST /v1/auth/register",
    "POST /v1/auth/staff/session",
    "PUT /v1/me/email",
    "PUT /v1/me/password",
    "PUT /v1/me/phone",
    "POST /v1/payments/return/{connector}",
    "POST /v1/payments/webhooks/{connector}",
];

const COUNTING: &str = "
    create unlogged table tally (what text not null);
    create function count_it() returns trigger language plpgsql as $$
        begin insert into tally values (tg_table_name || ' ' || tg_op); return null; end $$;
    do $$ declare name text; begin
        for name in select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and relname <> 'tally'
        loop
            execute format('create trigger zz_count after insert or update or delete on %I
                            for each row execute function count_it()', name);
        end loop;
    end $$";

const COUNTED: &str = "select what || ' ' || count(*) from tally group by what order by what";

fn keyed() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(|it| it.writes() && it.takes_key)
}

/// What of an answer must be the same in a repetition.
fn told(answer: &Answer) -> (u16, String, [String; 3]) {
    let header = |name| answer.header(name).to_owned();
    let headers = [header("etag"), header("location"), header("content-type")];
    (answer.status.as_u16(), answer.text.clone(), headers)
}

async fn send(floor: &Floor, valid: &Valid, key: &str, body: &Sent) -> Answer {
    let mut headers = valid.headers.clone();
    headers.push(("idempotency-key", key.to_owned()));
    floor.send(&valid.method, &valid.path, &headers, body).await
}

/// Sends until the server is neither busy nor still answering the same request.
async fn persist(floor: &Floor, valid: &Valid, key: &str, body: &Sent) -> Answer {
    loop {
        let answer = send(floor, valid, key, body).await;
        let is_busy = match answer.status.as_u16() {
            409 => answer.code() == "idempotency_key_in_use",
            503 => answer.code() == "overloaded",
            _ => false,
        };
        if !is_busy {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

/// The rows that were written since the last look.
async fn counted(floor: &Floor) -> Vec<String> {
    let rows = floor.shop.db.texts(COUNTED).await;
    floor.shop.db.run("truncate tally").await;
    rows
}

#[test]
fn every_write_takes_a_key_but_those_that_must_not() {
    let without = operations().into_iter().filter(|it| it.writes() && !it.takes_key);
    let mut without: Vec<_> = without.map(|it| it.to_string()).collect();
    without.sort_by_key(|it| {
        it.split_once(' ').map(|(method, path)| (path.to_owned(), method.to_owned()))
    });

    assert_eq!(without, WITHOUT_KEY);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_is_repeated_gets_the_same_bytes_and_another_body_is_refused() {
    let floor = Floor::open().await;
    floor.shop.db.run(COUNTING).await;
    for operation in keyed() {
        let valid = floor.valid(&operation).await;
        counted(&floor).await;

        let key = operation.to_string();

        let first = send(&floor, &valid, &key, &valid.body).await;
        let written = counted(&floor).await;
        let again = send(&floor, &valid, &key, &valid.body).await;
        let other = send(&floor, &valid, &key, &valid.other).await;
        let more = counted(&floor).await;

        assert!(first.status.is_success(), "{operation}: {}", first.text);
        assert!(!written.is_empty(), "{operation} writes nothing");
        assert_eq!(told(&again), told(&first), "{operation}");
        let refused = (other.status.as_u16(), other.code());
        assert_eq!(refused, (422, "idempotency_key_reused".to_owned()), "{operation}");
        assert_eq!(more, [""; 0], "{operation}: a repetition has an effect");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_with_one_key_at_once_do_what_one_does() {
    let floor = Arc::new(Floor::open().await);
    floor.shop.db.run(COUNTING).await;
    for operation in keyed() {
        // The first one may find accounts and days to be made.
        let first = floor.valid(&operation).await;
        send(&floor, &first, &format!("{operation} first"), &first.body).await;
        let alone = floor.valid(&operation).await;
        counted(&floor).await;
        let single = send(&floor, &alone, &format!("{operation} alone"), &alone.body).await;
        assert!(single.status.is_success(), "{operation}: {}", single.text);
        let written = counted(&floor).await;
        let valid = Arc::new(floor.valid(&operation).await);
        counted(&floor).await;

        let mut requests = JoinSet::new();
        for _ in 0..CROWD {
            let (floor, valid, key) = (floor.clone(), valid.clone(), operation.to_string());
            requests.spawn(async move { told(&persist(&floor, &valid, &key, &valid.body).await) });
        }
        let answers = requests.join_all().await;

        assert!((200..300).contains(&answers[0].0), "{operation}: {}", answers[0].1);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{operation}: {answers:?}");
        assert_eq!(counted(&floor).await, written, "{operation}");
    }
    let mut connection = floor.shop.app.connection().await.unwrap();
    let findings = souk_commerce::orders::verify(&mut connection).await.unwrap();
    assert!(findings.iter().all(|finding| finding.wrong == 0), "{findings:?}");
}

#[tokio::test]
async fn a_key_that_another_payment_had_confirms_no_transfer() {
    let floor = Floor::open().await;
    let received = Operation {
        method: Method::POST.to_string(),
        template: "/v1/admin/payments/{id}/received".to_owned(),
        takes_key: true,
        takes_json: false,
    };
    let one = floor.valid(&received).await;
    let two = floor.valid(&received).await;

    let first = send(&floor, &one, "k", &Sent::Nothing).await;
    let second = send(&floor, &two, "k", &Sent::Nothing).await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 422));
    let placed = "select count(*) from order_groups where state = 'placed'";
    assert_eq!(floor.shop.db.count(placed).await, 1);
}
