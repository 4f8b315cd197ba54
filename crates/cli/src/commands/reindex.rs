//! `souk reindex`: throws the search index away and builds it again from the database.

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use crate::context::Context;
use crate::control::{self, Question};
use crate::following::Following;

/// Rebuilds; a serving process goes on answering from the old index meanwhile.
///
/// # Errors
/// When the database does not answer or the data folder cannot be written.
pub(crate) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    if let Some(answer) = control::ask(&context.config.data, &Question::Reindex).await? {
        let text = if answer["asked"] == true {
            "The serving process is filling a new index and answers from the old one meanwhile."
        } else {
            "The serving process was asked before and is still about to fill a new index."
        };
        context.output.result(&answer, text)?;
        return Ok(ExitCode::SUCCESS);
    }
    context.output.note("Filling a new index.");
    let mut following = Following::start_anew(context)?;
    following.caught_up(context).await?;
    let documents = following.engine.view().map_or(0, |view| view.searcher.document_count());
    following.stop().await;
    let seconds = started.elapsed().as_secs_f64();
    let object = json!({ "documents": documents, "seconds": seconds });
    context.output.result(&object, &format!("{documents} products indexed in {seconds:.1} s."))?;
    Ok(ExitCode::SUCCESS)
}
