//! Whether a request was meant for this node and came from its own pages.
//!
//! A page of a stranger can make a browser send requests to a node on the same machine. If its name was pointed at 127.0.0.1 (DNS rebinding) it
//! even reads the answers; then the Host is the stranger's. If not, the browser names the stranger in Origin or Sec-Fetch-Site.

use crate::api::problem::{Code, Problem};
use axum::http::{HeaderMap, Uri, header, uri::Authority};
use std::net::SocketAddr;

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
    if asked.as_ref().is_some_and(|host| allowed.contains(host)) {
        return Ok(());
    }
    let found = asked.map_or_else(|| "no host".to_owned(), |host| format!("'{host}'"));
    Err(Problem::new(Code::Host, format!("the request is for {found}; this node answers to {}", allowed.join(", "))))
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
