//! Who may call a route. Every route is registered together with exactly one policy.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use jiff::Timestamp;
use souk_commerce::customers::{self, Customer, CustomerId};
use souk_commerce::staff::{self, Role, Staff};
use tower_http::cors::CorsLayer;
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};

use crate::error::{Error, Result};
use crate::{App, AppState};

/// Everything below this path is the API's.
pub(crate) const API_ROOT: &str = "/v1";

/// Everything below this path is for staff, whether a route exists there or not.
const STAFF_ROOT: &str = "/v1/admin";

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody.
    Public,
    /// Every customer with a session; what is another's is not there for them.
    Customer,
    /// Every staff member with a session.
    SignedIn,
    /// Staff whose roles include the permission.
    Staff(Permission),
}

/// Something that only some roles may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Read what staff did.
    AuditRead,
    /// Read products as they are edited, offers, prices, stock, drafts included.
    CatalogRead,
    /// Change products, categories, pictures, offers and prices.
    CatalogWrite,
    /// Change stock and warehouses.
    StockWrite,
    /// Read rules, synonyms and the weights of the ranking.
    SearchRead,
    /// Change them.
    SearchWrite,
    /// Read what shoppers searched for and did.
    AnalyticsRead,
    /// Read payments and refunds.
    PaymentsRead,
    /// Give money back, and say that a transfer's money is there.
    PaymentsWrite,
    /// Read promotions and their coupons.
    PromotionsRead,
    /// Make, change and end them.
    PromotionsWrite,
    /// Read orders, with who bought and who receives.
    OrdersRead,
    /// Move orders, give them up and take them back.
    OrdersWrite,
}

impl Permission {
    /// The roles that include it, besides [`Role::Admin`], who may do everything.
    const fn roles(self) -> &'static [Role] {
        match self {
            Permission::AuditRead => &[Role::Accountant],
            Permission::CatalogRead => &[
                Role::Merchandiser,
                Role::OrderManager,
                Role::Buyer,
                Role::Warehouse,
                Role::Support,
            ],
            Permission::SearchRead => &[Role::Merchandiser, Role::Support],
            Permission::CatalogWrite | Permission::SearchWrite | Permission::PromotionsWrite => {
                &[Role::Merchandiser]
            }
            Permission::PromotionsRead => {
                &[Role::Merchandiser, Role::OrderManager, Role::Support, Role::Accountant]
            }
            Permission::StockWrite => &[Role::Merchandiser, Role::Warehouse],
            Permission::AnalyticsRead => &[Role::Merchandiser, Role::OrderManager, Role::Buyer],
            Permission::PaymentsRead => &[Role::OrderManager, Role::Accountant, Role::Support],
            Permission::PaymentsWrite => &[Role::OrderManager, Role::Accountant],
            Permission::OrdersRead => {
                &[Role::OrderManager, Role::Dispatcher, Role::Warehouse, Role::Support]
            }
            Permission::OrdersWrite => &[Role::OrderManager, Role::Dispatcher],
        }
    }

    /// Whether someone with these roles may.
    #[must_use]
    pub fn is_granted(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| *role == Role::Admin || self.roles().contains(role))
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Permission::AuditRead => "audit:read",
            Permission::CatalogRead => "catalog:read",
            Permission::CatalogWrite => "catalog:write",
            Permission::StockWrite => "stock:write",
            Permission::SearchRead => "search:read",
            Permission::SearchWrite => "search:write",
            Permission::AnalyticsRead => "analytics:read",
            Permission::PaymentsRead => "payments:read",
            Permission::PaymentsWrite => "payments:write",
            Permission::PromotionsRead => "promotions:read",
            Permission::PromotionsWrite => "promotions:write",
            Permission::OrdersRead => "orders:read",
            Permission::OrdersWrite => "orders:write",
        })
    }
}

impl Policy {
    /// Whether this staff member, or a stranger, may pass; customers are asked for their own session.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a stranger where staff is needed, [`Error::Forbidden`] for the
    /// wrong roles.
    pub fn check(self, staff: Option<&Staff>) -> Result<()> {
        match (self, staff) {
            (Policy::Public, _) | (Policy::SignedIn, Some(_)) => Ok(()),
            (Policy::Customer, _) | (_, None) => Err(Error::Unauthenticated),
            (Policy::Staff(permission), Some(staff)) if permission.is_granted(&staff.roles) => {
                Ok(())
            }
            (Policy::Staff(permission), Some(_)) => Err(Error::Forbidden(permission)),
        }
    }
}

/// Handlers with the policy they stand under.
pub(crate) struct Route {
    pub(crate) policy: Policy,
    /// Whether pages of other sites may post here, though it is written.
    is_posted_by_sites: bool,
    /// Whether its writes take an `Idempotency-Key`.
    pub(crate) takes_key: bool,
    pub(crate) methods: UtoipaMethodRouter<AppState>,
}

/// Puts handlers under a policy: the only way to a [`Route`].
pub(crate) fn route(policy: Policy, methods: UtoipaMethodRouter<AppState>) -> Route {
    Route { policy, is_posted_by_sites: false, takes_key: true, methods }
}

impl Route {
    /// The handlers behind a guard that enforces the policy.
    pub(crate) fn guarded(self, app: &AppState) -> UtoipaMethodRouter<AppState> {
        let policy = self.policy;
        match policy {
            Policy::Public => match self.cors(app) {
                Some(cors) => self.methods.map(|methods| methods.layer(cors)),
                None => self.methods,
            },
            Policy::Customer => {
                let guard = from_fn_with_state(app.clone(), guard_customer);
                self.methods.map(|methods| methods.route_layer(guard))
            }
            _ => {
                let guard = from_fn_with_state((app.clone(), policy), guard);
                self.methods.map(|methods| methods.route_layer(guard))
            }
        }
    }

    /// The same, also posted to by the pages of the sites that the shop names.
    pub(crate) fn open_to_sites(self) -> Route {
        Route { is_posted_by_sites: true, ..self }
    }

    /// The same without an `Idempotency-Key`: what is posted there changes nothing, or is about sessions and secrets,
    /// whose answers must not be kept, or is told by a provider.
    pub(crate) fn without_key(self) -> Route {
        Route { takes_key: false, ..self }
    }

    fn cors(&self, app: &AppState) -> Option<CorsLayer> {
        let is_open = self.is_posted_by_sites || self.is_read_only();
        app.origins.layer(self.is_posted_by_sites).filter(|_| is_open)
    }

    /// Whether the handlers are part of the API and change nothing.
    fn is_read_only(&self) -> bool {
        self.methods.1.paths.iter().all(|(path, item)| {
            let writes = [&item.post, &item.put, &item.patch, &item.delete];
            is_below(path, API_ROOT) && writes.into_iter().all(Option::is_none)
        })
    }
}

/// The staff session that a guard has found; an extractor for handlers behind a staff policy.
pub(crate) struct Session {
    pub(crate) staff: Staff,
    pub(crate) token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let token = bearer(&parts.headers).ok_or(Error::Unauthenticated)?.to_owned();
        let staff = parts.extensions.get::<Staff>().cloned().ok_or(Error::Unauthenticated)?;
        Ok(Session { staff, token })
    }
}

/// The customer's session that a guard has found; an extractor for handlers behind [`Policy::Customer`].
#[derive(Clone)]
pub(crate) struct CustomerSession {
    pub(crate) customer: Customer,
    pub(crate) token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for CustomerSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<CustomerSession>().cloned().ok_or(Error::Unauthenticated)
    }
}

/// The customer whose session a request carries, where it carries one; an extractor for public handlers.
pub(crate) struct MaybeCustomer(pub(crate) Option<Customer>);

impl FromRequestParts<AppState> for MaybeCustomer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        let Some(token) = bearer(&parts.headers) else { return Ok(MaybeCustomer(None)) };
        Ok(MaybeCustomer(customers::by_token(&app.db, token, Timestamp::now()).await?))
    }
}

/// The same for answers that are worth having without: nobody while the database does not say.
pub(crate) struct KnownCustomer(pub(crate) Option<CustomerId>);

impl FromRequestParts<AppState> for KnownCustomer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let found = MaybeCustomer::from_request_parts(parts, app).await;
        let found = found
            .inspect_err(|error| tracing::warn!(%error, "whose session it is could not be read"));
        Ok(KnownCustomer(found.ok().and_then(|found| found.0).map(|customer| customer.id)))
    }
}

/// Lets customers pass.
async fn guard_customer(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    // Taken out first: a request cannot be shared across an await.
    let token = bearer(request.headers()).ok_or(Error::Unauthenticated)?.to_owned();
    let found = customers::by_token(&app.db, &token, Timestamp::now()).await?;
    let customer = found.ok_or(Error::Unauthenticated)?;
    request.extensions_mut().insert(CustomerSession { customer, token });
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Enforces one route's policy.
async fn guard(
    State((app, policy)): State<(AppState, Policy)>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    policy.check(identify(&app, &mut request).await?.as_ref())?;
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Refuses strangers everywhere below the staff root, so that they cannot even learn what exists there.
pub(crate) async fn guard_staff_root(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    if is_below(request.uri().path(), STAFF_ROOT) {
        Policy::SignedIn.check(identify(&app, &mut request).await?.as_ref())?;
    }
    Ok(next.run(request).await)
}

/// Whether a path is `root` or lies below it.
pub(crate) fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads the session a request carries, once for all guards on its way.
async fn identify(app: &App, request: &mut Request) -> Result<Option<Staff>> {
    if let Some(staff) = request.extensions().get::<Staff>() {
        return Ok(Some(staff.clone()));
    }
    // Taken out first: a request cannot be shared across an await.
    let Some(token) = bearer(request.headers()).map(str::to_owned) else {
        return Ok(None);
    };
    let staff = staff::by_token(&app.db, &token, Timestamp::now()).await?;
    if let Some(staff) = &staff {
        request.extensions_mut().insert(staff.clone());
    }
    Ok(staff)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
