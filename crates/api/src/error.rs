//! Errors of the HTTP interface and the one place that knows their status codes.
//!
//! Outside, an error is a problem document (RFC 9457) with a stable `code`; inside, the log gets the
//! whole chain. What a client sees never depends on the text of an inner error of the 500 class.

use std::error::Error as _;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use souk_base::Money;
use souk_commerce::Conflict;
use souk_commerce::media::PictureError;
use utoipa::ToSchema;

use crate::answer::MoneySchema;
use crate::policy::Permission;
use crate::{refusal, request_id};

/// Result of answering a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds a client is asked to wait after a refusal for lack of capacity.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Some of what was sent cannot be used; each field says why.
    #[error("{}", .0.iter().map(FieldError::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// No such thing, or not for this caller.
    #[error("nothing is found here")]
    NotFound,
    /// The path exists, the method does not.
    #[error("this method is not allowed here")]
    MethodNotAllowed,
    /// A session, of staff or of a customer, is needed and none, or an ended one, was sent.
    #[error("a session is needed; log in first")]
    Unauthenticated,
    /// The staff member's roles do not include what the route needs.
    #[error("the permission {0} is needed")]
    Forbidden(Permission),
    /// The body is larger than the limit, in bytes.
    #[error("a body must have at most {0} bytes")]
    BodyTooLarge(usize),
    /// The body is not announced as what the route takes.
    #[error("the body must be sent as {0}")]
    MediaType(&'static str),
    /// A change of something that others may be changing too, without saying what it was when it was read.
    #[error("this change needs the header If-Match with the ETag of what was read")]
    PreconditionRequired,
    /// More requests at once than this server takes.
    #[error("too many requests at once, try again soon")]
    Overloaded,
    /// The first fill of the index has not finished.
    #[error("the shop is still being read, try again soon")]
    NotReady,
    /// The request took longer than the limit.
    #[error("the request took too long")]
    TimedOut,
    /// A fault of this program, such as a panic; the text is for the log.
    #[error("{0}")]
    Internal(String),
    /// A search did not come to an end; the text is for the log.
    #[error("{0}")]
    SearchBroke(String),
    /// Search refused or failed.
    #[error(transparent)]
    Search(#[from] souk_search::Error),
    /// The shop refused or failed.
    #[error(transparent)]
    Commerce(#[from] souk_commerce::Error),
}

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct FieldError {
    /// JSON pointer into the body; for a query parameter, into the query read as an object.
    #[schema(example = "/limit")]
    pub pointer: String,
    /// What is wrong, as a stable code.
    pub code: Code,
    /// What is wrong, for people.
    pub detail: String,
}

impl FieldError {
    /// A field error.
    pub fn new(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        FieldError { pointer: pointer.into(), code, detail: detail.into() }
    }
}

impl From<FieldError> for Error {
    fn from(field: FieldError) -> Self {
        Error::Invalid(vec![field])
    }
}

/// Every code an error answer can carry. Codes are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Several fields cannot be used, for different reasons; see `errors`.
    InvalidRequest,
    /// Percent-encoding, UTF-8 or a NUL character makes the text unreadable.
    InvalidEncoding,
    /// The body is not JSON.
    InvalidJson,
    /// A parameter, field, facet or filter with this name does not exist.
    UnknownField,
    /// A required field is missing.
    MissingField,
    /// A value is not of the form the field needs.
    InvalidValue,
    /// A number is outside its limits.
    OutOfRange,
    /// A text is longer than its limit.
    TooLong,
    /// A list has more entries than its limit.
    TooMany,
    /// A filter is not of the form `field:value`, or a price range is none.
    BadFilter,
    /// The market does not serve this city.
    UnknownCity,
    /// No category has this slug.
    UnknownCategory,
    /// The cursor is damaged, forged, or belongs to another query.
    InvalidCursor,
    /// E-mail address, telephone number, code or password is wrong; which of them is not said.
    WrongCredentials,
    /// A session, of staff or of a customer, is needed.
    Unauthenticated,
    /// The session's roles do not allow this.
    Forbidden,
    /// No such thing, or not for this caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The change would break a rule of the shop's data.
    Conflict,
    /// The cart costs another total by now; `total` has it.
    TotalChanged,
    /// There are not as many units; `errors` names the offers.
    OutOfStock,
    /// A delivery slot has as many orders as it takes.
    SlotFull,
    /// Orders for a delivery slot are no longer taken.
    SlotClosed,
    /// The cart was bought before.
    CartCompleted,
    /// The cart cannot be bought as it is; `errors` names what is missing.
    CartIncomplete,
    /// A coupon has no uses left, or unlocks nothing here.
    CouponNotValid,
    /// The payment method is not offered here.
    MethodNotOffered,
    /// Too many purchases wait for their money already.
    TooManyUnpaid,
    /// The order cannot do this from where it stands.
    IllegalMove,
    /// A request with the same `Idempotency-Key` still runs; try again after `Retry-After`.
    IdempotencyKeyInUse,
    /// Another request had this `Idempotency-Key`.
    IdempotencyKeyReused,
    /// The thing has changed since it was read: its `ETag` is another than `If-Match` says.
    PreconditionFailed,
    /// The change must say with `If-Match` what it was made from.
    PreconditionRequired,
    /// The body is larger than its limit.
    BodyTooLarge,
    /// The body is not announced as what the route takes.
    UnsupportedMediaType,
    /// More attempts than are allowed in a time; try again after `Retry-After`.
    TooManyRequests,
    /// Something went wrong inside; the log has it under `trace_id`.
    Internal,
    /// More requests at once than this server takes; try again after `Retry-After`.
    Overloaded,
    /// The first fill of the index has not finished; try again after `Retry-After`.
    NotReady,
    /// The request took too long.
    TimedOut,
    /// The index could not be read and is being looked after; try again after `Retry-After`.
    SearchUnavailable,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: [Code; 41] = [
        Code::InvalidRequest,
        Code::InvalidEncoding,
        Code::InvalidJson,
        Code::UnknownField,
        Code::MissingField,
        Code::InvalidValue,
        Code::OutOfRange,
        Code::TooLong,
        Code::TooMany,
        Code::BadFilter,
        Code::UnknownCity,
        Code::UnknownCategory,
        Code::InvalidCursor,
        Code::WrongCredentials,
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::Conflict,
        Code::TotalChanged,
        Code::OutOfStock,
        Code::SlotFull,
        Code::SlotClosed,
        Code::CartCompleted,
        Code::CartIncomplete,
        Code::CouponNotValid,
        Code::MethodNotOffered,
        Code::TooManyUnpaid,
        Code::IllegalMove,
        Code::IdempotencyKeyInUse,
        Code::IdempotencyKeyReused,
        Code::PreconditionFailed,
        Code::PreconditionRequired,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::TooManyRequests,
        Code::Internal,
        Code::Overloaded,
        Code::NotReady,
        Code::TimedOut,
        Code::SearchUnavailable,
    ];

    /// The code as clients read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The short text that is the same for every problem with this code.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// The status of an answer with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// Code, status and title: the documented table.
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Code::InvalidRequest => ("invalid_request", S::BAD_REQUEST, "Invalid request"),
            Code::InvalidEncoding => ("invalid_encoding", S::BAD_REQUEST, "Unreadable text"),
            Code::InvalidJson => ("invalid_json", S::BAD_REQUEST, "Unreadable JSON"),
            Code::UnknownField => ("unknown_field", S::BAD_REQUEST, "Unknown field"),
            Code::MissingField => ("missing_field", S::BAD_REQUEST, "Missing field"),
            Code::InvalidValue => ("invalid_value", S::BAD_REQUEST, "Invalid value"),
            Code::OutOfRange => ("out_of_range", S::BAD_REQUEST, "Number out of range"),
            Code::TooLong => ("too_long", S::BAD_REQUEST, "Text too long"),
            Code::TooMany => ("too_many", S::BAD_REQUEST, "Too many entries"),
            Code::BadFilter => ("bad_filter", S::BAD_REQUEST, "Bad filter"),
            Code::UnknownCity => ("unknown_city", S::BAD_REQUEST, "Unknown city"),
            Code::UnknownCategory => ("unknown_category", S::BAD_REQUEST, "Unknown category"),
            Code::InvalidCursor => ("invalid_cursor", S::BAD_REQUEST, "Invalid cursor"),
            Code::WrongCredentials => ("wrong_credentials", S::UNAUTHORIZED, "Wrong credentials"),
            Code::Unauthenticated => ("unauthenticated", S::UNAUTHORIZED, "Session needed"),
            Code::Forbidden => ("forbidden", S::FORBIDDEN, "Permission needed"),
            Code::NotFound => ("not_found", S::NOT_FOUND, "Not found"),
            Code::MethodNotAllowed => {
                ("method_not_allowed", S::METHOD_NOT_ALLOWED, "Method not allowed")
            }
            Code::Conflict => ("conflict", S::CONFLICT, "Conflict"),
            Code::TotalChanged => ("total_changed", S::CONFLICT, "Total changed"),
            Code::OutOfStock => ("out_of_stock", S::CONFLICT, "Out of stock"),
            Code::SlotFull => ("slot_full", S::CONFLICT, "Slot full"),
            Code::SlotClosed => ("slot_closed", S::CONFLICT, "Slot closed"),
            Code::CartCompleted => ("cart_completed", S::CONFLICT, "Cart bought"),
            Code::CartIncomplete => ("cart_incomplete", S::CONFLICT, "Cart incomplete"),
            Code::CouponNotValid => ("coupon_not_valid", S::CONFLICT, "Coupon not valid"),
            Code::MethodNotOffered => ("method_not_offered", S::CONFLICT, "Method not offered"),
            Code::TooManyUnpaid => {
                ("too_many_unpaid", S::TOO_MANY_REQUESTS, "Too many unpaid orders")
            }
            Code::IllegalMove => ("illegal_move", S::CONFLICT, "Not possible now"),
            Code::IdempotencyKeyInUse => {
                ("idempotency_key_in_use", S::CONFLICT, "Idempotency key in use")
            }
            Code::IdempotencyKeyReused => {
                ("idempotency_key_reused", S::UNPROCESSABLE_ENTITY, "Idempotency key reused")
            }
            Code::PreconditionFailed => {
                ("precondition_failed", S::PRECONDITION_FAILED, "Changed meanwhile")
            }
            Code::PreconditionRequired => {
                ("precondition_required", S::PRECONDITION_REQUIRED, "If-Match needed")
            }
            Code::BodyTooLarge => ("body_too_large", S::PAYLOAD_TOO_LARGE, "Body too large"),
            Code::UnsupportedMediaType => {
                ("unsupported_media_type", S::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
            }
            Code::TooManyRequests => {
                ("too_many_requests", S::TOO_MANY_REQUESTS, "Too many requests")
            }
            Code::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Internal error"),
            Code::Overloaded => ("overloaded", S::SERVICE_UNAVAILABLE, "Overloaded"),
            Code::NotReady => ("not_ready", S::SERVICE_UNAVAILABLE, "Not ready"),
            Code::TimedOut => ("timed_out", S::SERVICE_UNAVAILABLE, "Timed out"),
            Code::SearchUnavailable => {
                ("search_unavailable", S::SERVICE_UNAVAILABLE, "Search unavailable")
            }
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI that identifies the kind of problem.
    #[schema(example = "urn:souk:problem:out_of_range")]
    pub r#type: String,
    /// The kind of problem, for people.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What went wrong this time, for people.
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: Code,
    /// Names this request in the server's log.
    pub trace_id: String,
    /// Each field that cannot be used.
    pub errors: Vec<FieldError>,
    /// With `total_changed`: what the cart costs by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MoneySchema>)]
    pub total: Option<Money>,
}

impl Error {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Error::Invalid(fields) => common_code(fields),
            Error::NotFound => Code::NotFound,
            Error::MethodNotAllowed => Code::MethodNotAllowed,
            Error::Unauthenticated => Code::Unauthenticated,
            Error::Forbidden(_) => Code::Forbidden,
            Error::BodyTooLarge(_) => Code::BodyTooLarge,
            Error::PreconditionRequired => Code::PreconditionRequired,
            Error::MediaType(_) => Code::UnsupportedMediaType,
            Error::Overloaded => Code::Overloaded,
            Error::NotReady => Code::NotReady,
            Error::TimedOut => Code::TimedOut,
            Error::Internal(_) => Code::Internal,
            Error::SearchBroke(_) => Code::SearchUnavailable,
            Error::Search(error) => search_code(error),
            Error::Commerce(error) => commerce_code(error),
        }
    }

    /// The status of the answer, for pages that show an error their own way.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.code().status()
    }

    /// The `Retry-After` of the answer, for pages that show an error their own way; none where trying
    /// again is of no use.
    #[must_use]
    pub fn retry_after(&self) -> Option<HeaderValue> {
        use souk_commerce::Error as Shop;
        match self {
            Error::Commerce(
                Shop::TooManyAttempts { retry_after_s } | Shop::TooManyCodes { retry_after_s },
            ) => Some(HeaderValue::from(*retry_after_s)),
            Error::Commerce(Shop::KeyInUse) => Some(RETRY_AFTER_S),
            _ => (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S),
        }
    }

    /// The problem document that clients get.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let code = self.code();
        Problem {
            r#type: format!("urn:souk:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: self.detail(code),
            code,
            trace_id: request_id::current(),
            errors: self.fields(),
            total: refusal::total(self),
        }
    }

    fn detail(&self, code: Code) -> String {
        match code {
            Code::Internal => "something went wrong here; it has been logged".to_owned(),
            Code::SearchUnavailable => "the index is being looked after, try again soon".to_owned(),
            // One text for every kind of nothing: an unknown market, an unknown id, somebody else's.
            Code::NotFound => Error::NotFound.to_string(),
            _ => self.to_string(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        use souk_commerce::Error as Shop;
        match self {
            Error::Invalid(fields) => fields.clone(),
            Error::Search(error) => search_field(error).into_iter().collect(),
            Error::Commerce(Shop::PasswordTooShort(_) | Shop::PasswordUnusable(_)) => {
                vec![FieldError::new("/password", Code::InvalidValue, self.to_string())]
            }
            Error::Commerce(Shop::Conflict(conflict)) => {
                let field = conflict_field(*conflict);
                let field = field.map(|(name, code)| {
                    FieldError::new(format!("/{name}"), code, conflict.to_string())
                });
                field.into_iter().collect()
            }
            Error::Commerce(Shop::Refused(refusal)) => refusal::fields(refusal),
            Error::Commerce(Shop::Invalid { field, reason }) => {
                vec![FieldError::new(format!("/{field}"), Code::InvalidValue, reason)]
            }
            _ => Vec::new(),
        }
    }

    /// Logs what a client is not told.
    fn log(&self) {
        if matches!(self.code(), Code::Internal | Code::SearchUnavailable) {
            tracing::error!(error = %self.chain(), "request failed");
        }
    }

    /// This error and its sources in one line.
    fn chain(&self) -> String {
        let mut chain = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            source = error.source();
        }
        chain
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let problem = self.problem();
        let status = problem.code.status();
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An answer that says "not now" and why, in its own form instead of a problem document.
pub(crate) fn not_now<T: Serialize>(body: T) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_S)], Json(body)).into_response()
}

/// The code all fields share, else the general one.
fn common_code(fields: &[FieldError]) -> Code {
    match fields {
        [first, rest @ ..] if rest.iter().all(|field| field.code == first.code) => first.code,
        _ => Code::InvalidRequest,
    }
}

fn commerce_code(error: &souk_commerce::Error) -> Code {
    use souk_commerce::Error as Shop;
    match error {
        Shop::NotFound => Code::NotFound,
        Shop::Conflict(conflict) => {
            conflict_field(*conflict).map_or(Code::Conflict, |(_, code)| code)
        }
        Shop::Invalid { .. } => Code::InvalidValue,
        Shop::Picture(PictureError::TooLarge(_)) => Code::BodyTooLarge,
        Shop::Picture(PictureError::UnknownFormat) => Code::UnsupportedMediaType,
        Shop::Picture(_) => Code::InvalidValue,
        Shop::Refused(refusal) => refusal::code(refusal),
        Shop::IllegalMove(_) | Shop::IllegalExperimentMove(_) => Code::IllegalMove,
        Shop::Stale => Code::PreconditionFailed,
        Shop::KeyInUse => Code::IdempotencyKeyInUse,
        Shop::KeyReused => Code::IdempotencyKeyReused,
        Shop::WrongCredentials | Shop::WrongProof => Code::WrongCredentials,
        Shop::PasswordTooShort(_) | Shop::PasswordUnusable(_) => Code::InvalidValue,
        Shop::TooManyAttempts { .. } | Shop::TooManyCodes { .. } => Code::TooManyRequests,
        Shop::Busy => Code::Overloaded,
        _ => Code::Internal,
    }
}

/// The field of the body whose value a rule does not let pass, and how: a value that can never be is
/// another thing than one that others stand against.
fn conflict_field(conflict: Conflict) -> Option<(&'static str, Code)> {
    use Conflict as C;
    Some(match conflict {
        C::StaffEmailInvalid => ("email", Code::InvalidValue),
        C::CustomerEmailTaken => ("email", Code::Conflict),
        C::CustomerPhoneTaken => ("phone", Code::Conflict),
        C::SlugInvalid => ("slug", Code::InvalidValue),
        C::TitleBlank => ("title", Code::InvalidValue),
        C::TitleTooLong => ("title", Code::TooLong),
        C::DescriptionTooLong => ("description", Code::TooLong),
        C::SkuBlank => ("sku", Code::InvalidValue),
        C::LabelBlank => ("labels", Code::InvalidValue),
        C::AltBlank => ("alt", Code::InvalidValue),
        C::AltTooLong => ("alt", Code::TooLong),
        C::WarehouseNameBlank | C::RuleNameInvalid | C::ExperimentNameInvalid => {
            ("name", Code::InvalidValue)
        }
        C::RuleNameTaken | C::PromotionNameTaken | C::ExperimentNameTaken => {
            ("name", Code::Conflict)
        }
        C::CouponTaken => ("coupons", Code::Conflict),
        C::RulePriorityOutOfRange => ("priority", Code::OutOfRange),
        C::RuleEndsBeforeStart => ("ends_at", Code::InvalidValue),
        C::RuleTimeOutOfRange => ("starts_at", Code::OutOfRange),
        C::SynonymExists => ("words", Code::Conflict),
        C::NoteTooLong => ("note", Code::TooLong),
        C::PriceNotPositive => ("price", Code::OutOfRange),
        C::PreparationOutOfRange => ("preparation_minutes", Code::OutOfRange),
        C::ListPriceNotAbove => ("list_price", Code::InvalidValue),
        C::DatedPriceEmpty => ("until", Code::InvalidValue),
        C::ProductExternalIdTaken => ("external_id", Code::Conflict),
        C::ProductSlugTaken | C::CategorySlugTaken => ("slug", Code::Conflict),
        C::SkuTaken => ("sku", Code::Conflict),
        C::NoSuchBrand => ("brand_id", Code::Conflict),
        C::NoSuchValue => ("values", Code::Conflict),
        C::NoSuchVariant => ("variant_id", Code::Conflict),
        C::NoSuchSeller => ("seller_id", Code::Conflict),
        C::NoSuchMarket => ("market", Code::Conflict),
        C::NoSuchCity => ("city_id", Code::Conflict),
        C::PromotionUsedUp => ("coupons", Code::CouponNotValid),
        C::CartBought => ("cart", Code::CartCompleted),
        C::QuantityOutOfRange => ("quantity", Code::InvalidValue),
        _ => return None,
    })
}

fn search_code(error: &souk_search::Error) -> Code {
    use souk_search::Error as Search;
    match error {
        Search::UnknownMarket { .. } => Code::NotFound,
        Search::UnknownCity { .. } => Code::UnknownCity,
        Search::MissingCity => Code::MissingField,
        Search::UnknownField { .. } => Code::UnknownField,
        Search::UnknownCategory { .. } => Code::UnknownCategory,
        Search::UnknownSort { .. } => Code::InvalidValue,
        Search::BadFilter { .. } => Code::BadFilter,
        Search::TooLong { .. } => Code::TooLong,
        Search::TooMany { .. } => Code::TooMany,
        Search::OutOfRange { .. } => Code::OutOfRange,
        // What is not the caller's fault is the index's.
        _ => Code::SearchUnavailable,
    }
}

/// The parameter that search refused.
fn search_field(error: &souk_search::Error) -> Option<FieldError> {
    use souk_search::Error as Search;
    let parameter = match error {
        Search::UnknownCity { .. } | Search::MissingCity => "city",
        Search::UnknownField { parameter, .. } => parameter,
        Search::UnknownCategory { .. } => "category",
        Search::UnknownSort { .. } => "sort",
        Search::BadFilter { .. } => "filter",
        Search::TooLong { field, .. }
        | Search::TooMany { field, .. }
        | Search::OutOfRange { field, .. } => field,
        _ => return None,
    };
    Some(FieldError::new(format!("/{parameter}"), search_code(error), error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_listed_once_and_serialises_as_it_is_documented() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();

        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }

    #[test]
    fn an_internal_error_tells_a_client_nothing_of_its_text() {
        let problem = Error::Internal("password=hunter2".to_owned()).problem();

        assert_eq!(problem.status, 500);
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
    }

    #[test]
    fn a_broken_search_is_a_reason_to_try_again_and_tells_nothing_of_the_index() {
        let path = std::path::PathBuf::from("/secret/place");
        let damaged = souk_search::Error::Damaged { path, reason: "secret".to_owned() };
        for error in [Error::Search(damaged), Error::SearchBroke("a secret panic".to_owned())] {
            let problem = error.problem();

            assert_eq!((problem.status, problem.code), (503, Code::SearchUnavailable));
            assert!(error.retry_after().is_some());
            assert!(!serde_json::to_string(&problem).unwrap().contains("secret"));
        }
    }

    #[test]
    fn fields_that_fail_alike_give_their_code_to_the_whole_problem() {
        let long = FieldError::new("/q", Code::TooLong, "");
        let city = FieldError::new("/city", Code::InvalidValue, "");

        assert_eq!(Error::Invalid(vec![long.clone(), long.clone()]).code(), Code::TooLong);
        assert_eq!(Error::Invalid(vec![long, city]).code(), Code::InvalidRequest);
    }
}
