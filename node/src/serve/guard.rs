//! What stands before every page and every resource: bounds of size, time, number and rate, whose request it is, and headers that
//! keep browsers careful.

use super::rate::{Allowances, Network, Rate};
use super::{Client, Host, host, is_local};
use crate::api::problem::{Code, Problem};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Bytes of the longest body of a request: a record file.
pub const BODY: usize = crate::charter::MOST;

/// What a node asks of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guards {
    /// The hosts that it answers to, with their ports or for any port; none for any host.
    pub hosts: Option<Vec<String>>,
    /// In this time a head must have arrived; also how long an idle connection is kept.
    pub head_time: Duration,
    /// In this time a request must have come whole, and then be answered.
    pub time: Duration,
    /// Requests that are answered at one time.
    pub requests: usize,
    /// How often one client may write.
    pub writes: Rate,
    /// Whether clients on this machine may write as often as they like: a reverse proxy there speaks for many.
    pub trust_local: bool,
}

impl Guards {
    /// Those of a node that is reached at this address.
    ///
    /// A signature costs about 0.1 ms to check, so 20 writes/s of one client take 0.2 % of a core; its queue has room for a workshop that
    /// publishes at once. 256 requests, most of which wait for a disk, are more than two cores answer in a second of heavy search.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            hosts: host::is_loopback(address).then(|| host::of_loopback(address.port())),
            head_time: Duration::from_secs(15),
            time: Duration::from_secs(30),
            requests: 256,
            writes: Rate { interval: Duration::from_millis(50), burst: 100 },
            trust_local: true,
        }
    }

    /// Lets requests for these hosts through as well. A node that answers to any host goes on doing so.
    #[must_use]
    pub fn answering_to(mut self, hosts: Vec<Host>) -> Self {
        self.hosts = self.hosts.map(|known| known.into_iter().chain(hosts.into_iter().map(String::from)).collect());
        self
    }

    /// Puts the guards before `router`.
    pub(super) fn stand_before(self, router: Router) -> Router {
        let allowances = Allowances::new(self.writes);
        let places = Semaphore::new(self.requests);
        let guard = Arc::new(Guard { guards: self, allowances, places });
        router.layer(from_fn_with_state(guard, pass))
    }
}

struct Guard {
    guards: Guards,
    allowances: Allowances,
    places: Semaphore,
}

impl Guard {
    fn check(&self, request: &Request) -> Result<(), Problem> {
        if let Some(hosts) = &self.guards.hosts {
            host::check_host(request.headers(), request.uri(), hosts)?;
        }
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        host::check_origin(request.headers(), request.uri())?;
        let Some(Client(client)) = request.extensions().get() else { return Ok(()) };
        if self.guards.trust_local && is_local(client.ip()) {
            return Ok(());
        }
        self.allowances.take(Network::of(client.ip())).map_err(|wait| {
            Problem::new(Code::TooManyRequests, "this address writes more often than the node allows").retry_after(wait)
        })
    }

    /// A request is taken in whole before it gets a place, so that those who send byte by byte keep nobody else from being answered.
    async fn answer(&self, request: Request, next: Next) -> Result<Response, Problem> {
        self.check(&request)?;
        let request = self.within("complete", whole(request)).await??;
        let _place = self.places.try_acquire().map_err(|_| {
            let detail = format!("{} requests are being answered, which is as many as the node takes", self.guards.requests);
            Problem::new(Code::Overloaded, detail).retry_after(Duration::from_secs(1))
        })?;
        self.within("answered", next.run(request)).await
    }

    async fn within<T>(&self, what: &str, work: impl Future<Output = T>) -> Result<T, Problem> {
        let late =
            |_| Problem::new(Code::Timeout, format!("the request was not {what} within {} ms", self.guards.time.as_millis()));
        tokio::time::timeout(self.guards.time, work).await.map_err(late)
    }
}

/// The request with its body in memory, of at most [`BODY`] bytes.
async fn whole(request: Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let too_large = |detail| Problem::new(Code::TooLarge, detail);
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length.filter(|length| *length > BODY as u64) {
        return Err(too_large(format!("the body has {length} bytes; a record file has at most {BODY}")));
    }
    let read = to_bytes(body, BODY).await;
    let bytes = read
        .map_err(|_| too_large(format!("the body was cut short or has more than the {BODY} bytes of the longest record file")))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

async fn pass(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = guard.answer(request, next).await.unwrap_or_else(Problem::into_response);
    let headers = response.headers_mut();
    for (name, value) in CAREFUL {
        headers.entry(name).or_insert(value);
    }
    response
}

/// What an answer says to browsers unless it says it itself: run nothing, guess nothing, tell nobody.
const CAREFUL: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];
