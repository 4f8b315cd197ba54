//! JSON as providers write it: amounts with exactly the digits they have, which `serde_json::Value` would lose.

/// An object of names and values that are JSON already.
pub(crate) fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}:{value}", text(name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// A list of values that are JSON already.
pub(crate) fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// A text.
pub(crate) fn text(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// A text, or null.
pub(crate) fn maybe(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), text)
}
