//! What can go wrong in the shop, named by meaning.

/// Result of a shop operation.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the shop refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not for this caller.
    #[error("not found")]
    NotFound,
    /// A rule that PostgreSQL guards was about to be broken.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A value that cannot be, though no constraint of the database says so.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, as the HTTP interface names it.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The thing has changed since the caller read it.
    #[error("this has changed meanwhile; read it again, then change it")]
    Stale,
    /// An idempotency key that another request had.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// An idempotency key whose first request still runs.
    #[error("a request with this idempotency key is still running, try again soon")]
    KeyInUse,
    /// An upload that is not taken.
    #[error(transparent)]
    Picture(#[from] crate::media::PictureError),
    /// The place of the pictures' files did not answer as hoped.
    #[error("media store: {0}")]
    Store(#[from] object_store::Error),
    /// E-mail address or password is wrong; which of the two is not said.
    #[error("e-mail address or password is wrong")]
    WrongCredentials,
    /// A password that is too easy to guess.
    #[error("a password must have at least {0} characters")]
    PasswordTooShort(usize),
    /// A password that nobody could log in with.
    #[error("a password must have at most {0} characters, none of them NUL")]
    PasswordUnusable(usize),
    /// Too many log-ins for one address have failed of late.
    #[error("too many log-ins with this address have failed, try again in {} min", .retry_after_s.div_ceil(60))]
    TooManyAttempts {
        /// Seconds until the next attempt is looked at.
        retry_after_s: u64,
    },
    /// A password hash could not be made or read.
    #[error("password hash: {0}")]
    PasswordHash(String),
    /// A value in the database that this version cannot read.
    #[error(transparent)]
    Unreadable(#[from] souk_base::ParseError),
    /// A role in the database that this version does not know.
    #[error(transparent)]
    UnknownRole(crate::staff::UnknownRole),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// A file without a column that its format has.
    #[error("the file has no column \"{0}\"")]
    MissingColumn(&'static str),
    /// A market that the shop does not serve.
    #[error("no market {0}")]
    UnknownMarket(souk_base::MarketCode),
    /// A market's time zone that this machine does not know.
    #[error("time zone \"{0}\" is not known here; is tzdata installed?")]
    UnknownTimeZone(String),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Every connection of the pool was in use for too long.
    #[error("every connection to the database is in use")]
    Busy,
    /// PostgreSQL did not answer as hoped.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

/// A constraint that a caller can hit, by the name it has in `migrations/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// `staff_email_once`
    #[error("a staff member with this e-mail address exists")]
    StaffEmailTaken,
    /// `staff_email_is_lower`
    #[error("this is not an e-mail address")]
    StaffEmailInvalid,
    /// `products_external_id_once`
    #[error("a product with this external id exists")]
    ProductExternalIdTaken,
    /// `products_slug_once`
    #[error("a product with this slug exists")]
    ProductSlugTaken,
    /// `variants_sku_once`
    #[error("a variant with this sku exists")]
    SkuTaken,
    /// `categories_slug_once`
    #[error("a category with this slug exists")]
    CategorySlugTaken,
    /// `offers_once`
    #[error("this seller already offers this variant in this market")]
    OfferExists,
    /// `prices_list_above`, `price_exceptions_list_above`
    #[error("the old price must be above the price")]
    ListPriceNotAbove,
    /// `prices_minor_positive`, `price_exceptions_minor_positive`
    #[error("a price must be above zero")]
    PriceNotPositive,
    /// `price_exceptions_do_not_overlap`
    #[error("another dated price covers part of this time")]
    DatedPricesOverlap,
    /// `stock_reserved_within_on_hand`
    #[error("stock cannot fall below what is reserved")]
    StockBelowReserved,
    /// `cities_at_most_64_per_market`
    #[error("a market can have at most 64 cities")]
    TooManyCities,
    /// `delivery_closures_once`
    #[error("this day is closed already")]
    DeliveryClosureExists,
    /// `delivery_windows_end_after_start`
    #[error("a delivery window must end after it starts, on the same day")]
    DeliveryWindowEndsBeforeStart,
    /// `stock_in_market_of_offer`
    #[error("the warehouse stands in another market than the offer")]
    StockInOtherMarket,
}

impl Conflict {
    /// The conflict that a constraint's name stands for.
    #[must_use]
    pub fn of_constraint(name: &str) -> Option<Conflict> {
        Some(match name {
            "staff_email_once" => Conflict::StaffEmailTaken,
            "staff_email_is_lower" => Conflict::StaffEmailInvalid,
            "products_external_id_once" => Conflict::ProductExternalIdTaken,
            "products_slug_once" => Conflict::ProductSlugTaken,
            "variants_sku_once" => Conflict::SkuTaken,
            "categories_slug_once" => Conflict::CategorySlugTaken,
            "offers_once" => Conflict::OfferExists,
            "prices_list_above" | "price_exceptions_list_above" => Conflict::ListPriceNotAbove,
            "prices_minor_positive" | "price_exceptions_minor_positive" => {
                Conflict::PriceNotPositive
            }
            "price_exceptions_do_not_overlap" => Conflict::DatedPricesOverlap,
            "stock_reserved_within_on_hand" => Conflict::StockBelowReserved,
            "cities_at_most_64_per_market" => Conflict::TooManyCities,
            "delivery_closures_once" => Conflict::DeliveryClosureExists,
            "delivery_windows_end_after_start" | "delivery_windows_end_same_day" => {
                Conflict::DeliveryWindowEndsBeforeStart
            }
            "stock_in_market_of_offer" => Conflict::StockInOtherMarket,
            _ => return None,
        })
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::RowNotFound) {
            return Error::NotFound;
        }
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Error::Busy;
        }
        let constraint = error.as_database_error().and_then(|database| database.constraint());
        match constraint.and_then(Conflict::of_constraint) {
            Some(conflict) => Error::Conflict(conflict),
            None => Error::Database(error),
        }
    }
}
