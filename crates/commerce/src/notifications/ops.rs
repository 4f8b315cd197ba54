//! From an event to a message that went out.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use souk_base::{Lang, Money};
use souk_providers::messages::Failure;
use sqlx::PgConnection;
use tokio::task::JoinSet;

use super::sql::{self, Fate};
use super::texts::{Words, words};
use super::{Channel, Kind, Messengers};
use crate::customers::{self, CODE_LIFE, CodeKey, Contact};
use crate::jobs::{self, Job, NewJob};
use crate::orders::{self, Notice, OrderGroupId};
use crate::outbox::{self, Receiver};
use crate::{Db, Error, Result, db};

/// Kind of the jobs that make rows of an event.
const TELL: &str = "notifications.tell";
/// Kind of the jobs that send a row.
const SEND: &str = "notifications.send";

/// What customers are told of.
const RECEIVERS: [Receiver; 7] = [
    Receiver { topics: "customer.code_requested", job: TELL },
    Receiver { topics: "order.pending_payment", job: TELL },
    Receiver { topics: "order.placed", job: TELL },
    Receiver { topics: "order.cancelled", job: TELL },
    Receiver { topics: "order.rejected", job: TELL },
    Receiver { topics: "order.partly_cancelled", job: TELL },
    Receiver { topics: "payment.", job: TELL },
];

/// How long a job is one worker's; longer than a call of a messenger takes.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// Jobs that are done at once.
const BATCH: i64 = 20;
/// How long it is known who was told what.
const DAYS: i64 = 90;
/// How the shop is called in messages.
const SHOP: &str = "Souk";

/// Makes the address of an order's page, by its purchase and number.
pub type Link = Arc<dyn Fn(OrderGroupId, &str) -> String + Send + Sync>;

/// Makes the address of the page on which a recipient says where and when.
pub type GiftLink = Arc<dyn Fn(OrderGroupId) -> String + Send + Sync>;

/// Who carries messages, and what they are made with. Cheap to clone.
#[derive(Clone)]
pub struct Post {
    /// The shop.
    pub db: Db,
    /// Who carries messages.
    pub messengers: Messengers,
    /// What one-time codes follow from.
    pub key: CodeKey,
    /// Makes the addresses of orders' pages.
    pub link: Link,
    /// Makes the addresses of recipients' pages.
    pub gift_link: GiftLink,
}

/// Passes on what happened and sends what is due; says how many jobs there were. Several processes may do so at once.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer. A message that fails is its own job's matter.
pub async fn tend(post: &Post, now: Timestamp) -> Result<usize> {
    outbox::dispatch(&post.db, &RECEIVERS).await?;
    let jobs = jobs::claim(&post.db, &[TELL, SEND], now, LEASE, BATCH).await?;
    let count = jobs.len();
    let mut running = JoinSet::new();
    for job in jobs {
        let post = post.clone();
        running.spawn(async move { run(&post, &job, now).await });
    }
    for done in running.join_all().await {
        done?;
    }
    Ok(count)
}

async fn run(post: &Post, job: &Job, now: Timestamp) -> Result<()> {
    let done = if job.kind == TELL { tell(post, job).await } else { send(post, job, now).await };
    let Err(error) = done else { return Ok(()) };
    tracing::warn!(%error, job = job.id, "a message waits");
    jobs::fail(&mut *post.db.acquire().await?, job, &error.to_string(), now).await
}

/// Whom to tell what.
struct Telling {
    event: String,
    kind: Kind,
    receiver: Contact,
    payload: Value,
}

/// Makes rows of an event, and a job for each.
async fn tell(post: &Post, job: &Job) -> Result<()> {
    let mut tx = db::begin(&post.db).await?;
    for telling in tellings(post, &mut tx, &job.payload).await? {
        put(post, &mut tx, &telling).await?;
    }
    // A claim that is no longer good undoes the rows with it: who has it makes them.
    if jobs::finish(&mut tx, job).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Makes the row of a telling and its job, unless it was told before.
async fn put(post: &Post, connection: &mut PgConnection, telling: &Telling) -> Result<()> {
    let channel = channel_of(&telling.receiver);
    if !post.messengers.has(channel) {
        tracing::warn!(channel = channel.code(), "nobody carries messages here");
        return Ok(());
    }
    let new = sql::NewRow {
        event: &telling.event,
        kind: telling.kind.code(),
        channel: channel.code(),
        receiver: telling.receiver.as_str(),
        payload: &telling.payload,
    };
    if let Some(id) = sql::insert(connection, &new).await? {
        let key = Some(id.to_string());
        let send = NewJob { key, ..NewJob::new(SEND, json!({"notification": id})) };
        jobs::enqueue(connection, &send).await?;
    }
    Ok(())
}

const fn channel_of(receiver: &Contact) -> Channel {
    match receiver {
        Contact::Email(_) => Channel::Email,
        Contact::Phone(_) => Channel::Sms,
    }
}

/// What an event means for customers and recipients; nothing for what they need not be told.
async fn tellings(
    post: &Post,
    connection: &mut PgConnection,
    event: &Value,
) -> Result<Vec<Telling>> {
    let (topic, payload) = (event["topic"].as_str().unwrap_or_default(), &event["payload"]);
    if topic == "customer.code_requested" {
        let id = payload["code"].as_i64().unwrap_or_default();
        let code = customers::code_to_send(connection, &post.key, id).await?;
        let telling = code.map(|code| Telling {
            event: format!("code:{id}"),
            kind: Kind::Code,
            receiver: code.contact,
            payload: json!({"code": id}),
        });
        return Ok(telling.into_iter().collect());
    }
    let group = payload["group"].as_str().or(payload["order_group"].as_str()).unwrap_or_default();
    let group: OrderGroupId = group.parse().map_err(|_| Error::NotFound)?;
    let notice = orders::notice(connection, group).await?;
    let asks = asking(&notice).filter(|_| topic == "order.placed");
    Ok(to_buyer(post, &notice, topic, event).into_iter().chain(asks).collect())
}

/// What the recipient is asked, who is not asked before the purchase is placed.
fn asking(notice: &Notice) -> Option<Telling> {
    let recipient = notice.recipient.as_ref()?;
    Some(Telling {
        event: format!("gift:{}", notice.group),
        kind: if recipient.from.is_some() { Kind::Gift } else { Kind::SecretGift },
        // What was typed over the API may be no number.
        receiver: recipient.phone.parse().ok().map(Contact::Phone)?,
        payload: json!({"group": notice.group}),
    })
}

/// What its buyer is told of a purchase.
fn to_buyer(post: &Post, notice: &Notice, topic: &str, event: &Value) -> Option<Telling> {
    let (payload, group) = (&event["payload"], notice.group);
    let order = payload["order"].as_i64();
    let (kind, event) = match topic {
        "order.pending_payment" if notice.is_transfer => {
            (Kind::Transfer, format!("transfer:{group}"))
        }
        "order.pending_payment" if notice.is_by_telephone => (Kind::Pay, format!("pay:{group}")),
        "order.placed" if notice.is_due => (Kind::Placed, format!("placed:{group}")),
        "order.placed" if notice.is_free => (Kind::Free, format!("free:{group}")),
        "order.placed" => (Kind::Paid, format!("paid:{group}")),
        "order.cancelled" => (Kind::Cancelled, format!("cancelled:{}", order.unwrap_or_default())),
        "order.rejected" => (Kind::Rejected, format!("rejected:{}", order.unwrap_or_default())),
        "order.partly_cancelled" => (Kind::Reduced, format!("reduced:{}", event["event"])),
        "payment.refunded" => {
            let refund = payload["refund"].as_str().unwrap_or_default();
            (Kind::Refunded, format!("refunded:{refund}"))
        }
        "payment.goes_back" => (Kind::GoesBack, format!("goes_back:{}", event["event"])),
        _ => return None,
    };
    let receiver = receiver(&post.messengers, notice)?;
    let payload = json!({"group": group, "order": order, "minor": payload["minor"]});
    Some(Telling { event, kind, receiver, payload })
}

/// By e-mail where there is an address and somebody carries mail, else by SMS.
fn receiver(messengers: &Messengers, notice: &Notice) -> Option<Contact> {
    let email = notice.email.as_deref().filter(|_| messengers.has(Channel::Email));
    // What was typed at the checkout may be no address.
    let email = email.and_then(|email| email.parse().ok()).map(Contact::Email);
    email.or_else(|| notice.phone.parse().ok().map(Contact::Phone))
}

/// Sends a row, if nobody has begun to.
async fn send(post: &Post, job: &Job, now: Timestamp) -> Result<()> {
    let id = job.payload["notification"].as_i64().unwrap_or_default();
    let Some(row) = sql::claim(&mut *post.db.acquire().await?, id).await? else {
        // Whoever was sending it is gone, or it is done: nobody knows, so it is left alone.
        return settle(post, job, id, Fate::of("unknown"), now).await;
    };
    let unknown = || Error::UnknownState(format!("{} {}", row.kind, row.channel));
    let kind = Kind::of_code(&row.kind).ok_or_else(unknown)?;
    let channel = Channel::of_code(&row.channel).ok_or_else(unknown)?;
    let made = match make(post, kind, &row.payload, now).await {
        Ok(made) => made,
        Err(error) => return later(post, job, id, &error.to_string(), now).await,
    };
    let Some(words) = made else {
        return settle(post, job, id, Fate::of("dropped"), now).await;
    };
    let sent = post.messengers.send(channel, id, &row.receiver, words).await;
    let fate = match &sent {
        Ok(name) => Fate { name: name.as_deref(), ..Fate::of("sent") },
        Err(Failure::NotSent(why)) => return later(post, job, id, why, now).await,
        Err(Failure::Refused(why)) => Fate { reason: Some(why), ..Fate::of("refused") },
        Err(Failure::Unknown(why)) => Fate { reason: Some(why), ..Fate::of("unknown") },
    };
    settle(post, job, id, fate, now).await
}

/// Writes down what became of a message, and ends its job.
async fn settle(post: &Post, job: &Job, id: i64, fate: Fate<'_>, now: Timestamp) -> Result<()> {
    let mut tx = db::begin(&post.db).await?;
    sql::settle(&mut tx, id, &fate, now.into()).await?;
    jobs::finish(&mut tx, job).await?;
    Ok(tx.commit().await?)
}

/// Lets a message wait that surely did not go out.
async fn later(post: &Post, job: &Job, id: i64, why: &str, now: Timestamp) -> Result<()> {
    let mut tx = db::begin(&post.db).await?;
    let fate = Fate { reason: Some(why), ..Fate::of("waiting") };
    sql::settle(&mut tx, id, &fate, now.into()).await?;
    jobs::fail(&mut tx, job, why, now).await?;
    Ok(tx.commit().await?)
}

/// What a message says; none for a code that is good for nothing any more, and what was said meanwhile.
async fn make(post: &Post, kind: Kind, payload: &Value, now: Timestamp) -> Result<Option<Words>> {
    let mut connection = post.db.acquire().await?;
    if kind == Kind::Code {
        let id = payload["code"].as_i64().unwrap_or_default();
        let code = customers::code_to_send(&mut connection, &post.key, id).await?;
        let code = code.filter(|code| now < code.expires_at);
        let minutes = CODE_LIFE.as_mins().to_string();
        return Ok(code.map(|code| {
            let values = [("code", &*code.code), ("shop", SHOP), ("minutes", &*minutes)];
            words(kind, code.lang, &values)
        }));
    }
    let group: OrderGroupId =
        payload["group"].as_str().unwrap_or_default().parse().map_err(|_| Error::NotFound)?;
    let notice = orders::notice(&mut connection, group).await?;
    Ok(match kind {
        Kind::Gift | Kind::SecretGift => to_recipient(post, kind, &notice),
        _ => Some(of_purchase(post, kind, &notice, payload)),
    })
}

/// What a recipient is asked; nothing once they have said it.
fn to_recipient(post: &Post, kind: Kind, notice: &Notice) -> Option<Words> {
    let recipient = notice.recipient.as_ref()?;
    let link = (post.gift_link)(notice.group);
    let from = recipient.from.as_deref().unwrap_or_default();
    Some(words(kind, recipient.lang, &[("shop", SHOP), ("from", from), ("link", &link)]))
}

fn of_purchase(post: &Post, kind: Kind, notice: &Notice, payload: &Value) -> Words {
    let is_of_one = matches!(kind, Kind::Cancelled | Kind::Rejected | Kind::Reduced);
    let order = payload["order"].as_i64().filter(|_| is_of_one);
    let its = notice.numbers.iter().filter(|(id, _)| order.is_none_or(|order| id.get() == order));
    let numbers: Vec<&str> = its.map(|(_, number)| number.as_str()).collect();
    let first = numbers.first().copied().unwrap_or_default();
    let link = (post.link)(notice.group, first);
    let minor = payload["minor"].as_i64().unwrap_or_default();
    let amount = Money::new(minor, notice.total.currency).to_string();
    let comma = if notice.lang == Lang::Ar { "، " } else { ", " };
    let values = [
        ("shop", SHOP),
        ("numbers", &numbers.join(comma)),
        ("total", &notice.total.to_string()),
        ("amount", &amount),
        ("until", &notice.held_until),
        ("instructions", notice.instructions.as_deref().unwrap_or_default()),
        ("link", &link),
    ];
    words(kind, notice.lang, &values)
}

/// Forgets who was told what long ago; says how many messages.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let before = now - SignedDuration::from_hours(24 * DAYS);
    Ok(sql::forget_before(connection, before.into()).await?)
}
