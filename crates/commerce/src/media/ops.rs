//! Hanging pictures on products.

use serde_json::json;
use souk_base::{Lang, MediaId, ProductId};
use sqlx::PgConnection;

use super::sql::NewPicture;
use super::{Picture, Stored, sql};
use crate::markets::translated;
use crate::writes::Write;
use crate::{Conflict, Error, Result};

/// Most pictures of a product.
const PICTURES_MAX: usize = 30;
/// Longest outside address, in characters.
const URL_LENGTH_MAX: usize = 2_000;

/// The photographs of a product in order.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn of_product(connection: &mut PgConnection, id: ProductId) -> Result<Vec<Picture>> {
    let rows = sql::of_product(connection, id.get()).await?;
    rows.into_iter().map(Picture::try_from).collect()
}

impl TryFrom<sql::PictureRow> for Picture {
    type Error = Error;

    fn try_from(row: sql::PictureRow) -> Result<Picture> {
        Ok(Picture {
            id: row.id.into(),
            url: row.url,
            hash: row.hash,
            width: row.width,
            height: row.height,
            position: row.position,
            alt: translated(Some(row.alt.0))?,
        })
    }
}

/// Hangs a stored picture behind the product's others; one that hangs there already stays where it is.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when the product has too many.
pub async fn attach(write: &mut Write, product_id: ProductId, stored: &Stored) -> Result<Picture> {
    let new = NewPicture {
        hash: Some(&stored.hash),
        width: Some(stored.width),
        height: Some(stored.height),
        bytes: Some(stored.bytes),
        ..NewPicture::default()
    };
    hang(write, product_id, new).await
}

/// Hangs a picture at an outside address behind the product's others.
///
/// # Errors
/// As [`attach`]; [`Error::Invalid`] for what is no `http` or `https` address.
pub async fn attach_address(
    write: &mut Write,
    product_id: ProductId,
    url: &str,
) -> Result<Picture> {
    let url = url.trim();
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = !url.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if !is_web || !is_clean || url.chars().count() > URL_LENGTH_MAX {
        return Err(Error::invalid("url", "must be an http or https address"));
    }
    hang(write, product_id, NewPicture { url: Some(url), ..NewPicture::default() }).await
}

async fn hang(
    write: &mut Write,
    product_id: ProductId,
    mut new: NewPicture<'_>,
) -> Result<Picture> {
    sql::touch(write, product_id.get()).await?;
    let there = of_product(write, product_id).await?;
    let same = |picture: &&Picture| {
        picture.hash.as_deref() == new.hash && picture.url.as_deref() == new.url
    };
    if let Some(picture) = there.iter().find(same) {
        return Ok(picture.clone());
    }
    if there.len() >= PICTURES_MAX {
        return Err(Conflict::TooManyPictures.into());
    }
    new.position = there.last().map_or(0, |last| last.position.saturating_add(1));
    let id = MediaId::new(sql::insert(write, product_id.get(), &new).await?);
    let detail = json!({"media_id": id, "hash": new.hash, "url": new.url});
    write.note("media.attach", &product_id.to_string(), detail).await?;
    let there = of_product(write, product_id).await?;
    there.into_iter().find(|picture| picture.id == id).ok_or(Error::NotFound)
}

/// Puts the product's pictures in this order; those that are not named follow in theirs.
///
/// # Errors
/// [`Error::NotFound`] when the product does not exist or one of them is not its picture.
pub async fn reorder(write: &mut Write, product_id: ProductId, order: &[MediaId]) -> Result<()> {
    sql::touch(write, product_id.get()).await?;
    let there: Vec<MediaId> =
        of_product(write, product_id).await?.iter().map(|picture| picture.id).collect();
    if order.iter().any(|id| !there.contains(id)) {
        return Err(Error::NotFound);
    }
    let mut ids: Vec<i64> = Vec::new();
    for id in order.iter().chain(&there) {
        if !ids.contains(&id.get()) {
            ids.push(id.get());
        }
    }
    sql::number(write, &ids).await?;
    write.note("media.reorder", &product_id.to_string(), json!({"order": ids})).await
}

/// Moves a picture to a place among its product's, from 0; gives that product.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn place(write: &mut Write, id: MediaId, position: usize) -> Result<ProductId> {
    let product_id = ProductId::new(sql::product_of(write, id.get()).await?);
    sql::touch(write, product_id.get()).await?;
    let mut order: Vec<MediaId> =
        of_product(write, product_id).await?.iter().map(|picture| picture.id).collect();
    order.retain(|other| *other != id);
    order.insert(position.min(order.len()), id);
    reorder(write, product_id, &order).await?;
    Ok(product_id)
}

/// Says in one language what a picture shows; none removes the text. Gives its product.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when the text is too long.
pub async fn put_alt(
    write: &mut Write,
    id: MediaId,
    lang: Lang,
    alt: Option<&str>,
) -> Result<ProductId> {
    let product_id = ProductId::new(sql::product_of(write, id.get()).await?);
    sql::touch(write, product_id.get()).await?;
    match alt {
        Some(alt) => sql::set_alt(write, id.get(), lang.code(), alt.trim()).await?,
        None => sql::delete_alt(write, id.get(), lang.code()).await?,
    }
    let detail = json!({"media_id": id, "lang": lang, "alt": alt});
    write.note("media.put_alt", &product_id.to_string(), detail).await?;
    Ok(product_id)
}

/// Takes a picture off its product; gives that product. The files stay, since another product may show them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(write: &mut Write, id: MediaId) -> Result<ProductId> {
    let product_id = ProductId::new(sql::product_of(write, id.get()).await?);
    sql::touch(write, product_id.get()).await?;
    sql::delete(write, id.get()).await?;
    write.note("media.remove", &product_id.to_string(), json!({"media_id": id})).await?;
    Ok(product_id)
}
