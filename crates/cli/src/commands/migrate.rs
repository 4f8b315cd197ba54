//! `souk migrate`: the schema is brought up to date whenever the database is opened; this says so.

use std::process::ExitCode;

use serde_json::json;

use crate::context::Context;

/// Confirms that every migration has been applied.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let migrated = souk_commerce::migrated(&context.db).await?;
    let text = if migrated {
        "The schema is up to date. Next: souk serve"
    } else {
        "The schema is not up to date."
    };
    context.output.result(&json!({ "migrated": migrated }), text)?;
    Ok(if migrated { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
