//! The benches' own shop: a database beside the shop's, loaded once for each scale and kept.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use souk_commerce::Db;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::catalog::Catalog;
use super::words::Tongue;
use super::{Scale, sql};
use crate::context::Context;
use crate::output::Output;

/// Goes up whenever the load writes other rows, so that an older shop is loaded anew.
const VERSION: i32 = 1;
/// Products of one transaction.
const BATCH: i64 = 2_000;
/// Connections of a bench.
const CONNECTIONS_MAX: u32 = 12;
/// Categories, as `sql::load::add_categories` makes them.
pub(super) const CATEGORIES: i64 = 400;

/// A loaded shop.
#[derive(Clone)]
pub(super) struct Shop {
    /// How large it is.
    pub scale: Scale,
    /// Its database.
    pub db: Db,
    /// Where that is.
    pub url: String,
    /// Data folder of the processes that serve it.
    pub folder: PathBuf,
    /// Its texts.
    pub catalog: Arc<Catalog>,
    /// The codes of its markets.
    pub markets: Vec<String>,
    /// Seconds that the load took; none when it was there.
    pub load_s: Option<f64>,
}

/// Opens the shop of this scale, loading it if it is not there.
///
/// # Errors
/// When the database refuses, or the loaded rows break a rule.
pub(super) async fn open(context: &Context, scale: Scale) -> anyhow::Result<Shop> {
    let folder = context.config.data.join("bench").join(scale.name());
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let options: PgConnectOptions = context.url.parse().context("DATABASE_URL cannot be read")?;
    let url = options.database(&scale.database()).to_url_lossy().to_string();
    let mut load_s = None;
    if !is_loaded(context, scale, &url).await? {
        load_s = Some(load(context, scale, &url).await?);
    }
    let db = souk_commerce::connect(&url, CONNECTIONS_MAX).await?;
    let markets = sql::load::markets(&mut *db.acquire().await?, scale.markets).await?;
    let folder = folder.canonicalize()?;
    Ok(Shop { scale, db, url, folder, catalog: Arc::new(Catalog::new()), markets, load_s })
}

/// Whether the database is there, complete, and of a schema that this program can bring up to date.
async fn is_loaded(context: &Context, scale: Scale, url: &str) -> anyhow::Result<bool> {
    if !sql::database_exists(&context.db, &scale.database()).await? {
        return Ok(false);
    }
    let db = souk_commerce::connect(url, 1).await?;
    let migrated = souk_commerce::migrate(&db).await;
    let version = sql::version_loaded(&db).await;
    db.close().await;
    if let Err(error) = migrated {
        context.output.note(&format!("The kept bench shop does not fit this program: {error}"));
        return Ok(false);
    }
    Ok(version? == Some(VERSION))
}

/// Makes and loads the database; answers how many seconds it took.
async fn load(context: &Context, scale: Scale, url: &str) -> anyhow::Result<f64> {
    let (name, started) = (scale.database(), Instant::now());
    context.output.note(&format!("Loading the bench shop into {name}, once."));
    sql::drop_database(&context.db, &name).await?;
    sql::create_database(&context.db, &name)
        .await
        .with_context(|| format!("cannot create {name}"))?;
    let db = souk_commerce::connect(url, 1).await?;
    souk_commerce::migrate(&db).await?;
    db.close().await;
    let options: PgConnectOptions = url.parse()?;
    // A connection of its own: a load takes longer than a request may.
    let mut connection = options.disable_statement_logging().connect().await?;
    fill(&mut connection, scale, context.output).await?;
    let seconds = started.elapsed().as_secs_f64();
    sql::mark_complete(&mut connection, VERSION, seconds).await?;
    connection.close().await?;
    context.output.note(&format!("Loaded after {seconds:.1} s."));
    Ok(seconds)
}

async fn fill(connection: &mut PgConnection, scale: Scale, output: Output) -> anyhow::Result<()> {
    sql::load::prepare_session(connection).await?;
    if let Err(error) = sql::load::skip_triggers(connection).await {
        output.note(&format!("Loading with triggers, which takes longer: {error}"));
    }
    let catalog = Catalog::new();
    let markets = sql::load::markets(connection, scale.markets).await?;
    sql::load::fit_cities(connection, &markets, scale.cities).await?;
    sql::load::add_sellers(connection, &markets, scale.sellers).await?;
    sql::load::add_categories(connection).await?;
    sql::load::add_properties(connection).await?;
    add_labels(connection, &catalog).await?;
    let bar = output.bar(scale.products.unsigned_abs(), "Products");
    add_products(connection, scale, &catalog, &markets, &bar).await?;
    bar.finish_and_clear();
    output.note("Putting the tables in order and checking every rule.");
    sql::load::finish(connection).await?;
    let faults = sql::load::faults(connection, &scale).await?;
    if !faults.is_empty() {
        bail!("the loaded rows break rules: {}", faults.join("; "));
    }
    Ok(())
}

async fn add_labels(connection: &mut PgConnection, catalog: &Catalog) -> anyhow::Result<()> {
    let categories: Vec<i64> = (1..=CATEGORIES).collect();
    let values = sql::load::value_ids(connection).await?;
    for tongue in Tongue::ALL {
        let labels = |ids: &[i64]| -> Vec<String> {
            ids.iter().map(|id| catalog.label(id.unsigned_abs(), tongue)).collect()
        };
        let langs = vec![tongue.code(); categories.len()];
        sql::load::name_categories(connection, &categories, &langs, &labels(&categories)).await?;
        let langs = vec![tongue.code(); values.len()];
        sql::load::name_values(connection, &values, &langs, &labels(&values)).await?;
    }
    Ok(())
}

async fn add_products(
    connection: &mut PgConnection,
    scale: Scale,
    catalog: &Catalog,
    markets: &[String],
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let mut from = 1;
    while from <= scale.products {
        let to = (from + BATCH - 1).min(scale.products);
        let mut transaction = connection.begin().await?;
        sql::load::add_products(&mut transaction, (from, to), markets, scale.sellers).await?;
        add_texts(&mut transaction, (from, to), catalog).await?;
        transaction.commit().await?;
        bar.set_position(to.unsigned_abs());
        from = to + 1;
    }
    Ok(())
}

async fn add_texts(
    connection: &mut PgConnection,
    (from, to): (i64, i64),
    catalog: &Catalog,
) -> anyhow::Result<()> {
    let ids: Vec<i64> = (from..=to).collect();
    for tongue in Tongue::ALL {
        let numbers = || ids.iter().map(|id| id.unsigned_abs());
        let titles: Vec<String> = numbers().map(|id| catalog.title(id, tongue)).collect();
        let descriptions: Vec<String> =
            numbers().map(|id| catalog.description(id, tongue)).collect();
        sql::load::add_texts(connection, &ids, tongue.code(), &titles, &descriptions).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;

    use super::*;

    const SCALE: Scale = Scale { products: 150, markets: 2, sellers: 5, cities: 13 };

    async fn loaded() -> TestDb {
        let db = TestDb::new().await;
        let mut connection = db.pool().acquire().await.unwrap();
        let output = Output { json: false, quiet: true };
        fill(&mut connection, SCALE, output).await.unwrap();
        // Its settings are not for whoever comes next.
        connection.close().await.unwrap();
        db
    }

    #[tokio::test]
    async fn a_loaded_shop_takes_new_rows_as_any_other() {
        let db = loaded().await;

        db.run(
            "insert into products (slug, category_id) values ('new', 1);
             insert into variants (product_id, sku) select id, 'N-1' from products where slug = 'new';
             insert into offers (variant_id, seller_id, market) select id, 1, 'KW' from variants where sku = 'N-1';
             insert into prices (offer_id, minor) select max(id), 1 from offers",
        )
        .await;

        let ordinal: i32 = sqlx::query_scalar("select ordinal from products where slug = 'new'")
            .fetch_one(db.pool())
            .await
            .unwrap();
        assert_eq!(ordinal, 150);
    }

    #[tokio::test]
    async fn rows_that_a_foreign_key_would_refuse_are_noticed() {
        let db = loaded().await;
        let mut connection = db.pool().acquire().await.unwrap();
        sql::load::skip_triggers(&mut connection).await.unwrap();
        sqlx::query("delete from variants where id = 7").execute(&mut *connection).await.unwrap();
        sqlx::query("update prices set product_id = 9 where offer_id = 1")
            .execute(&mut *connection)
            .await
            .unwrap();

        let faults = sql::load::faults(&mut connection, &SCALE).await.unwrap();

        assert_eq!(
            faults,
            [
                "products without category, brand or variant: 1",
                "offers of nothing: 6",
                "offers without price, prices without offer: 2"
            ]
        );
    }
}
