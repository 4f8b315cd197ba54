//! A shopper who searches all the time, over one connection as long as that lasts.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::PATIENCE;
use super::cluster::Cluster;

/// What is searched for, and how.
const PATHS: [&str; 5] = [
    "/v1/KW/search?q=rose&lang=en&facets=category,colour",
    "/v1/GB/search?q=wite+roses&lang=en",
    "/v1/KZ/search?lang=ru&sort=-price&limit=50",
    "/v1/AE/search?lang=ar&sort=price&limit=20",
    "/v1/KW/suggest?q=ros&lang=en",
];
/// Between two searches, so that there is something left of a small machine for the others.
const PAUSE: Duration = Duration::from_millis(5);

/// The shopper's thread; ends when dropped.
pub(super) struct Searcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// Where to search; nothing while nobody needs to answer.
    address: Mutex<Option<String>>,
    cluster: Cluster,
    answered: AtomicUsize,
    answered_in_outages: AtomicUsize,
    /// What was not answered well.
    complaint: Mutex<Option<String>>,
    ended: AtomicBool,
}

impl Searcher {
    pub(super) fn start(data: &Path) -> Searcher {
        let shared = Arc::new(Shared {
            address: Mutex::default(),
            cluster: Cluster::of(data),
            answered: AtomicUsize::default(),
            answered_in_outages: AtomicUsize::default(),
            complaint: Mutex::default(),
            ended: AtomicBool::default(),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || theirs.search());
        Searcher { shared, thread: Some(thread) }
    }

    /// From now on every search at this address must be answered.
    pub(super) fn visit(&self, address: &str) {
        *self.shared.address.lock().unwrap() = Some(address.to_owned());
    }

    /// From now on nobody needs to answer.
    pub(super) fn leave(&self) {
        self.shared.address.lock().unwrap().take();
    }

    pub(super) fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Searches that were answered while PostgreSQL took no connection, neither before the search nor after it.
    pub(super) fn answered_in_outages(&self) -> usize {
        self.shared.answered_in_outages.load(Ordering::Relaxed)
    }

    /// Checks that every search was answered where somebody had to.
    pub(super) fn is_content(&self) {
        let complaint = self.shared.complaint.lock().unwrap();
        assert!(complaint.is_none(), "a search was not answered: {complaint:?}");
    }
}

impl Drop for Searcher {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|ended| ended.is_ok()));
    }
}

impl Shared {
    fn search(&self) {
        let mut connection = None;
        for path in PATHS.iter().cycle() {
            if self.ended.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(PAUSE);
            let Some(address) = self.address.lock().unwrap().clone() else { continue };
            let was_down = !self.cluster.answers();
            let answer = ask(&mut connection, &address, path);
            if matches!(answer, Ok((200, _))) {
                let is_down = was_down && !self.cluster.answers();
                self.answered.fetch_add(1, Ordering::Relaxed);
                self.answered_in_outages.fetch_add(usize::from(is_down), Ordering::Relaxed);
            } else {
                connection = None;
                let had_to = self.address.lock().unwrap();
                if had_to.as_ref() == Some(&address) {
                    let complaint = format!("{path}, PostgreSQL down: {was_down}: {answer:?}");
                    self.complaint.lock().unwrap().get_or_insert(complaint);
                }
            }
        }
    }
}

/// Asks over this connection to the same address, or else over a new one.
fn ask(
    connection: &mut Option<(String, BufReader<TcpStream>)>,
    address: &str,
    path: &str,
) -> io::Result<(u16, String)> {
    if connection.as_ref().is_none_or(|(at, _)| at != address) {
        *connection = Some((address.to_owned(), connect(address)?));
    }
    let (_, stream) = connection.as_mut().expect("it was just made");
    converse(stream, path)
}

/// The status and body of what a server says to a GET.
pub(super) fn get(address: &str, path: &str) -> io::Result<(u16, String)> {
    converse(&mut connect(address)?, path)
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn converse(stream: &mut BufReader<TcpStream>, path: &str) -> io::Result<(u16, String)> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: souk\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes())?;
    let (mut status, mut length, mut line) = (None, None, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let said = line.trim().to_lowercase();
        if said.is_empty() {
            break;
        }
        let code = || said.split(' ').nth(1)?.parse().ok();
        status = status.or_else(code);
        if let Some(text) = said.strip_prefix("content-length:") {
            length = text.trim().parse().ok();
        }
    }
    let Some((status, length)) = status.zip(length) else {
        return Err(io::Error::other("neither status nor length"));
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((status, String::from_utf8(body).map_err(io::Error::other)?))
}
