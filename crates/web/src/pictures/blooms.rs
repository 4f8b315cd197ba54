//! Flower heads, leaves and stems: the parts that arrangements are made of.

use super::canvas::{Canvas, Point, Put, polar};
use super::colour::{COCOA, Colour, FLAME, LEAF, SAGE, STEM, Tones, WHITE};

/// Parts that are stamped are painted about the origin, with this radius.
const MIDDLE: Point = (0.0, 0.0);
const R: f32 = 100.0;

/// Angles that divide a circle into `count` parts, starting at `turn`.
fn around(count: u8, turn: f32) -> impl Iterator<Item = f32> {
    (0..count).map(move |index| turn + 360.0 / f32::from(count) * f32::from(index))
}

/// A rose seen from above and a little from the side.
pub(super) fn rose(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    underside(canvas, at, r, tones.deep);
    let put = Put { at, turn, size: r };
    canvas.stamp("rose", tones, put, |canvas| paint_rose(canvas, tones));
}

fn paint_rose(canvas: &mut Canvas, tones: Tones) {
    let Tones { light, base, deep } = tones;
    for (index, angle) in around(5, 0.0).enumerate() {
        let fill = if index % 2 == 0 { base } else { base.mix(deep, 22) };
        canvas.oval(polar(MIDDLE, angle, R * 0.5), (R * 0.56, R * 0.5), angle, fill);
    }
    for (index, angle) in around(4, 40.0).enumerate() {
        let fill = if index % 2 == 0 { base.mix(light, 55) } else { base.mix(light, 30) };
        canvas.oval(polar(MIDDLE, angle, R * 0.3), (R * 0.46, R * 0.4), angle, fill);
    }
    canvas.circle(MIDDLE, R * 0.42, base.mix(deep, 30));
    for (angle, distance, size) in [(20.0, 0.1, 0.34), (140.0, 0.12, 0.27), (260.0, 0.1, 0.2)] {
        let centre = polar(MIDDLE, angle, R * distance);
        canvas.circle(centre, R * size, base.mix(light, if size > 0.3 { 45 } else { 70 }));
    }
    canvas.circle(MIDDLE, R * 0.13, base.mix(deep, 55));
}

/// The shade under a full head, which parts it from the heads behind.
fn underside(canvas: &mut Canvas, (x, y): Point, r: f32, deep: Colour) {
    canvas.haze((x, y + r * 0.1), r * 0.95, deep);
}

/// A full, ruffled peony.
pub(super) fn peony(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    underside(canvas, at, r, tones.deep);
    let put = Put { at, turn, size: r };
    canvas.stamp("peony", tones, put, |canvas| paint_peony(canvas, tones));
}

fn paint_peony(canvas: &mut Canvas, tones: Tones) {
    let Tones { light, base, deep } = tones;
    let rings = [
        (9, 0.68, 0.34, base.mix(deep, 28)),
        (8, 0.52, 0.32, base),
        (7, 0.34, 0.28, base.mix(light, 45)),
        (5, 0.17, 0.2, base.mix(light, 80)),
    ];
    canvas.circle(MIDDLE, R * 0.7, base.mix(deep, 28));
    for (count, distance, size, fill) in rings {
        for angle in around(count, distance * 200.0) {
            canvas.oval(
                polar(MIDDLE, angle, R * distance),
                (R * size, R * size * 0.8),
                angle,
                fill,
            );
        }
    }
    canvas.circle(MIDDLE, R * 0.1, FLAME.base);
}

/// A tulip in bloom; `at` is the middle of its cup, `angle` the way it leans.
pub(super) fn tulip(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, angle: f32) {
    let Tones { light, base, deep } = tones;
    let root = polar(at, angle + 180.0, r * 0.85);
    canvas.petal(root, angle, (r * 0.9, r * 1.75), deep);
    canvas.petal(root, angle - 17.0, (r * 0.95, r * 1.75), base.mix(deep, 25));
    canvas.petal(root, angle + 17.0, (r * 0.95, r * 1.75), base);
    canvas.petal(root, angle - 4.0, (r * 1.1, r * 1.5), base.mix(light, 55));
}

/// An open lily with its stamens.
pub(super) fn lily(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    let put = Put { at, turn, size: r };
    canvas.stamp("lily", tones, put, |canvas| paint_lily(canvas, tones));
}

fn paint_lily(canvas: &mut Canvas, tones: Tones) {
    let Tones { light, base, deep } = tones;
    for (ring, fill) in [(0.0, base.mix(deep, 25)), (60.0, base.mix(light, 40))] {
        for angle in around(3, ring) {
            canvas.petal(MIDDLE, angle, (R * 0.56, R), fill);
            let ((x, y), (end_x, end_y)) = (MIDDLE, polar(MIDDLE, angle, R * 0.74));
            let vein = format!("M{x:.1} {y:.1}L{end_x:.1} {end_y:.1}");
            canvas.line(&vein, base.mix(deep, 50), R * 0.025);
        }
    }
    canvas.circle(MIDDLE, R * 0.1, LEAF.light);
    for angle in around(5, 22.0) {
        let ((x, y), tip) = (MIDDLE, polar(MIDDLE, angle, R * 0.36));
        canvas.line(&format!("M{x:.1} {y:.1}L{:.1} {:.1}", tip.0, tip.1), LEAF.light, R * 0.03);
        canvas.oval(tip, (R * 0.07, R * 0.04), angle, COCOA.light);
    }
}

/// A bud on its way to open.
pub(super) fn bud(canvas: &mut Canvas, root: Point, length: f32, tones: Tones, angle: f32) {
    canvas.petal(root, angle, (length * 0.42, length), tones.base);
    canvas.petal(root, angle - 6.0, (length * 0.2, length * 0.95), tones.light);
    canvas.petal(root, angle, (length * 0.4, length * 0.38), LEAF.base);
}

/// One moth-orchid blossom.
pub(super) fn orchid(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    let put = Put { at, turn, size: r };
    canvas.stamp("orchid", tones, put, |canvas| paint_orchid(canvas, tones));
}

fn paint_orchid(canvas: &mut Canvas, tones: Tones) {
    let Tones { light, base, deep } = tones;
    for angle in [0.0, 130.0, 230.0] {
        canvas.oval(polar(MIDDLE, angle, R * 0.5), (R * 0.3, R * 0.5), angle, base);
    }
    for angle in [-78.0, 78.0] {
        let centre = polar(MIDDLE, angle, R * 0.48);
        canvas.oval(centre, (R * 0.44, R * 0.54), angle, base.mix(light, 65));
    }
    canvas.oval(polar(MIDDLE, 180.0, R * 0.2), (R * 0.2, R * 0.26), 0.0, deep);
    canvas.circle(polar(MIDDLE, 180.0, R * 0.04), R * 0.12, FLAME.base);
}

/// A sunflower; its heart is always brown.
pub(super) fn sunflower(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    let put = Put { at, turn, size: r };
    canvas.stamp("sunflower", tones, put, |canvas| paint_sunflower(canvas, tones));
}

fn paint_sunflower(canvas: &mut Canvas, tones: Tones) {
    let Tones { light, base, deep } = tones;
    for (offset, length, fill) in [(0.0, 1.0, base.mix(deep, 30)), (11.0, 0.9, base.mix(light, 25))]
    {
        for angle in around(16, offset) {
            canvas.petal(polar(MIDDLE, angle, R * 0.28), angle, (R * 0.3, R * 0.7 * length), fill);
        }
    }
    canvas.circle(MIDDLE, R * 0.44, COCOA.base);
    canvas.circle(MIDDLE, R * 0.3, COCOA.deep);
    for (count, distance) in [(14, 0.36), (9, 0.2)] {
        for angle in around(count, 0.0) {
            canvas.circle(polar(MIDDLE, angle, R * distance), R * 0.028, COCOA.light);
        }
    }
}

/// A small daisy that fills the gaps.
pub(super) fn daisy(canvas: &mut Canvas, at: Point, r: f32, tones: Tones, turn: f32) {
    let put = Put { at, turn, size: r };
    canvas.stamp("daisy", tones, put, |canvas| paint_daisy(canvas, tones));
}

fn paint_daisy(canvas: &mut Canvas, tones: Tones) {
    for angle in around(8, 0.0) {
        canvas.oval(polar(MIDDLE, angle, R * 0.58), (R * 0.22, R * 0.42), angle, tones.light);
    }
    canvas.circle(MIDDLE, R * 0.3, FLAME.base);
}

/// A twig of round eucalyptus leaves.
pub(super) fn eucalyptus(canvas: &mut Canvas, root: Point, angle: f32, length: f32) {
    let put = Put { at: root, turn: angle, size: length };
    canvas.stamp("eucalyptus", SAGE, put, paint_eucalyptus);
}

fn paint_eucalyptus(canvas: &mut Canvas) {
    let tip = polar(MIDDLE, 0.0, R);
    let stem = format!("M{:.1} {:.1}L{:.1} {:.1}", 0.0, 0.0, tip.0, tip.1);
    canvas.line(&stem, SAGE.deep, 1.6);
    for step in [0.42, 0.6, 0.78_f32] {
        let size = R * 0.13 * (1.35 - step * 0.6);
        for (side, fill) in [(-58.0, SAGE.base), (58.0, SAGE.light)] {
            let joint = polar(MIDDLE, 0.0, R * step);
            canvas.oval(polar(joint, side, size), (size * 0.7, size), side, fill);
        }
    }
    canvas.oval(tip, (R * 0.06, R * 0.09), 0.0, SAGE.base);
}

/// A spray of tiny white blossoms on thin stems.
pub(super) fn gypsophila(canvas: &mut Canvas, root: Point, angle: f32, length: f32) {
    let put = Put { at: root, turn: angle, size: length };
    canvas.stamp("gypsophila", SAGE, put, paint_gypsophila);
}

fn paint_gypsophila(canvas: &mut Canvas) {
    for (lean, reach) in [(-20.0, 0.8), (-7.0, 1.0), (8.0, 0.88), (21.0, 0.98_f32)] {
        let tip = polar(MIDDLE, lean, R * reach);
        let stem = format!("M{:.1} {:.1}L{:.1} {:.1}", 0.0, 0.0, tip.0, tip.1);
        canvas.line(&stem, SAGE.base, 0.9);
        canvas.circle(tip, R * 0.045, WHITE);
        canvas.circle(polar(tip, 90.0, R * 0.07), R * 0.032, WHITE);
    }
}

/// A curved stem from one point to another.
pub(super) fn stem(canvas: &mut Canvas, from: Point, to: Point, width: f32) {
    let bend = (from.0 + (to.0 - from.0) * 0.25, from.1 + (to.1 - from.1) * 0.6);
    let d =
        format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", from.0, from.1, bend.0, bend.1, to.0, to.1);
    canvas.line(&d, STEM, width);
}

/// A leaf of two halves.
pub(super) fn leaf(canvas: &mut Canvas, root: Point, angle: f32, size: Point) {
    canvas.petal(root, angle, size, LEAF.base);
    canvas.petal(root, angle + 3.0, (size.0 * 0.5, size.1 * 0.96), LEAF.light);
}
