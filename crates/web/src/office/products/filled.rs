//! A product as the editor's form has it: the fields that somebody sees before typing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use souk_base::{Lang, Money, Tables};
use souk_commerce::offers::OfferState;
use souk_commerce::products::{EditableVariant, State};

use super::line::{Current, Line, variants};
use crate::office::form::Form;

/// The fields of a product; of a new one when there is none yet.
pub(crate) fn fields(current: Option<&Current>, tables: &Tables) -> Form {
    let mut form = Form::default();
    match current {
        Some(current) => product_fields(&mut form, current, tables),
        None => form.put("publish", "now"),
    }
    for variant in variants(current, tables) {
        if let Some(known) = variant.variant {
            variant_fields(&mut form, known);
        }
        for line in &variant.lines {
            line_fields(&mut form, line);
        }
    }
    form
}

fn product_fields(form: &mut Form, current: &Current, tables: &Tables) {
    let product = &current.product;
    for text in &product.texts {
        form.put(format!("title_{}", text.lang), &text.title);
        form.put(format!("description_{}", text.lang), &text.description);
    }
    form.put("category", product.category_id.to_string());
    form.put("brand", product.brand_id.map(|id| id.to_string()).unwrap_or_default());
    form.put("slug", &product.slug);
    form.put("publish", publish(product.state, product.publish_at));
    let at = product.publish_at.map(|at| local(at, &zone(tables)));
    form.put("publish_at", at.unwrap_or_default());
    for value in &product.values {
        form.put("value", value.to_string());
    }
}

fn publish(state: State, at: Option<Timestamp>) -> &'static str {
    match (state, at) {
        (State::Draft, _) => "draft",
        (State::Archived, _) => "archived",
        (State::Active, None) => "now",
        (State::Active, Some(_)) => "at",
    }
}

fn variant_fields(form: &mut Form, variant: &EditableVariant) {
    form.put(format!("sku.{}", variant.id), &variant.sku);
    for (lang, size) in sizes(variant.options.get("size")) {
        form.put(format!("size.{}.{lang}", variant.id), size);
    }
}

/// The texts of an option; a plain one counts as English.
fn sizes(option: Option<&Value>) -> Vec<(Lang, &str)> {
    match option {
        Some(Value::String(text)) => vec![(Lang::En, text)],
        Some(Value::Object(texts)) => {
            let text = |lang: Lang| Some((lang, texts.get(lang.code())?.as_str()?));
            Lang::ALL.into_iter().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}

fn line_fields(form: &mut Form, line: &Line<'_>) {
    let key = &line.key;
    form.put("line", key);
    let Some(offer) = line.offer else {
        form.put(format!("offered.{key}"), "1");
        return;
    };
    let decimal = |minor: Option<i64>| {
        minor.map(|minor| Money::new(minor, line.currency()).to_decimal()).unwrap_or_default()
    };
    form.put(format!("price.{key}"), decimal(offer.minor));
    form.put(format!("old.{key}"), decimal(offer.list_minor));
    form.put(format!("preparation.{key}"), offer.preparation_minutes.to_string());
    if offer.state == OfferState::Active {
        form.put(format!("offered.{key}"), "1");
    }
    for stock in &offer.stock {
        form.put(format!("stock.{key}.{}", stock.city_id), stock.on_hand.to_string());
    }
}

/// The zone that times of publication are given in: that of the first market.
pub(crate) fn zone(tables: &Tables) -> String {
    tables.markets.first().map_or_else(|| "UTC".to_owned(), |market| market.time_zone.clone())
}

/// A time as the browser's field for days and times has it, in a time zone.
pub(crate) fn local(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// The time that was typed into such a field; none when it is no time.
pub(crate) fn instant(typed: &str, zone: &str) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(typed.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp())
}

/// What a form was filled with, kept in the form itself: what somebody changed is told from what others did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<String, String>);

impl Snapshot {
    /// The fields of a form; boxes with the same name are joined.
    pub(crate) fn of(form: &Form) -> Snapshot {
        let names: BTreeSet<&str> = form.names().collect();
        let joined = |name: &str| {
            let values: BTreeSet<&str> = form.all(name).map(str::trim).collect();
            values.into_iter().collect::<Vec<_>>().join(",")
        };
        Snapshot(names.into_iter().map(|name| (name.to_owned(), joined(name))).collect())
    }

    /// As a hidden field keeps it.
    pub(crate) fn written(&self) -> String {
        serde_json::to_string(&self.0).expect("a map of texts is JSON")
    }

    /// As a hidden field kept it; empty when that cannot be read.
    pub(crate) fn read(text: &str) -> Snapshot {
        Snapshot(serde_json::from_str(text).unwrap_or_default())
    }

    /// The value of a field; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_shown_in_the_time_of_the_market() {
        let at = instant("2026-11-26T14:00", "Asia/Kuwait").unwrap();

        assert_eq!(at.to_string(), "2026-11-26T11:00:00Z");
        assert_eq!(local(at, "Asia/Kuwait"), "2026-11-26T14:00");
        for bad in ["", "tomorrow", "2026-13-01T00:00"] {
            assert_eq!(instant(bad, "Asia/Kuwait"), None, "{bad}");
        }
    }

    #[test]
    fn a_snapshot_reads_back_and_does_not_mind_the_order_of_boxes() {
        let form = |values: [&str; 2]| {
            let mut form = Form::default();
            form.put("title_en", " Red \"roses\" ");
            values.into_iter().for_each(|value| form.put("value", value));
            Snapshot::of(&form)
        };

        let snapshot = form(["1", "2"]);
        assert_eq!(snapshot, form(["2", "1"]));
        assert_eq!(Snapshot::read(&snapshot.written()), snapshot);
        assert_eq!(snapshot.get("title_en"), "Red \"roses\"");
        assert_eq!(Snapshot::read("{").get("title_en"), "");
    }
}
