//! Adding, changing and removing categories.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use souk_base::{Category, CategoryId, Lang, slug};
use sqlx::PgConnection;

use super::{CategoryChange, CategoryLine, EditableCategory, NewCategory, list, sql};
use crate::writes::{Write, expect};
use crate::{Conflict, Error, Result};

impl From<Category> for EditableCategory {
    fn from(category: Category) -> EditableCategory {
        EditableCategory {
            id: category.id,
            parent_id: category.parent_id,
            slug: category.slug,
            labels: category.label,
            position: category.position,
        }
    }
}

/// Every category, each before the ones below it, siblings in the shop's order.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn tree(connection: &mut PgConnection) -> Result<Vec<CategoryLine>> {
    let products = sql::product_counts(connection).await?;
    let mut categories: Vec<Category> = list(connection).await?.into_values().collect();
    categories.sort_by_key(|category| (category.position, category.id));
    let mut lines = Vec::with_capacity(categories.len());
    let mut seen = HashSet::new();
    descend(None, 0, &categories, &mut seen, &mut |category, depth| {
        let products = products.get(&category.id.get()).copied().unwrap_or(0);
        lines.push(CategoryLine { category: category.clone().into(), depth, products });
    });
    Ok(lines)
}

/// Visits the categories below `parent`; what scripts tied into a ring hangs from nothing and is left out.
fn descend(
    parent: Option<CategoryId>,
    depth: usize,
    all: &[Category],
    seen: &mut HashSet<CategoryId>,
    visit: &mut impl FnMut(&Category, usize),
) {
    for category in all.iter().filter(|category| category.parent_id == parent) {
        if seen.insert(category.id) {
            visit(category, depth);
            descend(Some(category.id), depth + 1, all, seen, visit);
        }
    }
}

/// One category.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: CategoryId) -> Result<EditableCategory> {
    list(connection).await?.remove(&id).map(Into::into).ok_or(Error::NotFound)
}

/// The category, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(
    write: &mut Write,
    id: CategoryId,
    expected: Option<&str>,
) -> Result<EditableCategory> {
    sql::lock(write, id.get()).await?;
    let category = get(write, id).await?;
    expect(expected, &category)?;
    Ok(category)
}

/// Adds a category.
///
/// # Errors
/// [`Error::Invalid`] without a name; [`Error::Conflict`] when the slug is taken or there is no such parent.
pub async fn create(write: &mut Write, new: NewCategory) -> Result<CategoryId> {
    if new.labels.iter().next().is_none() {
        return Err(Error::invalid("labels", "a category needs a name in at least one language"));
    }
    let id = sql::next_id(write).await?;
    let slug = match new.slug {
        Some(slug) => slug,
        None => free_slug(write, new.labels.get(Lang::En), id).await?,
    };
    let parent_id = new.parent_id.map(CategoryId::get);
    let position = match new.position {
        Some(position) => position,
        None => sql::next_position(write, parent_id).await?,
    };
    sql::insert(write, id, parent_id, &slug, position).await?;
    for (lang, label) in new.labels.iter() {
        sql::set_label(write, id, lang.code(), label.trim()).await?;
    }
    let detail = json!({"slug": slug, "parent_id": new.parent_id});
    write.note("categories.create", &id.to_string(), detail).await?;
    Ok(id.into())
}

async fn free_slug(write: &mut Write, label: &str, id: i64) -> Result<String> {
    let slug = slug(label);
    if slug.is_empty() {
        return Ok(format!("category-{id}"));
    }
    let taken = sql::is_slug_taken(write, &slug).await?;
    Ok(if taken { format!("{slug}-{id}") } else { slug })
}

/// Changes a category; moving it takes along everything below it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it would come to stand below itself, the slug is taken or there is
/// no such parent.
pub async fn update(write: &mut Write, id: CategoryId, change: CategoryChange) -> Result<()> {
    // Two moves at once could tie a ring that neither of them sees.
    sql::lock_tree(write).await?;
    let all = list(write).await?;
    let category = all.get(&id).ok_or(Error::NotFound)?;
    let parent_id = change.parent_id.unwrap_or(category.parent_id);
    if stands_below(&all, parent_id, id) {
        return Err(Conflict::CategoryInItself.into());
    }
    let slug = change.slug.as_deref().unwrap_or(&category.slug);
    let position = change.position.unwrap_or(category.position);
    sql::update(write, id.get(), parent_id.map(CategoryId::get), slug, position).await?;
    let detail = json!({"parent_id": parent_id, "slug": slug, "position": position});
    write.note("categories.update", &id.to_string(), detail).await
}

/// Whether `start` is this category or stands below it.
fn stands_below(
    all: &HashMap<CategoryId, Category>,
    start: Option<CategoryId>,
    id: CategoryId,
) -> bool {
    let mut seen = HashSet::new();
    let mut step = start;
    while let Some(category) = step.and_then(|id| all.get(&id)) {
        if category.id == id {
            return true;
        }
        step = category.parent_id.filter(|_| seen.insert(category.id));
    }
    false
}

/// Names a category in one language; none removes the name.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for the last name, or one that is blank.
pub async fn put_label(
    write: &mut Write,
    id: CategoryId,
    lang: Lang,
    label: Option<&str>,
) -> Result<()> {
    sql::lock(write, id.get()).await?;
    match label {
        Some(label) => sql::set_label(write, id.get(), lang.code(), label.trim()).await?,
        None => sql::delete_label(write, id.get(), lang.code()).await?,
    }
    if get(write, id).await?.labels.iter().next().is_none() {
        return Err(Conflict::LastLabel.into());
    }
    let detail = json!({"lang": lang, "label": label});
    write.note("categories.put_label", &id.to_string(), detail).await
}

/// Removes an empty category.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while products or categories stand in it.
pub async fn remove(write: &mut Write, id: CategoryId) -> Result<()> {
    // Locked for update, the row takes no new products or children, whose foreign keys would lock it, too.
    sql::lock(write, id.get()).await?;
    if !sql::is_empty(write, id.get()).await? {
        return Err(Conflict::CategoryNotEmpty.into());
    }
    sql::delete(write, id.get()).await?;
    write.note("categories.remove", &id.to_string(), json!({})).await
}
