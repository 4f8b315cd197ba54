//! The accept loop. `axum::serve` sets no header timer: half-sent heads would hold connections for ever
//! and keep a shutdown from ending; this loop bounds both.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::secrets::Peer;

/// Pause after a failed accept, so that running out of file descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What one listener grants its clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once; more wait in the listen backlog.
    pub connections: usize,
    /// Time from the start of a request (or of waiting for one) to the end of its head.
    pub header_read: Duration,
    /// Bytes of one head, and of hyper's read buffer.
    pub head_bytes: usize,
    /// Time that open requests have to end after a stop is asked for.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 4_096,
            header_read: Duration::from_secs(5),
            head_bytes: 32 * 1024,
            shutdown: Duration::from_secs(10),
        }
    }
}

/// Serves until `stop` is cancelled, then lets open requests end, at most `limits.shutdown` long.
///
/// # Errors
/// Never on account of a client; the signature leaves room for a listener that is gone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) -> io::Result<()> {
    let builder = builder(&limits);
    let open = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let cut_off = CancellationToken::new();
    while let Some((stream, slot)) = accept(&listener, &slots, &stop).await {
        let peer = stream.peer_addr().map(|address| Peer(address.ip().to_canonical())).ok();
        let inner = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            inner.call(request)
        });
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), service));
        let cut_off = cut_off.clone();
        tokio::spawn(async move {
            // A connection that ends in an error was broken off by its client: nothing to do.
            tokio::select! {
                _ = connection => (),
                () = cut_off.cancelled() => (),
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown, open.shutdown()).await.is_err() {
        tracing::warn!("requests still open at the end of the shutdown time are cut off");
        cut_off.cancel();
    }
    Ok(())
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes);
    builder
}

/// The next connection with its slot; none once a stop is asked for.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let next = async {
        let slot =
            slots.clone().acquire_owned().await.expect("the slots live as long as the listener");
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Answers are written whole; waiting to fill packets would only delay them.
                    drop(stream.set_nodelay(true));
                    return (stream, slot);
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        accepted = next => Some(accepted),
    }
}
