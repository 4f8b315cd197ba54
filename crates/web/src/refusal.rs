//! Errors as pages: the same look, the words of the shop, the status that the API would answer.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use souk_api::{Code, Error};
use souk_base::Lang;

use crate::address::Address;
use crate::frame::Frame;
use crate::page;
use crate::text::{Text, texts};
use crate::visit::Visit;

/// A request that is not answered as asked, with the page that says so.
pub(crate) struct Refusal {
    code: Code,
    /// What the log shall know.
    cause: Option<Error>,
    page: Box<RefusalPage>,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    frame: Frame,
    title: &'static str,
    lead: &'static str,
    home: String,
    /// Where to try again, when that can help.
    again: Option<String>,
}

impl Refusal {
    /// A refusal outside of any market.
    pub(crate) fn plain(lang: Lang, address: &Address, error: Error) -> Refusal {
        let frame = |title: &str| Frame::plain(lang, title, address);
        Refusal::new(lang, address, error.code(), "/".to_owned(), frame).because(error)
    }

    /// A refusal within a market, whose search field stays at hand.
    pub(crate) fn of(visit: &Visit, error: Error) -> Refusal {
        let frame = |title: &str| Frame::of(visit, title);
        let address = &visit.caller.address;
        Refusal::new(visit.lang, address, error.code(), visit.path(""), frame).because(error)
    }

    /// The refusal of a form that another site posted.
    pub(crate) fn foreign_form(lang: Lang, address: &Address) -> Refusal {
        let frame = |title: &str| Frame::plain(lang, title, address);
        Refusal::new(lang, address, Code::Forbidden, "/".to_owned(), frame)
    }

    fn new(
        lang: Lang,
        address: &Address,
        code: Code,
        home: String,
        frame: impl FnOnce(&str) -> Frame,
    ) -> Refusal {
        let (title, lead, again) = words(texts(lang), code);
        let again = again.then(|| address.to_string());
        let page = RefusalPage { frame: frame(title), title, lead, home, again };
        Refusal { code, cause: None, page: Box::new(page) }
    }

    fn because(self, cause: Error) -> Refusal {
        Refusal { cause: Some(cause), ..self }
    }
}

/// Title, explanation, and whether trying again can help.
fn words(text: &'static Text, code: Code) -> (&'static str, &'static str, bool) {
    match code {
        Code::NotReady => (text.not_ready, text.not_ready_lead, true),
        Code::Overloaded | Code::TimedOut | Code::SearchUnavailable => {
            (text.busy, text.busy_lead, true)
        }
        Code::Internal => (text.broken, text.broken_lead, true),
        Code::NotFound | Code::UnknownCategory | Code::UnknownCity => {
            (text.not_found, text.not_found_lead, false)
        }
        Code::TooManyRequests => (text.too_many, text.too_many_lead, true),
        Code::Forbidden => (text.forbidden, text.forbidden_lead, false),
        _ => (text.bad_request, text.bad_request_lead, false),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // To a shopper a category that is not there is a page that is not there.
        let status = match self.code {
            Code::UnknownCategory | Code::UnknownCity => StatusCode::NOT_FOUND,
            code => code.status(),
        };
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = ?self.cause, "page failed");
        }
        let mut response = page::html(status, self.page.as_ref());
        if let Some(seconds) = self.cause.as_ref().and_then(Error::retry_after) {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn html(refusal: &Refusal) -> String {
        refusal.page.render().unwrap()
    }

    #[test]
    fn every_error_has_a_page_in_every_language() {
        let errors =
            || [Error::NotFound, Error::NotReady, Error::Overloaded, Error::MethodNotAllowed];
        for lang in Lang::ALL {
            for error in errors() {
                let status = error.status();
                let refusal = Refusal::plain(lang, &Address::new("/KW/p/<rose>"), error);
                let html = html(&refusal);

                assert!(html.contains(&format!("lang=\"{lang}\"")));
                assert!(!html.contains("<rose>"), "the address must be escaped");
                assert_eq!(refusal.into_response().status(), status);
            }
        }
    }

    #[test]
    fn a_refusal_within_a_market_leads_home_and_keeps_the_search_field() {
        let visit = sample::visit("/KW/p/gone", Lang::En);

        let html = html(&Refusal::of(&visit, Error::NotFound));

        assert!(html.contains("href=\"/KW\"") && html.contains("action=\"/KW/search\""));
    }

    #[test]
    fn a_form_of_another_site_is_refused_in_words() {
        for lang in Lang::ALL {
            let refusal = Refusal::foreign_form(lang, &Address::new("/office/login"));

            assert!(html(&refusal).contains(texts(lang).forbidden_lead));
            assert_eq!(refusal.into_response().status(), StatusCode::FORBIDDEN);
        }
    }

    #[test]
    fn what_went_wrong_inside_is_not_told() {
        let error = Error::Internal("password=hunter2".to_owned());
        let refusal = Refusal::plain(Lang::En, &Address::new("/"), error);

        assert!(!html(&refusal).contains("hunter2"));
    }
}
