//! Still lifes for the home: mugs, clocks, frames, kitchen things, lanterns, tins, glasses.

use super::blooms;
use super::canvas::{Canvas, Chance, polar};
use super::colour::{
    COCOA, FLAME, GLASS, GOLD, INK, IVORY, LEAF, Palette, SAGE, Tones, WHITE, WOOD,
};
use super::gifts::heart_shape;
use super::sweets::flame;
use super::vessels::FLOOR;

/// A mug with a small pattern and steam.
pub(super) fn mug(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((214.0, FLOOR), 270.0);
    for x in [158.0, 196.0] {
        canvas.line(&format!("M{x:.1} 196c-16 -18 16 -34 0 -56"), WHITE, 7.0);
    }
    canvas.line("M278 276C344 262 344 380 268 374", tones.base.mix(tones.deep, 35), 19.0);
    canvas.path("M86 230H288V382C288 410 268 428 244 428H130C106 428 86 410 86 382Z", tones.base);
    canvas.veil(
        "M240 230H288V382C288 410 268 428 244 428H210C236 410 240 390 240 360Z",
        tones.deep,
        0.3,
    );
    canvas.oval((187.0, 230.0), (101.0, 17.0), 0.0, tones.light);
    canvas.oval((187.0, 233.0), (88.0, 12.0), 0.0, COCOA.base);
    match chance.below(3) {
        0 => heart_shape(canvas, (166.0, 330.0), 1.9, tones.light),
        1 => {
            for (x, y) in
                [(124.0, 290.0), (174.0, 318.0), (222.0, 288.0), (126.0, 366.0), (216.0, 374.0)]
            {
                canvas.circle((x, y), 12.0, tones.light);
            }
        }
        _ => {
            canvas.rect((86.0, 296.0), (202.0, 12.0), 0.0, tones.light);
            canvas.rect((86.0, 322.0), (202.0, 28.0), 0.0, tones.light);
            canvas.rect((86.0, 364.0), (202.0, 12.0), 0.0, tones.light);
        }
    }
}

/// An alarm clock with two bells.
pub(super) fn clock(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 230.0);
    canvas.line("M132 396L112 424M268 396L288 424", tones.deep, 15.0);
    canvas.line("M146 150C150 104 250 104 254 150", tones.deep, 8.0);
    for (x, turn) in [(134.0, -32.0), (266.0, 32.0)] {
        canvas.oval((x, 164.0), (46.0, 31.0), turn, GOLD.base);
        canvas.oval((x - 8.0, 156.0), (15.0, 8.0), turn, GOLD.light);
    }
    canvas.circle((200.0, 292.0), 128.0, tones.base);
    canvas.circle((200.0, 292.0), 104.0, IVORY.light);
    for hour in 0..12_u8 {
        let angle = f32::from(hour) * 30.0;
        canvas.circle(
            polar((200.0, 292.0), angle, 88.0),
            if hour % 3 == 0 { 5.5 } else { 3.0 },
            INK,
        );
    }
    let hour = chance.between(280.0, 330.0);
    for (angle, length, width) in [(hour, 50.0, 8.0), (hour * 12.0 - 3_300.0, 74.0, 5.0)] {
        let (x, y) = polar((200.0, 292.0), angle, length);
        canvas.line(&format!("M200 292L{x:.1} {y:.1}"), INK, width);
    }
    canvas.circle((200.0, 292.0), 9.0, tones.base);
}

/// A picture in a frame: hills, or a flower.
pub(super) fn frame(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((206.0, FLOOR), 260.0);
    canvas.path("M236 420L296 424L262 300Z", WOOD.deep);
    canvas.rect((92.0, 138.0), (216.0, 288.0), 6.0, tones.base);
    canvas.veil(
        "M92 144C92 140 94 138 98 138H302C306 138 308 140 308 144V160H92Z",
        tones.light,
        0.6,
    );
    canvas.veil("M288 160H308V420C308 424 306 426 302 426H288Z", tones.deep, 0.4);
    canvas.rect((114.0, 160.0), (172.0, 244.0), 2.0, IVORY.light);
    canvas.rect((136.0, 182.0), (128.0, 200.0), 0.0, palette.paper.mix(tones.light, 25));
    if chance.below(2) == 0 {
        canvas.circle((226.0, 228.0), 21.0, FLAME.base);
        canvas.path("M136 312C160 276 186 276 212 304C232 284 250 286 264 300V382H136Z", SAGE.base);
        canvas.path("M136 346C170 318 214 330 264 350V382H136Z", LEAF.base);
    } else {
        blooms::stem(canvas, (200.0, 376.0), (200.0, 264.0), 5.0);
        blooms::leaf(canvas, (200.0, 356.0), -44.0, (22.0, 58.0));
        blooms::leaf(canvas, (200.0, 340.0), 46.0, (22.0, 54.0));
        blooms::tulip(canvas, (200.0, 244.0), 34.0, Palette::of("orange").main(), 0.0);
    }
}

/// A crock with wooden spoons and a whisk beside a bowl.
pub(super) fn kitchen(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 320.0);
    for (x, y, lean) in [(118.0, 150.0, -10.0), (160.0, 126.0, 0.0), (206.0, 152.0, 12.0)] {
        canvas.group(
            &format!("rotate({:.1} 160 320)", lean + chance.between(-2.0, 2.0)),
            |canvas| {
                canvas.line(
                    &format!("M{:.1} {:.1}V320", 160.0 + (x - 160.0) * 0.2, y + 30.0),
                    WOOD.base,
                    11.0,
                );
                canvas.oval((160.0 + (x - 160.0) * 0.2, y + 20.0), (23.0, 34.0), 0.0, WOOD.base);
                canvas.oval((160.0 + (x - 160.0) * 0.2, y + 16.0), (14.0, 23.0), 0.0, WOOD.light);
            },
        );
    }
    canvas.path(
        "M96 278H226L218 412C217 422 210 428 200 428H122C112 428 105 422 104 412Z",
        tones.base,
    );
    canvas.veil(
        "M192 278H226L218 412C217 422 210 428 200 428H176C190 400 192 340 192 278Z",
        tones.deep,
        0.3,
    );
    canvas.rect((90.0, 268.0), (142.0, 20.0), 8.0, tones.base.mix(tones.light, 45));
    canvas.rect((101.0, 330.0), (120.0, 8.0), 0.0, tones.light);
    canvas.path("M206 352H346C346 400 320 428 276 428C232 428 206 400 206 352Z", IVORY.base);
    canvas.veil("M312 352H346C346 400 320 428 276 428C300 416 314 390 312 352Z", IVORY.deep, 0.8);
    canvas.oval((276.0, 352.0), (70.0, 10.0), 0.0, IVORY.deep);
}

/// A watering can, sometimes with a sprig in it.
pub(super) fn garden(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((206.0, FLOOR), 300.0);
    if chance.below(2) == 0 {
        for (angle, length) in [(-16.0, 150.0), (2.0, 172.0), (20.0, 150.0)] {
            blooms::eucalyptus(canvas, (214.0, 290.0), angle, length);
        }
    } else {
        for (index, (x, y)) in
            [(176.0, 166.0), (214.0, 136.0), (252.0, 168.0)].into_iter().enumerate()
        {
            blooms::stem(canvas, (212.0, 300.0), (x, y), 4.0);
            blooms::tulip(
                canvas,
                (x, y),
                26.0,
                Palette::of("mixed").tones(index),
                (x - 214.0) * 0.4,
            );
        }
    }
    canvas.line("M296 300C366 290 366 400 292 398", tones.deep, 13.0);
    canvas.path(
        "M150 392L80 268L64 276L58 252L104 228L112 250L98 258L150 338Z",
        tones.base.mix(tones.deep, 35),
    );
    canvas.path(
        "M142 284H290L300 414C300 422 294 428 286 428H146C138 428 132 422 132 414Z",
        tones.base,
    );
    canvas.veil(
        "M250 284H290L300 414C300 422 294 428 286 428H244C254 390 254 330 250 284Z",
        tones.deep,
        0.32,
    );
    canvas.rect((136.0, 276.0), (160.0, 15.0), 7.0, tones.base.mix(tones.light, 55));
    canvas.rect((136.0, 344.0), (160.0, 8.0), 0.0, tones.light);
}

/// A plump cushion.
pub(super) fn cushion(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 310.0);
    canvas.path("M84 186C74 168 92 160 108 166C160 182 240 182 292 166C308 160 326 168 316 186C300 240 300 346 316 402C326 424 308 432 292 426C240 412 160 412 108 426C92 432 74 424 84 402C100 346 100 240 84 186Z", tones.base);
    canvas.veil("M316 186C300 240 300 346 316 402C326 424 308 432 292 426C240 412 160 412 108 426C200 400 280 360 292 166C308 160 326 168 316 186Z", tones.deep, 0.22);
    match chance.below(3) {
        0 => heart_shape(canvas, (200.0, 296.0), 3.0, tones.light),
        1 => {
            for x in [138.0, 166.0, 194.0, 222.0, 250.0_f32] {
                canvas.line(
                    &format!("M{x:.1} 190C{x:.1} 260 {x:.1} 340 {x:.1} 404"),
                    tones.light,
                    9.0,
                );
            }
        }
        _ => {
            blooms::eucalyptus(canvas, (170.0, 372.0), 12.0, 156.0);
            blooms::peony(canvas, (212.0, 286.0), 52.0, Palette::of("cream").main(), 0.0);
        }
    }
}

/// A lantern with a candle in it.
pub(super) fn lantern(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 220.0);
    canvas.line("M176 110C176 62 224 62 224 110", tones.deep, 6.0);
    canvas.path("M200 96L292 176H108Z", tones.base);
    canvas.veil("M200 96L292 176H232Z", tones.deep, 0.35);
    canvas.rect((120.0, 176.0), (160.0, 238.0), 0.0, FLAME.light.mix(GLASS.light, 45));
    canvas.circle((200.0, 304.0), 64.0, FLAME.light);
    let height = chance.between(66.0, 104.0);
    canvas.rect((174.0, 410.0 - height), (52.0, height), 5.0, IVORY.light);
    canvas.rect((208.0, 414.0 - height), (18.0, height - 4.0), 4.0, IVORY.deep);
    flame(canvas, (200.0, 404.0 - height), 14.0);
    for x in [116.0, 272.0] {
        canvas.rect((x, 172.0), (12.0, 244.0), 2.0, tones.deep);
    }
    if chance.below(2) == 0 {
        canvas.line("M200 176V412M122 294H278", tones.deep, 5.0);
    } else {
        canvas.line("M122 214C150 176 250 176 278 214", tones.deep, 5.0);
    }
    canvas.rect((102.0, 168.0), (196.0, 15.0), 6.0, tones.base.mix(tones.light, 30));
    canvas.rect((102.0, 408.0), (196.0, 20.0), 6.0, tones.base);
}

/// A round storage tin with a label.
pub(super) fn tin(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 270.0);
    canvas.path("M94 238H306V406C306 432 94 432 94 406Z", tones.base);
    canvas.veil(
        "M252 238H306V406C306 416 276 423 240 425C252 380 254 300 252 238Z",
        tones.deep,
        0.32,
    );
    canvas.path("M94 284H306V300H94ZM94 388H306V398C306 400 94 400 94 398Z", tones.light);
    canvas.path("M86 200H314V246C314 266 86 266 86 246Z", tones.base.mix(tones.deep, 18));
    canvas.oval((200.0, 200.0), (114.0, 24.0), 0.0, tones.base.mix(tones.light, 60));
    canvas.oval((200.0, 196.0), (16.0, 7.0), 0.0, tones.deep);
    canvas.circle((200.0, 186.0), 13.0, GOLD.base);
    canvas.oval((196.0, 344.0), (68.0, 36.0), 0.0, IVORY.light);
    match chance.below(3) {
        0 => heart_shape(canvas, (196.0, 345.0), 1.1, tones.base),
        1 => blooms::daisy(canvas, (196.0, 344.0), 24.0, tones, 0.0),
        _ => canvas.line("M156 336H236M170 354H222", tones.deep, 5.0),
    }
}

/// Glasses: two stems, or a carafe and a tumbler.
pub(super) fn glass(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 290.0);
    if chance.below(2) == 0 {
        stemmed(canvas, 128.0, tones);
        stemmed(canvas, 268.0, tones);
        return;
    }
    canvas.veil("M126 140H206L200 214C226 240 246 280 246 338C246 400 222 428 166 428C110 428 86 400 86 338C86 280 106 240 132 214Z", GLASS.light, 0.85);
    canvas.veil("M94 300H238C250 396 216 420 166 420C116 420 82 396 94 300Z", tones.base, 0.75);
    canvas.veil("M112 262C100 296 98 350 108 386C92 340 96 290 122 250Z", WHITE, 0.85);
    canvas.oval((166.0, 140.0), (40.0, 7.0), 0.0, GLASS.deep);
    canvas.veil(
        "M240 304H336L326 420C326 425 322 428 318 428H258C254 428 250 425 250 420Z",
        GLASS.light,
        0.85,
    );
    canvas.veil(
        "M246 350H330L324 414C324 419 320 422 316 422H260C256 422 252 419 252 414Z",
        tones.base,
        0.75,
    );
    canvas.oval((288.0, 304.0), (48.0, 7.0), 0.0, GLASS.deep);
}

fn stemmed(canvas: &mut Canvas, x: f32, tones: Tones) {
    canvas.group(&format!("translate({x:.1} 0)"), |canvas| {
        canvas.oval((0.0, 420.0), (50.0, 9.0), 0.0, GLASS.deep);
        canvas.oval((0.0, 417.0), (48.0, 8.0), 0.0, GLASS.base);
        canvas.line("M0 320V414", GLASS.deep, 8.0);
        canvas.line("M-1 320V412", GLASS.light, 3.0);
        canvas.veil("M-50 152H50C62 232 46 322 0 324C-46 322 -62 232 -50 152Z", GLASS.light, 0.85);
        canvas.veil("M-54 216H54C56 280 38 314 0 316C-38 314 -56 280 -54 216Z", tones.base, 0.8);
        canvas.veil("M-40 172C-46 224 -40 272 -26 294C-42 270 -52 220 -46 166Z", WHITE, 0.9);
        canvas.oval((0.0, 152.0), (50.0, 7.0), 0.0, GLASS.deep);
        canvas.oval((0.0, 216.0), (54.0, 7.0), 0.0, tones.light);
    });
}
