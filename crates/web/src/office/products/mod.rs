//! `/office/products`: the catalogue as the people of the shop see and change it.

mod changes;
mod changes_of_lines;
mod changes_of_variants;
pub(crate) mod editor;
pub(crate) mod filled;
mod line;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod sheet;
pub(crate) mod step;
#[cfg(test)]
mod tests;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use souk_api::{AppState, Error};
use souk_base::{Lang, ProductId, Tables};
use souk_commerce::media::Stored;
use souk_commerce::writes::{self, Answer, Begun, IdempotencyKey, Write};
use souk_commerce::{Conflict, Error as ShopError, PgConnection, offers, products};

use self::changes::{of_new, of_product};
use self::editor::{EditorPage, Seen, shop_address};
use self::line::Current;
use self::step::{Change, Step, Stopped, said};
use super::desk::{Done, Link};
use super::fields::Problems;
use super::form::Form;
use super::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::{Desk as Words, desk};

/// The product that an address names.
pub(super) type Asked = Result<Path<String>, PathRejection>;

/// `GET /office/products/new`
pub(crate) async fn show_new(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let view = app.view().map_err(|error| refuse(&colleague.caller, error))?;
    let form = filled::fields(None, &view.tables);
    let problems = Problems::default();
    let seen = Seen {
        colleague: &colleague,
        tables: &view.tables,
        current: None,
        form: &form,
        problems: &problems,
    };
    Ok(page::for_caller(&colleague.caller, &EditorPage::new(&seen)))
}

/// `POST /office/products/new`
pub(crate) async fn create(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let view = app.view().map_err(|error| refuse(&colleague.caller, error))?;
    match create_product(&app, &colleague, &form, &view.tables).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Stopped::Error(error)) => Err(refuse(&colleague.caller, error)),
        Err(Stopped::Problems(problems)) => {
            let tables = &view.tables;
            let seen = Seen {
                colleague: &colleague,
                tables,
                current: None,
                form: &form,
                problems: &problems,
            };
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &EditorPage::new(&seen)))
        }
    }
}

/// Adds the product of a form; gives the address of its page.
async fn create_product(
    app: &AppState,
    colleague: &Colleague,
    form: &Form,
    tables: &Tables,
) -> Result<String, Stopped> {
    let speech = speech(colleague);
    let (new, steps) = of_new(form, tables, speech).map_err(Stopped::Problems)?;
    let pictures = store(app, form, speech.1).await?;
    let mut write = match begin(app, colleague, form).await? {
        Begun::New(write) => write,
        Begun::Before(answer) => return Ok(location(&answer)),
    };
    let created = products::create(&mut write, new).await;
    let id = created.map_err(|error| of_product_itself(error, speech.1))?;
    take(&mut write, id, steps.into_iter().chain(pictures), speech.1).await?;
    let address = format!("/office/products/{id}?done=created");
    let headers = vec![(LOCATION.to_string(), address.clone())];
    let answer = Answer { status: StatusCode::SEE_OTHER.as_u16(), headers, body: String::new() };
    write.commit(&app.db, &answer).await?;
    Ok(address)
}

/// Opens the write of a form that is sent once, however often its button is pressed. A form that was changed and
/// sent again, as the way back allows, is another one.
async fn begin(app: &AppState, colleague: &Colleague, form: &Form) -> Result<Begun, ShopError> {
    let (actor, scope) = (Some(colleague.staff.id), format!("staff:{}", colleague.staff.id));
    let key = form.get("key");
    if key.is_empty() || key.len() > writes::KEY_LENGTH_MAX {
        return writes::begin(&app.db, actor, None).await;
    }
    let key = IdempotencyKey::new(&scope, key, &form.parts());
    match writes::begin(&app.db, actor, Some(key)).await {
        Err(ShopError::KeyReused) => writes::begin(&app.db, actor, None).await,
        begun => begun,
    }
}

fn location(answer: &Answer) -> String {
    let header = answer.headers.iter().find(|(name, _)| name == LOCATION.as_str());
    header.map_or_else(|| "/office/products".to_owned(), |(_, value)| value.clone())
}

/// What is wrong with the product itself, beside the field that is to blame.
fn of_product_itself(error: ShopError, words: &Words) -> Stopped {
    let Some(text) = said(&error, words) else { return error.into() };
    let field = match error {
        ShopError::Conflict(Conflict::SkuTaken) => "sku.new",
        ShopError::Conflict(Conflict::ProductSlugTaken) => "slug",
        _ => "title_en",
    };
    Stopped::Problems(Problems::of(field, "", text))
}

/// Keeps the files of the uploaded pictures, so that steps can name them.
async fn store(app: &AppState, form: &Form, words: &Words) -> Result<Vec<Step>, Stopped> {
    let mut steps = Vec::new();
    for file in form.files("pictures") {
        let stored = app.media()?.put(file.content.clone()).await;
        let stored: Stored = stored.map_err(|error| match said(&error, words) {
            Some(text) => Stopped::Problems(Problems::of("pictures", &file.name, text)),
            None => Stopped::Error(error.into()),
        })?;
        let (field, place) = ("pictures".to_owned(), file.name.clone());
        steps.push(Step { field, place, change: Change::AddPicture(stored) });
    }
    Ok(steps)
}

async fn take(
    write: &mut Write,
    id: ProductId,
    steps: impl IntoIterator<Item = Step>,
    words: &Words,
) -> Result<(), Stopped> {
    for step in steps {
        step.take(write, id, words).await?;
    }
    Ok(())
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Error(error.into())
    }
}

/// `GET /office/products/{id}`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
    asked: Asked,
) -> Result<Response, Refusal> {
    let (tables, current) =
        read(&app, asked).await.map_err(|error| refuse(&colleague.caller, error))?;
    let form = filled::fields(Some(&current), &tables);
    let seen = Seen {
        colleague: &colleague,
        tables: &tables,
        current: Some(&current),
        form: &form,
        problems: &Problems::default(),
    };
    let page = EditorPage::new(&seen).with_done(done(&colleague, &current));
    Ok(page::for_caller(&colleague.caller, &page))
}

/// The small tables, and the product that an address names.
async fn read(app: &AppState, asked: Asked) -> Result<(std::sync::Arc<Tables>, Current), Error> {
    let tables = app.view()?.tables.clone();
    let mut connection = app.connection().await?;
    let current = current(&mut connection, product_id(asked)?).await?;
    Ok((tables, current))
}

fn product_id(asked: Asked) -> Result<ProductId, Error> {
    let Path(id) = asked.map_err(|_| Error::NotFound)?;
    id.parse().map_err(|_| Error::NotFound)
}

async fn current(connection: &mut PgConnection, id: ProductId) -> Result<Current, ShopError> {
    let product = products::get(connection, id).await?;
    let offers = offers::of_product(connection, id).await?;
    Ok(Current { product, offers })
}

/// What the address says has just been done.
fn done(colleague: &Colleague, current: &Current) -> Option<Done> {
    let words = desk(colleague.caller.lang());
    let shop = shop_address(current, Timestamp::now());
    let text = match (colleague.caller.address.get("done")?, &shop) {
        ("created", None) => words.created_hidden,
        ("created", Some(_)) => words.created,
        _ => words.saved,
    };
    let link = shop.map(|href| Link { href, label: words.in_shop.to_owned() });
    Some(Done { text: text.to_owned(), link })
}

/// `POST /office/products/{id}`
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    asked: Asked,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let id = product_id(asked).map_err(fail)?;
    let tables = app.view().map_err(fail)?.tables.clone();
    match save_product(&app, &colleague, id, &form, &tables).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Stopped::Error(error)) => Err(fail(error)),
        Err(Stopped::Problems(problems)) => {
            let mut connection = app.connection().await.map_err(fail)?;
            let current = current(&mut connection, id).await.map_err(|e| fail(e.into()))?;
            let seen = Seen {
                colleague: &colleague,
                tables: &tables,
                current: Some(&current),
                form: &form,
                problems: &problems,
            };
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &EditorPage::new(&seen)))
        }
    }
}

/// Takes the steps of a form, all or none; gives the address of the page that says so.
async fn save_product(
    app: &AppState,
    colleague: &Colleague,
    id: ProductId,
    form: &Form,
    tables: &Tables,
) -> Result<String, Stopped> {
    let speech = speech(colleague);
    let pictures = store(app, form, speech.1).await?;
    let mut write = match begin(app, colleague, form).await? {
        Begun::New(write) => write,
        Begun::Before(answer) => return Ok(location(&answer)),
    };
    // Locked first, so that what the form is compared with stays as it is.
    let product = products::lock(&mut write, id, None).await?;
    let offers = offers::of_product(&mut write, id).await?;
    let current = Current { product, offers };
    let pressed = pressed(form.get("act"), &current);
    let deleted = matches!(pressed, Some(Step { change: Change::Delete, .. }));
    let mut steps = Vec::new();
    if !deleted {
        steps = of_product(form, &current, tables, speech).map_err(Stopped::Problems)?;
        steps.extend(pictures);
    }
    take(&mut write, id, steps.into_iter().chain(pressed), speech.1).await?;
    let address = if deleted {
        "/office/products?done=deleted".to_owned()
    } else {
        format!("/office/products/{id}?done=saved")
    };
    let headers = vec![(LOCATION.to_string(), address.clone())];
    let answer = Answer { status: StatusCode::SEE_OTHER.as_u16(), headers, body: String::new() };
    write.commit(&app.db, &answer).await?;
    Ok(address)
}

/// What a button asks for besides saving.
fn pressed(act: &str, current: &Current) -> Option<Step> {
    let (verb, subject) = act.split_once(':').unwrap_or((act, ""));
    let field = match verb {
        "variant-remove" => format!("variant.{subject}"),
        "delete" => "delete".to_owned(),
        _ => "pictures".to_owned(),
    };
    let change = match verb {
        "delete" => Change::Delete,
        "variant-remove" => Change::RemoveVariant(subject.parse().ok()?),
        "dated-remove" => {
            let (offer, dated) = subject.split_once(':')?;
            Change::RemoveDatedPrice(offer.parse().ok()?, dated.parse().ok()?)
        }
        "picture-remove" => Change::RemovePicture(subject.parse().ok()?),
        "picture-earlier" => moved(subject, current, -1)?,
        "picture-later" => moved(subject, current, 1)?,
        _ => return None,
    };
    Some(Step { field, place: String::new(), change })
}

/// The order of the pictures with one of them moved by one place.
fn moved(picture: &str, current: &Current, by: isize) -> Option<Change> {
    let mut order: Vec<_> = current.product.media.iter().map(|picture| picture.id).collect();
    let id = picture.parse().ok()?;
    let from = order.iter().position(|known| *known == id)?;
    let to = from.checked_add_signed(by).filter(|to| *to < order.len())?;
    order.swap(from, to);
    Some(Change::OrderPictures(order))
}

fn speech(colleague: &Colleague) -> (Lang, &'static Words) {
    let lang = colleague.caller.lang();
    (lang, desk(lang))
}
