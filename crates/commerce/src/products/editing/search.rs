//! Finding products for a list of the office, listed or not, straight from the tables.

use jiff::Timestamp;
use souk_base::{CategoryId, Lang, ProductId};
use sqlx::PgConnection;

use super::State;
use super::search_sql::{self, Arguments, FoundRow};
use crate::{Error, Result};

/// Which products a list shows; what is none does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of a title in any language, or a whole SKU, EAN, slug, external id or id.
    pub text: Option<String>,
    /// Those in this state.
    pub state: Option<State>,
    /// Those in this category or below it.
    pub category_id: Option<CategoryId>,
    /// Those without a text in this language.
    pub missing_lang: Option<Lang>,
    /// Those without a photograph.
    pub without_picture: bool,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Key of the product.
    pub id: ProductId,
    /// The id it has in another system.
    pub external_id: Option<String>,
    /// Readable name for its address.
    pub slug: String,
    /// Its title in the wanted language, else in English, else in any.
    pub title: String,
    /// Whether it is shown.
    pub state: State,
    /// From when on it is listed, if active.
    pub publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    pub category_id: CategoryId,
    /// The languages it has a text in.
    pub langs: Vec<Lang>,
    /// Address of its first photograph, small.
    pub image: Option<String>,
    /// Which still life is drawn while it has none.
    pub picture: String,
    /// How many variants it has.
    pub variants: i64,
    /// How many offers, in all markets.
    pub offers: i64,
    /// Units that can be bought, in all markets.
    pub stock: i64,
    /// When it was last changed here.
    pub updated_at: Timestamp,
}

/// The newest `limit` products that the filter lets through, of those with an id below `below` when it is given.
///
/// # Errors
/// [`Error::Unreadable`] for a language this version does not know.
pub async fn find(
    connection: &mut PgConnection,
    filter: &Filter,
    lang: Lang,
    below: Option<ProductId>,
    limit: i64,
) -> Result<Vec<Found>> {
    let below = below.map(ProductId::get);
    let rows = search_sql::find(connection, &filter.arguments(), lang.code(), below, limit).await?;
    rows.into_iter().map(Found::try_from).collect()
}

/// How many products the filter lets through.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn count_found(connection: &mut PgConnection, filter: &Filter) -> Result<i64> {
    Ok(search_sql::count(connection, &filter.arguments()).await?)
}

impl Filter {
    fn arguments(&self) -> Arguments {
        let text = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Arguments {
            text: text.map(str::to_owned),
            words: text.unwrap_or_default().split_whitespace().map(pattern).collect(),
            state: self.state.map(State::code),
            category_id: self.category_id.map(CategoryId::get),
            missing_lang: self.missing_lang.map(Lang::code),
            without_picture: self.without_picture,
        }
    }
}

/// What matches any text with this word in it, as `ilike` reads it.
fn pattern(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}

impl TryFrom<FoundRow> for Found {
    type Error = Error;

    fn try_from(row: FoundRow) -> Result<Found> {
        let langs = row.langs.iter().map(|lang| Ok(lang.parse()?)).collect::<Result<_>>()?;
        Ok(Found {
            id: row.id.into(),
            external_id: row.external_id,
            slug: row.slug,
            title: row.title,
            state: State::read(&row.state)?,
            publish_at: row.publish_at.map(jiff_sqlx::Timestamp::to_jiff),
            category_id: row.category_id.into(),
            langs,
            image: row.image,
            picture: row.picture,
            variants: row.variants,
            offers: row.offers,
            stock: row.stock,
            updated_at: row.updated_at.to_jiff(),
        })
    }
}
