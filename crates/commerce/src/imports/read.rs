//! A catalogue file read for its own sake, without a shop to bring it into.

use std::io::BufRead;

use souk_base::MarketCode;

use super::lines::Lines;
use super::pricing::Pricing;
use super::{Item, Rejected, souk_jsonl};
use crate::Result;

/// The products of a `souk-jsonl` file, a line each; plain prices are those of `market`.
///
/// # Errors
/// [`crate::Error::File`] when the file cannot be read; a line that is no product is an item of its own.
pub fn products(
    file: impl BufRead,
    market: MarketCode,
) -> impl Iterator<Item = Result<std::result::Result<Item, Rejected>>> {
    let pricing = Pricing::anywhere(market);
    Lines::new(file).map(move |line| {
        let line = line?;
        let (raw, parsed) = match line.text {
            Ok(raw) => {
                let parsed = souk_jsonl::parse(&raw, &pricing);
                (raw, parsed)
            }
            Err((reason, raw)) => (raw, Err(reason)),
        };
        let rejected = |reason| Rejected { line: line.number, reason, raw };
        Ok(parsed.map(|parsed| parsed.item).map_err(rejected))
    })
}
