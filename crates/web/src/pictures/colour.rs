//! Colours of the still lifes: every colour code has a palette of three tones and a paper to stand on.

use std::fmt;

/// An opaque sRGB colour, `0xRRGGBB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u32);

impl Colour {
    /// This colour with `percent` of another one mixed in.
    pub(super) const fn mix(self, other: Colour, percent: u32) -> Colour {
        let red = blend(self.0 >> 16, other.0 >> 16, percent);
        let green = blend(self.0 >> 8, other.0 >> 8, percent);
        let blue = blend(self.0, other.0, percent);
        Colour(red << 16 | green << 8 | blue)
    }
}

const fn blend(one: u32, other: u32, percent: u32) -> u32 {
    ((one & 0xFF) * (100 - percent) + (other & 0xFF) * percent) / 100
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

/// One colour as light falls on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tones {
    pub(super) light: Colour,
    pub(super) base: Colour,
    pub(super) deep: Colour,
}

const fn tones(light: u32, base: u32, deep: u32) -> Tones {
    Tones { light: Colour(light), base: Colour(base), deep: Colour(deep) }
}

pub(super) const WHITE: Colour = Colour(0xFF_FF_FF);
pub(super) const INK: Colour = Colour(0x3B_34_2E);
pub(super) const STEM: Colour = Colour(0x5F_80_58);
pub(super) const LEAF: Tones = tones(0x9DB891, 0x729468, 0x4B6C4A);
pub(super) const SAGE: Tones = tones(0xBCCBB9, 0x93AB93, 0x6E8871);
pub(super) const KRAFT: Tones = tones(0xDDC3A0, 0xC9A982, 0xA68560);
pub(super) const IVORY: Tones = tones(0xFFFDF8, 0xF5EDDF, 0xDCCFBA);
pub(super) const CLAY: Tones = tones(0xDDA585, 0xC98A68, 0xA66C4D);
pub(super) const WOOD: Tones = tones(0xCFA67D, 0xB48759, 0x8C643D);
pub(super) const COCOA: Tones = tones(0x93694C, 0x6E4A33, 0x4A2F20);
pub(super) const GLASS: Tones = tones(0xF4F8F7, 0xDDE8E6, 0xB5C8C6);
pub(super) const GOLD: Tones = tones(0xEFD79C, 0xD6B068, 0xA9853F);
pub(super) const FLAME: Tones = tones(0xFFF3CC, 0xF8CE72, 0xE79C3F);
pub(super) const BLUSH: Tones = tones(0xF6C6CE, 0xE9A2B1, 0xC9738A);

const RED: Tones = tones(0xDE6E6B, 0xC5444B, 0x93303B);
const PALE: Tones = tones(0xFF_FF_FF, 0xF8F3EA, 0xD9CFBF);
const YELLOW: Tones = tones(0xF9DC8A, 0xF0C350, 0xC8962F);
const ORANGE: Tones = tones(0xF5B585, 0xE88C50, 0xBF6535);
const PURPLE: Tones = tones(0xC2A9D6, 0x9B7BB8, 0x6F5290);
const BLUE: Tones = tones(0xA3BDDB, 0x7095C0, 0x476B99);
const CREAM: Tones = tones(0xFBF3E2, 0xF0E0C2, 0xCFB88D);
const GREEN: Tones = tones(0xAAC59C, 0x7FA374, 0x54754B);
const BROWN: Tones = tones(0xB88E6C, 0x8F6547, 0x62432D);
const BLACK: Tones = tones(0x67646C, 0x3D3B40, 0x242327);
const SILVER: Tones = tones(0xE0E4E7, 0xBCC2C8, 0x878F97);

/// What a still life is painted with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    all: &'static [Tones],
    /// Which of all is the main one.
    first: usize,
    /// The wall behind.
    pub(super) paper: Colour,
}

impl Palette {
    /// The palette of a colour code; an unknown code is painted as `mixed`.
    pub(super) fn of(code: &str) -> Palette {
        let (all, paper): (&'static [Tones], u32) = match code {
            "red" => (&[RED], 0xF5E8E1),
            "white" => (&[PALE], 0xDDE4DC),
            "pink" => (&[BLUSH], 0xF9ECEA),
            "yellow" => (&[YELLOW], 0xFAF2DD),
            "orange" => (&[ORANGE], 0xFAEDE0),
            "purple" => (&[PURPLE], 0xF0EAF2),
            "blue" => (&[BLUE], 0xE8EEF3),
            "cream" => (&[CREAM], 0xE3E2D6),
            "green" => (&[GREEN], 0xEDF1E4),
            "brown" => (&[BROWN], 0xF2E9DF),
            "gold" => (&[GOLD], 0xF6EFDF),
            "black" => (&[BLACK], 0xEAE6E1),
            "silver" => (&[SILVER], 0xE9ECEC),
            _ => (&[BLUSH, YELLOW, PALE, PURPLE, ORANGE], 0xF3EDE2),
        };
        Palette { all, first: 0, paper: Colour(paper) }
    }

    /// This palette with another of its colours as the main one, which tints the wall; a single colour stays.
    pub(super) fn turned(self, by: usize) -> Palette {
        if !self.has_many() {
            return self;
        }
        let first = by % self.all.len();
        let tint = if self.all[first] == PALE { SAGE.light } else { self.all[first].light };
        Palette { first, paper: self.paper.mix(tint, 24), ..self }
    }

    /// Whether it holds several colours rather than one.
    pub(super) fn has_many(&self) -> bool {
        self.all.len() > 1
    }

    /// The main tones.
    pub(super) fn main(&self) -> Tones {
        self.all[self.first]
    }

    /// The tones of the `index`th thing of several: of many colours the next one, of a single colour a shade of it,
    /// so that neighbours stand apart.
    pub(super) fn tones(&self, index: usize) -> Tones {
        let Tones { light, base, deep } = self.all[(self.first + index) % self.all.len()];
        match (self.has_many(), index % 3) {
            (false, 1) => Tones { light: light.mix(WHITE, 18), base: base.mix(light, 24), deep },
            (false, 2) => Tones { light: light.mix(base, 25), base: base.mix(deep, 16), deep },
            _ => Tones { light, base, deep },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_goes_from_one_colour_to_the_other() {
        let (black, white) = (Colour(0), Colour(0xFF_FF_FF));

        assert_eq!(black.mix(white, 0), black);
        assert_eq!(black.mix(white, 100), white);
        assert_eq!(black.mix(white, 20).to_string(), "#333333");
    }

    #[test]
    fn neighbours_stand_apart_and_an_unknown_code_is_mixed() {
        let (mixed, red) = (Palette::of("mixed"), Palette::of("red"));

        assert_ne!(mixed.tones(0).base, mixed.tones(1).base);
        assert_ne!(red.tones(0).base, red.tones(1).base);
        assert_eq!(red.turned(3).main().base, red.main().base);
        assert_ne!(mixed.turned(1).main().base, mixed.main().base);
        assert_eq!(Palette::of("no such colour").main().base, mixed.main().base);
    }
}
