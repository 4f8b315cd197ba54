//! `souk doctor`: what stands in the way of a fast and safe shop, a line per check, with advice.
//!
//! It changes nothing and needs nothing to be right: it works beside a serving process, without one, and on
//! a database whose schema is not there yet.

mod judge;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;
use souk_commerce::Db;
use souk_pgserver::Server;

use crate::config::Config;
use crate::lock;
use crate::output::Output;

/// Connections that the checks take.
const CONNECTIONS_MAX: u32 = 2;
/// Name of the shop's database in the private cluster.
const DATABASE: &str = "souk";

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    /// As it should be.
    Fine,
    /// It works, but will not always.
    Warning,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: String,
    ok: bool,
    level: Level,
    detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Check {
    fn fine(name: &str, detail: impl Into<String>) -> Check {
        let (name, detail) = (name.to_owned(), detail.into());
        Check { name, ok: true, level: Level::Fine, detail, advice: None }
    }

    fn warning(name: &str, detail: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { level: Level::Warning, advice: Some(advice.into()), ..Check::fine(name, detail) }
    }

    fn broken(name: &str, detail: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { ok: false, level: Level::Broken, ..Check::warning(name, detail, advice) }
    }

    fn line(&self) -> String {
        let mark = match self.level {
            Level::Fine => '✓',
            Level::Warning => '!',
            Level::Broken => '✗',
        };
        let advice = self.advice.as_ref().map(|advice| format!("\n               → {advice}"));
        format!("{mark} {:<12} {}{}", self.name, self.detail, advice.unwrap_or_default())
    }
}

/// What programs read.
#[derive(Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Check>,
}

/// Looks at everything and ends with 1 when something does not work.
///
/// # Errors
/// When stdout is closed.
pub(crate) async fn run(config: &Config, output: Output) -> anyhow::Result<ExitCode> {
    let mut checks = database(config).await;
    checks.extend(data_folder(&config.data));
    let report = Report { ok: checks.iter().all(|check| check.ok), checks };
    let lines: Vec<String> = report.checks.iter().map(Check::line).collect();
    output.result(&report, &lines.join("\n"))?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reaches the database and looks at it; joins a private one, which is started if need be, and leaves it.
async fn database(config: &Config) -> Vec<Check> {
    let (server, url) = match reach(config).await {
        Ok(reached) => reached,
        Err(check) => return vec![check],
    };
    let checks = match souk_commerce::connect(&url, CONNECTIONS_MAX).await {
        Ok(db) => {
            let checks = look(&db).await;
            db.close().await;
            checks
        }
        Err(error) => vec![unreachable(&error.to_string())],
    };
    if let Some(server) = server {
        let left = tokio::task::spawn_blocking(move || server.leave()).await;
        if !matches!(left, Ok(Ok(()))) {
            tracing::warn!("the private database was not left cleanly");
        }
    }
    checks
}

async fn reach(config: &Config) -> Result<(Option<Server>, String), Check> {
    if let Some(url) = &config.database_url {
        return Ok((None, url.clone()));
    }
    let data = config.data.clone();
    if !data.join("postgres").is_dir() {
        let detail = format!("there is no shop in {} yet", data.display());
        let advice = "souk serve or souk demo makes one; --data or DATABASE_URL name another";
        return Err(Check::broken("server", detail, advice));
    }
    let joined = tokio::task::spawn_blocking(move || Server::join(&data)).await;
    let joined = joined.map_err(|error| unreachable(&error.to_string()))?;
    let server = joined.map_err(|error| unreachable(&error.to_string()))?;
    let url = server.url(DATABASE).map_err(|error| unreachable(&error.to_string()))?;
    Ok((Some(server), url))
}

fn unreachable(reason: &str) -> Check {
    let advice = "start PostgreSQL, or correct DATABASE_URL; search goes on from memory meanwhile";
    Check::broken("server", format!("cannot be reached: {reason}"), advice)
}

async fn look(db: &Db) -> Vec<Check> {
    let (asked_ms, asked) = (jiff::Timestamp::now().as_millisecond(), Instant::now());
    let survey = match souk_feed::survey(db).await {
        Ok(survey) => survey,
        Err(error) => return vec![unreachable(&error.to_string())],
    };
    let took = asked.elapsed();
    let mut checks = judge::server(&survey.server);
    checks.push(judge::clocks(&survey.server, asked_ms, took));
    match souk_commerce::migrated(db).await {
        Ok(migrated) => checks.push(judge::migrations(migrated)),
        Err(error) => checks.push(unreachable(&error.to_string())),
    }
    checks.extend(judge::publication(&survey));
    checks.extend(survey.slots.iter().map(judge::slot));
    checks.extend(survey.instances.iter().map(judge::instance));
    checks
}

/// The folder of index, uploads and, where it is private, the database.
fn data_folder(data: &Path) -> Vec<Check> {
    if !data.is_dir() {
        return Vec::new();
    }
    let mut checks = vec![match lock::is_held(data) {
        Ok(true) => Check::fine("serving", "a souk process uses the index of this folder"),
        Ok(false) => Check::fine("serving", "no souk process uses the index of this folder"),
        Err(error) => {
            let advice = "give the folder to the user that runs souk";
            Check::broken("serving", format!("{error:#}"), advice)
        }
    }];
    checks.extend(index(&data.join("index").join(souk_search::schema_hash())));
    checks.push(match rustix::fs::statvfs(data) {
        Ok(disk) => judge::disk(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize),
        Err(error) => Check::warning("disk", format!("cannot be looked at: {error}"), "see df"),
    });
    checks
}

fn index(dir: &Path) -> Option<Check> {
    let Ok(files) = fs::read_dir(dir) else {
        return Some(Check::warning("index", "there is none yet", "the next souk serve fills it"));
    };
    let sizes = files.flatten().filter_map(|file| file.metadata().ok());
    let bytes = sizes.map(|metadata| metadata.len()).sum();
    let committed = fs::metadata(dir.join("meta.json")).and_then(|metadata| metadata.modified());
    let age = committed.ok().and_then(|at| at.elapsed().ok());
    Some(judge::index(bytes, age.map(whole_seconds)))
}

fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}
