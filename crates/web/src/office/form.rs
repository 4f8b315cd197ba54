//! Forms of the office as they were typed: fields by name, and files.
//!
//! What was typed is shown again when it cannot be used, so a form keeps text, not values. PostgreSQL stores no NUL
//! and browsers end lines with CR LF; neither gets past here.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use souk_api::{Error, PICTURE_BYTES_MAX};

use super::refuse;
use crate::caller::Caller;
use crate::refusal::Refusal;

/// Most fields of one form; the editor of a product with many variants has some thousand.
const FIELDS_MAX: usize = 20_000;

/// A form that somebody sent, or the fields of one that is shown for the first time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, File)>,
}

/// A file of a form.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

impl Form {
    /// Adds a field.
    pub(crate) fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.push((name.into(), value.into()));
    }

    /// Makes a field this value, whatever it was.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(known, _)| known != name);
        self.put(name, value);
    }

    /// What was typed into a field, without the spaces around it; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value.trim())
    }

    /// Whether the field is there, even empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Every value of a field, as boxes with the same name have them.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |(known, _)| known == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// The name of every field.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The files that were chosen in a field.
    pub(crate) fn files<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |(known, _)| known == name).map(|(_, file)| file)
    }

    /// Names and values in the order of the form, and the files: what makes it this form.
    pub(crate) fn parts(&self) -> Vec<&[u8]> {
        let fields = self.fields.iter().flat_map(|(name, value)| [name, value]);
        let files = self.files.iter().map(|(_, file)| file.content.as_ref());
        fields.map(String::as_bytes).chain(files).collect()
    }

    async fn read(mut multipart: Multipart) -> Result<Form, MultipartError> {
        let mut form = Form::default();
        while let Some(field) = multipart.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let content = field.bytes().await?;
            match file {
                // A file field that was left alone sends an empty file.
                Some(_) if content.is_empty() => {}
                Some(file) => {
                    form.files.push((name, File { name: file, content }));
                }
                None if form.fields.len() < FIELDS_MAX => form.put(name, typed(&content)),
                None => {}
            }
        }
        Ok(form)
    }
}

/// What was typed, as PostgreSQL can store it.
fn typed(content: &[u8]) -> String {
    String::from_utf8_lossy(content).replace("\r\n", "\n").replace('\0', "")
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let caller = {
            use axum::extract::FromRequestParts as _;
            let Ok(caller) = Caller::from_request_parts(&mut parts, state).await;
            caller
        };
        let request = Request::from_parts(parts, body);
        let multipart = Multipart::from_request(request, state).await;
        let multipart = multipart.map_err(|error| unreadable(&caller, &error))?;
        let form = Form::read(multipart).await;
        form.map_err(|error| cut_off(&caller, &error).into_response())
    }
}

fn unreadable(caller: &Caller, error: &MultipartRejection) -> Response {
    tracing::debug!(%error, "a form cannot be read");
    refuse(caller, Error::Invalid(Vec::new())).into_response()
}

fn cut_off(caller: &Caller, error: &MultipartError) -> Refusal {
    tracing::debug!(%error, "a form cannot be read to its end");
    let too_large = error.status() == Error::BodyTooLarge(0).status();
    let error =
        if too_large { Error::BodyTooLarge(PICTURE_BYTES_MAX) } else { Error::Invalid(Vec::new()) };
    refuse(caller, error)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::CONTENT_TYPE;

    use super::*;

    async fn sent(body: &str) -> Result<Form, Response> {
        let request = Request::post("/office/products/new")
            .header(CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(body.replace('\n', "\r\n")))
            .unwrap();
        Form::from_request(request, &()).await
    }

    #[tokio::test]
    async fn a_form_keeps_what_was_typed_and_the_files_that_were_chosen() {
        let form = sent(
            "--X\nContent-Disposition: form-data; name=\"title_en\"\n\n Red\0 roses\nin a box \n\
             --X\nContent-Disposition: form-data; name=\"value\"\n\n1\n\
             --X\nContent-Disposition: form-data; name=\"value\"\n\n2\n\
             --X\nContent-Disposition: form-data; name=\"pictures\"; filename=\"a.png\"\n\nPNG\n\
             --X\nContent-Disposition: form-data; name=\"pictures\"; filename=\"\"\n\n\n--X--\n",
        )
        .await
        .unwrap();

        assert_eq!(form.get("title_en"), "Red roses\nin a box");
        assert_eq!(form.all("value").collect::<Vec<_>>(), ["1", "2"]);
        assert!(form.has("value") && !form.has("pictures"));
        let files: Vec<_> = form.files("pictures").collect();
        assert_eq!((files.len(), files[0].content.as_ref()), (1, b"PNG".as_slice()));
        assert_eq!(form.get("nothing"), "");
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused_with_a_page() {
        let cut = sent("--X\nContent-Disposition: form-data; name=\"title_en\"\n\nRed").await;
        let other = Request::post("/office/products/new").body(Body::from("a=b")).unwrap();

        for refused in [cut.unwrap_err(), Form::from_request(other, &()).await.unwrap_err()] {
            assert_eq!(refused.status(), Error::Invalid(Vec::new()).status());
            assert!(refused.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
        }
    }
}
