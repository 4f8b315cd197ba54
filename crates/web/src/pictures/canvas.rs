//! A canvas of 400 × 500 units that writes SVG, and seeded chance for small differences.

use std::fmt::{self, Write as _};

use super::colour::{Colour, INK, Tones};

/// Width and height of every picture: 4:5.
pub(super) const SIZE: (u32, u32) = (400, 500);

/// Horizontal and vertical place; y grows downward.
pub(super) type Point = (f32, f32);

/// A number as SVG needs it: one decimal at most.
struct Short(f32);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.1}", self.0);
        f.write_str(text.strip_suffix(".0").unwrap_or(&text))
    }
}

/// Where a stamp is put: its middle, its turn in degrees, its size in hundredths.
#[derive(Clone, Copy)]
pub(super) struct Put {
    pub(super) at: Point,
    pub(super) turn: f32,
    pub(super) size: f32,
}

/// An SVG that is being drawn, shapes in painting order.
pub(super) struct Canvas {
    svg: String,
    /// Parts that were drawn once and can be used again, by kind and tones.
    stamps: Vec<(&'static str, Tones)>,
}

impl Canvas {
    pub(super) fn new() -> Canvas {
        let (width, height) = SIZE;
        Canvas {
            svg: format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">"#
            ),
            stamps: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    /// Appends formatted text. Writing to a `String` cannot fail.
    fn push(&mut self, shape: fmt::Arguments<'_>) {
        self.svg.write_fmt(shape).expect("a String takes everything");
    }

    pub(super) fn circle(&mut self, (x, y): Point, radius: f32, fill: Colour) {
        let x = Short(x);
        let y = Short(y);
        let radius = Short(radius);
        self.push(format_args!(r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>"#));
    }

    /// An ellipse turned by `angle` degrees about its centre.
    pub(super) fn oval(&mut self, (x, y): Point, (rx, ry): Point, angle: f32, fill: Colour) {
        let x = Short(x);
        let y = Short(y);
        let rx = Short(rx);
        let ry = Short(ry);
        self.push(format_args!(r#"<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}""#));
        if angle != 0.0 {
            let angle = Short(angle);
            self.push(format_args!(r#" transform="rotate({angle} {x} {y})""#));
        }
        self.svg.push_str("/>");
    }

    pub(super) fn rect(&mut self, (x, y): Point, size: Point, radius: f32, fill: Colour) {
        let (width, height) = size;
        let x = Short(x);
        let y = Short(y);
        let width = Short(width);
        let height = Short(height);
        let radius = Short(radius);
        self.push(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}"/>"#
        ));
    }

    pub(super) fn path(&mut self, d: &str, fill: Colour) {
        self.push(format_args!(r#"<path d="{d}" fill="{fill}"/>"#));
    }

    /// A round shade that lets through half of what is behind it.
    pub(super) fn haze(&mut self, (x, y): Point, radius: f32, fill: Colour) {
        let x = Short(x);
        let y = Short(y);
        let radius = Short(radius);
        self.push(format_args!(
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" fill-opacity="0.45"/>"#
        ));
    }

    /// A filled path that lets through what is behind it.
    pub(super) fn veil(&mut self, d: &str, fill: Colour, opacity: f32) {
        self.push(format_args!(r#"<path d="{d}" fill="{fill}" fill-opacity="{opacity:.2}"/>"#));
    }

    /// A line with round ends.
    pub(super) fn line(&mut self, d: &str, colour: Colour, width: f32) {
        self.push(format_args!(
            r#"<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:.1}" stroke-linecap="round" stroke-linejoin="round"/>"#
        ));
    }

    /// A pointed petal or leaf that grows from `root` in the direction of `angle` (0 is up, clockwise).
    pub(super) fn petal(&mut self, root: Point, angle: f32, size: Point, fill: Colour) {
        let ((x, y), (width, length)) = (root, size);
        let (side, low, high) = (width * 0.66, length * 0.25, length * 0.75);
        let x = Short(x);
        let y = Short(y);
        let angle = Short(angle);
        let side = Short(side);
        let low = Short(low);
        let high = Short(high);
        let length = Short(length);
        self.push(format_args!(
            r#"<path d="M0 0C{side} -{low} {side} -{high} 0 -{length}C-{side} -{high} -{side} -{low} 0 0Z" transform="translate({x} {y}) rotate({angle})" fill="{fill}"/>"#
        ));
    }

    /// The soft shadow a thing throws on the table.
    pub(super) fn shadow(&mut self, (x, y): Point, width: f32) {
        for (spread, opacity) in [(1.0, 0.05), (0.86, 0.07), (0.66, 0.08)] {
            let (rx, ry) = (width / 2.0 * spread, width / 13.0 * spread);
            self.push(format_args!(
                r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx:.1}" ry="{ry:.1}" fill="{INK}" fill-opacity="{opacity}"/>"#
            ));
        }
    }

    /// Puts a part that `paint` paints about the origin with radius 100. The same kind in the same tones is painted
    /// once and used again, which keeps a bunch of flowers small.
    pub(super) fn stamp(
        &mut self,
        kind: &'static str,
        tones: Tones,
        put: Put,
        paint: impl FnOnce(&mut Canvas),
    ) {
        let known = self.stamps.iter().position(|stamp| *stamp == (kind, tones));
        let number = known.unwrap_or(self.stamps.len());
        if known.is_none() {
            self.stamps.push((kind, tones));
            self.push(format_args!(r#"<defs><g id="s{number}">"#));
            paint(self);
            self.svg.push_str("</g></defs>");
        }
        let (x, y, turn) = (Short(put.at.0), Short(put.at.1), Short(put.turn));
        self.push(format_args!(
            r##"<use href="#s{number}" transform="translate({x} {y}) rotate({turn}) scale({:.3})"/>"##,
            put.size / 100.0
        ));
    }

    /// Draws what `paint` paints, moved, turned and scaled as the SVG transform says.
    pub(super) fn group(&mut self, transform: &str, paint: impl FnOnce(&mut Canvas)) {
        self.push(format_args!(r#"<g transform="{transform}">"#));
        paint(self);
        self.svg.push_str("</g>");
    }
}

/// The point at a distance from another one in the direction of `angle` degrees (0 is up, clockwise).
pub(super) fn polar((x, y): Point, angle: f32, distance: f32) -> Point {
    let radians = angle.to_radians();
    (x + distance * radians.sin(), y - distance * radians.cos())
}

/// Repeatable chance (splitmix64): the same seed gives the same picture on every machine.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(still_life: &str, colour: &str, ordinal: u32) -> Chance {
        let bytes = still_life.bytes().chain(colour.bytes());
        let name = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Chance(name ^ u64::from(ordinal))
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("the upper half fits in 32 bits")
    }

    /// A whole number below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    /// A number from `low` to `high` in 64 even steps, so that no rounding differs between machines.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        let step = u8::try_from(self.below(65)).expect("65 steps fit in a byte");
        low + (high - low) * f32::from(step) / 64.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_repeats_with_its_seed_and_differs_with_another() {
        let draw = |ordinal| {
            let mut chance = Chance::new("rose", "red", ordinal);
            (0..8).map(|_| chance.below(1_000)).collect::<Vec<_>>()
        };

        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn chance_stays_within_its_bounds() {
        let mut chance = Chance::new("vase", "blue", 1);

        for _ in 0..500 {
            assert!((-3.0..=3.0).contains(&chance.between(-3.0, 3.0)));
            assert!(chance.below(5) < 5);
        }
    }
}
