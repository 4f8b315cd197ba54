//! Delivery windows, closures and last days reach the View like everything else.

use jiff::civil::date;
use souk_base::{CityId, SellerId};
use souk_search::View;

use crate::shop::{Shop, kw, offer};

const KUWAIT_CITY: CityId = CityId::new(285_787);

/// How many slots the house seller has in Kuwait City on a Saturday.
fn slots(view: &View) -> usize {
    let deliveries = view.tables.deliveries.get(&KUWAIT_CITY);
    deliveries.map_or(0, |city| city.slots_on(SellerId::new(1), date(2026, 2, 14)).len())
}

#[tokio::test]
async fn a_changed_window_or_closure_counts_at_once() {
    let mut shop = Shop::new().await;
    shop.product("rose").await;
    shop.start().await;
    assert_eq!(slots(&shop.view()), 3);

    shop.sql(
        "insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at)
         values (285787, '22:00', '23:00', '21:00')",
    )
    .await;
    shop.until("the late window", |view| slots(view) == 4).await;
    shop.sql("update delivery_windows set weekdays = '{1}' where starts_at = '22:00'").await;
    shop.until("it is for Mondays only", |view| slots(view) == 3).await;
    shop.sql("insert into delivery_closures (city_id, date) values (285787, '2026-02-14')").await;
    shop.until("the closure", |view| slots(view) == 0).await;
    shop.sql("delete from delivery_closures").await;
    shop.until("no closure", |view| slots(view) == 3).await;
    shop.sql("delete from delivery_windows where city_id = 285787").await;
    shop.until("no window", |view| slots(view) == 0).await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn the_last_day_of_an_offer_is_a_live_column() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    assert_eq!(offer(&shop.view(), kw(), rose).unwrap().until, None);

    shop.sql("update offers set deliverable_until = '2026-02-14' where market = 'KW'").await;
    let last = Some(date(2026, 2, 14));
    shop.until("the last day", |view| offer(view, kw(), rose).unwrap().until == last).await;
    shop.assert_verified().await;
}
