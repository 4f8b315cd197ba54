//! Pictures over HTTP: uploaded, hung on a product, served for ever.

use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::fixture::Answer;

/// A PNG file of one red pixel.
const PIXEL: [u8; 69] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, 0x49, 0x44, 0x41, 0x54,
    0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, 0x49,
    0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

async fn upload(desk: &Desk, product: &str, bytes: &[u8]) -> Answer {
    let path = format!("media?product={product}");
    desk.ask(Method::POST, &path).bytes("image/png", bytes.to_vec()).send().await
}

#[tokio::test]
async fn an_uploaded_picture_is_served_in_every_size_for_ever() {
    let desk = Desk::open().await;

    let added = upload(&desk, "1", &PIXEL).await;

    assert_eq!(added.status, 201, "{}", added.text);
    let picture = added.json();
    assert_eq!((&picture["width"], &picture["position"]), (&json!(1), &json!(0)));
    let hash = picture["hash"].as_str().unwrap();
    for side in [320, 800, 1_600] {
        let file = desk.shop.get(&format!("/media/{hash}/{side}.jpg")).await;
        assert_eq!(file.status, 200);
        assert_eq!(file.header("content-type"), "image/jpeg");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(desk.get("products/1").await.json()["media"], json!([picture]));
    let without = desk.get("products?without_picture=true").await.json();
    assert_eq!(without["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn no_other_file_is_served() {
    let desk = Desk::open().await;
    let hash = upload(&desk, "1", &PIXEL).await.json()["hash"].as_str().unwrap().to_owned();
    let none = "0".repeat(64);

    for path in [
        format!("/media/{hash}/801.jpg"),
        format!("/media/{hash}/800.png"),
        format!("/media/{}/800.jpg", hash.to_uppercase()),
        format!("/media/{none}/800.jpg"),
        "/media/..%2F..%2Fetc/800.jpg".to_owned(),
        format!("/media/{hash}/..%2F800.jpg"),
    ] {
        assert_eq!(desk.shop.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn pictures_are_ordered_described_and_taken_off() {
    let desk = Desk::open().await;
    let first = upload(&desk, "1", &PIXEL).await.json();
    let address = json!({"url": "https://pictures.example/rose.jpg"});
    let second = desk.post("media?product=1", &address).await;
    let path = format!("media/{}", second.json()["id"].as_str().unwrap());
    let change = json!({"position": 0, "alt": {"en": "A red rose", "ar": "وردة حمراء"}});

    let changed = desk.ask(Method::PATCH, &path).json(&change).send().await;

    assert_eq!(second.status, 201, "{}", second.text);
    assert_eq!(second.json()["image"], "https://pictures.example/rose.jpg");
    assert_eq!(changed.json()["position"], 0);
    assert_eq!(changed.json()["alt"], change["alt"]);
    let order = async || -> Vec<Value> {
        let product = desk.get("products/1").await.json();
        product["media"].as_array().unwrap().iter().map(|media| media["id"].clone()).collect()
    };
    assert_eq!(order().await, [second.json()["id"].clone(), first["id"].clone()]);
    let undescribed = json!({"alt": {"en": null}});
    let undescribed = desk.ask(Method::PATCH, &path).json(&undescribed).send().await;
    assert_eq!(undescribed.json()["alt"], json!({"ar": "وردة حمراء"}));

    let removed = desk.ask(Method::DELETE, &path).send().await;

    assert_eq!(removed.status, 204);
    assert_eq!(order().await, [first["id"].clone()]);
    assert_eq!(desk.ask(Method::DELETE, &path).send().await.status, 404);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_the_reason() {
    let desk = Desk::open().await;
    let post = async |path: &str, media_type: &str, bytes: Vec<u8>| {
        desk.ask(Method::POST, path).bytes(media_type, bytes).send().await
    };

    let text = post("media?product=1", "image/png", b"not a picture".to_vec()).await;
    let damaged = post("media?product=1", "image/png", PIXEL[..40].to_vec()).await;
    let large = post("media?product=1", "image/png", vec![0; 15 * 1024 * 1024 + 1]).await;
    let nowhere = post("media?product=99", "image/png", PIXEL.to_vec()).await;
    let unsaid = post("media", "image/png", PIXEL.to_vec()).await;
    let script = json!({"url": "javascript:alert(1)"}).to_string().into_bytes();
    let script = post("media?product=1", "application/json", script).await;

    assert_eq!((text.status.as_u16(), &*text.code()), (415, "unsupported_media_type"));
    assert_eq!((damaged.status.as_u16(), &*damaged.code()), (400, "invalid_value"));
    assert_eq!((large.status.as_u16(), &*large.code()), (413, "body_too_large"));
    assert_eq!(nowhere.status, 404);
    assert_eq!(unsaid.code(), "missing_field");
    assert_eq!((script.status.as_u16(), &*script.code()), (400, "invalid_value"));
    assert_eq!(desk.get("products/1").await.json()["media"], json!([]));
}
