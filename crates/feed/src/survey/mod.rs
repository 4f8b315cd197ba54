//! What an operator should know about the database that is followed, as facts; advice is the reader's.
//!
//! Everything is read by catalogue queries that work for any user, on a database without the shop's schema
//! too.

mod sql;

use souk_commerce::{Db, PgConnection};

use crate::Result;
use crate::config::PUBLICATION;
use crate::follow::own_connection;
use crate::instances::{self, Slot};

/// What the publication must carry: keys, never text. Columns in alphabetical order.
const EXPECTED: [(&str, &[&str]); 28] = [
    ("attribute_translations", &["attribute_id", "lang"]),
    ("attribute_value_translations", &["lang", "value_id"]),
    ("attribute_values", &["id"]),
    ("attributes", &["id"]),
    ("brands", &["id"]),
    ("categories", &["id"]),
    ("category_translations", &["category_id", "lang"]),
    ("cities", &["id"]),
    ("city_translations", &["city_id", "lang"]),
    ("delivery_closures", &["id"]),
    ("delivery_windows", &["id"]),
    ("market_translations", &["lang", "market"]),
    ("markets", &["code"]),
    ("media", &["id", "product_id"]),
    ("offers", &["id", "product_id"]),
    ("popularity", &["market", "product_id"]),
    ("price_exceptions", &["id", "product_id"]),
    ("prices", &["offer_id", "product_id"]),
    ("product_attribute_values", &["product_id", "value_id"]),
    ("product_translations", &["lang", "product_id"]),
    ("products", &["id"]),
    ("rules", &["id"]),
    ("search_settings", &["version"]),
    ("sellers", &["id"]),
    ("stock", &["offer_id", "product_id", "warehouse_id"]),
    ("synonyms", &["id"]),
    ("variants", &["id", "product_id"]),
    ("warehouses", &["id"]),
];

/// The server and this connection's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Version, such as 150018.
    pub version: i32,
    /// `logical` is needed.
    pub wal_level: String,
    /// Replication slots that can be had.
    pub slots_max: i64,
    /// Replication slots that exist, of all databases.
    pub slots_used: i64,
    /// Replication connections that can be had.
    pub senders_max: i64,
    /// Replication connections that are open.
    pub senders_used: i64,
    /// Log that a slot may keep, in MB; none without a limit.
    pub slot_keep_mb: Option<i64>,
    /// When a silent replication connection is given up; 0 for never.
    pub sender_timeout_ms: i64,
    /// Whether commits are written to the disk at all.
    pub fsync: bool,
    /// Whether pages survive a crash in the middle of being written.
    pub full_page_writes: bool,
    /// Whether a commit waits until its log is on disk.
    pub synchronous_commit: String,
    /// Whether this user may follow the stream.
    pub may_replicate: bool,
    /// Whether instances are written down here.
    pub has_instances: bool,
    /// The server's time, milliseconds since 1970.
    pub now_ms: i64,
}

/// A table of the publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name.
    pub table: String,
    /// Columns that are carried, in alphabetical order.
    pub columns: Vec<String>,
    /// Columns that name a deleted row, in alphabetical order.
    pub identity: Vec<String>,
    /// Whether the whole row does.
    pub whole_row: bool,
}

/// An instance, as last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub id: String,
    /// The slot that it follows.
    pub slot: String,
    /// The machine.
    pub host: String,
    /// Version of the program.
    pub version: String,
    /// What it was doing.
    pub phase: String,
    /// Log that search did not have yet.
    pub bytes_behind: i64,
    /// How far search had come.
    pub position: String,
    /// Seconds since then.
    pub unseen_s: i64,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The server.
    pub server: Server,
    /// How the publication differs from what is followed, a sentence each; empty if it does not.
    pub publication_differs: Vec<String>,
    /// How tables fail to name deleted rows, a sentence each; empty if none does.
    pub identities_differ: Vec<String>,
    /// Slots of instances of this shop.
    pub slots: Vec<Slot>,
    /// Instances of this shop.
    pub instances: Vec<Instance>,
}

/// Looks at the database.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn survey(db: &Db) -> Result<Survey> {
    let mut connection = own_connection(db).await?;
    let server = sql::server(&mut connection).await?;
    let published = sql::published(&mut connection, PUBLICATION).await?;
    let (mut slots, mut instances) = (Vec::new(), Vec::new());
    if server.has_instances {
        slots = instances::slots(&mut connection).await?;
        slots.retain(|slot| instances::is_an_instances(&slot.name));
        instances = sql::instances(&mut connection).await?;
    }
    Ok(Survey {
        server,
        publication_differs: publication_differences(&mut connection, &published).await?,
        identities_differ: published.iter().filter_map(identity_difference).collect(),
        slots,
        instances,
    })
}

/// Whether the publication carries this column of this table now.
pub(crate) async fn carries(
    connection: &mut PgConnection,
    table: &str,
    column: &str,
) -> Result<bool> {
    let published = sql::published(connection, PUBLICATION).await?;
    let found = published.iter().find(|published| published.table == table);
    Ok(found.is_some_and(|found| found.columns.iter().any(|name| name == column)))
}

async fn publication_differences(
    connection: &mut PgConnection,
    published: &[Published],
) -> Result<Vec<String>> {
    match sql::carries_everything(connection, PUBLICATION).await? {
        None => Ok(vec![format!("there is no publication {PUBLICATION}")]),
        Some(false) => {
            let missing = "does not carry all of insert, update, delete, truncate";
            Ok(vec![format!("{PUBLICATION} {missing}")])
        }
        Some(true) => Ok(column_differences(published)),
    }
}

fn column_differences(published: &[Published]) -> Vec<String> {
    let mut differences = Vec::new();
    for (table, columns) in EXPECTED {
        match published.iter().find(|published| published.table == table) {
            None => differences.push(format!("{table} is missing")),
            Some(found) if found.columns != columns => {
                let (found, columns) = (found.columns.join(", "), columns.join(", "));
                differences.push(format!("{table} carries ({found}) instead of ({columns})"));
            }
            Some(_) => {}
        }
    }
    for Published { table, .. } in published {
        if !EXPECTED.iter().any(|(expected, _)| expected == table) {
            differences.push(format!("{table} is unknown to this program"));
        }
    }
    differences
}

/// A deleted row is named by its identity, so that must be carried, and name the product where there is one.
fn identity_difference(published: &Published) -> Option<String> {
    let Published { table, columns, identity, whole_row } = published;
    let product = String::from("product_id");
    if identity.is_empty() && !whole_row {
        return Some(format!("{table} has no replica identity"));
    }
    if *whole_row {
        return Some(format!("{table} writes whole rows to the log (replica identity full)"));
    }
    if let Some(missing) = identity.iter().find(|name| !columns.contains(name)) {
        return Some(format!("{table} is named by {missing}, which is not published"));
    }
    let unnamed = columns.contains(&product) && !identity.contains(&product);
    unnamed.then(|| format!("a deleted row of {table} does not name its product"))
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;

    use super::*;

    #[tokio::test]
    async fn a_fresh_database_is_as_expected() {
        let db = TestDb::new().await;

        let found = survey(db.pool()).await.unwrap();

        assert_eq!(found.publication_differs, Vec::<String>::new());
        assert_eq!(found.identities_differ, Vec::<String>::new());
        assert!(found.server.may_replicate && found.server.wal_level == "logical");
    }

    #[tokio::test]
    async fn drift_is_named() {
        let db = TestDb::new().await;
        db.run(
            "alter publication souk_feed drop table media, prices;
             alter publication souk_feed add table prices (product_id, offer_id, minor), staff (id);
             alter table stock replica identity default;
             alter table brands replica identity full;
             alter table sellers replica identity nothing",
        )
        .await;

        let found = survey(db.pool()).await.unwrap();

        assert_eq!(
            found.publication_differs,
            [
                "media is missing",
                "prices carries (minor, offer_id, product_id) instead of (offer_id, product_id)",
                "staff is unknown to this program",
            ]
        );
        assert_eq!(
            found.identities_differ,
            [
                "brands writes whole rows to the log (replica identity full)",
                "sellers has no replica identity",
                "a deleted row of stock does not name its product",
            ]
        );
    }

    #[tokio::test]
    async fn a_database_without_a_schema_is_surveyed_too() {
        let db = TestDb::new().await;
        db.run("drop publication souk_feed; drop table instances").await;

        let found = survey(db.pool()).await.unwrap();

        assert_eq!(found.publication_differs, ["there is no publication souk_feed"]);
        assert_eq!((found.slots, found.instances), (vec![], vec![]));
    }
}
