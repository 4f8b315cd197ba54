//! An invented shop: ten markets, three sellers of everything, texts in two languages whose words are as
//! unevenly frequent as those of real ones.

use std::sync::Arc;

use souk_base::{
    Attribute, AttributeId, AttributeValue, AttributeValueId, Brand, BrandId, Category, CategoryId,
    City, CityId, CitySet, Currency, Lang, Market, MarketCode, Offer, OfferId, Ordinal, ProductId,
    Seller, SellerId, Tables, Translated, VariantId,
};
use souk_search::{Columns, Document, ProductColumn, Text};

/// Words of each language.
const WORDS: u32 = 30_000;
/// Categories at each level.
const LEVELS: [u32; 3] = [10, 90, 300];
const BRANDS: u32 = 500;
const SELLERS: u32 = 100;
const ATTRIBUTES: u32 = 6;
const VALUES: u32 = 12;
const MARKETS: [&str; 10] = ["AE", "BH", "EG", "GB", "JO", "KW", "KZ", "OM", "QA", "SA"];

/// Numbers that look random and are the same every time.
pub(crate) struct Random(pub(crate) u64);

/// Everything but the products, which are made as they are asked for.
pub(crate) struct Shop {
    pub(crate) tables: Arc<Tables>,
    /// English, Arabic.
    words: [Vec<String>; 2],
    /// How often one of the words up to here is meant, of all words.
    frequencies: Vec<f64>,
}

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(end)) >> 32).unwrap()
    }

    /// From 0 to below 1.
    fn part(&mut self) -> f64 {
        f64::from(self.below(1 << 30)) / f64::from(1 << 30)
    }
}

impl Shop {
    pub(crate) fn new() -> Shop {
        let mut sum = 0.0;
        let mut frequencies: Vec<f64> = (0..WORDS)
            .map(|rank| {
                sum += 1.0 / f64::from(rank + 10);
                sum
            })
            .collect();
        frequencies.iter_mut().for_each(|it| *it /= sum);
        let words = [invented(["bcdfghklmnprstvw", "aeiou"]), invented(["بتجدرسشعفقكلمنه", "اوي"])];
        Shop { tables: Arc::new(tables(&words)), words, frequencies }
    }

    pub(crate) fn markets(&self) -> Vec<MarketCode> {
        self.tables.markets.iter().map(|market| market.code).collect()
    }

    /// A word of a language, frequent ones more often.
    pub(crate) fn word(&self, lang: Lang, random: &mut Random) -> &str {
        let part = random.part();
        let place = self.frequencies.partition_point(|&up_to| up_to < part);
        &self.words[usize::from(lang == Lang::Ar)][place]
    }

    fn sentence(&self, lang: Lang, words: u32, random: &mut Random) -> String {
        let words: Vec<&str> = (0..words).map(|_| self.word(lang, random)).collect();
        words.join(" ")
    }

    /// A product's document; another edition has other texts.
    pub(crate) fn document(&self, ordinal: u32, edition: u32) -> Document {
        let mut random = Random(u64::from(ordinal) << 16 | u64::from(edition));
        let leaf = 1 + LEVELS[0] + LEVELS[1] + random.below(LEVELS[2]);
        let categories = self.tables.ancestry(CategoryId::new(leaf.into()));
        let brand = BrandId::new(i64::from(1 + random.below(BRANDS)));
        let value = |attribute: u32, random: &mut Random| {
            AttributeValueId::new(i64::from(1 + attribute * VALUES + random.below(VALUES)))
        };
        let values = (0..ATTRIBUTES).map(|attribute| value(attribute, &mut random)).collect();
        let mut document = Document {
            product_id: ProductId::new(i64::from(ordinal) + 1),
            ordinal: Ordinal(ordinal),
            external_id: Some(format!("x-{ordinal}")),
            slug: format!("product-{ordinal}"),
            picture: "rose/red".to_owned(),
            image: None,
            brand_id: Some(brand),
            categories,
            values,
            codes: vec![format!("SKU-{ordinal}")],
            created_at_s: 1_700_000_000 + i64::from(random.below(50_000_000)),
            texts: Vec::new(),
        };
        for lang in [Lang::En, Lang::Ar] {
            let (title, description) = (3 + random.below(6), 20 + random.below(21));
            document.texts.push(Text {
                lang,
                title: self.sentence(lang, title, &mut random),
                description: self.sentence(lang, description, &mut random),
                keywords: self.keywords(&document, lang),
                values: self.values(&document, lang),
            });
        }
        document
    }

    fn keywords(&self, document: &Document, lang: Lang) -> String {
        let categories = document.categories.iter().map(|id| &self.tables.categories[id].label);
        categories.map(|label| label.get(lang)).collect::<Vec<_>>().join("\n")
    }

    fn values(&self, document: &Document, lang: Lang) -> String {
        let values = document.values.iter().map(|id| &self.tables.values[id].label);
        values.map(|label| label.get(lang)).collect::<Vec<_>>().join("\n")
    }

    /// Every product in every market, by three sellers.
    pub(crate) fn columns(&self, products: u32) -> Columns {
        let markets = self.markets();
        let mut columns = Columns::new(markets.iter().copied());
        for ordinal in 0..products {
            columns.set_product(Ordinal(ordinal), Some(ProductId::new(i64::from(ordinal) + 1)));
            for (place, &market) in (0..).zip(&markets) {
                columns.set(market, Ordinal(ordinal), column(ordinal, place));
            }
        }
        columns
    }
}

fn column(ordinal: u32, market: u32) -> ProductColumn {
    let mut random = Random(u64::from(ordinal) << 8 | u64::from(market));
    let minor = 100 + random.below(50_000);
    let offers = (0..3).map(|place| {
        let sold_out = random.below(8) == 0;
        Offer {
            id: OfferId::new(i64::from((ordinal * 10 + market) * 3 + place)),
            variant_id: VariantId::new(ordinal.into()),
            seller_id: SellerId::new(i64::from(1 + random.below(SELLERS))),
            minor: i64::from(minor + random.below(500)),
            list_minor: None,
            stock: if sold_out { 0 } else { 5 },
            cities: CitySet(if sold_out { 0 } else { random.next() & 0xFF }),
            preparation_minutes: 60,
            until: None,
        }
    });
    let offers = offers.collect();
    #[expect(clippy::cast_possible_truncation, reason = "a score needs few digits")]
    let popularity = (1.0 / (1.0 - random.part())) as f32;
    ProductColumn { offers, popularity }
}

/// Words of two to four syllables, each once.
fn invented([consonants, vowels]: [&str; 2]) -> Vec<String> {
    let consonants: Vec<char> = consonants.chars().collect();
    let vowels: Vec<char> = vowels.chars().collect();
    let mut random = Random(3);
    let mut known = std::collections::HashSet::new();
    let mut words = Vec::new();
    while words.len() < WORDS as usize {
        let one = |of: &[char], random: &mut Random| {
            of[random.below(u32::try_from(of.len()).unwrap()) as usize]
        };
        let mut word = String::new();
        for _ in 0..2 + random.below(3) {
            word.push(one(&consonants, &mut random));
            word.push(one(&vowels, &mut random));
        }
        word.push(one(&consonants, &mut random));
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

fn tables(words: &[Vec<String>; 2]) -> Tables {
    let mut place = 200;
    let mut label = || {
        place += 1;
        let text = |lang, words: &[String]| (lang, words[place].clone());
        [text(Lang::En, &words[0]), text(Lang::Ar, &words[1])].into_iter().collect::<Translated>()
    };
    let categories = (1..=LEVELS.iter().sum::<u32>()).map(|id| category(id, label()));
    let categories = categories.map(|category| (category.id, category)).collect();
    let attributes = (1..=ATTRIBUTES).map(|id| Attribute {
        id: AttributeId::new(id.into()),
        code: format!("attribute{id}"),
        label: label(),
        position: 0,
    });
    let attributes = attributes.collect();
    let values = (0..ATTRIBUTES * VALUES).map(|place| AttributeValue {
        id: AttributeValueId::new(i64::from(place + 1)),
        attribute_id: AttributeId::new(i64::from(place / VALUES + 1)),
        code: format!("value{place}"),
        label: label(),
        position: 0,
    });
    Tables {
        markets: MARKETS.map(market).into(),
        categories,
        attributes,
        values: values.map(|value| (value.id, value)).collect(),
        brands: (1..=i64::from(BRANDS)).map(brand).collect(),
        sellers: (1..=i64::from(SELLERS)).map(seller).collect(),
        ..Tables::default()
    }
}

fn category(id: u32, label: Translated) -> Category {
    let [first, second, _] = LEVELS;
    let parent = match id {
        _ if id <= first => None,
        _ if id <= first + second => Some(1 + id % first),
        _ => Some(first + 1 + id % second),
    };
    Category {
        id: CategoryId::new(id.into()),
        parent_id: parent.map(|id| CategoryId::new(id.into())),
        slug: format!("category-{id}"),
        label,
        position: 0,
    }
}

fn brand(id: i64) -> (BrandId, Brand) {
    let name = format!("Brand {id}");
    (BrandId::new(id), Brand { id: BrandId::new(id), slug: format!("brand-{id}"), name })
}

fn seller(id: i64) -> (SellerId, Seller) {
    let (slug, name) = (format!("seller-{id}"), format!("Seller {id}"));
    (SellerId::new(id), Seller { id: SellerId::new(id), slug, name, house: false })
}

fn market(code: &str) -> Market {
    let city = |place: i64| City {
        id: CityId::new(place),
        slug: format!("city-{place}"),
        label: Translated::default(),
        position: 0,
        active: true,
    };
    Market {
        code: code.parse().unwrap(),
        label: Translated::default(),
        currency: Currency::Gbp,
        payable_step: 1,
        languages: if code == "GB" { vec![Lang::En] } else { vec![Lang::Ar, Lang::En] },
        time_zone: "Etc/UTC".to_owned(),
        weekend: vec![6, 7],
        tax_rate_bp: 0,
        tax_inclusive: true,
        address_fields: vec![],
        flags: serde_json::Map::new(),
        cities: (1..=8).map(city).collect(),
    }
}
