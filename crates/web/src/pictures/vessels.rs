//! What flowers stand in: vases, jugs, pots, paper; all stand with their foot at y = 428.

use super::canvas::{Canvas, Point};
use super::colour::{Colour, GLASS, IVORY, KRAFT, STEM, Tones};

/// Where every vessel stands.
pub(super) const FLOOR: f32 = 428.0;

/// A slim bottle vase; its mouth is at (200, 268).
pub(super) fn bottle(canvas: &mut Canvas, tones: Tones) {
    canvas.shadow((206.0, FLOOR), 150.0);
    canvas.path("M184 268H216L214 318C216 338 250 348 250 384C250 412 238 428 222 428H178C162 428 150 412 150 384C150 348 184 338 186 318Z", tones.base);
    canvas.veil("M200 268H216L214 318C216 338 250 348 250 384C250 412 238 428 222 428H206C232 410 232 356 208 330C202 318 202 290 200 268Z", tones.deep, 0.35);
    canvas.veil(
        "M166 376C168 362 176 352 186 346C180 360 176 380 178 402C168 396 165 388 166 376Z",
        tones.light,
        0.75,
    );
    canvas.oval((200.0, 268.0), (16.0, 4.5), 0.0, tones.deep);
}

/// A round clear glass with water; its mouth is at (200, 300), 92 wide.
pub(super) fn glass(canvas: &mut Canvas) {
    canvas.shadow((206.0, FLOOR), 190.0);
    let body = "M152 300C146 330 128 344 128 380C128 412 150 428 200 428C250 428 272 412 272 380C272 344 254 330 248 300Z";
    canvas.veil(body, GLASS.light, 0.75);
    canvas.veil(
        "M131 362C128 408 148 425 200 425C252 425 272 408 269 362C240 370 160 370 131 362Z",
        GLASS.deep,
        0.55,
    );
    for (x, foot) in [(176.0, 216.0), (200.0, 196.0), (226.0, 180.0)] {
        canvas.line(&format!("M{x:.1} 306L{foot:.1} 414"), STEM.mix(GLASS.deep, 45), 4.0);
    }
    canvas.veil(
        "M146 352C138 372 140 400 158 412C150 396 148 372 154 352Z",
        Colour(0xFF_FF_FF),
        0.8,
    );
    canvas.oval((200.0, 300.0), (48.0, 7.0), 0.0, GLASS.deep);
    canvas.oval((200.0, 301.0), (44.0, 5.0), 0.0, GLASS.light);
}

/// A jug with a handle; its mouth is at (196, 296), 84 wide.
pub(super) fn jug(canvas: &mut Canvas, tones: Tones) {
    canvas.shadow((210.0, FLOOR), 190.0);
    canvas.line("M246 324C292 312 298 384 254 392", tones.base.mix(tones.deep, 40), 13.0);
    canvas.path("M154 296H238C236 322 262 346 262 384C262 414 246 428 226 428H166C146 428 130 414 130 384C130 346 156 322 154 296Z", tones.base);
    canvas.veil(
        "M214 296H238C236 322 262 346 262 384C262 414 246 428 226 428H200C240 404 240 348 214 296Z",
        tones.deep,
        0.35,
    );
    canvas.veil(
        "M148 372C150 356 158 346 166 340C162 358 160 380 164 402C152 396 147 386 148 372Z",
        tones.light,
        0.75,
    );
    canvas.oval((196.0, 296.0), (42.0, 6.5), 0.0, tones.deep);
}

/// A plant pot on a saucer; its mouth is at (200, 334), 116 wide.
pub(super) fn pot(canvas: &mut Canvas, tones: Tones) {
    canvas.shadow((206.0, FLOOR), 190.0);
    canvas.path(
        "M142 336H258L246 416C245 424 238 428 230 428H170C162 428 155 424 154 416Z",
        tones.base,
    );
    canvas.veil(
        "M218 336H258L246 416C245 424 238 428 230 428H196C214 420 220 380 218 336Z",
        tones.deep,
        0.35,
    );
    canvas.rect((134.0, 324.0), (132.0, 26.0), 6.0, tones.base.mix(tones.light, 35));
    canvas.veil(
        "M226 324H260C264 324 266 326 266 330V344C266 348 264 350 260 350H222Z",
        tones.deep,
        0.25,
    );
}

/// A low bowl on a foot; its mouth is at (200, 330), 172 wide.
pub(super) fn bowl(canvas: &mut Canvas, tones: Tones) {
    canvas.shadow((206.0, FLOOR), 190.0);
    canvas.path("M172 404H228L240 428H160Z", tones.base.mix(tones.deep, 45));
    canvas.path("M114 330H286C286 376 250 410 200 410C150 410 114 376 114 330Z", tones.base);
    canvas.veil(
        "M238 330H286C286 376 250 410 200 410C196 410 192 410 188 409C228 396 240 366 238 330Z",
        tones.deep,
        0.32,
    );
    canvas.veil("M128 344C134 368 146 382 160 390C150 374 146 360 146 344Z", tones.light, 0.75);
}

/// The paper behind a hand-tied bunch.
pub(super) fn paper_behind(canvas: &mut Canvas) {
    canvas.shadow((204.0, FLOOR), 150.0);
    canvas.path("M200 382L84 232L118 214L150 196L200 214L250 196L284 212L316 232Z", KRAFT.deep);
    canvas.path("M200 382L96 226L140 204L200 226L262 204L306 226Z", KRAFT.base.mix(KRAFT.deep, 40));
}

/// Stems, the paper in front of the bunch and the ribbon around it.
pub(super) fn paper_in_front(canvas: &mut Canvas, ribbon: Tones) {
    for (top, foot) in
        [(190.0, 168.0), (196.0, 186.0), (204.0, 204.0), (208.0, 222.0), (212.0, 238.0)]
    {
        canvas.line(&format!("M{top:.1} 376L{foot:.1} 426"), STEM, 5.0);
    }
    canvas.path("M90 252C120 286 160 300 200 306C240 300 280 286 310 252L218 388H182Z", KRAFT.base);
    canvas.path("M90 252C112 276 136 290 160 297L196 388H182Z", KRAFT.light);
    canvas.veil("M310 252C288 276 262 292 236 299L204 388H218Z", KRAFT.deep, 0.45);
    canvas.path("M168 392C176 386 224 386 232 392L230 406C222 401 178 401 170 406Z", ribbon.base);
    ribbon_bow(canvas, (200.0, 398.0), 26.0, ribbon);
}

/// A bow with two loops and two ends.
pub(super) fn ribbon_bow(canvas: &mut Canvas, (x, y): Point, r: f32, tones: Tones) {
    canvas.group(&format!("translate({x:.1} {y:.1}) scale({:.2})", r / 26.0), |canvas| {
        canvas.path(
            "M-3 2C-10 14 -16 26 -26 38L-12 34L-8 44C-2 30 0 16 3 4Z",
            tones.base.mix(tones.deep, 45),
        );
        canvas.path(
            "M3 2C10 14 18 24 28 34L14 34L12 44C4 30 0 16 -3 4Z",
            tones.base.mix(tones.deep, 30),
        );
        canvas.path("M0 0C-10 -20 -36 -24 -42 -12C-46 2 -22 12 0 2Z", tones.base);
        canvas.path("M0 0C10 -20 36 -24 42 -12C46 2 22 12 0 2Z", tones.base);
        canvas.path("M-4 0C-14 -12 -28 -15 -33 -9C-34 -2 -18 3 -4 1Z", tones.deep);
        canvas.path("M4 0C14 -12 28 -15 33 -9C34 -2 18 3 4 1Z", tones.deep);
        canvas.rect((-7.0, -8.0), (14.0, 15.0), 5.0, tones.base.mix(tones.light, 40));
    });
}

/// A plain glazed pot for orchids; its mouth is at (200, 346), 96 wide.
pub(super) fn cachepot(canvas: &mut Canvas) {
    canvas.shadow((206.0, FLOOR), 170.0);
    canvas.path("M150 346H250C250 384 244 412 232 428H168C156 412 150 384 150 346Z", IVORY.base);
    canvas.veil(
        "M216 346H250C250 384 244 412 232 428H196C212 408 218 380 216 346Z",
        IVORY.deep,
        0.7,
    );
    canvas.oval((200.0, 346.0), (50.0, 7.0), 0.0, IVORY.deep);
}
