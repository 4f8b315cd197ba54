//! Who asks: the language and the address of a request, and what is remembered in cookies.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use souk_base::Lang;

use crate::address::Address;

/// Remembers the language.
const LANG: &str = "souk_lang";

/// How long a choice is remembered: a year.
const REMEMBERED_S: i64 = 365 * 24 * 60 * 60;

/// Whoever asks for a page.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The page asked for.
    pub(crate) address: Address,
    /// Where this site is, such as `https://souk.example`; empty when the request does not say.
    pub(crate) origin: String,
    /// Whether the connection is encrypted, as far as the request says.
    pub(crate) is_encrypted: bool,
    /// The language chosen by hand, now or earlier.
    chosen: Option<Lang>,
    /// The languages the browser prefers, the best first.
    preferred: Vec<Lang>,
    /// What the browser remembers.
    pub(crate) cookies: CookieJar,
    /// What it shall remember from now on.
    pub(crate) remember: Vec<HeaderValue>,
}

impl Caller {
    /// Reads a request's address and headers.
    pub(crate) fn new(address: Address, headers: &HeaderMap) -> Caller {
        let cookies = CookieJar::from_headers(headers);
        let asked = address.get("lang").and_then(|lang| lang.parse().ok());
        let remembered = cookies.get(LANG).and_then(|cookie| cookie.value().parse().ok());
        let preferred = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let mut caller = Caller {
            address: address.without("lang"),
            origin: origin(headers).unwrap_or_default(),
            is_encrypted: is_encrypted(headers),
            chosen: asked.or(remembered),
            preferred: preferred.map(by_preference).unwrap_or_default(),
            cookies,
            remember: Vec::new(),
        };
        if let Some(lang) = asked {
            caller.remember(LANG, lang.code());
        }
        caller
    }

    /// The language of a page that no market narrows down.
    pub(crate) fn lang(&self) -> Lang {
        self.lang_among(&Lang::ALL, Lang::En)
    }

    /// The language chosen by hand, else the one the browser likes best among `spoken`, else `default`.
    pub(crate) fn lang_among(&self, spoken: &[Lang], default: Lang) -> Lang {
        let preferred = || self.preferred.iter().find(|lang| spoken.contains(lang)).copied();
        self.chosen.or_else(preferred).unwrap_or(default)
    }

    /// Has the browser remember a choice for a year; an empty value forgets it.
    pub(crate) fn remember(&mut self, name: &'static str, value: &str) {
        let age = if value.is_empty() { 0 } else { REMEMBERED_S };
        let cookie = Cookie::build((name, value.to_owned())).path("/").http_only(true);
        let cookie = cookie.same_site(SameSite::Lax).build();
        let text = format!("{cookie}; Max-Age={age}");
        self.remember.extend(HeaderValue::from_str(&text));
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Caller::new(Address::of(&parts.uri), &parts.headers))
    }
}

/// Search engines want whole addresses. A host that is no plain name and port is not repeated.
fn origin(headers: &HeaderMap) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let host = headers.get(HOST)?.to_str().ok()?;
    if host.is_empty() || !host.chars().all(is_plain) {
        return None;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let scheme = match headers.get("x-forwarded-proto").map(HeaderValue::as_bytes) {
        Some(b"https") => "https",
        Some(b"http") => "http",
        _ if is_here => "http",
        _ => "https",
    };
    Some(format!("{scheme}://{host}"))
}

/// Forms say which page they were on; a proxy that ends the encryption says so itself.
fn is_encrypted(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, text: &[u8]| {
        headers.get(name).is_some_and(|value| value.as_bytes().starts_with(text))
    };
    says(ORIGIN, b"https://") || says(HeaderName::from_static("x-forwarded-proto"), b"https")
}

/// Our languages in an `Accept-Language` header, the most wanted first.
fn by_preference(header: &str) -> Vec<Lang> {
    let mut wanted: Vec<(f32, Lang)> = header
        .split(',')
        .filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse).ok()?;
            let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
            Some((weight, primary.parse().ok()?))
        })
        .collect();
    wanted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    wanted.into_iter().map(|(_, lang)| lang).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn caller(uri: &str, cookie: &'static str, accept: &'static str) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        Caller::new(Address::of(&uri.parse().unwrap()), &headers)
    }

    #[test]
    fn a_language_asked_for_wins_over_a_remembered_and_a_preferred_one() {
        assert_eq!(caller("/KW?lang=ru", "souk_lang=ar", "en").lang(), Lang::Ru);
        assert_eq!(caller("/KW", "souk_lang=ar", "en").lang(), Lang::Ar);
        assert_eq!(caller("/KW", "", "fr, en;q=0.4, kk-KZ;q=0.8").lang(), Lang::Kk);
        assert_eq!(caller("/KW", "", "fr").lang(), Lang::En);
        assert_eq!(caller("/KW?lang=xx", "souk_lang=yy", ";q=,,;").lang(), Lang::En);
    }

    #[test]
    fn the_site_is_where_the_browser_asked_for_it() {
        let origin = |host: &str, proto: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            Caller::new(Address::new("/"), &headers).origin
        };

        assert_eq!(origin("souk.example", ""), "https://souk.example");
        assert_eq!(origin("127.0.0.1:8080", ""), "http://127.0.0.1:8080");
        assert_eq!(origin("localhost", "https"), "https://localhost");
        assert_eq!(origin("souk.example", "http"), "http://souk.example");
        assert_eq!(origin("evil\"><b>", ""), "");
        assert_eq!(Caller::new(Address::new("/"), &HeaderMap::new()).origin, "");
    }

    #[test]
    fn a_preferred_language_counts_only_where_it_is_spoken() {
        let caller = caller("/KW", "", "ru, en;q=0.5");

        assert_eq!(caller.lang_among(&[Lang::Ar, Lang::En], Lang::Ar), Lang::En);
        assert_eq!(caller.lang_among(&[Lang::Ar], Lang::Ar), Lang::Ar);
    }

    #[test]
    fn an_asked_language_is_remembered_and_left_out_of_further_links() {
        let caller = caller("/KW/search?q=rose&lang=ru", "", "");

        assert_eq!(caller.address.to_string(), "/KW/search?q=rose");
        let cookie = caller.remember[0].to_str().unwrap();
        assert!(cookie.starts_with("souk_lang=ru") && cookie.contains("Max-Age=31536000"));
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
}
