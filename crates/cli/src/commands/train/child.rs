//! `souk train` as a child process: what it takes of memory is given back, and serving goes before it.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, setpriority_process};
use serde_json::Value;
use tokio::process::Command;

use crate::context::Context;

/// How much the process steps back for others, from 0 to 19.
const NICE: i32 = 10;
/// Characters that are told of what a child said before it failed.
const SAID_MAX: usize = 400;

/// Where a child process finds the shop of this one.
#[derive(Clone, Debug)]
pub(crate) struct Whereabouts {
    url: String,
    data: PathBuf,
    models: PathBuf,
}

impl Whereabouts {
    /// Those of this process's shop.
    pub(crate) fn of(context: &Context) -> Whereabouts {
        let (data, models) = (context.config.data.clone(), context.config.models.clone());
        Whereabouts { url: context.url.clone(), data, models }
    }
}

/// Trains on the shop that this process serves, by its configuration; gives what `souk train --json` prints. Dropped, it
/// ends the training.
///
/// # Errors
/// When no process can be started, or it ends before it has told what it did.
pub(crate) async fn in_child(shop: &Whereabouts, arguments: &[&str]) -> anyhow::Result<Value> {
    let child = Command::new(std::env::current_exe()?)
        .args(["train", "--json", "--quiet"])
        .args(arguments)
        .arg("--data")
        .arg(&shop.data)
        .arg("--models")
        .arg(&shop.models)
        .env("DATABASE_URL", &shop.url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start souk train")?;
    step_back(child.id());
    let ended = child.wait_with_output().await?;
    // Where nothing could be trained, it says so before it fails.
    if let Ok(report) = serde_json::from_slice(&ended.stdout) {
        return Ok(report);
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let last: Vec<char> = said.trim().chars().rev().take(SAID_MAX).collect();
    let last: String = last.into_iter().rev().collect();
    bail!("souk train ended with {}: {last}", ended.status)
}

/// Before it has made threads, so that all of them do.
fn step_back(id: Option<u32>) {
    let id = id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(Err(error)) = id.map(|id| setpriority_process(Some(id), NICE)) {
        tracing::debug!(%error, "a training runs as important as serving");
    }
}
