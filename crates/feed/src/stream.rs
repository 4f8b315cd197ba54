//! The change stream as committed transactions: begin, rows and commit become one [`Changes`].
//!
//! Row values are not used beyond their keys. A transaction that was rolled back never arrives, and one
//! that is still open when the session ends arrives again, whole.
//!
//! **Invariant**: nothing of a transaction is handed out before its commit.

use std::collections::HashMap;

use pgwire_replication::{Lsn, ReplicationClient, ReplicationEvent};
use souk_base::{OfferId, Position, ProductId, WarehouseId};

use crate::changes::Changes;
use crate::decode::{Message, Relation, Tuple, decode};
use crate::{Error, Result};

/// The stream of one session.
pub(crate) struct Stream {
    client: ReplicationClient,
    assembler: Assembler,
}

/// What the stream had to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A transaction was committed.
    Committed(Box<Changes>),
    /// Everything up to here was said; transactions of no interest lie before it.
    Reached(Position),
}

impl Stream {
    /// The stream of a session that waits to be started.
    pub(crate) async fn start(mut session: ReplicationClient) -> Result<Stream> {
        session.start().await?;
        session.wait_started().await?;
        Ok(Stream { client: session, assembler: Assembler::default() })
    }

    /// Waits for progress. Nothing is lost when the wait is given up.
    pub(crate) async fn next(&mut self) -> Result<Progress> {
        loop {
            let event = self.client.recv().await?.ok_or(Error::Ended)?;
            if let Some(progress) = self.assembler.accept(event)? {
                return Ok(progress);
            }
        }
    }

    /// Tells PostgreSQL that everything up to here is safe, so that it may forget the log before it.
    pub(crate) fn confirm(&self, position: Position) {
        self.client.update_applied_lsn(Lsn(position.0));
    }
}

/// Puts transactions together.
#[derive(Default)]
struct Assembler {
    relations: HashMap<u32, Option<Followed>>,
    open: Option<Changes>,
}

/// A followed table, as described in this session.
struct Followed {
    table: String,
    effect: Effect,
    /// Where the key that matters stands in a tuple.
    key: Place,
    /// Where the offer's key stands, for rows that belong to one.
    offer: Option<Place>,
}

/// Where a column stands in a tuple, and its name.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    column: &'static str,
}

/// What a change of a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A product's document and columns.
    Product,
    /// A product's document.
    Document,
    /// One offer.
    Offer,
    /// A product's columns, now or at an instant to come.
    DatedPrice,
    /// A product's popularity.
    Popularity,
    /// The small tables, and the documents under this category.
    Category,
    /// The small tables, and the documents of this brand.
    Brand,
    /// The small tables, and the documents with any value of this attribute.
    Attribute,
    /// The small tables, and the documents with this attribute value.
    Value,
    /// The small tables, and every column: a city's bit may have moved, and its stock counts only while it is active.
    City,
    /// The small tables.
    Labels,
    /// The products with stock in a warehouse that moved; a new one is empty.
    Warehouse,
}

/// What rows of this table mean, the column with the key that matters, and that with the offer's key.
fn effect(table: &str) -> Option<(Effect, &'static str, Option<&'static str>)> {
    Some(match table {
        "products" => (Effect::Product, "id", None),
        "product_translations" | "product_attribute_values" | "variants" | "media" => {
            (Effect::Document, "product_id", None)
        }
        "offers" => (Effect::Offer, "product_id", Some("id")),
        "prices" | "stock" => (Effect::Offer, "product_id", Some("offer_id")),
        "price_exceptions" => (Effect::DatedPrice, "product_id", None),
        "popularity" => (Effect::Popularity, "product_id", None),
        "categories" => (Effect::Category, "id", None),
        "category_translations" => (Effect::Category, "category_id", None),
        "brands" => (Effect::Brand, "id", None),
        "attribute_values" => (Effect::Value, "id", None),
        "attribute_value_translations" => (Effect::Value, "value_id", None),
        "attributes" => (Effect::Attribute, "id", None),
        "cities" => (Effect::City, "id", None),
        "sellers" | "delivery_windows" | "delivery_closures" | "rules" | "synonyms" => {
            (Effect::Labels, "id", None)
        }
        "search_settings" => (Effect::Labels, "version", None),
        "attribute_translations" => (Effect::Labels, "attribute_id", None),
        "city_translations" => (Effect::Labels, "city_id", None),
        "market_translations" => (Effect::Labels, "market", None),
        "markets" => (Effect::Labels, "code", None),
        "warehouses" => (Effect::Warehouse, "id", None),
        _ => return None,
    })
}

impl Assembler {
    fn accept(&mut self, event: ReplicationEvent) -> Result<Option<Progress>> {
        match event {
            ReplicationEvent::Begin { xid, .. } => {
                let transactions = vec![i64::from(xid)];
                self.open = Some(Changes { transactions, ..Changes::default() });
                Ok(None)
            }
            ReplicationEvent::XLogData { data, .. } => self.change(&data).map(|()| None),
            ReplicationEvent::Commit { end_lsn, .. } => Ok(self.open.take().map(|mut changes| {
                changes.position = Position(end_lsn.0);
                Progress::Committed(Box::new(changes))
            })),
            // Between begin and commit a heartbeat says nothing about the open transaction.
            ReplicationEvent::KeepAlive { wal_end, .. } if self.open.is_none() => {
                Ok(Some(Progress::Reached(Position(wal_end.0))))
            }
            _ => Ok(None),
        }
    }

    fn change(&mut self, data: &[u8]) -> Result<()> {
        match decode(data)? {
            Message::Relation(relation) => {
                let id = relation.id;
                self.relations.insert(id, follow(relation)?);
                Ok(())
            }
            Message::Insert { relation, new } => self.rows(relation, [Some(new), None], false),
            Message::Update { relation, old, new } => self.rows(relation, [Some(new), old], true),
            Message::Delete { relation, old } => self.rows(relation, [Some(old), None], true),
            Message::Truncate { relations } => {
                let known = |id| self.relations.get(id).is_some_and(Option::is_some);
                if relations.iter().any(known) {
                    self.open.get_or_insert_default().truncated = true;
                }
                Ok(())
            }
            Message::Ignored => Ok(()),
        }
    }

    /// Notes the rows of one change: the row after it, or before it when it was deleted, and the old
    /// row of an update that touched the key. `existed` is false for a row that is new.
    fn rows(&mut self, relation: u32, rows: [Option<Tuple<'_>>; 2], existed: bool) -> Result<()> {
        let Some(Some(followed)) = self.relations.get(&relation) else { return Ok(()) };
        let changes = self.open.get_or_insert_default();
        for row in rows.into_iter().flatten() {
            followed.note(changes, &row, existed)?;
        }
        Ok(())
    }
}

impl Followed {
    fn note(&self, changes: &mut Changes, row: &Tuple<'_>, existed: bool) -> Result<()> {
        let key = |place| self.read(row, place);
        match self.effect {
            Effect::Product => {
                let id = ProductId::new(key(self.key)?);
                changes.documents.push(id);
                changes.columns.push(id);
                changes.instants = true;
            }
            Effect::Document => changes.documents.push(ProductId::new(key(self.key)?)),
            Effect::Offer => {
                let offer = key(self.offer.unwrap_or(self.key))?;
                changes.offers.push((ProductId::new(key(self.key)?), OfferId::new(offer)));
            }
            Effect::DatedPrice => {
                changes.instants = true;
                changes.columns.push(ProductId::new(key(self.key)?));
            }
            Effect::Popularity => changes.popularity.push(ProductId::new(key(self.key)?)),
            Effect::Category => changes.categories.push(key(self.key)?),
            Effect::Brand => changes.brands.push(key(self.key)?),
            Effect::Attribute => changes.attributes.push(key(self.key)?),
            Effect::Value => changes.values.push(key(self.key)?),
            Effect::Warehouse if existed => {
                changes.warehouses.push(WarehouseId::new(key(self.key)?));
            }
            Effect::City => changes.cities = true,
            Effect::Labels | Effect::Warehouse => {}
        }
        changes.tables |= self.effect.is_of_small_tables();
        Ok(())
    }

    fn read(&self, row: &Tuple<'_>, place: Place) -> Result<i64> {
        let key = row.text(place.index).and_then(|key| key.parse().ok());
        key.ok_or_else(|| self.unnamed(place.column))
    }

    /// A row whose key cannot be read, though its effect needs it.
    fn unnamed(&self, column: &'static str) -> Error {
        Error::Publication { table: self.table.clone(), column }
    }
}

impl Effect {
    const fn is_of_small_tables(self) -> bool {
        matches!(
            self,
            Effect::Category
                | Effect::Brand
                | Effect::Attribute
                | Effect::Value
                | Effect::City
                | Effect::Labels
        )
    }
}

/// How to read a table's rows; none for a table that a newer program published for itself.
fn follow(relation: Relation) -> Result<Option<Followed>> {
    let Some((effect, key, offer)) = effect(&relation.name) else { return Ok(None) };
    let place = |column| match relation.columns.iter().position(|name| name == column) {
        Some(index) => Ok(Place { index, column }),
        None => Err(Error::Publication { table: relation.name.clone(), column }),
    };
    let (key, offer) = (place(key)?, offer.map(place).transpose()?);
    Ok(Some(Followed { table: relation.name, effect, key, offer }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(xid: u32) -> ReplicationEvent {
        ReplicationEvent::Begin { final_lsn: Lsn(0), xid, commit_time_micros: 0 }
    }

    fn commit(end: u64) -> ReplicationEvent {
        ReplicationEvent::Commit { lsn: Lsn(0), end_lsn: Lsn(end), commit_time_micros: 0 }
    }

    fn heartbeat(end: u64) -> ReplicationEvent {
        let wal_end = Lsn(end);
        ReplicationEvent::KeepAlive { wal_end, reply_requested: false, server_time_micros: 0 }
    }

    fn data(bytes: Vec<u8>) -> ReplicationEvent {
        let (wal_start, wal_end) = (Lsn(0), Lsn(0));
        let data = bytes.into();
        ReplicationEvent::XLogData { wal_start, wal_end, server_time_micros: 0, data }
    }

    fn relation(id: u8, table: &str, columns: &[&str]) -> ReplicationEvent {
        let mut bytes = vec![b'R', 0, 0, 0, id];
        bytes.extend(b"public\0");
        bytes.extend(table.bytes());
        bytes.extend([0, b'i', 0, u8::try_from(columns.len()).unwrap()]);
        for column in columns {
            bytes.push(1);
            bytes.extend(column.bytes());
            bytes.extend([0; 9]);
        }
        data(bytes)
    }

    fn tuple(values: &[&str]) -> Vec<u8> {
        let mut bytes = vec![0, u8::try_from(values.len()).unwrap()];
        for value in values {
            bytes.extend([b't', 0, 0, 0, u8::try_from(value.len()).unwrap()]);
            bytes.extend(value.bytes());
        }
        bytes
    }

    fn insert(id: u8, values: &[&str]) -> ReplicationEvent {
        data([vec![b'I', 0, 0, 0, id, b'N'], tuple(values)].concat())
    }

    fn update(id: u8, old: &[&str], new: &[&str]) -> ReplicationEvent {
        data([vec![b'U', 0, 0, 0, id, b'K'], tuple(old), vec![b'N'], tuple(new)].concat())
    }

    fn progress(events: Vec<ReplicationEvent>) -> Vec<Progress> {
        let mut assembler = Assembler::default();
        events.into_iter().filter_map(|event| assembler.accept(event).unwrap()).collect()
    }

    fn committed(events: Vec<ReplicationEvent>) -> Changes {
        match progress(events).pop() {
            Some(Progress::Committed(changes)) => *changes,
            other => panic!("not a commit: {other:?}"),
        }
    }

    #[test]
    fn a_transaction_is_its_keys_at_its_commit() {
        let mut changes = committed(vec![
            begin(7),
            relation(1, "prices", &["product_id", "offer_id"]),
            insert(1, &["42", "9"]),
            insert(1, &["42", "10"]),
            relation(2, "products", &["id"]),
            insert(2, &["5"]),
            commit(100),
        ]);

        assert_eq!((changes.position, &changes.transactions[..]), (Position(100), &[7][..]));
        let offer = |id| (ProductId::new(42), OfferId::new(id));
        assert_eq!(changes.offers.take(), [offer(9), offer(10)]);
        assert_eq!(changes.documents.take(), [ProductId::new(5)]);
        assert_eq!(changes.columns.take(), [ProductId::new(5)]);
        assert!(!changes.tables);
    }

    #[test]
    fn an_update_that_moves_a_row_names_both_products() {
        let mut changes = committed(vec![
            begin(1),
            relation(1, "variants", &["product_id", "id"]),
            update(1, &["3", "1"], &["4", "1"]),
            commit(1),
        ]);

        assert_eq!(changes.documents.take(), [3, 4].map(ProductId::new));
        assert!(changes.columns.is_empty());
    }

    #[test]
    fn heartbeats_count_between_transactions_and_never_inside_one() {
        let said = progress(vec![heartbeat(5), begin(1), heartbeat(6), commit(7), heartbeat(8)]);

        let positions: Vec<_> = said
            .iter()
            .map(|progress| match progress {
                Progress::Committed(changes) => ("commit", changes.position.0),
                Progress::Reached(position) => ("heartbeat", position.0),
            })
            .collect();
        assert_eq!(positions, [("heartbeat", 5), ("commit", 7), ("heartbeat", 8)]);
    }

    #[test]
    fn labels_name_what_they_stand_on_and_the_small_tables() {
        let mut changes = committed(vec![
            begin(1),
            relation(1, "category_translations", &["category_id", "lang"]),
            insert(1, &["8", "ar"]),
            relation(2, "attribute_value_translations", &["value_id", "lang"]),
            insert(2, &["9", "ar"]),
            relation(3, "attributes", &["id"]),
            insert(3, &["7"]),
            commit(1),
        ]);

        assert!(changes.tables && changes.has_labels());
        assert_eq!(changes.categories.take(), [8]);
        assert_eq!(changes.values.take(), [9]);
        assert_eq!(changes.attributes.take(), [7]);
    }

    #[test]
    fn a_new_warehouse_is_empty_but_a_moved_one_touches_what_lies_in_it() {
        let warehouses = || relation(1, "warehouses", &["id"]);

        let new = committed(vec![begin(1), warehouses(), insert(1, &["3"]), commit(1)]);
        let mut moved =
            committed(vec![begin(1), warehouses(), update(1, &["3"], &["3"]), commit(1)]);

        assert!(new.warehouses.is_empty());
        assert_eq!(moved.warehouses.take(), [WarehouseId::new(3)]);
    }

    #[test]
    fn a_truncate_counts_for_followed_tables_only() {
        let truncate = |id| data(vec![b'T', 0, 0, 0, 1, 0, 0, 0, 0, id]);
        let tables =
            || [relation(1, "stock", &["product_id", "offer_id"]), relation(2, "unheard_of", &[])];
        let run = |id| {
            let mut events = vec![begin(1)];
            events.extend(tables());
            events.extend([truncate(id), commit(1)]);
            committed(events).truncated
        };

        assert!(run(1));
        assert!(!run(2));
    }

    #[test]
    fn a_publication_without_the_key_is_refused_by_name() {
        let refused =
            Assembler::default().accept(relation(1, "prices", &["offer_id"])).unwrap_err();

        assert_eq!(
            refused.to_string(),
            "publication souk_feed carries prices without a readable product_id"
        );
    }
}
