//! `GET /v1/{market}/recommendations/{placement}`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::{MarketCode, ProductId};
use souk_commerce::carts::CartId;
use souk_commerce::searches::VISITOR_LENGTH_MAX;
use souk_recommend::serve::Placement;
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::recommendations::{
    self, LIMIT_DEFAULT, RecommendationsAnswer, RecommendationsRequest,
};
use crate::policy::{KnownCustomer, Policy, Route, route};
use crate::secrets::{X_CART_SECRET, is_shown, of_cart};
use crate::visitor::Visitor;

/// Most products of a list.
const LIMIT_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_recommendations))]
}

/// For whom, and what can be had.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecommendationsParams {
    /// The device; that of the header `X-Visitor-Id` when not given.
    #[param(max_length = 128)]
    visitor: Option<String>,
    /// Key of the page's product; needed for `similar` and `together`.
    product: Option<String>,
    /// Key of the cart, whose secret is in the header `X-Cart-Secret`; needed for `cart`. What is in it is not recommended.
    cart: Option<String>,
    /// Slug of a category to stay within; needed for `category`.
    category: Option<String>,
    /// Language of the answer: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
    /// Only what can be bought in this city.
    city: Option<String>,
    /// Only what can be delivered to the city on this day, YYYY-MM-DD in its time zone; needs `city`.
    #[param(format = Date)]
    date: Option<String>,
    /// Products of the list.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 12)]
    limit: Option<String>,
    /// Say what each source gave each product.
    #[param(value_type = Option<bool>)]
    explain: Option<String>,
}

impl RecommendationsParams {
    fn request(
        self,
        market: MarketCode,
        placement: Placement,
        visitor: Option<String>,
    ) -> Result<RecommendationsRequest> {
        let mut read = Reader::default();
        read.length("visitor", self.visitor.as_deref(), VISITOR_LENGTH_MAX);
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        let request = RecommendationsRequest {
            market,
            placement,
            visitor: self.visitor.filter(|visitor| !visitor.is_empty()).or(visitor),
            product: read.optional::<ProductId>("product", self.product.as_deref()),
            customer: None,
            cart: None,
            category: self.category.filter(|slug| !slug.is_empty()),
            lang: read.optional("lang", self.lang.as_deref()),
            city: read.optional("city", self.city.as_deref()),
            date: read.date("date", self.date.as_deref()),
            now: Timestamp::now(),
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            explain: read.optional("explain", self.explain.as_deref()).unwrap_or(false),
        };
        read.finish()?;
        Ok(request)
    }
}

/// Recommend products. The list is never empty while the shop has something, and has nothing that cannot be had. With a
/// customer's session it knows what they did and bought on every device.
#[utoipa::path(
    get,
    path = "/v1/{market}/recommendations/{placement}",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        ("placement" = String, Path, description = "home, similar, together, cart, buy-again, trending, category or occasion", example = "home"),
        ("X-Visitor-Id" = Option<String>, Header, description = "Your name for the device, at most 128 characters"),
        ("X-Cart-Secret" = Option<String>, Header, description = "The secret of the cart"),
        RecommendationsParams
    ),
    responses((status = 200, description = "Recommendations", body = RecommendationsAnswer))
)]
async fn get_recommendations(
    State(app): State<AppState>,
    Path((market, placement)): Path<(MarketCode, String)>,
    Visitor(visitor): Visitor,
    KnownCustomer(customer): KnownCustomer,
    headers: HeaderMap,
    Query(params): Query<RecommendationsParams>,
) -> Result<Json<RecommendationsAnswer>> {
    let placement: Placement = placement.parse().map_err(|_| Error::NotFound)?;
    let cart = params.cart.clone().filter(|cart| !cart.is_empty());
    let mut request = params.request(market, placement, visitor)?;
    request.customer = customer;
    if let Some(cart) = cart {
        let id: CartId = cart.parse().map_err(|_| Error::NotFound)?;
        // Somebody else's cart and one that is not there answer the same.
        if !is_shown(&headers, X_CART_SECRET, &of_cart(&app.keys, id)) {
            return Err(Error::NotFound);
        }
        request.cart = Some(id);
    }
    recommendations::run(&app, &request).await.map(Json)
}
