//! What a list is to bring, and what each product of it is worth then.
//!
//! A model says how likely something is wanted; what follows from it is worth is said here, so that a placement is used for
//! something else without training anything anew. Everything is a multiple of what is usual in the shop.

/// What a list is to bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// That something is looked at: the models' own order.
    #[default]
    Clicks,
    /// That something is bought.
    Conversion,
    /// What it is sold for.
    Revenue,
    /// What is left of that.
    Margin,
}

/// What a product brings, each as a multiple of what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// How many of those who look at it buy it.
    pub conversion: f32,
    /// Its price.
    pub price: f32,
    /// The share of it that is left.
    pub margin: f32,
}

impl Value {
    /// As everything else.
    pub const USUAL: Value = Value { conversion: 1.0, price: 1.0, margin: 1.0 };
}

/// The least and the most that a value counts: one odd price must not be the whole list.
const BOUNDS: (f32, f32) = (0.1, 10.0);

impl Objective {
    /// What the score of a product of this value is multiplied by.
    #[must_use]
    pub fn factor(self, value: Value) -> f32 {
        let (least, most) = BOUNDS;
        let [conversion, price, margin] =
            [value.conversion, value.price, value.margin].map(|it| it.clamp(least, most));
        let factor = match self {
            Objective::Clicks => 1.0,
            Objective::Conversion => conversion,
            Objective::Revenue => conversion * price,
            Objective::Margin => conversion * price * margin,
        };
        factor.clamp(least, most)
    }
}

/// How many of those who look at a product buy it, as a multiple of the shop's: `lookers` and `buyers` of the product, and
/// `usual`, the share of the whole shop; what few have looked at is taken to be usual.
#[must_use]
pub fn conversion(lookers: f32, buyers: f32, usual: f32) -> f32 {
    /// Lookers who do as the shop's do, added to each product's own.
    const PRIOR: f32 = 20.0;
    if usual <= 0.0 {
        return 1.0;
    }
    // Who bought has looked, even where no script could tell of it.
    (buyers + PRIOR * usual) / ((lookers.max(buyers) + PRIOR) * usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_counts_what_it_is_about_within_bounds() {
        let dear = Value { conversion: 0.5, price: 4.0, margin: 0.5 };

        let factors =
            [Objective::Clicks, Objective::Conversion, Objective::Revenue, Objective::Margin]
                .map(|objective| objective.factor(dear));

        assert_eq!(factors, [1.0, 0.5, 2.0, 1.0]);
        let odd = Value { price: 1e9, ..Value::USUAL };
        assert!((Objective::Revenue.factor(odd) - 10.0).abs() < f32::EPSILON);
    }

    #[test]
    fn what_few_have_looked_at_sells_as_usual() {
        assert!((conversion(0.0, 0.0, 0.1) - 1.0).abs() < 1e-6);
        assert!((conversion(1.0, 1.0, 0.1) - 1.43).abs() < 0.01);
        assert!(conversion(1_000.0, 300.0, 0.1) > 2.9);
        assert!(conversion(1_000.0, 1.0, 0.1) < 0.05);
        assert!((conversion(5.0, 0.0, 0.0) - 1.0).abs() < 1e-6, "nobody has bought anything");
    }
}
