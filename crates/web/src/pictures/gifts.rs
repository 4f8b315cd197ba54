//! Still lifes of wrapped gifts, scent, toys and small things to wear or send.

use super::blooms;
use super::canvas::{Canvas, Chance, Point};
use super::colour::{
    BLUSH, COCOA, Colour, FLAME, GLASS, GOLD, INK, IVORY, KRAFT, Palette, Tones, WHITE, WOOD,
};
use super::sweets::flame;
use super::vessels::{FLOOR, ribbon_bow};

/// A wrapped box with a bow, a smaller one beside it.
pub(super) fn gift_box(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let (main, other) = (palette.main(), if chance.below(2) == 0 { IVORY } else { KRAFT });
    canvas.shadow((210.0, FLOOR), 310.0);
    wrapped(canvas, (88.0, 226.0), (190.0, 202.0), main, other);
    let (width, height) = (chance.between(84.0, 104.0), chance.between(70.0, 92.0));
    wrapped(canvas, (330.0 - width, FLOOR - height), (width, height), other, main);
}

fn wrapped(canvas: &mut Canvas, (x, y): Point, (width, height): Point, paper: Tones, band: Tones) {
    let (lid, middle, strip) = (height * 0.2, x + width / 2.0, width * 0.14);
    canvas.rect((x, y), (width, height), 4.0, paper.base);
    let side = format!(
        "M{:.1} {y:.1}H{:.1}V{:.1}H{:.1}Z",
        x + width * 0.7,
        x + width - 3.0,
        y + height,
        x + width * 0.7
    );
    canvas.veil(&side, paper.deep, 0.28);
    canvas.rect((middle - strip / 2.0, y), (strip, height), 0.0, band.base);
    let lip = (width * 0.035, width * 1.07);
    canvas.rect((x - lip.0, y), (lip.1, lid), 4.0, paper.base.mix(paper.light, 45));
    canvas.rect((x - lip.0, y + lid - 2.0), (lip.1, 4.0), 2.0, paper.deep.mix(paper.base, 50));
    canvas.rect((middle - strip / 2.0, y), (strip, lid), 0.0, band.base.mix(band.light, 40));
    ribbon_bow(canvas, (middle, y - 1.0), width * 0.15, band);
}

/// A perfume bottle: square, round or tall, with a gold collar.
pub(super) fn perfume(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    let (body, juice, shine) = match chance.below(3) {
        0 => (
            "M124 224C124 210 134 202 146 202H254C266 202 276 210 276 224V406C276 420 266 428 254 428H146C134 428 124 420 124 406Z",
            "M138 270H262V402C262 410 258 414 250 414H150C142 414 138 410 138 402Z",
            "M142 222H156V398H150C144 398 142 396 142 390Z",
        ),
        1 => (
            "M200 196C268 196 300 250 300 318C300 384 262 428 200 428C138 428 100 384 100 318C100 250 132 196 200 196Z",
            "M116 300H284C290 368 254 414 200 414C146 414 110 368 116 300Z",
            "M136 254C120 282 116 330 128 364C118 322 126 282 150 246Z",
        ),
        _ => (
            "M160 176H240L262 404C264 420 254 428 240 428H160C146 428 136 420 138 404Z",
            "M162 250H238L249 402C250 410 246 414 238 414H162C154 414 150 410 151 402Z",
            "M168 190H180L166 402H158C152 402 152 398 153 392Z",
        ),
    };
    canvas.shadow((206.0, FLOOR), 220.0);
    let neck = if body.starts_with("M160") { 176.0 } else { 200.0 };
    canvas.rect((178.0, neck - 34.0), (44.0, 40.0), 4.0, GOLD.base);
    canvas.rect((206.0, neck - 34.0), (10.0, 40.0), 0.0, GOLD.deep);
    canvas.rect((164.0, neck - 92.0), (72.0, 62.0), 9.0, tones.deep.mix(INK, 30));
    canvas.rect((174.0, neck - 86.0), (8.0, 48.0), 4.0, tones.base.mix(WHITE, 20));
    canvas.path(body, GLASS.base.mix(tones.light, 25));
    canvas.path(juice, tones.base.mix(tones.light, 35));
    canvas.veil(shine, WHITE, 0.6);
    canvas.rect((164.0, 312.0), (72.0, 54.0), 3.0, IVORY.light);
    canvas.line("M178 330H222M186 346H214", GOLD.deep, 2.5);
}

/// Candles of three heights, the tall one in the middle.
pub(super) fn candle(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    canvas.shadow((204.0, FLOOR), 300.0);
    let lift = chance.between(0.0, 26.0);
    for (index, (x, width, height)) in
        [(162.0, 78.0, 224.0 - lift), (86.0, 84.0, 150.0 + lift), (238.0, 92.0, 112.0 + lift)]
            .into_iter()
            .enumerate()
    {
        let tones = palette.tones(index);
        let (y, middle) = (FLOOR - height, x + width / 2.0);
        canvas.oval((middle, y - 22.0), (34.0, 44.0), 0.0, FLAME.light.mix(palette.paper, 45));
        canvas.rect((x, y), (width, height), 8.0, tones.base.mix(tones.light, 30));
        canvas.rect(
            (x + width * 0.66, y + 4.0),
            (width * 0.34 - 3.0, height - 6.0),
            6.0,
            tones.base,
        );
        canvas.oval((middle, y + 4.0), (width / 2.0, 9.0), 0.0, tones.light);
        canvas.oval((middle, y + 5.0), (width / 3.0, 5.5), 0.0, tones.base.mix(tones.light, 50));
        canvas.line(&format!("M{middle:.1} {:.1}v-14", y + 4.0), INK, 2.5);
        flame(canvas, (middle, y - 8.0), 12.0);
    }
}

/// Three balloons on strings.
pub(super) fn balloon(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let knots = [(118.0, 246.0), (286.0, 238.0), (200.0, 300.0)];
    for (x, y) in knots {
        canvas.line(
            &format!("M{x:.1} {y:.1}C{x:.1} 350 200 370 200 432"),
            INK.mix(palette.paper, 50),
            2.0,
        );
    }
    for (index, (x, y)) in knots.into_iter().enumerate() {
        let tones = if index == 1 && chance.below(3) == 0 { GOLD } else { palette.tones(index) };
        let lean = chance.between(-5.0, 5.0);
        canvas.group(&format!("rotate({lean:.1} {x:.1} {y:.1})"), |canvas| {
            canvas.path(&format!("M{x:.1} {:.1}l-8 14h16Z", y - 8.0), tones.deep);
            canvas.oval((x, y - 82.0), (64.0, 78.0), 0.0, tones.base);
            canvas.veil(&lobe((x, y)), tones.deep, 0.3);
            canvas.oval((x - 24.0, y - 116.0), (11.0, 21.0), 24.0, tones.light.mix(WHITE, 25));
        });
    }
    ribbon_bow(canvas, (200.0, 436.0), 20.0, palette.main());
}

/// The shaded side of a balloon that is knotted at a point.
fn lobe((x, y): Point) -> String {
    format!(
        "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}Z",
        x + 40.0,
        y - 143.0,
        x + 82.0,
        y - 96.0,
        x + 64.0,
        y - 4.0,
        y - 4.0,
        x + 30.0,
        y - 30.0,
        x + 50.0,
        y - 92.0,
        x + 40.0,
        y - 143.0
    )
}

/// A sitting teddy bear with a bow.
pub(super) fn bear(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let fur = match chance.below(3) {
        0 => KRAFT,
        1 => WOOD,
        _ => Palette::of("cream").main(),
    };
    canvas.shadow((204.0, FLOOR), 250.0);
    for x in [140.0, 260.0] {
        canvas.circle((x, 152.0), 30.0, fur.base);
        canvas.circle((x, 154.0), 17.0, BLUSH.light);
    }
    canvas.oval((122.0, 322.0), (26.0, 54.0), 28.0, fur.base.mix(fur.deep, 22));
    canvas.oval((278.0, 322.0), (26.0, 54.0), -28.0, fur.base.mix(fur.deep, 22));
    canvas.oval((200.0, 344.0), (82.0, 86.0), 0.0, fur.base);
    canvas.oval((200.0, 356.0), (50.0, 58.0), 0.0, fur.light);
    for x in [132.0, 268.0] {
        canvas.oval((x, 402.0), (42.0, 36.0), 0.0, fur.base.mix(fur.deep, 22));
        canvas.oval((x, 404.0), (22.0, 20.0), 0.0, fur.light);
    }
    canvas.oval((200.0, 206.0), (88.0, 78.0), 0.0, fur.base);
    canvas.oval((200.0, 234.0), (42.0, 34.0), 0.0, fur.light.mix(WHITE, 30));
    canvas.oval((200.0, 218.0), (15.0, 10.0), 0.0, COCOA.deep);
    canvas.line(
        "M200 228V240M184 246C190 254 200 252 200 242C200 252 210 254 216 246",
        COCOA.deep,
        3.0,
    );
    for x in [166.0, 234.0] {
        canvas.circle((x, 196.0), 7.5, COCOA.deep);
        canvas.circle((x + 2.5, 193.5), 2.2, WHITE);
    }
    ribbon_bow(canvas, (200.0, 288.0), 34.0, palette.main());
}

/// A large satin bow on a band.
pub(super) fn ribbon(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    let height = chance.between(228.0, 252.0);
    canvas.rect((0.0, height - 15.0), (400.0, 30.0), 0.0, tones.base.mix(tones.light, 35));
    canvas.rect((0.0, height + 9.0), (400.0, 6.0), 0.0, tones.base.mix(tones.deep, 30));
    ribbon_bow(canvas, (200.0, height), 92.0, tones);
}

/// A carrier bag with tissue and a tag.
pub(super) fn bag(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((206.0, FLOOR), 260.0);
    canvas.line("M152 226C152 110 248 110 248 226", tones.deep, 7.0);
    if chance.below(2) == 0 {
        canvas.path(
            "M112 232L128 178L156 206L182 166L208 204L238 170L262 204L280 184L290 232Z",
            IVORY.light,
        );
        canvas.path("M182 166L208 204L196 232H170Z", IVORY.deep);
    }
    canvas
        .path("M100 218H300L310 420C310 425 306 428 302 428H98C94 428 90 425 90 420Z", tones.base);
    canvas.veil("M262 218H300L310 420C310 425 306 428 302 428H268Z", tones.deep, 0.35);
    canvas.line("M152 250V226M248 250V226", tones.deep, 7.0);
    match chance.below(3) {
        0 => (0..5_u8).for_each(|row| {
            let y = 274.0 + 32.0 * f32::from(row);
            canvas.rect((98.0 - f32::from(row) * 1.6, y), (165.0, 11.0), 0.0, tones.light);
        }),
        1 => heart_shape(canvas, (178.0, 326.0), 2.0, tones.light),
        _ => blooms::daisy(canvas, (178.0, 328.0), 46.0, IVORY, 12.0),
    }
}

/// A heart about a point; scale 1 is 40 units wide.
pub(super) fn heart_shape(canvas: &mut Canvas, (x, y): Point, scale: f32, fill: Colour) {
    canvas.group(&format!("translate({x:.1} {y:.1}) scale({scale:.2})"), |canvas| {
        canvas.path("M0 20C-12 10 -20 2 -20 -7C-20 -14 -15 -18 -10 -18C-5 -18 -2 -15 0 -11C2 -15 5 -18 10 -18C15 -18 20 -14 20 -7C20 2 12 10 0 20Z", fill);
    });
}

/// A greeting card before its envelope.
pub(super) fn card(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((206.0, FLOOR), 300.0);
    canvas.group("rotate(7 260 330)", |canvas| {
        canvas.rect((128.0, 262.0), (218.0, 152.0), 5.0, KRAFT.base);
        canvas.line("M132 268L237 346L342 268", KRAFT.deep, 4.0);
    });
    canvas.group("rotate(-5 170 300)", |canvas| {
        canvas.rect((74.0, 148.0), (192.0, 268.0), 5.0, IVORY.deep);
        canvas.rect((70.0, 146.0), (192.0, 268.0), 5.0, IVORY.light);
        canvas.rect((84.0, 160.0), (164.0, 240.0), 3.0, tones.light.mix(WHITE, 45));
        match chance.below(3) {
            0 => heart_shape(canvas, (166.0, 262.0), 2.3, tones.base),
            1 => {
                blooms::stem(canvas, (166.0, 350.0), (166.0, 250.0), 4.0);
                blooms::leaf(canvas, (166.0, 326.0), 48.0, (18.0, 46.0));
                blooms::rose(canvas, (166.0, 244.0), 40.0, tones, 10.0);
            }
            _ => {
                blooms::eucalyptus(canvas, (150.0, 344.0), -10.0, 150.0);
                blooms::daisy(canvas, (186.0, 244.0), 34.0, IVORY, 0.0);
            }
        }
        canvas.line("M132 376H200", tones.deep, 4.0);
    });
}

/// A pendant on its chain over a jewellery stand, or a ring in a box.
pub(super) fn jewellery(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    if chance.below(2) == 0 {
        canvas.shadow((206.0, FLOOR), 200.0);
        canvas.path("M168 110C168 96 232 96 232 110V182C232 206 312 220 312 300C312 360 268 404 236 428H164C132 404 88 360 88 300C88 220 168 206 168 182Z", IVORY.base);
        canvas.veil("M214 100C224 102 232 104 232 110V182C232 206 312 220 312 300C312 360 268 404 236 428H204C300 330 214 214 214 100Z", IVORY.deep, 0.65);
        canvas.line("M150 208C140 280 176 322 200 330C224 322 260 280 250 208", GOLD.deep, 3.5);
        gem(canvas, (200.0, 354.0), 25.0, tones);
        return;
    }
    canvas.shadow((206.0, FLOOR), 250.0);
    canvas.path(
        "M104 250L118 132C119 126 122 124 128 124H272C278 124 281 126 282 132L296 250Z",
        tones.deep,
    );
    canvas.path("M120 240L132 140H268L280 240Z", IVORY.deep);
    canvas.rect((92.0, 300.0), (216.0, 128.0), 10.0, tones.base);
    canvas.oval((200.0, 294.0), (104.0, 40.0), 0.0, tones.deep);
    canvas.oval((200.0, 290.0), (96.0, 34.0), 0.0, IVORY.base);
    canvas.line("M158 290C150 216 250 216 242 290", GOLD.base, 11.0);
    canvas.line("M163 280C160 232 196 230 204 230", GOLD.light, 3.5);
    gem(canvas, (200.0, 218.0), 22.0, tones);
}

fn gem(canvas: &mut Canvas, (x, y): Point, r: f32, tones: Tones) {
    canvas.group(&format!("translate({x:.1} {y:.1}) scale({:.2})", r / 20.0), |canvas| {
        canvas.path("M-14 -22H14L26 -6L0 24L-26 -6Z", GOLD.base);
        canvas.path("M-12 -18H12L21 -6H-21Z", tones.light);
        canvas.path("M-21 -6H21L0 19Z", tones.base);
        canvas.path("M-8 -6H8L0 19Z", tones.base.mix(tones.light, 55));
        canvas.path(
            "M-12 -18L-8 -6L0 -18L8 -6L12 -18L21 -6L8 -6L0 -18L-8 -6L-21 -6Z",
            WHITE.mix(tones.light, 40),
        );
    });
}

/// Wooden stacking rings or a pull-along train.
pub(super) fn toy(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let mixed = Palette::of("mixed");
    if chance.below(2) == 0 {
        canvas.shadow((204.0, FLOOR), 250.0);
        canvas.rect((190.0, 140.0), (20.0, 270.0), 8.0, WOOD.base);
        for (index, (y, half)) in
            [(384.0, 104.0), (340.0, 90.0), (296.0, 76.0), (252.0, 62.0), (210.0, 47.0)]
                .into_iter()
                .enumerate()
        {
            let tones = if index % 2 == 0 { palette.main() } else { mixed.tones(index) };
            canvas.rect((200.0 - half, y), (half * 2.0, 44.0), 22.0, tones.base);
            canvas.rect((200.0 - half * 0.78, y + 7.0), (half * 0.9, 9.0), 4.5, tones.light);
        }
        canvas.circle((200.0, 178.0), 33.0, palette.main().base);
        canvas.oval((189.0, 168.0), (9.0, 7.0), -30.0, palette.main().light);
        return;
    }
    train(canvas, palette.main(), mixed.tones(chance.below(2) as usize + 1));
}

fn train(canvas: &mut Canvas, tones: Tones, other: Tones) {
    canvas.shadow((204.0, FLOOR), 320.0);
    canvas.rect((66.0, 370.0), (268.0, 20.0), 8.0, WOOD.deep);
    canvas.rect((72.0, 226.0), (112.0, 148.0), 8.0, tones.base);
    canvas.rect((94.0, 254.0), (68.0, 54.0), 6.0, IVORY.light);
    canvas.rect((58.0, 206.0), (140.0, 26.0), 10.0, tones.deep);
    canvas.rect((180.0, 296.0), (142.0, 78.0), 30.0, other.base);
    canvas.rect((196.0, 306.0), (100.0, 10.0), 5.0, other.light);
    canvas.path("M262 300L254 236H302L294 300Z", WOOD.base);
    canvas.rect((246.0, 224.0), (64.0, 18.0), 8.0, WOOD.deep);
    for (x, r) in [(112.0, 36.0), (210.0, 28.0), (284.0, 28.0)] {
        canvas.circle((x, FLOOR - r), r, COCOA.base);
        canvas.circle((x, FLOOR - r), r * 0.68, WOOD.light);
        canvas.circle((x, FLOOR - r), r * 0.22, COCOA.base);
    }
    for (x, y, r) in [(290.0, 190.0, 20.0), (312.0, 158.0, 15.0), (326.0, 132.0, 10.0)] {
        canvas.circle((x, y), r, WHITE);
    }
}
