//! The `OpenAPI` document, generated from the handlers, and the page that shows it without a network.

use std::fmt::Write as _;

use axum::Router;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::AppState;
use crate::error::{Code, PROBLEM_JSON, Problem};
use crate::policy::{Policy, Route};
use crate::routes;

/// Methods that routes have, in the order of [`operations`].
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/// Name of the error answer in the document.
const PROBLEM: &str = "Problem";

/// Name of the staff session in the document.
const STAFF_SESSION: &str = "staff_session";

/// Name of the customer's session in the document.
const CUSTOMER_SESSION: &str = "customer_session";

/// The `OpenAPI` document of every route.
#[must_use]
pub fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Souk")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description()))
        .build();
    let empty = OpenApiBuilder::new().info(info).build();
    let router = routes::all()
        .into_iter()
        .map(with_refusals)
        .fold(OpenApiRouter::<AppState>::with_openapi(empty), |router, route| {
            router.routes(route.methods)
        });
    let mut document = router.into_openapi();
    add_shared(document.components.get_or_insert_default());
    document
}

/// Conventions and the list of error codes.
fn description() -> String {
    let mut text = String::from(
        "Money is in minor units. Ids are opaque texts. Errors are problem documents (RFC 9457) with a \
         stable `code`:\n\n| code | status | title |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let (name, status, title) = (code.as_str(), code.status().as_u16(), code.title());
        writeln!(text, "| `{name}` | {status} | {title} |").expect("writing to a text cannot fail");
    }
    text
}

/// Adds to each operation what its policy asks for and how it refuses.
fn with_refusals(mut route: Route) -> Route {
    for item in route.methods.1.paths.values_mut() {
        for operation in operations_mut(item) {
            let refusals = Ref::from_response_name(PROBLEM).into();
            operation.responses.responses.insert("default".to_owned(), refusals);
            let session = match route.policy {
                Policy::Public => None,
                Policy::Customer => Some(CUSTOMER_SESSION),
                Policy::SignedIn | Policy::Staff(_) => Some(STAFF_SESSION),
            };
            let session = session.map(|name| SecurityRequirement::new(name, Vec::<String>::new()));
            operation.security = session.map(|session| vec![session]);
            if let Policy::Staff(permission) = route.policy {
                let needs = format!("Needs the permission `{permission}`.");
                let told = operation.description.take().into_iter().chain([needs]);
                operation.description = Some(told.collect::<Vec<_>>().join("\n\n"));
            }
        }
        if route.takes_key {
            add_key_header(item);
        }
        if let Policy::Staff(_) = route.policy {
            add_version_header(item);
        }
    }
    route
}

/// Adds the header by which a write is named.
fn add_key_header(item: &mut PathItem) {
    let key = "Names the request, so that it can be repeated safely for 7 days: the same answer, one effect";
    for operation in [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete] {
        add_header(operation, "Idempotency-Key", key);
    }
}

/// Adds the header by which staff's writes say what they were made from.
fn add_version_header(item: &mut PathItem) {
    let version = "ETag of the version that the change was made from";
    for operation in [&mut item.put, &mut item.patch, &mut item.delete] {
        add_header(operation, "If-Match", version);
    }
}

fn add_header(operation: &mut Option<Operation>, name: &str, description: &str) {
    let Some(operation) = operation else { return };
    let is_named =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(it) if it.name == name);
    if operation.parameters.iter().flatten().any(is_named) {
        return;
    }
    let header = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(header));
}

/// Adds the problem document and the sessions.
fn add_shared(components: &mut Components) {
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name())));
    let response = ResponseBuilder::new()
        .description("A problem document")
        .content(PROBLEM_JSON, problem.build());
    components.responses.insert(PROBLEM.to_owned(), response.build().into());
    let session = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme(STAFF_SESSION, SecurityScheme::Http(session.clone()));
    components.add_security_scheme(CUSTOMER_SESSION, SecurityScheme::Http(session));
}

/// `/docs`: a page that shows the document, with all of its parts in the binary.
pub(crate) fn docs() -> Router<AppState> {
    SwaggerUi::new("/docs").config(Config::from("/openapi.json")).into()
}

/// Method, path and policy of routes, in the order of the document.
pub(crate) fn policies(routes: Vec<Route>) -> Vec<(String, String, Policy)> {
    let mut table = Vec::new();
    for route in routes {
        for (path, item) in &route.methods.1.paths {
            let methods = operations(item).map(|(method, _)| method.to_owned());
            table.extend(methods.map(|method| (method, path.clone(), route.policy)));
        }
    }
    table.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    table
}

/// The operations of a path with their methods.
fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [&item.get, &item.put, &item.post, &item.delete, &item.patch];
    METHODS
        .into_iter()
        .zip(all)
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The same, to be changed.
fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch]
        .into_iter()
        .flatten()
}
