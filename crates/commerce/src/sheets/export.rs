//! From the tables to a file.

use std::collections::HashMap;
use std::io;

use souk_base::{Currency, Lang, Money, ProductId};
use sqlx::PgConnection;

use super::cells::{Column, guarded};
use super::sql;
use crate::products::{ProductText, ids_after};
use crate::{Error, Result, markets};

/// Products read at once.
const PRODUCTS_PER_BATCH: i64 = 500;
/// What tells a spreadsheet that a file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes every product, listed or not, in the order they were added; gives the number of lines. Reads in batches,
/// from one snapshot if the caller opened one.
///
/// # Errors
/// [`Error::File`] when `out` fails; [`Error::Database`] when PostgreSQL does.
pub async fn export(connection: &mut PgConnection, mut out: impl io::Write) -> Result<u64> {
    out.write_all(BYTE_ORDER_MARK)?;
    let markets = markets::list(connection).await?;
    let currencies: HashMap<String, Currency> =
        markets.iter().map(|market| (market.code.as_str().to_owned(), market.currency)).collect();
    let columns = Column::all(&sql::stocked_cities(connection).await?);
    let mut file = csv::Writer::from_writer(out);
    file.write_record(columns.iter().map(|column| column.name().into_owned())).map_err(io_error)?;
    let (mut lines, mut after) = (0, ProductId::new(0));
    loop {
        let ids = ids_after(connection, after, PRODUCTS_PER_BATCH).await?;
        let Some(&last) = ids.last() else { break };
        let batch = Batch::read(connection, &ids).await?;
        for line in &batch.lines {
            let cells = columns.iter().map(|column| batch.cell(line, column, &currencies));
            file.write_record(cells).map_err(io_error)?;
        }
        lines += batch.lines.len() as u64;
        after = last;
    }
    file.flush()?;
    Ok(lines)
}

/// The lines of some products, with what they share.
struct Batch {
    lines: Vec<sql::LineRow>,
    texts: HashMap<(i64, Lang), ProductText>,
    stock: HashMap<(i64, String), i32>,
}

impl Batch {
    async fn read(connection: &mut PgConnection, ids: &[ProductId]) -> Result<Batch> {
        let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        let mut texts = HashMap::new();
        for row in sql::texts(connection, &keys).await? {
            let lang: Lang = row.lang.parse()?;
            let text = ProductText { lang, title: row.title, description: row.description };
            texts.insert((row.product_id, lang), text);
        }
        let stock = sql::stock(connection, &keys).await?;
        let stock = stock.into_iter().map(|row| ((row.offer_id, row.city), row.on_hand)).collect();
        Ok(Batch { lines: sql::lines(connection, &keys).await?, texts, stock })
    }

    fn cell(
        &self,
        line: &sql::LineRow,
        column: &Column,
        currencies: &HashMap<String, Currency>,
    ) -> String {
        let text = |lang| self.texts.get(&(line.product_id, lang));
        let money = |minor: Option<i64>| {
            let currency = *currencies.get(line.market.as_ref()?)?;
            Some(Money::new(minor?, currency).to_decimal())
        };
        let units = |city: &String| self.stock.get(&(line.offer_id?, city.clone()));
        let cell = match column {
            Column::Slug => Some(line.slug.clone()),
            Column::ExternalId => line.external_id.clone(),
            Column::State => Some(line.state.clone()),
            Column::Category => Some(line.category.clone()),
            Column::Title(lang) => text(*lang).map(|text| text.title.clone()),
            Column::Description(lang) => text(*lang).map(|text| text.description.clone()),
            Column::Sku => Some(line.sku.clone()),
            Column::Market => line.market.clone(),
            Column::Price => money(line.minor),
            Column::ListPrice => money(line.list_minor),
            Column::Stock(city) => units(city).map(ToString::to_string),
        };
        guarded(&cell.unwrap_or_default()).into_owned()
    }
}

fn io_error(error: csv::Error) -> Error {
    Error::File(io::Error::other(error))
}
