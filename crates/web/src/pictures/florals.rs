//! Still lifes of flowers and plants.

use super::blooms;
use super::canvas::{Canvas, Chance, Point, polar};
use super::colour::{CLAY, GOLD, IVORY, LEAF, Palette, STEM, Tones};
use super::vessels;

/// Draws one flower head: canvas, middle, radius, tones, turn.
type Head = fn(&mut Canvas, Point, f32, Tones, f32);

/// Flowers of a round bunch from the back to the front: place and radius.
pub(super) const DOME: [(f32, f32, f32); 10] = [
    (148.0, 152.0, 31.0),
    (252.0, 150.0, 31.0),
    (200.0, 128.0, 34.0),
    (106.0, 206.0, 32.0),
    (294.0, 204.0, 32.0),
    (168.0, 192.0, 36.0),
    (234.0, 190.0, 36.0),
    (140.0, 250.0, 35.0),
    (262.0, 250.0, 35.0),
    (200.0, 246.0, 40.0),
];

/// A hand-tied bunch in paper: roses, peonies and daisies between eucalyptus.
pub(super) fn bouquet(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let rich: Head = if chance.below(2) == 0 { blooms::rose } else { blooms::peony };
    vessels::paper_behind(canvas);
    greens(canvas, chance);
    for (index, (x, y, r)) in DOME.into_iter().enumerate() {
        let head: Head = match index % 5 {
            1 | 4 => blooms::peony,
            3 => blooms::rose,
            _ => rich,
        };
        let at = (x + chance.between(-5.0, 5.0), y + chance.between(-5.0, 5.0));
        head(canvas, at, r * 1.08, palette.tones(index), chance.between(0.0, 70.0));
    }
    for at in [(122.0, 168.0), (278.0, 168.0), (200.0, 182.0), (176.0, 286.0), (228.0, 284.0)] {
        blooms::daisy(canvas, at, 13.0, IVORY, chance.between(0.0, 45.0));
    }
    vessels::paper_in_front(canvas, palette.main());
}

fn greens(canvas: &mut Canvas, chance: &mut Chance) {
    for (x, angle, length) in
        [(160.0, -52.0, 132.0), (180.0, -24.0, 148.0), (220.0, 22.0, 150.0), (240.0, 52.0, 132.0)]
    {
        blooms::eucalyptus(canvas, (x, 230.0), angle + chance.between(-5.0, 5.0), length);
    }
    for (x, angle) in [(185.0, -40.0), (200.0, 0.0), (215.0, 40.0)] {
        blooms::gypsophila(canvas, (x, 220.0), angle, 140.0);
    }
}

/// Long-stemmed roses: three in a bottle, five in a glass, or a round bunch in paper.
pub(super) fn rose(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    match chance.below(3) {
        0 => {
            let heads = [(140.0, 150.0, 38.0), (262.0, 158.0, 38.0), (204.0, 112.0, 42.0)];
            stand(canvas, &heads, (200.0, 272.0), true);
            heads_on(canvas, blooms::rose, &heads, palette, chance);
            vessels::bottle(canvas, IVORY);
        }
        1 => {
            let heads = [
                (150.0, 160.0, 40.0),
                (252.0, 158.0, 40.0),
                (200.0, 128.0, 40.0),
                (126.0, 226.0, 40.0),
                (276.0, 224.0, 40.0),
                (200.0, 214.0, 46.0),
            ];
            stand(canvas, &heads, (200.0, 304.0), true);
            heads_on(canvas, blooms::rose, &heads, palette, chance);
            vessels::glass(canvas);
        }
        _ => {
            vessels::paper_behind(canvas);
            greens(canvas, chance);
            let heads = DOME.map(|(x, y, r)| (x, y, r * 1.1));
            heads_on(canvas, blooms::rose, &heads, palette, chance);
            vessels::paper_in_front(canvas, palette.main());
        }
    }
}

/// Stems from each head to the mouth of a vessel, with leaves on the outer ones.
fn stand(canvas: &mut Canvas, heads: &[(f32, f32, f32)], mouth: Point, leaves: bool) {
    for &(x, y, _) in heads {
        let foot = (mouth.0 + (x - mouth.0) * 0.12, mouth.1 + 24.0);
        blooms::stem(canvas, foot, (x, y), 4.0);
        if leaves {
            let side = if x < mouth.0 { -1.0 } else { 1.0 };
            let joint = ((foot.0 + x) / 2.0 + side * 4.0, (foot.1 + y) / 2.0 - 8.0);
            blooms::leaf(canvas, joint, side * 62.0, (22.0, 46.0));
        }
    }
}

/// Paints heads with a small turn and shift each, so that no two pictures are the same.
fn heads_on(
    canvas: &mut Canvas,
    head: Head,
    heads: &[(f32, f32, f32)],
    palette: &Palette,
    chance: &mut Chance,
) {
    for (index, &(x, y, r)) in heads.iter().enumerate() {
        let at = (x + chance.between(-4.0, 4.0), y + chance.between(-4.0, 4.0));
        head(canvas, at, r, palette.tones(index), chance.between(0.0, 60.0));
    }
}

/// Seven tulips in a jug, each leaning its own way.
pub(super) fn tulip(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let heads = [
        (118.0, 176.0, -26.0),
        (284.0, 178.0, 27.0),
        (158.0, 138.0, -14.0),
        (240.0, 134.0, 12.0),
        (200.0, 112.0, 1.0),
        (166.0, 208.0, -12.0),
        (232.0, 206.0, 14.0),
    ];
    for (index, (x, y, lean)) in heads.into_iter().enumerate() {
        blooms::stem(canvas, (198.0, 318.0), (x, y + 22.0), 5.0);
        let lean = lean + chance.between(-4.0, 4.0);
        let lift = y + chance.between(-5.0, 5.0);
        blooms::tulip(canvas, (x, lift), 31.0, palette.tones(index), lean);
    }
    for (x, angle, length) in
        [(170.0, -34.0, 116.0), (186.0, -12.0, 104.0), (212.0, 15.0, 112.0), (224.0, 37.0, 118.0)]
    {
        blooms::leaf(canvas, (x, 312.0), angle, (30.0, length));
    }
    vessels::jug(canvas, IVORY);
}

/// Lilies with buds in a tall bottle.
pub(super) fn lily(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let heads = [(134.0, 192.0, 66.0), (268.0, 186.0, 66.0), (202.0, 126.0, 74.0)];
    stand(canvas, &heads, (200.0, 280.0), true);
    for (root, angle) in [((150.0, 120.0), -24.0), ((262.0, 116.0), 26.0), ((212.0, 216.0), 8.0)] {
        blooms::stem(canvas, (200.0, 300.0), root, 3.5);
        blooms::bud(canvas, root, 58.0, palette.main(), angle);
    }
    heads_on(canvas, blooms::lily, &heads, palette, chance);
    vessels::bottle(canvas, IVORY);
}

/// An arching moth orchid in a glazed pot.
pub(super) fn orchid(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    for (angle, length) in [(-64.0, 112.0), (62.0, 118.0), (-36.0, 84.0), (34.0, 88.0)] {
        blooms::leaf(canvas, (200.0, 352.0), angle, (44.0, length));
    }
    canvas.line("M196 350C176 270 168 130 232 92C268 72 306 96 322 132", STEM, 4.0);
    canvas.line("M204 350C214 290 196 210 158 170C136 146 104 152 88 180", STEM, 4.0);
    let sprays = [
        (320.0, 146.0, 25.0),
        (278.0, 104.0, 30.0),
        (226.0, 112.0, 35.0),
        (198.0, 176.0, 37.0),
        (90.0, 190.0, 25.0),
        (120.0, 166.0, 30.0),
        (158.0, 198.0, 33.0),
        (206.0, 252.0, 35.0),
    ];
    for (index, (x, y, r)) in sprays.into_iter().enumerate() {
        blooms::orchid(canvas, (x, y), r, palette.tones(index), chance.between(-14.0, 14.0));
    }
    vessels::cachepot(canvas);
}

/// A few heavy peonies in a bowl.
pub(super) fn peony(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    for (x, angle) in [(130.0, -70.0), (150.0, -38.0), (250.0, 38.0), (270.0, 70.0), (200.0, -4.0)]
    {
        let length = if angle == -4.0 { 210.0 } else { 130.0 };
        blooms::leaf(canvas, (x, 310.0), angle, (48.0, length));
    }
    let heads = [
        (206.0, 158.0, 58.0),
        (118.0, 214.0, 56.0),
        (286.0, 216.0, 56.0),
        (162.0, 274.0, 60.0),
        (244.0, 276.0, 60.0),
    ];
    heads_on(canvas, blooms::peony, &heads, palette, chance);
    vessels::bowl(canvas, IVORY);
}

/// Three sunflowers in a clay jug.
pub(super) fn sunflower(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let heads = [(126.0, 192.0, 66.0), (276.0, 186.0, 66.0), (204.0, 128.0, 74.0)];
    stand(canvas, &heads, (198.0, 300.0), true);
    blooms::leaf(canvas, (200.0, 300.0), -14.0, (46.0, 96.0));
    blooms::leaf(canvas, (200.0, 300.0), 20.0, (46.0, 90.0));
    heads_on(canvas, blooms::sunflower, &heads, palette, chance);
    vessels::jug(canvas, CLAY);
}

/// A green plant in a pot of the product's colour (clay where the colour is green itself).
pub(super) fn plant(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let root = (200.0, 336.0);
    if chance.below(2) == 0 {
        for (angle, length) in [
            (-72.0, 120.0),
            (70.0, 124.0),
            (-48.0, 170.0),
            (50.0, 166.0),
            (-26.0, 206.0),
            (27.0, 210.0),
            (0.0, 240.0),
        ] {
            let lean = angle + chance.between(-4.0, 4.0);
            blooms::leaf(canvas, root, lean, (length * 0.24, length));
        }
    } else {
        for (angle, reach) in [
            (-62.0, 104.0),
            (60.0, 108.0),
            (-34.0, 164.0),
            (36.0, 160.0),
            (-10.0, 206.0),
            (14.0, 128.0),
        ] {
            let joint = polar(root, angle + chance.between(-3.0, 3.0), reach);
            blooms::stem(canvas, root, joint, 4.0);
            canvas.oval(joint, (36.0, 48.0), angle, LEAF.base);
            canvas.oval(polar(joint, angle - 90.0, 9.0), (20.0, 40.0), angle, LEAF.light);
        }
    }
    let green = palette.main().base == Palette::of("green").main().base;
    vessels::pot(canvas, if green { CLAY } else { palette.main() });
}

/// Flowers of the product's colour in a clear glass: a full round bunch, or a taller one with sprigs.
pub(super) fn vase(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tall = chance.below(2) == 0;
    for (angle, length) in [(-46.0, 150.0), (-20.0, 186.0), (22.0, 184.0), (48.0, 150.0)] {
        let lean = angle + chance.between(-5.0, 5.0);
        match tall {
            true => blooms::gypsophila(canvas, (200.0, 270.0), lean, length + 20.0),
            false => blooms::eucalyptus(canvas, (200.0, 270.0), lean, length),
        }
    }
    let lift = if tall { -14.0 } else { 10.0 };
    let heads = DOME.map(|(x, y, r)| (200.0 + (x - 200.0) * 0.94, y + lift, r * 1.06));
    stand(canvas, &heads, (200.0, 304.0), false);
    for (x, side) in [(128.0, -66.0), (272.0, 66.0), (168.0, -30.0), (232.0, 30.0)] {
        blooms::leaf(canvas, (x * 0.4 + 120.0, 300.0), side, (24.0, 56.0));
    }
    heads_on(canvas, blooms::rose, &heads, palette, chance);
    vessels::glass(canvas);
}

/// A vase of the product's colour with a few dry twigs: the vase is what is sold.
pub(super) fn vessel(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    for (angle, length) in [(-24.0, 190.0), (-6.0, 216.0), (14.0, 200.0), (30.0, 168.0)] {
        let lean = angle + chance.between(-4.0, 4.0);
        match chance.below(3) {
            0 => blooms::gypsophila(canvas, (200.0, 290.0), lean, length),
            _ => blooms::eucalyptus(canvas, (200.0, 290.0), lean, length),
        }
    }
    match chance.below(3) {
        0 => vessels::bottle(canvas, tones),
        1 => vessels::jug(canvas, tones),
        _ => urn(canvas, tones),
    }
}

/// A round urn with a band; its mouth is at (200, 284).
fn urn(canvas: &mut Canvas, tones: Tones) {
    canvas.shadow((206.0, vessels::FLOOR), 190.0);
    canvas.path("M172 284H228L224 304C262 314 284 340 284 370C284 406 250 428 200 428C150 428 116 406 116 370C116 340 138 314 176 304Z", tones.base);
    canvas.veil("M206 284H228L224 304C262 314 284 340 284 370C284 406 250 428 200 428C244 404 252 332 206 304Z", tones.deep, 0.35);
    canvas.line("M118 360C160 376 240 376 282 360", GOLD.base, 4.0);
    canvas.veil(
        "M132 352C138 334 150 324 164 318C150 336 146 352 146 372C136 370 130 362 132 352Z",
        tones.light,
        0.75,
    );
    canvas.oval((200.0, 284.0), (28.0, 5.5), 0.0, tones.deep);
}
