//! How one `souk` process asks another that serves the same data folder: a line of JSON each way.
//!
//! The serving process listens on a free port of 127.0.0.1 and writes port and a random token to
//! `control.json` in the data folder, readable by its owner only. Index and live columns are in that
//! process's memory, so `verify`, `search` and `reindex` are answered there.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::context::write_private;
use crate::lock;

/// Longest request line.
const REQUEST_LENGTH_MAX: u64 = 64 * 1024;

/// What can be asked of a serving process.
#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    /// Compare index and columns with the database.
    Verify,
    /// Throw the index away and build it again.
    Reindex,
    /// Search as a shopper would.
    Search {
        /// Market code.
        market: String,
        /// What is searched for.
        text: String,
        /// Language of page and answer.
        lang: Option<String>,
        /// How many hits.
        limit: usize,
        /// Whether each hit says why it stands where it does.
        explain: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    token: String,
    question: Question,
}

#[derive(Serialize, Deserialize)]
struct Door {
    port: u16,
    token: String,
}

fn door_path(data: &Path) -> PathBuf {
    data.join("control.json")
}

/// Asks the process that serves this data folder; none when no process does.
///
/// # Errors
/// When a process serves it but answers with an error.
pub(crate) async fn ask(data: &Path, question: &Question) -> anyhow::Result<Option<Value>> {
    // A file left behind by a killed process may name a port that another program has now.
    if !lock::is_held(data)? {
        return Ok(None);
    }
    let Ok(text) = std::fs::read_to_string(door_path(data)) else {
        return Ok(None);
    };
    let door: Door = serde_json::from_str(&text).context("control.json cannot be read")?;
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", door.port)).await else {
        return Ok(None);
    };
    let envelope = Envelope { token: door.token, question: question.clone() };
    stream.write_all(format!("{}\n", serde_json::to_string(&envelope)?).as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.is_empty() {
        // The process is just stopping.
        return Ok(None);
    }
    let answer: Value =
        serde_json::from_str(&answer).context("the serving process answered oddly")?;
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => bail!("the serving process says: {error}"),
        None => Ok(Some(answer)),
    }
}

/// Listens for questions until stopped; `answer` turns a question into an object.
///
/// # Errors
/// When no port is free or the data folder cannot be written.
pub(crate) async fn listen<A>(
    data: &Path,
    stop: CancellationToken,
    answer: impl Fn(Question) -> A + Clone + Send + 'static,
) -> anyhow::Result<()>
where
    A: Future<Output = anyhow::Result<Value>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let token = format!("{:032x}", rand::random::<u128>());
    let door = Door { port: listener.local_addr()?.port(), token: token.clone() };
    let path = door_path(data);
    write_private(&path, &serde_json::to_string(&door)?)?;
    tokio::spawn(async move {
        while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
            let (token, answer) = (token.clone(), answer.clone());
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &token, answer).await {
                    tracing::debug!(%error, "a control conversation broke off");
                }
            });
        }
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(%error, "control.json was not removed");
        }
    });
    Ok(())
}

async fn converse<A>(
    mut stream: TcpStream,
    token: &str,
    answer: impl Fn(Question) -> A,
) -> anyhow::Result<()>
where
    A: Future<Output = anyhow::Result<Value>>,
{
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(REQUEST_LENGTH_MAX)).read_line(&mut line).await?;
    let envelope: Envelope = serde_json::from_str(&line)?;
    if envelope.token != token {
        bail!("wrong token");
    }
    let object = match answer(envelope.question).await {
        Ok(object) => object,
        Err(error) => json!({ "error": format!("{error:#}") }),
    };
    writer.write_all(object.to_string().as_bytes()).await?;
    Ok(writer.shutdown().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_is_answered_and_a_stranger_is_not() {
        let data = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let _serving = lock::hold(data.path()).unwrap();
        listen(
            data.path(),
            stop.clone(),
            |question| async move { Ok(json!({ "asked": question })) },
        )
        .await
        .unwrap();

        let answer = ask(data.path(), &Question::Verify).await.unwrap();
        let text = std::fs::read_to_string(door_path(data.path())).unwrap();
        let door: Door = serde_json::from_str(&text).unwrap();
        let forged = Door { token: "0".to_owned(), ..door };
        write_private(&door_path(data.path()), &serde_json::to_string(&forged).unwrap()).unwrap();
        let refused = ask(data.path(), &Question::Verify).await.unwrap();
        stop.cancel();

        assert_eq!(answer.unwrap()["asked"], "verify");
        assert!(refused.is_none());
    }

    #[tokio::test]
    async fn nobody_answers_where_nobody_serves() {
        let data = tempfile::tempdir().unwrap();
        write_private(&door_path(data.path()), r#"{"port": 1, "token": "left behind"}"#).unwrap();

        assert!(ask(data.path(), &Question::Verify).await.unwrap().is_none());
    }
}
