//! What the figures of two variants say, however often they are looked at.
//!
//! **The difference of two means** is judged by a mixture sequential probability ratio test (Robbins, "Statistical methods
//! related to the law of the iterated logarithm", 1970; for experiments Johari, Koomen, Pekelis, Walsh, "Always valid
//! inference", Operations Research 2022): under no difference its likelihood ratio is a martingale, so by Ville's inequality it
//! ever exceeds 1/α with probability α at most, whoever looks when and stops why. Variances are estimated, which is right for
//! large samples (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence
//! sequences", Annals of Statistics 2024); below [`VISITORS_MIN`] visitors a variant nothing is said.
//!
//! **The shares of visitors** are compared with those that were wanted by a chi-square test (Fabijan and others, "Diagnosing
//! sample ratio mismatch", KDD 2019): where they do not fit, something loses visitors, and no other figure can be trusted.

/// Visitors of a variant below whom its figures say nothing.
pub const VISITORS_MIN: u64 = 100;

/// The chance of a false alarm, for all looks together.
const ALPHA: f64 = 0.05;
/// Visitors of both variants together at whom an interval is as narrow as it can be made.
const TIGHTEST_AT: f64 = 10_000.0;
/// Shares of visitors that are so unlikely are no chance.
const MISFIT: f64 = 0.001;

/// What was measured of one figure: one value a visitor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// How many.
    pub count: u64,
    /// The sum of their values.
    pub sum: f64,
    /// The sum of the squares of their values.
    pub squares: f64,
}

/// How far a variant's mean is from that of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// New minus old.
    pub by: f64,
    /// Lower end of the interval that holds the true difference at every look, in 95 of 100 experiments.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Always-valid p-value; below 0.05 the difference is no chance.
    pub p: f64,
}

/// What a difference amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It may be chance.
    Open,
    /// More, beyond chance.
    Better,
    /// Less, beyond chance.
    Worse,
}

impl Mean {
    /// So many visitors of whom so many did something.
    #[must_use]
    pub fn share(count: u64, of_these: u64) -> Mean {
        let sum = number(of_these);
        Mean { count, sum, squares: sum }
    }

    /// The mean itself, 0 of nothing.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / number(self.count).max(1.0)
    }

    /// Variance of the mean.
    fn variance(&self) -> f64 {
        let count = number(self.count).max(2.0);
        let spread = (self.squares - self.sum * self.sum / count).max(0.0) / (count - 1.0);
        spread / count
    }
}

impl Difference {
    /// What it amounts to.
    #[must_use]
    pub fn finding(&self) -> Finding {
        match () {
            () if self.low > 0.0 => Finding::Better,
            () if self.high < 0.0 => Finding::Worse,
            () => Finding::Open,
        }
    }
}

/// The difference between two variants; `comparisons` is how many are made in the experiment, which shares the chance of a
/// false alarm among them (Bonferroni). None while either has too few visitors, or nobody did anything.
#[must_use]
pub fn compare(old: &Mean, new: &Mean, comparisons: u32) -> Option<Difference> {
    let variance = old.variance() + new.variance();
    if old.count.min(new.count) < VISITORS_MIN || variance <= 0.0 {
        return None;
    }
    let alpha = ALPHA / f64::from(comparisons.max(1));
    let by = new.mean() - old.mean();
    let ratio = number(old.count + new.count) / TIGHTEST_AT * narrowest(alpha);
    let z = by / variance.sqrt();
    let p = (1.0 + ratio).sqrt() * (-z * z * ratio / (2.0 * (1.0 + ratio))).exp();
    let reach = 2.0 * (1.0 + ratio) / ratio * ((1.0 + ratio).sqrt() / alpha).ln();
    let margin = (variance * reach).sqrt();
    let p = (p * f64::from(comparisons.max(1))).min(1.0);
    Some(Difference { by, low: by - margin, high: by + margin, p })
}

/// The mixture's variance, in variances of the difference, that makes the interval narrowest (Waudby-Smith and others 2024,
/// appendix B.2).
fn narrowest(alpha: f64) -> f64 {
    let log = -2.0 * alpha.ln();
    log + (log + 1.0).ln()
}

/// How many visitors liked each of two interleaved rankings more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preference {
    /// Those who clicked more of what the first brought.
    pub one: u64,
    /// Those who clicked more of what the second brought.
    pub other: u64,
}

/// How far the second ranking's share of these visitors is from a half, by the same test; draws say nothing. None for too few.
#[must_use]
pub fn preference(won: Preference) -> Option<Difference> {
    let count = won.one + won.other;
    if count < VISITORS_MIN {
        return None;
    }
    // Under no preference a win is a fair coin, whose variance needs no estimate.
    let variance = 0.25 / number(count);
    let by = number(won.other) / number(count) - 0.5;
    let ratio = number(count) / TIGHTEST_AT * narrowest(ALPHA);
    let p = (1.0 + ratio).sqrt() * (-by * by / variance * ratio / (2.0 * (1.0 + ratio))).exp();
    let reach = 2.0 * (1.0 + ratio) / ratio * ((1.0 + ratio).sqrt() / ALPHA).ln();
    let margin = (variance * reach).sqrt();
    Some(Difference { by, low: by - margin, high: by + margin, p: p.min(1.0) })
}

/// How likely visitors are shared out like this by chance (chi-square), and whether that can be believed (p ≥ 0.001).
///
/// Variants that weigh nothing are left out.
#[must_use]
pub fn shares_fit(visitors: &[u64], weights: &[u32]) -> (f64, bool) {
    let total = number(visitors.iter().sum());
    let whole: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let mut statistic = 0.0;
    let mut freedom = 0_u32;
    for (&seen, &weight) in visitors.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
        let expected = total * f64::from(weight) / whole;
        if expected > 0.0 {
            statistic += (number(seen) - expected).powi(2) / expected;
            freedom += 1;
        }
    }
    let p = chi_square(statistic, freedom.saturating_sub(1));
    (p, p >= MISFIT)
}

/// How likely a chi-square variable of so many degrees of freedom is at least this: upward from one or two degrees by
/// Q(f + 2) = Q(f) + (x/2)^(f/2) e^(−x/2) / Γ(f/2 + 1) (Abramowitz and Stegun 26.4.8).
pub(super) fn chi_square(x: f64, freedom: u32) -> f64 {
    if freedom == 0 || x <= 0.0 {
        return 1.0;
    }
    let half = x / 2.0;
    let odd = freedom % 2 == 1;
    let mut tail = if odd { erfc(half.sqrt()) } else { (-half).exp() };
    // The next summand, for f = 1 with Γ(3/2) = √π/2, for f = 2 with Γ(2) = 1.
    let mut f = if odd { 1.0 } else { 2.0 };
    let mut summand = if odd {
        (-half).exp() * half.sqrt() / (std::f64::consts::PI.sqrt() / 2.0)
    } else {
        (-half).exp() * half
    };
    while f < f64::from(freedom) {
        tail += summand;
        f += 2.0;
        summand *= half / (f / 2.0);
    }
    tail.min(1.0)
}

/// The complementary error function for numbers from 0 on, to 1.2 × 10⁻⁷ of its value (Press and others, "Numerical
/// recipes", 6.2).
fn erfc(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let sum = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    t * (-x * x + sum).exp()
}

/// A count as a number; exact below 2^53.
fn number(count: u64) -> f64 {
    count as f64
}
