//! `souk psql`: a prompt on the database in use.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::context::Context;

/// Runs psql with the arguments as given and ends as it ends.
///
/// # Errors
/// When psql is not installed.
pub(crate) async fn run(context: &Context, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let program = match &context.server {
        Some(server) => server.programs()?.path("psql"),
        None => "psql".into(),
    };
    let (url, password) = split_password(&context.url);
    let mut command = tokio::process::Command::new(&program);
    // The address goes first so that the person's own arguments can override it.
    command.arg(format!("--dbname={url}")).args(arguments);
    if let Some(password) = password {
        // In the environment and not in the arguments, which every user of the machine can read.
        command.env("PGPASSWORD", password);
    }
    command.kill_on_drop(true);
    let status = command.status().await.with_context(|| {
        format!(
            "cannot run {}; install it with: apt-get install postgresql-client",
            program.display()
        )
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, Into::into))
}

/// The address without its password, and the password.
fn split_password(url: &str) -> (String, Option<String>) {
    let split = || {
        let (scheme, rest) = url.split_once("://")?;
        let (credentials, place) = rest.split_once('@')?;
        let (user, password) = credentials.split_once(':')?;
        Some((format!("{scheme}://{user}@{place}"), Some(percent_decoded(password))))
    };
    split().unwrap_or((url.to_owned(), None))
}

/// A URL part with its `%41` turned back into characters.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_address() {
        let (url, password) = split_password("postgres://souk:a%40b%@127.0.0.1:5/souk");

        assert_eq!(url, "postgres://souk@127.0.0.1:5/souk");
        assert_eq!(password.as_deref(), Some("a@b%"));
        assert_eq!(split_password("postgres://h/d").1, None);
    }
}
