//! Numbers that change their width, each with the reason why nothing is lost.

/// A count as an index: no catalogue, log or file here has 2^32 rows.
pub(crate) fn index(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than 2^32 rows")
}

/// A count as a number; exact below 2^24, and a ratio of counts above that needs no more.
pub(crate) const fn count(count: usize) -> f32 {
    count as f32
}

/// The nearest `f32`: scores and weights are kept as such.
#[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
pub(crate) const fn narrow(number: f64) -> f32 {
    number as f32
}

/// Numbers that look random and are the same in each run (`SplitMix64`; Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that repeat for the same seed.
    pub(crate) const fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next 64 bits.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 to `below` − 1 (0 when there is none); the bias is below 2^-32.
    #[expect(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
    pub(crate) const fn below(&mut self, below: usize) -> usize {
        if below == 0 { 0 } else { (self.next() % below as u64) as usize }
    }
}
