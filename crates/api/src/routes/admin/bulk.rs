//! `POST /v1/admin/products/bulk`: one change to many products.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{CategoryId, CityId, MarketCode, Money, ProductId};
use souk_commerce::products::{
    self, BULK_PRODUCTS_MAX, BulkChange, BulkReport, PriceChange, State as ProductState,
    StockChange,
};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::{Currencies, given, minor, or_null};
use crate::AppState;
use crate::answer::{MoneySchema, Written};
use crate::error::{Code, FieldError, Result};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Staff(Permission::CatalogWrite), routes!(post_bulk))]
}

/// Which products, and what is to change of all of them; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct BulkBody {
    /// Keys of the products, at most 10,000; those that do not exist are passed over.
    #[schema(value_type = Vec<String>)]
    ids: Vec<ProductId>,
    /// `draft`, `active` or `archived`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "active")]
    state: Option<ProductState>,
    /// From when on they are listed, if active; null for at once.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Option<Timestamp>>,
    /// Where they stand in the tree.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    category_id: Option<CategoryId>,
    /// How the base prices of the house's offers change.
    #[serde(default, deserialize_with = "given")]
    price: Option<PriceBody>,
    /// What the house's warehouses have.
    #[serde(default, deserialize_with = "given")]
    stock: Option<StockBody>,
}

/// A change of prices: `basis_points` or `amount`. The result is rounded to the market's payable step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PriceBody {
    /// In which market; for `basis_points`, every market when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Hundredths of a per cent: -1000 is 10 % less.
    basis_points: Option<i32>,
    /// What is added; may be negative.
    #[schema(value_type = Option<MoneySchema>)]
    amount: Option<Money>,
}

/// Units of every offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StockBody {
    /// In which city; every warehouse of the house when not given.
    #[schema(value_type = Option<String>)]
    city_id: Option<CityId>,
    /// Units on hand.
    on_hand: i32,
}

/// What the change did.
#[derive(Debug, Serialize, ToSchema)]
struct BulkAnswer {
    /// Products that were there.
    products: u64,
    /// Prices that changed.
    prices: u64,
    /// Stock rows that changed.
    stock: u64,
}

impl From<BulkReport> for BulkAnswer {
    fn from(report: BulkReport) -> Self {
        let BulkReport { products, prices, stock } = report;
        BulkAnswer { products, prices, stock }
    }
}

impl PriceBody {
    fn change(&self, currencies: &Currencies) -> Result<PriceChange> {
        let refuse =
            |pointer, code, detail: &str| Err(FieldError::new(pointer, code, detail).into());
        match (self.market, self.basis_points, self.amount) {
            (market, Some(basis_points), None) => Ok(PriceChange::Percent { market, basis_points }),
            (Some(market), None, Some(amount)) => {
                let minor = minor("price/amount", amount, currencies.of_named(market)?)?;
                Ok(PriceChange::Amount { market, minor })
            }
            (None, None, Some(_)) => {
                refuse("/price/market", Code::MissingField, "an amount needs its market")
            }
            _ => {
                let detail = "a change of prices has either basis_points or amount";
                refuse("/price", Code::InvalidValue, detail)
            }
        }
    }
}

/// Change many products at once.
#[utoipa::path(
    post,
    path = "/v1/admin/products/bulk",
    tag = "catalogue",
    request_body = BulkBody,
    responses((status = 200, description = "What the change did", body = BulkAnswer))
)]
async fn post_bulk(
    State(app): State<AppState>,
    Change { asked, body }: Change<BulkBody>,
) -> Result<Written<Response>> {
    if body.ids.len() > BULK_PRODUCTS_MAX {
        let detail = format!("a change is of at most {BULK_PRODUCTS_MAX} products");
        return Err(FieldError::new("/ids", Code::TooMany, detail).into());
    }
    writing::run(&app, asked, async move |write: &mut Write| {
        let price = match &body.price {
            Some(price) => Some(price.change(&Currencies::read(write).await?)?),
            None => None,
        };
        let stock =
            body.stock.map(|StockBody { city_id, on_hand }| StockChange { city_id, on_hand });
        let change = BulkChange {
            state: body.state,
            publish_at: body.publish_at,
            category_id: body.category_id,
            price,
            stock,
        };
        let report = products::bulk(write, &body.ids, &change).await?;
        Ok(shown(&BulkAnswer::from(report)))
    })
    .await
}
