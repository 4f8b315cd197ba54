//! Rules as people type them: lines of kinds, words and numbers, to rules and back.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use souk_api::Error;
use souk_base::{Action, Condition, Lang, ProductId, Rule, RuleId, Tables, Target};
use souk_commerce::products::{self, Filter, Found};
use souk_commerce::rules::{BOOST_MAX, BURY_MAX, Lost, NewRule, POSITION_MAX, SEGMENT_MAX};
use souk_commerce::{PgConnection, Result as ShopResult};

use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::office::products::filled::{instant, local, zone};
use crate::office::trial::{HIDE, PUT};
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::rules::{Rules as Words, rules as rule_words_of};

/// Kinds of conditions, in the order of the choice.
pub(super) const CONDITIONS: [&str; 7] =
    ["query_is", "query_begins", "query_contains", "query_empty", "category", "city", "segment"];
/// Kinds of actions that are lines, in the order of the choice; a banner has fields of its own.
pub(super) const ACTIONS: [&str; 8] =
    ["pin", "hide", "boost", "bury", "filter", "redirect", "replace", "synonym"];
/// Most lines of a form.
const LINES_MAX: usize = 400;
/// What stands between the words of a synonym.
const SAME: &str = " = ";

/// What products, categories and cities are called where people type them.
pub(super) struct Names<'t> {
    pub(super) tables: &'t Tables,
    /// What was typed, or the address, of each product.
    pub(super) products: HashMap<String, ProductId>,
    pub(super) addresses: HashMap<ProductId, String>,
    /// What rules name that is gone.
    pub(super) lost: HashMap<RuleId, Vec<Lost>>,
}

impl<'t> Names<'t> {
    /// The names of what these rules are about.
    pub(super) async fn of(
        connection: &mut PgConnection,
        tables: &'t Tables,
        rules: &[Rule],
    ) -> Result<Names<'t>, Error> {
        let ids: Vec<ProductId> =
            rules.iter().flat_map(|rule| &rule.actions).filter_map(product).collect();
        let listed = products::listed(connection, &ids).await?;
        let addresses = listed.into_iter().map(|product| (product.id, product.slug)).collect();
        Ok(Names { tables, products: HashMap::new(), addresses, lost: HashMap::new() })
    }

    /// The same, knowing what is gone.
    pub(super) fn with_lost(self, lost: HashMap<RuleId, Vec<Lost>>) -> Names<'t> {
        Names { lost, ..self }
    }

    /// What a rule names that is gone, in words; none where all of it is there.
    pub(super) fn lost(&self, id: RuleId, words: &Words) -> Option<String> {
        let lost: Vec<String> = self.lost.get(&id)?.iter().map(Lost::to_string).collect();
        Some(fill(words.lost, "names", &format!("\u{2066}{}\u{2069}", lost.join(", "))))
    }

    /// The names that were typed into a form.
    pub(super) async fn typed(
        connection: &mut PgConnection,
        tables: &'t Tables,
        form: &Form,
    ) -> ShopResult<Names<'t>> {
        let mut products = HashMap::new();
        for line in lines(form, "do") {
            let typed = match line.kind {
                "pin" | "hide" => line.text,
                "boost" | "bury" => line.text.strip_prefix("product:").unwrap_or_default().trim(),
                _ => "",
            };
            if !typed.is_empty()
                && !products.contains_key(typed)
                && let Some(id) = find(connection, typed).await?
            {
                products.insert(typed.to_owned(), id);
            }
        }
        Ok(Names { tables, products, addresses: HashMap::new(), lost: HashMap::new() })
    }

    fn product(&self, id: ProductId) -> String {
        self.addresses.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// What a condition is about, as it is typed.
    pub(super) fn condition(&self, condition: &Condition) -> (&'static str, String) {
        match condition {
            Condition::QueryIs(words) => ("query_is", words.clone()),
            Condition::QueryBegins(words) => ("query_begins", words.clone()),
            Condition::QueryContains(words) => ("query_contains", words.clone()),
            Condition::QueryEmpty => ("query_empty", String::new()),
            Condition::Category(id) => {
                let slug = self.tables.categories.get(id).map(|category| category.slug.clone());
                ("category", slug.unwrap_or_else(|| id.to_string()))
            }
            Condition::City(id) => {
                let mut markets = self.tables.markets.iter();
                let name = markets.find_map(|market| {
                    let city = market.cities.iter().find(|city| city.id == *id)?;
                    Some(format!("{}/{}", market.code, city.slug))
                });
                ("city", name.unwrap_or_else(|| id.to_string()))
            }
            Condition::Segment(number) => ("segment", number.to_string()),
        }
    }

    /// What an action is about, as it is typed, and its number; none for a banner.
    pub(super) fn action(&self, action: &Action) -> Option<(&'static str, String, Option<u16>)> {
        Some(match action {
            Action::Pin { product, position } => ("pin", self.product(*product), Some(*position)),
            Action::Hide(product) => ("hide", self.product(*product), None),
            Action::Boost { what, percent } => ("boost", self.target(*what), Some(*percent)),
            Action::Bury { what, percent } => ("bury", self.target(*what), Some(*percent)),
            Action::Filter(filter) => ("filter", filter.clone(), None),
            Action::Redirect(address) => ("redirect", address.clone(), None),
            Action::Replace(words) => ("replace", words.clone(), None),
            Action::Synonym(words) => ("synonym", words.join(SAME), None),
            Action::Banner { .. } => return None,
        })
    }

    fn target(&self, target: Target) -> String {
        let tables = self.tables;
        match target {
            Target::Product(id) => format!("product:{}", self.product(id)),
            Target::Brand(id) => {
                let slug = tables.brands.get(&id).map(|brand| brand.slug.clone());
                format!("brand:{}", slug.unwrap_or_else(|| id.to_string()))
            }
            Target::Category(id) => {
                let slug = tables.categories.get(&id).map(|category| category.slug.clone());
                format!("category:{}", slug.unwrap_or_else(|| id.to_string()))
            }
            Target::Value(id) => {
                let value = tables.values.get(&id);
                let attribute = value.and_then(|value| {
                    tables.attributes.iter().find(|it| it.id == value.attribute_id)
                });
                match (attribute, value) {
                    (Some(attribute), Some(value)) => format!("{}:{}", attribute.code, value.code),
                    _ => format!("value:{id}"),
                }
            }
        }
    }

    fn read_condition(&self, line: &Line<'_>, words: &Words) -> Result<Condition, &'static str> {
        let text = || {
            let has_word = line.text.chars().any(char::is_alphanumeric);
            if has_word { Ok(line.text.to_owned()) } else { Err(words.bad_words) }
        };
        Ok(match line.kind {
            "query_begins" => Condition::QueryBegins(text()?),
            "query_contains" => Condition::QueryContains(text()?),
            "query_empty" => Condition::QueryEmpty,
            "category" => {
                let category = self.tables.category_by_slug(line.text).ok_or(words.bad_category)?;
                Condition::Category(category.id)
            }
            "city" => {
                let (market, slug) = line.text.split_once('/').ok_or(words.bad_city)?;
                let market = market.parse().ok().and_then(|code| self.tables.market(code));
                let mut cities = market.into_iter().flat_map(|market| &market.cities);
                Condition::City(cities.find(|city| city.slug == slug).ok_or(words.bad_city)?.id)
            }
            "segment" => {
                let number = line.text.parse().ok();
                let known = number.filter(|number| (1..=SEGMENT_MAX).contains(number));
                Condition::Segment(known.ok_or(words.bad_segment)?)
            }
            _ => Condition::QueryIs(text()?),
        })
    }

    fn read_action(&self, line: &Line<'_>, words: &Words) -> Result<Action, &'static str> {
        let text = || {
            let has_word = line.text.chars().any(char::is_alphanumeric);
            if has_word { Ok(line.text.to_owned()) } else { Err(words.bad_words) }
        };
        let product = || self.products.get(line.text).copied().ok_or(words.bad_product);
        let number = line.number.unwrap_or_default();
        Ok(match line.kind {
            "pin" => Action::Pin { product: product()?, position: number },
            "hide" => Action::Hide(product()?),
            "boost" => Action::Boost { what: self.read_target(line.text, words)?, percent: number },
            "bury" => Action::Bury { what: self.read_target(line.text, words)?, percent: number },
            "filter" => Action::Filter(text()?),
            "redirect" => Action::Redirect(text()?),
            "synonym" => {
                let same = line.text.split('=').map(|word| word.trim().to_owned());
                Action::Synonym(same.filter(|word| !word.is_empty()).collect())
            }
            _ => Action::Replace(text()?),
        })
    }

    fn read_target(&self, typed: &str, words: &Words) -> Result<Target, &'static str> {
        let (field, name) = typed.split_once(':').ok_or(words.bad_target)?;
        let (field, name, tables) = (field.trim(), name.trim(), self.tables);
        let target = match field {
            "product" => self.products.get(name).copied().map(Target::Product),
            "brand" => {
                let brand = tables.brands.values().find(|brand| brand.slug == name);
                brand.map(|brand| Target::Brand(brand.id))
            }
            "category" => tables.category_by_slug(name).map(|it| Target::Category(it.id)),
            "value" => name.parse().ok().map(Target::Value),
            code => tables.attribute(code).and_then(|attribute| {
                let mut values = tables.values.values();
                let value = values.find(|it| it.attribute_id == attribute.id && it.code == name);
                value.map(|value| Target::Value(value.id))
            }),
        };
        target.ok_or(words.bad_target)
    }
}

fn product(action: &Action) -> Option<ProductId> {
    match action {
        Action::Pin { product, .. } | Action::Hide(product) => Some(*product),
        Action::Boost { what: Target::Product(id), .. }
        | Action::Bury { what: Target::Product(id), .. } => Some(*id),
        _ => None,
    }
}

/// The product with this address, number or article; of several that only sound like it, none.
pub(crate) async fn find(
    connection: &mut PgConnection,
    typed: &str,
) -> ShopResult<Option<ProductId>> {
    let filter = Filter { text: Some(typed.to_owned()), ..Filter::default() };
    let found = products::find(connection, &filter, Lang::En, None, 20).await?;
    let is_exact = |found: &&Found| {
        found.slug == typed
            || found.id.to_string() == typed
            || found.external_id.as_deref() == Some(typed)
    };
    let only = || found.first().filter(|_| found.len() == 1);
    Ok(found.iter().find(is_exact).or_else(only).map(|found| found.id))
}

/// A line as it was typed.
struct Line<'f> {
    place: usize,
    kind: &'f str,
    text: &'f str,
    number: Option<u16>,
}

/// The lines of a part of the form whose kind was chosen.
fn lines<'f>(form: &'f Form, part: &str) -> Vec<Line<'f>> {
    let mut lines = Vec::new();
    for place in 0..LINES_MAX {
        if !form.has(&format!("{part}_kind_{place}")) {
            break;
        }
        let kind = form.get(&format!("{part}_kind_{place}"));
        if !kind.is_empty() {
            let text = form.get(&format!("{part}_text_{place}"));
            let number = form.get(&format!("{part}_number_{place}")).parse().ok();
            lines.push(Line { place, kind, text, number });
        }
    }
    lines
}

/// How many lines of a part a form has that say something.
pub(super) fn line_count(form: &Form, part: &str) -> usize {
    lines(form, part).last().map_or(0, |line| line.place + 1)
}

/// The form with the hit that was pressed on: put at the first free place, or hidden, whatever was said of it before.
pub(super) fn picked(form: &Form) -> Form {
    let (kind, product) = match (form.get(PUT), form.get(HIDE)) {
        ("", "") => return form.clone(),
        ("", hidden) => ("hide", hidden.to_owned()),
        (put, _) => ("pin", put.to_owned()),
    };
    let lines = lines(form, "do");
    let said =
        lines.iter().find(|line| matches!(line.kind, "pin" | "hide") && line.text == product);
    let taken: Vec<u16> =
        lines.iter().filter(|it| it.kind == "pin").filter_map(|it| it.number).collect();
    let free = (0..LINES_MAX).find(|place| lines.iter().all(|line| line.place != *place));
    let Some(place) = said.map(|line| line.place).or(free) else { return form.clone() };
    let number =
        (1..=POSITION_MAX).find(|number| !taken.contains(number)).filter(|_| kind == "pin");
    let mut form = form.clone();
    // Lines are read up to the first that is missing.
    for earlier in 0..place {
        if !form.has(&format!("do_kind_{earlier}")) {
            form.put(format!("do_kind_{earlier}"), "");
        }
    }
    form.set(&format!("do_kind_{place}"), kind);
    form.set(&format!("do_text_{place}"), product);
    form.set(&format!("do_number_{place}"), number.map(|it| it.to_string()).unwrap_or_default());
    form
}

/// The rule that a form describes, or what is wrong with the form; `before` is the rule that it was filled with.
pub(super) fn read(
    form: &Form,
    names: &Names<'_>,
    before: Option<&Rule>,
    lang: Lang,
) -> Result<NewRule, Problems> {
    let (words, rule_words) = (words_of(lang), rule_words_of(lang));
    let mut problems = Problems::default();
    if form.get("name").is_empty() {
        problems.put("name", "", rule_words.bad_name);
    }
    let priority = form.get("priority");
    let priority = if priority.is_empty() { Some(0) } else { priority.parse().ok() };
    if priority.is_none() {
        problems.put("priority", "", rule_words.bad_priority);
    }
    let zone = zone(names.tables);
    let mut time = |field: &str, before: Option<Timestamp>| -> Option<Timestamp> {
        let typed = form.get(field);
        // The field has no seconds; a time that nobody touched keeps its own.
        if let Some(before) = before.filter(|before| local(*before, &zone) == typed) {
            return Some(before);
        }
        let read = instant(typed, &zone);
        if read.is_none() && !typed.is_empty() {
            problems.put(field, "", words.bad_time);
        }
        read
    };
    let starts_at = time("starts", before.and_then(|rule| rule.starts_at));
    let ends_at = time("ends", before.and_then(|rule| rule.ends_at));
    let conditions = read_conditions(form, names, rule_words, &mut problems);
    let actions = read_actions(form, names, rule_words, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(NewRule {
        name: form.get("name").to_owned(),
        enabled: form.has("enabled"),
        priority: priority.unwrap_or_default(),
        market: form.get("market").parse().ok(),
        conditions,
        actions,
        starts_at,
        ends_at,
    })
}

fn read_conditions(
    form: &Form,
    names: &Names<'_>,
    words: &Words,
    problems: &mut Problems,
) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for line in lines(form, "where") {
        // The first line is there with a kind before anybody has typed anything.
        if line.text.is_empty() && line.kind == "query_is" {
            continue;
        }
        match names.read_condition(&line, words) {
            Ok(condition) => conditions.push(condition),
            Err(text) => problems.put(&format!("where_text_{}", line.place), "", text),
        }
    }
    conditions
}

fn read_actions(
    form: &Form,
    names: &Names<'_>,
    words: &Words,
    problems: &mut Problems,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let lines = lines(form, "do");
    let is_empty = lines.is_empty();
    for line in lines {
        let max = match line.kind {
            "pin" => POSITION_MAX,
            "boost" => BOOST_MAX,
            "bury" => BURY_MAX,
            _ => 0,
        };
        if max > 0 && !line.number.is_some_and(|number| (1..=max).contains(&number)) {
            let text = fill(words.bad_number, "n", &max.to_string());
            problems.put(&format!("do_number_{}", line.place), "", text);
        }
        match names.read_action(&line, words) {
            Ok(action) => actions.push(action),
            Err(text) => problems.put(&format!("do_text_{}", line.place), "", text),
        }
    }
    let text: BTreeMap<Lang, String> = Lang::ALL
        .into_iter()
        .map(|lang| (lang, form.get(&format!("banner_{lang}")).to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if !text.is_empty() {
        let link = Some(form.get("banner_link").to_owned()).filter(|link| !link.is_empty());
        actions.push(Action::Banner { text, link });
    } else if is_empty {
        problems.put("do_kind_0", "", words.bad_nothing);
    }
    actions
}

/// A rule as its form has it.
pub(super) fn filled(rule: &Rule, names: &Names<'_>) -> Form {
    let mut form = Form::default();
    form.put("name", &rule.name);
    if rule.enabled {
        form.put("enabled", "1");
    }
    form.put("priority", rule.priority.to_string());
    form.put("market", rule.market.map(|market| market.to_string()).unwrap_or_default());
    let zone = zone(names.tables);
    for (field, time) in [("starts", rule.starts_at), ("ends", rule.ends_at)] {
        form.put(field, time.map(|time| local(time, &zone)).unwrap_or_default());
    }
    for (place, condition) in rule.conditions.iter().enumerate() {
        let (kind, text) = names.condition(condition);
        form.put(format!("where_kind_{place}"), kind);
        form.put(format!("where_text_{place}"), text);
    }
    let lines = rule.actions.iter().filter_map(|action| names.action(action));
    for (place, (kind, text, number)) in lines.enumerate() {
        form.put(format!("do_kind_{place}"), kind);
        form.put(format!("do_text_{place}"), text);
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        form.put(format!("do_number_{place}"), number);
    }
    // Only the first banner of a rule is ever shown.
    let banner = rule.actions.iter().find_map(|action| match action {
        Action::Banner { text, link } => Some((text, link)),
        _ => None,
    });
    if let Some((text, link)) = banner {
        for (lang, text) in text {
            form.put(format!("banner_{lang}"), text);
        }
        form.put("banner_link", link.clone().unwrap_or_default());
    }
    form
}

/// A kind in words.
pub(super) fn label(kind: &str, words: &'static Words) -> &'static str {
    match kind {
        "query_is" => words.query_is,
        "query_begins" => words.query_begins,
        "query_contains" => words.query_contains,
        "query_empty" => words.query_empty,
        "category" => words.category,
        "city" => words.city,
        "segment" => words.segment,
        "pin" => words.pin,
        "hide" => words.hide,
        "boost" => words.boost,
        "bury" => words.bury,
        "filter" => words.filter,
        "redirect" => words.redirect,
        "replace" => words.replace,
        _ => words.synonym,
    }
}
