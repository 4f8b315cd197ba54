//! The secrets of a browser's latest purchases, by which it reaches their orders.

use souk_api::{Keys, secrets};
use souk_commerce::orders::OrderGroupId;

use crate::caller::Caller;
use crate::cart::cookie::keep;

/// Holds the secrets, the newest first.
const ORDERS: &str = "souk_orders";

/// Purchases that are remembered.
const COUNT_MAX: usize = 20;

/// How long: three months.
const REMEMBERED_S: i64 = 92 * 24 * 60 * 60;

/// Whether the browser knows the secret of a purchase.
pub(crate) fn knows(caller: &Caller, keys: &Keys, group: OrderGroupId) -> bool {
    let secret = secrets::of_group(keys, group);
    known(caller).any(|given| secrets::is_same(given, &secret))
}

/// Has the browser remember the secret of a purchase.
pub(crate) fn remember(caller: &mut Caller, secret: &str) {
    let others: Vec<String> = known(caller)
        .filter(|given| *given != secret)
        .take(COUNT_MAX - 1)
        .map(str::to_owned)
        .collect();
    let all = std::iter::once(secret.to_owned()).chain(others).collect::<Vec<_>>().join(".");
    keep(caller, ORDERS, all, REMEMBERED_S);
}

fn known(caller: &Caller) -> impl Iterator<Item = &str> {
    let value = caller.cookies.get(ORDERS).map(|cookie| cookie.value()).unwrap_or_default();
    value.split('.').filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use axum_extra::extract::cookie::Cookie;
    use jiff::Timestamp;
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn the_newest_purchases_are_remembered_and_others_stay_unknown() {
        let keys = Keys::new(b"a secret");
        let groups: Vec<_> = (0..25).map(|_| OrderGroupId::new(Timestamp::UNIX_EPOCH)).collect();
        let mut caller = sample::caller("/", Lang::En);
        for group in &groups {
            remember(&mut caller, &secrets::of_group(&keys, *group));
            let set = caller.remember.pop().unwrap();
            let value = set.to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
            caller.cookies = caller.cookies.add(Cookie::new(ORDERS, value));
        }

        assert!(knows(&caller, &keys, groups[24]) && knows(&caller, &keys, groups[5]));
        assert!(!knows(&caller, &keys, groups[4]));
        assert!(!knows(&caller, &Keys::new(b"another"), groups[24]));
    }
}
