//! Payments against PostgreSQL and simulated providers.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use souk_base::Money;
use souk_providers::payments::Phase;
use souk_simulators::{Deed, Moods};

use super::fixture::{Shop, back_by_name};
use super::*;
use crate::orders;

#[tokio::test]
async fn every_way_to_pay_leads_from_the_page_to_a_placed_order() {
    let ways = [
        ("KW", "knet", "knet"),
        ("KW", "knet-tap", "tap"),
        ("KW", "tabby", "tabby"),
        ("OM", "omannet-checkout", "checkout_com"),
        ("GB", "klarna", "stripe"),
        ("KZ", "kaspi-qr", "kaspi"),
    ];
    for (market, code, connector) in ways {
        let shop = Shop::new(1).await;
        let group = shop.purchase(market, code, 20_000).await;
        let started = shop.start(group).await;
        let page = shop.page(&started).await.expect(code);

        let back = shop.simulator.act(&page, Deed::Pay, false).unwrap();
        if connector == "kaspi" {
            // The scanner's page has no way back; the shop looks.
            back_by_name(&shop, group, connector).await;
        } else {
            shop.come_back(connector, back).await;
        }
        shop.deliver().await;

        assert_eq!(shop.state(group).await, "placed", "{code}");
        assert_eq!(shop.kept(), 20_000, "{code}");
        assert_eq!(status(shop.pool(), group).await.unwrap().state, "succeeded", "{code}");
    }
}

#[tokio::test]
async fn a_declined_card_leaves_the_purchase_open_for_another_way() {
    let shop = Shop::new(2).await;
    let group = shop.purchase("KW", "knet-tap", 12_500).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    let back = shop.simulator.act(&page, Deed::Fail, false).unwrap();
    shop.come_back("tap", back).await;

    let failed = status(shop.pool(), group).await.unwrap();
    let knet =
        method(&mut shop.pool().acquire().await.unwrap(), "KW".parse().unwrap(), None, "knet")
            .await
            .unwrap();
    let started = again(shop.pool(), &shop.gateways, None, group, &knet, shop.now).await.unwrap();
    let page = shop.page(&started).await.unwrap();
    let back = shop.simulator.act(&page, Deed::Pay, false).unwrap();
    shop.come_back("knet", back).await;

    assert_eq!(failed.state, "requires_payment_method");
    assert_eq!(shop.state(group).await, "placed");
    assert_eq!(shop.kept(), 12_500);
}

#[tokio::test]
async fn money_of_a_cancelled_purchase_goes_back_by_itself() {
    let shop = Shop::new(3).await;
    let group = shop.purchase("KW", "knet", 12_500).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    let cancel = format!("update order_groups set state = 'cancelled' where id = '{group}'");
    shop.db.run(&cancel).await;

    let back = shop.simulator.act(&page, Deed::Pay, false).unwrap();
    shop.come_back("knet", back).await;
    shop.tend().await;

    assert_eq!(shop.kept(), 0);
    let told =
        "select count(*) from outbox where topic in ('payment.goes_back', 'payment.refunded')";
    assert_eq!(shop.db.count(told).await, 2);
}

#[tokio::test]
async fn money_that_comes_a_second_after_the_hold_revives_the_purchase() {
    let mut shop = Shop::new(4).await;
    let group = shop.purchase("KZ", "kaspi-qr", 100_000).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.now += SignedDuration::from_secs(301);
    shop.tend().await;
    let expired = shop.state(group).await;

    shop.simulator.act(&page, Deed::Pay, false).unwrap();
    shop.now += SignedDuration::from_hours(1);
    shop.tend().await;

    assert_eq!(expired, "expired");
    assert_eq!(shop.state(group).await, "placed");
    assert_eq!(shop.kept(), 100_000);
}

#[tokio::test]
async fn before_a_hold_ends_the_provider_is_asked() {
    let mut shop = Shop::new(5).await;
    let group = shop.purchase("KZ", "kaspi-qr", 100_000).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.simulator.act(&page, Deed::Pay, false).unwrap();

    shop.now += SignedDuration::from_secs(301);
    shop.tend().await;

    assert_eq!(shop.state(group).await, "placed", "paid, though nobody had told");
}

#[tokio::test]
async fn a_signed_callback_of_another_amount_is_refused_and_shown() {
    let shop = Shop::new(6).await;
    let group = shop.purchase("OM", "omannet-checkout", 20_000).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.simulator.act(&page, Deed::Pay, false).unwrap();
    let mut hook = shop.simulator.hooks(shop.now.as_second()).remove(0);
    hook.body = hook.body.replace("20000", "10");
    let key = "whk_simulated";
    hook.headers =
        vec![("cko-signature", souk_providers::sign::hmac_sha256(key, &[hook.body.as_bytes()]))];

    shop.call_back(&hook).await;

    assert_eq!(shop.state(group).await, "pending_payment");
    let suspects = recent(&mut shop.pool().acquire().await.unwrap(), None, true, 10).await.unwrap();
    assert_eq!(suspects[0].suspect.as_deref(), Some("other_amount"));
}

#[tokio::test]
async fn a_callback_under_a_key_of_several_countries_is_for_the_payments_own() {
    let shop = Shop::new(8).await;
    let group = shop.purchase("KW", "knet-tap", 20_000).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.simulator.act(&page, Deed::Pay, false).unwrap();
    let hook = shop.simulator.hooks(shop.now.as_second()).remove(0);

    shop.call_back(&hook).await;

    assert_eq!(shop.state(group).await, "placed");
}

#[tokio::test]
async fn a_forged_callback_only_makes_us_ask() {
    let shop = Shop::new(7).await;
    let group = shop.purchase("GB", "klarna", 20_000).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.simulator.act(&page, Deed::Pay, false).unwrap();
    let mut paid = shop.simulator.hooks(shop.now.as_second()).remove(0);
    let other = shop.purchase("GB", "klarna", 20_000).await;
    shop.start(other).await;
    let unpaid = shop.simulator.payments().into_iter().find(|one| one.id != page).unwrap();

    let mut forged = paid.clone();
    forged.body = forged.body.replace(&page, &unpaid.id);
    shop.call_back(&forged).await;
    paid.headers.clear();
    shop.call_back(&paid).await;

    assert_eq!(shop.state(other).await, "pending_payment", "the provider knows better");
    assert_eq!(shop.state(group).await, "placed", "asked, it says that this one is paid");
}

#[tokio::test]
async fn a_refund_of_a_part_leaves_the_rest_and_too_much_is_refused() {
    let shop = Shop::new(8).await;
    let group = shop.purchase("KW", "knet-tap", 12_500).await;
    let page = shop.page(&shop.start(group).await).await.unwrap();
    shop.simulator.act(&page, Deed::Pay, false).unwrap();
    shop.deliver().await;
    let part = |minor| Refund {
        group,
        amount: Some(Money::new(minor, Currency::Kwd)),
        reason: "damaged".to_owned(),
        actor: "staff:1".to_owned(),
    };
    let mut connection = shop.pool().acquire().await.unwrap();

    refund(&mut connection, &part(2_500), shop.now).await.unwrap();
    let too_much = refund(&mut connection, &part(10_001), shop.now).await;
    drop(connection);
    shop.tend().await;

    assert!(matches!(too_much, Err(crate::Error::Invalid { field: "amount", .. })), "{too_much:?}");
    assert_eq!(shop.kept(), 10_000);
    let shown = refunds(&mut shop.pool().acquire().await.unwrap(), None, None, 10).await.unwrap();
    assert_eq!((shown.len(), shown[0].state.as_str()), (1, "success"));
}

#[tokio::test]
async fn a_bank_transfer_is_paid_once_staff_say_so() {
    let shop = Shop::new(9).await;
    let group = shop.purchase("KW", "transfer", 12_500).await;
    shop.start(group).await;
    let record = recent(&mut shop.pool().acquire().await.unwrap(), None, false, 1).await.unwrap();

    for _ in 0..2 {
        received(shop.pool(), &shop.gateways, record[0].id, shop.now).await.unwrap();
    }

    assert_eq!(shop.state(group).await, "placed");
}

#[tokio::test]
async fn a_hundred_starts_at_once_ask_the_provider_once() {
    let shop = Shop::new(10).await;
    let group = shop.purchase("KZ", "kaspi-qr", 100_000).await;

    let starts = (0..20).map(|_| {
        let (db, gateways, now) = (shop.pool().clone(), shop.gateways.clone(), shop.now);
        tokio::spawn(async move { start(&db, &gateways, group, now).await.map(drop) })
    });
    for started in starts.collect::<Vec<_>>() {
        started.await.unwrap().unwrap();
    }

    assert_eq!(shop.simulator.payments().len(), 1, "Kaspi has no key against repetition");
}

/// A purchase in a schedule, with the provider's pages that its shopper was sent to.
struct Buyer {
    group: OrderGroupId,
    market: &'static str,
    ways: &'static [&'static str],
    total: i64,
    pages: BTreeSet<String>,
}

const BUYERS: [(&str, &[&str], i64); 4] = [
    ("KW", &["knet", "knet-tap", "tabby"], 12_500),
    ("OM", &["omannet-checkout"], 12_500),
    ("GB", &["klarna", "revolut-pay"], 12_500),
    ("KZ", &["kaspi-qr"], 100_000),
];

async fn step(shop: &mut Shop, buyers: &mut [Buyer], chance: &mut StdRng) {
    let place = chance.random_range(0..buyers.len());
    let buyer = &mut buyers[place];
    let pages: Vec<String> = buyer.pages.iter().cloned().collect();
    match chance.random_range(0..12) {
        0..=2 => {
            let (first, second) = tokio::join!(shop.start(buyer.group), shop.start(buyer.group));
            for started in [first, second] {
                buyer.pages.extend(shop.page(&started).await);
            }
        }
        3..=5 if !pages.is_empty() => {
            let page = &pages[chance.random_range(0..pages.len())];
            let deeds = [Deed::Pay, Deed::Pay, Deed::Pay, Deed::Fail, Deed::Cancel];
            let deed = deeds[chance.random_range(0..deeds.len())];
            let connector = shop
                .simulator
                .payments()
                .into_iter()
                .find(|one| one.id == *page)
                .unwrap()
                .connector;
            let back = shop.simulator.act(page, deed, chance.random_ratio(1, 4));
            if let Some(back) = back.filter(|_| chance.random()) {
                shop.come_back(connector, back).await;
            }
        }
        6 | 7 => shop.deliver().await,
        8 => {
            let code = buyer.ways[chance.random_range(0..buyer.ways.len())];
            let market: MarketCode = buyer.market.parse().unwrap();
            let mut connection = shop.pool().acquire().await.unwrap();
            let way = method(&mut connection, market, None, code).await.unwrap();
            drop(connection);
            let tried = again(shop.pool(), &shop.gateways, None, buyer.group, &way, shop.now).await;
            if let Ok(started) = tried {
                buyer.pages.extend(shop.page(&started).await);
            }
        }
        9 => back_by_name(shop, buyer.group, connector_of(buyer.ways[0])).await,
        10 => {
            let pauses = [10, 299, 301, 1_199, 1_201];
            shop.now += SignedDuration::from_secs(pauses[chance.random_range(0..pauses.len())]);
        }
        _ => {
            tend(shop.pool(), &shop.gateways, shop.now).await.unwrap();
        }
    }
}

fn connector_of(code: &str) -> &'static str {
    match code {
        "knet" => "knet",
        "omannet-checkout" => "checkout_com",
        "klarna" => "stripe",
        _ => "kaspi",
    }
}

async fn schedule(seed: u64, buyers: usize) {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut shop = Shop::new(seed).await;
    shop.simulator.set_moods(Moods {
        unreachable: 5,
        lost_answers: 20,
        errors: 5,
        lost_callbacks: 20,
        repeated_callbacks: 40,
        shuffled: true,
    });
    let mut all = Vec::new();
    for place in 0..buyers {
        let (market, ways, total) = BUYERS[place % BUYERS.len()];
        let group = shop.purchase(market, ways[0], total).await;
        all.push(Buyer { group, market, ways, total, pages: BTreeSet::new() });
    }
    for _ in 0..buyers * 10 {
        step(&mut shop, &mut all, &mut chance).await;
    }
    // Days pass; the weather stays bad.
    for hours in [1, 1, 1, 2, 4, 8, 8, 24, 24, 24, 24, 24, 24, 24, 24, 24] {
        shop.deliver().await;
        shop.tend().await;
        shop.now += SignedDuration::from_hours(hours);
    }
    shop.tend().await;
    check(&shop, &all, seed).await;
}

async fn check(shop: &Shop, buyers: &[Buyer], seed: u64) {
    let payments = shop.simulator.payments();
    for buyer in buyers {
        let references: Vec<String> = sqlx::query_scalar(
            "select reference from payment_attempts join payment_intents on payment_intents.id = intent_id
             where group_id = $1::text::uuid",
        )
        .bind(buyer.group.to_string())
        .fetch_all(shop.pool())
        .await
        .unwrap();
        let ours = payments.iter().filter(|one| references.contains(&one.reference));
        let taken = ours.filter(|one| one.phase == Phase::Captured);
        let kept: i64 = taken.map(|one| one.amount.minor - one.back_minor).sum();
        let placed = shop.state(buyer.group).await == "placed";
        let expected = if placed { buyer.total } else { 0 };
        assert_eq!(
            kept, expected,
            "seed {seed}, {} {}: placed {placed}",
            buyer.market, buyer.group
        );
    }
    let held = payments.iter().filter(|one| one.phase == Phase::Authorised).count();
    assert_eq!(held, 0, "seed {seed}: money is held for nothing");
    for (what, query) in [
        ("unknown", "select count(*) from payment_attempts where unknown and sent_at is not null"),
        (
            "open",
            "select count(*) from payment_operations where state not in ('success', 'failure')",
        ),
        ("suspect", "select count(*) from payment_attempts where suspect is not null"),
    ] {
        assert_eq!(shop.db.count(query).await, 0, "seed {seed}: {what}");
    }
}

#[tokio::test]
async fn hundreds_of_schedules_against_postgresql_keep_one_charge_each() {
    for seed in 0..8 {
        schedule(seed, 40).await;
    }
}

#[tokio::test]
async fn ways_to_pay_are_offered_by_market_city_and_country() {
    let shop = Shop::new(11).await;
    shop.db
        .run(
            "update payment_methods set countries = '{KW}' where market = 'KW' and code = 'knet';
             insert into payment_method_cities (method_id, city_id)
             select id, (select min(id) from cities where market = 'KW') from payment_methods
             where market = 'KW' and code = 'cash'",
        )
        .await;
    let mut connection = shop.pool().acquire().await.unwrap();
    let city: i64 = sqlx::query_scalar("select max(id) from cities where market = 'KW'")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let market = "KW".parse().unwrap();
    let codes = |ways: Vec<Method>| ways.into_iter().map(|way| way.code).collect::<Vec<_>>();

    let all = codes(methods(&mut connection, market, None, None).await.unwrap());
    let abroad =
        codes(methods(&mut connection, market, Some(city.into()), Some("GB")).await.unwrap());

    assert!(all.contains(&"knet".to_owned()) && all.contains(&"cash".to_owned()));
    assert!(!abroad.contains(&"knet".to_owned()) && !abroad.contains(&"cash".to_owned()));
    let label = method(&mut connection, market, None, "knet").await.unwrap().label;
    assert_eq!(label.get(Lang::Ar), "كي نت");
}

#[tokio::test]
async fn a_hold_that_ends_unpaid_is_over_and_told() {
    let mut shop = Shop::new(12).await;
    let group = shop.purchase("KW", "knet", 12_500).await;
    shop.start(group).await;

    shop.now += SignedDuration::from_secs(1_199);
    shop.tend().await;
    let before = shop.state(group).await;
    shop.now += SignedDuration::from_secs(2);
    shop.tend().await;

    assert_eq!(before, "pending_payment");
    assert_eq!(shop.state(group).await, "expired");
    let due = orders::due_holds(&mut shop.pool().acquire().await.unwrap(), shop.now, 10).await;
    assert!(due.unwrap().is_empty());
}
