//! A staff member at work over HTTP: requests with a session, tags and idempotency keys.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use souk_commerce::staff::Role;

use crate::fixture::{Answer, PASSWORD, Shop};

/// A shop with somebody at work in it.
pub(crate) struct Desk {
    pub(crate) shop: Shop,
    token: String,
}

/// A request that is being put together.
pub(crate) struct Ask<'a> {
    desk: &'a Desk,
    request: axum::http::request::Builder,
    body: Vec<u8>,
}

impl Desk {
    /// A merchandiser in a shop whose index is filled.
    pub(crate) async fn open() -> Desk {
        Desk::of(Shop::open().await, Role::Merchandiser).await
    }

    /// Somebody with this role in this shop.
    pub(crate) async fn of(shop: Shop, role: Role) -> Desk {
        let email = format!("{role}@example.com");
        shop.hire(&email, role).await;
        let body = json!({"email": email, "password": PASSWORD}).to_string();
        let request = Request::post("/v1/auth/staff/session")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        let token = shop.send(request).await.json()["token"].as_str().unwrap().to_owned();
        Desk { shop, token }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let request = Request::builder().method(method).uri(format!("/v1/admin/{path}"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        Ask { desk: self, request, body: Vec::new() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).json(body).send().await
    }

    /// A change made from the version that is there now.
    pub(crate) async fn change(&self, method: Method, path: &str, body: &Value) -> Answer {
        let tag = self.get(path).await.header("etag").to_owned();
        self.ask(method, path).tag(&tag).json(body).send().await
    }

    /// What was last written down: action, subject, and who did it.
    pub(crate) async fn last_audit(&self) -> (String, String, String) {
        let mut connection = self.shop.app.connection().await.unwrap();
        let mut records = souk_commerce::audit::recent(&mut connection, None, 1).await.unwrap();
        let record = records.remove(0);
        (record.action, record.subject, record.staff_name.unwrap_or_default())
    }
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Made from this version.
    pub(crate) fn tag(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    /// Under this idempotency key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    pub(crate) fn bytes(self, media_type: &str, body: Vec<u8>) -> Self {
        Ask { body, ..self.header("content-type", media_type) }
    }

    pub(crate) async fn send(self) -> Answer {
        let desk = self.desk;
        desk.shop.send(self.request()).await
    }

    pub(crate) fn request(self) -> Request<Body> {
        self.request.body(Body::from(self.body)).unwrap()
    }
}
