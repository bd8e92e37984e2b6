//! What can be wrong, as RFC 9457 tells it: each problem has a stable code, and says what was wrong, where, and what would be right.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The media type of a problem.
pub const MEDIA: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Every problem of the API, sorted by who must act. A code never changes its meaning; new ones may come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum Code {
            $($(#[doc = $doc])* #[serde(rename = $code)] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in [`Problem`].
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The status of an answer with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// What it means, in English and without the case at hand.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    // Whoever wrote the program that asks.
    /// A path, or a part of one, that no resource has.
    NoSuchPath = "no-such-path", NOT_FOUND, "No resource has this path";
    /// A method that the resource does not have.
    Method = "method", METHOD_NOT_ALLOWED, "The resource does not have this method";
    /// `Accept` names no form that the resource has.
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "The resource has no form that is accepted";
    /// `Content-Type` is not what the resource takes.
    MediaType = "media-type", UNSUPPORTED_MEDIA_TYPE, "The resource does not take this media type";
    /// A parameter that the resource does not have.
    UnknownParameter = "unknown-parameter", BAD_REQUEST, "The resource does not have this parameter";
    /// A parameter whose value is not of its form.
    BadParameter = "bad-parameter", BAD_REQUEST, "A parameter has a value of another form";
    /// A path in which an id is not one.
    BadId = "bad-id", BAD_REQUEST, "This is not an id";
    /// Over a bound of size.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The body is over the bound";
    /// The request was not complete, or not answered, in time.
    Timeout = "timeout", REQUEST_TIMEOUT, "It took too long";
    /// The request is for another host.
    Host = "host", MISDIRECTED_REQUEST, "This node does not answer to this host";
    /// A page of another site sent it.
    Origin = "origin", FORBIDDEN, "Pages of other sites may not write here";
    /// This address writes too often.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests of one address";

    // Whoever looks for something: it may be elsewhere, or come later.
    /// No record of this id is known and shown here.
    UnknownRecord = "unknown-record", NOT_FOUND, "No such record is known here";
    /// The operator of this node hides it.
    Hidden = "hidden", GONE, "This node does not show the record; other nodes may";
    /// No organisation of this id is known here.
    UnknownOrganisation = "unknown-organisation", NOT_FOUND, "No such organisation is known here";
    /// The organisation has no such device.
    UnknownLog = "unknown-log", NOT_FOUND, "The organisation has no such device";
    /// No kind of this name is known here.
    UnknownKind = "unknown-kind", NOT_FOUND, "No such kind is known here";

    /// What is here does not prove the record, as when a body that it rests on was erased.
    Unproven = "unproven", CONFLICT, "This node cannot prove the record";

    // The author of the record.
    /// Not a record, whoever sent it.
    MalformedRecord = "malformed-record", BAD_REQUEST, "This is not a record file";
    /// The signature or the key does not hold.
    BadSignature = "bad-signature", BAD_REQUEST, "The signature does not hold";
    /// A record of another network.
    OtherNetwork = "other-network", BAD_REQUEST, "The record belongs to another network";
    /// The body is not the one that was signed.
    OtherBody = "other-body", BAD_REQUEST, "The body is not the one that was signed";
    /// The body leaves the JSON profile.
    BodyNotJson = "body-not-json", UNPROCESSABLE_ENTITY, "The body is not JSON of the profile";
    /// Fields of the body are not as its kind has them.
    BodyFields = "body-fields", UNPROCESSABLE_ENTITY, "Fields of the body are not as the kind has them";
    /// Records before it are missing.
    LogGap = "log-gap", CONFLICT, "Records before this one are missing";
    /// Another record stands at its place.
    LogTaken = "log-taken", CONFLICT, "Another record stands at this place of the log";
    /// It names another predecessor than the log's head.
    LogPredecessor = "log-predecessor", CONFLICT, "The record names another predecessor than the log's head";
    /// It claims to be older than its predecessor.
    LogBackwards = "log-backwards", CONFLICT, "The record claims to be older than its predecessor";
    /// The log is forked.
    LogFrozen = "log-frozen", CONFLICT, "The log is forked and stands still";
    /// It claims to be of the future.
    TooEarly = "too-early", TOO_EARLY, "The record claims to be of the future";
    /// The rules refuse it for good.
    Rules = "rules", FORBIDDEN, "The rules of the network refuse this record";

    // The organisation: somebody must vouch for it, or its inception or device be published.
    /// The author has no standing.
    NoStanding = "no-standing", FORBIDDEN, "The author has no standing in this network";

    // Nobody: it passes.
    /// More requests than the node answers at a time.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The node answers as many requests as it can";
    /// More records than the disk takes.
    Busy = "busy", SERVICE_UNAVAILABLE, "The node takes as many records as it can";
    /// The node ends.
    Stopping = "stopping", SERVICE_UNAVAILABLE, "The node is stopping";

    // Whoever runs the node.
    /// The store is read-only.
    ReadOnly = "read-only", SERVICE_UNAVAILABLE, "The node takes no records at the moment";
    /// Files of the node could not be read.
    Storage = "storage", INTERNAL_SERVER_ERROR, "The node cannot read its files";
}

/// One problem of a body, by its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the body; empty for the whole.
    #[schema(example = "/title")]
    pub pointer: String,
    /// What is wrong there, or what should be.
    #[schema(example = "is required: Title")]
    pub detail: String,
}

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<Fault>,
    retry_after: Option<u64>,
}

/// RFC 9457, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemDetails {
    /// `urn:koinon:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:koinon:problem:unknown-record")]
    pub kind: String,
    /// What the code means.
    #[schema(example = "No such record is known here")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What was wrong, where, and what would be right.
    pub detail: String,
    /// Stable, for programs.
    pub code: Code,
    /// Every problem of a body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl Problem {
    /// A problem; `detail` is for people.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// With the places of a body.
    pub fn at(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// With the time after which the same request may pass.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1));
        self
    }

    /// What is wrong.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl From<Problem> for ProblemDetails {
    fn from(problem: Problem) -> Self {
        Self {
            kind: format!("urn:koinon:problem:{}", problem.code.name()),
            title: problem.code.title().to_owned(),
            status: problem.code.status().as_u16(),
            detail: problem.detail,
            code: problem.code,
            errors: problem.errors,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.code.status(), self.retry_after);
        let mut response = (status, Json(ProblemDetails::from(self))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // What is too long is not read to its end, so nothing can follow it on the connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<crate::reader::ReadError> for Problem {
    /// The reason is the operator's, and stands in the log.
    fn from(error: crate::reader::ReadError) -> Self {
        tracing::error!(%error, "a request could not be answered");
        Self::new(Code::Storage, "a file of the node could not be read; whoever runs it finds the reason in its log")
    }
}
