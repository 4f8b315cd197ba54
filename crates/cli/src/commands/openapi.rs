//! `souk openapi`: the API's description, generated from its handlers.

use std::process::ExitCode;

use crate::output::Output;

/// Prints the OpenAPI document.
///
/// # Errors
/// When stdout is closed.
pub(crate) fn run(output: Output) -> anyhow::Result<ExitCode> {
    let document = souk_api::openapi();
    output.result(&document, &serde_json::to_string_pretty(&document)?)?;
    Ok(ExitCode::SUCCESS)
}
