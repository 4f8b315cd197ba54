//! Words: all must match, misspelled ones are corrected, too many are relaxed, the last may go on.

use souk_base::Lang::{self, En};
use souk_search::{Error, Found, Request, Sort};

use crate::shop::{GB, KW, KZ, Shop, TOYS, owned, path, request};

fn christmas() -> Shop {
    let titles = [
        "Christmas lights warm white",
        "Lights for the garden",
        "Christmas tree with lights",
        "Christmas lights",
        "Paper lanterns",
        "Candle holder",
    ];
    Shop::with_titles(GB, &titles.map(|title| (En, title)))
}

/// What shoppers see of an answer.
fn seen(found: &Found) -> (u64, Vec<(u32, f32)>) {
    (found.total, found.hits.iter().map(|hit| (hit.ordinal.0, hit.score)).collect())
}

/// Whether just the first so many hits have both words of a query.
fn complete(found: &Found, hits: usize) -> bool {
    found
        .hits
        .iter()
        .enumerate()
        .all(|(place, hit)| (hit.rank.matched_words == 2) == (place < hits))
}

#[test]
fn a_misspelled_query_is_answered_exactly_as_the_corrected_one() {
    let shop = christmas();

    let wrong = shop.find(&request(GB, "chrismas ligths"));
    let right = shop.find(&request(GB, "christmas lights"));

    assert!(complete(&right, 3));
    assert_eq!(seen(&wrong), seen(&right));
    assert_eq!(wrong.corrected.as_deref(), Some("christmas lights"));
    assert_eq!(wrong.hits[0].highlights, right.hits[0].highlights);
    assert_eq!(right.corrected, None);
}

#[test]
fn the_correction_is_the_text_typed_with_only_the_wrong_words_replaced() {
    let shop = christmas();

    let found = shop.find(&request(GB, "Paper, lanternz!"));

    assert_eq!(found.corrected.as_deref(), Some("Paper, lanterns!"));
    assert_eq!(found.hits[0].title, "Paper lanterns");
}

#[test]
fn short_words_numbers_and_wrong_first_letters_of_short_words_are_not_corrected() {
    let shop = Shop::with_titles(GB, &[(En, "Tea set"), (En, "Model 1234567"), (En, "Candle")]);

    for text in ["tee", "1234568", "kandle"] {
        let found = shop.find(&request(GB, text));
        assert_eq!((found.total, found.corrected), (0, None), "{text}");
    }
}

#[test]
fn the_nearest_word_is_taken_and_among_equals_the_most_frequent() {
    let shop = Shop::with_titles(
        GB,
        &[(En, "Table"), (En, "Cable"), (En, "Cable long"), (En, "Fables of old"), (En, "Cabled")],
    );

    let found = shop.find(&request(GB, "cabble"));
    assert_eq!(found.corrected.as_deref(), Some("cable"));

    let shop = Shop::with_titles(GB, &[(En, "Stone"), (En, "Store"), (En, "Store big")]);
    assert_eq!(shop.find(&request(GB, "stoe")).corrected.as_deref(), Some("store"));
}

#[test]
fn no_words_of_another_market_leak_in() {
    let mut shop = Shop::new();
    let here = shop.product().text(En, "Candles", "").offer(GB, 1);
    let there = shop.product().text(En, "Cradles", "").offer(KW, 1);
    let nowhere = shop.product().text(En, "Handles", "");
    for product in [here, there, nowhere] {
        shop.add(product);
    }
    shop.commit();

    assert_eq!(shop.titles(GB, "cradles"), [""; 0]);
    assert_eq!(shop.find(&request(GB, "cradles")).corrected, None);
    assert_eq!(shop.find(&request(GB, "cradless")).corrected, None);
    assert_eq!(shop.find(&request(GB, "candless")).corrected.as_deref(), Some("candles"));
    assert_eq!(shop.find(&request(KW, "candles")).corrected.as_deref(), None);
    let typed = Request { prefix: true, ..request(GB, "cra") };
    assert_eq!(shop.find(&typed).total, 0);
}

#[test]
fn a_word_that_only_another_market_has_is_corrected_to_one_of_this_market() {
    let mut shop = Shop::new();
    let here = shop.product().text(En, "Stones", "").offer(GB, 1);
    let there = shop.product().text(En, "Stores", "").offer(KW, 1);
    shop.add(here);
    shop.add(there);
    shop.commit();

    assert_eq!(shop.find(&request(GB, "stores")).corrected.as_deref(), Some("stones"));
    assert_eq!(shop.find(&request(KW, "stores")).corrected, None);
}

#[test]
fn when_no_product_has_all_words_those_with_most_of_them_are_shown() {
    let shop = christmas();

    let found = shop.find(&request(GB, "christmas lights umbrella"));
    assert_eq!(found.total, 3);
    assert_eq!(found.relaxed, ["umbrella"]);
    assert_eq!(found.not_sold, ["umbrella"]);

    let found = shop.find(&request(GB, "candle lanterns"));
    assert_eq!(found.total, 2);
    assert_eq!(found.relaxed, ["candle", "lanterns"]);
    assert!(found.not_sold.is_empty(), "both are sold, though not as one");

    let found = shop.find(&request(GB, "xylophone zeppelin"));
    assert_eq!((found.total, found.relaxed), (0, vec![]));
    assert_eq!(found.not_sold, ["xylophone", "zeppelin"]);
}

#[test]
fn a_filter_never_makes_a_query_relax() {
    let shop = christmas();
    let filters = owned(&["category:toys"]);

    let found = shop.find(&Request { filters: &filters, ..request(GB, "paper lanterns") });

    assert_eq!((found.total, found.relaxed), (0, vec![]));
    assert!(found.not_sold.is_empty());
}

#[test]
fn a_last_word_that_nobody_has_is_the_beginning_of_one_typing_or_not() {
    let shop = christmas();

    let typing = shop.find(&Request { prefix: true, ..request(GB, "christmas lig") });
    let done = shop.find(&request(GB, "christmas lig"));

    assert!(complete(&typing, 3) && typing.hits[3].rank.matched_words == 1);
    // Nobody has the word, so that it can only be the beginning of one.
    assert_eq!(seen(&done), seen(&typing));
    let html = &typing.hits[0].highlights.title;
    assert!(html.contains("<mark>Christmas</mark> <mark>lights</mark>"), "{html}");
}

#[test]
fn the_misspelled_beginning_of_a_word_is_corrected_while_typing() {
    let shop = christmas();

    let found = shop.find(&Request { prefix: true, ..request(GB, "chrisma") });

    assert_eq!(found.corrected.as_deref(), Some("christmas"));
    assert_eq!(found.total, 3);
}

#[test]
fn a_product_is_found_by_its_code_however_it_is_written() {
    let mut shop = christmas();
    let mut product = shop.product().text(En, "Mug", "").offer(GB, 1);
    product.document.codes = owned(&["AB-12/3", "4006381333931"]);
    shop.add(product);
    shop.commit();

    for text in ["AB-12/3", "ab123", "4006381333931", "mug ab-12/3"] {
        assert_eq!(shop.titles(GB, text), ["Mug"], "{text}");
    }
    assert_eq!(shop.titles(GB, "ab-12/4"), [""; 0]);
}

#[test]
fn stop_words_do_not_have_to_match() {
    let shop = christmas();

    assert_eq!(shop.titles(GB, "the paper and the lanterns"), ["Paper lanterns"]);
}

#[test]
fn the_title_counts_more_than_the_description() {
    let mut shop = Shop::new();
    let described = shop.product().text(En, "Vase", "Holds one rose or two").offer(GB, 1);
    let titled = shop.product().text(En, "Rose", "Comes in one vase or two").offer(GB, 1);
    shop.add(described);
    shop.add(titled);
    shop.commit();

    assert_eq!(shop.titles(GB, "rose"), ["Rose", "Vase"]);
    assert_eq!(shop.titles(GB, "vase"), ["Vase", "Rose"]);
}

#[test]
fn without_words_everything_visible_is_there_most_popular_first() {
    let mut shop = Shop::new();
    for (popularity, title) in [(1.0, "Slow"), (3.0, "Hot"), (2.0, "Warm")] {
        let offers = [crate::shop::offer(1, 1, 1, 1)];
        let product = shop.product().text(En, title, "").column(GB, popularity, &offers);
        shop.add(product);
    }
    shop.commit();

    for text in ["", "  ", "…!"] {
        assert_eq!(shop.titles(GB, text), ["Hot", "Warm", "Slow"], "{text}");
    }
    assert_eq!(shop.titles(KZ, ""), [""; 0]);
}

#[test]
fn each_product_under_a_category_is_found_there_and_no_other() {
    let mut shop = Shop::new();
    let rose = shop.product().text(En, "Rose", "").offer(GB, 1);
    let mut bear = shop.product().text(En, "Bear", "A rose in its paw").offer(GB, 1);
    bear.document.categories = path(TOYS);
    shop.add(rose);
    shop.add(bear);
    shop.commit();

    for (text, category, titles) in [
        ("", "flowers", &["Rose"][..]),
        ("", "gifts", &["Rose", "Bear"]),
        ("rose", "toys", &["Bear"]),
        ("", "tulips", &[]),
    ] {
        let found = shop.find(&Request { category: Some(category), ..request(GB, text) });
        let found: Vec<_> = found.hits.into_iter().map(|hit| hit.title).collect();
        assert_eq!(found, titles, "{text} in {category}");
    }
}

#[test]
fn in_a_city_only_what_can_be_bought_there_is_found_with_the_offer_of_that_city() {
    let mut shop = Shop::new();
    let offers = [crate::shop::offer(1, 500, 1, 0b01), crate::shop::offer(2, 700, 2, 0b10)];
    let both = shop.product().text(En, "Rose", "").column(GB, 0.0, &offers);
    let first = shop.product().text(En, "Tulip", "").column(GB, 0.0, &offers[..1]);
    let sold_out =
        shop.product().text(En, "Lily", "").column(GB, 0.0, &[crate::shop::offer(3, 1, 1, 0)]);
    for product in [both, first, sold_out] {
        shop.add(product);
    }
    shop.commit();
    let city = |id| Request { city: Some(souk_base::CityId::new(id)), ..request(GB, "") };

    assert_eq!(shop.find(&request(GB, "")).total, 3);
    assert_eq!(shop.find(&city(10)).total, 2);
    let second = shop.find(&city(11));
    assert_eq!((second.total, second.hits[0].offer.minor), (1, 700));
    assert!(second.hits[0].in_stock);
    assert!(matches!(shop.try_find(&city(12)), Err(Error::UnknownCity { .. })));
    assert!(matches!(shop.try_find(&city(20)), Err(Error::UnknownCity { .. })));
}

#[test]
fn names_that_do_not_exist_are_refused_by_name() {
    let shop = christmas();
    let code = |request: Request<'_>| shop.try_find(&request).unwrap_err().code();
    let filters = owned(&["mood:good"]);

    assert_eq!(code(request("FR", "")), "unknown_market");
    assert_eq!(code(Request { filters: &filters, ..request(GB, "") }), "unknown_field");
    assert_eq!(code(Request { category: Some("x"), ..request(GB, "") }), "unknown_category");
    let unknown = "colour".parse::<Sort>().unwrap_err();
    assert_eq!(unknown.code(), "unknown_sort");
    assert!(unknown.to_string().contains("relevance, price, -price, newest, popular"));
}

#[test]
fn a_page_language_that_the_market_does_not_have_is_no_error() {
    let shop = christmas();

    let found = shop.find(&Request { lang: Some(Lang::Kk), ..request(GB, "christmas lights") });

    assert!(complete(&found, 3));
}

#[test]
fn what_a_word_names_comes_before_what_it_only_describes() {
    let mut titles: Vec<(Lang, String)> = Vec::new();
    for colour in ["Black", "White", "Red"] {
        for thing in ["Keyboard cover", "Sofa cover", "Wireless keyboard", "Desk lamp"] {
            titles.push((En, format!("{thing}, {colour}")));
        }
    }
    let titles: Vec<(Lang, &str)> = titles.iter().map(|(lang, it)| (*lang, it.as_str())).collect();
    let shop = Shop::with_titles(GB, &titles);

    let found = shop.titles(GB, "keyboard");

    let is_keyboard = |title: &String| title.starts_with("Wireless");
    assert!(found[..3].iter().all(is_keyboard) && !found[3..].iter().any(is_keyboard), "{found:?}");
}

#[test]
fn a_real_word_that_no_product_has_beside_the_others_was_meant_to_be_another() {
    let titles = ["CD player", "Portable CD player", "CD player, red", "Song played by a band"];
    let shop = Shop::with_titles(GB, &titles.map(|title| (En, title)));

    let found = shop.find(&request(GB, "cd played loud"));
    assert_eq!(found.corrected, None);

    let found = shop.find(&request(GB, "played cd"));
    assert_eq!(found.hits[0].rank.matched_words, 1);
    let found = shop.find(&request(GB, "cd played"));
    assert_eq!(found.corrected.as_deref(), Some("cd player"));
}

#[test]
fn two_words_without_the_space_between_them_are_taken_apart() {
    let titles = ["Laptop stand", "Laptop", "Stand for a lamp", "Laptop sleeve"];
    let shop = Shop::with_titles(GB, &titles.map(|title| (En, title)));

    let found = shop.find(&request(GB, "Laptopstand, grey"));

    assert_eq!(found.corrected.as_deref(), Some("laptop stand, grey"));
    assert_eq!(found.hits[0].title, "Laptop stand");
    assert_eq!(shop.find(&request(GB, "lampsleeve")).corrected, None, "no product has both");
}

#[test]
fn two_words_mean_the_one_that_titles_make_of_them_but_what_has_both_comes_first() {
    let titles = ["Smartwatch with GPS", "Smart watch", "Watch", "Smart speaker", "Smartwatch"];
    let shop = Shop::with_titles(GB, &titles.map(|title| (En, title)));

    for text in ["smart watch", "smart watc"] {
        let found = shop.find(&Request { prefix: true, ..request(GB, text) });
        let titles: Vec<&str> = found.hits.iter().map(|hit| hit.title.as_str()).collect();
        assert_eq!(titles[..3], ["Smart watch", "Smartwatch", "Smartwatch with GPS"], "{text}");
        assert_eq!(found.hits[1].rank.typo_cost, 1);
        assert!(found.relaxed.is_empty() || found.hits[2].rank.matched_words == 2, "{text}");
    }
}

#[test]
fn every_hit_says_how_far_its_words_are_from_what_was_typed() {
    let shop = christmas();

    let costs = |text| {
        let found = shop.find(&request(GB, text));
        found.hits.iter().map(|hit| hit.rank.typo_cost).collect::<Vec<u8>>()
    };

    assert_eq!(costs("chrismas ligths")[..3], [2, 2, 2]);
    assert_eq!(costs("christmas lights")[..3], [0, 0, 0]);
}
