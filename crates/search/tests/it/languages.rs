//! The forms and spellings of a word are one word, in four languages.

use souk_base::Lang::{Ar, En, Kk, Ru};
use souk_search::Request;

use crate::shop::{GB, KW, KZ, Shop, request};

#[test]
fn arabic_is_found_without_marks_and_hamza() {
    let shop = Shop::with_titles(KW, &[(Ar, "وَرْد أحمر"), (Ar, "شوكولاتة")]);

    assert_eq!(shop.titles(KW, "ورد احمر"), ["وَرْد أحمر"]);
    assert_eq!(shop.titles(KW, "الورود الحمراء"), ["وَرْد أحمر"]);
    assert_eq!(shop.titles(KW, "وردة"), ["وَرْد أحمر"]);
}

#[test]
fn russian_is_found_in_another_number_and_case() {
    let shop = Shop::with_titles(KZ, &[(Ru, "Красная роза"), (Ru, "Зелёная ваза")]);

    assert_eq!(shop.titles(KZ, "красные розы"), ["Красная роза"]);
    assert_eq!(shop.titles(KZ, "зеленые вазы"), ["Зелёная ваза"]);
}

#[test]
fn kazakh_is_found_in_the_plural_and_in_any_case() {
    let shop = Shop::with_titles(KZ, &[(Kk, "Қызыл раушан"), (Kk, "Ақ гүл")]);

    assert_eq!(shop.titles(KZ, "раушандар"), ["Қызыл раушан"]);
    assert_eq!(shop.titles(KZ, "гүлдерді"), ["Ақ гүл"]);
}

#[test]
fn english_is_found_without_its_apostrophe_and_plural() {
    let shop = Shop::with_titles(GB, &[(En, "Mother’s Day roses"), (En, "Fathers mug")]);

    assert_eq!(shop.titles(GB, "mothers rose"), ["Mother’s Day roses"]);
    assert_eq!(shop.titles(GB, "father's mugs"), ["Fathers mug"]);
}

#[test]
fn every_language_of_the_market_is_searched_and_the_page_language_is_shown() {
    let mut shop = Shop::new();
    let both = shop.product().text(En, "Red rose", "").text(Ar, "وردة حمراء", "").offer(KW, 1);
    shop.add(both);
    shop.commit();

    let arabic = shop.find(&Request { lang: Some(Ar), ..request(KW, "red rose") });
    let english = shop.find(&Request { lang: Some(En), ..request(KW, "ورد") });

    assert_eq!(arabic.hits[0].title, "وردة حمراء");
    assert_eq!(english.hits[0].title, "Red rose");
}

#[test]
fn digits_of_any_script_are_the_same_digits() {
    let shop = Shop::with_titles(KW, &[(Ar, "باقة ٢٥ وردة"), (En, "Bunch of 50")]);

    assert_eq!(shop.titles(KW, "25"), ["باقة ٢٥ وردة"]);
    assert_eq!(shop.titles(KW, "٥٠"), ["Bunch of 50"]);
}
