//! The parameters of one query as clients send them: members of a JSON object, or a query string in its member
//! `params`, where lists are JSON again. Unknown ones are never looked at.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::error::{Code, FieldError, Result};
use crate::extract::parse_query;

/// Alternatives of which one must hold.
pub(super) type Alternatives = Vec<String>;

/// The parameters of one query.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// Unfolds `params` over the members beside it.
    ///
    /// # Errors
    /// A `params` that is neither a query string nor an object.
    pub(super) fn of(mut given: Map<String, Value>) -> Result<Params> {
        let folded = given.remove("params").unwrap_or(Value::Null);
        match folded {
            Value::Null => {}
            Value::Object(members) => given.extend(members),
            Value::String(query) => {
                let pairs: Vec<(String, String)> = parse_query(&query)?;
                given.extend(pairs.into_iter().map(|(name, text)| (name, Value::String(text))));
            }
            _ => return Err(refuse("params", "a query string or an object").into()),
        }
        Ok(Params(given))
    }

    /// A text; a number counts as the text of it.
    ///
    /// # Errors
    /// Anything else that is not null.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(refuse(name, "a text").into()),
        }
    }

    /// A whole number within limits.
    ///
    /// # Errors
    /// Anything else.
    pub(super) fn whole(&self, name: &str, range: RangeInclusive<usize>) -> Result<Option<usize>> {
        let Some(text) = self.text(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let number = text.parse::<i64>().map_err(|_| refuse(name, "a whole number"))?;
        let within = usize::try_from(number).ok().filter(|number| range.contains(number));
        let (min, max) = range.into_inner();
        let detail = || format!("{name} must be from {min} to {max}, but is {number}");
        let within =
            within.ok_or_else(|| FieldError::new(format!("/{name}"), Code::OutOfRange, detail()));
        Ok(Some(within?))
    }

    /// Whether a switch is off by name; anything but a plain no leaves it on.
    pub(super) fn is_off(&self, name: &str) -> bool {
        self.given(name).is_some_and(|it| it == &Value::Bool(false) || it == "false")
    }

    /// A list of texts: an array, the same as JSON text, or a text with commas.
    ///
    /// # Errors
    /// Anything else that is not null.
    pub(super) fn list(&self, name: &str) -> Result<Option<Vec<String>>> {
        let Some(given) = self.given(name) else { return Ok(None) };
        match unfolded(given) {
            Value::Array(entries) => {
                let texts = entries.into_iter().map(text_of).collect::<Option<_>>();
                Ok(Some(texts.ok_or_else(|| refuse(name, "a list of texts"))?))
            }
            Value::String(text) => {
                let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
                Ok(Some(entries.map(str::to_owned).collect()))
            }
            _ => Err(refuse(name, "a list of texts").into()),
        }
    }

    /// Conditions that must all hold, each with its alternatives: an array whose entries are texts or arrays of
    /// them, the same as JSON text, or a single text.
    ///
    /// # Errors
    /// Anything else that is not null.
    pub(super) fn conditions(&self, name: &str) -> Result<Vec<Alternatives>> {
        let Some(given) = self.given(name) else { return Ok(Vec::new()) };
        let expected = "a list of texts, or of lists of them";
        let entries = match unfolded(given) {
            Value::Array(entries) => entries,
            Value::String(text) if text.is_empty() => Vec::new(),
            text @ Value::String(_) => vec![text],
            _ => return Err(refuse(name, expected).into()),
        };
        let conditions = entries.into_iter().map(|entry| match entry {
            Value::Array(alternatives) => alternatives.into_iter().map(text_of).collect(),
            one => text_of(one).map(|one| vec![one]),
        });
        let conditions: Option<Vec<Alternatives>> = conditions.collect();
        let conditions = conditions.ok_or_else(|| refuse(name, expected))?;
        Ok(conditions.into_iter().filter(|alternatives| !alternatives.is_empty()).collect())
    }

    /// All of them as a query string, as an answer repeats them.
    pub(super) fn as_query(&self) -> String {
        let named = self.0.iter().filter(|(name, _)| *name != "indexName");
        let pairs = named.map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.as_str(), text)
        });
        serde_html_form::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default()
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// What a text says when it is a JSON array, else the value itself.
fn unfolded(given: &Value) -> Value {
    let array = given.as_str().filter(|text| text.trim_start().starts_with('['));
    array.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| given.clone())
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn refuse(name: &str, expected: &str) -> FieldError {
    let detail = format!("{name} must be {expected}");
    FieldError::new(format!("/{name}"), Code::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::json;

    use super::*;

    fn params(given: Value) -> Params {
        let Value::Object(given) = given else { panic!("an object was expected") };
        Params::of(given).unwrap()
    }

    #[test]
    fn members_and_query_strings_say_the_same() {
        let members = params(json!({
            "query": "red rose", "hitsPerPage": 5, "facets": ["brand", "colour"],
            "facetFilters": [["colour:red", "colour:white"], "brand:Lumen"], "analytics": false,
        }));
        let query = "query=red+rose&hitsPerPage=5&facets=brand,colour&analytics=false\
                     &facetFilters=%5B%5B%22colour:red%22,%22colour:white%22%5D,%22brand:Lumen%22%5D";
        let folded = params(json!({ "params": query }));

        for given in [members, folded] {
            assert_eq!(given.text("query").unwrap().as_deref(), Some("red rose"));
            assert_eq!(given.whole("hitsPerPage", 0..=10).unwrap(), Some(5));
            assert_eq!(given.list("facets").unwrap().unwrap(), ["brand", "colour"]);
            let conditions = given.conditions("facetFilters").unwrap();
            assert_eq!(conditions, [vec!["colour:red", "colour:white"], vec!["brand:Lumen"]]);
            assert!(given.is_off("analytics") && !given.is_off("clickAnalytics"));
        }
    }

    #[test]
    fn what_is_known_and_wrong_is_named() {
        let given = params(json!({ "page": -1, "facets": { "a": 1 }, "query": [], "hits": "ten" }));

        for refused in [
            given.whole("page", 0..=9).unwrap_err(),
            given.list("facets").unwrap_err(),
            given.text("query").map(drop).unwrap_err(),
            given.whole("hits", 0..=9).unwrap_err(),
        ] {
            assert!(refused.to_string().contains("must be"), "{refused}");
        }
        assert!(given.conditions("nothing").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reading_panic(text in any::<String>(), nested in "[\\[\\]\",:a-z0-9&=%]*") {
            for text in [text, nested] {
                if let Ok(given) = Params::of(Map::from_iter([("params".to_owned(), json!(text))])) {
                    let _ = given.as_query();
                }
                let given = params(json!({ "a": text }));
                let _ = (given.text("a"), given.whole("a", 0..=9), given.list("a"));
                let _ = (given.conditions("a"), given.is_off("a"), given.as_query());
            }
        }
    }
}
