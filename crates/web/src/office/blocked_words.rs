//! `/office/blocked-words`: what is never suggested, with a field to block a word and a button to let one go.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use souk_api::{AppState, Error, Permission};
use souk_commerce::{Error as ShopError, searches};

use super::desk::{self, Desk, Done};
use super::fields::{Input, Problems};
use super::form::Form;
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::tuning::{Tuning, tuning};

#[derive(Template)]
#[template(path = "office/blocked_words.html")]
struct BlockedWordsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Tuning,
    may_write: bool,
    word: Input,
    blocked: Vec<String>,
}

/// `GET /office/blocked-words`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague, &Form::default(), &Problems::default()).await;
    let page = page.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

/// `POST /office/blocked-words`: blocks `word`, or lets `free` be suggested again.
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    match take(&app, &colleague, &form).await {
        Ok(done) => Ok(Redirect::to(&format!("/office/blocked-words?done={done}")).into_response()),
        Err(Error::Commerce(ShopError::Invalid { .. })) => {
            let words = tuning(colleague.caller.lang());
            let problems = Problems::of("word", "", words.bad_blocked);
            let page = read(&app, &colleague, &form, &problems).await.map_err(fail)?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(fail(error)),
    }
}

/// Takes the form in; gives what was done.
async fn take(app: &AppState, colleague: &Colleague, form: &Form) -> Result<&'static str, Error> {
    let mut write = open(app, colleague).await?;
    let done = if form.has("free") {
        match searches::unblock(&mut write, form.get("free")).await {
            // Somebody else was quicker.
            Ok(()) | Err(ShopError::NotFound) => "freed",
            Err(error) => return Err(error.into()),
        }
    } else {
        searches::block(&mut write, form.get("word")).await?;
        "blocked"
    };
    commit(app, write).await?;
    Ok(done)
}

async fn read(
    app: &AppState,
    colleague: &Colleague,
    form: &Form,
    problems: &Problems,
) -> Result<BlockedWordsPage, Error> {
    let mut connection = app.connection().await?;
    let blocked = searches::blocked(&mut connection).await?;
    Ok(BlockedWordsPage::new(colleague, blocked, form, problems))
}

impl BlockedWordsPage {
    fn new(
        colleague: &Colleague,
        blocked: Vec<String>,
        form: &Form,
        problems: &Problems,
    ) -> BlockedWordsPage {
        let words = tuning(colleague.caller.lang());
        let done = colleague.caller.address.get("done").and_then(|done| match done {
            "blocked" => Some(words.blocked_done),
            "freed" => Some(words.unblocked_done),
            _ => None,
        });
        let done = done.map(|text| Done { text: text.to_owned(), link: None });
        BlockedWordsPage {
            frame: desk::frame(colleague, words.blocked),
            desk: Desk::new(colleague, "/office/blocked-words").with_done(done),
            words,
            may_write: desk::may(&colleague.staff, Permission::CatalogWrite),
            word: Input::new("word", form, problems),
            blocked,
        }
    }
}

#[cfg(test)]
mod tests {
    use souk_base::{Lang, StaffId};
    use souk_commerce::staff::{Role, Staff};

    use super::*;
    use crate::sample;

    #[test]
    fn words_are_listed_in_every_language_and_only_who_may_has_the_buttons() {
        for lang in Lang::ALL {
            for role in [Role::Merchandiser, Role::Buyer] {
                let staff = Staff {
                    id: StaffId::new(1),
                    email: "a@b.c".to_owned(),
                    name: "Aisha".to_owned(),
                    roles: vec![role],
                };
                let caller = sample::caller("/office/blocked-words?done=blocked", lang);
                let colleague = Colleague { staff, caller };
                let (none, words) = (Problems::default(), tuning(lang));
                let blocked = vec!["<b>".to_owned()];

                let page = BlockedWordsPage::new(&colleague, blocked, &Form::default(), &none);
                let html = page.render().unwrap();

                assert!(html.contains(words.blocked_done) && !html.contains("<b>"), "{lang}");
                assert_eq!(html.contains("name=\"free\""), role == Role::Merchandiser);
                assert_eq!(html.contains("name=\"word\""), role == Role::Merchandiser);
            }
        }
    }
}
