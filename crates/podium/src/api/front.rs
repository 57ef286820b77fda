//! Who takes each request first: what was answered lately is answered at once, without the way
//! through the routes, which costs more than such an answer itself.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::HttpBody;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::Either;
use tower::{BoxError, Service};
use tracing::Instrument as _;

use super::answer::respond_at_once;
use super::credentials::{Peer, Who, without_token};
use super::hot::{Address, Answered};
use super::metrics::{AnsweredFrom, Route};
use super::watch::{self, Watch};
use super::{App, cors};
use crate::access::Mode;

/// The whole HTTP interface. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Front {
    app: App,
    routes: Router,
    peer: Peer,
}

type Served = Result<Response, Infallible>;

impl Front {
    pub(super) fn new(app: App, routes: Router) -> Self {
        Self { app, routes, peer: Peer::default() }
    }

    /// The same for whoever is connected.
    pub fn for_peer(&self, peer: Peer) -> Self {
        Self { peer, ..self.clone() }
    }

    fn watch<B>(&self, request: &Request<B>, begun_at: Instant) -> Watch {
        Watch::begin(&self.app, request, self.peer, begun_at)
    }

    /// The answer to an address that was answered lately.
    fn at_once<B>(
        &self,
        address: &Address<'_>,
        request: &Request<B>,
        begun_at: Instant,
    ) -> Option<(Response, Route)> {
        let app = &self.app;
        let revision = app.parts.store.ledger.state().revision();
        let (answer, told, route) = app.hot.get(address, revision, app.parts.clock.now())?;
        let asked = request.headers();
        let mut response = respond_at_once(app, &answer, &told, asked, address.scope())?;
        app.parts.sync.note_question();
        cors::mark(cors::allowed_origin(app, asked), response.headers_mut());
        app.manners.mark(false, response.headers_mut());
        app.meter.answered_from(AnsweredFrom::Address);
        app.meter.add(route, request.method(), response.status(), begun_at.elapsed());
        Some((response, route))
    }
}

impl<B> Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Served>, Pin<Box<dyn Future<Output = Served> + Send>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let begun_at = Instant::now();
        let watch = watch::is_of_all(&self.app).then(|| self.watch(&request, begun_at));
        let who = Who::of(&self.app, &request, self.peer);
        if self.app.parts.access.mode() != Mode::Open
            && let Some(uri) = without_token(request.uri())
        {
            *request.uri_mut() = uri;
        }
        if let Who::Known(caller) = &who {
            let address = Address::of(&request, caller);
            if let Some((mut response, route)) =
                address.as_ref().and_then(|of| self.at_once(of, &request, begun_at))
            {
                let Some(mut watch) = watch else {
                    watch::give_back_id(request.headers(), &mut response);
                    return Either::Left(ready(Ok(response)));
                };
                watch.note_caller(caller);
                watch.note_known_route(route.pattern());
                return Either::Left(ready(Ok(watch.answered(response))));
            }
        }
        let mut watch = watch.unwrap_or_else(|| self.watch(&request, begun_at));
        request.extensions_mut().insert(watch.slot());
        let (app, mut routes) = (self.app.clone(), self.routes.clone());
        let (asking, span) = (watch.asking(), watch.span().clone());
        let route = Route::of(request.uri().path(), &app.parts.base_path);
        let method = request.method().clone();
        let answering = async move {
            let _under_way = app.meter.under_way();
            let caller = who.asked(&app.parts.access).await;
            watch.note_caller(&caller);
            let address = Address::of(&request, &caller).map(Address::into_owned);
            request.extensions_mut().insert(caller);
            let mut response = routes.call(request).await?;
            let answered = response.extensions_mut().remove::<Answered>();
            if let (Some(address), Some(answered)) = (address, answered) {
                app.hot.put(address, route, answered);
            }
            app.meter.add(route, &method, response.status(), begun_at.elapsed());
            Ok(watch.answered(response))
        };
        Either::Right(Box::pin(asking.scope(answering).instrument(span)))
    }
}
