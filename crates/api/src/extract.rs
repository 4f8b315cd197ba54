//! Extractors that answer with problem documents and refuse what they do not know.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::{Code, Error, FieldError};
use crate::layers::allowance;

/// Media type of every body but files.
pub(crate) const JSON: &str = "application/json";

/// The query string as a struct; repeated names become lists, unknown names are refused.
///
/// The struct must carry `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// The placeholders of the path. One that cannot be read names nothing, so the answer is 404.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// A JSON body, which must be an object; the struct must carry `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Query)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        check_encoding(parts.uri.path(), "")?;
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(Error::NotFound),
            Err(rejection) => Err(Error::Internal(rejection.body_text())),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            return Err(Error::MediaType(JSON));
        }
        parse_json(&read_body(request, state).await?).map(Json)
    }
}

/// The whole body, if the route may take that much.
pub(crate) async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    let bytes_max = allowance(&request).body_bytes_max;
    let read = Bytes::from_request(request, state).await;
    read.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Error::BodyTooLarge(bytes_max)
        }
        // The client went away in the middle of its body; nobody reads this answer.
        _ => FieldError::new("", Code::InvalidJson, "the body ended early").into(),
    })
}

/// Reads a query string strictly: `application/x-www-form-urlencoded`, valid UTF-8 throughout.
pub(crate) fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    for pair in query.split('&') {
        let name = pair.split('=').next().unwrap_or_default();
        check_encoding(pair, name)?;
    }
    let deserializer = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| field_error(error.path(), &error.inner().to_string()).into())
}

/// Refuses what form decoding would silently repair, and NUL, which no text column can hold.
fn check_encoding(text: &str, name: &str) -> Result<(), FieldError> {
    let pointer = || if name.is_empty() { String::new() } else { format!("/{}", escape(name)) };
    let refuse = |detail: &str| FieldError::new(pointer(), Code::InvalidEncoding, detail);
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        let hex = rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        if !hex {
            return Err(refuse("a percent sign must be followed by two hexadecimal digits"));
        }
    }
    let decoded = percent_decode_str(text).decode_utf8();
    match decoded {
        Ok(decoded) if decoded.contains('\0') => Err(refuse("the text contains a NUL character")),
        Ok(_) => Ok(()),
        Err(_) => Err(refuse("the text is not UTF-8")),
    }
}

pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let refuse = |code, detail: String| Error::from(FieldError::new("", code, detail));
    let text = std::str::from_utf8(bytes)
        .map_err(|_| refuse(Code::InvalidEncoding, "the body is not UTF-8".to_owned()))?;
    if text.contains("\\u0000") {
        let detail = "the body contains a NUL character".to_owned();
        return Err(refuse(Code::InvalidEncoding, detail));
    }
    if !text.trim_start().starts_with('{') {
        // Said before the struct is asked: it would read an array as its fields in their order.
        serde_json::from_str::<IgnoredAny>(text)
            .map_err(|error| refuse(Code::InvalidJson, error.to_string()))?;
        return Err(refuse(Code::InvalidValue, "the body must be a JSON object".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|e| json_error(&e, text))?;
    deserializer.end().map_err(|error| refuse(Code::InvalidJson, error.to_string()))?;
    Ok(value)
}

fn json_error(error: &serde_path_to_error::Error<serde_json::Error>, text: &str) -> Error {
    // `null` for an enum is called a fault of the syntax, which it is not.
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    if error.inner().is_data() || is_json() {
        return field_error(error.path(), &error.inner().to_string()).into();
    }
    FieldError::new("", Code::InvalidJson, error.inner().to_string()).into()
}

/// A field error from serde's message. The message is all there is: both formats erase the kind.
fn field_error(path: &serde_path_to_error::Path, message: &str) -> FieldError {
    let message = outward(message);
    let mut pointer = path
        .iter()
        .filter_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(format!("/{}", escape(key))),
            serde_path_to_error::Segment::Seq { index } => Some(format!("/{index}")),
            _ => None,
        })
        .collect::<String>();
    let code = if message.starts_with("unknown field") {
        Code::UnknownField
    } else if message.starts_with("missing field") {
        Code::MissingField
    } else {
        Code::InvalidValue
    };
    if let (Code::MissingField, Some(name)) = (code, message.split('`').nth(1)) {
        pointer = format!("{pointer}/{}", escape(name));
    }
    FieldError::new(pointer, code, message)
}

/// serde's message without the place in the text and the names of Rust types.
fn outward(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    match message.split_once("expected struct ") {
        Some((found, _)) => format!("{found}expected an object"),
        None => message.to_owned(),
    }
}

/// Escapes a name for a JSON pointer (RFC 6901); names from a client are cut to 64 characters.
fn escape(name: &str) -> String {
    name.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// Whether the body is announced as JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|given| given.eq_ignore_ascii_case(JSON))
}

/// What the body is announced as, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    given.split(';').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Given {
        q: Option<String>,
        #[serde(default)]
        filter: Vec<String>,
    }

    fn code(query: &str) -> (String, Code) {
        match parse_query::<Given>(query).unwrap_err() {
            Error::Invalid(fields) => (fields[0].pointer.clone(), fields[0].code),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn repeated_names_become_a_list_and_text_is_decoded() {
        let given = parse_query::<Given>("q=a+b%20c&filter=x:1&filter=y%3A2").unwrap();

        assert_eq!(given.q.as_deref(), Some("a b c"));
        assert_eq!(given.filter, ["x:1", "y:2"]);
        assert_eq!(parse_query::<Given>("filter=one").unwrap().filter, ["one"]);
    }

    #[test]
    fn each_kind_of_bad_query_has_its_pointer_and_code() {
        assert_eq!(code("foo=1"), ("/foo".to_owned(), Code::UnknownField));
        assert_eq!(code("q=%FF"), ("/q".to_owned(), Code::InvalidEncoding));
        assert_eq!(code("q=%4"), ("/q".to_owned(), Code::InvalidEncoding));
        assert_eq!(code("q=a%00b"), ("/q".to_owned(), Code::InvalidEncoding));
        assert_eq!(code("q=a&q=b"), ("/q".to_owned(), Code::InvalidValue));
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is tested")]
    struct Body {
        email: String,
        items: Vec<u32>,
        #[serde(default)]
        place: Option<Given>,
    }

    #[test]
    fn each_kind_of_bad_body_has_its_pointer_and_code() {
        let cases = [
            ("{", "", Code::InvalidJson),
            (r#"{"email":"a","items":[]} x"#, "", Code::InvalidJson),
            (r#"{"email":"a\u0000","items":[]}"#, "", Code::InvalidEncoding),
            ("[", "", Code::InvalidJson),
            ("", "", Code::InvalidJson),
            ("rose", "", Code::InvalidJson),
            (r#"["a",[]]"#, "", Code::InvalidValue),
            (r#"{"email":"a"}"#, "/items", Code::MissingField),
            (r#"{"email":"a","items":[],"place":"x"}"#, "/place", Code::InvalidValue),
            (r#"{"email":"a","items":[1,"x"]}"#, "/items/1", Code::InvalidValue),
            (r#"{"email":"a","items":[],"z/y":1}"#, "/z~1y", Code::UnknownField),
        ];

        for (body, pointer, code) in cases {
            match parse_json::<Body>(body.as_bytes()).unwrap_err() {
                Error::Invalid(fields) => {
                    assert_eq!((&*fields[0].pointer, fields[0].code), (pointer, code), "{body}");
                    assert!(!fields[0].detail.contains("struct"), "{}", fields[0].detail);
                }
                other => panic!("{body}: {other}"),
            }
        }
    }
}
