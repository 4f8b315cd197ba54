//! Pages of the staff's lists.

/// Entries of an answer when the request does not say.
pub(super) const LIMIT_DEFAULT: usize = 50;
/// Most entries of one answer.
pub(super) const LIMIT_MAX: usize = 100;

/// One more than is shown tells whether there is a next page.
pub(super) fn more(limit: usize) -> i64 {
    i64::try_from(limit + 1).expect("a limit has at most three digits")
}

/// A page, and the key of its last entry if another follows.
pub(super) fn page<T, K>(
    mut found: Vec<T>,
    limit: usize,
    key: impl Fn(&T) -> K,
) -> (Vec<T>, Option<K>) {
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(key);
    (found, last)
}
