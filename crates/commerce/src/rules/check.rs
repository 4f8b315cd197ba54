//! What a rule may say, as far as that can be told without the database.

use souk_base::{Action, Condition};

use super::{
    ACTIONS_MAX, BOOST_MAX, BURY_MAX, CONDITIONS_MAX, NewRule, POSITION_MAX, SEGMENT_MAX,
    TEXT_LENGTH_MAX,
};
use crate::synonyms::{WORDS_MAX, check_words};
use crate::{Error, Result};

const CONDITIONS: &str = "conditions";
const ACTIONS: &str = "actions";

/// Refuses what means nothing.
///
/// # Errors
/// [`Error::Invalid`] with the first of them.
pub(super) fn check(rule: &NewRule) -> Result<()> {
    if rule.name != rule.name.trim() {
        return Err(Error::invalid("name", "a name must not begin or end with a space"));
    }
    let count = |field, count: usize, max: usize| match count > max {
        true => Err(Error::invalid(field, format!("a rule has at most {max} {field}"))),
        false => Ok(()),
    };
    count(CONDITIONS, rule.conditions.len(), CONDITIONS_MAX)?;
    count(ACTIONS, rule.actions.len(), ACTIONS_MAX)?;
    if rule.actions.is_empty() {
        return Err(Error::invalid(ACTIONS, "a rule must do at least one thing"));
    }
    rule.conditions.iter().try_for_each(condition)?;
    rule.actions.iter().try_for_each(action)?;
    no_place_twice(&rule.actions)
}

fn condition(condition: &Condition) -> Result<()> {
    match condition {
        Condition::QueryIs(words)
        | Condition::QueryBegins(words)
        | Condition::QueryContains(words) => text(CONDITIONS, words),
        Condition::Segment(number) => between(CONDITIONS, "segment", *number, SEGMENT_MAX),
        Condition::QueryEmpty | Condition::Category(_) | Condition::City(_) => Ok(()),
    }
}

fn action(action: &Action) -> Result<()> {
    match action {
        Action::Pin { position, .. } => between(ACTIONS, "position", *position, POSITION_MAX),
        Action::Boost { percent, .. } => between(ACTIONS, "boost", *percent, BOOST_MAX),
        Action::Bury { percent, .. } => between(ACTIONS, "bury", *percent, BURY_MAX),
        Action::Hide(_) => Ok(()),
        Action::Filter(filter) => named(filter),
        Action::Redirect(address) => leads_somewhere(address),
        Action::Banner { text: texts, link } => {
            if texts.is_empty() {
                return Err(Error::invalid(ACTIONS, "a banner needs a text"));
            }
            texts.values().try_for_each(|shown| text(ACTIONS, shown))?;
            link.as_deref().map_or(Ok(()), leads_somewhere)
        }
        Action::Replace(words) => text(ACTIONS, words),
        Action::Synonym(words) => check_words(ACTIONS, words, WORDS_MAX),
    }
}

fn between(field: &'static str, what: &str, given: u16, max: u16) -> Result<()> {
    if (1..=max).contains(&given) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("a {what} must be from 1 to {max}, but is {given}")))
}

/// Words to be compared or shown: short, and not only signs.
fn text(field: &'static str, text: &str) -> Result<()> {
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Error::invalid(field, format!("\"{text}\" has no letter and no digit")));
    }
    if text.chars().count() > TEXT_LENGTH_MAX {
        let reason = format!("a text must have at most {TEXT_LENGTH_MAX} characters");
        return Err(Error::invalid(field, reason));
    }
    Ok(())
}

fn named(filter: &str) -> Result<()> {
    let named = filter.split_once(':').is_some_and(|(field, value)| {
        !field.is_empty() && field == field.trim() && !value.trim().is_empty()
    });
    if named && filter.chars().count() <= TEXT_LENGTH_MAX {
        return Ok(());
    }
    let reason = format!("a filter must be like colour:red, but is \"{filter}\"");
    Err(Error::invalid(ACTIONS, reason))
}

/// A path of the shop or an address with https; nothing that a browser would run or read as another site.
fn leads_somewhere(address: &str) -> Result<()> {
    let visible = !address.chars().any(|sign| sign.is_whitespace() || sign.is_control());
    let path = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
    let host = address
        .strip_prefix("https://")
        .is_some_and(|host| host.starts_with(char::is_alphanumeric) && !host.contains(['@', '\\']));
    if visible && (path || host) && address.chars().count() <= TEXT_LENGTH_MAX {
        return Ok(());
    }
    let reason =
        format!("an address must begin with / or https:// and have no spaces: \"{address}\"");
    Err(Error::invalid(ACTIONS, reason))
}

fn no_place_twice(actions: &[Action]) -> Result<()> {
    let mut seen = Vec::new();
    for action in actions {
        if let Action::Pin { product, position } = action {
            if seen.iter().any(|&(known, place)| known == product || place == position) {
                let reason = format!("place {position} or product {product} is pinned twice");
                return Err(Error::invalid(ACTIONS, reason));
            }
            seen.push((product, position));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use souk_base::{ProductId, Target};

    use super::*;

    fn rule(conditions: Vec<Condition>, actions: Vec<Action>) -> NewRule {
        let (name, enabled, priority) = ("roses".to_owned(), true, 0);
        let (market, starts_at, ends_at) = (None, None, None);
        NewRule { name, enabled, priority, market, conditions, actions, starts_at, ends_at }
    }

    fn refused(action: Action) -> String {
        match check(&rule(Vec::new(), vec![action])) {
            Err(Error::Invalid { field: ACTIONS, reason }) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn pin(product: i64, position: u16) -> Action {
        Action::Pin { product: ProductId::new(product), position }
    }

    #[test]
    fn what_means_nothing_is_refused_with_a_reason() {
        let what = Target::Product(ProductId::new(1));
        assert!(refused(pin(1, 0)).contains("from 1 to 100, but is 0"));
        assert!(refused(Action::Boost { what, percent: 901 }).contains("boost"));
        assert!(refused(Action::Bury { what, percent: 101 }).contains("bury"));
        assert!(refused(Action::Replace(" — ".to_owned())).contains("no letter"));
        assert!(refused(Action::Filter("red".to_owned())).contains("colour:red"));
        assert!(refused(Action::Banner { text: [].into(), link: None }).contains("needs a text"));
        assert!(refused(Action::Synonym(vec!["bunch".to_owned()])).contains("from 2 to"));

        for number in [0, 51] {
            let refused =
                check(&rule(vec![Condition::Segment(number)], vec![pin(1, 1)])).unwrap_err();
            let told = format!("from 1 to 50, but is {number}");
            assert!(refused.to_string().contains(&told), "{refused}");
        }

        let same_place = check(&rule(Vec::new(), vec![pin(1, 1), pin(2, 1)]));
        assert!(same_place.is_err());
        assert!(check(&rule(Vec::new(), vec![pin(1, 1), pin(1, 2)])).is_err());
        assert!(check(&rule(Vec::new(), Vec::new())).is_err());
        let sign = Condition::QueryIs("!".to_owned());
        assert!(check(&rule(vec![sign], vec![pin(1, 1), pin(2, 2)])).is_err());
        let filter = Action::Filter("price:..5000".to_owned());
        check(&rule(vec![Condition::QueryEmpty], vec![pin(1, 1), pin(2, 2), filter])).unwrap();
    }

    #[test]
    fn an_address_leads_into_the_shop_or_to_https() {
        for good in ["/KW/c/roses", "/KW/search?q=red%20roses", "https://example.com/a?b#c"] {
            check(&rule(Vec::new(), vec![Action::Redirect(good.to_owned())])).unwrap();
        }
        for bad in [
            "",
            "roses",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "http://a.b",
            "https://",
            "https:///a",
            "https://user@evil.example",
            "/a b",
            "/a\n",
        ] {
            refused(Action::Redirect(bad.to_owned()));
        }
    }
}
