//! The process that is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;
use crate::shop::command;

/// Lines of the log that are shown after a failure.
const TAIL_LENGTH: usize = 80;

/// What every process of a run said.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

/// A serving process; killed when dropped.
pub(super) struct Souk {
    child: Child,
    said: Receiver<String>,
    address: Option<String>,
    log: Log,
}

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// What was said last.
    pub(super) fn tail(&self) -> String {
        let lines = self.0.lock().unwrap();
        lines[lines.len().saturating_sub(TAIL_LENGTH)..].join("\n")
    }
}

impl Souk {
    /// Starts `souk serve` on a free port and waits for nothing.
    pub(super) fn start(data: &Path, log: Log) -> Souk {
        let arguments = ["serve", "--bind", "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0"];
        let mut command = command(data, "", &arguments);
        let mut child =
            command.env("SOUK_LOG", "info,souk_api=warn").stderr(Stdio::piped()).spawn().unwrap();
        log.add(format!("started {}", child.id()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, said) = channel();
        let all = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(rest) = line.strip_prefix("Serving at http://") {
                    // Killed before it is asked, nobody wants to know.
                    let _gone = sender.send(rest.split(". ").next().unwrap().to_owned());
                }
                all.add(line);
            }
        });
        Souk { child, said, address: None, log }
    }

    /// Where it serves, once it does.
    pub(super) fn address(&mut self) -> String {
        let said = || self.said.recv_timeout(PATIENCE).expect("it serves in the end");
        self.address.get_or_insert_with(said).clone()
    }

    /// Waits for something that it is to do, as long as it lives.
    pub(super) fn wait_for(&mut self, what: &str, pause: Duration, is_there: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_there() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "souk ended before {what}: {ended:?}");
            assert!(Instant::now() < deadline, "waited too long for {what}");
            std::thread::sleep(pause);
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        self.log.add(format!("{signal:?} to {}", self.child.id()));
        // Not yet waited for, so the number is still its own.
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it as a power cut would.
    pub(super) fn kill(self) {
        self.signal(Signal::KILL);
    }

    /// Asks it to end as an operator would, and waits for that.
    pub(super) fn terminate(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.child.wait().unwrap()
    }
}

impl Drop for Souk {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
