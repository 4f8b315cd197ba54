//! `/{market}/account/favourites`: products to find again, as far as this market has them.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use souk_api::pipeline::products::{self, ProductAnswer, ProductRequest};
use souk_api::{AppState, Code, Error};
use souk_base::ProductId;
use souk_commerce::customers;

use super::{Member, Rail, lead, open};
use crate::format::Price;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::account::{Account, account};
use crate::visit::Visit;

/// Favourites that are shown; older ones are kept.
const SHOWN: usize = 60;

#[derive(Template)]
#[template(path = "account/favourites.html")]
pub(crate) struct FavouritesPage {
    frame: Frame,
    rail: Rail,
    words: &'static Account,
    action: String,
    products: Vec<Kept>,
}

/// A favourite as a card.
pub(crate) struct Kept {
    product: String,
    href: String,
    image: String,
    title: String,
    price: Option<Price>,
    in_stock: bool,
    stock: String,
}

/// A product, and whether it is added or taken out.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    product: String,
    #[serde(default)]
    go: String,
}

impl Kept {
    fn of(visit: &Visit, product: ProductAnswer) -> Kept {
        let offers = || product.variants.iter().flat_map(|variant| &variant.offers);
        let in_stock = offers().any(|offer| offer.in_stock);
        let cheapest = offers().map(|offer| offer.price).min_by_key(|price| price.minor);
        Kept {
            href: visit.path(&format!("/p/{}", product.slug)),
            image: product.images.first().cloned().unwrap_or_default(),
            price: cheapest.map(|price| visit.numbers().money(price)),
            in_stock,
            stock: visit.stock_words(in_stock),
            product: product.product_id.to_string(),
            title: product.title,
        }
    }
}

/// `GET /{market}/account/favourites`
pub(crate) async fn show(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
) -> Result<Response, Refusal> {
    let page = read(&app, &visit, &member).await.map_err(|error| Refusal::of(&visit, error))?;
    Ok(page::for_caller(&visit.caller, &page))
}

async fn read(app: &AppState, visit: &Visit, member: &Member) -> Result<FavouritesPage, Error> {
    let favourites = {
        let mut connection = app.connection().await?;
        customers::favourites(&mut connection, member.customer.id).await?
    };
    let &Visit { market, lang, city, date, now, .. } = visit;
    let mut products = Vec::new();
    for favourite in favourites.into_iter().take(SHOWN) {
        let id = favourite.product_id;
        let request = ProductRequest { market, id, lang: Some(lang), city, date, now };
        match products::run(app, &request).await {
            Ok(product) => products.push(Kept::of(visit, product)),
            // Another market has it, or nobody any more.
            Err(error) if error.code() == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let words = account(visit.lang);
    Ok(FavouritesPage {
        frame: Frame::of(visit, words.favourites),
        rail: Rail::of(visit, &member.customer, "/favourites"),
        words,
        action: visit.path("/account/favourites"),
        products,
    })
}

/// `POST /{market}/account/favourites`
pub(crate) async fn save(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    let typed = form.map(|Form(typed)| typed).unwrap_or_default();
    let done = change(&app, &member, &typed).await;
    done.map_err(|error| Refusal::of(&visit, error))?;
    Ok(lead(&[], &visit.path("/account/favourites")))
}

async fn change(app: &AppState, member: &Member, typed: &Typed) -> Result<(), Error> {
    let product: ProductId = typed.product.parse().map_err(|_| Error::NotFound)?;
    let customer = member.customer.id;
    let mut write = open(app).await?;
    if typed.go == "remove" {
        customers::remove_favourite(&mut write, customer, product).await?;
    } else {
        customers::add_favourite(&mut write, customer, product, Timestamp::now()).await?;
    }
    Ok(write.finish().await?)
}
