//! Generated still lifes: the picture of a product that has no photograph yet.
//!
//! The same still life, colour and ordinal always give the same SVG, so pictures are cached for good and compared in
//! tests. A picture is 400 × 500 units of flat shapes in a few tones: paper wall, table, soft shadow, thing.

mod blooms;
mod canvas;
mod colour;
mod decor;
mod florals;
mod gifts;
mod hanging;
mod sweets;
mod vessels;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use self::canvas::{Canvas, Chance, SIZE};
use self::colour::{Colour, INK, Palette, WHITE};
use crate::assets::FOR_GOOD;

/// Paints one thing.
type Paint = fn(&mut Canvas, &Palette, &mut Chance);

/// Where a thing is shown.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// It stands on a table before a wall.
    Table,
    /// It hangs on the wall or floats before it.
    Wall,
}

/// Every still life that can be drawn. The first one stands in for unknown names.
const STILL_LIVES: [(&str, Place, Paint); 39] = [
    ("box", Place::Table, gifts::gift_box),
    ("bouquet", Place::Table, florals::bouquet),
    ("rose", Place::Table, florals::rose),
    ("tulip", Place::Table, florals::tulip),
    ("lily", Place::Table, florals::lily),
    ("orchid", Place::Table, florals::orchid),
    ("peony", Place::Table, florals::peony),
    ("sunflower", Place::Table, florals::sunflower),
    ("plant", Place::Table, florals::plant),
    ("vase", Place::Table, florals::vase),
    ("vessel", Place::Table, florals::vessel),
    ("cake", Place::Table, sweets::cake),
    ("cupcake", Place::Table, sweets::cupcake),
    ("chocolate", Place::Table, sweets::chocolate),
    ("dates", Place::Table, sweets::dates),
    ("basket", Place::Table, sweets::basket),
    ("perfume", Place::Table, gifts::perfume),
    ("candle", Place::Table, gifts::candle),
    ("balloon", Place::Wall, gifts::balloon),
    ("bear", Place::Table, gifts::bear),
    ("ribbon", Place::Wall, gifts::ribbon),
    ("bag", Place::Table, gifts::bag),
    ("card", Place::Table, gifts::card),
    ("jewellery", Place::Table, gifts::jewellery),
    ("toy", Place::Table, gifts::toy),
    ("mug", Place::Table, decor::mug),
    ("clock", Place::Table, decor::clock),
    ("frame", Place::Table, decor::frame),
    ("kitchen", Place::Table, decor::kitchen),
    ("garden", Place::Table, decor::garden),
    ("cushion", Place::Table, decor::cushion),
    ("lantern", Place::Table, decor::lantern),
    ("tin", Place::Table, decor::tin),
    ("glass", Place::Table, decor::glass),
    ("lights", Place::Wall, hanging::lights),
    ("sign", Place::Wall, hanging::sign),
    ("heart", Place::Wall, hanging::heart),
    ("star", Place::Wall, hanging::star),
    ("bird", Place::Wall, hanging::bird),
];

/// Still life, colour and file name, as the address names them.
type Asked = Path<(String, String, String)>;

/// `GET /pictures/{still life}/{colour}/{ordinal}.svg`
pub(crate) async fn show(asked: Result<Asked, PathRejection>) -> Response {
    let Ok(Path((name, colour, file))) = asked else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(ordinal) = file.strip_suffix(".svg").and_then(|ordinal| ordinal.parse().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let svg = still_life(&name, &colour, ordinal);
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOR_GOOD)], svg).into_response()
}

/// The picture of a still life in a colour; `ordinal` decides the small differences between products.
///
/// An unknown still life is drawn as a box, an unknown colour as mixed.
#[must_use]
pub(crate) fn still_life(name: &str, colour: &str, ordinal: u32) -> String {
    let known = STILL_LIVES.iter().find(|(known, ..)| *known == name);
    let &(name, place, paint) = known.unwrap_or(&STILL_LIVES[0]);
    let mut chance = Chance::new(name, colour, ordinal);
    let palette = Palette::of(colour).turned(chance.below(5) as usize);
    let mut canvas = Canvas::new();
    backdrop(&mut canvas, &palette, place, &mut chance);
    let mirror = chance.below(2) == 1;
    let scale = chance.between(0.97, 1.03);
    let transform = placed(mirror, scale);
    canvas.group(&transform, |canvas| paint(canvas, &palette, &mut chance));
    canvas.finish()
}

/// Mirrors and scales about the foot of the thing, so that it keeps standing on the table.
fn placed(mirror: bool, scale: f32) -> String {
    let (across, foot) = (if mirror { -scale } else { scale }, 428.0);
    format!("translate(200 {foot}) scale({across:.3} {scale:.3}) translate(-200 -{foot})")
}

/// Wall, one quiet shape on it, and the table.
fn backdrop(canvas: &mut Canvas, palette: &Palette, place: Place, chance: &mut Chance) {
    let (width, height) = SIZE;
    let wall = palette.paper;
    let quiet = wall.mix(WHITE, 45);
    let shade = wall.mix(palette.main().deep, 7).mix(INK, 3);
    canvas.path(&format!("M0 0H{width}V{height}H0Z"), wall);
    let kinds = if place == Place::Table { 3 } else { 2 };
    match chance.below(kinds) {
        0 => canvas.circle((200.0, 222.0), 164.0, quiet),
        1 => canvas.circle((chance.between(170.0, 230.0), 206.0), 150.0, shade.mix(wall, 55)),
        _ => canvas.path("M62 392V206C62 130 124 74 200 74C276 74 338 130 338 206V392Z", quiet),
    }
    if place == Place::Table {
        table(canvas, shade);
    }
}

fn table(canvas: &mut Canvas, shade: Colour) {
    canvas.path("M0 388H400V500H0Z", shade);
    canvas.path("M0 388H400V391H0Z", shade.mix(INK, 6));
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOURS: [&str; 14] = [
        "red", "white", "pink", "yellow", "orange", "purple", "blue", "cream", "green", "mixed",
        "brown", "gold", "black", "silver",
    ];

    /// Whether every opened element is closed in order and every attribute is quoted: XML enough for flat SVG.
    fn is_well_formed(svg: &str) -> bool {
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let Some((tag, _)) = tag.split_once('>') else { return false };
            if tag.matches('"').count() % 2 != 0 {
                return false;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        open.is_empty()
    }

    #[test]
    fn every_still_life_in_every_colour_is_valid_and_small() {
        for (name, ..) in STILL_LIVES {
            for colour in COLOURS {
                for ordinal in 0..6 {
                    let svg = still_life(name, colour, ordinal);

                    assert!(is_well_formed(&svg), "{name} {colour} {ordinal}: {svg}");
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name} {colour}");
                    assert!(svg.len() < 24_000, "{name} {colour}: {} bytes", svg.len());
                }
            }
        }
    }

    #[test]
    fn a_picture_is_the_same_each_time_and_differs_from_its_neighbours() {
        for (name, ..) in STILL_LIVES {
            assert_eq!(still_life(name, "red", 3), still_life(name, "red", 3));
            assert_ne!(still_life(name, "red", 3), still_life(name, "blue", 3), "{name}");
            let kinds: std::collections::HashSet<_> =
                (0..8).map(|ordinal| still_life(name, "pink", ordinal)).collect();
            assert!(kinds.len() > 4, "{name} looks alike for {} of 8 products", 9 - kinds.len());
        }
    }

    #[test]
    fn a_vase_holds_flowers_in_the_colour_of_the_product_and_is_clear_itself() {
        let petals = Palette::of("red").main().base.to_string();
        let glass = colour::GLASS.deep.to_string();

        for ordinal in 0..8 {
            let svg = still_life("vase", "red", ordinal);

            assert!(svg.matches("<use").count() >= florals::DOME.len(), "{svg}");
            assert!(svg.contains(&petals) && svg.contains(&glass), "{svg}");
        }
    }

    #[test]
    fn an_unknown_still_life_is_a_box() {
        assert_eq!(still_life("spaceship", "red", 3), still_life("box", "red", 3));
    }
}
