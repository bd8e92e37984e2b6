//! The parameters of a request. One that the resource does not have is an error, since a misspelt filter that is ignored gives wrong answers.

use super::problem::{Code, Problem};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use koinon_protocol::id::RecordId;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;

/// Entries in an answer when nobody says how many.
const LIMIT: usize = 20;
/// The most entries in an answer.
pub(crate) const MOST: usize = 100;

/// The parameters, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The parameters of an address.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let parsed = Query::<Vec<(String, String)>>::try_from_uri(uri);
        parsed.map(|Query(pairs)| Self(pairs)).map_err(|error| Problem::new(Code::BadParameter, error.body_text()))
    }

    /// Refuses whatever is not named in `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let Some((name, _)) = self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) else { return Ok(()) };
        let there = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        Err(Problem::new(Code::UnknownParameter, format!("the resource has no parameter '{name}'; {there}")))
    }

    /// All values of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that comes once at most.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Problem::new(Code::BadParameter, format!("the parameter '{name}' comes more than once"))),
        }
    }

    /// As [`Parameters::text`], read as a `T`.
    pub(crate) fn read<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let read = |text: &str| {
            let wrong =
                |error| Problem::new(Code::BadParameter, format!("'{text}' is no value of the parameter '{name}': {error}"));
            text.parse().map_err(wrong)
        };
        self.text(name)?.map(read).transpose()
    }

    /// As [`Parameters::read`], for one that must be there.
    pub(crate) fn must<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Problem> {
        self.read(name)?.ok_or_else(|| Problem::new(Code::BadParameter, format!("the parameter '{name}' is required")))
    }

    /// How many entries the answer may have.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        self.limit_to(MOST)
    }

    /// As [`Parameters::limit`], where an entry is small.
    pub(crate) fn limit_to(&self, most: usize) -> Result<usize, Problem> {
        match self.read("limit")?.unwrap_or(LIMIT) {
            limit if (1..=most).contains(&limit) => Ok(limit),
            limit => {
                Err(Problem::new(Code::BadParameter, format!("the parameter 'limit' is {limit} and must be from 1 to {most}")))
            }
        }
    }

    /// The same address with `name` set to `value`: the next page.
    pub(crate) fn with(&self, path: &str, name: &str, value: impl Display) -> String {
        let value = value.to_string();
        let others = self.0.iter().filter(|(each, _)| each != name).map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> =
            others.chain([(name, value.as_str())]).map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        format!("{path}?{}", pairs.join("&"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.uri)
    }
}

/// Whatever is not unreserved in RFC 3986 becomes a percent and two digits.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// What a path names: ids, as a rule.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<T>::from_request_parts(parts, state).await;
        named.map(|Path(named)| Self(named)).map_err(|error| {
            let reason = error.body_text();
            let reason = reason.strip_prefix("Invalid URL: ").unwrap_or(&reason);
            Problem::new(
                Code::BadId,
                format!("the path '{}' names no resource: {reason}; such as {}", parts.uri.path(), RecordId([0xab; 32])),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(query: &str) -> Parameters {
        Parameters::of(&format!("/x?{query}").parse().unwrap()).unwrap()
    }

    #[test]
    fn a_misspelt_parameter_is_named_with_those_there_are() {
        let problem = of("knid=practice").only(&["kind", "limit"]).unwrap_err();
        assert_eq!(problem.code(), Code::UnknownParameter);
        assert!(format!("{problem:?}").contains("knid") && format!("{problem:?}").contains("kind, limit"));
    }

    #[test]
    fn a_limit_is_bounded_and_a_parameter_comes_once() {
        assert_eq!(of("").limit(), Ok(20));
        assert_eq!(of("limit=100").limit(), Ok(100));
        for wrong in ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=1&limit=1"] {
            assert_eq!(of(wrong).limit().unwrap_err().code(), Code::BadParameter, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_next_page_has_the_same_parameters_and_the_cursor(pairs in proptest::collection::vec(("[a-z]{1,5}", ".{0,8}"), 0..6)) {
            let parameters = Parameters(pairs);
            let again = Parameters::of(&parameters.with("/x", "before", 7).parse().unwrap()).unwrap();
            let mut expected: Vec<_> = parameters.0.into_iter().filter(|(name, _)| name != "before").collect();
            expected.push(("before".into(), "7".into()));
            prop_assert_eq!(again.0, expected);
        }
    }
}
