//! What a test in another language does to the account by other hands than AWS's.

use hyper::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

use super::reply::{Reply, invalid};
use super::request::Body;
use super::service::Service;
use crate::error::Result;
use crate::memory::{AS_AWS_PRINTS, FleetNode};
use crate::strict;

/// The furthest that the clock turns at once. Everything due meanwhile happens, one thing after the other.
const MOST_SECONDS: u64 = 366 * 24 * 3600;

/// Answers a request to a path under `/_emulator/`.
pub(super) fn answer(service: &Service, method: &Method, path: &str, body: &[u8]) -> Reply {
    let answered = match (method, path) {
        (&Method::POST, "advance") => advance(service, body),
        (&Method::POST, "nodes") => add_node(service, body),
        (&Method::POST, "objects") => put_object(service, body),
        (&Method::POST, "denied-objects") => deny_object(service, body),
        _ => {
            let told = "POST to /_emulator/advance, nodes, objects or denied-objects";
            return Reply::json(StatusCode::NOT_FOUND, &json!({ "Message": told }));
        }
    };
    match answered {
        Ok(answer) => Reply::json(StatusCode::OK, &answer),
        Err(error) => {
            let told = json!({ "Message": super::reply::message(&error) });
            Reply::json(StatusCode::BAD_REQUEST, &told)
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Advance {
    seconds: u64,
}

fn advance(service: &Service, body: &[u8]) -> Result<Value> {
    let Advance { seconds } = Body::read(body)?.input(&["Seconds"])?;
    if !(0..=MOST_SECONDS).contains(&seconds) {
        return Err(invalid(format!(
            "Seconds: {seconds}: a whole number from 0 to {MOST_SECONDS}"
        )));
    }
    if service.backend.manual_clock().is_none() {
        return Err(invalid("the backend's clock cannot be turned"));
    }
    service.backend.advance(Duration::from_secs(seconds));
    Ok(json!({ "Now": service.backend.clock().now() }))
}

fn add_node(service: &Service, body: &[u8]) -> Result<Value> {
    let body = Body::read(body)?;
    body.require(&["InstanceInformation"])?;
    let node: FleetNode = strict::read_value(body.members().clone(), "the node", &AS_AWS_PRINTS)?;
    if !node.id().is_well_formed() {
        return Err(invalid(format!(
            "InstanceInformation.InstanceId: {}: {}",
            node.id(),
            crate::types::NodeId::LEGAL
        )));
    }
    let answer = json!({ "InstanceId": node.id() });
    service.backend.add_node(node);
    Ok(answer)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutObject {
    url: String,
    content: String,
}

fn put_object(service: &Service, body: &[u8]) -> Result<Value> {
    let PutObject { url, content } = Body::read(body)?.input(&["Url", "Content"])?;
    service.backend.put_object(&url, content)?;
    Ok(json!({ "Url": url }))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DenyObject {
    url: String,
}

fn deny_object(service: &Service, body: &[u8]) -> Result<Value> {
    let DenyObject { url } = Body::read(body)?.input(&["Url"])?;
    service.backend.deny_object(&url)?;
    Ok(json!({ "Url": url }))
}
