//! The lines of the editor: what a seller asks for a variant in a market, whether it is asked yet or not.
//!
//! The house has a line for each variant in each market; other sellers have lines where they offer.

use souk_base::{Currency, Market, MarketCode, SellerId, Tables, VariantId};
use souk_commerce::offers::EditableOffer;
use souk_commerce::products::{EditableProduct, EditableVariant};

/// A product with its offers, as PostgreSQL has them now.
pub(crate) struct Current {
    pub(crate) product: EditableProduct,
    pub(crate) offers: Vec<EditableOffer>,
}

/// A variant of the form: one that exists, or the first of a new product.
pub(crate) struct FormVariant<'a> {
    /// Its id, or `new`.
    pub(crate) key: String,
    pub(crate) variant: Option<&'a EditableVariant>,
    pub(crate) lines: Vec<Line<'a>>,
}

/// What a seller asks for a variant in a market.
pub(crate) struct Line<'a> {
    /// Names its fields: `v12.KW` for the house, `o55` for other sellers.
    pub(crate) key: String,
    /// None for the first variant of a new product.
    pub(crate) variant: Option<VariantId>,
    pub(crate) market: &'a Market,
    pub(crate) seller: Option<SellerId>,
    pub(crate) offer: Option<&'a EditableOffer>,
}

impl Line<'_> {
    /// The market's currency.
    pub(crate) fn currency(&self) -> Currency {
        self.market.currency
    }
}

/// The variants of a product with their lines; those of a new product when there is none yet.
pub(crate) fn variants<'a>(
    current: Option<&'a Current>,
    tables: &'a Tables,
) -> Vec<FormVariant<'a>> {
    let Some(current) = current else {
        let lines = tables.markets.iter().map(|market| house_line("new", None, market, None));
        return vec![FormVariant { key: "new".to_owned(), variant: None, lines: lines.collect() }];
    };
    let variants = current.product.variants.iter();
    variants
        .map(|variant| FormVariant {
            key: variant.id.to_string(),
            variant: Some(variant),
            lines: lines(variant.id, &current.offers, tables),
        })
        .collect()
}

fn lines<'a>(id: VariantId, offers: &'a [EditableOffer], tables: &'a Tables) -> Vec<Line<'a>> {
    let house = house(tables);
    let of_variant = || offers.iter().filter(move |offer| offer.variant_id == id);
    let mut lines = Vec::new();
    for market in &tables.markets {
        let (own, others): (Vec<_>, Vec<_>) = of_variant()
            .filter(|offer| offer.market == market.code)
            .partition(|offer| Some(offer.seller_id) == house);
        lines.push(house_line(&id.to_string(), Some(id), market, own.first().copied()));
        lines.extend(others.into_iter().map(|offer| Line {
            key: format!("o{}", offer.id),
            variant: Some(id),
            market,
            seller: Some(offer.seller_id),
            offer: Some(offer),
        }));
    }
    lines
}

fn house_line<'a>(
    variant: &str,
    id: Option<VariantId>,
    market: &'a Market,
    offer: Option<&'a EditableOffer>,
) -> Line<'a> {
    Line { key: format!("v{variant}.{}", market.code), variant: id, market, seller: None, offer }
}

/// The house's own seller.
pub(crate) fn house(tables: &Tables) -> Option<SellerId> {
    tables.sellers.values().find(|seller| seller.house).map(|seller| seller.id)
}

/// The name of a market, for the list of problems.
pub(crate) fn place(tables: &Tables, market: MarketCode, lang: souk_base::Lang) -> String {
    tables
        .market(market)
        .map_or_else(|| market.to_string(), |market| market.label.get(lang).to_owned())
}
