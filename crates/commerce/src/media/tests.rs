//! Pictures from upload to page, against a fresh database and a folder.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use object_store::aws::AmazonS3Builder;
use souk_base::{Lang, MediaId, ProductId};
use souk_testdb::TestDb;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{
    PictureError, Size, Store, attach, attach_address, of_product, place, prepare, put_alt, remove,
    reorder,
};
use crate::writes::fixture::{keep, write};
use crate::{Conflict, Error};

/// A picture whose left half is red and whose right half is blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) }
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Bytes {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner().into()
}

/// A JPEG file whose camera says that it must be turned by 90° clockwise.
fn turned(picture: &RgbImage) -> Bytes {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(picture).unwrap();
    file.into()
}

fn decoded(file: &Bytes) -> RgbImage {
    image::load_from_memory_with_format(file, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn refusal(error: Error) -> PictureError {
    match error {
        Error::Picture(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn product(db: &TestDb) -> ProductId {
    db.run(
        "insert into categories (id, slug) values (1, 'roses');
         insert into products (id, slug, category_id) values (7, 'rose', 1)",
    )
    .await;
    7.into()
}

async fn order(db: &TestDb, id: ProductId) -> Vec<MediaId> {
    let there = of_product(&mut db.pool().acquire().await.unwrap(), id).await.unwrap();
    there.into_iter().map(|picture| picture.id).collect()
}

#[tokio::test]
async fn a_picture_is_kept_in_three_sizes_and_never_blown_up() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let prepared = prepare(encoded(halves(1_000, 500), format)).await.unwrap();

        assert_eq!((prepared.width, prepared.height), (1_000, 500));
        let sizes: Vec<_> = prepared
            .files
            .iter()
            .map(|(size, file)| (size.side(), decoded(file).dimensions()))
            .collect();
        assert_eq!(sizes, [(1_600, (1_000, 500)), (800, (800, 400)), (320, (320, 160))]);
    }
}

#[tokio::test]
async fn a_picture_stands_upright_and_says_nothing_of_the_camera() {
    let prepared = prepare(turned(&halves(400, 200))).await.unwrap();

    assert_eq!((prepared.width, prepared.height), (200, 400));
    let large = &prepared.files[0].1;
    let picture = decoded(large);
    // Turned clockwise, what was left is above.
    assert!(picture.get_pixel(100, 50).0[0] > 200 && picture.get_pixel(100, 350).0[2] > 200);
    assert!(!large.windows(4).any(|bytes| bytes == b"Exif"));
}

#[tokio::test]
async fn what_is_transparent_becomes_white() {
    let clear = RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0]));

    let prepared = prepare(encoded(clear, ImageFormat::Png)).await.unwrap();

    assert!(decoded(&prepared.files[0].1).get_pixel(5, 5).0.iter().all(|colour| *colour > 250));
}

#[tokio::test]
async fn a_bad_upload_is_refused_with_the_reason() {
    let whole = encoded(halves(400, 400), ImageFormat::Png);
    let cut = whole.slice(..whole.len() / 2);
    // A PNG that declares 50,000 × 50,000 pixels and has none of them.
    let mut bomb = whole.to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let mut checked = b"IHDR".to_vec();
    checked.extend(&bomb[16..29]);
    bomb[29..33].copy_from_slice(&crc(&checked).to_be_bytes());
    let cases = [
        (Bytes::from_static(b"<svg/>"), PictureError::UnknownFormat),
        (Bytes::new(), PictureError::UnknownFormat),
        (Bytes::from_static(b"GIF89a\x01\0\x01\0\0\0\0;"), PictureError::UnknownFormat),
        (cut, PictureError::Damaged),
        (bomb.into(), PictureError::TooManyPixels(50_000, 50_000)),
        (vec![0; 16 << 20].into(), PictureError::TooLarge(16 << 20)),
    ];
    for (upload, expected) in cases {
        assert_eq!(refusal(prepare(upload).await.unwrap_err()), expected);
    }
}

/// CRC-32 as PNG has it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    let table = |byte: u32| (0..8).fold(byte, |crc, _| step(crc));
    !bytes.iter().fold(!0, |crc, byte| crc >> 8 ^ table((crc ^ u32::from(*byte)) & 0xff))
}

#[tokio::test]
async fn a_stored_picture_is_read_back_and_an_unknown_one_is_none() {
    let folder = TempDir::new().unwrap();
    let store = Store::at(folder.path().join("media").to_str().unwrap()).unwrap();
    let upload = encoded(halves(40, 20), ImageFormat::Png);
    let stored = store.put(upload.clone()).await.unwrap();
    assert_eq!(store.put(upload).await.unwrap(), stored);

    let file = store.get(stored.hash(), Size::Small).await.unwrap().unwrap();

    assert_eq!(decoded(&file).dimensions(), (40, 20));
    assert_eq!(store.get(&"0".repeat(64), Size::Small).await.unwrap(), None);
    assert_eq!(store.get("../../etc/passwd", Size::Small).await.unwrap(), None);
}

/// Objects by path.
type Objects = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A server that speaks as much of S3 as the store asks for, and what it holds.
async fn bucket() -> (String, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let objects = Objects::default();
    let held = objects.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_requests(stream, held.clone()));
        }
    });
    (address, objects)
}

async fn answer_requests(stream: TcpStream, objects: Objects) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while stream.read_line(&mut head).await.is_ok_and(|length| length > 0) {
        if !head.ends_with("\r\n\r\n") {
            continue;
        }
        let headers = std::mem::take(&mut head).to_lowercase();
        let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        assert!(headers.contains("authorization: aws4-hmac-sha256 "), "{headers}");
        let mut words = headers.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap().to_owned());
        let found = match method {
            "put" => {
                objects.lock().unwrap().insert(path, body);
                Some(Vec::new())
            }
            _ => objects.lock().unwrap().get(&path).cloned(),
        };
        let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
        let body = found.unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status}\r\netag: \"1\"\r\ncontent-length: {}\r\n\
             last-modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
    }
}

#[tokio::test]
async fn a_bucket_holds_pictures_below_its_prefix() {
    let (address, objects) = bucket().await;
    let builder = AmazonS3Builder::new()
        .with_endpoint(address)
        .with_bucket_name("shop")
        .with_access_key_id("key")
        .with_secret_access_key("secret");
    let store = Store::bucket(builder, "pictures/own").unwrap();

    let stored = store.put(encoded(halves(40, 20), ImageFormat::Png)).await.unwrap();

    let file = store.get(stored.hash(), Size::Large).await.unwrap().unwrap();
    assert_eq!(decoded(&file).dimensions(), (40, 20));
    assert_eq!(store.get(&"0".repeat(64), Size::Small).await.unwrap(), None);
    let path = format!("/shop/pictures/own/{}/1600.jpg", stored.hash());
    assert!(objects.lock().unwrap().contains_key(&path), "{path}");
}

#[tokio::test]
async fn pictures_are_hung_once_ordered_described_and_removed() {
    let db = TestDb::new().await;
    let id = product(&db).await;
    let folder = TempDir::new().unwrap();
    let store = Store::folder(folder.path()).unwrap();
    let stored = store.put(encoded(halves(40, 20), ImageFormat::Png)).await.unwrap();
    let mut open = write(db.pool()).await;
    let first = attach(&mut open, id, &stored).await.unwrap();
    let again = attach(&mut open, id, &stored).await.unwrap();
    let second = attach_address(&mut open, id, "https://x.example/1.jpg").await.unwrap();
    keep(db.pool(), open).await;
    assert_eq!(again.id, first.id);
    assert_eq!(first.address(Size::Medium), format!("/media/{}/800.jpg", stored.hash()));
    assert_eq!(second.address(Size::Medium), "https://x.example/1.jpg");
    let listed = crate::products::listed(&mut db.pool().acquire().await.unwrap(), &[id]).await;
    assert_eq!(listed.unwrap()[0].image, Some(first.address(Size::Medium)));

    let mut open = write(db.pool()).await;
    assert_eq!(place(&mut open, second.id, 0).await.unwrap(), id);
    put_alt(&mut open, second.id, Lang::En, Some(" A rose ")).await.unwrap();
    keep(db.pool(), open).await;
    assert_eq!(order(&db, id).await, [second.id, first.id]);

    let mut open = write(db.pool()).await;
    reorder(&mut open, id, &[first.id]).await.unwrap();
    keep(db.pool(), open).await;
    assert_eq!(order(&db, id).await, [first.id, second.id]);

    let mut open = write(db.pool()).await;
    let there = of_product(&mut open, id).await.unwrap();
    assert_eq!(there[1].alt.exact(Lang::En), Some("A rose"));
    remove(&mut open, first.id).await.unwrap();
    assert!(matches!(remove(&mut open, first.id).await, Err(Error::NotFound)));
    assert!(matches!(reorder(&mut open, id, &[first.id]).await, Err(Error::NotFound)));
    let bad = attach_address(&mut open, id, "javascript:alert(1)").await;
    assert!(matches!(bad, Err(Error::Invalid { field: "url", .. })));
    let blank = put_alt(&mut open, second.id, Lang::Ar, Some(" ")).await;
    assert!(matches!(blank, Err(Error::Conflict(Conflict::AltBlank))));
}
