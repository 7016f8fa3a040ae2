//! Keeps web pages out: a browser on this machine sends what any page tells it to.
//!
//! A page of another site can send requests of the simple kind without asking (Fetch standard, CORS-safelisted
//! request headers), and a name that a foreign server points at 127.0.0.1 makes the browser take the emulator
//! for that server (DNS rebinding).

use std::net::{Ipv4Addr, Ipv6Addr};

use hyper::header::{CONTENT_TYPE, HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::reply::Reply;

/// How a browser says where the page is that sends a request.
const FETCH_SITE: &str = "sec-fetch-site";

/// The reply to a request that a page of another site may have sent, or that is for another host.
pub(super) fn refuse(head: &Parts, hosts: &[String]) -> Option<Reply> {
    let authority = head.uri.authority().map(|authority| authority.as_str());
    let host = header(head, HOST.as_str()).or(authority);
    let refused = |told: &str| {
        Some(Reply::refusal(
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            told,
        ))
    };
    let Some(host) = host.filter(|host| is_here(host, hosts)) else {
        return refused("the Host of the request is not this machine, nor a host that was allowed");
    };
    // The target of a request that has a whole URL, as one to a proxy does.
    if authority.is_some_and(|authority| !is_here(authority, hosts)) {
        return refused(
            "the URL of the request is not of this machine, nor of a host that was allowed",
        );
    }
    let own = |origin: &str| {
        origin
            .split_once("://")
            .is_some_and(|(_, of)| of.eq_ignore_ascii_case(host))
    };
    if header(head, ORIGIN.as_str()).is_some_and(|origin| !own(origin)) {
        return refused("the request comes from a page of another origin");
    }
    let site = header(head, FETCH_SITE);
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return refused("the request comes from a page of another site");
    }
    None
}

/// The reply to a request for the control of the account, if a page could send it without asking and it
/// changes something. GET changes nothing, and no page of another origin can read the answer.
pub(super) fn refuse_simple(head: &Parts) -> Option<Reply> {
    if head.method == Method::GET {
        return None;
    }
    let kind = header(head, CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let told = "the Content-Type of a request to /_emulator/ is application/json";
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    (!kind.eq_ignore_ascii_case("application/json"))
        .then(|| Reply::refusal(status, "UnsupportedMediaTypeException", told))
}

/// A header that is there once, and is text. Several are as good as a foreign one.
fn header<'h>(head: &'h Parts, name: &str) -> Option<&'h str> {
    let mut values = head.headers.get_all(name).iter();
    let first = values.next()?;
    match values.next() {
        None => first.to_str().ok().or(Some("")),
        Some(_) => Some(""),
    }
}

/// Whether a host, with or without a port, is this machine or one of these.
fn is_here(host: &str, hosts: &[String]) -> bool {
    let (name, rest) = match host.strip_prefix('[') {
        // In brackets is an IPv6 address and nothing else.
        Some(bracketed) => {
            let Some((address, rest)) = bracketed.split_once(']') else {
                return false;
            };
            let is_loopback = address
                .parse()
                .is_ok_and(|address: Ipv6Addr| address.is_loopback());
            return is_loopback && is_port(rest);
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    if !is_port(rest) {
        return false;
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_loopback = name
        .parse()
        .is_ok_and(|address: Ipv4Addr| address.is_loopback());
    is_loopback
        || name == "localhost"
        || name.ends_with(".localhost")
        || hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

/// Whether this is what may follow a host: nothing, or a colon and a port, which may be empty (RFC 3986).
fn is_port(rest: &str) -> bool {
    match rest.strip_prefix(':') {
        None => rest.is_empty(),
        Some(port) => {
            port.bytes().all(|byte| byte.is_ascii_digit())
                && (port.is_empty() || port.parse::<u16>().is_ok())
        }
    }
}
