//! Pages under policies: the only place where an address gets its handlers, and none gets them without a policy.
//!
//! A stranger at the door of the office or of the cabinet is led to its login; who works here but in another role is told so.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::MethodRouter;
use souk_api::{AppState, Error, Policy};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::account;
use crate::caller::Caller;
use crate::office::{self, LOGIN};
use crate::refusal::Refusal;

/// Handlers of an address with the policy they stand under.
pub(crate) struct Route {
    path: &'static str,
    policy: Policy,
    methods: MethodRouter<AppState>,
}

/// Puts the handlers of an address under a policy: the only way to a [`Route`].
pub(crate) fn route(path: &'static str, policy: Policy, methods: MethodRouter<AppState>) -> Route {
    Route { path, policy, methods }
}

/// Routes behind guards that enforce their policies.
pub(crate) fn guarded(routes: Vec<Route>, app: &AppState) -> Router<AppState> {
    routes.into_iter().fold(Router::new(), |router, route| {
        let methods = match route.policy {
            Policy::Public => route.methods,
            Policy::Customer => {
                route.methods.route_layer(from_fn_with_state(app.clone(), account::guard))
            }
            policy => route.methods.route_layer(from_fn_with_state((app.clone(), policy), guard)),
        };
        router.route(route.path, methods)
    })
}

/// The same for pages with forms, none of which another site may post.
pub(crate) fn forms(routes: Vec<Route>, app: &AppState) -> Router<AppState> {
    guarded(routes, app).layer(CsrfLayer::new()).layer(from_fn(explain))
}

/// Says in words that a form of another site was refused.
async fn explain(caller: Caller, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    debug_assert_eq!(response.status(), StatusCode::FORBIDDEN);
    Refusal::foreign_form(caller.lang(), &caller.address).into_response()
}

/// Enforces one route's policy and hands on who of the staff it is.
async fn guard(
    State((app, policy)): State<(AppState, Policy)>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let refuse = |error| Refusal::plain(caller.lang(), &caller.address, error);
    let staff = office::identify(&app, &caller).await.map_err(refuse)?;
    match policy.check(staff.as_ref()) {
        Ok(()) => {
            if let Some(staff) = staff {
                request.extensions_mut().insert(staff);
            }
        }
        Err(Error::Unauthenticated) => return Ok(Redirect::to(LOGIN).into_response()),
        Err(error) => return Err(refuse(error)),
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use axum::body::Body;
    use axum::http::Method;
    use axum::http::header::LOCATION;
    use tower::ServiceExt as _;

    use super::*;
    use crate::{buying, files, pages, sample};

    #[tokio::test]
    async fn every_page_that_is_not_public_leads_a_stranger_to_the_login() {
        let app = sample::opening();
        let closed = || {
            let shop = pages().into_iter().chain(account::pages());
            shop.chain(office::pages()).chain(buying()).chain(files())
        };
        let closed: Vec<_> = closed().filter(|route| route.policy != Policy::Public).collect();
        assert!(!closed.is_empty());
        for route in &closed {
            let path = route.path;
            let is_own = route.policy == Policy::Customer;
            let login = if is_own { "/{market}/account/login" } else { LOGIN };
            let mut refused = 0;
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let request = Request::builder().method(&method).uri(path);
                let request = request.body(Body::empty()).unwrap();
                let response = crate::router(app.clone()).oneshot(request).await.unwrap();

                if response.status() != StatusCode::METHOD_NOT_ALLOWED {
                    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{method} {path}");
                    assert_eq!(response.headers()[LOCATION], login, "{method} {path}");
                    refused += 1;
                }
            }
            assert!(refused > 0, "{path} answers no method");
        }
    }

    #[test]
    fn of_the_cabinet_only_the_login_is_public() {
        let public = account::pages().into_iter().filter(|route| route.policy == Policy::Public);

        assert_eq!(public.map(|route| route.path).collect::<Vec<_>>(), ["/{market}/account/login"]);
    }

    #[test]
    fn of_the_office_only_the_login_is_public() {
        let public = office::pages().into_iter().filter(|route| route.policy == Policy::Public);

        assert_eq!(public.map(|route| route.path).collect::<Vec<_>>(), [LOGIN]);
    }

    #[test]
    fn no_other_file_gives_an_address_its_handlers() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut routing = Vec::new();
        collect(&sources, &mut routing);

        assert_eq!(routing, ["routes.rs"]);
    }

    /// The names of the files below a folder that call a router's method of adding handlers.
    fn collect(folder: &Path, routing: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, routing);
            } else if [".route(", ".route_service(", ".nest(", ".nest_service("]
                .iter()
                .any(|call| fs::read_to_string(&path).unwrap().contains(call))
            {
                routing.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
}
