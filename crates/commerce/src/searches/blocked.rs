//! Words that are never suggested.

use serde_json::json;
use sqlx::PgConnection;

use super::sql;
use super::text::folded;
use crate::writes::Write;
use crate::{Error, Result};

/// Longest blocked word, in characters; several words are one entry that must stand together.
const WORD_LENGTH_MAX: usize = 100;

/// The blocked words in order.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn blocked(connection: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sql::blocked(connection).await?)
}

/// Blocks a word, in any spelling; gives the spelling it is kept in. A blocked one stays so.
///
/// # Errors
/// [`Error::Invalid`] for a word of no letters, or too many.
pub async fn block(write: &mut Write, word: &str) -> Result<String> {
    let word = folded(word);
    if !(1..=WORD_LENGTH_MAX).contains(&word.chars().count()) {
        let reason = format!("a blocked word has from 1 to {WORD_LENGTH_MAX} characters");
        return Err(Error::invalid("word", reason));
    }
    sql::block(write, &word).await?;
    write.note("blocked_words.add", &word, json!({})).await?;
    Ok(word)
}

/// Lets a word be suggested again.
///
/// # Errors
/// [`Error::NotFound`] when it is not blocked.
pub async fn unblock(write: &mut Write, word: &str) -> Result<()> {
    let word = folded(word);
    if !sql::unblock(write, &word).await? {
        return Err(Error::NotFound);
    }
    write.note("blocked_words.remove", &word, json!({})).await
}
