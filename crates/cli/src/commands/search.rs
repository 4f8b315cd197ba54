//! `souk search`: the same search a shopper makes, as a table.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::{App, AppState};

use crate::context::Context;
use crate::control::{self, Question};
use crate::following::Following;

/// What to search for.
#[derive(Args, Clone, Debug)]
pub(crate) struct SearchArgs {
    /// What a shopper would type
    pub query: String,
    /// Market code
    #[arg(long, default_value = "GB")]
    pub market: String,
    /// Language of the answer [default: the market's first]
    #[arg(long)]
    pub lang: Option<String>,
    /// How many hits, 1 to 100
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// Say of each hit what its place rests on
    #[arg(long)]
    pub explain: bool,
}

/// Searches in the serving process, or here when there is none.
///
/// # Errors
/// For an unknown market or language, and when the database does not answer.
pub(crate) async fn run(context: &Context, args: SearchArgs) -> anyhow::Result<ExitCode> {
    let SearchArgs { query: text, market, lang, limit, explain } = args;
    let request = request(&market, text.clone(), lang.as_deref(), limit, explain)?;
    let question = Question::Search { market, text, lang, limit, explain };
    let answer = match control::ask(&context.config.data, &question).await? {
        Some(answer) => answer,
        None => {
            let mut following = Following::start(context)?;
            following.caught_up(context).await?;
            let secret = context.secret()?;
            let app = Arc::new(App::new(context.db.clone(), following.engine.clone(), &secret));
            let answer = answer(&app, &request).await;
            following.stop().await;
            answer?
        }
    };
    context.output.result(&answer, &table(&answer))?;
    Ok(ExitCode::SUCCESS)
}

/// The request that these words stand for.
///
/// # Errors
/// For a market or language of the wrong form.
pub(crate) fn request(
    market: &str,
    text: String,
    lang: Option<&str>,
    limit: usize,
    explain: bool,
) -> anyhow::Result<SearchRequest> {
    let lang = lang.map(str::parse).transpose()?;
    Ok(SearchRequest { q: text, lang, limit, explain, ..SearchRequest::of(market.parse()?) })
}

/// The API's answer to this request.
///
/// # Errors
/// For an unknown market or a query that is too long.
pub(crate) async fn answer(app: &AppState, request: &SearchRequest) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(search::run(app, request).await?)?)
}

/// The hits, and below them what there is to say about the answer.
fn table(answer: &Value) -> String {
    let hits = answer["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    let explained = hits.iter().any(|hit| hit["rank"].is_object());
    let mut lines = if explained { explanation(hits) } else { prices(hits) };
    let list = |name: &str| -> Vec<&str> {
        answer[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    };
    if let Some(corrected) = answer["corrected_query"].as_str() {
        lines.push(format!("Searched for: {corrected}"));
    }
    if !list("relaxed").is_empty() {
        lines.push(format!("Not in every hit: {}", list("relaxed").join(", ")));
    }
    if !list("rules").is_empty() {
        lines.push(format!("Rules: {}", list("rules").join(", ")));
    }
    if let Some(address) = answer["redirect"].as_str() {
        lines.push(format!("Leads to: {address}"));
    }
    lines.push(format!("{} products in {} µs", answer["total"], answer["took_us"]));
    lines.join("\n")
}

fn prices(hits: &[Value]) -> Vec<String> {
    let line = |(hit, place): (&Value, usize)| {
        let price = format!("{} {}", hit["price"]["minor"], text(&hit["price"]["currency"]));
        format!("{place:>3}  {price:>14}  {}", text(&hit["title"]))
    };
    hits.iter().zip(1..).map(line).collect()
}

/// Parts of a place that are whole numbers, in the order they are compared.
const BUCKETS: [(&str, &str); 3] =
    [("WORDS", "matched_words"), ("TYPOS", "typo_cost"), ("EXACT", "exactness")];
/// The score, and the parts that it is the sum of.
const PARTS: [(&str, &str); 8] = [
    ("SCORE", "score"),
    ("TEXT", "text"),
    ("KIND", "kind"),
    ("TOGETHER", "together"),
    ("PRICE", "price"),
    ("POPULARITY", "popularity"),
    ("AVAILABILITY", "availability"),
    ("NEWNESS", "newness"),
];

/// What each hit's place rests on, a column each.
fn explanation(hits: &[Value]) -> Vec<String> {
    let buckets = BUCKETS.iter().map(|(name, _)| format!(" {name}"));
    let parts = PARTS.iter().map(|(name, _)| format!(" {name:>width$}", width = width(name)));
    let columns: String = buckets.chain(parts).collect();
    let mut lines = vec![format!("  # {columns}    RULES  TITLE")];
    lines.extend(hits.iter().zip(1..).map(|(hit, place)| explained(hit, place)));
    lines.push(
        "Order: more WORDS, fewer TYPOS, more EXACT (2: as typed in the title), then the higher \
         SCORE,\n       which is the sum of what stands behind it times RULES."
            .to_owned(),
    );
    lines
}

fn explained(hit: &Value, place: usize) -> String {
    let rank = &hit["rank"];
    let title = text(&hit["title"]);
    let number = |name: &str| rank[name].as_f64().unwrap_or_default();
    let buckets = BUCKETS.iter().map(|(name, field)| {
        format!(" {:>width$}", rank[*field].as_u64().unwrap_or_default(), width = name.len())
    });
    let parts = PARTS
        .iter()
        .map(|(name, field)| format!(" {:>width$.3}", number(field), width = width(name)));
    let columns: String = buckets.chain(parts).collect();
    let rules = match hit["pinned"].as_bool() {
        Some(true) => "pinned".to_owned(),
        _ => format!("×{:.2}", number("factor")),
    };
    format!("{place:>3} {columns}  {rules:>7}  {title}")
}

/// Of a column of numbers like -0.123.
fn width(name: &str) -> usize {
    name.len().max(6)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_explained_answer_has_every_part_of_each_place_in_columns() {
        let rank = json!({
            "matched_words": 2, "typo_cost": 1, "exactness": 2, "score": 1.25, "text": 1.0, "kind": -0.2,
            "together": 0.08, "price": 0.0, "popularity": 0.12, "availability": 0.0, "newness": 0.25,
            "factor": 1.5
        });
        let nothing = json!({"matched_words": 0, "factor": 0.0});
        let answer = json!({
            "hits": [
                {"title": "Red roses", "rank": rank},
                {"title": "Tulips", "rank": nothing, "pinned": true}
            ],
            "corrected_query": "red roses", "relaxed": [], "rules": ["Tulips too"], "total": 2, "took_us": 9
        });

        let table = table(&answer);

        let lines: Vec<&str> = table.lines().collect();
        let columns: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(
            columns,
            [
                "1", "2", "1", "2", "1.250", "1.000", "-0.200", "0.080", "0.000", "0.120", "0.000",
                "0.250", "×1.50", "Red", "roses"
            ]
        );
        assert!(lines[2].ends_with(" pinned  Tulips"), "{table}");
        let starts = [lines[0].find("TITLE"), lines[1].find("Red").map(|at| at - 1)];
        assert_eq!(starts[0], starts[1], "{table}");
        assert!(table.contains("Rules: Tulips too\n2 products in 9 µs"), "{table}");
    }

    #[test]
    fn without_an_explanation_prices_are_shown() {
        let hit = json!({"title": "Red roses", "price": {"minor": 1250, "currency": "GBP"}});
        let answer = json!({"hits": [hit], "relaxed": ["blue"], "total": 1, "took_us": 9});

        assert_eq!(
            table(&answer),
            "  1        1250 GBP  Red roses\nNot in every hit: blue\n1 products in 9 µs"
        );
    }
}
