//! One-time codes: six digits that show that an address or number is somebody's.
//!
//! A code is an HMAC of its row and a key outside the database, so it is stored nowhere, and whoever sends it derives it
//! anew. The outbox tells of the row, not of the code.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use souk_base::Lang;
use souk_providers::sign;
use sqlx::PgConnection;

use super::attempts::{self, Limit, seconds};
use super::sql::{self, NewCode};
use super::{Caller, Contact, Door};
use crate::outbox::{self, Event};
use crate::{Db, Error, Result, db};

/// How long a code is good for.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// How long to wait before another code is sent to the same address or number.
pub const RESEND_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// How often a code may be guessed at.
const ATTEMPTS_MAX: i32 = 5;

/// What is counted together when codes are asked for.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The key that codes follow from; never printed.
#[derive(Clone)]
pub struct CodeKey(String);

/// A code that is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeToSend {
    /// Where to.
    pub contact: Contact,
    /// The six digits.
    pub code: String,
    /// The language of who asked.
    pub lang: Lang,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl CodeKey {
    /// A key from a secret text.
    #[must_use]
    pub fn new(secret: String) -> CodeKey {
        CodeKey(secret)
    }

    /// The code of a row.
    fn code(&self, id: i64, nonce: &[u8]) -> String {
        let mac = sign::hmac_sha256(&self.0, &[b"code", &id.to_be_bytes(), nonce]);
        let number = u64::from_str_radix(&mac[..15], 16).expect("a MAC is hexadecimal digits");
        format!("{:06}", number % 1_000_000)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey")
    }
}

/// Has a code sent to an address or number; one that was on its way there is good no more.
///
/// # Errors
/// [`Error::TooManyCodes`] when one was sent a moment ago, or too many within an hour.
pub async fn request_code(db: &Db, door: &Door, caller: &Caller, now: Timestamp) -> Result<()> {
    let contact = caller.contact.as_str();
    let limit = Limit { attempts: door.limits.codes_contact, window: WINDOW };
    within(db, &format!("code:{contact}"), &limit, now).await?;
    if let Some(network) = caller.network {
        let limit = Limit { attempts: door.limits.codes_network, window: WINDOW };
        within(db, &format!("codes:{network}"), &limit, now).await?;
    }
    let nonce: [u8; 16] = rand::random();
    let mut tx = db::begin(db).await?;
    sql::forget_code_before(&mut tx, contact, (now - RESEND_PAUSE).into()).await?;
    let new = NewCode {
        contact,
        nonce: &nonce,
        lang: caller.lang.code(),
        now: now.into(),
        expires_at: (now + CODE_LIFE).into(),
    };
    let Some(id) = sql::insert_code(&mut tx, &new).await? else {
        let sent_at = sql::code_sent_at(&mut tx, contact).await?;
        let again_at = sent_at.map_or(now, jiff_sqlx::Timestamp::to_jiff) + RESEND_PAUSE;
        return Err(Error::TooManyCodes { retry_after_s: seconds(again_at, now) });
    };
    let event = Event {
        topic: "customer.code_requested".to_owned(),
        subject: format!("customer_code:{id}"),
        payload: json!({"code": id}),
    };
    outbox::add(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

async fn within(db: &Db, key: &str, limit: &Limit, now: Timestamp) -> Result<()> {
    match attempts::count(db, key, limit, now).await? {
        None => Ok(()),
        Some(retry_after_s) => Err(Error::TooManyCodes { retry_after_s }),
    }
}

/// Whether this is the code that was sent there; a right one is good only once.
pub(super) async fn redeem(
    db: &Db,
    key: &CodeKey,
    contact: &Contact,
    code: &str,
    now: Timestamp,
) -> Result<bool> {
    let mut connection = db.acquire().await?;
    let tried = sql::try_code(&mut connection, contact.as_str(), ATTEMPTS_MAX, now.into()).await?;
    let given: String =
        code.chars().filter_map(|c| c.to_digit(10).or_else(|| digit(c))).map(shown).collect();
    let Some(row) = tried else { return Ok(false) };
    if !sign::same(&given, &key.code(row.id, &row.nonce)) {
        return Ok(false);
    }
    Ok(sql::delete_code(&mut connection, row.id).await?)
}

fn shown(digit: u32) -> char {
    char::from_digit(digit, 10).unwrap_or('?')
}

/// The value of an Arabic or Persian digit.
fn digit(c: char) -> Option<u32> {
    ['\u{660}', '\u{6f0}'].into_iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(zero))?;
        (value < 10).then_some(value)
    })
}

/// What is to be sent for a row; none when it was used, replaced or forgotten.
///
/// # Errors
/// [`Error::Unreadable`] for values this version does not know.
pub async fn code_to_send(
    connection: &mut PgConnection,
    key: &CodeKey,
    id: i64,
) -> Result<Option<CodeToSend>> {
    let Some(row) = sql::code(connection, id).await? else { return Ok(None) };
    Ok(Some(CodeToSend {
        contact: row.contact.parse()?,
        code: key.code(id, &row.nonce),
        lang: row.lang.parse()?,
        expires_at: row.expires_at.to_jiff(),
    }))
}

/// Forgets codes and sessions that are over, and attempts that count nowhere any more; says how many.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_expired(connection: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let before = (now - attempts::WINDOW_MAX).into();
    sql::forget_attempts_before(connection, before).await?;
    Ok(sql::forget_expired(connection, now.into()).await?)
}
