//! Rules and synonyms in an answer, and how they go together with slips, beginnings, filters and facets.

use std::sync::Arc;

use jiff::Timestamp;
use souk_base::Lang::{Ar, En, Ru};
use souk_base::{
    Action, AttributeValueId, Condition, Lang, ProductId, Rule, RuleId, Synonym, SynonymId,
    SynonymKind, Tables, Target,
};
use souk_search::{Found, Query, Request, View};

use crate::shop::{GB, KW, KZ, Shop, owned, request};
use crate::suggestions::asked;

/// Products of these titles in one market, with these rules and synonyms.
fn shop(code: &str, titles: &[(Lang, &str)], rules: Vec<Rule>, synonyms: Vec<Synonym>) -> Shop {
    let mut shop = Shop::with_titles(code, titles);
    let tables = Arc::get_mut(&mut shop.tables).unwrap();
    tables.rules = rules;
    tables.synonyms = synonyms;
    shop
}

fn rule(id: i64, conditions: Vec<Condition>, actions: Vec<Action>) -> Rule {
    Rule {
        id: RuleId::new(id),
        name: format!("rule {id}"),
        enabled: true,
        priority: 0,
        market: None,
        conditions,
        actions,
        starts_at: None,
        ends_at: None,
    }
}

fn query_is(text: &str) -> Vec<Condition> {
    vec![Condition::QueryIs(text.to_owned())]
}

fn synonym(kind: SynonymKind, words: &[&str]) -> Synonym {
    Synonym { id: SynonymId::new(1), market: None, lang: None, kind, words: owned(words) }
}

fn product(ordinal: i64) -> ProductId {
    ProductId::new(1_000 + ordinal)
}

fn ordinals(found: &Found) -> Vec<u32> {
    found.hits.iter().map(|hit| hit.ordinal.0).collect()
}

const ROSES: [(Lang, &str); 4] =
    [(En, "Red rose"), (En, "White rose"), (En, "Pink rose"), (En, "Garden tulip")];

#[test]
fn a_pin_puts_a_product_in_its_place_even_when_the_words_are_not_in_it() {
    let actions = vec![
        Action::Pin { product: product(3), position: 1 },
        Action::Pin { product: product(2), position: 2 },
    ];
    let shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), actions)], vec![]);

    let found = shop.find(&request(GB, "Rose"));
    let page = shop.find(&Request { limit: 2, ..request(GB, "rose") });
    let rest = shop.find(&Request { limit: 2, after: page.next, ..request(GB, "rose") });

    assert_eq!((ordinals(&found)[..2].to_vec(), found.total), (vec![3, 2], 4));
    assert_eq!(found.rules, [RuleId::new(1)]);
    assert_eq!((ordinals(&page), ordinals(&rest)), (vec![3, 2], vec![0, 1]));
    assert_eq!(ordinals(&shop.find(&request(GB, "red rose")))[0], 0);
}

#[test]
fn pins_keep_their_places_over_pages_and_every_hit_is_on_one_of_them() {
    let titles: Vec<(Lang, String)> = (0..40).map(|place| (En, format!("Rose {place}"))).collect();
    let titles: Vec<(Lang, &str)> = titles.iter().map(|(lang, title)| (*lang, &**title)).collect();
    let pin = |ordinal, position| Action::Pin { product: product(ordinal), position };
    let pins = vec![pin(39, 2), pin(38, 30), pin(0, 31), pin(1, 90), pin(2, 100)];
    let shop = shop(GB, &titles, vec![rule(1, query_is("rose"), pins)], vec![]);
    let whole = ordinals(&shop.find(&Request { limit: 100, ..request(GB, "rose") }));

    assert_eq!([whole[1], whole[29], whole[30], whole[38], whole[39]], [39, 38, 0, 1, 2]);
    for limit in [1, 7, 24, 29, 30, 39, 40] {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = shop.find(&Request { limit, after, ..request(GB, "rose") });
            assert_eq!(page.total, 40);
            pages.extend(ordinals(&page));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pages, whole, "{limit} a page");
    }
}

#[test]
fn what_is_hidden_from_a_query_is_not_suggested_on_the_way_to_it() {
    let hide = vec![Action::Hide(product(0))];
    let shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), hide)], vec![]);

    for typed in ["ros", "rose"] {
        let suggestions = shop.view().suggest(&asked(GB, typed, 6)).unwrap();
        let shown: Vec<u32> = suggestions.products.iter().map(|hit| hit.ordinal.0).collect();
        assert_eq!(shown, [1, 2], "{typed}");
    }
}

#[test]
fn a_view_with_other_tables_answers_with_them_and_leaves_the_first_alone() {
    let shop = shop(GB, &ROSES, vec![], vec![]);
    let (view, request) = (shop.view(), request(GB, "rose"));
    let mut tables = Tables::clone(&view.tables);
    tables.rules = vec![rule(1, query_is("rose"), vec![Action::Hide(product(0))])];

    let tried = view.with_tables(tables);

    let total = |view: &View| {
        view.candidates(&Query::parse(&request, &view.tables).unwrap()).unwrap().total
    };
    assert_eq!((total(&tried), total(&view)), (2, 3));
}

#[test]
fn a_pinned_product_still_has_to_pass_the_filters_and_be_in_the_market() {
    let pin = vec![Action::Pin { product: product(3), position: 1 }];
    let mut shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), pin)], vec![]);
    let filters = owned(&["price:2000.."]);

    let filtered = shop.find(&Request { filters: &filters, ..request(GB, "rose") });
    shop.columns.remove(souk_base::Ordinal(3));
    let gone = shop.find(&request(GB, "rose"));

    assert_eq!(filtered.total, 0);
    assert_eq!(gone.total, 3);
}

#[test]
fn what_a_rule_hides_is_neither_found_nor_counted() {
    let hide = vec![Action::Hide(product(0))];
    let shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), hide)], vec![]);
    let facets = owned(&["category"]);

    let found = shop.find(&Request { facets: &facets, ..request(GB, "rose") });

    assert_eq!((ordinals(&found), found.total), (vec![1, 2], 2));
    assert_eq!(found.facets[0].values[0].count, 2);
}

#[test]
fn boosts_and_buries_move_products_and_whole_values() {
    let up = Action::Boost { what: Target::Product(product(2)), percent: 50 };
    let down = Action::Bury { what: Target::Product(product(0)), percent: 50 };
    let shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), vec![up, down])], vec![]);
    assert_eq!(ordinals(&shop.find(&request(GB, "rose"))), [2, 1, 0]);

    let mut shop = Shop::new();
    for value in [1, 2] {
        let mut rose = shop.product().text(En, "Rose", "").offer(GB, 1_000);
        rose.document.values = vec![AttributeValueId::new(value)];
        shop.add(rose);
    }
    shop.commit();
    assert_eq!(ordinals(&shop.find(&request(GB, "rose"))), [0, 1]);
    let white = Action::Boost { what: Target::Value(AttributeValueId::new(2)), percent: 20 };
    Arc::get_mut(&mut shop.tables).unwrap().rules = vec![rule(1, vec![], vec![white])];
    assert_eq!(ordinals(&shop.find(&request(GB, "rose"))), [1, 0]);
    assert_eq!(ordinals(&shop.find(&request(GB, ""))), [1, 0]);
}

#[test]
fn a_rule_replaces_filters_leads_elsewhere_and_shows_a_banner() {
    let text = [(En, "Roses today".to_owned())].into();
    let actions = vec![
        Action::Replace("tulip".to_owned()),
        Action::Filter("price:500..".to_owned()),
        Action::Filter("nonsense".to_owned()),
        Action::Redirect("/GB/c/tulips".to_owned()),
        Action::Banner { text, link: None },
    ];
    let shop = shop(GB, &ROSES, vec![rule(1, query_is("rose"), actions)], vec![]);

    let found = shop.find(&request(GB, "rose"));

    assert_eq!(ordinals(&found), [3]);
    assert_eq!(found.redirect.as_deref(), Some("/GB/c/tulips"));
    assert_eq!(found.banner.unwrap().text[&En], "Roses today");
    assert_eq!(shop.find(&request(GB, "red")).redirect, None);
}

#[test]
fn a_rule_holds_in_its_time_only() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut hide = rule(1, vec![], vec![Action::Hide(product(0))]);
    (hide.starts_at, hide.ends_at) = (Some(at(100)), Some(at(200)));
    let shop = shop(GB, &ROSES, vec![hide], vec![]);

    let total = |second| shop.find(&Request { now: at(second), ..request(GB, "rose") }).total;

    assert_eq!([total(99), total(100), total(199), total(200)], [3, 2, 2, 3]);
}

#[test]
fn synonyms_go_one_way_or_both_and_may_be_several_words() {
    let titles =
        [(En, "Smart television"), (En, "Mobile phone"), (En, "Sofa"), (En, "Cell culture")];
    let synonyms = vec![
        synonym(SynonymKind::OneWay, &["telly", "television"]),
        synonym(SynonymKind::TwoWay, &["cell phone", "mobile phone"]),
        synonym(SynonymKind::OneWay, &["couch", "sofa"]),
    ];
    let shop = shop(GB, &titles, vec![], synonyms);
    let first = |text| ordinals(&shop.find(&request(GB, text))).first().copied();

    assert_eq!(first("telly"), Some(0));
    assert_eq!(first("cell phone"), Some(1));
    assert_eq!(shop.find(&request(GB, "cell phone")).hits[0].rank.matched_words, 2);
    assert_eq!(first("couch"), Some(2));
    assert!(shop.find(&request(GB, "couch")).corrected.is_none());
}

/// Every way a text may be typed, times every way the shop may know it, times what is narrowed and counted.
#[test]
fn slips_synonyms_beginnings_facets_and_rules_go_together() {
    let titles = [(En, "Smart television"), (En, "Television stand"), (En, "Radio")];
    let synonyms = || vec![synonym(SynonymKind::TwoWay, &["fernseher", "television"])];
    let hide = || rule(1, vec![], vec![Action::Hide(product(1))]);
    let by_rule = || {
        let words = owned(&["fernseher", "television"]);
        rule(2, vec![], vec![Action::Synonym(words)])
    };
    let (filters, facets) = (owned(&["price:1.."]), owned(&["category"]));
    for text in ["television", "televisoin", "televis", "fernseher", "fernsehre", "fernseh"] {
        for (rules, known) in [(vec![hide()], synonyms()), (vec![hide(), by_rule()], vec![])] {
            for prefix in [false, true] {
                for filters in [&[][..], &filters[..]] {
                    let shop = shop(GB, &titles, rules.clone(), known.clone());
                    let request = Request { prefix, filters, facets: &facets, ..request(GB, text) };

                    let found = shop.find(&request);

                    let told = format!("{text} {prefix} {filters:?} {} rules", rules.len());
                    assert_eq!(ordinals(&found), [0], "{told}");
                    assert_eq!(found.facets[0].values[0].count, 1, "{told}");
                }
            }
        }
    }
}

#[test]
fn a_text_typed_on_another_keyboard_or_in_latin_letters_is_understood() {
    let roses = [(Ru, "Красная роза"), (Ru, "Белый тюльпан")];
    let shop_kz = shop(KZ, &roses, vec![], vec![]);
    let found = shop_kz.find(&request(KZ, "hjpf"));
    assert_eq!((ordinals(&found), found.corrected.as_deref()), (vec![0], Some("роза")));
    let found = shop_kz.find(&request(KZ, "tyulpan"));
    assert_eq!((ordinals(&found), found.corrected.as_deref()), (vec![1], Some("тюльпан")));

    let shop_kw = shop(KW, &[(Ar, "وردة حمراء"), (Ar, "هدية")], vec![], vec![]);
    let found = shop_kw.find(&request(KW, "hadiya"));
    assert_eq!((ordinals(&found), found.corrected.as_deref()), (vec![1], Some("هدية")));
}
