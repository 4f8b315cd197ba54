//! The search page from sample answers, in each language.

use std::collections::BTreeMap;

use askama::Template as _;
use souk_base::Lang;

use super::*;
use crate::sample::{self, value};
use crate::text::texts;

fn asked(visit: &Visit) -> Asked {
    Asked::read(visit, None)
}

fn results(uri: &str, lang: Lang, found: &SearchAnswer) -> Results {
    let visit = sample::visit(uri, lang);
    Results::new(&visit, &asked(&visit), found, None)
}

fn with_facets() -> SearchAnswer {
    let colours = vec![value("red", "Red", 1_200, None), value("white", "White", 3, None)];
    let categories =
        vec![value("flowers", "Flowers", 9, None), value("roses", "Roses", 4, Some("flowers"))];
    let facets =
        BTreeMap::from([("colour".to_owned(), colours), ("category".to_owned(), categories)]);
    let hit = sample::hit("Red Rose", 1_500, "GB".parse().unwrap());
    SearchAnswer { facets, ..sample::answer(vec![hit]) }
}

#[test]
fn the_page_renders_in_every_language_and_market() {
    for lang in Lang::ALL {
        for market in ["KW", "GB"] {
            let visit = sample::visit(&format!("/{market}/search?q=rose"), lang);
            let results = Results::new(&visit, &asked(&visit), &with_facets(), None);
            let frame = Frame::of(&visit, &results.heading);
            let html = SearchPage { frame, results, row: None }.render().unwrap();

            assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{}\">", lang.direction())));
            assert!(html.contains("<mark>Red Rose</mark>"));
            assert!(html.contains(texts(lang).sort), "{lang}");
        }
    }
}

#[test]
fn what_was_typed_is_escaped_everywhere() {
    let html = results("/GB/search?q=%3Cscript%3Ealert(1)%3C/script%3E", Lang::En, &with_facets());

    assert!(!html.render().unwrap().contains("<script>"));
}

#[test]
fn a_facet_value_adds_itself_and_a_chosen_one_takes_itself_out() {
    let uri = "/GB/search?q=rose&filter=colour:red&cursor=old";
    let results = results(uri, Lang::En, &with_facets());

    let colours = results.groups.iter().find(|group| group.label == "Colour").unwrap();
    assert!(colours.values[0].chosen && !colours.values[1].chosen);
    assert_eq!(colours.values[0].href, "/GB/search?q=rose");
    assert_eq!(colours.values[0].count, "1,200");
    assert_eq!(colours.values[1].href, "/GB/search?q=rose&filter=colour:red&filter=colour:white");
    assert_eq!(results.chips[0].label, "Red");
    assert_eq!(results.chips[0].href, "/GB/search?q=rose");
    assert_eq!(results.clear, "/GB/search?q=rose");
}

#[test]
fn categories_unfold_below_the_only_root() {
    let results = results("/GB/search", Lang::En, &with_facets());

    let labels: Vec<_> =
        results.groups[0].values.iter().map(|link| (link.label.as_str(), link.below)).collect();
    assert_eq!(labels, [("Flowers", false), ("Roses", true)]);
}

#[test]
fn many_values_fold_but_chosen_ones_stay_in_sight() {
    let colours =
        (0..12).map(|n| value(&format!("c{n}"), &format!("C{n}"), 20 - n, None)).collect();
    let facets = BTreeMap::from([("colour".to_owned(), colours)]);
    let found = SearchAnswer { facets, ..with_facets() };

    let results = results("/GB/search?filter=colour:c9", Lang::En, &found);

    let group = &results.groups[0];
    assert_eq!(group.values.last().unwrap().label, "C9");
    assert_eq!(group.values.len() + group.more.len(), 12);
}

#[test]
fn a_price_range_is_typed_in_major_units_and_asked_for_in_minor_ones() {
    let visit = sample::visit("/KW/search?min=٥&max=10.5", Lang::En);
    let asked = asked(&visit);

    assert_eq!(asked.request.filters, ["price:5000..10500"]);
    let chips = facets::chips(&visit, &asked, &BTreeMap::new());
    assert_eq!(chips[0].label, "KWD\u{a0}5.000 to KWD\u{a0}10.500");
    assert_eq!(chips[0].href, "/KW/search");
}

#[test]
fn a_price_that_is_none_narrows_nothing() {
    let visit = sample::visit("/KW/search?min=cheap&max=", Lang::En);

    assert!(asked(&visit).request.filters.is_empty());
}

#[test]
fn corrected_and_dropped_words_are_told() {
    let found = SearchAnswer {
        corrected_query: Some("christmas lights".to_owned()),
        relaxed: vec!["purple".to_owned(), "tin".to_owned()],
        ..with_facets()
    };
    let results = results("/GB/search?q=chrismas+ligths", Lang::En, &found);

    let html = results.render().unwrap();
    let corrected = "Showing <b>christmas lights</b>. Nothing matches “chrismas ligths”.";
    assert!(html.contains(corrected), "{html}");
    assert!(html.contains("one or more of these: <b>purple, tin</b>."));
}

#[test]
fn what_the_shop_does_not_sell_is_said_so_and_not_twice() {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let found = SearchAnswer {
        relaxed: words(&["netflix", "card"]),
        not_sold: words(&["netflix"]),
        ..with_facets()
    };

    for (lang, said) in [
        (Lang::En, "We do not sell <b>netflix</b>."),
        (Lang::Ar, "لا نبيع «<b>netflix</b>»."),
        (Lang::Ru, "«<b>netflix</b>» мы не продаём."),
        (Lang::Kk, "Бізде «<b>netflix</b>» сатылмайды."),
    ] {
        let results = results("/KW/search?q=netflix+gift+card", lang, &found);
        assert_eq!(results.notes[1].strong, "card");
        assert!(results.render().unwrap().contains(said), "{lang}");
    }
}

#[test]
fn price_ranges_are_links_that_put_the_typed_range_aside() {
    let mut found = with_facets();
    let ranges = vec![value("..999", "", 4, None), value("1000..1999", "", 7, None)];
    found.facets.insert("price".to_owned(), ranges);

    let results = results("/GB/search?q=rose&min=3&filter=price:..999", Lang::En, &found);

    let links: Vec<_> =
        results.price.ranges.iter().map(|it| (it.label.as_str(), it.chosen)).collect();
    assert_eq!(links, [("up to £9.99", true), ("£10.00 to £19.99", false)]);
    assert_eq!(
        results.price.ranges[1].href,
        "/GB/search?q=rose&filter=price:..999&filter=price:1000..1999"
    );
    assert_eq!(results.price.fields, [("q".to_owned(), "rose".to_owned())]);
    assert_eq!(results.chips[0].label, "up to £9.99");
}

#[test]
fn totals_are_said_in_words() {
    let mut found = with_facets();
    for (lang, total, words) in [
        (Lang::En, 1, "1 product"),
        (Lang::Ru, 1_022, "1\u{a0}022 товара"),
        (Lang::Ar, 2, "منتجان"),
        (Lang::Ar, 11, "١١ منتجًا"),
        (Lang::Kk, 5, "5 тауар"),
    ] {
        found.total = total;
        assert_eq!(results("/KW/search", lang, &found).total, words);
    }
}

#[test]
fn nothing_found_shows_where_to_go_on() {
    let mut found = sample::answer(Vec::new());
    found.relaxed = vec!["xyzzy".to_owned()];
    let visit = sample::visit("/GB/search?q=xyzzy", Lang::En);
    let tile = CategoryTile {
        href: "/GB/c/flowers".to_owned(),
        label: "Flowers".to_owned(),
        count: "9 products".to_owned(),
        picture: "/pictures/bouquet/pink/0.svg".to_owned(),
    };
    let nothing = Nothing { tiles: vec![tile], near: None };

    let results = Results::new(&visit, &asked(&visit), &found, Some(nothing));

    assert_eq!(results.heading, "Nothing found for “xyzzy”");
    let html = results.render().unwrap();
    assert!(!html.contains("0 products"), "the heading says so already");
    assert!(html.contains("/GB/c/flowers") && html.contains(texts(Lang::En).nothing_hint));
}

#[test]
fn what_comes_near_stands_under_a_title_that_says_what_it_has_of_the_search() {
    for lang in Lang::ALL {
        let text = texts(lang);
        let visit = sample::visit("/GB/search?q=xyzzy&filter=colour:red", lang);
        let asked = asked(&visit);
        for (by, title) in [(By::Words, text.whole_shop), (By::Popular, text.popular)] {
            let near = Near { by, hits: vec![sample::hit("Red Rose", 1_500, visit.market)] };
            let offered = row(&visit, &asked, &near);
            assert_eq!(offered.href.contains("q=xyzzy"), by == By::Words, "{lang}");
            let mut found = sample::answer(Vec::new());
            (found.not_sold, found.near) = (vec!["xyzzy".to_owned()], Some(near));
            let nothing = Nothing { tiles: Vec::new(), near: Some(offered) };

            let html = Results::new(&visit, &asked, &found, Some(nothing)).render().unwrap();

            assert!(html.contains(title) && html.contains("Red Rose"), "{lang}: {html}");
            assert!(html.contains("<b>xyzzy</b>"), "{lang}: it says what is not sold");
        }
    }
}

#[test]
fn pages_follow_the_cursor_and_lead_back() {
    let found = SearchAnswer { next: Some("n3xt".to_owned()), ..with_facets() };
    let results = results("/GB/search?q=rose&cursor=now", Lang::En, &found);

    assert_eq!(results.next.as_deref(), Some("/GB/search?q=rose&cursor=n3xt"));
    assert_eq!(results.first.as_deref(), Some("/GB/search?q=rose"));
}

#[test]
fn best_match_is_offered_only_where_something_can_match() {
    let chosen = |uri| {
        let results = results(uri, Lang::En, &with_facets());
        let value = results.sorts.iter().find(|sort| sort.chosen).map(|sort| sort.value);
        (results.sorts.len(), value)
    };

    assert_eq!(chosen("/GB/search?q=rose"), (5, Some("relevance")));
    assert_eq!(chosen("/GB/search"), (4, Some("popular")));
    assert_eq!(chosen("/GB/search?sort=-price"), (4, Some("-price")));
    assert_eq!(chosen("/GB/search?q=rose&sort=nonsense"), (5, Some("relevance")));
}

#[test]
fn a_category_page_shows_the_way_up() {
    let visit = sample::visit("/GB/c/roses", Lang::En);
    let asked = Asked::read(&visit, Some("roses".to_owned()));

    let results = Results::new(&visit, &asked, &with_facets(), None);

    let way: Vec<_> = results.breadcrumbs.iter().map(|crumb| crumb.href.as_str()).collect();
    assert_eq!(way, ["/GB", "/GB/c/flowers"]);
    assert_eq!(results.heading, "Roses");
}
