//! What search finds, asks and promises for a city on a day is what SQL alone works out from the same rows, and the
//! product page and the cart say it, too: for thousands of random products, cities, days and instants.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use souk_api::pipeline::Deliverable;
use souk_api::pipeline::products::{self, ProductRequest};
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::{App, AppState};
use souk_base::{CityId, Lang, OfferId, Ordinal};
use souk_commerce::carts::{self, Cart, NewCart, Recipient};
use souk_commerce::writes::{self, Begun};
use sqlx::{FromRow, PgPool};

use crate::shop;

/// Questions; each is about every product of its market, some 230.
const QUESTIONS: usize = 64;
/// Products of each question that are put into a cart; `SOUK_TEST_CARTS` takes more.
const CARTS: usize = 6;
/// Products a run compares at the least.
const COMPARED_MIN: usize = 10_000;
/// Days around which the clocks of London and Cairo change, and one of no importance.
const DAYS: [&str; 5] = ["2026-03-28", "2026-04-23", "2026-06-10", "2026-10-24", "2026-10-29"];

/// Makes a shop that is as untidy as life: four sellers in six markets, offers that end, stock here and there, dated
/// prices, and windows at odd times of which some are one seller's own. `setseed` makes it the same for a seed;
/// a subquery that draws mentions its row, or it would be drawn once for all.
const UNTIDY: &str = "
insert into sellers (slug, name) values ('flora', 'Flora'), ('petal', 'Petal'), ('dawn', 'Dawn');
insert into offers (variant_id, seller_id, market)
    select offers.variant_id, offers.seller_id, 'EG' from offers where market = 'KW';
insert into offers (variant_id, seller_id, market)
    select offers.variant_id, sellers.id, offers.market from offers cross join sellers
    where not house and random() < 0.5;
insert into prices (offer_id, minor)
    select id, (1 + random() * 40)::bigint * 100 from offers
    where not exists (select from prices where offer_id = offers.id);
insert into price_exceptions (offer_id, minor, during)
    select id, (1 + random() * 40)::bigint * 100, '[2020-01-01,)' from offers where random() < 0.15;
insert into warehouses (city_id, seller_id, name)
    select cities.id, sellers.id, 'w' from cities cross join sellers on conflict do nothing;
delete from stock;
insert into stock (offer_id, warehouse_id, on_hand, reserved)
    select offers.id, warehouses.id, 1, (random() < 0.2)::int
    from offers
    join warehouses on warehouses.seller_id = offers.seller_id
    join cities on cities.id = warehouses.city_id and cities.market = offers.market
    where random() < 0.5;
update offers set
    preparation_minutes = (array[0, 30, 60, 119, 120, 240, 1440, 5000])[1 + (random() * 7)::int],
    deliverable_until = case when random() < 0.25
        then date '2026-03-20' + (random() * 230)::int end;
delete from delivery_windows where random() < 0.5;
insert into delivery_windows
    (city_id, seller_id, weekdays, starts_at, ends_at, cut_off_at, cut_off_days, during)
select cities.id,
       (select id from sellers where random() < 0.25 and cities.id > 0 and round > 0 order by random() limit 1),
       (array['{1,2,3,4,5,6,7}', '{1,2,3,4,5}', '{5,6,7}', '{7}'])[1 + (random() * 3)::int]::smallint[],
       start, least(start + interval '3 hours', '23:59'),
       (array['00:30', '01:00', '01:30', '09:00', '12:00', '23:00', '23:30', '23:59'])
           [1 + (random() * 7)::int]::time,
       (random() * 2)::int,
       case when random() < 0.3 then '[2026-03-29,2026-10-30)'::daterange else '(,)' end
from cities, generate_series(1, 4) as round,
     lateral (select time '00:30' + (random() * 39 + round * 0)::int * interval '30 minutes' as start) as s
where start < '20:30' and random() < 0.7;
insert into delivery_closures (city_id, seller_id, date)
    select cities.id, case when random() < 0.6 then sellers.id end,
           day::date + (random() * 6)::int
    from cities cross join sellers
    cross join unnest(array['2026-03-28', '2026-04-22', '2026-06-10', '2026-10-23', '2026-10-28']::date[]) as day
    where random() < 0.3 on conflict do nothing";

/// A local time as an instant. The clock may show it twice: then the first is meant, where `at time zone` takes the
/// second.
const INSTANT: &str = "
create function instant(local timestamp, zone text) returns timestamptz language sql stable as $$
    select case when (at - interval '1 hour') at time zone zone = local then at - interval '1 hour' else at end
    from (select local at time zone zone) as plain (at)
$$";

/// What is found in market `$1` for city `$2` on day `$3` (or any) at instant `$4`, a row a product.
const PROMISED: &str = "
with asked as (select $3::text::date as wished, $4::text::timestamptz as asked_at),
market as (
    select time_zone, (asked_at at time zone time_zone)::date as today
    from asked cross join markets where code = $1
),
windows as (
    select sellers.id as seller, delivery_windows.*
    from sellers join delivery_windows on city_id = $2 and (seller_id = sellers.id or seller_id is null
        and not exists (select from delivery_windows own where own.city_id = $2 and own.seller_id = sellers.id))
),
slots as materialized (
    select seller, id, day, instant(day + starts_at, time_zone) as starts, instant(day + ends_at, time_zone) as ends,
           instant(day - cut_off_days + cut_off_at, time_zone) as cut_off
    from market cross join windows cross join generate_series(0, 60) as ahead
    cross join lateral (select today + ahead as day) as days
    where extract(isodow from day) = any (weekdays) and during @> day
    and not exists (select from delivery_closures where city_id = $2 and date = day
                    and (seller_id is null or seller_id = seller))
),
open_slots as materialized (select slots.* from slots cross join asked where asked_at < cut_off),
offered as (
    select offers.*, coalesce(price_exceptions.minor, prices.minor) as minor
    from offers
    join products on products.id = offers.product_id and products.state = 'active'
    join prices on prices.offer_id = offers.id
    left join price_exceptions on price_exceptions.offer_id = offers.id and during @> now()
    where offers.market = $1 and offers.state = 'active'
    and (select sum(on_hand - reserved) from stock join warehouses on warehouses.id = warehouse_id
         where stock.offer_id = offers.id and city_id = $2) > 0
),
best as (
    select distinct on (product_id) offered.*, slot.*
    from asked cross join offered left join lateral (
        select day, starts, ends, cut_off from open_slots
        where seller = offered.seller_id and (wished is null or day = wished)
        and asked_at + preparation_minutes * interval '1 minute' <= ends
        and (deliverable_until is null or day <= deliverable_until)
        order by day, starts, ends, open_slots.id limit 1
    ) as slot on true
    where wished is null or day is not null
    order by product_id, minor, offered.id
)
select product_id, best.id as offer_id, minor, day::text, extract(epoch from starts)::bigint as starts,
       extract(epoch from ends)::bigint as ends, extract(epoch from cut_off)::bigint as cut_off,
       (select min(open_slots.day) from open_slots
        where seller = best.seller_id and asked_at + preparation_minutes * interval '1 minute' <= open_slots.ends
        and (deliverable_until is null or open_slots.day <= deliverable_until))::text as earliest
from best cross join asked";

/// A product with its price and what is promised for it.
#[derive(Clone, Debug, PartialEq, FromRow)]
struct Promised {
    product_id: i64,
    offer_id: i64,
    minor: i64,
    day: Option<String>,
    starts: Option<i64>,
    ends: Option<i64>,
    cut_off: Option<i64>,
    earliest: Option<String>,
}

impl Promised {
    fn new(product_id: i64, offer_id: i64, minor: i64, deliverable: &Deliverable) -> Promised {
        let slot = deliverable.slot.as_ref();
        assert_eq!(deliverable.available, slot.is_some());
        Promised {
            product_id,
            offer_id,
            minor,
            day: slot.map(|slot| slot.date.to_string()),
            starts: slot.map(|slot| slot.starts_at.timestamp().as_second()),
            ends: slot.map(|slot| slot.ends_at.timestamp().as_second()),
            cut_off: slot.map(|slot| slot.cut_off_at.timestamp().as_second()),
            earliest: deliverable.earliest.map(|date| date.to_string()),
        }
    }

    /// Of a cart of one line. It offers slots of the day it is wished for only.
    fn of_cart(product_id: i64, cart: &Cart) -> Promised {
        let (line, delivery) = (&cart.lines[0], &cart.deliveries[0]);
        let slot = delivery.options.first().map(|option| option.slot);
        Promised {
            product_id,
            offer_id: line.offer_id.get(),
            minor: line.unit_minor,
            day: slot.map(|slot| slot.date.to_string()),
            starts: slot.map(|slot| slot.starts_at.as_second()),
            ends: slot.map(|slot| slot.ends_at.as_second()),
            cut_off: slot.map(|slot| slot.cut_off_at.as_second()),
            earliest: delivery.earliest.map(|date| date.to_string()),
        }
    }

    /// What a cart says that is wished for no day.
    fn without_day(&self) -> Promised {
        Promised { day: None, starts: None, ends: None, cut_off: None, ..self.clone() }
    }
}

/// Where, for which day, and when it is asked.
#[derive(Clone, Copy, Debug)]
struct Question {
    market: &'static str,
    city: i64,
    date: Option<Date>,
    now: Timestamp,
}

impl Question {
    /// On a half-hour more often than not, since cut-offs and changes of the clock fall on those.
    fn random(random: &mut StdRng, app: &AppState) -> Question {
        let market = *["KW", "SA", "AE", "GB", "KZ", "EG", "GB", "EG"].choose(random).unwrap();
        let tables = &app.view().unwrap().tables;
        let cities = &tables.market(market.parse().unwrap()).unwrap().cities;
        let day: Timestamp = format!("{}T00:00:00Z", DAYS.choose(random).unwrap()).parse().unwrap();
        let half_hours = SignedDuration::from_mins(30 * random.random_range(-24..96));
        let seconds = *[-1, 0, 0, 1, 777].choose(random).unwrap();
        let now = day + half_hours + SignedDuration::from_secs(seconds);
        let ahead = *[-1, 0, 0, 0, 1, 1, 2, 3, 5, 60, 61].choose(random).unwrap();
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = today.checked_add(SignedDuration::from_hours(24 * ahead)).unwrap();
        let date = random.random_bool(0.85).then_some(date);
        Question { market, city: cities.choose(random).unwrap().id.get(), date, now }
    }

    fn request(&self) -> SearchRequest {
        SearchRequest {
            city: Some(CityId::new(self.city)),
            date: self.date,
            now: self.now,
            limit: 100,
            ..SearchRequest::of(self.market.parse().unwrap())
        }
    }

    /// What PostgreSQL works out.
    async fn calculated(&self, pool: &PgPool) -> BTreeMap<i64, Promised> {
        let rows: Vec<Promised> = sqlx::query_as(PROMISED)
            .bind(self.market)
            .bind(self.city)
            .bind(self.date.map(|date| date.to_string()))
            .bind(self.now.to_string())
            .fetch_all(pool)
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.product_id, row)).collect()
    }

    /// What search answers, all pages together.
    async fn searched(&self, app: &AppState) -> BTreeMap<i64, Promised> {
        let mut found = BTreeMap::new();
        let mut request = self.request();
        loop {
            let answer = search::run(app, &request).await.unwrap();
            for hit in &answer.hits {
                let (product, offer) = (hit.product_id.get(), hit.offer_id.get());
                let deliverable = hit.deliverable.as_ref().unwrap();
                let promised = Promised::new(product, offer, hit.price.minor, deliverable);
                assert!(found.insert(product, promised).is_none());
            }
            let Some(cursor) = answer.next else { return found };
            request.cursor = Some(cursor);
        }
    }

    /// What the page of a product says: of the offers that can be had the cheapest, as everywhere.
    async fn shown(&self, app: &AppState, product: i64) -> Option<Promised> {
        let SearchRequest { market, lang, city, date, now, .. } = self.request();
        let request = ProductRequest { market, id: product.into(), lang, city, date, now };
        let answer = products::run(app, &request).await.unwrap();
        let offers = answer.variants.iter().flat_map(|variant| &variant.offers);
        let available = offers.filter_map(|offer| {
            let deliverable = offer.deliverable.as_ref().unwrap();
            let is_available = if date.is_some() { deliverable.available } else { offer.in_stock };
            is_available.then_some((offer.price.minor, offer.offer_id.get(), deliverable))
        });
        let (minor, offer, deliverable) = available.min_by_key(|&(minor, id, _)| (minor, id))?;
        Some(Promised::new(product, offer, minor, deliverable))
    }

    /// What a cart says in which this offer alone is, for the same city and day.
    async fn in_cart(&self, pool: &PgPool, product: i64, offer: i64) -> Promised {
        let Begun::New(mut write) = writes::begin(pool, None, None).await.unwrap() else {
            panic!("a write without a key was answered before")
        };
        let SearchRequest { market, city, date, now, .. } = self.request();
        let new = NewCart { market, lang: Lang::En, visitor: None };
        let cart = carts::create(&mut write, &new, now).await.unwrap();
        carts::add_line(&mut write, cart, OfferId::new(offer), 1, now).await.unwrap();
        let recipient = Recipient { city, ..Recipient::default() };
        carts::set_recipient(&mut write, cart, &recipient, date, None, now).await.unwrap();
        let read = carts::read(&mut write, cart, now).await.unwrap();
        write.roll_back().await.unwrap();
        Promised::of_cart(product, &read)
    }
}

async fn product_at(pool: &PgPool, ordinal: Ordinal) -> i64 {
    let product = sqlx::query_scalar("select id from products where ordinal = $1");
    product.bind(ordinal.0.cast_signed()).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_pages_and_carts_promise_what_sql_works_out() {
    let shop = shop::flower_shop().await;
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let mut connection = shop.pool.acquire().await.unwrap();
    sqlx::query("select setseed($1)")
        .bind(random.random_range(-1.0..1.0))
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::raw_sql(UNTIDY).execute(&mut *connection).await.unwrap();
    sqlx::raw_sql(INSTANT).execute(&mut *connection).await.unwrap();
    sqlx::raw_sql("analyze").execute(&mut *connection).await.unwrap();
    shop.caught_up().await;
    let app = Arc::new(App::new(shop.pool.clone(), shop.engine(), "secret"));

    let carts = std::env::var("SOUK_TEST_CARTS").map_or(CARTS, |carts| carts.parse().unwrap());
    let (mut compared, mut found, mut promised, mut in_carts) = (0, 0, 0, 0);
    for round in 0..QUESTIONS {
        let question = Question::random(&mut random, &app);
        let place = || format!("seed {seed}, round {round}: {question:?}");

        let calculated = question.calculated(&shop.pool).await;

        assert_eq!(question.searched(&app).await, calculated, "{}", place());
        let view = app.view().unwrap();
        let columns = view.columns.iter(question.market.parse().unwrap());
        let ordinals: Vec<_> = columns.map(|(ordinal, _)| ordinal).collect();
        for ordinal in ordinals.sample(&mut random, 3) {
            let product = product_at(&shop.pool, *ordinal).await;
            let shown = question.shown(&app, product).await;
            assert_eq!(shown.as_ref(), calculated.get(&product), "{}", place());
        }
        let found_ones: Vec<&Promised> = calculated.values().collect();
        for expected in found_ones.sample(&mut random, carts) {
            let of_day = match question.date {
                Some(_) => (*expected).clone(),
                None => expected.without_day(),
            };
            let in_cart = question.in_cart(&shop.pool, of_day.product_id, of_day.offer_id).await;
            assert_eq!(in_cart, of_day, "in a cart, {}", place());
            in_carts += 1;
        }
        compared += ordinals.len();
        found += calculated.len();
        promised += calculated.values().filter(|product| product.day.is_some()).count();
    }
    assert!(in_carts >= QUESTIONS, "only {in_carts} were put into a cart");
    assert!(compared >= COMPARED_MIN, "only {compared} were compared");
    assert!(promised * 10 > compared, "only {promised} of {compared} were promised");
    assert!(found * 10 < compared * 9, "{found} of {compared} were found");
    drop(connection);
    shop.close().await;
}
