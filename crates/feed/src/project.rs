//! From rows to what the index holds: documents, and the products that a changed label stands in.
//!
//! Everything is read by key and as it is now, never taken from the stream. So a change that is seen
//! twice, late or out of order leads to the same result: the current one.
//!
//! A streamed transaction may not be visible yet: PostgreSQL sends it when its commit record is on disk,
//! a moment before other sessions see it. A read in that moment would miss the change for good, as no
//! second message follows. [`read_after`] therefore only hands out snapshots that see the transactions.

use std::collections::HashSet;
use std::time::Duration;

use souk_base::{CategoryId, ProductId, Tables};
use souk_commerce::products;
use souk_commerce::products::{Product, ProductText};
use souk_search::{Document, Text};
use sqlx::{Connection, PgConnection, Postgres, Transaction};
use tokio::time::{Instant, sleep};

use crate::changes::Changes;
use crate::{Error, Result, sql};

/// Products read by one statement.
pub(crate) const BATCH_LENGTH: usize = 2_000;
/// Pause between two looks whether a transaction became visible.
const VISIBLE_PAUSE: Duration = Duration::from_millis(1);
/// How long a streamed transaction may stay invisible, as it does while a synchronous standby is awaited.
const VISIBLE_WAIT_MAX: Duration = Duration::from_secs(30);
/// The attribute whose value colours the generated picture, and the colour of a product without one.
const COLOUR: (&str, &str) = ("colour", "mixed");
/// Begins a snapshot whose statements are planned once a connection: they find rows by keys, and planning them anew took longer
/// than reading a few changed offers.
const BEGIN: &str = "begin isolation level repeatable read read only;
                     set local plan_cache_mode = force_generic_plan";
/// What stands between two names in a document.
const NAME_SEPARATOR: &str = "\n";

/// Opens a snapshot that sees these streamed transactions. What one snapshot sees, every later one does.
pub(crate) async fn read_after<'c>(
    connection: &'c mut PgConnection,
    transactions: &[i64],
) -> Result<Transaction<'c, Postgres>> {
    let deadline = Instant::now() + VISIBLE_WAIT_MAX;
    while sql::any_invisible(connection, transactions).await? {
        if Instant::now() > deadline {
            return Err(Error::Invisible(VISIBLE_WAIT_MAX.as_secs()));
        }
        sleep(VISIBLE_PAUSE).await;
    }
    read(connection).await
}

/// Opens a snapshot of now, to be ended with a commit. Reading may write to the log (a page that is read for the first time
/// after a checkpoint notes there what it learnt), and PostgreSQL does not see to the flush of what was rolled back: the log's
/// end then lies in the middle of a record, and the stream does not get there before somebody commits.
pub(crate) async fn read(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>> {
    Ok(connection.begin_with(BEGIN).await?)
}

/// The documents of those among these products that are listed, in id order.
pub(crate) async fn documents(
    connection: &mut PgConnection,
    tables: &Tables,
    ids: &[ProductId],
) -> Result<Vec<Document>> {
    let listed = products::listed(connection, ids).await?;
    Ok(listed.into_iter().map(|product| document(product, tables)).collect())
}

/// What search indexes of a product.
pub fn document(product: Product, tables: &Tables) -> Document {
    let categories = tables.ancestry(product.category_id);
    let texts = product.texts.iter().map(|text| Text {
        lang: text.lang,
        title: text.title.clone(),
        description: text.description.clone(),
        keywords: keywords(&product, text, &categories, tables),
        values: values(&product, text, tables),
    });
    Document {
        texts: texts.collect(),
        product_id: product.id,
        ordinal: product.ordinal,
        picture: format!("{}/{}", product.picture, colour(&product, tables)),
        external_id: product.external_id,
        slug: product.slug,
        image: product.image,
        brand_id: product.brand_id,
        categories,
        values: product.values,
        codes: product.codes,
        created_at_s: product.created_at_s,
    }
}

/// Names of the category path and the brand in the text's language; a name that is not translated is left
/// out, so that no other language's words get in.
fn keywords(
    product: &Product,
    text: &ProductText,
    categories: &[CategoryId],
    tables: &Tables,
) -> String {
    let categories = categories.iter().filter_map(|id| tables.categories.get(id));
    let brand = product.brand_id.and_then(|id| tables.brands.get(&id));
    let names: Vec<&str> = categories
        .filter_map(|category| category.label.exact(text.lang))
        .chain(brand.map(|brand| brand.name.as_str()))
        .collect();
    names.join(NAME_SEPARATOR)
}

/// Names of the attribute values, in the same way.
fn values(product: &Product, text: &ProductText, tables: &Tables) -> String {
    let values = product.values.iter().filter_map(|id| tables.values.get(id));
    let names: Vec<&str> = values.filter_map(|value| value.label.exact(text.lang)).collect();
    names.join(NAME_SEPARATOR)
}

/// The code of the product's colour: that of its first value of the attribute.
fn colour<'t>(product: &Product, tables: &'t Tables) -> &'t str {
    let Some(attribute) = tables.attribute(COLOUR.0) else { return COLOUR.1 };
    product
        .values
        .iter()
        .filter_map(|id| tables.values.get(id))
        .find(|value| value.attribute_id == attribute.id)
        .map_or(COLOUR.1, |value| value.code.as_str())
}

/// The next batch of products by id, listed or not.
pub(crate) async fn next_ids(
    connection: &mut PgConnection,
    after: ProductId,
) -> Result<Vec<ProductId>> {
    let limit = i64::try_from(BATCH_LENGTH).unwrap_or(i64::MAX);
    Ok(products::ids_after(connection, after, limit).await?)
}

/// Products whose documents hold a label that changed. A category's name stands in the documents of
/// everything below it; an attribute's code decides about the pictures of everything that has a value of it.
pub(crate) async fn fan_out(
    connection: &mut PgConnection,
    tables: &Tables,
    changes: &mut Changes,
) -> Result<Vec<ProductId>> {
    let named: HashSet<i64> = changes.categories.take().into_iter().collect();
    let below: Vec<CategoryId> = tables
        .categories
        .keys()
        .copied()
        .filter(|&id| tables.ancestry(id).iter().any(|above| named.contains(&above.get())))
        .collect();
    let brands: Vec<_> = changes.brands.take().into_iter().map(Into::into).collect();
    let attributes: HashSet<i64> = changes.attributes.take().into_iter().collect();
    let of_attributes =
        tables.values.values().filter(|value| attributes.contains(&value.attribute_id.get()));
    let values = changes.values.take().into_iter().map(Into::into);
    let values: Vec<_> = values.chain(of_attributes.map(|value| value.id)).collect();
    let mut ids = products::in_categories(connection, &below).await?;
    ids.extend(products::of_brands(connection, &brands).await?);
    ids.extend(products::with_values(connection, &values).await?);
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use souk_base::{
        Attribute, AttributeId, AttributeValue, AttributeValueId, Brand, BrandId, Category, Lang,
        Ordinal, Translated,
    };

    use super::*;

    fn label(texts: &[(Lang, &str)]) -> Translated {
        texts.iter().map(|&(lang, text)| (lang, text.to_owned())).collect()
    }

    fn tables() -> Tables {
        let category = |id, parent: Option<i64>, name| Category {
            id: CategoryId::new(id),
            parent_id: parent.map(CategoryId::new),
            slug: format!("c{id}"),
            label: label(&[(Lang::En, name)]),
            position: 0,
        };
        let value = |id, attribute, code: &str, texts| AttributeValue {
            id: AttributeValueId::new(id),
            attribute_id: AttributeId::new(attribute),
            code: code.to_owned(),
            label: label(texts),
            position: 0,
        };
        let attribute = |id, code: &str| Attribute {
            id: AttributeId::new(id),
            code: code.to_owned(),
            label: Translated::default(),
            position: 0,
        };
        let categories = [category(1, None, "Flowers"), category(2, Some(1), "Roses")];
        let values = [
            value(10, 1, "birthday", &[(Lang::En, "Birthday"), (Lang::Ar, "عيد ميلاد")][..]),
            value(11, 2, "red", &[(Lang::En, "Red")][..]),
        ];
        let brand =
            Brand { id: BrandId::new(5), slug: "petal".to_owned(), name: "Petal".to_owned() };
        Tables {
            categories: categories.into_iter().map(|category| (category.id, category)).collect(),
            attributes: vec![attribute(1, "occasion"), attribute(2, "colour")],
            values: values.into_iter().map(|value| (value.id, value)).collect(),
            brands: [(brand.id, brand)].into_iter().collect(),
            ..Tables::default()
        }
    }

    fn product(values: &[i64]) -> Product {
        let text = |lang, title: &str| ProductText {
            lang,
            title: title.to_owned(),
            description: String::new(),
        };
        Product {
            id: ProductId::new(1),
            ordinal: Ordinal(0),
            external_id: None,
            slug: "rose".to_owned(),
            picture: "rose".to_owned(),
            image: None,
            brand_id: Some(BrandId::new(5)),
            category_id: CategoryId::new(2),
            values: values.iter().copied().map(AttributeValueId::new).collect(),
            codes: vec!["R-1".to_owned()],
            created_at_s: 0,
            texts: vec![text(Lang::En, "Rose"), text(Lang::Ar, "ورد")],
        }
    }

    #[test]
    fn a_document_is_found_by_the_names_it_stands_under_in_its_own_language() {
        let document = document(product(&[10, 11]), &tables());

        assert_eq!(document.texts[0].keywords, "Roses\nFlowers\nPetal");
        assert_eq!(document.texts[0].values, "Birthday\nRed");
        assert_eq!(document.texts[1].values, "عيد ميلاد");
        assert_eq!(document.texts[1].keywords, "Petal");
        assert_eq!(document.categories, [2, 1].map(CategoryId::new));
    }

    #[test]
    fn the_picture_takes_the_products_colour_and_is_mixed_without_one() {
        assert_eq!(document(product(&[10, 11]), &tables()).picture, "rose/red");
        assert_eq!(document(product(&[10]), &tables()).picture, "rose/mixed");
    }

    #[tokio::test]
    async fn a_read_waits_until_a_streamed_transaction_can_be_seen() {
        let db = souk_testdb::TestDb::new().await;
        let mut writer = db.pool().begin().await.unwrap();
        sqlx::query("insert into brands (id, slug, name) values (1, 'petal', 'Petal')")
            .execute(&mut *writer)
            .await
            .unwrap();
        let transaction: i64 =
            sqlx::query_scalar("select pg_current_xact_id()::text::bigint & 4294967295")
                .fetch_one(&mut *writer)
                .await
                .unwrap();
        let mut reader = db.pool().acquire().await.unwrap();
        assert!(sql::any_invisible(&mut reader, &[transaction]).await.unwrap());

        let reading = tokio::spawn(async move {
            let mut snapshot = read_after(&mut reader, &[transaction]).await.unwrap();
            products::brands(&mut snapshot).await.unwrap()
        });
        tokio::task::yield_now().await;
        writer.commit().await.unwrap();

        assert_eq!(reading.await.unwrap()[&BrandId::new(1)].name, "Petal");
    }
}
