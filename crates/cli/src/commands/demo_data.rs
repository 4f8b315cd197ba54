//! The demo shop's data, carried in the binary: flowers, gifts, and a year of a real shop's sales.

use anyhow::ensure;
use jiff::Timestamp;
use souk_base::{MarketCode, SellerId};
use souk_commerce::Db;
use souk_commerce::imports::{self, CatalogImport, Format, OrdersImport, Rejected, Report};
use souk_commerce::wrappings::{self, Wrapping};

use crate::commands::import::unpacked;
use crate::output::Output;

const FLOWERS: &[u8] = include_bytes!("../../../../fixtures/flowers/flowers.jsonl");
const GIFTS: &[u8] = include_bytes!("../../../../fixtures/flowers/gifts.jsonl");
/// Chen, D. (2012), Online Retail II, CC BY 4.0; see `fixtures/README.md`.
const INVOICES: &[u8] =
    include_bytes!("../../../../fixtures/online-retail/transactions-2010.csv.gz");
/// Where those sales were made.
const MARKET: &str = "GB";
/// What the house takes for wrapping a gift, in minor units of each market.
const WRAPPING: [(&str, i64); 5] =
    [("KW", 750), ("SA", 1_000), ("AE", 1_000), ("GB", 250), ("KZ", 100_000)];
/// The seller of the shop's own goods, which every shop begins with.
const HOUSE: i64 = 1;

/// Loads the demo shop, once: what was changed or deleted in a loaded one stays so. A load that was broken off
/// is carried on.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn load_demo_shop(db: &Db, output: Output) -> anyhow::Result<()> {
    let market: MarketCode = MARKET.parse()?;
    // Written last, so it tells that everything before it is there.
    if imports::is_sales_history_loaded(db, market).await? {
        return Ok(());
    }
    load_catalog(db, output, "flowers and gifts", FLOWERS, Format::SoukJsonl).await?;
    load_catalog(db, output, "cakes, chocolate and perfume", GIFTS, Format::SoukJsonl).await?;
    let mut connection = db.acquire().await?;
    for (market, minor) in WRAPPING {
        let seller_id = SellerId::new(HOUSE);
        let wrapping = Wrapping { seller_id, market: market.parse()?, minor };
        wrappings::set(&mut connection, wrapping).await?;
    }
    drop(connection);
    load_catalog(db, output, "presents and things for the home", INVOICES, Format::OnlineRetailCsv)
        .await?;
    let bar = output.bar(INVOICES.len() as u64, "a year of sales");
    let file = unpacked(bar.wrap_read(INVOICES))?;
    let import = OrdersImport { market, now: Timestamp::now(), dry_run: false };
    let report = imports::orders(db, file, import, &mut ignore).await?;
    say(output, &report, "past sales")
}

async fn load_catalog(
    db: &Db,
    output: Output,
    what: &str,
    file: &'static [u8],
    format: Format,
) -> anyhow::Result<()> {
    let bar = output.bar(file.len() as u64, what);
    let file = unpacked(bar.wrap_read(file))?;
    let import = CatalogImport { format, market: None, invent_stock: true, dry_run: false };
    let report = imports::catalog(db, file, import, &mut ignore).await?;
    say(output, &report, what)
}

/// A bad row in our own files is found by the count of errors.
#[expect(clippy::unnecessary_wraps, reason = "the importer lets this write to a file")]
fn ignore(_: Rejected) -> std::io::Result<()> {
    Ok(())
}

fn say(output: Output, report: &Report, what: &str) -> anyhow::Result<()> {
    ensure!(report.errors == 0, "the demo's {what} have {} bad rows", report.errors);
    output.note(&format!("  {} {what}", report.present()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;

    use super::*;

    const QUIET: Output = Output { json: false, quiet: true };

    async fn count(db: &Db, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
    }

    #[tokio::test]
    async fn the_gift_catalogue_is_clean_and_well_stocked() {
        let db = TestDb::new().await;
        let db = db.pool();

        load_catalog(db, QUIET, "gifts", INVOICES, Format::OnlineRetailCsv).await.unwrap();

        let products = count(db, "select count(*) from products").await;
        let other = "select count(*) from products join categories on categories.id = category_id
                     where categories.slug = 'other-gifts'";
        let odd = "select count(*) from product_translations
                   where title = upper(title) or title ~ '  |^[^A-Z0-9\"]|[?*+]'
                       or title ~* '^(postage|manual|discount|bank charges|damaged)'";
        let badly_stocked = "select count(*) from stock where on_hand not between 21 and 1000";
        let scarce_christmas = "select count(*) from (
            select title from product_translations texts join stock using (product_id)
            where title like '%Christmas%' group by product_id, title
            having min(on_hand) >= 21 and max(on_hand) <= 60) scarce";
        assert!((4_000..=4_200).contains(&products), "{products}");
        assert!(count(db, other).await * 100 <= products * 8);
        assert_eq!(count(db, odd).await, 0);
        assert_eq!(count(db, badly_stocked).await, 0);
        assert_eq!(count(db, "select count(*) from stock").await, products * 8);
        assert!(count(db, scarce_christmas).await >= 5);
    }

    #[tokio::test]
    async fn a_loaded_shop_is_left_as_it_is() {
        let db = TestDb::new().await;
        let import =
            OrdersImport { market: MARKET.parse().unwrap(), now: Timestamp::now(), dry_run: false };
        let shop = b"invoice,stock_code,description,quantity,invoice_date,price,customer_id\n\
            1,A1,RED MUG,1,2009-12-01 07:45:00,2.55,7\n";
        let catalog = CatalogImport {
            format: Format::OnlineRetailCsv,
            market: None,
            invent_stock: true,
            dry_run: false,
        };
        imports::catalog(db.pool(), &shop[..], catalog, &mut ignore).await.unwrap();
        imports::orders(db.pool(), &shop[..], import, &mut ignore).await.unwrap();

        load_demo_shop(db.pool(), QUIET).await.unwrap();

        assert_eq!(count(db.pool(), "select count(*) from products").await, 1);
    }
}
