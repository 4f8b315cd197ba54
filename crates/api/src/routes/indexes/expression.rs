//! The parameter `filters`: conditions joined by `AND`, each one filter or several in brackets, joined by `OR`.

use super::params::Alternatives;
use crate::error::{Code, FieldError, Result};

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    /// A part of a filter, without the quotes that stood around it.
    Text(String),
}

/// The conditions of an expression, each with its alternatives; none for an empty one.
///
/// # Errors
/// Anything else, such as `NOT`, or `AND` and `OR` without brackets between them.
pub(super) fn read(expression: &str) -> Result<Vec<Alternatives>> {
    let refuse = || {
        let detail = "filters must be of the form (a:b OR a:c) AND d:\"e f\" AND price < 20";
        FieldError::new("/filters", Code::BadFilter, detail)
    };
    let tokens = tokens(expression).ok_or_else(refuse)?;
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<&[Token]> = tokens.split(|token| *token == Token::And).collect();
    let is_only = parts.len() == 1;
    let conditions = parts.into_iter().map(|part| condition(part, is_only));
    Ok(conditions.collect::<Option<_>>().ok_or_else(refuse)?)
}

/// The tokens of an expression; none where a quote does not end.
fn tokens(expression: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut text = String::new();
    let mut rest = expression.chars();
    // Brackets within a text, as in `Gifts (gifts)`, need quotes.
    while let Some(character) = rest.next() {
        match character {
            '"' | '\'' => {
                let (inside, after) = rest.as_str().split_once(character)?;
                text.push_str(inside);
                rest = after.chars();
            }
            '(' | ')' => {
                finish(&mut text, &mut tokens);
                tokens.push(if character == '(' { Token::Open } else { Token::Close });
            }
            _ if character.is_whitespace() => finish(&mut text, &mut tokens),
            _ => text.push(character),
        }
    }
    finish(&mut text, &mut tokens);
    Some(tokens)
}

/// Ends the text that was gathered.
fn finish(text: &mut String, tokens: &mut Vec<Token>) {
    match std::mem::take(text) {
        empty if empty.is_empty() => {}
        and if and == "AND" => tokens.push(Token::And),
        or if or == "OR" => tokens.push(Token::Or),
        text => tokens.push(Token::Text(text)),
    }
}

/// One condition: a filter, or alternatives in brackets, which may be left out where it is the only one.
fn condition(tokens: &[Token], is_only: bool) -> Option<Alternatives> {
    let inside = match tokens {
        [Token::Open, inside @ .., Token::Close] => inside,
        bare if is_only || !bare.contains(&Token::Or) => bare,
        _ => return None,
    };
    inside.split(|token| *token == Token::Or).map(filter).collect()
}

/// One filter from its words.
fn filter(tokens: &[Token]) -> Option<String> {
    let words = tokens.iter().map(|token| match token {
        Token::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let words: Vec<&str> = words.collect::<Option<_>>()?;
    let is_negated = words.first().is_none_or(|word| *word == "NOT");
    (!is_negated).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn conditions_are_joined_by_and_and_alternatives_by_or() {
        let read = |expression: &str| read(expression).unwrap();

        assert!(read("  ").is_empty());
        assert_eq!(read("a:b"), [["a:b"]]);
        assert_eq!(read("a:b OR a:c"), [["a:b", "a:c"]]);
        let both = read("(a:b OR a:\"c OR (d)\") AND price >= 2 AND (price:1 TO 2)");
        assert_eq!(both, [vec!["a:b", "a:c OR (d)"], vec!["price >= 2"], vec!["price:1 TO 2"]]);
    }

    #[test]
    fn what_has_another_form_is_refused() {
        for expression in [
            "AND",
            "a:b AND",
            "NOT a:b",
            "a:\"b",
            "(a:b",
            "a:b)",
            "(a:b AND c:d) OR e:f",
            "()",
            "OR",
        ] {
            assert!(read(expression).is_err(), "{expression}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_the_reading_panic(text in any::<String>(), nested in "([()\"' a:]|AND|OR|NOT)*") {
            let _ = (read(&text), read(&nested));
        }
    }
}
