//! Starting, recognising and stopping the server process.
//!
//! The truth about life is `server.lock`: the server is started with that file, locked, as its standard input, and every
//! process of the server inherits it. The kernel frees the lock when the last of them has ended; a recycled process id, a
//! process table that this container cannot see or a restart of the machine cannot fake it.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::cluster::{as_options, last_lines};
use crate::error::cannot;
use crate::place::{Place, remove_if_there};
use crate::programs::Programs;
use crate::{Error, Result, Settings};

/// Below the ports that systems give to outgoing connections, so that nothing takes ours while the server is down.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
const PORT_ATTEMPTS_MAX: usize = 20;

const POLL: Duration = Duration::from_millis(10);
/// Recovery after a crash reads up to `max_wal_size` of log.
const START_TIMEOUT: Duration = Duration::from_mins(5);
/// A fast stop writes every changed page.
const STOP_TIMEOUT: Duration = Duration::from_mins(1);
/// Server processes that outlive a killed postmaster notice it at once when idle, else at their next step.
const ORPHANS_TIMEOUT: Duration = Duration::from_secs(20);

const LOG_BYTES_MAX: u64 = 16 << 20;
const LOG_LINES: usize = 4;

/// What a server says about itself in `postmaster.pid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pid: Pid,
    pub(crate) port: u16,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Stopping,
}

/// The running server of `place`, or none if nothing of it is alive: what is dying is waited for. The change lock must be held.
pub(crate) fn running(place: &Place) -> Result<Option<Postmaster>> {
    let deadline = Instant::now() + ORPHANS_TIMEOUT;
    loop {
        match look(place)? {
            (_, Some(postmaster)) if postmaster.phase != Phase::Stopping => {
                return Ok(Some(postmaster));
            }
            (false, None) => return Ok(None),
            _ if Instant::now() > deadline => {
                return Err(Error::Unreachable(place.cluster()));
            }
            _ => thread::sleep(POLL),
        }
    }
}

/// The server of `place` if it is alive at this moment.
pub(crate) fn alive(place: &Place) -> Result<Option<Postmaster>> {
    look(place).map(|(_, postmaster)| postmaster)
}

/// Starts the server on the port it had before, if that is free, and waits until it answers.
pub(crate) fn start(
    place: &Place,
    programs: &Programs,
    settings: Settings<'_>,
) -> Result<Postmaster> {
    let mut port = noted_port(place).unwrap_or_else(any_port);
    for _ in 0..PORT_ATTEMPTS_MAX {
        if is_free(port) {
            let started =
                spawn(place, programs, port, settings).and_then(|pid| wait_until_ready(place, pid));
            // Somebody may take the port between the look and the start.
            if started.is_ok() || is_free(port) {
                place.write(&place.port_file(), &format!("{port}\n"))?;
                return started;
            }
        }
        port = any_port();
    }
    Err(Error::Start { log: place.log(), tail: "every port tried is taken".to_owned() })
}

/// Waits until `postmaster` answers on its port.
pub(crate) fn wait_until_answering(place: &Place, postmaster: Postmaster) -> Result<Postmaster> {
    wait_until_ready(place, postmaster.pid)
}

/// Stops the server and waits for the end of its last process; the change lock must be held.
pub(crate) fn stop(place: &Place) -> Result<()> {
    for signal in [Signal::INT, Signal::QUIT] {
        let Some(postmaster) = alive(place)? else { return Ok(()) };
        // A process that is gone by now is what we want.
        let _ = kill_process(postmaster.pid, signal);
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if look(place)? == (false, None) {
                return Ok(());
            }
            thread::sleep(POLL);
        }
    }
    Err(Error::Unreachable(place.cluster()))
}

/// Whether server processes hold the lock, and the postmaster if it lives.
fn look(place: &Place) -> Result<(bool, Option<Postmaster>)> {
    let held = match place.open("server.lock")?.try_lock_shared() {
        Ok(()) => false,
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(error)) => return Err(cannot("lock", place.folder())(error)),
    };
    let cluster = place.cluster();
    let living = noted(&cluster)?.filter(|noted| {
        // A server that its owner started by hand holds no lock, but works in the cluster's folder.
        is_process(noted.pid) && workplace(noted.pid).map_or(held, |folder| folder == cluster)
    });
    Ok((held, living))
}

fn spawn(place: &Place, programs: &Programs, port: u16, settings: Settings<'_>) -> Result<Pid> {
    let program = programs.path("postgres");
    let lock = place.open("server.lock")?;
    lock.lock().map_err(cannot("lock", place.folder()))?;
    forget_misleading(&place.cluster())?;
    place.forget_sockets()?;
    let mut postgres = command(place, &program, port, settings);
    postgres.stdin(lock).stdout(open_log(place)?).stderr(open_log(place)?);
    let mut child = postgres.spawn().map_err(cannot("run", &program))?;
    let pid = Pid::from_child(&child);
    // Takes the dead server's entry out of the process table as long as this process lives.
    thread::spawn(move || child.wait());
    Ok(pid)
}

/// Removes a left-over `postmaster.pid` that the server would believe: its process id now belongs to an unrelated
/// process of the same account, or to the dead server itself, which nobody has waited for. In a container that may stay
/// so for ever. Every other left-over the server judges well by itself. The server lock must be held.
fn forget_misleading(cluster: &Path) -> Result<()> {
    let misleads = noted(cluster)?.is_some_and(|noted| match workplace(noted.pid) {
        Some(folder) => folder != cluster,
        None => test_kill_process(noted.pid).is_ok() && !is_process(noted.pid),
    });
    if misleads { remove_if_there(&cluster.join("postmaster.pid")) } else { Ok(()) }
}

fn command(place: &Place, program: &Path, port: u16, settings: Settings<'_>) -> Command {
    let sockets = place.socket_folder().filter(|_| place.takes_sockets());
    let own = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port.to_string()),
        ("unix_socket_directories", sockets.unwrap_or_default()),
        ("wal_level", "logical"),
        ("logging_collector", "off"),
    ];
    let mut command = place.command(program);
    command.arg("-D").arg(place.cluster()).args(as_options(&own)).args(as_options(settings));
    // Ctrl-C in the terminal is for us; the server is stopped when its last user leaves.
    command.stdin(Stdio::null()).process_group(0);
    command
}

fn open_log(place: &Place) -> Result<File> {
    let path = place.log();
    let length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if length > LOG_BYTES_MAX {
        fs::rename(&path, path.with_extension("old")).map_err(cannot("rename", &path))?;
    }
    place.open("log")
}

fn wait_until_ready(place: &Place, pid: Pid) -> Result<Postmaster> {
    let cluster = place.cluster();
    let deadline = Instant::now() + START_TIMEOUT;
    while is_process(pid) && Instant::now() < deadline {
        if let Some(noted) = noted(&cluster)?
            && noted.pid == pid
            && noted.phase == Phase::Ready
            && answers(noted.port)
        {
            return Ok(noted);
        }
        thread::sleep(POLL);
    }
    let log = place.log();
    let tail = last_lines(&fs::read_to_string(&log).unwrap_or_default(), LOG_LINES);
    Err(Error::Start { log, tail })
}

fn noted(cluster: &Path) -> Result<Option<Postmaster>> {
    let path = cluster.join("postmaster.pid");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", &path)(error)),
    }
}

/// Reads `postmaster.pid`: process id, folder, start time, port, socket folder, address, shared memory, state. The
/// server writes it line by line while it starts.
fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let phase = match lines.get(7) {
        Some(&"ready") => Phase::Ready,
        Some(&"stopping") => Phase::Stopping,
        _ => Phase::Starting,
    };
    let pid = Pid::from_raw(lines.first()?.parse().ok()?)?;
    let port = lines.get(3).and_then(|port| port.parse().ok()).unwrap_or(0);
    Some(Postmaster { pid, port, phase })
}

/// Whether `pid` is a process that has not ended. One that nobody has waited for yet counts as ended.
fn is_process(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let ended = stat.is_ok_and(|stat| {
        stat.rsplit_once(')').is_some_and(|(_, fields)| fields.trim_start().starts_with(['Z', 'X']))
    });
    !ended && !matches!(test_kill_process(pid), Err(Errno::SRCH))
}

/// The folder `pid` works in: for a server process its cluster. None where the system does not tell.
fn workplace(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()
}

fn noted_port(place: &Place) -> Option<u16> {
    fs::read_to_string(place.port_file()).ok()?.trim().parse().ok()
}

fn any_port() -> u16 {
    rand::rng().random_range(PORTS)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postmaster_file_is_read_even_while_it_is_being_written() {
        let full = "22013\n/c\n1795301821\n54999\n\n127.0.0.1\n 10027143        20\nready   \n";
        let partial = "22013\n/c\n1795301821\n54999\n";

        assert_eq!(parse(full).unwrap().phase, Phase::Ready);
        assert_eq!(parse(full).unwrap().port, 54_999);
        assert_eq!(parse(partial).unwrap().phase, Phase::Starting);
        assert_eq!(parse(""), None);
        assert_eq!(parse("0\n"), None);
    }

    #[test]
    fn a_process_that_ended_is_not_a_process() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = Pid::from_child(&child);

        assert!(is_process(pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_process(pid));
    }
}
