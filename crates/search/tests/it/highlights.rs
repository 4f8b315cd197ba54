//! What a hit shows of its texts.

use souk_base::Lang::{En, Ru};

use crate::shop::{GB, KZ, Shop, request};

#[test]
fn titles_and_descriptions_are_marked_and_escaped() {
    let mut shop = Shop::new();
    let description = "Twelve <i>fresh</i> roses & \"love\"";
    let product = shop.product().text(En, "<b>Red</b> Roses", description).offer(GB, 1);
    shop.add(product);
    shop.commit();

    let hit = shop.find(&request(GB, "rosess red")).hits.remove(0);

    assert_eq!(hit.title, "<b>Red</b> Roses");
    assert_eq!(hit.snippet, description);
    assert_eq!(hit.highlights.title, "&lt;b&gt;<mark>Red</mark>&lt;/b&gt; <mark>Roses</mark>");
    let marked = "Twelve &lt;i&gt;fresh&lt;/i&gt; <mark>roses</mark> &amp; &quot;love&quot;";
    assert_eq!(hit.highlights.description.as_deref(), Some(marked));
}

#[test]
fn a_form_that_begins_with_another_letter_is_marked() {
    let shop = Shop::with_titles(KZ, &[(Ru, "Подарок для детей")]);

    let hit = shop.find(&request(KZ, "ребёнок")).hits.remove(0);

    assert_eq!(hit.highlights.title, "Подарок для <mark>детей</mark>");
}

#[test]
fn without_a_description_there_is_no_snippet() {
    let shop = Shop::with_titles(GB, &[(En, "Rose")]);

    let hit = shop.find(&request(GB, "")).hits.remove(0);

    assert_eq!((hit.snippet.as_str(), hit.highlights.description), ("", None));
    assert_eq!(hit.highlights.title, "Rose");
}

#[test]
fn a_description_without_the_word_is_shown_from_its_beginning_without_a_mark() {
    let mut shop = Shop::new();
    let product = shop.product().text(En, "Rose", "Fresh & red").offer(GB, 1);
    shop.add(product);
    shop.commit();

    let hit = shop.find(&request(GB, "rose")).hits.remove(0);

    assert_eq!(hit.highlights.description.as_deref(), Some("Fresh &amp; red"));
}

#[test]
fn a_long_description_is_cut_around_the_match() {
    let mut shop = Shop::new();
    let description = format!("{} a velvet ribbon {}", "word ".repeat(100), "end ".repeat(100));
    let product = shop.product().text(En, "Box", &description).offer(GB, 1);
    shop.add(product);
    shop.commit();

    let hit = shop.find(&request(GB, "ribbons")).hits.remove(0);

    assert!(hit.snippet.contains("velvet ribbon"));
    assert!(hit.snippet.chars().count() <= 162);
    assert!(hit.highlights.description.unwrap().contains("velvet <mark>ribbon</mark> end"));
}
