//! How a staff member's write comes in and goes out: who asks, under which `Idempotency-Key`, made from
//! which version (`If-Match`); and the answer, which is saved in the write's own transaction, so that a
//! repetition of the request gets it again, byte for byte.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use souk_base::{Position, StaffId};
use souk_commerce::staff::Staff;
use souk_commerce::writes::{self, Answer, Begun, IdempotencyKey, KEY_LENGTH_MAX, Write};

use crate::answer::Written;
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::{JSON, is_json, parse_json, read_body};
use crate::{App, AppState};

/// The header by which a client names a request, to be able to repeat it safely.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Who asks for a write, under which key, made from which version.
#[derive(Debug)]
pub(crate) struct Asked {
    /// None for guests.
    actor: Option<StaffId>,
    key: Option<IdempotencyKey>,
    if_match: Option<String>,
}

impl Asked {
    /// A guest's; `scope` says whose keys its key is one of.
    pub(crate) fn of_guest(scope: &str, parts: &Parts, body: &[u8]) -> Result<Asked> {
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        let request = [parts.method.as_str().as_bytes(), path.as_bytes(), body];
        let key = idempotency_key(&parts.headers)?;
        let key = key.map(|key| IdempotencyKey::new(scope, &key, &request));
        Ok(Asked { actor: None, key, if_match: None })
    }

    /// The same of a guest's request whose body is still to be read, and the body.
    pub(crate) async fn read_guest(
        scope: &str,
        parts: &Parts,
        body: Body,
        app: &AppState,
    ) -> Result<(Asked, Bytes)> {
        let bytes = read_body(Request::from_parts(parts.clone(), body), app).await?;
        Ok((Asked::of_guest(scope, parts, &bytes)?, bytes))
    }

    /// Whether the request has a name.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The key, where a request without one is not taken.
    pub(crate) fn required_key(self) -> Result<IdempotencyKey> {
        let missing = || {
            let detail = "this request needs an Idempotency-Key, to be done once";
            FieldError::new(format!("/{IDEMPOTENCY_KEY}"), Code::MissingField, detail)
        };
        Ok(self.key.ok_or_else(missing)?)
    }

    /// The member of staff who asks.
    pub(crate) fn staff(&self) -> Result<StaffId> {
        self.actor.ok_or(Error::Unauthenticated)
    }

    /// Refuses a request without a key, where doing it twice would cost money.
    pub(crate) fn must_have_key(&self) -> Result<()> {
        if self.key.is_some() {
            return Ok(());
        }
        let detail = "this request needs an idempotency key".to_owned();
        Err(FieldError::new(format!("/{IDEMPOTENCY_KEY}"), Code::MissingField, detail).into())
    }

    /// The version it was made from, where others may be changing the same; it must be said.
    pub(crate) fn version(&self) -> Result<String> {
        self.if_match.clone().ok_or(Error::PreconditionRequired)
    }

    /// The version it was made from, where it need not be said.
    pub(crate) fn version_if_said(&self) -> Option<String> {
        self.if_match.clone()
    }
}

/// What is read, with the tag of this version of it.
pub(crate) struct Tagged<T> {
    pub(crate) tag: String,
    pub(crate) body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(ETAG, self.tag)], Json(self.body)).into_response()
    }
}

/// A write with a JSON body.
#[derive(Debug)]
pub(crate) struct Change<T> {
    pub(crate) asked: Asked,
    pub(crate) body: T,
}

/// A write whose body is a file.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) asked: Asked,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Error;

    /// A body that the route has no use for makes it another request all the same.
    async fn from_request(request: Request, state: &S) -> Result<Self> {
        Ok(Upload::from_request(request, state).await?.asked)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Change<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(Error::MediaType(JSON));
        }
        let Upload { asked, bytes, .. } = Upload::from_request(request, state).await?;
        Ok(Change { asked, body: parse_json(&bytes)? })
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let head = Head::of(&parts)?;
        let headers = parts.headers.clone();
        let bytes = read_body(Request::from_parts(parts, body), state).await?;
        Ok(Upload { asked: head.asked(&bytes)?, headers, bytes })
    }
}

/// What a request's head says about who asks for what.
struct Head {
    actor: StaffId,
    key: Option<String>,
    if_match: Option<String>,
    method: Method,
    uri: Uri,
}

impl Head {
    fn of(parts: &Parts) -> Result<Head> {
        let actor = parts.extensions.get::<Staff>().ok_or(Error::Unauthenticated)?.id;
        let key = idempotency_key(&parts.headers)?;
        let if_match = parts.headers.get(IF_MATCH);
        // A tag of other characters than ours have is one that nothing has.
        let if_match = if_match.map(|tag| tag.to_str().unwrap_or_default().to_owned());
        Ok(Head { actor, key, if_match, method: parts.method.clone(), uri: parts.uri.clone() })
    }

    /// Binds the key to this request, so that another one with the same key is told apart.
    fn asked(self, body: &[u8]) -> Result<Asked> {
        let path = self.uri.path_and_query().map_or("", |path| path.as_str());
        let request = [self.method.as_str().as_bytes(), path.as_bytes(), body];
        let scope = format!("staff:{}", self.actor);
        let key = self.key.map(|key| IdempotencyKey::new(&scope, &key, &request));
        Ok(Asked { actor: Some(self.actor), key, if_match: self.if_match })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let refuse = |code, detail| FieldError::new(format!("/{IDEMPOTENCY_KEY}"), code, detail);
    let key = given.to_str().unwrap_or_default();
    if key.is_empty() {
        let detail = "an idempotency key must be of visible ASCII characters";
        return Err(refuse(Code::InvalidValue, detail.to_owned()).into());
    }
    if key.len() > KEY_LENGTH_MAX {
        let detail = format!("an idempotency key must have at most {KEY_LENGTH_MAX} characters");
        return Err(refuse(Code::TooLong, detail).into());
    }
    Ok(Some(key.to_owned()))
}

/// Runs a verb in a transaction and commits it with its answer; or gives the answer of the time before.
pub(crate) async fn run(
    app: &App,
    asked: Asked,
    verb: impl AsyncFnOnce(&mut Write) -> Result<Answer>,
) -> Result<Written<Response>> {
    run_with(app, asked, verb, |answer| answer).await
}

/// The same; `complete` adds what is told each time and kept nowhere.
pub(crate) async fn run_with(
    app: &App,
    asked: Asked,
    verb: impl AsyncFnOnce(&mut Write) -> Result<Answer>,
    complete: impl FnOnce(Answer) -> Answer,
) -> Result<Written<Response>> {
    match writes::begin(&app.db, asked.actor, asked.key).await? {
        Begun::Before(answer) => Written::now(app, response(&complete(answer))?).await,
        Begun::New(mut write) => {
            let answer = verb(&mut write).await?;
            let response = response(&complete(answer.clone()))?;
            let position: Position = write.commit(&app.db, &answer).await?;
            Ok(Written { position, body: response })
        }
    }
}

/// Runs a verb and undoes it: what it would do.
pub(crate) async fn try_out<T>(
    app: &App,
    asked: Asked,
    verb: impl AsyncFnOnce(&mut Write) -> Result<T>,
) -> Result<T> {
    // Nothing is written, so there is nothing to do only once.
    let Begun::New(mut write) = writes::begin(&app.db, asked.actor, None).await? else {
        return Err(Error::Internal("a write without a key was answered before".to_owned()));
    };
    let result = verb(&mut write).await?;
    write.roll_back().await?;
    Ok(result)
}

/// An answer with a JSON body.
pub(crate) fn shown(body: &impl Serialize) -> Answer {
    let body = serde_json::to_string(body).expect("answers have text keys only");
    let headers = vec![(CONTENT_TYPE.to_string(), JSON.to_owned())];
    Answer { status: StatusCode::OK.as_u16(), headers, body }
}

/// The answer that something has been made, which is found at `location` if it can be read alone.
pub(crate) fn created(location: Option<String>, body: &impl Serialize) -> Answer {
    as_created(shown(body), location)
}

/// The same of an answer that shows it already, or the whole that it became a part of.
pub(crate) fn as_created(mut answer: Answer, location: Option<String>) -> Answer {
    answer.status = StatusCode::CREATED.as_u16();
    answer.headers.extend(location.map(|location| (LOCATION.to_string(), location)));
    answer
}

/// The answer that something is gone.
pub(crate) fn gone() -> Answer {
    Answer { status: StatusCode::NO_CONTENT.as_u16(), headers: Vec::new(), body: String::new() }
}

/// The answer with the tag of the version it shows.
pub(crate) fn tagged(mut answer: Answer, tag: String) -> Answer {
    answer.headers.push((ETAG.to_string(), tag));
    answer
}

pub(crate) fn response(answer: &Answer) -> Result<Response> {
    let unreadable = |error: String| Error::Internal(format!("saved answer: {error}"));
    let status = StatusCode::from_u16(answer.status).map_err(|e| unreadable(e.to_string()))?;
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = status;
    for (name, value) in &answer.headers {
        let name = name.parse::<HeaderName>().map_err(|e| unreadable(e.to_string()))?;
        let value = value.parse().map_err(|_| unreadable(format!("header {name}")))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
