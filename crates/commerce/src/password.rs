//! Password hashes of staff and customers: argon2id with the crate's defaults (19 MiB, 2 passes; OWASP's minimum), computed off
//! the async threads, few at a time.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// Hashes computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

pub(crate) static PLACES: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Shortest password (NIST SP 800-63B-4 asks for 15 where it is the only factor, 8 with a second one;
/// log-in attempts are throttled).
pub(crate) const LENGTH_MIN: usize = 10;

/// Longest password that is looked at, in characters.
pub(crate) const LENGTH_MAX: usize = 1_024;

/// Refuses a password that is too easy to guess, or that nobody could log in with.
pub(crate) fn check(password: &str) -> Result<()> {
    if password.chars().count() < LENGTH_MIN {
        return Err(Error::PasswordTooShort(LENGTH_MIN));
    }
    if !fits(password, LENGTH_MAX) {
        return Err(Error::PasswordUnusable(LENGTH_MAX));
    }
    Ok(())
}

/// Whether a text can be an address or a password at all: PostgreSQL's texts hold no NUL, and nobody
/// types more than this.
pub(crate) fn fits(text: &str, length_max: usize) -> bool {
    !text.contains('\0') && text.chars().count() <= length_max
}

/// Hashes a password with a random salt.
pub(crate) async fn hash(password: String) -> Result<String> {
    in_turn(move || compute(&password)).await
}

/// Whether the password is the one that was hashed. Nobody's hash is never right but costs the same, so
/// that the time does not tell who exists.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    in_turn(move || match hash {
        Some(hash) => compare(&password, &hash),
        None => compute(&password).map(|_| false),
    })
    .await
}

/// Runs work when there is a place. Work whose caller went away still holds its place until it ends, so
/// that the limit bounds what really runs.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let place = PLACES.clone().acquire_owned().await.expect("this semaphore is never closed");
    let work = move || {
        let _place = place;
        work()
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::PasswordHash(error.to_string()))?
}

fn compute(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::PasswordHash(error.to_string()))
}

fn compare(password: &str, hash: &str) -> Result<bool> {
    let parsed = PasswordHash::new(hash).map_err(|error| Error::PasswordHash(error.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[tokio::test]
    async fn work_keeps_its_place_when_its_caller_goes_away() {
        let (entered, mut entries) = unbounded_channel();
        let mut releases = Vec::new();
        for _ in 0..AT_ONCE {
            let (release, released) = mpsc::channel::<()>();
            releases.push(release);
            let entered = entered.clone();
            let caller = tokio::spawn(in_turn(move || {
                entered.send(()).unwrap();
                // Ends when the other end of the channel is gone.
                Ok(released.recv().is_ok())
            }));
            entries.recv().await.unwrap();
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }

        assert_eq!(PLACES.available_permits(), 0);
        drop(releases);
        assert_eq!(in_turn(|| Ok("a place")).await.unwrap(), "a place");
    }
}
