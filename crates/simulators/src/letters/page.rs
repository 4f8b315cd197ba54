//! Twilio's interface, and the page that shows what was taken.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use souk_providers::wire::{field, fields};
use tokio::net::TcpListener;

use super::{Letter, Letters, smtp};

/// Serves the page and Twilio's interface on one address and SMTP on another, until `stop` is ready.
pub async fn serve_letters(
    pages: TcpListener,
    mail: TcpListener,
    letters: Letters,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let taking = tokio::spawn(smtp::listen(mail, letters.clone()));
    let router = Router::new()
        .route("/", get(page))
        .route("/letters.json", get(list))
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(take))
        .with_state(letters);
    if let Err(error) = axum::serve(pages, router).with_graceful_shutdown(stop).await {
        tracing::warn!(%error, "the messengers ended");
    }
    taking.abort();
}

async fn take(State(letters): State<Letters>, headers: HeaderMap, body: String) -> Response {
    let form = fields(&body);
    let (to, text) = (field(&form, "To").unwrap_or_default(), field(&form, "Body"));
    let refuse = |status: StatusCode, code: u32, message: &str| {
        let body = serde_json::json!({"code": code, "message": message, "status": status.as_u16()});
        (status, Json(body)).into_response()
    };
    if !headers.contains_key(AUTHORIZATION) {
        return refuse(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    if !to.starts_with('+') || to.ends_with("0000") {
        return refuse(StatusCode::BAD_REQUEST, 21211, "Invalid 'To' Phone Number");
    }
    let Some(text) = text else {
        return refuse(StatusCode::BAD_REQUEST, 21602, "Message body is required.");
    };
    let sid = format!("SM{:032x}", letters.all().len() + 1);
    letters.take(Letter {
        channel: "sms",
        to: to.to_owned(),
        subject: String::new(),
        text: text.to_owned(),
        html: String::new(),
    });
    let body = serde_json::json!({
        "sid": sid, "status": "queued", "to": to, "body": text, "error_code": null,
    });
    (StatusCode::CREATED, Json(body)).into_response()
}

async fn list(State(letters): State<Letters>) -> Json<Vec<Letter>> {
    Json(letters.all())
}

async fn page(State(letters): State<Letters>) -> Html<String> {
    let letter = |letter: &Letter| {
        let what = if letter.channel == "sms" { "SMS" } else { "E-mail" };
        format!(
            "<article><p class=to>{what} to <bdi>{}</bdi></p><h2 dir=auto>{}</h2><p dir=auto>{}</p></article>",
            escaped(&letter.to),
            escaped(&letter.subject),
            escaped(&letter.text).replace('\n', "<br>"),
        )
    };
    let letters: String = letters.all().iter().map(letter).collect();
    let letters = if letters.is_empty() { "<p>Nothing yet.</p>".to_owned() } else { letters };
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta http-equiv=refresh content=3><title>Messages</title>\
         <style>body{{font:1rem/1.5 system-ui;max-width:36rem;margin:2rem auto;padding:0 1rem;color:#22301f;\
         background:#faf7f1}}article{{border-top:1px solid #ccc4b4;padding:.5rem 0}}h2{{font-size:1.1rem;margin:.2rem 0}}\
         .to{{color:#5c6657;margin:.2rem 0}}</style>\
         <h1>Messages</h1><p>What the shop would send by e-mail and SMS ends here. The newest comes first.</p>{letters}"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
