//! Coming in as a customer: the session, and what a guest had that is theirs from now on.

use jiff::Timestamp;
use souk_base::MarketCode;
use souk_commerce::carts::{self, CartId};
use souk_commerce::customers::{self, Caller, Customer, Proof, Registration, Session};
use souk_commerce::writes::{self, Begun};
use souk_commerce::{PgConnection, orders};

use crate::error::{Error, Result};
use crate::{App, secrets};

/// A guest's cart, with the secret that reaches it.
#[derive(Clone, Debug)]
pub struct GuestCart {
    /// Its key.
    pub id: CartId,
    /// Its secret, as the caller says.
    pub secret: String,
}

/// A customer's cart that is not bought yet, with the secret that reaches it.
#[derive(Clone, Debug)]
pub struct KeptCart {
    /// Its key.
    pub id: CartId,
    /// Where it buys.
    pub market: MarketCode,
    /// Its secret.
    pub secret: String,
}

/// Somebody who came in.
#[derive(Clone)]
pub struct Entered {
    /// Their session.
    pub session: Session,
    /// Their carts, the last changed first.
    pub carts: Vec<KeptCart>,
}

/// Logs somebody in and gives them the guest's cart and purchases that are theirs.
///
/// # Errors
/// [`Error::Commerce`], the same for an unknown customer and a wrong code or password, or when it was tried too often.
pub async fn log_in(
    app: &App,
    caller: &Caller,
    proof: Proof<'_>,
    guest: Option<&GuestCart>,
    now: Timestamp,
) -> Result<Entered> {
    let session = customers::log_in(&app.db, &app.door, caller, proof, now).await?;
    entered(app, session, guest, now).await
}

/// The same for somebody new, or who has forgotten their password.
///
/// # Errors
/// As [`log_in`], and for a name or password that cannot be.
pub async fn register(
    app: &App,
    caller: &Caller,
    new: Registration<'_>,
    guest: Option<&GuestCart>,
    now: Timestamp,
) -> Result<Entered> {
    let session = customers::register(&app.db, &app.door, caller, new, now).await?;
    entered(app, session, guest, now).await
}

async fn entered(
    app: &App,
    session: Session,
    guest: Option<&GuestCart>,
    now: Timestamp,
) -> Result<Entered> {
    let customer = &session.customer;
    let guest =
        guest.filter(|cart| secrets::is_same(&cart.secret, &secrets::of_cart(&app.keys, cart.id)));
    if let Some(cart) = guest {
        let Begun::New(mut write) = writes::begin(&app.db, None, None).await? else {
            return Err(Error::Internal("a write without a key was answered before".to_owned()));
        };
        carts::adopt(&mut write, customer.id, cart.id, now).await?;
        write.finish().await?;
    }
    let mut connection = app.connection().await?;
    orders::claim(&mut connection, customer).await?;
    let carts = carts_of(app, &mut connection, customer).await?;
    Ok(Entered { session, carts })
}

/// A customer's carts that are not bought yet.
///
/// # Errors
/// [`Error::Commerce`] when the database does not answer.
pub async fn carts_of(
    app: &App,
    connection: &mut PgConnection,
    customer: &Customer,
) -> Result<Vec<KeptCart>> {
    let kept = carts::of_customer(connection, customer.id).await?.into_iter();
    let with_secret = |cart: carts::Kept| KeptCart {
        id: cart.id,
        market: cart.market,
        secret: secrets::of_cart(&app.keys, cart.id),
    };
    Ok(kept.map(with_secret).collect())
}
