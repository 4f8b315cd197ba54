//! `/v1/admin/products/export.csv` and `/v1/admin/products/import`: the catalogue as a table.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use serde::{Deserialize, Serialize};
use souk_commerce::sheets::{self, LineError, Report};
use souk_commerce::writes::Write;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Written;
use crate::error::{Error, Result};
use crate::extract::{Query, media_type};
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Upload, shown};

/// Media type of a sheet.
const CSV: &str = "text/csv";

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogRead), routes!(get_export)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(post_import)),
    ]
}

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportParams {
    /// Only say what would happen.
    #[param(value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
struct ImportAnswer {
    /// Whether nothing was written.
    dry_run: bool,
    /// Lines read, the header aside.
    lines: u64,
    /// Products that were new.
    products_added: u64,
    /// Products that were there and differed, offers and stock aside.
    products_changed: u64,
    /// Variants that were new.
    variants_added: u64,
    /// Offers that were new.
    offers_added: u64,
    /// Prices that changed.
    prices_changed: u64,
    /// Stock rows that are new or changed.
    stock_changed: u64,
    /// Lines that were left out.
    lines_refused: u64,
    /// Why, for the first of them.
    errors: Vec<ImportLineError>,
}

/// Something wrong with a line.
#[derive(Debug, Serialize, ToSchema)]
struct ImportLineError {
    /// Its number in the file, from 1; the header is line 1.
    line: u64,
    /// The column; null when it is the line as a whole.
    column: Option<String>,
    /// What is wrong.
    reason: String,
}

impl From<LineError> for ImportLineError {
    fn from(error: LineError) -> Self {
        let LineError { line, column, reason } = error;
        ImportLineError { line, column, reason }
    }
}

impl ImportAnswer {
    fn new(report: Report, dry_run: bool) -> Self {
        ImportAnswer {
            dry_run,
            lines: report.lines,
            products_added: report.products_added,
            products_changed: report.products_changed,
            variants_added: report.variants_added,
            offers_added: report.offers_added,
            prices_changed: report.prices_changed,
            stock_changed: report.stock_changed,
            lines_refused: report.lines_refused,
            errors: report.errors.into_iter().map(ImportLineError::from).collect(),
        }
    }
}

/// Every product, listed or not, as a table that a spreadsheet opens: a line a variant and market.
#[utoipa::path(
    get,
    path = "/v1/admin/products/export.csv",
    tag = "catalogue",
    responses((status = 200, description = "The table", body = String, content_type = "text/csv"))
)]
async fn get_export(State(app): State<AppState>) -> Result<Response> {
    let (out, rows) = channel();
    let mut connection = app.db.acquire().await.map_err(souk_commerce::Error::from)?;
    tokio::spawn(async move {
        let failed = out.get_ref().0.clone();
        if let Err(error) = sheets::export(&mut connection, out).await {
            tracing::warn!(%error, "an export was broken off");
            // So that the client sees a broken answer and not a short table.
            drop(failed.send(Err(io::Error::other("the export was broken off"))));
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"products.csv\""),
    ];
    Ok((headers, Body::new(rows)).into_response())
}

/// Take the lines of a table in. Lines that cannot be read are left out and told; the others go in
/// together, or none.
#[utoipa::path(
    post,
    path = "/v1/admin/products/import",
    tag = "catalogue",
    params(ImportParams),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What it did, or would do", body = ImportAnswer))
)]
async fn post_import(
    State(app): State<AppState>,
    Query(params): Query<ImportParams>,
    Upload { asked, headers, bytes }: Upload,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    let dry_run = read.optional("dry_run", params.dry_run.as_deref()).unwrap_or(false);
    read.finish()?;
    if !media_type(&headers).is_some_and(|given| given.eq_ignore_ascii_case(CSV)) {
        return Err(Error::MediaType(CSV));
    }
    if dry_run {
        let report = writing::try_out(&app, asked, async |write: &mut Write| {
            Ok(sheets::import(write, &bytes).await?)
        });
        let answer = Json(ImportAnswer::new(report.await?, true)).into_response();
        return Written::now(&app, answer).await;
    }
    writing::run(&app, asked, async move |write: &mut Write| {
        let report = sheets::import(write, &bytes).await?;
        Ok(shown(&ImportAnswer::new(report, false)))
    })
    .await
}

/// Where an export writes to: it never waits, so that a slow client does not hold a connection to the
/// database longer than the reading takes.
struct Out(mpsc::UnboundedSender<io::Result<Bytes>>);

/// What has been written, as the body of an answer.
struct Rows(mpsc::UnboundedReceiver<io::Result<Bytes>>);

fn channel() -> (io::BufWriter<Out>, Rows) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (io::BufWriter::with_capacity(64 * 1024, Out(sender)), Rows(receiver))
}

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::Error::other("the client went away"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl HttpBody for Rows {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }
}
