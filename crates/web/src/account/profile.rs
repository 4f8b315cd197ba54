//! `/{market}/account/profile`: name, language, how somebody is reached, password.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use souk_api::{AppState, Error};
use souk_base::Lang;
use souk_commerce::customers::{self, Caller, Contact, Profile};
use souk_commerce::{Conflict, Error as Shop, orders};

use super::login::Network;
use super::{Member, Rail, open};
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::account::{Account, account};
use crate::text::fill;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "account/profile.html")]
pub(crate) struct ProfilePage {
    frame: Frame,
    rail: Rail,
    words: &'static Account,
    action: String,
    name: String,
    languages: Vec<(Lang, bool)>,
    email: Option<String>,
    phone: Option<String>,
    has_password: bool,
    /// A new address or number that a code was sent to, and the words that say so.
    proving: Option<(String, String)>,
    done: bool,
    wrong: Option<String>,
}

/// What the forms send; which of them is `go`.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    go: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// What became of a form.
enum Outcome {
    Saved,
    Proving(String),
    Wrong(String),
    WrongCode(String, String),
}

impl ProfilePage {
    fn new(visit: &Visit, member: &Member) -> ProfilePage {
        let (words, customer) = (account(visit.lang), &member.customer);
        ProfilePage {
            frame: Frame::of(visit, words.profile),
            rail: Rail::of(visit, customer, "/profile"),
            words,
            action: visit.path("/account/profile"),
            name: customer.name.clone(),
            languages: Lang::ALL.into_iter().map(|lang| (lang, lang == customer.lang)).collect(),
            email: customer.email.as_ref().map(ToString::to_string),
            phone: customer.phone.as_ref().map(ToString::to_string),
            has_password: customer.has_password,
            proving: None,
            done: false,
            wrong: None,
        }
    }

    fn after(self, outcome: Outcome) -> ProfilePage {
        let proving = |contact: String| {
            let words = fill(self.words.code_sent, "contact", &contact);
            Some((contact, words))
        };
        match outcome {
            Outcome::Saved => ProfilePage { done: true, ..self },
            Outcome::Proving(contact) => ProfilePage { proving: proving(contact), ..self },
            Outcome::Wrong(why) => ProfilePage { wrong: Some(why), ..self },
            Outcome::WrongCode(contact, why) => {
                ProfilePage { proving: proving(contact), wrong: Some(why), ..self }
            }
        }
    }
}

/// `GET /{market}/account/profile`
pub(crate) async fn show(visit: Visit, member: Member) -> Response {
    page::for_caller(&visit.caller, &ProfilePage::new(&visit, &member))
}

/// `POST /{market}/account/profile`
pub(crate) async fn save(
    State(app): State<AppState>,
    visit: Visit,
    network: Network,
    member: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    let typed = form.map(|Form(typed)| typed).unwrap_or_default();
    let done = match typed.go.as_str() {
        "contact" => ask(&app, &visit, &typed.contact, network).await,
        "code" => prove(&app, &visit, &member, &typed).await,
        "password" => set_password(&app, &member, typed).await,
        _ => say(&app, &visit, &member, &typed).await,
    };
    let outcome = done.or_else(|error| said(&visit, error));
    let outcome = outcome.map_err(|error| Refusal::of(&visit, error))?;
    let status = match outcome {
        Outcome::Saved | Outcome::Proving(_) => StatusCode::OK,
        Outcome::Wrong(_) | Outcome::WrongCode(..) => StatusCode::BAD_REQUEST,
    };
    let now = customers::by_token(&app.db, &member.token, Timestamp::now()).await;
    let now = now.map_err(|error| Refusal::of(&visit, error.into()))?;
    let member = Member { customer: now.unwrap_or(member.customer), ..member };
    Ok(page::html(status, &ProfilePage::new(&visit, &member).after(outcome)))
}

/// What somebody can do something about, in words.
fn said(visit: &Visit, error: Error) -> Result<Outcome, Error> {
    let words = account(visit.lang);
    let why = match &error {
        Error::Commerce(
            Shop::TooManyAttempts { retry_after_s } | Shop::TooManyCodes { retry_after_s },
        ) => fill(words.wait, "n", &visit.numbers().whole(*retry_after_s)),
        Error::Commerce(Shop::Conflict(
            Conflict::CustomerEmailTaken | Conflict::CustomerPhoneTaken,
        )) => words.taken.to_owned(),
        Error::Commerce(
            Shop::WrongProof | Shop::PasswordTooShort(_) | Shop::PasswordUnusable(_),
        ) => words.bad_password.to_owned(),
        Error::Commerce(Shop::Invalid { .. }) => fill(words.bad_entry, "why", words.name),
        _ => return Err(error),
    };
    Ok(Outcome::Wrong(why))
}

async fn say(
    app: &AppState,
    visit: &Visit,
    member: &Member,
    typed: &Typed,
) -> Result<Outcome, Error> {
    let lang = typed.lang.parse().unwrap_or(visit.lang);
    let profile = Profile { name: typed.name.clone(), lang };
    let mut write = open(app).await?;
    customers::change_profile(&mut write, member.customer.id, &profile).await?;
    write.finish().await?;
    Ok(Outcome::Saved)
}

async fn ask(
    app: &AppState,
    visit: &Visit,
    contact: &str,
    network: Network,
) -> Result<Outcome, Error> {
    let Ok(contact) = contact.parse::<Contact>() else {
        return Ok(Outcome::Wrong(account(visit.lang).bad_contact.to_owned()));
    };
    let shown = contact.as_str().to_owned();
    let caller = Caller { contact, lang: visit.lang, network: network.0 };
    customers::request_code(&app.db, &app.door, &caller, Timestamp::now()).await?;
    Ok(Outcome::Proving(shown))
}

async fn prove(
    app: &AppState,
    visit: &Visit,
    member: &Member,
    typed: &Typed,
) -> Result<Outcome, Error> {
    let words = account(visit.lang);
    let Ok(contact) = typed.contact.parse::<Contact>() else {
        return Ok(Outcome::Wrong(words.bad_contact.to_owned()));
    };
    let (id, now) = (member.customer.id, Timestamp::now());
    match customers::change_contact(&app.db, &app.door, id, &contact, &typed.code, now).await {
        Ok(()) => {}
        Err(Shop::WrongProof) => {
            return Ok(Outcome::WrongCode(typed.contact.clone(), words.wrong.to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(customer) = customers::by_token(&app.db, &member.token, now).await? {
        orders::claim(&mut *app.connection().await?, &customer).await?;
    }
    Ok(Outcome::Saved)
}

async fn set_password(app: &AppState, member: &Member, typed: Typed) -> Result<Outcome, Error> {
    let Member { customer, token } = member;
    let (current, now) = (Some(typed.current.as_str()), Timestamp::now());
    customers::set_password(&app.db, customer, token, current, typed.password, now).await?;
    Ok(Outcome::Saved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn noor() -> Member {
        let customer = customers::Customer {
            id: 1.into(),
            email: "noor@example.com".parse().ok(),
            phone: None,
            name: "Noor\"><i>".to_owned(),
            lang: Lang::Kk,
            has_password: true,
        };
        Member { customer, token: "token".to_owned() }
    }

    #[test]
    fn the_page_renders_in_every_language_and_asks_for_the_code_that_was_sent() {
        for lang in Lang::ALL {
            let visit = sample::visit("/KW/account/profile", lang);
            let words = account(lang);
            let page = || ProfilePage::new(&visit, &noor());

            let plain = page().render().unwrap();
            let proving = page().after(Outcome::Proving("+96522222222".to_owned()));
            let proving = proving.render().unwrap();
            let saved = page().after(Outcome::Saved).render().unwrap();

            assert!(plain.contains("noor@example.com") && plain.contains(words.none_yet));
            assert!(plain.contains("<option value=\"kk\" lang=\"kk\" selected>"), "{plain}");
            assert!(!plain.contains("<i>") && !plain.contains("one-time-code"));
            assert!(proving.contains("one-time-code") && proving.contains("+96522222222"));
            assert!(saved.contains("role=\"status\"") && saved.contains(words.saved));
        }
    }
}
