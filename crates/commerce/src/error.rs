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
    /// A customer's code or password is wrong, or there is no such customer; which of them is not said.
    #[error("the code or password is wrong, or the code's time is over")]
    WrongProof,
    /// A code was asked for too soon after another, or too often.
    #[error("too many codes were asked for, try again in {retry_after_s} s")]
    TooManyCodes {
        /// Seconds until another one is sent.
        retry_after_s: u64,
    },
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
    /// A state in the database that this version does not know.
    #[error("state \"{0}\" is not known here")]
    UnknownState(String),
    /// A transfer of the ledger that does not sum to zero; the kind of it.
    #[error("the transfer {0} does not sum to zero")]
    Unbalanced(&'static str),
    /// A purchase that cannot be made as it was asked for.
    #[error(transparent)]
    Refused(#[from] crate::checkout::Refusal),
    /// A payment provider that cannot be asked as configured.
    #[error("payment provider: {0}")]
    Provider(String),
    /// An order cannot do this from where it stands.
    #[error(transparent)]
    IllegalMove(#[from] crate::orders::IllegalMove),
    /// An experiment cannot do this from where it stands.
    #[error(transparent)]
    IllegalExperimentMove(#[from] crate::experiments::IllegalMove),
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
    /// Rows that PostgreSQL copied out, and that do not read as they should.
    #[error("a copy out of the database cannot be read: {0}")]
    Copy(&'static str),
    /// PostgreSQL did not answer as hoped.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Error {
        Error::Invalid { field, reason: reason.into() }
    }
}

/// A constraint that a caller can hit, by the name it has in `migrations/`, or a rule that is kept under a lock.
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
    #[error("a price must be above zero and at most 1,000,000,000,000 minor units")]
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
    /// `products_slug_is_slug`, `categories_slug_is_slug`
    #[error("a slug has lower-case letters from a to z and digits, words joined by single hyphens")]
    SlugInvalid,
    /// `product_translations_title_not_blank`
    #[error("a title must not be blank")]
    TitleBlank,
    /// `product_translations_title_short`
    #[error("a title has at most 300 characters")]
    TitleTooLong,
    /// `product_translations_description_short`
    #[error("a description has at most 20,000 characters")]
    DescriptionTooLong,
    /// `products_category_id_fkey`, `categories_parent_id_fkey`
    #[error("there is no such category")]
    NoSuchCategory,
    /// `products_brand_id_fkey`
    #[error("there is no such brand")]
    NoSuchBrand,
    /// `product_attribute_values_value_id_fkey`
    #[error("there is no such attribute value")]
    NoSuchValue,
    /// `variants_sku_not_blank`
    #[error("a sku must not be blank")]
    SkuBlank,
    /// `offers_variant_exists`
    #[error("there is no such variant")]
    NoSuchVariant,
    /// `offers_seller_id_fkey`, `warehouses_seller_id_fkey`
    #[error("there is no such seller")]
    NoSuchSeller,
    /// `offers_market_fkey`, `rules_market_fkey`, `synonyms_market_fkey`, `search_settings_market_fkey`,
    /// `recommendation_settings_market_fkey`, `models_market_fkey`, `experiments_market_fkey`
    #[error("there is no such market")]
    NoSuchMarket,
    /// `offers_preparation_in_range`
    #[error("preparation takes from 0 to 43,200 minutes")]
    PreparationOutOfRange,
    /// `price_exceptions_during_not_empty`
    #[error("a dated price must end after it begins")]
    DatedPriceEmpty,
    /// `stock_warehouse_id_fkey`
    #[error("there is no such warehouse")]
    NoSuchWarehouse,
    /// `warehouses_one_per_city_and_seller`
    #[error("this seller has a warehouse in this city")]
    WarehouseExists,
    /// `warehouses_name_not_blank`
    #[error("a warehouse's name must not be blank")]
    WarehouseNameBlank,
    /// `warehouses_city_id_fkey`, `customer_addresses_city_id_fkey`
    #[error("there is no such city")]
    NoSuchCity,
    /// `categories_not_own_parent`
    #[error("a category cannot stand in itself or below itself")]
    CategoryInItself,
    /// `category_translations_label_not_blank`
    #[error("a name must not be blank")]
    LabelBlank,
    /// `media_translations_alt_not_blank`
    #[error("a description of a picture must not be blank")]
    AltBlank,
    /// `media_translations_alt_short`
    #[error("a description of a picture has at most 500 characters")]
    AltTooLong,
    /// `rules_name_once`
    #[error("a rule with this name exists")]
    RuleNameTaken,
    /// `rules_name_not_blank`, `rules_name_short`
    #[error("a rule needs a name of at most 200 characters")]
    RuleNameInvalid,
    /// `rules_priority_in_range`
    #[error("a priority is from -1,000 to 1,000")]
    RulePriorityOutOfRange,
    /// `rules_end_after_start`
    #[error("a rule must end after it starts")]
    RuleEndsBeforeStart,
    /// `rules_times_in_range`
    #[error("a rule starts and ends between the years 2000 and 2200")]
    RuleTimeOutOfRange,
    /// `synonyms_once`
    #[error("there is the same synonym already")]
    SynonymExists,
    /// `search_settings_note_short`, `recommendation_settings_note_short`, `experiments_note_short`
    #[error("a note has at most 500 characters")]
    NoteTooLong,
    /// `experiments_name_once`
    #[error("an experiment with this name exists")]
    ExperimentNameTaken,
    /// `experiments_name_not_blank`
    #[error("an experiment needs a name of at most 200 characters")]
    ExperimentNameInvalid,
    /// `experiments_one_running`
    #[error("another experiment runs at this place; stop it first")]
    ExperimentRunning,
    /// Kept under a lock.
    #[error("visitors have seen this experiment; stop it instead")]
    ExperimentBegun,
    /// `promotions_uses_within_max`, `promotions_spent_within_budget`, `coupons_uses_within_max`, `redemptions_nth_once`
    #[error("this promotion has no uses left")]
    PromotionUsedUp,
    /// `promotions_name_once`
    #[error("a promotion with this name exists")]
    PromotionNameTaken,
    /// A coupon of another promotion.
    #[error("another promotion has this coupon")]
    CouponTaken,
    /// `order_groups_one_per_cart`
    #[error("this cart was bought before")]
    CartBought,
    /// `cart_lines_quantity_in_range`
    #[error("a line has from 1 to 1000 units")]
    QuantityOutOfRange,
    /// `customers_email_once`
    #[error("another customer has this e-mail address")]
    CustomerEmailTaken,
    /// `customers_phone_once`
    #[error("another customer has this telephone number")]
    CustomerPhoneTaken,
    /// Kept under a lock.
    #[error("a product needs a title in at least one language")]
    LastText,
    /// Kept under a lock.
    #[error("a product needs at least one variant")]
    LastVariant,
    /// Kept under a lock.
    #[error("a category needs a name in at least one language")]
    LastLabel,
    /// Kept under a lock.
    #[error("the product was sold; archive it instead")]
    ProductSold,
    /// Kept under a lock.
    #[error("units of this are promised to orders")]
    StockReserved,
    /// Kept under a lock.
    #[error("products or categories stand in this category; move them first")]
    CategoryNotEmpty,
    /// Kept under a lock.
    #[error("the warehouse is another seller's than the offer")]
    StockOfOtherSeller,
    /// Kept under a lock.
    #[error("a product has at most 30 pictures")]
    TooManyPictures,
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
            "products_slug_is_slug" | "categories_slug_is_slug" => Conflict::SlugInvalid,
            "product_translations_title_not_blank" => Conflict::TitleBlank,
            "product_translations_title_short" => Conflict::TitleTooLong,
            "product_translations_description_short" => Conflict::DescriptionTooLong,
            "products_category_id_fkey" | "categories_parent_id_fkey" => Conflict::NoSuchCategory,
            "products_brand_id_fkey" => Conflict::NoSuchBrand,
            "product_attribute_values_value_id_fkey" => Conflict::NoSuchValue,
            "variants_sku_not_blank" => Conflict::SkuBlank,
            "offers_variant_exists" => Conflict::NoSuchVariant,
            "offers_seller_id_fkey" | "warehouses_seller_id_fkey" => Conflict::NoSuchSeller,
            "offers_market_fkey"
            | "rules_market_fkey"
            | "synonyms_market_fkey"
            | "search_settings_market_fkey"
            | "recommendation_settings_market_fkey"
            | "models_market_fkey"
            | "experiments_market_fkey" => Conflict::NoSuchMarket,
            "offers_preparation_in_range" => Conflict::PreparationOutOfRange,
            "price_exceptions_during_not_empty" => Conflict::DatedPriceEmpty,
            "stock_warehouse_id_fkey" => Conflict::NoSuchWarehouse,
            "warehouses_one_per_city_and_seller" => Conflict::WarehouseExists,
            "warehouses_name_not_blank" => Conflict::WarehouseNameBlank,
            "warehouses_city_id_fkey" | "customer_addresses_city_id_fkey" => Conflict::NoSuchCity,
            "categories_not_own_parent" => Conflict::CategoryInItself,
            "category_translations_label_not_blank" => Conflict::LabelBlank,
            "media_translations_alt_not_blank" => Conflict::AltBlank,
            "media_translations_alt_short" => Conflict::AltTooLong,
            "rules_name_once" => Conflict::RuleNameTaken,
            "rules_name_not_blank" | "rules_name_short" => Conflict::RuleNameInvalid,
            "rules_priority_in_range" => Conflict::RulePriorityOutOfRange,
            "rules_end_after_start" => Conflict::RuleEndsBeforeStart,
            "rules_times_in_range" => Conflict::RuleTimeOutOfRange,
            "synonyms_once" => Conflict::SynonymExists,
            "search_settings_note_short"
            | "recommendation_settings_note_short"
            | "experiments_note_short" => Conflict::NoteTooLong,
            "experiments_name_once" => Conflict::ExperimentNameTaken,
            "experiments_name_not_blank" => Conflict::ExperimentNameInvalid,
            "experiments_one_running" => Conflict::ExperimentRunning,
            "promotions_uses_within_max"
            | "promotions_spent_within_budget"
            | "coupons_uses_within_max"
            | "redemptions_nth_once" => Conflict::PromotionUsedUp,
            "promotions_name_once" => Conflict::PromotionNameTaken,
            "order_groups_one_per_cart" => Conflict::CartBought,
            "cart_lines_quantity_in_range" => Conflict::QuantityOutOfRange,
            "customers_email_once" => Conflict::CustomerEmailTaken,
            "customers_phone_once" => Conflict::CustomerPhoneTaken,
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
