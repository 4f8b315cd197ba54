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

fn table(answer: &Value) -> String {
    let hits = answer["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut lines: Vec<String> = hits
        .iter()
        .enumerate()
        .map(|(place, hit)| {
            let price = format!("{} {}", hit["price"]["minor"], text(&hit["price"]["currency"]));
            let score = hit["rank"]["score"].as_f64();
            let score = score.map(|score| format!("  score {score:.3}")).unwrap_or_default();
            format!("{:>3}  {price:>14}  {}{score}", place + 1, text(&hit["title"]))
        })
        .collect();
    if let Some(corrected) = answer["corrected_query"].as_str() {
        lines.push(format!("Searched for: {corrected}"));
    }
    lines.push(format!("{} products in {} µs", answer["total"], answer["took_us"]));
    lines.join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
