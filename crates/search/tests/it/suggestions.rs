//! Suggestions while typing.

use jiff::Timestamp;
use souk_base::CityId;
use souk_base::Lang::{Ar, En};
use souk_search::{Error, SuggestRequest, Suggestions};

use crate::shop::{GB, KW, Shop, TOYS, TULIPS, market, offer, path};

fn shop() -> Shop {
    let mut shop = Shop::new();
    let titles = ["Red roses", "Red rose in a box", "White roses", "Rosemary oil", "Red robot"];
    for title in titles {
        let product = shop.product().text(En, title, "").offer(GB, 1);
        shop.add(product);
    }
    let mut tulip = shop.product().text(En, "Red tulip", "");
    tulip.document.categories = path(TULIPS);
    shop.add(tulip.column(GB, 9.0, &[offer(1, 1, 1, 0b10)]));
    let mut robot = shop.product().text(En, "Rocket", "").offer(KW, 1);
    robot.document.categories = path(TOYS);
    shop.add(robot);
    let arabic = shop.product().text(Ar, "وردة", "").offer(KW, 1);
    shop.add(arabic);
    shop.commit();
    shop
}

fn suggest(shop: &Shop, code: &str, text: &str) -> Suggestions {
    shop.view().suggest(&asked(code, text, 10)).unwrap()
}

pub(crate) fn asked<'a>(code: &str, text: &'a str, limit: usize) -> SuggestRequest<'a> {
    let now = Timestamp::UNIX_EPOCH;
    let (lang, city, date, segment) = (None, None, None, None);
    SuggestRequest { market: market(code), text, lang, city, date, segment, now, limit }
}

fn texts(suggestions: &Suggestions) -> Vec<&str> {
    let whole = suggestions.queries.iter().filter(|query| query.category.is_none());
    whole.map(|query| query.text.as_str()).collect()
}

#[test]
fn the_last_word_is_completed_with_words_that_have_hits_the_most_first() {
    let shop = shop();

    assert_eq!(texts(&suggest(&shop, GB, "ro")), ["roses", "robot", "rosemary"]);
    assert_eq!(texts(&suggest(&shop, GB, "red ro")), ["red roses", "red robot"]);
    assert_eq!(texts(&suggest(&shop, GB, "white r")), ["white roses"]);
}

#[test]
fn words_of_another_market_are_never_suggested() {
    let shop = shop();

    assert_eq!(texts(&suggest(&shop, KW, "ro")), ["rocket"]);
    assert!(suggest(&shop, KW, "red").products.is_empty());
}

#[test]
fn a_suggestion_is_written_as_in_the_shop_not_as_in_the_index() {
    let shop = shop();

    assert_eq!(texts(&suggest(&shop, KW, "ورد")), ["وردة"]);
}

#[test]
fn misspelled_words_are_suggested_right() {
    let shop = shop();

    assert_eq!(texts(&suggest(&shop, GB, "wihte ros")), ["white roses"]);
    assert_eq!(texts(&suggest(&shop, GB, "tulpi")), ["tulip"]);
}

#[test]
fn the_best_query_is_also_suggested_in_its_largest_category() {
    let shop = shop();

    let suggestions = suggest(&shop, GB, "red");

    assert_eq!(suggestions.queries[1].text, suggestions.queries[0].text);
    assert_eq!(suggestions.queries[1].category.as_deref(), Some("roses"));
}

#[test]
fn a_query_is_never_suggested_in_a_category_where_it_finds_nothing() {
    let mut shop = shop();
    for title in ["Tutu", "Turtle"].repeat(9) {
        let mut product = shop.product().text(En, title, "").offer(GB, 1);
        product.document.categories = path(TOYS);
        shop.add(product);
    }
    for _ in 0..10 {
        let product = shop.product().text(En, "Tumbler", "").offer(GB, 1);
        shop.add(product);
    }
    shop.commit();

    let best = suggest(&shop, GB, "tu").queries.remove(1);

    assert_eq!((best.text.as_str(), best.category.as_deref()), ("tumbler", Some("roses")));
}

/// Few rare words beside many roses, most of which are candle holders.
fn florist() -> Shop {
    let mut shop = Shop::new();
    for title in ["Red rose", "Twelve roses", "White rose"] {
        let product = shop.product().text(En, title, "").offer(GB, 1);
        shop.add(product);
    }
    for title in ["Rosette", "Rosemary", "Rose holder", "Rose candle", "Rose lamp", "Rose box"] {
        let mut product = shop.product().text(En, title, "A long list of what it is made of");
        product.document.categories = path(TOYS);
        shop.add(product.offer(GB, 1));
    }
    shop.commit();
    shop
}

#[test]
fn products_of_the_best_query_come_before_rarer_words_that_begin_the_same() {
    let shop = florist();
    let titles = |text, limit| -> Vec<String> {
        let suggestions = shop.view().suggest(&asked(GB, text, limit)).unwrap();
        suggestions.products.into_iter().map(|hit| hit.title).collect()
    };
    let is_rose = |title: &String| title.to_lowercase().contains("rose") && title.contains(' ');

    assert!(titles("ros", 3).iter().all(is_rose), "{:?}", titles("ros", 3));
    assert_eq!(titles("ros", 3).len(), 3);
    assert_eq!(titles("ros", 20).len(), 6);
    assert_eq!(titles("roset", 20), ["Rosette"]);
}

#[test]
fn products_of_other_completions_fill_what_the_best_query_leaves() {
    let mut shop = Shop::with_titles(GB, &[(En, "Rosette"), (En, "Red rose"), (En, "Roses")]);
    let titles = |shop: &Shop| -> Vec<String> {
        suggest(shop, GB, "ros").products.into_iter().map(|hit| hit.title).collect()
    };

    assert_eq!(titles(&shop).len(), 3);
    assert_eq!(titles(&shop)[2], "Rosette");

    shop.columns.remove(souk_base::Ordinal(1));
    shop.columns.remove(souk_base::Ordinal(2));
    assert_eq!(titles(&shop), ["Rosette"]);
}

#[test]
fn a_category_named_after_the_word_is_preferred_to_one_with_more_products() {
    let queries = suggest(&florist(), GB, "ros").queries;

    assert_eq!((queries[1].text.as_str(), queries[1].category.as_deref()), ("rose", Some("roses")));
}

#[test]
fn signs_and_repeated_words_do_not_confuse_the_suggestion() {
    let shop = shop();

    assert_eq!(texts(&suggest(&shop, GB, "  Red, ro!")), ["Red, roses", "Red, robot"]);
    assert_eq!(texts(&suggest(&shop, GB, "roses r")), ["roses red"]);
    assert!(!texts(&suggest(&shop, GB, "red r")).contains(&"red red"));
}

#[test]
fn categories_match_by_the_words_of_their_names_and_are_never_empty() {
    let shop = shop();
    let slugs = |text: &str| -> Vec<String> {
        suggest(&shop, GB, text).categories.into_iter().map(|it| it.slug).collect()
    };

    assert_eq!(slugs("ro"), ["roses"]);
    assert_eq!(slugs("plants fl"), ["flowers"]);
    assert_eq!(slugs("tu"), ["tulips"]);
    assert_eq!(slugs("to"), [""; 0]);
}

#[test]
fn nothing_typed_suggests_what_is_popular_and_the_largest_categories() {
    let shop = shop();

    let suggestions = suggest(&shop, GB, "");

    assert_eq!(suggestions.products[0].title, "Red tulip");
    assert_eq!(suggestions.products.len(), 6);
    let counts: Vec<_> =
        suggestions.categories.iter().map(|it| (it.slug.as_str(), it.count)).collect();
    assert_eq!(counts, [("gifts", 6), ("flowers", 6), ("roses", 5), ("tulips", 1)]);
}

#[test]
fn in_a_city_only_what_can_be_bought_there_is_suggested() {
    let shop = shop();
    let request = |city| SuggestRequest { city: Some(CityId::new(city)), ..asked(GB, "tul", 5) };

    assert!(shop.view().suggest(&request(10)).unwrap().queries.is_empty());
    assert_eq!(texts(&shop.view().suggest(&request(11)).unwrap()), ["tulip"]);
}

#[test]
fn limits_are_refused_and_no_text_panics() {
    let shop = shop();
    let long = "x".repeat(513);
    let request = |text, limit| asked(GB, text, limit);
    let refused = |text, limit| shop.view().suggest(&request(text, limit)).unwrap_err().code();

    assert_eq!(refused("x", 0), "out_of_range");
    assert_eq!(refused("x", 21), "out_of_range");
    assert_eq!(refused(&long, 5), "too_long");
    for text in ["r", "'", "ро́", "💐 r", "a-1", "\u{0}", "red  ", "RED RO", "ﷺ"] {
        shop.view().suggest(&request(text, 3)).unwrap();
    }
    let unknown = SuggestRequest { market: market("FR"), ..request("", 1) };
    assert!(matches!(shop.view().suggest(&unknown), Err(Error::UnknownMarket { .. })));
}
