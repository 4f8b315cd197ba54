//! Beginnings of titles, as somebody types them.

use std::time::{Duration, Instant};

use souk_base::Lang;
use souk_search::{SuggestRequest, View};

use crate::data::{Random, Shop};
use crate::{cpu_time, summary};

const BEGINNINGS: u32 = 4_000;
const LETTERS_MAX: u32 = 12;

/// Types, letters after letters, and prints how long suggesting took.
pub(crate) fn run(shop: &Shop, view: &View) {
    let products = u32::try_from(view.searcher.document_count()).unwrap();
    let (mut all, mut queries, mut found, mut cpu) = (Vec::new(), 0, 0, Duration::ZERO);
    for letters in 1..=LETTERS_MAX {
        let mut random = Random(u64::from(letters));
        let mut times = Vec::new();
        for _ in 0..BEGINNINGS / LETTERS_MAX {
            let (text, lang) = typed(shop, products, letters, &mut random);
            let market = shop.markets()[random.below(10) as usize];
            let request = SuggestRequest {
                market,
                text: &text,
                lang: Some(lang),
                city: None,
                date: None,
                segment: None,
                now: jiff::Timestamp::UNIX_EPOCH,
                limit: 8,
            };
            let (before, start) = (cpu_time(), Instant::now());
            let suggested = view.suggest(&request).unwrap();
            times.push(start.elapsed());
            cpu += cpu_time() - before;
            queries += suggested.queries.len();
            found += usize::from(!suggested.products.is_empty());
        }
        println!("{letters:>3} letters: {}", summary(&mut times));
        all.extend(times);
    }
    println!("        all: {}; processor {:.1?}", summary(&mut all), cpu / BEGINNINGS);
    println!("{queries} queries suggested, products to {found} of {BEGINNINGS}");
}

/// The first letters of a title's first two words, sometimes with a slip.
fn typed(shop: &Shop, products: u32, letters: u32, random: &mut Random) -> (String, Lang) {
    let lang = if random.below(10) < 7 { Lang::En } else { Lang::Ar };
    let document = shop.document(random.below(products), 0);
    let text = document.texts.iter().find(|text| text.lang == lang).unwrap();
    let words: Vec<&str> = text.title.split(' ').take(2).collect();
    let mut typed: Vec<char> = words.join(" ").chars().take(letters as usize).collect();
    let last = typed.iter().rev().take_while(|letter| **letter != ' ').count();
    if last >= 5 && random.below(100) < 15 {
        let at = typed.len() - 2;
        typed.swap(at, at - 1);
    }
    (typed.into_iter().collect(), lang)
}
