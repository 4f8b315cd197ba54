//! `/office/products/import` and `/office/products/export.csv`: the catalogue through a spreadsheet.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use souk_api::{AppState, Error};
use souk_commerce::sheets::{self, LineError, Report};
use souk_commerce::writes::{self, Answer, Begun};

use super::step::said;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::form::Form;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::fill;

#[derive(Template)]
#[template(path = "office/sheet.html")]
struct SheetPage {
    frame: Frame,
    desk: Desk,
    error: Option<String>,
    /// What cannot be used of the file that was sent.
    refused: Option<String>,
    errors: Vec<LineRow>,
}

/// Something wrong with a line of the file.
struct LineRow {
    line: String,
    column: String,
    reason: String,
}

/// What became of a file.
enum Outcome {
    Checked(Report),
    Taken(Report),
    Unreadable(String),
}

/// `GET /office/products/import`
pub(crate) async fn show(colleague: Colleague) -> Response {
    page::for_caller(&colleague.caller, &SheetPage::new(&colleague))
}

/// `POST /office/products/import`
pub(crate) async fn take(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let mut page = SheetPage::new(&colleague);
    let Some(file) = form.files("file").next() else {
        page.error = Some(page.desk.words.file_needed.to_owned());
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let outcome = import(&app, &colleague, &file.content, form.get("act") != "check").await;
    let outcome = outcome.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page.showing(&colleague, outcome))
}

async fn import(
    app: &AppState,
    colleague: &Colleague,
    file: &[u8],
    for_good: bool,
) -> Result<Outcome, Error> {
    let begun = writes::begin(&app.db, Some(colleague.staff.id), None).await?;
    let Begun::New(mut write) = begun else {
        return Err(Error::Internal("a write without a key was answered before".to_owned()));
    };
    let report = match sheets::import(&mut write, file).await {
        Ok(report) => report,
        Err(error) => {
            let words = words_of(colleague.caller.lang());
            return match said(&error, words) {
                Some(_) => Ok(Outcome::Unreadable(error.to_string())),
                None => Err(error.into()),
            };
        }
    };
    if !for_good {
        write.roll_back().await?;
        return Ok(Outcome::Checked(report));
    }
    let (status, headers, body) = (StatusCode::OK.as_u16(), Vec::new(), String::new());
    write.commit(&app.db, &Answer { status, headers, body }).await?;
    Ok(Outcome::Taken(report))
}

impl SheetPage {
    fn new(colleague: &Colleague) -> SheetPage {
        let words = words_of(colleague.caller.lang());
        SheetPage {
            frame: desk::frame(colleague, words.import),
            desk: Desk::new(colleague, "/office/products"),
            error: None,
            refused: None,
            errors: Vec::new(),
        }
    }

    fn showing(mut self, colleague: &Colleague, outcome: Outcome) -> Response {
        let (words, numbers) = (self.desk.words, Numbers::of(colleague.caller.lang(), None));
        let (report, after) = match outcome {
            Outcome::Unreadable(reason) => {
                self.error = Some(fill(words.import_refused, "reason", &reason));
                return page::html(StatusCode::UNPROCESSABLE_ENTITY, &self);
            }
            Outcome::Checked(report) => (report, words.import_checked),
            Outcome::Taken(report) => (report, words.import_done),
        };
        let good = report.lines - report.lines_refused.min(report.lines);
        let text = fill(words.lines_good.form(good), "n", &numbers.whole(good));
        let done = (good > 0).then(|| Done { text: format!("{text} {after}"), link: None });
        self.desk = self.desk.with_done(done);
        let refused = report.lines_refused;
        self.refused = (refused > 0)
            .then(|| fill(words.lines_bad.form(refused), "n", &numbers.whole(refused)));
        self.errors = report.errors.into_iter().map(LineRow::from).collect();
        page::html(StatusCode::OK, &self)
    }
}

impl From<LineError> for LineRow {
    fn from(error: LineError) -> LineRow {
        let column = error.column.unwrap_or_default();
        LineRow { line: error.line.to_string(), column, reason: error.reason }
    }
}

/// `GET /office/products/export.csv`
pub(crate) async fn export(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let file = written(&app).await.map_err(|error| refuse(&colleague.caller, error))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"products.csv\""),
    ];
    Ok((headers, file).into_response())
}

async fn written(app: &AppState) -> Result<Vec<u8>, Error> {
    let mut connection = app.connection().await?;
    let mut file = Vec::new();
    sheets::export(&mut connection, &mut file).await?;
    Ok(file)
}
