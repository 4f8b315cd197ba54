//! From the cart to the paid order in many ways, against PostgreSQL: the same cart completed several times at once,
//! providers that lose answers and callbacks, shoppers who pay a second before and after the hold ends, processes that
//! are killed between any two statements, and a PostgreSQL whose connections break.
//!
//! A seed repeats what is chosen, not the moments at which tasks meet.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use souk_providers::payments::Phase;
use souk_simulators::{Deed, Moods};

use super::fixture::{answer, asked, cart, now, shop, verify};
use super::{Asked, Limits, Till, complete};
use crate::carts::CartId;
use crate::orders::OrderGroupId;
use crate::payments::fixture::{Shop, back_by_name};
use crate::payments::{self, Started};
use crate::writes::IdempotencyKey;

/// Carts of a test; `SOUK_TEST_SCHEDULES` says another number.
const CARTS: usize = 40;
/// Carts that share a shop, and its stock.
const TOGETHER: usize = 40;
/// What is done with each of them, on the average.
const STEPS: usize = 12;
const WAYS: [&str; 4] = ["knet", "knet-tap", "tabby", "cash"];
const WIDE: Limits = Limits { phone: 99, visitor: 99, address: 999, network: 999 };

struct Buyer {
    cart: CartId,
    asked: Asked,
    /// The provider's pages that the shopper was sent to.
    pages: BTreeSet<String>,
}

/// What a process does until it is killed, after so many steps of its own.
async fn killed<F: Future>(after: Option<u32>, doing: F) -> Option<F::Output> {
    let mut doing = pin!(doing);
    let mut left = after;
    poll_fn(|context| {
        if let Some(left) = &mut left {
            if *left == 0 {
                return Poll::Ready(None);
            }
            *left -= 1;
        }
        doing.as_mut().poll(context).map(Some)
    })
    .await
}

/// One process in three does not come to its end.
fn fate(chance: &mut StdRng) -> Option<u32> {
    chance.random_ratio(1, 3).then(|| chance.random_range(1..60))
}

async fn group(shop: &Shop, cart: CartId) -> Option<OrderGroupId> {
    let ids: Vec<String> =
        sqlx::query_scalar("select id::text from order_groups where cart_id = $1::text::uuid")
            .bind(cart.to_string())
            .fetch_all(shop.pool())
            .await
            .unwrap_or_default();
    assert!(ids.len() <= 1, "{cart} was bought {} times", ids.len());
    ids.first().map(|id| id.parse().unwrap())
}

/// Seconds until the hold of an unpaid purchase ends.
async fn left(shop: &Shop, group: OrderGroupId) -> Option<i64> {
    let ends = "select extract(epoch from expires_at)::bigint from order_groups
                where id = $1::text::uuid and state = 'pending_payment'";
    let ends: Option<i64> = sqlx::query_scalar(ends)
        .bind(group.to_string())
        .fetch_optional(shop.pool())
        .await
        .unwrap_or_default();
    ends.map(|ends| ends - shop.now.as_second()).filter(|left| *left > 1)
}

/// The cart is completed by several at once, some under one key.
async fn complete_at_once(shop: &Shop, buyer: &Buyer, chance: &mut StdRng) {
    let till = Till { db: shop.pool(), gateways: &shop.gateways, limits: WIDE };
    let one = |chance: &mut StdRng| {
        let key = ["one", "two", "three"][chance.random_range(0..3)];
        let key = IdempotencyKey::new(&format!("cart:{}", buyer.cart), key, &[]);
        killed(fate(chance), complete(till, key, &buyer.asked, shop.now, answer))
    };
    let (first, second, third) = (one(chance), one(chance), one(chance));
    tokio::join!(first, second, third);
}

async fn begin(shop: &Shop, buyer: &mut Buyer, group: OrderGroupId, chance: &mut StdRng) {
    let start = || payments::start(shop.pool(), &shop.gateways, group, shop.now);
    let (first, second) = (killed(fate(chance), start()), killed(fate(chance), start()));
    let (first, second) = tokio::join!(first, second);
    for started in [first, second].into_iter().flatten().flatten() {
        keep(shop, buyer, &started).await;
    }
}

async fn keep(shop: &Shop, buyer: &mut Buyer, started: &Started) {
    buyer.pages.extend(shop.page(started).await);
}

/// The shopper on one of the pages; the way back, a callback and a look may all come at once.
async fn act(shop: &Shop, buyer: &Buyer, chance: &mut StdRng, deed: Deed) {
    let pages: Vec<&String> = buyer.pages.iter().collect();
    if pages.is_empty() {
        return;
    }
    let page = pages[chance.random_range(0..pages.len())];
    let shown = shop.simulator.payments().into_iter().find(|one| one.id == *page);
    let Some(connector) = shown.map(|one| one.connector) else { return };
    let back = shop.simulator.act(page, deed, chance.random());
    let back = back.filter(|_| chance.random());
    let come_back = async {
        if let Some(back) = back {
            shop.come_back(connector, back).await;
        }
    };
    let look = payments::tend(shop.pool(), &shop.gateways, shop.now);
    let (come_back, look) = (killed(fate(chance), come_back), killed(fate(chance), look));
    tokio::join!(come_back, shop.deliver(), look);
}

async fn step(shop: &mut Shop, buyers: &mut [Buyer], chance: &mut StdRng) {
    let place = chance.random_range(0..buyers.len());
    let buyer = &mut buyers[place];
    let Some(group) = group(shop, buyer.cart).await else {
        return complete_at_once(shop, buyer, chance).await;
    };
    match chance.random_range(0..16) {
        0 | 1 => complete_at_once(shop, buyer, chance).await,
        2..=5 => begin(shop, buyer, group, chance).await,
        6..=8 => {
            let deeds = [Deed::Pay, Deed::Pay, Deed::Pay, Deed::Fail, Deed::Cancel];
            let deed = deeds[chance.random_range(0..deeds.len())];
            act(shop, buyer, chance, deed).await;
        }
        // A second before and a second after the hold ends.
        9 | 10 => {
            if let Some(left) = left(shop, group).await {
                let seconds = if chance.random() { left - 1 } else { left + 1 };
                shop.now += SignedDuration::from_secs(seconds);
                act(shop, buyer, chance, Deed::Pay).await;
            }
        }
        11 if buyer.asked.payment_method != "cash" => back_by_name(shop, group, "tap").await,
        12 => another_way(shop, buyer, group, chance).await,
        13 => shop.now += SignedDuration::from_secs(chance.random_range(1..120)),
        14 => {
            let tend = payments::tend(shop.pool(), &shop.gateways, shop.now);
            killed(fate(chance), tend).await;
        }
        _ => {
            let others = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                          where datname = current_database() and pid <> pg_backend_pid()";
            let end = sqlx::query_scalar::<_, i64>(others).fetch_one(shop.pool());
            let tend = payments::tend(shop.pool(), &shop.gateways, shop.now);
            let (ended, tended, ()) =
                tokio::join!(end, tend, complete_at_once(shop, buyer, chance));
            // Whoever is cut off is told so; what stays is looked at in the end.
            drop((ended, tended));
        }
    }
}

async fn another_way(shop: &Shop, buyer: &mut Buyer, group: OrderGroupId, chance: &mut StdRng) {
    let way = WAYS[chance.random_range(0..WAYS.len())];
    let Ok(mut connection) = shop.pool().acquire().await else { return };
    let method = payments::method(&mut connection, "KW".parse().unwrap(), None, way).await;
    drop(connection);
    let Ok(method) = method else { return };
    let key = chance.random_range(0..3).to_string();
    let key = IdempotencyKey::new(&format!("order:{group}"), &key, &[way.as_bytes()]);
    let again = payments::again(shop.pool(), &shop.gateways, Some(key), group, &method, shop.now);
    if let Some(Ok(started)) = killed(fate(chance), again).await {
        keep(shop, buyer, &started).await;
    }
}

/// How many carts were bought, and how many of them paid at a provider.
async fn schedule(seed: u64) -> (usize, usize) {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut shop = Shop::over(shop().await, seed, now());
    shop.simulator.set_moods(Moods {
        unreachable: 5,
        lost_answers: 20,
        errors: 5,
        lost_callbacks: 20,
        repeated_callbacks: 40,
        shuffled: true,
    });
    shop.db.run("update stock set on_hand = 30").await;
    let mut buyers = Vec::new();
    for _ in 0..TOGETHER {
        let lines = [(chance.random_range(1..=2), 1), (3, chance.random_range(1..=2))];
        let cart = cart(shop.pool(), &lines).await;
        let way = WAYS[chance.random_range(0..WAYS.len())];
        let asked = asked(shop.pool(), cart, way).await;
        buyers.push(Buyer { cart, asked, pages: BTreeSet::new() });
    }
    for _ in 0..TOGETHER * STEPS {
        step(&mut shop, &mut buyers, &mut chance).await;
    }
    // Days pass; the weather stays bad.
    for hours in [1, 1, 1, 2, 4, 8, 8, 24, 24, 24, 24, 24, 24, 24, 24, 24] {
        shop.deliver().await;
        shop.tend().await;
        shop.now += SignedDuration::from_hours(hours);
    }
    shop.tend().await;
    judge(&shop, &buyers, seed).await
}

async fn judge(shop: &Shop, buyers: &[Buyer], seed: u64) -> (usize, usize) {
    let payments = shop.simulator.payments();
    let (mut bought, mut paid, mut kept_in_all) = (0, 0, 0);
    for buyer in buyers {
        let Some(group) = group(shop, buyer.cart).await else { continue };
        let references: Vec<String> = sqlx::query_scalar(
            "select reference from payment_attempts join payment_intents on payment_intents.id = intent_id
             where group_id = $1::text::uuid",
        )
        .bind(group.to_string())
        .fetch_all(shop.pool())
        .await
        .unwrap();
        let ours = payments.iter().filter(|one| references.contains(&one.reference));
        let taken: Vec<_> = ours.filter(|one| one.phase == Phase::Captured).collect();
        let kept: i64 = taken.iter().map(|one| one.amount.minor - one.back_minor).sum();
        let is_placed = shop.state(group).await == "placed";
        let is_due = is_placed && buyer.asked.payment_method != "cash";
        let expected = if is_due { buyer.asked.expected_total.minor } else { 0 };
        assert_eq!(kept, expected, "seed {seed}, {group}: placed {is_placed}");
        bought += usize::from(is_placed);
        paid += usize::from(is_due);
        kept_in_all += kept;
    }
    assert_eq!(shop.kept(), kept_in_all, "seed {seed}: money of nobody's");
    let held = payments.iter().filter(|one| one.phase == Phase::Authorised).count();
    assert_eq!(held, 0, "seed {seed}: money is held for nothing");
    for (what, query) in [
        ("unpaid", "select count(*) from order_groups where state = 'pending_payment'"),
        (
            "open",
            "select count(*) from payment_operations where state not in ('success', 'failure')",
        ),
        ("suspect", "select count(*) from payment_attempts where suspect is not null"),
    ] {
        assert_eq!(shop.db.count(query).await, 0, "seed {seed}: {what}");
    }
    let unknown = "select jsonb_build_array(attempts, intents.state)::text
                   from payment_attempts attempts join payment_intents intents on intents.id = intent_id
                   where unknown and sent_at is not null";
    assert_eq!(shop.db.texts(unknown).await, [""; 0], "seed {seed}, at {}", shop.now);
    verify(shop.pool()).await;
    (bought, paid)
}

#[tokio::test]
async fn a_cart_is_bought_and_paid_at_most_once_whatever_is_repeated_lost_or_killed() {
    let carts = std::env::var("SOUK_TEST_SCHEDULES").ok();
    let carts = carts.map_or(CARTS, |number| number.parse().unwrap());
    let first: u64 = std::env::var("SOUK_TEST_SEED").map_or(0, |seed| seed.parse().unwrap());
    let (mut played, mut bought, mut paid) = (0, 0, 0);
    // On a busy machine most calls are cut off before they end: then more carts are played, until enough come through.
    for seed in (first..).take(10 * carts.div_ceil(TOGETHER)) {
        let done = schedule(seed).await;
        played += TOGETHER;
        bought += done.0;
        paid += done.1;
        if played >= carts && paid * 20 > carts {
            break;
        }
    }
    println!("{played} carts, {bought} of them bought, {paid} paid at a provider");
    assert!(paid * 20 > carts, "only {paid} of {played} were paid");
}
