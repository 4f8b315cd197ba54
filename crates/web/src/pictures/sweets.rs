//! Still lifes of cakes, chocolate, dates and baskets of them.

use super::blooms;
use super::canvas::{Canvas, Chance, Point};
use super::colour::{BLUSH, COCOA, FLAME, GOLD, IVORY, KRAFT, LEAF, Palette, Tones, WHITE, WOOD};
use super::vessels::{FLOOR, ribbon_bow};

/// A glazed cake on a stand, with a rose or berries on top.
pub(super) fn cake(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    stand(canvas);
    canvas.path("M96 236H304V352C304 366 96 366 96 352Z", tones.base.mix(WHITE, 35));
    canvas.veil("M240 236H304V352C304 358 274 361 240 362Z", tones.deep, 0.22);
    canvas.rect((96.0, 294.0), (208.0, 12.0), 0.0, IVORY.base);
    canvas.path("M96 232H304V262C296 262 296 284 284 284C272 284 274 264 262 264C250 264 252 298 240 298C228 298 230 266 218 266C206 266 206 286 194 286C182 286 184 262 172 262C160 262 160 294 148 294C136 294 138 266 126 266C114 266 112 278 104 276C97 274 96 262 96 256Z", tones.base);
    canvas.oval((200.0, 232.0), (104.0, 22.0), 0.0, tones.base.mix(tones.light, 55));
    if chance.below(2) == 0 {
        for (x, y, r) in [(156.0, 214.0, 26.0), (246.0, 214.0, 26.0), (202.0, 198.0, 34.0)] {
            blooms::rose(canvas, (x, y), r, if r > 30.0 { BLUSH } else { IVORY }, x);
        }
        blooms::leaf(canvas, (262.0, 226.0), 74.0, (18.0, 40.0));
        blooms::leaf(canvas, (140.0, 226.0), -76.0, (18.0, 40.0));
    } else {
        candles(canvas, chance);
    }
}

fn stand(canvas: &mut Canvas) {
    canvas.shadow((204.0, FLOOR), 170.0);
    canvas.path("M182 366H218L226 412C228 424 172 424 174 412Z", IVORY.deep);
    canvas.oval((200.0, 420.0), (54.0, 9.0), 0.0, IVORY.base);
    canvas.oval((200.0, 364.0), (134.0, 18.0), 0.0, IVORY.deep);
    canvas.oval((200.0, 358.0), (134.0, 17.0), 0.0, IVORY.light);
}

fn candles(canvas: &mut Canvas, chance: &mut Chance) {
    for (x, y) in [(140.0, 226.0), (170.0, 236.0), (200.0, 222.0), (230.0, 236.0), (260.0, 226.0)] {
        let height = chance.between(50.0, 62.0);
        canvas.rect(
            (x - 3.5, y - height),
            (7.0, height),
            3.0,
            if y > 230.0 { GOLD.base } else { WHITE },
        );
        flame(canvas, (x, y - height - 3.0), 8.0);
    }
}

/// A small candle flame that stands on its point.
pub(super) fn flame(canvas: &mut Canvas, at: Point, size: f32) {
    canvas.petal(at, 0.0, (size * 1.3, size * 2.4), FLAME.deep);
    canvas.petal(at, 0.0, (size * 0.8, size * 1.6), FLAME.light);
}

/// Cupcakes with piped cream, one before two.
pub(super) fn cupcake(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    canvas.shadow((204.0, FLOOR), 300.0);
    let turn = chance.below(3);
    for (index, place) in
        ["translate(24 -6) scale(.72)", "translate(178 -6) scale(.72)", "translate(-2 0)"]
            .into_iter()
            .enumerate()
    {
        let tones = palette.tones(index);
        canvas.group(place, |canvas| one_cupcake(canvas, tones, turn));
    }
}

fn one_cupcake(canvas: &mut Canvas, tones: Tones, topping: u32) {
    canvas.path("M134 328H270L254 422C252 432 152 432 150 422Z", KRAFT.base);
    for x in [150.0, 172.0, 194.0, 216.0, 238.0_f32] {
        let foot = x + (202.0 - x) * 0.22 + 6.0;
        canvas.line(&format!("M{:.1} 334L{foot:.1} 424", x + 8.0), KRAFT.deep, 3.0);
    }
    for (y, half, height, mix) in [
        (318.0, 82.0, 28.0, 0),
        (290.0, 66.0, 26.0, 25),
        (264.0, 48.0, 23.0, 50),
        (241.0, 29.0, 19.0, 75),
    ] {
        canvas.oval((202.0, y + 6.0), (half, height), -4.0, tones.base.mix(tones.deep, 28));
        canvas.oval((202.0, y), (half, height), -4.0, tones.base.mix(tones.light, mix));
    }
    match topping {
        0 => canvas.circle((204.0, 222.0), 15.0, Palette::of("red").main().base),
        1 => blooms::daisy(canvas, (204.0, 224.0), 20.0, IVORY, 10.0),
        _ => sprinkles(canvas),
    }
}

fn sprinkles(canvas: &mut Canvas) {
    for (x, y, angle) in [
        (182.0, 252.0, 30.0),
        (216.0, 246.0, -40.0),
        (170.0, 284.0, -20.0),
        (206.0, 278.0, 50.0),
        (240.0, 288.0, 10.0),
        (154.0, 318.0, 60.0),
        (198.0, 312.0, -30.0),
        (248.0, 318.0, 35.0),
    ] {
        canvas.oval((x, y), (6.0, 2.2), angle, GOLD.base);
    }
}

/// An open box of chocolates.
pub(super) fn chocolate(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    let tones = palette.main();
    canvas.shadow((204.0, FLOOR), 320.0);
    canvas.path(
        "M92 284L112 150C113 144 117 142 122 142H278C283 142 287 144 288 150L308 284Z",
        tones.base.mix(tones.deep, 30),
    );
    canvas.path("M104 276L122 158H278L296 276Z", tones.base.mix(tones.light, 30));
    ribbon_bow(canvas, (200.0, 206.0), 30.0, GOLD);
    canvas.path("M68 284H332L316 424C315 428 312 430 308 430H92C88 430 85 428 84 424Z", tones.base);
    canvas.path("M82 294H318L306 398H94Z", IVORY.base);
    for row in 0..3_u8 {
        for column in 0..4_u8 {
            let width = 52.0 - f32::from(2 - row) * -1.5;
            let x = 200.0 + (f32::from(column) - 1.5) * width;
            let at = (x, 312.0 + f32::from(row) * 34.0);
            praline(canvas, at, chance.below(5), palette.tones(usize::from(row + column)));
        }
    }
    canvas.path(
        "M92 404H308L306 424C305 428 302 430 298 430H102C98 430 95 428 94 424Z",
        tones.base.mix(tones.deep, 20),
    );
}

fn praline(canvas: &mut Canvas, (x, y): Point, kind: u32, tones: Tones) {
    canvas.oval((x, y + 7.0), (21.0, 12.0), 0.0, KRAFT.base);
    let coat = [COCOA.base, COCOA.deep, COCOA.light, IVORY.deep, tones.base][kind as usize % 5];
    match kind % 3 {
        0 => canvas.oval((x, y), (17.0, 13.0), 0.0, coat),
        1 => canvas.rect((x - 16.0, y - 12.0), (32.0, 23.0), 6.0, coat),
        _ => canvas.circle((x, y - 1.0), 14.0, coat),
    }
    match kind {
        0 => canvas.line(&format!("M{:.1} {:.1}q10 -7 20 -2", x - 10.0, y), COCOA.light, 2.5),
        1 => canvas.circle((x, y - 2.0), 4.0, GOLD.base),
        2 => canvas.line(&format!("M{:.1} {:.1}l14 -7m-10 12l14 -7", x - 9.0, y), COCOA.deep, 2.0),
        3 => canvas.line(&format!("M{:.1} {:.1}h16", x - 8.0, y - 1.0), GOLD.base, 2.5),
        _ => canvas.oval((x - 4.0, y - 5.0), (5.0, 3.0), -20.0, tones.light),
    }
}

/// A plate heaped with dates, some opened with a nut.
pub(super) fn dates(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    canvas.shadow((204.0, FLOOR), 320.0);
    canvas.path("M164 408H236L246 430H154Z", palette.main().deep);
    canvas.oval((200.0, 380.0), (150.0, 34.0), 0.0, palette.main().base);
    canvas.oval((200.0, 372.0), (150.0, 32.0), 0.0, palette.main().light);
    canvas.oval((200.0, 372.0), (128.0, 25.0), 0.0, palette.main().base);
    let rows: [(f32, u8); 4] = [(364.0, 6), (330.0, 5), (297.0, 4), (266.0, 2)];
    for (y, count) in rows {
        for index in 0..count {
            let x = 200.0 + (f32::from(index) - f32::from(count - 1) / 2.0) * 44.0;
            let at = (x, y + chance.between(-4.0, 4.0));
            date(canvas, at, chance.between(-34.0, 34.0), chance.below(3) == 0);
        }
    }
    blooms::leaf(canvas, (298.0, 372.0), 58.0, (22.0, 66.0));
    blooms::leaf(canvas, (102.0, 372.0), -58.0, (22.0, 66.0));
}

fn date(canvas: &mut Canvas, (x, y): Point, angle: f32, nut: bool) {
    canvas.group(&format!("translate({x:.1} {y:.1}) rotate({angle:.1})"), |canvas| {
        canvas.oval((0.0, 3.0), (29.0, 18.0), 0.0, COCOA.deep);
        canvas.oval((0.0, 0.0), (29.0, 17.0), 0.0, COCOA.base.mix(COCOA.light, 25));
        canvas.line("M-20 -4C-8 -10 8 -10 20 -4", COCOA.light, 2.5);
        if nut {
            canvas.oval((0.0, -5.0), (15.0, 6.0), 0.0, COCOA.deep);
            canvas.oval((0.0, -7.0), (13.0, 5.5), 0.0, KRAFT.light);
        }
    });
}

/// A wicker basket of fruit, sweets and flowers with a ribbon.
pub(super) fn basket(canvas: &mut Canvas, palette: &Palette, chance: &mut Chance) {
    canvas.shadow((204.0, FLOOR), 300.0);
    canvas.line("M92 306C92 76 308 76 308 306", WOOD.deep, 13.0);
    canvas.line("M92 306C92 76 308 76 308 306", WOOD.base, 7.0);
    for (x, angle) in [(120.0, -50.0), (160.0, -20.0), (240.0, 20.0), (280.0, 50.0)] {
        blooms::eucalyptus(canvas, (x, 300.0), angle, 96.0);
    }
    for (index, (x, y, r)) in [
        (134.0, 262.0, 34.0),
        (268.0, 260.0, 34.0),
        (200.0, 226.0, 38.0),
        (168.0, 282.0, 34.0),
        (236.0, 282.0, 34.0),
    ]
    .into_iter()
    .enumerate()
    {
        match (index + chance.below(2) as usize) % 2 {
            0 => blooms::rose(canvas, (x, y), r, palette.tones(index), x),
            _ => blooms::peony(canvas, (x, y), r, palette.tones(index), x),
        }
    }
    wicker(canvas);
    ribbon_bow(canvas, (200.0, 342.0), 30.0, palette.main());
}

fn wicker(canvas: &mut Canvas) {
    canvas.path(
        "M76 308H324L298 416C296 424 290 430 280 430H120C110 430 104 424 102 416Z",
        WOOD.base,
    );
    for (row, y) in [328.0, 352.0, 376.0, 400.0].into_iter().enumerate() {
        let inset = (y - 308.0) * 0.24;
        let start = if row % 2 == 0 { 0.0 } else { 14.0 };
        let dash = format!(
            "M{:.1} {y:.1}h22m6 0h22m6 0h22m6 0h22m6 0h22m6 0h22m6 0h22",
            82.0 + inset + start
        );
        canvas.line(&dash, WOOD.deep.mix(WOOD.base, 35), 10.0);
    }
    canvas.rect((68.0, 300.0), (264.0, 20.0), 10.0, WOOD.deep);
    canvas.rect((68.0, 298.0), (264.0, 14.0), 7.0, WOOD.light);
    canvas.veil("M250 316H322L298 416C296 424 290 430 280 430H236Z", WOOD.deep, 0.25);
    blooms::leaf(canvas, (110.0, 312.0), 150.0, (16.0, 34.0));
    canvas.circle((292.0, 316.0), 5.0, LEAF.base);
}
