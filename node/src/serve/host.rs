//! Whether a request was meant for this node and came from its own pages.
//!
//! A page of a stranger can make a browser send requests to a node on the same machine. If its name was pointed at 127.0.0.1 (DNS rebinding) it
//! even reads the answers; then the Host is the stranger's. If not, the browser names the stranger in Origin or Sec-Fetch-Site.

use crate::api::problem::{Code, Problem};
use axum::http::{HeaderMap, Uri, header, uri::Authority};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::str::FromStr;

/// A name by which a node is reached, such as that of a reverse proxy before it: `node.example` for any port, or `node.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// Why a text names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no host; write a name, and a port where one is to be asked for, such as node.example or node.example:8443")]
pub struct NoHost(String);

impl FromStr for Host {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        let is_host = !text.contains('@') && text.parse::<Authority>().is_ok_and(|host| !host.host().is_empty());
        if is_host { Ok(Self(text.to_ascii_lowercase())) } else { Err(NoHost(text.to_owned())) }
    }
}

impl TryFrom<String> for Host {
    type Error = NoHost;

    fn try_from(text: String) -> Result<Self, NoHost> {
        text.parse()
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0
    }
}

/// The hosts that a node on loopback answers to, with its port.
pub(super) fn of_loopback(port: u16) -> Vec<String> {
    ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")).to_vec()
}

/// What was asked for: the Host of the request, or the authority of an absolute target.
fn asked(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(Authority::as_str).or(host).map(str::to_ascii_lowercase)
}

/// Refuses a request for another host than `allowed`.
pub(super) fn check_host(headers: &HeaderMap, uri: &Uri, allowed: &[String]) -> Result<(), Problem> {
    let asked = asked(headers, uri);
    if asked.as_ref().is_some_and(|asked| allowed.iter().any(|host| host == asked || host == without_port(asked))) {
        return Ok(());
    }
    let found = asked.map_or_else(|| "no host".to_owned(), |host| format!("'{host}'"));
    let detail = format!(
        "the request is for {found}; this node answers to {}; whoever runs it gives it another name with the setting hosts (--hosts)",
        allowed.join(", ")
    );
    Err(Problem::new(Code::Host, detail))
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name)
}

/// Refuses what a page of another origin sent. Programs name no origin and are let through.
pub(super) fn check_origin(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let other = |found: &str| {
        Problem::new(Code::Origin, format!("the request comes from a page of {found}; only pages of this node may write"))
    };
    if let Some(site) = headers.get("sec-fetch-site")
        && !matches!(site.as_bytes(), b"same-origin" | b"none")
    {
        return Err(other("another site"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match (host, asked(headers, uri)) {
        (Some(host), Some(asked)) if host == asked => Ok(()),
        _ => Err(other(&format!("'{origin}'"))),
    }
}

/// Whether only programs on this machine reach the address.
pub(super) fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn host(host: &str) -> bool {
        check_host(&headers(&[("host", host)]), &Uri::from_static("/"), &of_loopback(8480)).is_ok()
    }

    #[test]
    fn a_name_that_was_pointed_at_loopback_is_refused() {
        assert!(host("localhost:8480") && host("LocalHost:8480") && host("127.0.0.1:8480") && host("[::1]:8480"));
        assert!(
            !host("localhost") && !host("localhost:80") && !host("evil.example:8480") && !host("localhost.evil.example:8480")
        );
        assert!(check_host(&HeaderMap::new(), &Uri::from_static("/"), &of_loopback(8480)).is_err());
    }

    #[test]
    fn a_host_of_the_operator_counts_for_any_port_or_for_the_one_it_names() {
        let allowed: Vec<String> =
            ["Node.Example", "other.example:8443"].map(|host| host.parse::<Host>().unwrap().into()).to_vec();
        let host = |host: &str| check_host(&headers(&[("host", host)]), &Uri::from_static("/"), &allowed).is_ok();
        assert!(host("node.example") && host("node.example:8443") && host("other.example:8443"));
        assert!(!host("other.example") && !host("a.node.example") && !host("node.example.evil") && !host("localhost:8480"));
        for wrong in ["", "https://node.example", "node.example/", "who@node.example", ":80", "a b"] {
            assert!(wrong.parse::<Host>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_absolute_target_counts_more_than_the_host_beside_it() {
        let target = Uri::from_static("http://evil.example/api/v1/status");
        assert!(check_host(&headers(&[("host", "localhost:8480")]), &target, &of_loopback(8480)).is_err());
    }

    #[test]
    fn pages_of_another_origin_do_not_write() {
        let from = |pairs: &[(&'static str, &str)]| {
            let mut all = headers(pairs);
            all.insert("host", "node.example".parse().unwrap());
            check_origin(&all, &Uri::from_static("/")).is_ok()
        };
        assert!(from(&[]));
        assert!(
            from(&[("origin", "https://node.example")])
                && from(&[("origin", "http://node.example"), ("sec-fetch-site", "same-origin")])
        );
        assert!(
            !from(&[("origin", "https://evil.example")])
                && !from(&[("origin", "null")])
                && !from(&[("origin", "https://node.example:8443")])
        );
        assert!(!from(&[("sec-fetch-site", "cross-site")]) && !from(&[("sec-fetch-site", "same-site")]));
    }
}
