//! From an upload to the files that are kept.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::Size;
use crate::writes::hexadecimal;
use crate::{Error, Result};

/// Largest upload, in bytes.
pub const PICTURE_BYTES_MAX: usize = 15 * 1024 * 1024;

/// Most pixels of an upload.
pub const PIXELS_MAX: u64 = 40_000_000;

/// How well the files look, from 1 to 100; above this the eye sees little and the files grow fast.
const JPEG_QUALITY: u8 = 82;

/// Pictures made ready at once; the largest one takes some 300 MB meanwhile.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Why an upload is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It has too many bytes.
    #[error("a picture must have at most {} MB, this one has {}", PICTURE_BYTES_MAX >> 20, .0.div_ceil(1 << 20))]
    TooLarge(usize),
    /// It has too many pixels.
    #[error("a picture must have at most 40 megapixels, this one has {0} × {1} pixels")]
    TooManyPixels(u32, u32),
    /// It is no JPEG, PNG or WebP file.
    #[error("this is not a JPEG, PNG or WebP picture")]
    UnknownFormat,
    /// It is one, but damaged.
    #[error("the picture is damaged and cannot be read")]
    Damaged,
}

/// An upload made ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// SHA-256 of the upload, hexadecimal.
    pub hash: String,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Size of the upload.
    pub bytes: usize,
    /// The JPEG file of each size, the largest first.
    pub files: Vec<(Size, Bytes)>,
}

/// Reads an upload, turns it upright and makes the files, on a blocking thread; a photograph of 12 megapixels
/// takes some tenths of a second. At most two are made at once, the others wait.
///
/// # Errors
/// [`Error::Picture`].
pub async fn prepare(upload: Bytes) -> Result<Prepared> {
    if upload.len() > PICTURE_BYTES_MAX {
        return Err(PictureError::TooLarge(upload.len()).into());
    }
    let _turn = TURNS.acquire().await.expect("nobody closes the turns");
    // A decoder that panics over a file has met a damaged one.
    spawn_blocking(move || files_of(&upload)).await.map_err(|_| PictureError::Damaged)?
}

fn files_of(upload: &[u8]) -> Result<Prepared> {
    let (picture, orientation) = decode(upload)?;
    let mut picture = on_white(picture);
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let mut files = Vec::with_capacity(Size::ALL.len());
    for size in Size::ALL.into_iter().rev() {
        // Each from the one before, so that the large picture is walked once.
        picture = within(picture, size.side());
        files.push((size, jpeg(&picture)?));
    }
    let hash = hexadecimal(&Sha256::digest(upload));
    Ok(Prepared { hash, width, height, bytes: upload.len(), files })
}

/// The pixels, and how they must be turned. What the file declares is checked before anything is decoded.
fn decode(upload: &[u8]) -> std::result::Result<(DynamicImage, Orientation), PictureError> {
    let reader = ImageReader::new(Cursor::new(upload)).with_guessed_format();
    let reader = reader.map_err(|_| PictureError::UnknownFormat)?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(PictureError::UnknownFormat);
    }
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PictureError::TooManyPixels(width, height));
    }
    // Unreadable notes of the camera are no reason to refuse its picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Damaged)?;
    Ok((picture, orientation))
}

/// The picture without transparency, which JPEG has not.
fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let pixels = picture.into_rgba8();
    let mut opaque = RgbImage::new(pixels.width(), pixels.height());
    for (to, from) in opaque.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0 = [red, green, blue].map(|colour| blend(colour, alpha));
    }
    DynamicImage::ImageRgb8(opaque)
}

fn blend(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u16::from(colour), u16::from(alpha));
    let blended = (colour * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(blended).expect("a mean of two bytes is a byte")
}

/// The picture with no side longer than this; a smaller one stays.
fn within(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture;
    }
    picture.resize(side, side, FilterType::CatmullRom)
}

fn jpeg(picture: &DynamicImage) -> Result<Bytes> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| Error::Picture(PictureError::Damaged))?;
    Ok(file.into())
}
