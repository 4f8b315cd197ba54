//! Opening and closing a write.

use souk_base::{Position, StaffId};
use sqlx::PgConnection;

use super::{Answer, Begun, IdempotencyKey, Write, sql};
use crate::db::{self, position};
use crate::{Db, Error, Result};

/// Opens a write, unless this very request was answered before.
///
/// # Errors
/// [`Error::KeyReused`] when another request had this key; [`Error::KeyInUse`] while the request runs elsewhere.
pub async fn begin(db: &Db, actor: Option<StaffId>, key: Option<IdempotencyKey>) -> Result<Begun> {
    let mut transaction = db::begin(db).await?;
    if let Some(key) = &key
        && !sql::lock(&mut transaction, key).await?
    {
        return Err(Error::KeyInUse);
    }
    let mut write = Write { transaction, actor, key };
    match write.answered().await {
        Ok(None) => Ok(Begun::New(write)),
        Ok(Some(answer)) => {
            // Dropping frees the key only some time after the answer, and a quick repetition would find it in use.
            write.roll_back().await?;
            Ok(Begun::Before(answer))
        }
        Err(error) => {
            write.roll_back().await?;
            Err(error)
        }
    }
}

/// Opens a write that first locks what all requests with this key are about, which saves a statement;
/// [`Write::answered`] is to be asked then.
pub(crate) async fn open(db: &Db, actor: Option<StaffId>, key: IdempotencyKey) -> Result<Write> {
    Ok(Write { transaction: db::begin(db).await?, actor, key: Some(key) })
}

/// Completes the answer that was given under a key, once what could only be done after its write has been: the first to
/// do so says what every repetition gets.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn complete(
    db: &Db,
    key: &IdempotencyKey,
    first: &Answer,
    last: Answer,
) -> Result<Answer> {
    let mut connection = db.acquire().await?;
    if sql::replace(&mut connection, key, first, &last).await? {
        return Ok(last);
    }
    Ok(sql::answer(&mut connection, key).await?.map_or(last, |(_, answer)| answer))
}

/// Removes answers that nobody can ask for any more, in small batches; says how many.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_expired(connection: &mut PgConnection) -> Result<u64> {
    let mut forgotten = 0;
    loop {
        match sql::forget_expired(connection).await? {
            0 => return Ok(forgotten),
            some => forgotten += some,
        }
    }
}

impl Write {
    /// The answer that this very request got before.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when another request had this key.
    pub(crate) async fn answered(&mut self) -> Result<Option<Answer>> {
        let Some(key) = &self.key else { return Ok(None) };
        match sql::answer(&mut self.transaction, key).await? {
            Some((request_hash, _)) if request_hash != key.request_hash => Err(Error::KeyReused),
            answered => Ok(answered.map(|(_, answer)| answer)),
        }
    }

    /// Saves the answer under the request's key, if it has one, before the write is complete: what follows must not change
    /// it. For a write that ends with rows that many wait for.
    pub(crate) async fn save(&mut self, answer: &Answer) -> Result<()> {
        match self.key.take() {
            Some(key) => Ok(sql::save(&mut self.transaction, &key, answer).await?),
            None => Ok(()),
        }
    }

    /// Saves the answer under the request's key, if it has one, and commits; gives the position from which on
    /// readers see the effect.
    ///
    /// # Errors
    /// [`Error::Database`] when PostgreSQL does not answer. Then nothing is written, or the answer was saved and
    /// a repetition with the key gets it.
    pub async fn commit(mut self, db: &Db, answer: &Answer) -> Result<Position> {
        if let Some(key) = &self.key {
            sql::save(&mut self.transaction, key, answer).await?;
        }
        self.transaction.commit().await?;
        position(&mut *db.acquire().await?).await
    }

    /// Commits a write that is answered by something else.
    ///
    /// # Errors
    /// [`Error::Database`] when PostgreSQL does not answer.
    pub async fn finish(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }

    /// Undoes everything; dropping does the same, later.
    ///
    /// # Errors
    /// [`Error::Database`] when PostgreSQL does not answer.
    pub async fn roll_back(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }
}
