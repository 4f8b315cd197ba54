//! What goes back when lines come back, are not to be had, or are not wanted any more: their shares in what was paid.
//!
//! Pure. Units of a line go back one after the other and the last one takes what is left, so that after any returns the
//! books stand as if exactly the rest had been bought at its shares.

use crate::carts::pricing::Amounts;
use crate::money::share_of_units;

/// A line as it was bought, and how much of it went back already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bought {
    /// Units that were bought.
    pub(super) quantity: i32,
    /// Units that went back.
    pub(super) returned: i32,
    /// Its shares.
    pub(super) amounts: Amounts,
}

impl Bought {
    /// The shares of so many further units; none where there are not as many left.
    #[must_use]
    pub(super) fn share(&self, units: i32) -> Option<Amounts> {
        let after = self.returned.checked_add(units)?;
        if units < 1 || after > self.quantity {
            return None;
        }
        let amounts = self.amounts;
        let part = |minor: i64| {
            share_of_units(minor, after, self.quantity)
                - share_of_units(minor, self.returned, self.quantity)
        };
        let (tax, delivery) = (part(amounts.tax), part(amounts.delivery));
        Some(Amounts {
            goods: part(amounts.goods),
            discount: part(amounts.discount),
            delivery,
            wrapping: part(amounts.wrapping),
            tax,
            rounding: part(amounts.rounding),
            total: part(amounts.total),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_steps_everything_goes_back_exactly_once(
            quantity in 1_i32..200,
            steps in vec(1_i32..50, 1..40),
            minors in vec(0_i64..1_000_000, 6),
        ) {
            let amounts = Amounts {
                goods: minors[0], discount: minors[1], delivery: minors[2], wrapping: 0,
                tax: minors[3], rounding: minors[4] % 100 - 50, total: minors[5],
            };
            let mut line = Bought { quantity, returned: 0, amounts };
            let mut back = Amounts::default();
            for step in steps.into_iter().chain([quantity]) {
                let units = step.min(quantity - line.returned);
                let Some(share) = line.share(units) else { break };
                assert!(share.total >= 0 && share.goods >= 0);
                back = Amounts::sum([back, share]);
                line.returned += units;
            }

            assert_eq!((line.returned, back), (quantity, amounts));
            assert_eq!(line.share(1), None);
        }
    }
}
