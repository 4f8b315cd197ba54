//! Still lifes of what hangs: lights, signs, hearts, stars, birds.

use super::blooms;
use super::canvas::{Canvas, Chance, Point, polar};
use super::colour::{FLAME, GOLD, INK, IVORY, KRAFT, LEAF, Palette, Tones, WHITE, WOOD};
use super::gifts::heart_shape;
use super::vessels::ribbon_bow;

/// Strings of fairy lights.
pub(super) fn lights(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let colours = if chance.below(3) == 0 { Palette::of("mixed") } else { *palette };
    for (row, y) in [116.0, 216.0, 316.0].into_iter().enumerate() {
        let sag = chance.between(70.0, 100.0);
        canvas.line(&format!("M-10 {y:.1}Q200 {:.1} 410 {y:.1}", y + sag * 2.0), LEAF.deep, 4.0);
        for index in 0..6_u8 {
            let part = (f32::from(index) + 0.5) / 6.0;
            let x = -10.0 + 420.0 * part;
            let hang = y + sag * 4.0 * part * (1.0 - part);
            bulb(
                canvas,
                (x, hang),
                colours.tones(row + usize::from(index)),
                chance.between(-9.0, 9.0),
            );
        }
    }
}

fn bulb(canvas: &mut Canvas, (x, y): Point, tones: Tones, lean: f32) {
    canvas.group(&format!("translate({x:.1} {y:.1}) rotate({lean:.1})"), |canvas| {
        canvas.circle((0.0, 28.0), 29.0, FLAME.light.mix(tones.light, 25));
        canvas.petal((0.0, 54.0), 0.0, (25.0, 48.0), tones.base);
        canvas.oval((-4.0, 26.0), (3.5, 9.0), 8.0, tones.light);
        canvas.rect((-6.0, -2.0), (12.0, 14.0), 3.0, LEAF.deep);
    });
}

/// A wooden sign on a string.
pub(super) fn sign(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.circle((200.0, 92.0), 7.0, GOLD.deep);
    canvas.line("M92 226L200 94L308 226", KRAFT.deep, 4.0);
    canvas.veil("M66 232H342V372H66Z", INK, 0.08);
    canvas.rect((58.0, 220.0), (284.0, 140.0), 10.0, tones.base);
    canvas.rect((70.0, 232.0), (260.0, 116.0), 6.0, tones.base.mix(tones.light, 45));
    for x in [92.0, 308.0] {
        canvas.circle((x, 236.0), 5.0, tones.deep);
    }
    match chance.below(3) {
        0 => heart_shape(canvas, (200.0, 292.0), 1.9, tones.deep),
        1 => {
            canvas.line("M112 278H288M136 310H264", tones.deep, 9.0);
        }
        _ => {
            blooms::eucalyptus(canvas, (206.0, 292.0), -90.0, 112.0);
            blooms::eucalyptus(canvas, (194.0, 292.0), 90.0, 112.0);
            blooms::daisy(canvas, (200.0, 292.0), 26.0, IVORY, 0.0);
        }
    }
}

/// A stuffed heart on a ribbon.
pub(super) fn heart(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.line("M200 190C176 130 176 70 200 40C224 70 224 130 200 190", tones.deep, 5.0);
    canvas.group("translate(7 9)", |canvas| {
        heart_shape(canvas, (200.0, 300.0), 6.4, palette.paper.mix(INK, 9));
    });
    heart_shape(canvas, (200.0, 300.0), 6.4, tones.base);
    canvas.veil(
        "M296 196C318 206 328 230 328 255C328 313 277 364 200 428C262 350 300 290 296 196Z",
        tones.deep,
        0.28,
    );
    match chance.below(3) {
        0 => heart_shape(canvas, (196.0, 290.0), 3.2, tones.light),
        1 => {
            for (x, y) in [
                (134.0, 236.0),
                (196.0, 262.0),
                (256.0, 234.0),
                (158.0, 306.0),
                (230.0, 312.0),
                (196.0, 362.0),
            ] {
                canvas.circle((x, y), 11.0, tones.light);
            }
        }
        _ => canvas.line("M110 222L262 374M152 194L290 332M96 272L218 394", tones.light, 8.0),
    }
    ribbon_bow(canvas, (200.0, 204.0), 30.0, if tones.base == GOLD.base { IVORY } else { GOLD });
}

/// A folded paper star.
pub(super) fn star(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.line("M200 0V120", KRAFT.deep, 3.0);
    let points: u8 = if chance.below(2) == 0 { 5 } else { 6 };
    let middle = (200.0, 272.0);
    let many = palette.has_many();
    let step = 180.0 / f32::from(points);
    for index in 0..points * 2 {
        let angle = f32::from(index) * step;
        let (near, far) = (polar(middle, angle, 76.0), polar(middle, angle + step, 76.0));
        let (tip, inner) = if index % 2 == 0 {
            (polar(middle, angle, 158.0), far)
        } else {
            (polar(middle, angle + step, 158.0), near)
        };
        let facet = format!(
            "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z",
            middle.0, middle.1, tip.0, tip.1, inner.0, inner.1
        );
        let tones = if many { palette.tones(usize::from(index / 2)) } else { tones };
        let fill = if index % 2 == 0 {
            tones.base.mix(tones.light, 45)
        } else {
            tones.base.mix(tones.deep, 30)
        };
        canvas.path(&facet, fill);
    }
    canvas.circle(middle, 9.0, tones.light);
    if chance.below(2) == 0 {
        ribbon_bow(canvas, (200.0, 112.0), 20.0, tones);
    }
}

/// A bird on a twig.
pub(super) fn bird(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.line("M20 372C120 352 260 388 384 350", WOOD.deep, 9.0);
    for (x, y, angle) in [(84.0, 364.0, -36.0), (310.0, 366.0, 30.0), (120.0, 360.0, 150.0)] {
        blooms::leaf(canvas, (x, y), angle + chance.between(-8.0, 8.0), (24.0, 58.0));
    }
    canvas.path("M262 300L360 356L346 326L372 316L280 262Z", tones.deep);
    canvas.path("M88 214C88 168 122 140 164 144C230 150 300 222 300 296C300 346 256 372 206 368C148 362 116 322 116 276C104 262 88 242 88 214Z", tones.base);
    canvas.path(
        "M116 276C116 322 148 362 206 368C220 369 234 368 246 364C200 350 170 316 152 262Z",
        tones.light,
    );
    canvas.path(
        "M176 246C216 226 276 250 296 300C250 330 196 312 176 246Z",
        tones.deep.mix(tones.base, 35),
    );
    canvas.path("M92 196L54 214L90 224Z", GOLD.base);
    canvas.circle((130.0, 194.0), 9.0, INK);
    canvas.circle((133.0, 191.0), 2.8, WHITE);
    canvas.line("M196 368V380M220 368V380", INK, 4.0);
    if chance.below(2) == 0 {
        for (x, y) in [(334.0, 352.0), (346.0, 338.0), (60.0, 366.0)] {
            canvas.circle((x, y), 9.0, Palette::of("red").main().base);
        }
    }
}
