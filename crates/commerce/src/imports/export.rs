//! `souk-jsonl`, written: the listed products of the database, so that they read back as they are.
//!
//! Nothing in a line depends on keys of this database, and everything has an order of its own, so that the
//! same catalogue is the same file wherever it lies.

use std::collections::{BTreeMap, HashMap};
use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use souk_base::{AttributeValue, Lang, ProductId, Tables, Translated};
use sqlx::PgConnection;

use super::sql::export as sql;
use super::{Exported, LeftOut};
use crate::products::{Product, ProductText, listed};
use crate::{Result, tables};

/// Products read at once.
const PRODUCTS_PER_PAGE: i64 = 1_000;

/// Writes every listed product that a line can say, the oldest first.
pub(super) async fn write(
    connection: &mut PgConnection,
    file: &mut (dyn io::Write + Send),
) -> Result<Exported> {
    let tables = tables(connection).await?;
    let mut exported = Exported::default();
    let mut last = 0;
    loop {
        let ids = sql::active_ids_after(connection, last, PRODUCTS_PER_PAGE).await?;
        let Some(&end) = ids.last() else { return Ok(exported) };
        last = end;
        for line in lines(connection, &tables, &ids).await? {
            match line {
                Ok(line) => {
                    serde_json::to_writer(&mut *file, &line).map_err(io::Error::from)?;
                    file.write_all(b"\n")?;
                    exported.products += 1;
                }
                Err(left_out) => exported.left_out.push(left_out),
            }
        }
    }
}

/// Values by name, in an order of their own.
struct Pairs<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// One value as itself, several as a list.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// None of no values.
    fn of(mut values: Vec<String>) -> Option<OneOrMany> {
        match values.len() {
            0 => None,
            1 => values.pop().map(OneOrMany::One),
            _ => Some(OneOrMany::Many(values)),
        }
    }
}

type Attributes = Pairs<String, OneOrMany>;

/// A product as its line has it.
#[derive(Serialize)]
struct ProductLine {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    category: Vec<String>,
    lang: Lang,
    attributes: Attributes,
    picture: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<OneOrMany>,
    #[serde(skip_serializing_if = "is_empty")]
    translations: Pairs<Lang, TranslationLine>,
    variants: Vec<VariantLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preparation_minutes: Option<i32>,
}

fn is_empty<K, V>(pairs: &Pairs<K, V>) -> bool {
    pairs.0.is_empty()
}

/// What of a product is known in another language.
#[derive(Serialize)]
struct TranslationLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Vec<String>>,
    #[serde(skip_serializing_if = "is_empty")]
    attributes: Attributes,
}

#[derive(Serialize)]
struct VariantLine {
    sku: String,
    options: Pairs<String, String>,
    #[serde(skip_serializing_if = "is_empty")]
    option_labels: Pairs<Lang, Pairs<String, String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    eans: Vec<String>,
    prices: Pairs<String, PriceLine>,
    #[serde(skip_serializing_if = "is_empty")]
    stock: Pairs<String, i32>,
}

#[derive(Serialize)]
struct PriceLine {
    minor: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_minor: Option<i64>,
    /// Where it differs from the product's.
    #[serde(skip_serializing_if = "Option::is_none")]
    preparation_minutes: Option<i32>,
}

/// The line of a product, or why it has none.
type Line = std::result::Result<ProductLine, LeftOut>;

async fn lines(connection: &mut PgConnection, tables: &Tables, ids: &[i64]) -> Result<Vec<Line>> {
    let product_ids: Vec<ProductId> = ids.iter().copied().map(ProductId::new).collect();
    let products = listed(connection, &product_ids).await?;
    let mut parts = Parts {
        offers: by_key(sql::offers(connection, ids).await?, |offer| offer.variant_id),
        stock: by_key(sql::stock(connection, ids).await?, |stock| stock.variant_id),
        images: by_key(sql::images(connection, ids).await?, |image| image.product_id),
        variants: by_key(sql::variants(connection, ids).await?, |variant| variant.product_id),
    };
    Ok(products.iter().map(|product| line(product, tables, &mut parts)).collect())
}

/// What hangs from the products of a page, by product or variant.
struct Parts {
    offers: HashMap<i64, Vec<sql::OfferRow>>,
    stock: HashMap<i64, Vec<sql::StockRow>>,
    images: HashMap<i64, Vec<sql::ImageRow>>,
    variants: HashMap<i64, Vec<sql::VariantRow>>,
}

fn by_key<T>(rows: Vec<T>, key: impl Fn(&T) -> i64) -> HashMap<i64, Vec<T>> {
    let mut groups: HashMap<i64, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn line(product: &Product, tables: &Tables, parts: &mut Parts) -> Line {
    let id = product.id.get();
    let variants = parts.variants.remove(&id).unwrap_or_default();
    let path: Vec<&Translated> = tables
        .ancestry(product.category_id)
        .iter()
        .rev()
        .filter_map(|id| Some(&tables.categories.get(id)?.label))
        .collect();
    let values = values(product, tables);
    let name = product.external_id.as_ref().unwrap_or(&product.slug).clone();
    let own = match own_text(product, &path, &values, &variants) {
        Ok(own) => own.clone(),
        Err(reason) => return Err(LeftOut { id: name, reason }),
    };
    let images = parts.images.remove(&id).unwrap_or_default();
    let preparation_minutes = usual_preparation(&variants, parts);
    let others = Lang::ALL.into_iter().filter(|lang| *lang != own.lang);
    let translations = others.filter_map(|lang| {
        let text = product.texts.iter().find(|text| text.lang == lang);
        Some((lang, translation(text, exact(&path, lang), attributes(&values, lang))?))
    });
    Ok(ProductLine {
        id: name,
        title: own.title,
        description: own.description,
        brand: product.brand_id.and_then(|id| Some(tables.brands.get(&id)?.name.clone())),
        category: exact(&path, own.lang).unwrap_or_default(),
        lang: own.lang,
        attributes: Pairs(attributes(&values, own.lang)),
        picture: product.picture.clone(),
        image: OneOrMany::of(images.into_iter().map(|image| image.url).collect()),
        translations: Pairs(translations.collect()),
        variants: variants
            .into_iter()
            .map(|row| variant(row, own.lang, parts, preparation_minutes))
            .collect(),
        preparation_minutes,
    })
}

/// The text in the language of the line, in which each label must be known too: English, else the first.
fn own_text<'a>(
    product: &'a Product,
    path: &[&Translated],
    values: &BTreeMap<&str, Vec<&Translated>>,
    variants: &[sql::VariantRow],
) -> std::result::Result<&'a ProductText, &'static str> {
    let first = product.text(Lang::En).ok_or("it has no title")?;
    let options: Vec<Translated> =
        variants.iter().flat_map(|row| options(&row.options).into_values()).collect();
    let is_said = |lang| {
        let mut labels = path.iter().chain(values.values().flatten()).copied().chain(&options);
        labels.all(|label| label.exact(lang).is_some())
    };
    std::iter::once(first)
        .chain(&product.texts)
        .find(|text| is_said(text.lang))
        .ok_or("no language has its title and all labels of its category, attributes and options")
}

/// None when nothing is known in the language.
fn translation(
    text: Option<&ProductText>,
    category: Option<Vec<String>>,
    attributes: Vec<(String, OneOrMany)>,
) -> Option<TranslationLine> {
    if text.is_none() && category.is_none() && attributes.is_empty() {
        return None;
    }
    let description = text.map(|text| text.description.clone());
    Some(TranslationLine {
        title: text.map(|text| text.title.clone()),
        description: description.filter(|description| !description.is_empty()),
        category,
        attributes: Pairs(attributes),
    })
}

/// The labels in exactly this language, when each has one.
fn exact(labels: &[&Translated], lang: Lang) -> Option<Vec<String>> {
    let texts = labels.iter().map(|label| label.exact(lang).map(str::to_owned));
    texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty())
}

/// A product's values by attribute code, in the order of their own codes.
fn values<'a>(product: &Product, tables: &'a Tables) -> BTreeMap<&'a str, Vec<&'a Translated>> {
    let mut found: BTreeMap<&str, Vec<&AttributeValue>> = BTreeMap::new();
    for value in product.values.iter().filter_map(|id| tables.values.get(id)) {
        let attribute =
            tables.attributes.iter().find(|attribute| attribute.id == value.attribute_id);
        if let Some(attribute) = attribute {
            found.entry(&attribute.code).or_default().push(value);
        }
    }
    found
        .into_iter()
        .map(|(code, mut values)| {
            values.sort_by(|a, b| a.code.cmp(&b.code));
            (code, values.into_iter().map(|value| &value.label).collect())
        })
        .collect()
}

/// Those attributes whose values all have a label in exactly this language.
fn attributes(values: &BTreeMap<&str, Vec<&Translated>>, lang: Lang) -> Vec<(String, OneOrMany)> {
    values
        .iter()
        .filter_map(|(code, labels)| {
            Some(((*code).to_owned(), OneOrMany::of(exact(labels, lang)?)?))
        })
        .collect()
}

/// The preparation of most of a product's offers; among equals the shortest.
fn usual_preparation(variants: &[sql::VariantRow], parts: &Parts) -> Option<i32> {
    let mut offers_count: BTreeMap<i32, usize> = BTreeMap::new();
    let offers = variants.iter().filter_map(|variant| parts.offers.get(&variant.id)).flatten();
    for offer in offers {
        *offers_count.entry(offer.preparation_minutes).or_default() += 1;
    }
    let most =
        offers_count.iter().max_by_key(|(minutes, count)| (**count, std::cmp::Reverse(**minutes)));
    most.map(|(minutes, _)| *minutes)
}

fn variant(
    row: sql::VariantRow,
    lang: Lang,
    parts: &mut Parts,
    usual_minutes: Option<i32>,
) -> VariantLine {
    let offers = parts.offers.remove(&row.id).unwrap_or_default();
    let prices = offers.into_iter().map(|offer| {
        let minutes = Some(offer.preparation_minutes)
            .filter(|_| Some(offer.preparation_minutes) != usual_minutes);
        let price = PriceLine {
            minor: offer.minor,
            list_minor: offer.list_minor,
            preparation_minutes: minutes,
        };
        (offer.market, price)
    });
    let stock = parts.stock.remove(&row.id).unwrap_or_default();
    let options = options(&row.options);
    VariantLine {
        sku: row.sku,
        options: option_texts(&options, lang),
        option_labels: Pairs(option_labels(&options, lang)),
        eans: row.eans,
        prices: Pairs(prices.collect()),
        stock: Pairs(stock.into_iter().map(|row| (row.city, row.units)).collect()),
    }
}

/// A variant's options as the table has them: text by language, or one text for all.
fn options(options: &serde_json::Value) -> BTreeMap<String, Translated> {
    let Some(options) = options.as_object() else { return BTreeMap::new() };
    options
        .iter()
        .map(|(key, value)| {
            let text = |lang: Lang| match value {
                serde_json::Value::Object(texts) => texts.get(lang.code())?.as_str(),
                one => one.as_str(),
            };
            let texts =
                Lang::ALL.into_iter().filter_map(|lang| Some((lang, text(lang)?.to_owned())));
            (key.clone(), texts.collect())
        })
        .collect()
}

fn option_texts(options: &BTreeMap<String, Translated>, lang: Lang) -> Pairs<String, String> {
    let texts = options.iter();
    Pairs(
        texts
            .filter_map(|(key, label)| Some((key.clone(), label.exact(lang)?.to_owned())))
            .collect(),
    )
}

fn option_labels(
    options: &BTreeMap<String, Translated>,
    own: Lang,
) -> Vec<(Lang, Pairs<String, String>)> {
    let others = Lang::ALL.into_iter().filter(|lang| *lang != own);
    others
        .map(|lang| (lang, option_texts(options, lang)))
        .filter(|(_, texts)| !is_empty(texts))
        .collect()
}
