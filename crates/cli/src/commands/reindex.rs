//! `souk reindex`: throws the search index away and builds it again from the database.

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use crate::context::Context;
use crate::control::{self, Question};
use crate::following::{Following, remove_index};

/// Rebuilds; a serving process goes on answering from the old index meanwhile.
///
/// # Errors
/// When the database does not answer or the data folder cannot be written.
pub(crate) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    if control::ask(&context.config.data, &Question::Reindex).await?.is_some() {
        let text =
            "The serving process is filling a new index and answers from the old one meanwhile.";
        context.output.result(&json!({ "asked": true }), text)?;
        return Ok(ExitCode::SUCCESS);
    }
    context.output.note("Filling a new index.");
    remove_index(&context.index_dir())?;
    let mut following = Following::start(context)?;
    following.caught_up(context).await?;
    let documents = following.engine.view().map_or(0, |view| view.searcher.document_count());
    following.stop().await;
    let seconds = started.elapsed().as_secs_f64();
    let object = json!({ "documents": documents, "seconds": seconds });
    context.output.result(&object, &format!("{documents} products indexed in {seconds:.1} s."))?;
    Ok(ExitCode::SUCCESS)
}
