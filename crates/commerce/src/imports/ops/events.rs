//! Brings past events in, batch by batch.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::ops::Range;

use souk_base::Market;
use sqlx::{Connection, PgConnection};

use super::{in_parts, run, served};
use crate::events::{self, Event, Fault, Reading, Told};
use crate::imports::lines::Lines;
use crate::imports::sql::products as products_sql;
use crate::imports::{EventsFormat, EventsImport, Rejected, Rejects, Report, google_retail};
use crate::{Db, Result, markets};

/// Events written in one transaction.
const EVENTS_PER_BATCH: usize = 5_000;

/// Brings past events in, as if their clients had told of them, up to as old as events are kept. An event that is there
/// already changes nothing.
///
/// # Errors
/// [`crate::Error::File`] when it cannot be read; [`crate::Error::UnknownMarket`]; [`crate::Error::Database`] when
/// PostgreSQL fails. What a row does wrong is no error but goes to `rejects`.
pub async fn events(
    db: &Db,
    file: impl BufRead,
    import: EventsImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let dry_run = import.dry_run;
    run(db, dry_run, async |connection| events_on(connection, file, import, rejects).await).await
}

async fn events_on(
    connection: &mut PgConnection,
    file: impl BufRead,
    import: EventsImport,
    rejects: Rejects<'_>,
) -> Result<Report> {
    let markets = markets::list(connection).await?;
    if let EventsFormat::GoogleRetailJsonl(market) = import.format {
        served(&markets, market)?;
    }
    let report = Report::default();
    let mut run = Run { connection, rejects, report, import, markets };
    run.lines(file).await?;
    Ok(run.report)
}

/// A line of the file and the event that it tells of.
struct Row {
    line: u64,
    raw: String,
    told: Told,
}

/// An event that was read, with the line that it is from.
struct Past {
    line: u64,
    raw: String,
    event: Event,
}

/// An import of events while it runs.
struct Run<'a> {
    connection: &'a mut PgConnection,
    rejects: Rejects<'a>,
    report: Report,
    import: EventsImport,
    markets: Vec<Market>,
}

impl Run<'_> {
    async fn lines(&mut self, file: impl BufRead) -> Result<()> {
        let mut batch = Vec::new();
        for line in Lines::new(file) {
            let line = line?;
            self.report.read += 1;
            let (raw, told) = match line.text {
                Ok(raw) => {
                    let told = self.parse(&raw);
                    (raw, told)
                }
                Err((reason, raw)) => (raw, Err(reason)),
            };
            match told {
                Ok(told) => batch.push(Row { line: line.number, raw, told }),
                Err(reason) => self.reject(Rejected { line: line.number, reason, raw })?,
            }
            if batch.len() == EVENTS_PER_BATCH {
                self.write(std::mem::take(&mut batch)).await?;
            }
        }
        self.write(batch).await
    }

    fn reject(&mut self, rejected: Rejected) -> io::Result<()> {
        self.report.errors += 1;
        (self.rejects)(rejected)
    }

    fn parse(&mut self, line: &str) -> std::result::Result<Told, String> {
        if line.contains("\\u0000") || line.contains('\0') {
            return Err("contains the character NUL, which PostgreSQL cannot store".to_owned());
        }
        let market = match self.import.format {
            EventsFormat::SoukJsonl => {
                return serde_json::from_str(line)
                    .map_err(|error| format!("not an event: {error}"));
            }
            EventsFormat::GoogleRetailJsonl(market) => market,
        };
        let (told, ignored) = google_retail::parse(line, market)?;
        self.report.ignore(ignored);
        Ok(told)
    }

    /// Writes what was told of known products, not so long ago that it would be forgotten at once.
    async fn write(&mut self, mut rows: Vec<Row>) -> Result<()> {
        if matches!(self.import.format, EventsFormat::GoogleRetailJsonl(_)) {
            rows = self.with_keys(rows).await?;
        }
        let now = self.import.now;
        let mut past = Vec::with_capacity(rows.len());
        for Row { line, raw, told } in rows {
            let markets = &self.markets;
            let reading = Reading { now, customer: None, markets, is_history: true };
            match reading.read(told) {
                Ok(event) if events::is_forgotten(event.time, now) => {
                    self.report.skip("older than events are kept (180 days)");
                }
                Ok(event) => past.push(Past { line, raw, event }),
                Err(faults) => self.reject(Rejected { line, reason: reason(&faults), raw })?,
            }
        }
        self.write_events(&past).await
    }

    /// The rows with the shop's keys of their products; what is not known is left out, and the row where nothing is left.
    async fn with_keys(&mut self, rows: Vec<Row>) -> Result<Vec<Row>> {
        let items = |row: &'_ Row| row.told.items.clone().unwrap_or_default();
        let ids: BTreeSet<String> =
            rows.iter().flat_map(items).map(|item| item.product_id).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let keys = products_sql::ids_by_external_id(self.connection, &ids).await?;
        let mut known = Vec::with_capacity(rows.len());
        for mut row in rows {
            let told = &mut row.told;
            let key = |id: &str| keys.get(id).map(i64::to_string);
            told.product_id = told.product_id.as_deref().and_then(key);
            if let Some(items) = &mut told.items {
                items.retain_mut(|item| match key(&item.product_id) {
                    Some(key) => {
                        item.product_id = key;
                        true
                    }
                    None => false,
                });
                if items.is_empty() {
                    self.report.skip("unknown product");
                    continue;
                }
            }
            known.push(row);
        }
        Ok(known)
    }

    /// Writes events in one transaction, but those that are at fault.
    async fn write_events(&mut self, past: &[Past]) -> Result<()> {
        let events: Vec<Event> = past.iter().map(|past| past.event.clone()).collect();
        let report = &mut self.report;
        let done = |added: usize, events: usize| {
            report.imported += added as u64;
            report.unchanged += (events - added) as u64;
        };
        let mut tx = self.connection.begin().await?;
        let write =
            async |tx: &mut PgConnection, part: Range<usize>| events::add(tx, &events[part]).await;
        let refused = in_parts(&mut tx, events.len(), write, done).await?;
        tx.commit().await?;
        for (place, error) in refused {
            let Past { line, raw, .. } = &past[place];
            let (line, raw, reason) = (*line, raw.clone(), error.to_string());
            self.reject(Rejected { line, reason, raw })?;
        }
        Ok(())
    }
}

/// What is wrong with a row, field by field.
fn reason(faults: &[Fault]) -> String {
    let faults = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.detail));
    faults.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use serde_json::{Value, json};
    use souk_testdb::TestDb;

    use super::super::catalog;
    use super::*;
    use crate::imports::{CatalogImport, Format};

    /// Three months later than the events of most tests.
    const NOW: &str = "2026-11-22T12:00:00Z";
    const OWN: EventsFormat = EventsFormat::SoukJsonl;

    fn google() -> EventsFormat {
        EventsFormat::GoogleRetailJsonl("GB".parse().unwrap())
    }

    fn view(id: &str, time: &str) -> Value {
        let kind = "detail-page-view";
        json!({"id": id, "type": kind, "visitor_id": "v", "market": "GB", "time": time, "product_id": "7"})
    }

    fn file(lines: &[Value]) -> String {
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    async fn import(db: &Db, file: &str, format: EventsFormat) -> (Report, Vec<Rejected>) {
        let mut rejected = Vec::new();
        let import = EventsImport { format, now: NOW.parse().unwrap(), dry_run: false };
        let mut reject = |row| {
            rejected.push(row);
            Ok(())
        };
        let report = events(db, file.as_bytes(), import, &mut reject).await.unwrap();
        (report, rejected)
    }

    async fn products(db: &Db) {
        let file = "{\"id\":\"A\",\"title\":\"A\"}\n{\"id\":\"B\",\"title\":\"B\"}\n";
        let format = Format::SoukJsonl;
        let import = CatalogImport { format, market: None, invent_stock: false, dry_run: false };
        catalog(db, file.as_bytes(), import, &mut |_| Ok(())).await.unwrap();
    }

    #[tokio::test]
    async fn old_days_go_in_once_each_under_the_day_of_its_own_time() {
        let db = TestDb::new().await;
        let days = ["2026-06-01T08:00:00Z", "2026-08-20T09:00:00+03:00", "2026-11-22T11:00:00Z"];
        let lines: Vec<_> =
            days.iter().zip(["a", "b", "c"]).map(|(day, id)| view(id, day)).collect();
        let file = file(&[&lines[..], &lines[..1]].concat());

        let (first, rejected) = import(db.pool(), &file, OWN).await;
        let (second, _) = import(db.pool(), &file, OWN).await;

        assert_eq!((first.read, first.imported, first.unchanged), (4, 3, 1), "{rejected:?}");
        assert_eq!((second.imported, second.unchanged, second.errors), (0, 4, 0));
        let parts = db.texts("select tableoid::regclass::text from events order by time").await;
        assert_eq!(parts, ["events_20260601", "events_20260820", "events_20261122"]);
    }

    #[tokio::test]
    async fn what_a_client_could_not_tell_is_refused_with_its_line_and_what_is_forgotten_left_out()
    {
        let db = TestDb::new().await;
        let now: Timestamp = NOW.parse().unwrap();
        let mut nobody = view("b", "2026-11-01T08:00:00Z");
        nobody.as_object_mut().unwrap().remove("visitor_id");
        nobody["market"] = json!("US");
        let mut strange = view("c", "2026-11-01T08:00:00Z");
        strange["colour"] = json!("red");
        let ahead = view("d", &(now + SignedDuration::from_mins(6)).to_string());
        let forgotten = view("e", &(now - SignedDuration::from_hours(181 * 24)).to_string());
        let good = view("a", "2026-11-01T08:00:00Z");
        let file = file(&[nobody, strange, ahead, forgotten, good]) + "nonsense\n\"\\u0000\"\n";

        let (report, rejected) = import(db.pool(), &file, OWN).await;

        assert_eq!((report.read, report.imported, report.errors, report.skipped), (7, 1, 5, 1));
        let mut reasons: Vec<_> = rejected.iter().map(|it| (it.line, it.reason.as_str())).collect();
        reasons.sort_unstable();
        assert_eq!(reasons[0].0, 1);
        assert!(reasons[0].1.contains("visitor_id must be given; market: there is no such market"));
        assert!(reasons[1].1.contains("unknown field `colour`"), "{reasons:?}");
        assert!(reasons[2].1.starts_with("time: an event is at most 5 minutes ahead"));
        assert!(reasons[3].1.starts_with("not an event"), "{reasons:?}");
        assert!(reasons[4].1.contains("NUL"), "{reasons:?}");
    }

    #[tokio::test]
    async fn googles_events_name_products_by_the_ids_they_were_imported_with() {
        let db = TestDb::new().await;
        products(db.pool()).await;
        let event = |kind: &str, time: &str, products: &[&str]| {
            let details = products.iter().map(|id| json!({"product": {"id": id}, "quantity": 2}));
            let details: Vec<_> = details.collect();
            json!({"eventType": kind, "visitorId": "v", "eventTime": time, "productDetails": details, "uri": "/"})
        };
        let file = file(&[
            event("detail-page-view", "2026-11-01T08:00:00Z", &["A"]),
            event("purchase-complete", "2026-11-01T09:00:00Z", &["A", "gone", "B"]),
            event("detail-page-view", "2026-11-01T08:00:00Z", &["gone"]),
            event("home-page-view", "2026-11-01T07:00:00Z", &[]),
            event("promotion-offered", "2026-11-01T07:00:00Z", &[]),
        ]);

        let (first, rejected) = import(db.pool(), &file, google()).await;
        let (second, _) = import(db.pool(), &file, google()).await;

        assert_eq!((first.imported, first.skipped_because["unknown product"]), (3, 1));
        assert!(rejected[0].reason.starts_with("type: a type is one of"), "{rejected:?}");
        assert_eq!((second.imported, second.unchanged), (0, 3));
        assert_eq!(first.ignored_keys["uri"], 5);
        let told = db.texts(
            "select type || coalesce(' ' || (select external_id from products where id = product_id), '')
                 || ' ' || (select string_agg(external_id, ',' order by products.id) from products, jsonb_array_elements(items) item
                            where products.id = (item ->> 'product_id')::bigint)
             from events where items is not null order by time",
        );
        assert_eq!(told.await, ["detail-page-view A A", "purchase-complete A,B"]);
    }

    #[tokio::test]
    async fn a_dry_run_leaves_nothing_and_an_unknown_market_is_refused() {
        let db = TestDb::new().await;
        let file = file(&[view("a", "2026-11-01T08:00:00Z")]);
        let import = EventsImport { format: OWN, now: NOW.parse().unwrap(), dry_run: true };

        let report = events(db.pool(), file.as_bytes(), import, &mut |_| Ok(())).await.unwrap();

        assert_eq!(report.imported, 1);
        assert_eq!(db.count("select count(*) from events").await, 0);
        let format = EventsFormat::GoogleRetailJsonl("US".parse().unwrap());
        let nowhere = EventsImport { format, ..import };
        let refused = events(db.pool(), file.as_bytes(), nowhere, &mut |_| Ok(())).await;
        assert!(matches!(refused, Err(crate::Error::UnknownMarket(_))));
    }
}
