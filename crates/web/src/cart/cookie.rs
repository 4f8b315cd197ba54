//! The visitor's carts, one a market, as their browser remembers them: id, secret, and how many units it had when it was
//! last changed here.
//!
//! The count is for the badge in the top line alone, so that no page has to ask the database for it.

use axum::http::HeaderValue;
use axum_extra::extract::cookie::{Cookie, SameSite};
use souk_api::{Keys, secrets};
use souk_base::MarketCode;
use souk_commerce::carts::{Cart, CartId, DAYS};

use crate::caller::Caller;

/// Beginning of the cookies' names; the market's code follows.
const CART: &str = "souk_cart_";

/// A cart that a browser knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basket {
    pub(crate) id: CartId,
    pub(crate) secret: String,
    pub(crate) units: u64,
}

impl Basket {
    /// The cart in a market, whose secret may still be wrong.
    pub(crate) fn of(caller: &Caller, market: MarketCode) -> Option<Basket> {
        Basket::read(caller.cookies.get(&format!("{CART}{market}"))?.value())
    }

    /// The cart with this id, where the browser knows its secret.
    pub(crate) fn known(caller: &Caller, id: CartId, keys: &Keys) -> Option<Basket> {
        let carts = caller.cookies.iter().filter(|cookie| cookie.name().starts_with(CART));
        let mut carts = carts.filter_map(|cookie| Basket::read(cookie.value()));
        carts.find(|basket| basket.id == id && basket.is_genuine(keys))
    }

    /// Whether the secret is the cart's.
    pub(crate) fn is_genuine(&self, keys: &Keys) -> bool {
        secrets::is_same(&self.secret, &secrets::of_cart(keys, self.id))
    }

    /// A cart as it is now.
    pub(crate) fn holding(cart: &Cart, keys: &Keys) -> Basket {
        let units: i64 = cart.lines.iter().map(|line| i64::from(line.quantity)).sum();
        let units = if cart.is_completed { 0 } else { units.unsigned_abs() };
        Basket { id: cart.id, secret: secrets::of_cart(keys, cart.id), units }
    }

    /// Has the browser remember it.
    pub(crate) fn remember(&self, caller: &mut Caller, market: MarketCode) {
        caller.remember.extend(self.line(market, caller.is_encrypted));
    }

    fn line(&self, market: MarketCode, is_encrypted: bool) -> Option<HeaderValue> {
        let value = format!("{}.{}.{}", self.id, self.secret, self.units);
        line(&format!("{CART}{market}"), value, i64::from(DAYS) * 24 * 60 * 60, is_encrypted)
    }

    fn read(value: &str) -> Option<Basket> {
        let mut parts = value.split('.');
        let (id, secret, units) = (parts.next()?, parts.next()?, parts.next()?);
        let basket =
            Basket { id: id.parse().ok()?, secret: secret.to_owned(), units: units.parse().ok()? };
        parts.next().is_none().then_some(basket)
    }
}

/// Has the browser remember a cart as it is now. One that was bought counts as empty; its secret still leads to its order.
pub(crate) fn remember(caller: &mut Caller, cart: &Cart, keys: &Keys) {
    caller.remember.extend(of_cart(cart, keys, caller.is_encrypted));
}

/// The header that does so.
pub(crate) fn of_cart(cart: &Cart, keys: &Keys, is_encrypted: bool) -> Option<HeaderValue> {
    let basket = Basket::holding(cart, keys);
    basket.line(cart.market, is_encrypted)
}

/// Has the browser forget its cart in a market.
pub(crate) fn forget(caller: &mut Caller, market: MarketCode) {
    keep(caller, &format!("{CART}{market}"), String::new(), 0);
}

/// Has the browser forget its cart in every market.
pub(crate) fn forget_all(caller: &mut Caller) {
    let names = caller.cookies.iter().map(|cookie| cookie.name().to_owned());
    let names: Vec<String> = names.filter(|name| name.starts_with(CART)).collect();
    for name in names {
        keep(caller, &name, String::new(), 0);
    }
}

/// Has the browser keep a secret for so many seconds, away from scripts and from other sites' forms.
pub(crate) fn keep(caller: &mut Caller, name: &str, value: String, seconds: i64) {
    caller.remember.extend(line(name, value, seconds, caller.is_encrypted));
}

fn line(name: &str, value: String, seconds: i64, is_encrypted: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((name.to_owned(), value)).path("/").http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).secure(is_encrypted).build();
    HeaderValue::from_str(&format!("{cookie}; Max-Age={seconds}")).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn a_cart_is_known_by_its_secret_alone() {
        let keys = Keys::new(b"a secret");
        let id = CartId::new(Timestamp::UNIX_EPOCH);
        let secret = secrets::of_cart(&keys, id);
        let known = |value: String| {
            let mut caller = sample::caller("/KW", Lang::En);
            caller.cookies = caller.cookies.add(Cookie::new("souk_cart_KW", value));
            Basket::known(&caller, id, &keys)
        };

        assert_eq!(known(format!("{id}.{secret}.3")).unwrap().units, 3);
        for wrong in
            [format!("{id}.x.3"), format!("{id}.{secret}"), format!("{id}.{secret}.3.4"), "".into()]
        {
            assert_eq!(known(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn the_cookie_is_hidden_from_scripts_and_other_sites() {
        let mut caller = sample::caller("/KW", Lang::En);
        caller.is_encrypted = true;

        forget(&mut caller, "KW".parse().unwrap());

        let cookie = caller.remember[0].to_str().unwrap();
        for part in ["souk_cart_KW=;", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=0"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}
