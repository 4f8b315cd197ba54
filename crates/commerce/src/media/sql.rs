//! SQL of the media slice.

use sqlx::PgConnection;
use sqlx::types::Json;

/// A row of `media` with its texts.
pub(super) struct PictureRow {
    pub(super) id: i64,
    pub(super) url: Option<String>,
    pub(super) hash: Option<String>,
    pub(super) width: Option<i32>,
    pub(super) height: Option<i32>,
    pub(super) position: i32,
    pub(super) alt: Json<Vec<(String, String)>>,
}

pub(super) async fn of_product(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<PictureRow>> {
    sqlx::query_as!(
        PictureRow,
        r#"select id, url, hash, width, height, position,
                  coalesce((select jsonb_agg(jsonb_build_array(lang, alt))
                            from media_translations where media_id = media.id), '[]')
                      as "alt!: Json<Vec<(String, String)>>"
           from media where product_id = $1 order by position, id"#,
        product_id
    )
    .fetch_all(connection)
    .await
}

/// Says that the product changes now, which also locks its row.
pub(super) async fn touch(connection: &mut PgConnection, product_id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "update products set updated_at = now() where id = $1 returning id",
        product_id
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

pub(super) async fn product_of(connection: &mut PgConnection, id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select product_id from media where id = $1", id)
        .fetch_one(connection)
        .await
}

/// A picture to be hung: files of the shop's own or an outside address.
#[derive(Default)]
pub(super) struct NewPicture<'a> {
    pub(super) url: Option<&'a str>,
    pub(super) hash: Option<&'a str>,
    pub(super) width: Option<i32>,
    pub(super) height: Option<i32>,
    pub(super) bytes: Option<i32>,
    pub(super) position: i32,
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    product_id: i64,
    picture: &NewPicture<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into media (product_id, url, hash, width, height, bytes, position)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
        product_id,
        picture.url,
        picture.hash,
        picture.width,
        picture.height,
        picture.bytes,
        picture.position
    )
    .fetch_one(connection)
    .await
}

/// Numbers these pictures in this order.
pub(super) async fn number(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "update media set position = given.place - 1
         from unnest($1::bigint[]) with ordinality as given (id, place)
         where media.id = given.id and media.position <> given.place - 1",
        ids
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_alt(
    connection: &mut PgConnection,
    id: i64,
    lang: &str,
    alt: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into media_translations (media_id, lang, alt) values ($1, $2, $3)
         on conflict (media_id, lang) do update set alt = excluded.alt",
        id,
        lang,
        alt
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_alt(
    connection: &mut PgConnection,
    id: i64,
    lang: &str,
) -> sqlx::Result<()> {
    sqlx::query!("delete from media_translations where media_id = $1 and lang = $2", id, lang)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from media where id = $1", id).execute(connection).await?;
    Ok(())
}
