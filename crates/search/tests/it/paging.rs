//! Pages put together are the whole answer, in every order.

use souk_base::Lang::En;
use souk_search::{Request, Sort};

use crate::shop::{GB, Shop, all_pages, offer, request};

const PRODUCTS: u32 = 500;

/// Prices, popularity and ages with many ties; every third product is a lamp; several segments.
fn shop() -> Shop {
    let mut shop = Shop::new();
    for place in 0..PRODUCTS {
        let title = if place % 3 == 0 { "Lamp" } else { "Vase for a lamp" };
        let minor = i64::from(place * 7 % 11) * 100;
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let popularity = (place * 5 % 13) as f32;
        let offers = [offer(place.into(), minor, 1, 1)];
        let mut product = shop.product().text(En, title, "").column(GB, popularity, &offers);
        product.document.created_at_s = i64::from(place % 9);
        shop.add(product);
        if place % 170 == 0 {
            shop.commit();
        }
    }
    shop.commit();
    shop
}

#[test]
fn pages_are_complete_without_repeats_and_in_order_for_every_sort() {
    let shop = shop();
    for (sort, text) in Sort::ALL.into_iter().flat_map(|sort| [(sort, ""), (sort, "lamp")]) {
        let paged = Request { sort, limit: 37, ..request(GB, text) };

        let pages = all_pages(&shop, &paged);

        assert!(pages.iter().all(|page| page.total == u64::from(PRODUCTS)), "{sort}");
        assert_eq!(pages.len(), 14, "{sort}");
        let hits: Vec<_> = pages.into_iter().flat_map(|page| page.hits).collect();
        let mut ordinals: Vec<_> = hits.iter().map(|hit| hit.ordinal.0).collect();
        for (one, next) in hits.iter().zip(&hits[1..]) {
            let ordered = match sort {
                Sort::Price => one.offer.minor.cmp(&next.offer.minor),
                Sort::PriceDescending => next.offer.minor.cmp(&one.offer.minor),
                Sort::Newest => (next.ordinal.0 % 9).cmp(&(one.ordinal.0 % 9)),
                Sort::Relevance | Sort::Popular => next.score.total_cmp(&one.score),
            };
            assert!(ordered.then(one.ordinal.cmp(&next.ordinal)).is_lt(), "{sort} {text}");
        }
        ordinals.sort_unstable();
        assert_eq!(ordinals, (0..PRODUCTS).collect::<Vec<_>>(), "{sort} {text}");
    }
}

#[test]
fn the_last_page_says_so_even_when_it_is_full() {
    let shop = shop();

    let half = shop.find(&Request { limit: 100, ..request(GB, "") });
    let pages = all_pages(&shop, &Request { limit: 100, ..request(GB, "") });

    assert!(half.next.is_some());
    assert_eq!(pages.len(), 5);
    assert_eq!(pages[4].hits.len(), 100);
}
