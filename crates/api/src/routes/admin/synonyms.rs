//! `/v1/admin/synonyms`: words that are searched along with others.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{Lang, MarketCode, Synonym, SynonymId, SynonymKind};
use souk_commerce::synonyms::{self, Filter, NewSynonym};
use souk_commerce::writes::{Write, etag};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{given, or_null};
use super::preview::PreviewSearch;
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::{self, Path, Query};
use crate::params::Reader;
use crate::pipeline::preview::{self, Draft, Preview};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, gone, shown, tagged};

/// Synonyms of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most synonyms of one answer.
const LIMIT_MAX: usize = 100;
/// Longest text that is looked for, in characters.
const TEXT_LENGTH_MAX: usize = 512;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::SearchRead, Permission::SearchWrite);
    vec![
        route(Policy::Staff(read), routes!(get_synonyms)),
        route(Policy::Staff(write), routes!(post_synonym)),
        route(Policy::Staff(read), routes!(get_synonym)),
        route(Policy::Staff(write), routes!(patch_synonym, delete_synonym)),
        route(Policy::Staff(read), routes!(post_synonym_preview)).without_key(),
    ]
}

/// Which synonyms, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SynonymsParams {
    /// A part of one of the words.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Code of a market; those for all of them count.
    market: Option<String>,
    /// A language; those for all of them count: ar, en, ru or kk.
    lang: Option<String>,
    /// Synonyms of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The parameters, read.
struct SynonymsRequest {
    filter: Filter,
    limit: usize,
    cursor: Option<String>,
}

impl SynonymsParams {
    fn request(self) -> Result<SynonymsRequest> {
        let mut read = Reader::default();
        let filter = Filter {
            text: self.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()),
            market: read.optional("market", self.market.as_deref()),
            lang: read.optional("lang", self.lang.as_deref()),
        };
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        read.length("q", filter.text.as_deref(), TEXT_LENGTH_MAX);
        read.finish()?;
        let cursor = self.cursor.filter(|cursor| !cursor.is_empty());
        Ok(SynonymsRequest { filter, limit: limit.unwrap_or(LIMIT_DEFAULT), cursor })
    }
}

/// A synonym.
#[derive(Debug, Serialize, ToSchema)]
struct AdminSynonym {
    /// Key of the synonym.
    #[schema(value_type = String)]
    id: SynonymId,
    /// The market it is for; null for all.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// The language it is for; null for all.
    #[schema(value_type = Option<String>, example = "en")]
    lang: Option<Lang>,
    /// `one_way`: the first means the others, too; `two_way`: each means every other.
    #[schema(value_type = String, example = "two_way")]
    kind: SynonymKind,
    /// One or more words each.
    #[schema(example = json!(["bunch", "bouquet of flowers"]))]
    words: Vec<String>,
}

impl From<Synonym> for AdminSynonym {
    fn from(synonym: Synonym) -> Self {
        let Synonym { id, market, lang, kind, words } = synonym;
        AdminSynonym { id, market, lang, kind, words }
    }
}

/// A synonym to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSynonymBody {
    /// The market it is for; all when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// The language it is for; all when not given.
    #[schema(value_type = Option<String>, example = "en")]
    lang: Option<Lang>,
    /// `one_way`: the first means the others, too; `two_way`: each means every other.
    #[schema(value_type = String, example = "two_way")]
    kind: SynonymKind,
    /// From 2 to 50, of one or more words each.
    #[schema(example = json!(["bunch", "bouquet of flowers"]))]
    words: Vec<String>,
}

impl From<NewSynonymBody> for NewSynonym {
    fn from(body: NewSynonymBody) -> Self {
        let NewSynonymBody { market, lang, kind, words } = body;
        NewSynonym { market, lang, kind, words }
    }
}

/// What is to change of a synonym; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct SynonymPatch {
    /// The market it is for; null for all.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    market: Option<Option<MarketCode>>,
    /// The language it is for; null for all.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    lang: Option<Option<Lang>>,
    /// `one_way` or `two_way`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    kind: Option<SynonymKind>,
    /// All of its words.
    #[serde(default, deserialize_with = "given")]
    words: Option<Vec<String>>,
}

impl SynonymPatch {
    /// The synonym as it is to be.
    fn onto(self, synonym: Synonym) -> NewSynonym {
        NewSynonym {
            market: self.market.unwrap_or(synonym.market),
            lang: self.lang.unwrap_or(synonym.lang),
            kind: self.kind.unwrap_or(synonym.kind),
            words: self.words.unwrap_or(synonym.words),
        }
    }
}

/// Synonyms, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/synonyms",
    tag = "search",
    params(SynonymsParams),
    responses((status = 200, description = "Synonyms", body = Listed<AdminSynonym>))
)]
async fn get_synonyms(
    State(app): State<AppState>,
    Query(params): Query<SynonymsParams>,
) -> Result<Json<Listed<AdminSynonym>>> {
    let SynonymsRequest { filter, limit, cursor } = params.request()?;
    // What the cursor is bound to.
    let list = ("synonyms", &filter);
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let mut found = synonyms::find(&mut connection, &filter, below, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|synonym| cursor::write(&app.keys, &list, &synonym.id));
    Ok(Json(Listed { items: found.into_iter().map(AdminSynonym::from).collect(), next }))
}

/// Add a synonym. Search follows it within a second.
#[utoipa::path(
    post,
    path = "/v1/admin/synonyms",
    tag = "search",
    request_body = NewSynonymBody,
    responses((status = 201, description = "The synonym", body = AdminSynonym))
)]
async fn post_synonym(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewSynonymBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let id = synonyms::create(write, &body.into()).await?;
        let synonym = synonyms::get(write, id).await?;
        let tag = etag(&synonym);
        let location = format!("/v1/admin/synonyms/{id}");
        Ok(tagged(created(Some(location), &AdminSynonym::from(synonym)), tag))
    })
    .await
}

/// A synonym.
#[utoipa::path(
    get,
    path = "/v1/admin/synonyms/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the synonym")),
    responses((status = 200, description = "The synonym; its ETag names this version", body = AdminSynonym))
)]
async fn get_synonym(
    State(app): State<AppState>,
    Path(id): Path<SynonymId>,
) -> Result<Tagged<AdminSynonym>> {
    let mut connection = app.connection().await?;
    let synonym = synonyms::get(&mut connection, id).await?;
    let tag = etag(&synonym);
    Ok(Tagged { tag, body: synonym.into() })
}

/// Change a synonym. Needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/synonyms/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the synonym")),
    request_body = SynonymPatch,
    responses((status = 200, description = "The synonym", body = AdminSynonym))
)]
async fn patch_synonym(
    State(app): State<AppState>,
    Path(id): Path<SynonymId>,
    Change { asked, body }: Change<SynonymPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let before = synonyms::lock(write, id, Some(&version)).await?;
        synonyms::update(write, id, &body.onto(before)).await?;
        let synonym = synonyms::get(write, id).await?;
        let tag = etag(&synonym);
        Ok(tagged(shown(&AdminSynonym::from(synonym)), tag))
    })
    .await
}

/// Remove a synonym. Needs `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/synonyms/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the synonym")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_synonym(
    State(app): State<AppState>,
    Path(id): Path<SynonymId>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        synonyms::lock(write, id, Some(&version)).await?;
        synonyms::remove(write, id).await?;
        Ok(gone())
    })
    .await
}

/// A synonym and a search to try it out on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SynonymPreviewBody {
    /// As it would be saved.
    synonym: NewSynonymBody,
    /// Key of the saved synonym in whose place it comes; that one is left out before and after.
    #[schema(value_type = Option<String>)]
    replaces: Option<SynonymId>,
    /// The search.
    search: PreviewSearch,
}

/// A search before and after. Saves nothing.
#[utoipa::path(
    post,
    path = "/v1/admin/synonyms/preview",
    tag = "search",
    request_body = SynonymPreviewBody,
    responses((status = 200, description = "Both answers", body = Preview))
)]
async fn post_synonym_preview(
    State(app): State<AppState>,
    extract::Json(body): extract::Json<SynonymPreviewBody>,
) -> Result<Json<Preview>> {
    let draft = Draft::Synonym { replaces: body.replaces, synonym: body.synonym.into() };
    preview::examine(&app, &draft).await?;
    preview::run(&app, &draft, &body.search.request()?).await.map(Json)
}
