//! What a request may take of the server, by route: bytes of its body, and time. Most routes have the
//! ordinary allowance; the few that take files have more, and each of them is listed here, so that the
//! limits can be read in one place.

use std::time::Duration;

/// Largest body in bytes, for routes that are not listed.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Largest picture that is taken, in bytes.
pub const PICTURE_BYTES_MAX: usize = 15 * 1024 * 1024;

/// Largest file that is imported, in bytes.
pub const IMPORT_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Room for the other fields of a form that carries a file.
const FORM_BYTES: usize = 1024 * 1024;

/// Time for routes that are not listed.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Largest body in bytes.
    pub(crate) body_bytes_max: usize,
    /// Longest time from the end of a request's head to its answer, the body's way included.
    pub(crate) timeout: Duration,
}

impl Allowance {
    /// The ordinary one.
    const ORDINARY: Allowance = Allowance { body_bytes_max: BODY_BYTES_MAX, timeout: TIMEOUT };

    /// For long texts in every language, or many ids.
    const DOCUMENT: Allowance =
        Allowance { body_bytes_max: 512 * 1024, timeout: Duration::from_secs(60) };

    /// For a picture over a slow line, and its decoding.
    const PICTURE: Allowance =
        Allowance { body_bytes_max: PICTURE_BYTES_MAX, timeout: Duration::from_secs(60) };

    /// For a file of rows, and their writing.
    const IMPORT: Allowance =
        Allowance { body_bytes_max: IMPORT_BYTES_MAX, timeout: Duration::from_secs(600) };

    /// What a route may take; none for a request that no route matches.
    pub(crate) fn of(route: Option<&str>) -> Allowance {
        match route.unwrap_or_default() {
            "/v1/admin/products"
            | "/v1/admin/products/bulk"
            | "/v1/admin/products/{id}/texts/{lang}" => Allowance::DOCUMENT,
            "/v1/admin/media" => Allowance::PICTURE,
            "/v1/admin/products/import" => Allowance::IMPORT,
            "/v1/admin/products/export.csv" | "/office/products/export.csv" => {
                Allowance { body_bytes_max: BODY_BYTES_MAX, ..Allowance::IMPORT }
            }
            "/office/products/import" => Allowance::IMPORT.in_a_form(),
            office if office.starts_with("/office/products/") => Allowance::PICTURE.in_a_form(),
            _ => Allowance::ORDINARY,
        }
    }

    fn in_a_form(self) -> Allowance {
        Allowance { body_bytes_max: self.body_bytes_max + FORM_BYTES, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_routes_that_take_files_may_take_more() {
        let bytes = |route| Allowance::of(route).body_bytes_max;

        assert_eq!(bytes(None), BODY_BYTES_MAX);
        assert_eq!(bytes(Some("/v1/admin/offers")), BODY_BYTES_MAX);
        assert_eq!(bytes(Some("/office/products")), BODY_BYTES_MAX);
        assert_eq!(bytes(Some("/v1/admin/media")), PICTURE_BYTES_MAX);
        assert_eq!(bytes(Some("/v1/admin/products/import")), IMPORT_BYTES_MAX);
        assert!(bytes(Some("/office/products/new")) > PICTURE_BYTES_MAX);
    }
}
