//! The part of the editor about money and goods: variants, what each seller asks where, stock, dated prices.

use jiff::Timestamp;
use souk_base::{Lang, Money};
use souk_commerce::offers::{DatedPrice, EditableOffer};
use souk_commerce::products::EditableVariant;

use super::Seen;
use crate::format::Numbers;
use crate::office::fields::{Input, Select};
use crate::office::products::changes_of_lines::named;
use crate::office::products::filled;
use crate::office::products::line::{self, Current, FormVariant, Line, house};
use crate::options;
use crate::text::{fill, texts};

/// A variant with what it costs.
pub(super) struct VariantBlock {
    pub(super) key: String,
    pub(super) heading: String,
    pub(super) sku: Input,
    pub(super) sizes: Vec<SizeField>,
    pub(super) removable: bool,
    pub(super) error: Option<String>,
    pub(super) open: bool,
    pub(super) lines: Vec<LineBlock>,
    /// Lines of markets in which nobody offers it, folded away.
    pub(super) unoffered: Vec<LineBlock>,
    pub(super) unoffered_names: String,
    pub(super) unoffered_open: bool,
}

/// The size of a variant in one language.
pub(super) struct SizeField {
    pub(super) input: Input,
    pub(super) label: String,
    pub(super) attributes: String,
}

/// What a seller asks in a market.
pub(super) struct LineBlock {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) currency: &'static str,
    pub(super) seller: Option<String>,
    pub(super) price: Input,
    pub(super) old: Input,
    /// Units for every city at once, where there is no offer yet.
    pub(super) units: Option<Input>,
    pub(super) stock_sum: String,
    pub(super) open: bool,
    pub(super) cities: Vec<CityField>,
    pub(super) preparation: Input,
    pub(super) offered: bool,
}

/// Units in a city.
pub(super) struct CityField {
    pub(super) input: Input,
    pub(super) label: String,
    pub(super) reserved: Option<String>,
}

/// What can be added to a product that exists.
pub(super) struct More {
    pub(super) variant_open: bool,
    pub(super) sku: Input,
    pub(super) sizes: Vec<SizeField>,
    pub(super) offer_open: bool,
    pub(super) seller: Select,
    pub(super) variant: Select,
    pub(super) market: Select,
    pub(super) price: Input,
}

pub(super) struct Dated {
    pub(super) rows: Vec<DatedRow>,
    pub(super) open: bool,
    pub(super) offer: Select,
    pub(super) price: Input,
    pub(super) old: Input,
    pub(super) from: Input,
    pub(super) until: Input,
}

pub(super) struct DatedRow {
    pub(super) id: String,
    pub(super) offer: String,
    pub(super) price: String,
    pub(super) old: String,
    pub(super) from: String,
    pub(super) until: String,
}

impl Seen<'_> {
    pub(super) fn variants(&self) -> Vec<VariantBlock> {
        let variants = line::variants(self.current, self.tables);
        let several = variants.len() > 1;
        variants.iter().map(|variant| self.variant(variant, several)).collect()
    }

    fn variant(&self, variant: &FormVariant<'_>, several: bool) -> VariantBlock {
        let key = &variant.key;
        let error = self.problems.text(&format!("variant.{key}")).map(str::to_owned);
        // A new product shows every market: where it is to be sold is what its maker decides.
        let (shown, folded): (Vec<_>, Vec<_>) =
            variant.lines.iter().partition(|line| line.offer.is_some() || line.variant.is_none());
        let names: Vec<_> = folded.iter().map(|line| line.market.label.get(self.lang())).collect();
        let is_wrong = |line: &&Line<'_>| {
            ["price", "old", "units", "preparation", "stock"]
                .iter()
                .any(|name| self.problems.any(&format!("{name}.{}", line.key)))
        };
        VariantBlock {
            heading: variant.variant.map(|known| self.named(known)).unwrap_or_default(),
            sku: self.input(&format!("sku.{key}")),
            sizes: self.sizes(key),
            removable: several,
            error,
            open: self.problems.any("sku.new") || self.problems.any("size.new"),
            unoffered_names: names.join(" · "),
            unoffered_open: shown.is_empty() || folded.iter().any(is_wrong),
            unoffered: folded.into_iter().map(|line| self.line(line)).collect(),
            lines: shown.into_iter().map(|line| self.line(line)).collect(),
            key: key.clone(),
        }
    }

    /// A variant in words.
    fn named(&self, variant: &EditableVariant) -> String {
        let options = serde_json::Value::Object(variant.options.clone());
        let label = options::label(&options, self.lang(), Numbers::of(self.lang(), None));
        if label.is_empty() { variant.sku.clone() } else { label }
    }

    fn sizes(&self, key: &str) -> Vec<SizeField> {
        let size = |lang: Lang| SizeField {
            input: self.input(&format!("size.{key}.{lang}")),
            label: format!("{} · {}", texts(self.lang()).size, lang.name()),
            attributes: format!("lang=\"{lang}\" dir=\"{}\" maxlength=\"100\"", lang.direction()),
        };
        [Lang::En, Lang::Ar, Lang::Ru, Lang::Kk].map(size).into()
    }

    fn line(&self, line: &Line<'_>) -> LineBlock {
        let key = &line.key;
        let field = |name: &str| self.input(&format!("{name}.{key}"));
        let stock = line.offer.map_or(&[][..], |offer| offer.stock.as_slice());
        let free: i64 = stock.iter().map(|stock| i64::from(stock.on_hand - stock.reserved)).sum();
        let cities = line
            .market
            .cities
            .iter()
            .filter(|city| city.active || stock.iter().any(|stock| stock.city_id == city.id));
        let mut cities: Vec<_> = cities.collect();
        cities.sort_by_key(|city| city.position);
        let city = |city: &souk_base::City| {
            let reserved =
                stock.iter().find(|stock| stock.city_id == city.id && stock.reserved > 0);
            let words =
                |n: i32| fill(self.words().reserved, "n", &self.whole(u64::from(n.unsigned_abs())));
            CityField {
                input: self.input(&format!("stock.{key}.{}", city.id)),
                label: city.label.get(self.lang()).to_owned(),
                reserved: reserved.map(|stock| words(stock.reserved)),
            }
        };
        let seller = line.seller.and_then(|id| self.tables.sellers.get(&id));
        LineBlock {
            label: line.market.label.get(self.lang()).to_owned(),
            currency: line.currency().code(),
            seller: seller.map(|seller| seller.name.clone()),
            price: field("price"),
            old: field("old"),
            units: line.offer.is_none().then(|| field("units")),
            stock_sum: self.whole(free.unsigned_abs()),
            open: self.problems.any(&format!("stock.{key}."))
                || self.problems.any(&format!("preparation.{key}")),
            cities: cities.into_iter().map(city).collect(),
            preparation: field("preparation"),
            offered: !self.form.get(&format!("offered.{key}")).is_empty(),
            key: key.clone(),
        }
    }

    pub(super) fn more(&self, current: &Current) -> More {
        let lang = self.lang();
        let house = house(self.tables);
        let choose = (String::new(), self.words().choose_seller.to_owned());
        let mut others: Vec<_> =
            self.tables.sellers.values().filter(|seller| Some(seller.id) != house).collect();
        others.sort_by(|one, other| one.name.cmp(&other.name));
        let mut sellers: Vec<_> =
            others.into_iter().map(|seller| (seller.id.to_string(), seller.name.clone())).collect();
        if !sellers.is_empty() {
            sellers.insert(0, choose);
        }
        let variants = current.product.variants.iter();
        let variants = variants.map(|variant| (variant.id.to_string(), self.named(variant)));
        let markets = self.tables.markets.iter();
        let markets = markets.map(|m| (m.code.to_string(), m.label.get(lang).to_owned()));
        More {
            variant_open: self.problems.any("sku.add") || self.problems.any("size.add"),
            sku: self.input("sku.add"),
            sizes: self.sizes("add"),
            offer_open: ["seller.add", "variant.add", "market.add", "price.add"]
                .iter()
                .any(|field| self.problems.any(field)),
            seller: self.select("seller.add", sellers),
            variant: self.select("variant.add", variants.collect()),
            market: self.select("market.add", markets.collect()),
            price: self.input("price.add"),
        }
    }

    pub(super) fn dated(&self, current: &Current) -> Dated {
        let offers = current.offers.iter();
        let offers = offers.map(|offer| (offer.id.to_string(), self.offer_named(current, offer)));
        let rows = current.offers.iter().flat_map(|offer| self.dated_rows(current, offer));
        Dated {
            rows: rows.collect(),
            open: self.problems.any("dated."),
            offer: self.select("dated.offer", offers.collect()),
            price: self.input("dated.price"),
            old: self.input("dated.old"),
            from: self.input("dated.from"),
            until: self.input("dated.until"),
        }
    }

    fn offer_named(&self, current: &Current, offer: &EditableOffer) -> String {
        let variants = &current.product.variants;
        let variant = variants.iter().find(|variant| variant.id == offer.variant_id);
        let variant = variant.filter(|_| variants.len() > 1).map(|variant| self.named(variant));
        named(offer, self.tables, self.lang(), &variant.unwrap_or_default())
    }

    fn dated_rows(&self, current: &Current, offer: &EditableOffer) -> Vec<DatedRow> {
        let Some(market) = self.tables.market(offer.market) else { return Vec::new() };
        let money = |minor| {
            let money = Money::new(minor, market.currency);
            Numbers::of(self.lang(), Some(market.code)).money(money).text()
        };
        let time = |at: Option<Timestamp>| match at {
            Some(at) => filled::local(at, &market.time_zone).replace('T', " "),
            None => self.words().open_end.to_owned(),
        };
        let row = |dated: &DatedPrice| DatedRow {
            id: format!("{}:{}", offer.id, dated.id),
            offer: self.offer_named(current, offer),
            price: money(dated.minor),
            old: dated.list_minor.map(money).unwrap_or_default(),
            from: time(dated.from),
            until: time(dated.until),
        };
        offer.dated_prices.iter().map(row).collect()
    }
}
