//! Being asked to stop: Ctrl-C, SIGTERM, or the terminal going away.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What Ctrl-C means to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Stop.
    Stops,
    /// Nothing: it is for the program this one runs, which gets it too.
    IsForTheChild,
}

/// A token that is cancelled when somebody asks this process to stop.
///
/// # Errors
/// When signals cannot be listened to.
pub(crate) fn stop_token(interrupt: Interrupt) -> anyhow::Result<CancellationToken> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stopping(&mut interrupts, interrupt) => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}

/// Ends with the first interrupt that means to stop.
async fn stopping(interrupts: &mut Signal, interrupt: Interrupt) {
    loop {
        let received = interrupts.recv().await;
        if received.is_none() || interrupt == Interrupt::Stops {
            return;
        }
    }
}
