//! Style sheet, script and icon, embedded in the binary.
//!
//! A file is served under a name that holds the hash of its content, so browsers may keep it for good: a
//! changed file has another name.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

/// For what never changes under its name.
pub(crate) const FOR_GOOD: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// Plain name to hashed name.
static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| Some((name.to_string(), hashed(&name, &Files::get(&name)?))))
        .collect()
});

/// `site.css` becomes `site-3f2a9c04.css`.
fn hashed(name: &str, file: &EmbeddedFile) -> String {
    let hash: String =
        file.metadata.sha256_hash()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

/// The address of an embedded file.
pub(crate) fn url(name: &str) -> String {
    let hashed = NAMES.get(name).expect("templates name only files that are embedded (tested)");
    format!("/assets/{hashed}")
}

/// `GET /assets/{hashed name}`
pub(crate) async fn show(asked: Result<Path<String>, PathRejection>) -> Response {
    let Ok(Path(asked)) = asked else { return StatusCode::NOT_FOUND.into_response() };
    let name = NAMES.iter().find(|(_, hashed)| **hashed == asked).map(|(name, _)| name);
    let Some(file) = name.and_then(|name| Files::get(name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mime = file.metadata.mimetype().to_owned();
    ([(CONTENT_TYPE, mime), (CACHE_CONTROL, FOR_GOOD.to_owned())], file.data).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        String::from_utf8(Files::get(name).unwrap().data.into_owned()).unwrap()
    }

    #[test]
    fn every_file_has_a_hashed_name() {
        for name in ["site.css", "shop.js", "icon.svg"] {
            let url = url(name);
            let (stem, extension) = name.split_once('.').unwrap();

            assert!(url.starts_with(&format!("/assets/{stem}-")), "{url}");
            assert!(url.ends_with(&format!(".{extension}")), "{url}");
        }
    }

    #[test]
    fn styles_speak_of_start_and_end_never_of_left_and_right() {
        for name in Files::iter().filter(|name| name.ends_with(".css")) {
            for (number, line) in text(&name).lines().enumerate() {
                for word in ["left", "right"] {
                    let physical =
                        line.split(|c: char| !c.is_ascii_alphabetic()).any(|w| w == word);
                    assert!(!physical, "{name}:{}: {line}", number + 1);
                }
            }
        }
    }

    #[test]
    fn scripts_are_small_and_nothing_is_fetched_from_elsewhere() {
        assert!(text("shop.js").len() < 8_000, "{} bytes", text("shop.js").len());
        for name in Files::iter() {
            let text = text(&name).replace("http://www.w3.org/", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name}");
        }
    }
}
