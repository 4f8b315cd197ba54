//! `souk-jsonl`, read: a line of JSON becomes an [`Item`], or a reason why not.
//!
//! Everything in a line is untrusted: each field is checked for kind, form and length, and the reason names it.

mod fields;

use std::collections::BTreeMap;

use serde::Deserialize;
use souk_base::{Lang, MarketCode, Translated, slug};

use self::fields::{Fields, OneOrMany, Scalar, bounded, name, names};
use super::codes::attribute_code;
use super::pricing::Pricing;
use super::{Item, ItemAttribute, ItemPrice, ItemVariant};
use crate::products::ProductText;

const TITLE_LENGTH_MAX: usize = 300;
const DESCRIPTION_LENGTH_MAX: usize = 20_000;
/// As long as browsers and caches take an address without trouble.
const IMAGE_LENGTH_MAX: usize = 2_048;
const CATEGORY_DEPTH_MAX: usize = 8;
const VARIANTS_MAX: usize = 200;
/// As `prices_minor_positive` has it.
const MINOR_MAX: i64 = 1_000_000_000_000;
/// As `offers_preparation_in_range` has it: 30 days.
const PREPARATION_MINUTES_MAX: i32 = 43_200;
/// More than any warehouse of a gift shop holds, and far below the column's limit.
const UNITS_MAX: i32 = 1_000_000_000;

type Read<T> = Result<T, String>;

/// A product of a line, with the keys of the line that mean nothing here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) item: Item,
    pub(super) ignored: Vec<String>,
}

/// Reads a line.
pub(super) fn parse(line: &str, pricing: &Pricing) -> Read<Parsed> {
    if line.contains("\\u0000") || line.contains('\0') {
        return Err("contains the character NUL, which PostgreSQL cannot store".to_owned());
    }
    let fields =
        serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let mut fields = Fields(fields);
    let item = item(&mut fields, pricing)?;
    Ok(Parsed { item, ignored: fields.0.into_iter().map(|(key, _)| key).collect() })
}

fn item(fields: &mut Fields, pricing: &Pricing) -> Read<Item> {
    let external_id = match fields.take::<Scalar>("id")? {
        Some(id) => name("id", &id.text())?,
        None => return Err("id: is missing".to_owned()),
    };
    let lang = fields.take::<Lang>("lang")?.unwrap_or(Lang::En);
    let translations: BTreeMap<Lang, Translation> =
        fields.take("translations")?.unwrap_or_default();
    if translations.contains_key(&lang) {
        return Err(format!("translations: {lang} is the language of the line itself"));
    }
    let variants = variants(fields, pricing, &external_id, lang)?;
    Ok(Item {
        texts: texts(fields, lang, &translations)?,
        brand: brand(fields)?,
        category: category(fields, lang, &translations)?,
        attributes: attributes(fields, lang, &translations)?,
        picture: picture(fields)?,
        images: images(fields)?,
        external_id,
        lang,
        variants,
    })
}

/// Texts of a line in another language.
#[derive(Deserialize)]
struct Translation {
    title: Option<String>,
    description: Option<String>,
    category: Option<Vec<String>>,
    attributes: Option<BTreeMap<String, OneOrMany<Scalar>>>,
}

fn texts(
    fields: &mut Fields,
    lang: Lang,
    translations: &BTreeMap<Lang, Translation>,
) -> Read<Vec<ProductText>> {
    let title: String = fields.take("title")?.ok_or("title: is missing")?;
    let mut description: Option<String> = fields.take("description")?;
    if description.is_none() {
        description = fields.take("short_description")?;
    }
    let mut texts = vec![text("", lang, &title, description.as_deref())?];
    for (&lang, translation) in translations {
        let place = format!("translations.{lang}.");
        match &translation.title {
            Some(title) => {
                texts.push(text(&place, lang, title, translation.description.as_deref())?);
            }
            None if translation.description.is_some() => {
                return Err(format!("{place}title: is missing"));
            }
            None => {}
        }
    }
    Ok(texts)
}

fn text(place: &str, lang: Lang, title: &str, description: Option<&str>) -> Read<ProductText> {
    let title = bounded(&format!("{place}title"), title, TITLE_LENGTH_MAX)?;
    let description = description.unwrap_or_default().trim().to_owned();
    if description.chars().count() > DESCRIPTION_LENGTH_MAX {
        return Err(format!(
            "{place}description: is longer than {DESCRIPTION_LENGTH_MAX} characters"
        ));
    }
    Ok(ProductText { lang, title, description })
}

fn brand(fields: &mut Fields) -> Read<Option<String>> {
    let brand: Option<String> = fields.take("brand")?;
    brand.filter(|brand| !brand.trim().is_empty()).map(|brand| name("brand", &brand)).transpose()
}

fn category(
    fields: &mut Fields,
    lang: Lang,
    translations: &BTreeMap<Lang, Translation>,
) -> Read<Vec<Translated>> {
    let path = names("category", &fields.take_many("category")?)?;
    if path.len() > CATEGORY_DEPTH_MAX {
        return Err(format!("category: is more than {CATEGORY_DEPTH_MAX} levels deep"));
    }
    let mut labels: Vec<_> =
        path.into_iter().map(|label| Translated::from_iter([(lang, label)])).collect();
    for (&lang, translation) in translations {
        let Some(translated) = &translation.category else { continue };
        let place = format!("translations.{lang}.category");
        if translated.len() != labels.len() {
            return Err(format!("{place}: has {} levels, not {}", translated.len(), labels.len()));
        }
        for (label, text) in labels.iter_mut().zip(translated) {
            label.set(lang, name(&place, text)?);
        }
    }
    Ok(labels)
}

fn attributes(
    fields: &mut Fields,
    lang: Lang,
    translations: &BTreeMap<Lang, Translation>,
) -> Read<Option<Vec<ItemAttribute>>> {
    let given: Option<BTreeMap<String, Option<OneOrMany<Scalar>>>> = fields.take("attributes")?;
    let Some(given) = given else { return Ok(None) };
    let mut attributes = Vec::new();
    for (key, values) in given {
        let values = values.map(OneOrMany::into_vec).unwrap_or_default();
        let values: Vec<_> = values.iter().filter(|value| !value.text().is_empty()).collect();
        if values.is_empty() {
            continue;
        }
        let mut labels: Vec<_> = values.iter().map(|value| value.label(lang)).collect();
        for (&lang, translation) in translations {
            translate_values(&mut labels, lang, &key, translation)?;
        }
        let key = name("attributes", &key)?;
        let code = attribute_code(&key);
        attributes.push(ItemAttribute { code, name: key, values: labels });
    }
    Ok(Some(attributes))
}

/// Adds the labels of one attribute's values in another language.
fn translate_values(
    labels: &mut [Translated],
    lang: Lang,
    key: &str,
    translation: &Translation,
) -> Read<()> {
    let values = translation.attributes.as_ref().and_then(|attributes| attributes.get(key));
    let Some(values) = values.cloned().map(OneOrMany::into_vec) else { return Ok(()) };
    let place = format!("translations.{lang}.attributes.{key}");
    if values.len() != labels.len() {
        return Err(format!("{place}: has {} values, not {}", values.len(), labels.len()));
    }
    for (label, value) in labels.iter_mut().zip(values) {
        label.set(lang, bounded(&place, &value.text(), DESCRIPTION_LENGTH_MAX)?);
    }
    Ok(())
}

fn picture(fields: &mut Fields) -> Read<Option<String>> {
    let picture: Option<String> = fields.take("picture")?;
    match picture {
        // It becomes a part of an address.
        Some(picture) if picture.is_empty() || slug(&picture) != picture => {
            Err(format!("picture: must be lower-case letters and digits, but is \"{picture}\""))
        }
        picture => Ok(picture),
    }
}

fn images(fields: &mut Fields) -> Read<Vec<String>> {
    let given = fields.take_many("image")?;
    given.iter().map(|url| bounded("image", &url.text(), IMAGE_LENGTH_MAX)).collect()
}

/// A variant as a line has it.
#[derive(Deserialize)]
struct RawVariant {
    sku: Scalar,
    #[serde(default)]
    options: BTreeMap<String, Scalar>,
    #[serde(default)]
    option_labels: BTreeMap<Lang, BTreeMap<String, String>>,
    #[serde(default)]
    eans: Vec<Scalar>,
    #[serde(default)]
    prices: BTreeMap<String, RawPrice>,
    #[serde(default)]
    stock: BTreeMap<String, i32>,
}

/// A price as a line has it.
#[derive(Deserialize)]
struct RawPrice {
    minor: i64,
    list_minor: Option<i64>,
    preparation_minutes: Option<i32>,
}

/// What a line says once for all of its variants.
struct Shared {
    lang: Lang,
    price: Option<ItemPrice>,
    preparation_minutes: Option<i32>,
    stock: BTreeMap<String, i32>,
}

fn variants(
    fields: &mut Fields,
    pricing: &Pricing,
    id: &str,
    lang: Lang,
) -> Read<Vec<ItemVariant>> {
    let eans = names("ean", &fields.take_many("ean")?)?;
    let given: Option<Vec<RawVariant>> = fields.take("variants")?;
    let preparation_minutes = preparation(fields.take("preparation_minutes")?)?;
    let price = plain_price(fields, pricing)?;
    let stock = stock(fields.take("stock")?.unwrap_or_default(), pricing)?;
    let shared = Shared { lang, price, preparation_minutes, stock };
    let given = given.filter(|list| !list.is_empty()).unwrap_or_else(|| vec![only_variant(id)]);
    if given.len() > VARIANTS_MAX {
        return Err(format!("variants: are more than {VARIANTS_MAX}"));
    }
    let mut variants: Vec<ItemVariant> = Vec::new();
    for raw in given {
        let variant = variant(raw, pricing, &shared)?;
        if variants.iter().any(|other| other.sku == variant.sku) {
            return Err(format!("variants: sku \"{}\" stands twice", variant.sku));
        }
        variants.push(variant);
    }
    if let Some(first) = variants.first_mut() {
        first.eans.extend(eans);
    }
    Ok(variants)
}

/// What can be bought of a product that has no variants: itself, under its id.
fn only_variant(id: &str) -> RawVariant {
    RawVariant {
        sku: Scalar::Text(id.to_owned()),
        options: BTreeMap::new(),
        option_labels: BTreeMap::new(),
        eans: Vec::new(),
        prices: BTreeMap::new(),
        stock: BTreeMap::new(),
    }
}

fn variant(raw: RawVariant, pricing: &Pricing, shared: &Shared) -> Read<ItemVariant> {
    let sku = name("variants.sku", &raw.sku.text())?;
    let mut prices = Vec::new();
    for (market, price) in &raw.prices {
        let market = pricing.market(market).map_err(|reason| format!("{sku}: prices: {reason}"))?;
        let minutes = preparation(price.preparation_minutes)?.or(shared.preparation_minutes);
        prices.push(priced(&sku, market, price.minor, price.list_minor, minutes)?);
    }
    let plain =
        shared.price.filter(|plain| !prices.iter().any(|price| price.market == plain.market));
    prices.extend(
        plain.map(|price| ItemPrice { preparation_minutes: shared.preparation_minutes, ..price }),
    );
    let own_stock = stock(raw.stock, pricing)?;
    Ok(ItemVariant {
        options: options(shared.lang, &raw.options, &raw.option_labels)?,
        eans: names("variants.eans", &raw.eans)?,
        stock: if own_stock.is_empty() { shared.stock.clone() } else { own_stock },
        prices,
        sku,
    })
}

fn options(
    lang: Lang,
    given: &BTreeMap<String, Scalar>,
    labels: &BTreeMap<Lang, BTreeMap<String, String>>,
) -> Read<BTreeMap<String, Translated>> {
    let mut options = BTreeMap::new();
    for (key, value) in given {
        let place = format!("variants.options.{key}");
        let mut label = Translated::from_iter([(lang, name(&place, &value.text())?)]);
        for (&lang, translated) in labels {
            if let Some(text) = translated.get(key) {
                label.set(lang, name(&place, text)?);
            }
        }
        options.insert(key.clone(), label);
    }
    Ok(options)
}

/// The price that stands in the line itself, when it is known where it holds.
fn plain_price(fields: &mut Fields, pricing: &Pricing) -> Read<Option<ItemPrice>> {
    let minor: Option<i64> = fields.take("price_minor")?;
    let list_minor: Option<i64> = fields.take("list_minor")?;
    let currency: Option<String> = fields.take("currency")?;
    let Some(minor) = minor else { return Ok(None) };
    let Some(market) = pricing.market_of_plain(currency.as_deref())? else { return Ok(None) };
    priced("price_minor", market, minor, list_minor, None).map(Some)
}

fn priced(
    place: &str,
    market: MarketCode,
    minor: i64,
    list_minor: Option<i64>,
    preparation_minutes: Option<i32>,
) -> Read<ItemPrice> {
    if !(1..=MINOR_MAX).contains(&minor) {
        return Err(format!("{place}: a price must be 1 to {MINOR_MAX}, but is {minor}"));
    }
    match list_minor {
        Some(list) if list <= minor || list > MINOR_MAX => {
            Err(format!("{place}: list_minor must be above {minor}, but is {list}"))
        }
        _ => Ok(ItemPrice { market, minor, list_minor, preparation_minutes }),
    }
}

fn preparation(minutes: Option<i32>) -> Read<Option<i32>> {
    match minutes {
        Some(minutes) if !(0..=PREPARATION_MINUTES_MAX).contains(&minutes) => Err(format!(
            "preparation_minutes: must be 0 to {PREPARATION_MINUTES_MAX}, but is {minutes}"
        )),
        minutes => Ok(minutes),
    }
}

fn stock(stock: BTreeMap<String, i32>, pricing: &Pricing) -> Read<BTreeMap<String, i32>> {
    for (city, units) in &stock {
        if !pricing.serves_city(city) {
            return Err(format!("stock: no city \"{city}\""));
        }
        if !(0..=UNITS_MAX).contains(units) {
            return Err(format!("stock.{city}: must be 0 to {UNITS_MAX}, but is {units}"));
        }
    }
    Ok(stock)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use souk_base::Currency;

    use super::*;

    fn pricing(market: Option<&str>) -> Pricing {
        let served = [("GB", Currency::Gbp), ("KW", Currency::Kwd)];
        Pricing::of(
            served.map(|(code, currency)| (code.parse().unwrap(), currency)).to_vec(),
            market.map(|code| code.parse().unwrap()),
        )
    }

    fn read(line: &str) -> Read<Item> {
        parse(line, &pricing(None)).map(|parsed| parsed.item)
    }

    #[test]
    fn a_plain_line_is_a_product_with_one_variant_under_its_own_id() {
        let line = r#"{"id":7,"title":" Lamp ","short_description":"Warm.","ean":"123",
            "price_minor":995,"currency":"GBP","attributes":{"Fits":["A4",5.0],"lit":true},"made":1}"#;

        let Parsed { item, ignored } = parse(line, &pricing(None)).unwrap();

        assert_eq!((item.external_id.as_str(), item.title()), ("7", "Lamp"));
        assert_eq!(item.texts[0].description, "Warm.");
        assert_eq!(item.variants[0].sku, "7");
        assert_eq!(item.variants[0].eans, ["123"]);
        assert_eq!(item.variants[0].prices[0].market.as_str(), "GB");
        let attributes = item.attributes.unwrap();
        assert_eq!(attributes[0].values[1].get(Lang::En), "5");
        assert_eq!(attributes[1].values[0].get(Lang::Ru), "Да");
        assert_eq!(ignored, ["made"]);
    }

    #[test]
    fn a_plain_price_holds_in_the_market_the_caller_names_or_nowhere() {
        let line = r#"{"id":"a","title":"A","price_minor":5}"#;

        let nowhere = parse(line, &pricing(None)).unwrap().item;
        let kuwait = parse(line, &pricing(Some("KW"))).unwrap().item;

        assert!(nowhere.variants[0].prices.is_empty());
        assert_eq!(kuwait.variants[0].prices[0].market, "KW".parse::<MarketCode>().unwrap());
    }

    #[test]
    fn options_are_translated() {
        let item = read(
            r#"{"id":"a","title":"A","variants":[{"sku":"A-12","options":{"size":"12 stems"},
                "option_labels":{"ru":{"size":"12 стеблей"}}}]}"#,
        )
        .unwrap();

        let size = &item.variants[0].options["size"];
        assert_eq!((size.get(Lang::En), size.get(Lang::Ru)), ("12 stems", "12 стеблей"));
    }

    #[test]
    fn the_address_of_an_image_may_be_longer_than_a_name() {
        let line = |length: usize| {
            read(&format!(r#"{{"id":"a","title":"A","image":"{}"}}"#, "x".repeat(length)))
        };

        assert_eq!(line(2_048).unwrap().images[0].len(), 2_048);
        assert_eq!(line(2_049).unwrap_err(), "image: is longer than 2048 characters");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = "x".repeat(301);
        let cases = [
            ("[]", "not a JSON object"),
            (r#"{"title":"A"}"#, "id: is missing"),
            (r#"{"id":"a"}"#, "title: is missing"),
            (r#"{"id":"a","title":" "}"#, "title: is blank"),
            (&format!(r#"{{"id":"a","title":"{long}"}}"#), "title: is longer than 300"),
            (r#"{"id":"a","title":"A","price_minor":"5"}"#, "price_minor: invalid type"),
            (r#"{"id":"a","title":"A","price_minor":0,"currency":"GBP"}"#, "but is 0"),
            (r#"{"id":"a","title":"A","price_minor":5,"currency":"XXX"}"#, "served ISO 4217"),
            (
                r#"{"id":"a","title":"A","variants":[{"sku":"s","prices":{"US":{"minor":1}}}]}"#,
                "no market",
            ),
            (r#"{"id":"a","title":"A","variants":[{"sku":"s"},{"sku":"s"}]}"#, "stands twice"),
            (r#"{"id":"a","title":"A","picture":"../x"}"#, "picture: must be"),
            (r#"{"id":"a","title":"A","lang":"xx"}"#, "lang:"),
            (r#"{"id":"a","title":"A","stock":{"paris":1}}"#, "no city \"paris\""),
            (r#"{"id":"a","title":"A","stock":{"london":-1}}"#, "but is -1"),
            (r#"{"id":"a","title":"A\u0000"}"#, "NUL"),
            (
                r#"{"id":"a","title":"A","translations":{"ru":{"title":"Б","category":["В"]}}}"#,
                "levels",
            ),
        ];
        for (line, reason) in cases {
            let given = read(line).unwrap_err();
            assert!(given.contains(reason), "{line}: {given}");
        }
    }

    #[test]
    fn a_currency_of_another_market_is_refused() {
        let line = r#"{"id":"a","title":"A","price_minor":5,"currency":"GBP"}"#;

        let refused = parse(line, &pricing(Some("KW"))).unwrap_err();

        assert_eq!(refused, "currency: GBP is not the currency of KW");
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_panic(line in any::<String>()) {
            let _read = parse(&line, &pricing(None));
        }

        #[test]
        fn no_value_of_any_key_makes_the_reader_panic(key in 0..12usize, value in "[\\[\\]{}\",:0-9a-z.\\-]{0,20}") {
            let keys = ["id", "title", "brand", "category", "attributes", "ean", "image", "lang",
                "variants", "translations", "price_minor", "stock"];
            let _read = read(&format!(r#"{{"id":"a","title":"A","{}":{value}}}"#, keys[key]));
        }
    }
}
