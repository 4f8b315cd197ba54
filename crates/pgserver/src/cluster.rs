//! Making the cluster: `initdb` and the database `souk`, both or nothing.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rand::distr::{Alphanumeric, SampleString};

use crate::error::cannot;
use crate::place::Place;
use crate::programs::Programs;
use crate::{Error, Result, Settings};

/// The one role of the cluster, and the database that is made with it.
pub(crate) const SOUK: &str = "souk";

const UNFINISHED: &str = "unfinished-";
const PASSWORD_LENGTH: usize = 32;
const OUTPUT_LINES: usize = 6;

/// Locales by preference: characters compared by code point, letters of every script known. Version 17 brings its own;
/// before it, the system's must do, and the last one exists everywhere but knows only ASCII letters.
const LOCALES: [&[&str]; 4] = [
    &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
    &["--locale=C.UTF-8"],
    &["--locale=C", "--lc-ctype=en_US.UTF-8"],
    &["--locale=C"],
];

/// The settings that the owner may change later in `postgresql.conf`.
const TUNABLES: &str = "
# Souk's choices for a small machine; change them as you like.
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
# Follower instances use one slot and one sender each; a slot that falls this far behind is given up.
max_replication_slots = 20
max_wal_senders = 20
max_slot_wal_keep_size = 8GB
# No details: they quote rows, and rows hold names and addresses.
log_error_verbosity = terse
";

/// The major version that made the cluster of `place`, or none if there is no cluster yet.
pub(crate) fn made_by(place: &Place) -> Result<Option<u32>> {
    let path = place.cluster().join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", &path)(error)),
    }
}

/// Makes the cluster. It gets its name only when it is complete, so a kill leaves nothing that looks like one. Until
/// then its name is its own: programs that outlive a killed maker for a moment still write to theirs.
pub(crate) fn make(place: &Place, programs: &Programs, settings: Settings<'_>) -> Result<()> {
    let unfinished = place.folder().join(format!("{UNFINISHED}{}", random_text(8)));
    place.write(&place.password_file(), &format!("{}\n", random_text(PASSWORD_LENGTH)))?;
    run_initdb(place, programs, &unfinished)?;
    configure(&unfinished)?;
    make_database(place, programs, &unfinished, settings)?;
    if !settings.contains(&("fsync", "off")) {
        run(place.command(&programs.path("initdb")).arg("--sync-only").arg("-D").arg(&unfinished))?;
    }
    let cluster = place.cluster();
    fs::rename(&unfinished, &cluster).map_err(cannot("create", &cluster))?;
    if let Err(error) = remove_unfinished(place.folder()) {
        tracing::warn!("an unfinished cluster stays behind: {error}");
    }
    Ok(())
}

/// Tries the locales in turn; `initdb` removes what it made when it fails.
fn run_initdb(place: &Place, programs: &Programs, folder: &Path) -> Result<()> {
    let mut outcome = Ok(());
    for locale in LOCALES {
        let mut initdb = place.command(&programs.path("initdb"));
        initdb.arg("--pgdata").arg(folder).arg("--pwfile").arg(place.password_file());
        initdb.args(["--username", SOUK, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
        initdb.args(["--data-checksums", "--no-instructions", "--no-sync"]).args(locale);
        outcome = run(&mut initdb);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Removes what killed makers left.
fn remove_unfinished(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(cannot("read", folder))? {
        let entry = entry.map_err(cannot("read", folder))?;
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            fs::remove_dir_all(entry.path()).map_err(cannot("remove", &entry.path()))?;
        }
    }
    Ok(())
}

fn random_text(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

fn configure(cluster: &Path) -> Result<()> {
    let path = cluster.join("postgresql.conf");
    let mut file = OpenOptions::new().append(true).open(&path).map_err(cannot("open", &path))?;
    let text = format!("{TUNABLES}shared_buffers = {}MB\n", shared_buffers_mb());
    file.write_all(text.as_bytes()).map_err(cannot("write", &path))
}

/// An eighth of the memory: the search index and the models want the rest.
fn shared_buffers_mb() -> u64 {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total_kb = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0_u64);
    (total_kb / 1024 / 8).clamp(128, 1024)
}

/// Makes the database in single-user mode: no port is open yet, and no client program is needed.
fn make_database(
    place: &Place,
    programs: &Programs,
    folder: &Path,
    settings: Settings<'_>,
) -> Result<()> {
    let mut postgres = place.command(&programs.path("postgres"));
    postgres.arg("--single").arg("-D").arg(folder).args(as_options(settings));
    // By itself the program would carry on after a failed statement and end well.
    postgres.args(["-c", "exit_on_error=on", "postgres"]);
    run_with(&mut postgres, &format!("create database {SOUK}\n"))
}

/// `settings` as the server takes them on its command line.
pub(crate) fn as_options(settings: Settings<'_>) -> impl Iterator<Item = String> {
    settings.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")])
}

fn run(command: &mut Command) -> Result<()> {
    run_with(command, "")
}

fn run_with(command: &mut Command, input: &str) -> Result<()> {
    let program = Path::new(command.get_program()).to_owned();
    let output = output_of(command, input).map_err(cannot("run", &program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::Init { program, said: last_lines(&String::from_utf8_lossy(&said), OUTPUT_LINES) })
}

fn output_of(command: &mut Command, input: &str) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    child.wait_with_output()
}

/// The last `count` lines of `text`, on one line.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join(" | ")
}
