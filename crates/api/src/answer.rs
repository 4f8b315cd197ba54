//! Shapes that several answers share.

#![expect(unused_qualifications, reason = "the code that utoipa's macro writes has full paths")]

use axum::Json;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use souk_base::Position;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::App;
use crate::error::Result;

/// The header of a write's answer that says from which position on readers see it.
pub(crate) static X_SOUK_POSITION: HeaderName = HeaderName::from_static("x-souk-position");

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The entries of this page.
    pub(crate) items: Vec<T>,
    /// Cursor of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

impl<T> Listed<T> {
    /// A list that fits on one page.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Listed { items, next: None }
    }
}

/// The answer to a write, with the position from which on readers see it.
pub(crate) struct Written<T> {
    pub(crate) position: Position,
    pub(crate) body: T,
}

impl<T> Written<T> {
    /// The answer to a write that has just been committed.
    pub(crate) async fn now(app: &App, body: T) -> Result<Self> {
        let mut connection = app.connection().await?;
        let position = souk_commerce::position(&mut connection).await?;
        Ok(Written { position, body })
    }
}

impl<T: IntoResponse> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        let position = HeaderValue::from_str(&self.position.to_string())
            .expect("a position is hexadecimal digits and a slash");
        let mut response = self.body.into_response();
        response.headers_mut().insert(X_SOUK_POSITION.clone(), position);
        response
    }
}

/// A write's answer with a JSON body.
pub(crate) type WrittenJson<T> = Written<Json<T>>;

/// How [`souk_base::Money`] looks in the `OpenAPI` document.
pub(crate) enum MoneySchema {}

impl PartialSchema for MoneySchema {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("An amount: 12500 KWD minor is 12.500 KWD"))
            .property("minor", ObjectBuilder::new().schema_type(Type::Integer))
            .property("currency", ObjectBuilder::new().schema_type(Type::String))
            .required("minor")
            .required("currency")
            .examples([serde_json::json!({"minor": 12500, "currency": "KWD"})])
            .into()
    }
}

impl ToSchema for MoneySchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
}
