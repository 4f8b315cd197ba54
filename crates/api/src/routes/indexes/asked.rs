//! One query of a request, read whole before anything is searched.

use jiff::Timestamp;
use souk_base::Tables;
use souk_commerce::searches::VISITOR_LENGTH_MAX;
use souk_search::{FACETS_MAX, Sort};

use super::attributes::{Attribute, Attributes};
use super::filters::Narrowing;
use super::highlights::Tags;
use super::index::{Index, Kind};
use super::params::Params;
use super::refused::Refused;
use crate::error::{Error, Result};
use crate::pipeline::search::SearchRequest;
use crate::pipeline::window::{REACH_MAX, Window};

/// Hits of a page when the request does not say.
const PER_PAGE_DEFAULT: usize = 20;
/// Values of a facet when the request does not say.
const VALUES_DEFAULT: usize = 100;
/// Most values of a facet.
const VALUES_MAX: usize = 1_000;
/// Furthest page that can be named.
const PAGE_MAX: usize = 1_000_000;

/// A query that makes sense.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) index: Index,
    pub(super) params: Params,
    pub(super) search: SearchRequest,
    /// What the search is narrowed by.
    pub(super) narrowing: Narrowing,
    /// Counted from 0.
    pub(super) page: usize,
    pub(super) per_page: usize,
    pub(super) facets: Vec<Attribute>,
    /// Most values of each facet.
    pub(super) values_max: usize,
    pub(super) tags: Tags,
    pub(super) retrieve: Listed,
    pub(super) highlight: Listed,
    pub(super) snippet: Listed,
}

/// Attributes that are listed, or all.
#[derive(Clone, Debug)]
pub(super) struct Listed(Option<Vec<String>>);

impl Listed {
    fn read(params: &Params, name: &str) -> Result<Listed> {
        Ok(Listed(params.list(name)?.filter(|names| !names.iter().any(|name| name == "*"))))
    }

    /// Whether the attribute is among them; a snippet's length (`description:20`) is no part of its name.
    pub(super) fn has(&self, attribute: &str) -> bool {
        let is_named = |name: &String| name.split(':').next() == Some(attribute);
        self.0.as_ref().is_none_or(|names| names.iter().any(is_named))
    }
}

impl Asked {
    /// Reads one query of the index of this name.
    ///
    /// # Errors
    /// [`Refused::NoIndex`], and what is known and wrong among the parameters.
    pub(super) fn read(name: &str, params: Params, tables: &Tables) -> Result<Asked, Refused> {
        let no_index = || Refused::NoIndex(name.to_owned());
        let index = Index::parse(name, tables).ok_or_else(no_index)?;
        let currency = tables.market(index.market).ok_or_else(no_index)?.currency;
        let attributes = Attributes { tables, lang: index.lang };
        let facets = facets(&params, attributes)?;
        let narrowing = Narrowing::read(&params, attributes, currency)?;
        let per_page = params.whole("hitsPerPage", 0..=REACH_MAX)?.unwrap_or(PER_PAGE_DEFAULT);
        let search = SearchRequest {
            q: params.text("query")?.unwrap_or_default(),
            lang: Some(index.lang),
            now: Timestamp::now(),
            filters: narrowing.filters(),
            category: narrowing.category.clone(),
            facets: fields(&facets),
            sort: match index.kind {
                Kind::Products(sort) => sort,
                Kind::Suggestions => Sort::Relevance,
            },
            ..SearchRequest::of(index.market)
        };
        let tag = |name, default: &str| {
            Ok::<_, Error>(params.text(name)?.unwrap_or_else(|| default.into()))
        };
        Ok(Asked {
            page: params.whole("page", 0..=PAGE_MAX)?.unwrap_or(0),
            values_max: params
                .whole("maxValuesPerFacet", 0..=VALUES_MAX)?
                .unwrap_or(VALUES_DEFAULT),
            tags: Tags {
                pre: tag("highlightPreTag", "<em>")?,
                post: tag("highlightPostTag", "</em>")?,
            },
            retrieve: Listed::read(&params, "attributesToRetrieve")?,
            highlight: Listed::read(&params, "attributesToHighlight")?,
            snippet: Listed(params.list("attributesToSnippet")?.or(Some(Vec::new()))),
            index,
            search,
            narrowing,
            per_page,
            facets,
            params,
        })
    }

    /// The hits of its page.
    pub(super) fn window(&self) -> Window {
        Window::page(self.page, self.per_page)
    }

    /// Whether it is a search of its own, and no count beside one.
    pub(super) fn is_search(&self) -> bool {
        self.per_page > 0
            && matches!(self.index.kind, Kind::Products(_))
            && !self.params.is_off("analytics")
    }

    /// The device, where the client names it.
    pub(super) fn visitor(&self) -> Option<String> {
        let name = self.params.text("userToken").ok().flatten();
        name.filter(|name| (1..=VISITOR_LENGTH_MAX).contains(&name.len()) && name.is_ascii())
    }
}

/// The attributes to count, each once; of all of them as many as search counts.
fn facets(params: &Params, attributes: Attributes<'_>) -> Result<Vec<Attribute>> {
    let names = params.list("facets")?.unwrap_or_default();
    if names.iter().any(|name| name == "*") {
        let mut all = attributes.all();
        let counted = fields(&all).into_iter().take(FACETS_MAX).collect::<Vec<_>>();
        all.retain(|it| it.field().is_none_or(|field| counted.iter().any(|known| known == field)));
        return Ok(all);
    }
    let mut facets = Vec::new();
    for name in names {
        let attribute = attributes.named(&name, "facets")?;
        if !facets.contains(&attribute) {
            facets.push(attribute);
        }
    }
    Ok(facets)
}

/// The fields of search that attributes are counted by, each once.
fn fields(attributes: &[Attribute]) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for field in attributes.iter().filter_map(Attribute::field) {
        if !fields.iter().any(|known| known == field) {
            fields.push(field.to_owned());
        }
    }
    fields
}
