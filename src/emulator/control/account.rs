//! Controls of a whole account.

use std::time::Duration;

use futures_util::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Request, snapshot_ids, snapshot_work};
use crate::emulator::reply::{internal, invalid};
use crate::emulator::request::output;
use crate::error::{Result, Violations};
use crate::manager::PatchManager;
use crate::memory::MemoryBackend;
use crate::plan::{MirrorScope, MirrorSnapshot};
use crate::types::Patch;
use crate::types::timestamp::LAST_INSTANT;

/// The furthest that the clock advances at once. Everything due meanwhile happens, one thing after the other.
const MOST_SECONDS: u64 = 366 * 24 * 3600;

pub(super) fn reset(request: &Request<'_>) -> Result<Value> {
    request.accounts.reset();
    Ok(now(request))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Advance {
    seconds: u64,
}

pub(super) fn advance(request: &Request<'_>) -> Result<Value> {
    let Advance { seconds } = request.input(&["Seconds"])?;
    if !(0..=MOST_SECONDS).contains(&seconds) {
        return Err(invalid(format!(
            "Seconds: {seconds}: a whole number from 0 to {MOST_SECONDS}"
        )));
    }
    let backend = &request.service.backend;
    if backend.manual_clock().is_none() {
        return Err(invalid("the backend's clock cannot be advanced"));
    }
    let shown = backend.clock().now();
    let Ok(instant) = shown.checked_add(Duration::from_secs(seconds)) else {
        return Err(invalid(format!(
            "Seconds: {seconds}: the clock shows {shown} and goes to {LAST_INSTANT} at most"
        )));
    };
    backend.advance_to(instant);
    Ok(now(request))
}

fn now(request: &Request<'_>) -> Value {
    json!({ "Now": request.service.backend.clock().now() })
}

pub(super) fn calls(request: &Request<'_>) -> Result<Value> {
    Ok(json!({ "Calls": request.service.calls() }))
}

pub(super) fn clear_calls(request: &Request<'_>) -> Result<Value> {
    request.service.clear_calls();
    request.service.backend.clear_calls();
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddPatches {
    patches: Vec<Patch>,
}

pub(super) fn add_patches(request: &Request<'_>) -> Result<Value> {
    let AddPatches { patches } = request.input(&["Patches"])?;
    let added = patches.len();
    request.service.backend.add_patches(patches);
    Ok(json!({ "Added": added }))
}

/// Reads a copy, so that reading is no call and no fault affects it.
pub(super) fn snapshot(request: &Request<'_>) -> Result<Value> {
    let manager = PatchManager::from_memory(&request.service.backend.detached());
    let scope = MirrorScope::new().patches().catalog();
    let read = manager.mirror_snapshot(&scope).now_or_never();
    let mut snapshot = read.ok_or_else(|| internal("memory did not answer at once"))??;
    // Reading finds them in ARNs, which an account may not have, and which a fleet file gives nodes.
    let (region, account) = request.service.backend.place();
    (snapshot.region, snapshot.account) = (Some(region), Some(account));
    output(&snapshot)
}

pub(super) fn restore(request: &Request<'_>) -> Result<Value> {
    let mut snapshot: MirrorSnapshot = request.input(&["TakenAt"])?;
    snapshot_work::check(&snapshot)?;
    snapshot_ids::check(&snapshot)?;
    keep_place(request, &mut snapshot)?;
    let restored = MemoryBackend::from_snapshot(&snapshot);
    request.service.backend.take_over(&restored);
    request.service.managers().clear();
    Ok(now(request))
}

/// A snapshot without a place is one of this account and Region. A member of an organization is found by
/// them, so it takes no other.
fn keep_place(request: &Request<'_>, snapshot: &mut MirrorSnapshot) -> Result<()> {
    let (region, account) = request.service.backend.place();
    let mut found = Violations::new();
    for (field, place, own) in [
        ("Region", &mut snapshot.region, region),
        ("Account", &mut snapshot.account, account),
    ] {
        let given = place.get_or_insert_with(|| own.clone());
        let is_legal = *given == own || !request.accounts.is_organization();
        let legal = format!("{own}, or none: a member of an organization keeps its place");
        found.require(is_legal, field, given, legal);
    }
    found.or("the snapshot", ())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutObject {
    url: String,
    content: String,
}

pub(super) fn put_object(request: &Request<'_>) -> Result<Value> {
    let PutObject { url, content } = request.input(&["Url", "Content"])?;
    request.service.backend.put_object(&url, content)?;
    Ok(json!({ "Url": url }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NamedObject {
    url: String,
}

pub(super) fn remove_object(request: &Request<'_>) -> Result<Value> {
    let NamedObject { url } = request.input(&["Url"])?;
    request.service.backend.remove_object(&url)?;
    Ok(json!({ "Url": url }))
}

pub(super) fn deny_object(request: &Request<'_>) -> Result<Value> {
    let NamedObject { url } = request.input(&["Url"])?;
    request.service.backend.deny_object(&url)?;
    Ok(json!({ "Url": url }))
}
