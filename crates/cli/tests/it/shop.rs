//! Shops to test against: the flower catalogue in a fresh database, in this process or behind the
//! real binary.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use souk_search::{Engine, View};
use souk_testdb::TestDb;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Nothing that is waited for takes longer than this, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file of the repository's `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// The flower shop, searched in this process.
pub(crate) struct FlowerShop {
    pub pool: PgPool,
    pub engine: Arc<Engine>,
    pub index_dir: PathBuf,
    pub status: watch::Receiver<souk_feed::Status>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<souk_feed::Result<()>>,
    _data: tempfile::TempDir,
    _db: TestDb,
}

/// Imports the flower catalogue into a fresh database and waits until the index has it. The index is looked
/// through for damage twice a second.
pub(crate) async fn flower_shop() -> FlowerShop {
    let db = TestDb::new().await;
    let data = tempfile::tempdir().unwrap();
    for name in ["flowers/flowers.jsonl", "flowers/gifts.jsonl"] {
        let path = fixture(name);
        let output = souk(
            data.path(),
            &db.url(),
            &["import", "catalog", path.to_str().unwrap(), "--invent-stock"],
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let pool = db.pool().clone();
    let engine = Arc::new(Engine::new());
    let stop = CancellationToken::new();
    let (sender, mut status) = watch::channel(souk_feed::Status::default());
    let index_dir = data.path().join("index");
    let config = souk_feed::Config {
        database_url: db.url(),
        index_dir: index_dir.clone(),
        instance: "facets".to_owned(),
        commit_interval: Duration::from_millis(100),
        save_interval: Duration::from_secs(60),
        scrub_interval: Duration::from_millis(500),
    };
    let follow = souk_feed::follow(config, pool.clone(), engine.clone(), sender, stop.clone());
    let task = tokio::spawn(follow);
    let wanted = souk_commerce::position(&mut pool.acquire().await.unwrap()).await.unwrap();
    let filled = status.wait_for(|_| engine.view().is_some_and(|view| view.position >= wanted));
    tokio::time::timeout(PATIENCE, filled).await.unwrap().unwrap();
    FlowerShop { pool, engine, index_dir, status, stop, task, _data: data, _db: db }
}

impl FlowerShop {
    pub(crate) fn view(&self) -> Arc<View> {
        self.engine.view().unwrap()
    }

    pub(crate) fn engine(&self) -> Arc<Engine> {
        self.engine.clone()
    }

    /// Waits until everything that was committed so far is searched.
    pub(crate) async fn caught_up(&self) {
        let mut connection = self.pool.acquire().await.unwrap();
        let wanted = souk_commerce::position(&mut connection).await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.view().position < wanted {
            assert!(Instant::now() < deadline, "the feed does not reach {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
        self.pool.close().await;
    }
}

/// Runs the binary to its end. An empty `url` means the private PostgreSQL of the data folder.
pub(crate) fn souk(data: &Path, url: &str, arguments: &[&str]) -> Output {
    command(data, url, arguments).output().unwrap()
}

/// A folder that the user of a private PostgreSQL can enter.
pub(crate) fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

pub(crate) fn command(data: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    // A folder without souk.toml, so that nobody's own configuration is read.
    command.current_dir(data).env_remove("DATABASE_URL");
    if !url.is_empty() {
        command.env("DATABASE_URL", url);
    }
    command
}

/// The head and body of what a server says to a GET.
pub(crate) fn get(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: souk\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The status in the head of an answer.
pub(crate) fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A serving binary; killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts `souk serve` on a free port and waits until `/readyz` says 200.
    pub(crate) fn start(data: &Path, url: &str) -> Server {
        let arguments = ["serve", "--bind", "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0"];
        let mut child = command(data, url, &arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("souk ended: {said}")).unwrap();
            if let Some(rest) = line.strip_prefix("Serving at http://") {
                break rest.split(". ").next().unwrap().to_owned();
            }
            said.push_str(&line);
        };
        // Reads on, so that a full pipe never blocks the server.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Server { child, address };
        server.wait_for("/readyz", |status, _| status == 200);
        server
    }

    /// Where it serves.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The status and body of a GET.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let (head, body) = get(&self.address, path);
        (status(&head), body)
    }

    /// The JSON of a GET that must succeed.
    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Asks again and again until the answer is as wanted.
    pub(crate) fn wait_for(&self, path: &str, wanted: impl Fn(u16, &str) -> bool) {
        let started = Instant::now();
        loop {
            let (status, body) = self.get(path);
            if wanted(status, &body) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{path} still says {status}: {body}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills the process as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end as an operator would.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
