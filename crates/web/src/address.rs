//! Addresses of pages: a path and its query, from which links are made by adding and leaving out.

use std::fmt;

use axum::extract::Query;
use axum::http::Uri;

/// A page of this site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    path: String,
    params: Vec<(String, String)>,
}

impl Address {
    /// A page without a query.
    pub(crate) fn new(path: impl Into<String>) -> Address {
        Address { path: path.into(), params: Vec::new() }
    }

    /// The page a request asks for; a query that cannot be read counts as none.
    pub(crate) fn of(uri: &Uri) -> Address {
        let params = Query::try_from_uri(uri).map(|Query(params)| params).unwrap_or_default();
        // A link that begins with two slashes, or what browsers take for them, leads to another site.
        let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
        Address { path, params }
    }

    /// The first value of a parameter that has one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values =
            self.params.iter().filter(|(known, value)| known == name && !value.is_empty());
        values.next().map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.params.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter is there, even empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.iter().any(|(known, _)| known == name)
    }

    /// The same page with one more parameter.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Address {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same page with a parameter set to one value.
    pub(crate) fn with(self, name: &str, value: &str) -> Address {
        self.without(name).and(name, value)
    }

    /// The same page without a parameter.
    pub(crate) fn without(mut self, name: &str) -> Address {
        self.params.retain(|(known, _)| known != name);
        self
    }

    /// The same page without one value of a parameter.
    pub(crate) fn without_value(mut self, name: &str, value: &str) -> Address {
        self.params.retain(|(known, has)| known != name || has != value);
        self
    }

    /// The path alone.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The parameters, as hidden fields of a form carry them on; empty ones are left out.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &(String, String)> {
        self.params.iter().filter(|(_, value)| !value.is_empty())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (index, (name, value)) in self.fields().enumerate() {
            let sign = if index == 0 { '?' } else { '&' };
            write!(f, "{sign}{}={}", Encoded(name), Encoded(value))?;
        }
        Ok(())
    }
}

/// A text as a query holds it: percent-encoded UTF-8, spaces as `+`.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b' ' => f.write_str("+")?,
                b'-' | b'.' | b'_' | b'~' | b':' => write!(f, "{}", char::from(byte))?,
                _ if byte.is_ascii_alphanumeric() => write!(f, "{}", char::from(byte))?,
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::of(&text.parse().unwrap())
    }

    #[test]
    fn an_address_reads_back_as_written() {
        let written = Address::new("/KW/search").and("q", "ورد & 50%").and("filter", "price:1..2");

        assert_eq!(address(&written.to_string()), written);
        assert!(written.to_string().starts_with("/KW/search?q=%D9%88"));
    }

    #[test]
    fn an_address_never_leads_to_another_site() {
        for asked in
            ["//evil.example/x", "///evil.example/x", "/\\evil.example/x", "/\\/evil.example/x"]
        {
            assert_eq!(address(asked).with("lang", "ar").to_string(), "/evil.example/x?lang=ar");
        }
        assert_eq!(address("/KW//p").to_string(), "/KW//p");
    }

    #[test]
    fn links_add_replace_and_leave_out() {
        let page = address("/GB/search?q=mug&filter=colour:red&filter=colour:blue&sort=");

        assert_eq!(page.get("sort"), None);
        assert!(page.has("sort"));
        assert_eq!(
            page.clone().without_value("filter", "colour:red").to_string(),
            "/GB/search?q=mug&filter=colour:blue"
        );
        assert_eq!(page.with("q", "tin").without("filter").to_string(), "/GB/search?q=tin");
    }
}
