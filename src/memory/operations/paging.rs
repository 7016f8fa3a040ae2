//! Pages as the service cuts them, and which row of a listing is which, so that a page token can name
//! the row that comes next.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::check;
use crate::automation::{AccountSharingInfo, DocumentIdentifier, StepExecution};
use crate::backend::Operation;
use crate::baseline::PatchBaselineIdentity;
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::group::PatchGroupMapping;
use crate::memory::store::State;
use crate::memory::store::automation::ExecutionRecord;
use crate::operation::Command;
use crate::page::{Page, PageRequest, PageToken};
use crate::resource_data_sync::ResourceDataSyncItem;
use crate::schedule::association::{
    Association, AssociationExecution, AssociationExecutionTarget, AssociationVersionInfo,
    InstanceAssociation, InstanceAssociationStatusInfo,
};
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget, MaintenanceWindowTask,
    ScheduledWindowExecution,
};
use crate::schedule::{PatchPolicyState, PolicyConfigurationSummary};
use crate::types::{EffectivePatch, Patch, RouteTable, SecurityGroup, Subnet, VpcEndpoint};

/// How large a page of an operation may be, and how large it is if nothing is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    min: u32,
    max: u32,
    default: u32,
}

impl Bounds {
    /// Those of the listings of baselines, groups and patches. The default is our choice; the model
    /// names none.
    pub(super) const TO_100: Self = Self::new(1, 100, 50);

    /// Those of the accounts that a document is shared with.
    pub(super) const TO_200: Self = Self::new(1, 200, 200);

    /// Those of patch properties, compliance and commands.
    pub(super) const TO_50: Self = Self::new(1, 50, 50);

    pub(crate) const fn new(min: u32, max: u32, default: u32) -> Self {
        Self { min, max, default }
    }
}

/// Cuts a page out of a listing that can begin anywhere, so that it costs what is on it, however
/// much comes before and after.
///
/// `rows` lists from a place on, or from the beginning; `place` is where a row is. `listing_key` is
/// whatever tells this listing from others of the operation: its filters. A token of another listing
/// is refused, as is a page size out of bounds.
pub(super) fn page_from<T, I: Iterator<Item = T>>(
    rows: impl FnOnce(Option<&str>) -> I,
    place: impl Fn(&T) -> String,
    request: &PageRequest,
    operation: Operation,
    bounds: Bounds,
    listing_key: &str,
    cap: Option<u32>,
) -> Result<Page<T>> {
    let asked = request.max_results.unwrap_or(bounds.default);
    if !(bounds.min..=bounds.max).contains(&asked) {
        return Err(check::refused(
            operation,
            format!(
                "Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must have value between {} and {}",
                bounds.min, bounds.max
            ),
        ));
    }
    let size = cap.map_or(asked, |cap| asked.min(cap.max(1))) as usize;
    let from = match &request.next_token {
        None => None,
        Some(token) => {
            let from = unsealed(token, operation, listing_key);
            Some(from.ok_or_else(|| check::bad_token(operation))?)
        }
    };
    let mut rows = rows(from);
    let items = rows.by_ref().take(size).collect();
    let next = rows.next();
    let next = next.map(|row| token(&place(&row), operation, listing_key));
    Ok(Page::new(items, next))
}

/// The place, sealed with the listing it belongs to.
fn token(place: &str, operation: Operation, listing_key: &str) -> PageToken {
    let seal = seal(place, operation, listing_key);
    PageToken::new(format!("{place}.{seal:016x}"))
}

fn unsealed<'a>(token: &'a PageToken, operation: Operation, listing_key: &str) -> Option<&'a str> {
    let (place, mark) = token.as_str().rsplit_once('.')?;
    let mark = u64::from_str_radix(mark, 16).ok()?;
    (mark == seal(place, operation, listing_key)).then_some(place)
}

fn seal(place: &str, operation: Operation, listing_key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (place, operation, listing_key).hash(&mut hasher);
    hasher.finish()
}

/// Where the row of a token is now, in a listing that `rows` gives from a number on.
fn start<T: Row, I: Iterator<Item = T>>(rows: impl Fn(usize) -> I, place: &str) -> Option<usize> {
    let (number, identity) = place.split_once('-')?;
    let number = usize::from_str_radix(number, 16).ok()?;
    let identity = u64::from_str_radix(identity, 16).ok()?;
    let is_meant = |row: T| row.identity() == identity;
    if rows(number).next().is_some_and(is_meant) {
        return Some(number);
    }
    Some(rows(0).position(is_meant).unwrap_or(number))
}

/// The rows that pass, from a number on. If all of them do, `rows` leaves out those before it; otherwise each
/// has to be looked at.
pub(super) fn passing<T, I: Iterator<Item = T>>(
    rows: impl Fn(usize) -> I,
    all_pass: bool,
    passes: impl Fn(&T) -> bool,
    from: usize,
) -> impl Iterator<Item = T> {
    let (of_all, of_passing) = if all_pass { (from, 0) } else { (0, from) };
    rows(of_all).filter(passes).skip(of_passing)
}

fn place<T: Row>((number, row): &(usize, T)) -> String {
    format!("{number:x}-{:x}", row.identity())
}

impl State {
    /// Cuts the page that is asked for, no larger than the backend's cap; see [`page_from`].
    ///
    /// A token names the row that comes next, and where it was: rows that went or came before it
    /// neither hide others nor show any twice. If the row itself is gone, the place counts.
    pub(super) fn page<T: Row>(
        &self,
        items: Vec<T>,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let rows = |from: Option<&str>| {
            let start = from.and_then(|from| start(|number| items.iter().skip(number), from));
            let start = start.unwrap_or_default();
            items.into_iter().enumerate().skip(start)
        };
        self.page_of_numbered(rows, request, operation, bounds, listing_key)
    }

    /// The same, but only the rows of the page are made: `rows` lists them from a number on.
    pub(super) fn page_of_rows<T: Row, I: Iterator<Item = T>>(
        &self,
        rows: impl Fn(usize) -> I,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let numbered = |from: Option<&str>| {
            let start = from.and_then(|from| start(&rows, from));
            let start = start.unwrap_or_default();
            (start..).zip(rows(start))
        };
        self.page_of_numbered(numbered, request, operation, bounds, listing_key)
    }

    fn page_of_numbered<T: Row, I: Iterator<Item = (usize, T)>>(
        &self,
        rows: impl FnOnce(Option<&str>) -> I,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let page = self.page_from(rows, place, request, operation, bounds, listing_key)?;
        let items = page.items.into_iter().map(|(_, row)| row).collect();
        Ok(Page::new(items, page.next_token))
    }

    /// Cuts the page that is asked for out of a listing that can begin anywhere, no larger than
    /// the backend's cap; see [`page_from`].
    pub(super) fn page_from<T, I: Iterator<Item = T>>(
        &self,
        rows: impl FnOnce(Option<&str>) -> I,
        place: impl Fn(&T) -> String,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let cap = self.page_size_cap;
        page_from(rows, place, request, operation, bounds, listing_key, cap)
    }
}

/// A row of a listing.
pub(super) trait Row {
    /// What tells the row from the others, whatever else of it changes between two pages.
    fn identity(&self) -> u64;
}

impl<T: Row> Row for &T {
    fn identity(&self) -> u64 {
        T::identity(self)
    }
}

pub(super) fn hash(members: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    members.hash(&mut hasher);
    hasher.finish()
}

macro_rules! rows {
    ($( $row:ty: $( $member:ident $(. $inner:ident)? ),*; )+) => { $(
        impl Row for $row {
            fn identity(&self) -> u64 {
                hash(($( &self.$member $(. $inner)?, )*))
            }
        }
    )+ };
}

rows! {
    AccountSharingInfo: account_id;
    ExecutionRecord: execution.automation_execution_id;
    DocumentIdentifier: name;
    StepExecution: step_name;
    Association: association_id, name, instance_id;
    AssociationExecution: association_id, execution_id;
    AssociationExecutionTarget: execution_id, resource_id;
    AssociationVersionInfo: association_id, association_version;
    Command: command_id;
    ComplianceItem: resource_id, compliance_type, id, title;
    ComplianceSummaryItem: compliance_type;
    InstanceAssociation: association_id;
    InstanceAssociationStatusInfo: association_id;
    InstancePatchState: instance_id;
    MaintenanceWindowExecution: window_execution_id;
    MaintenanceWindowExecutionTaskIdentity: task_execution_id;
    MaintenanceWindowExecutionTaskInvocation: invocation_id;
    MaintenanceWindowIdentity: window_id;
    MaintenanceWindowIdentityForTarget: window_id;
    MaintenanceWindowTarget: window_target_id;
    MaintenanceWindowTask: window_task_id;
    PatchBaselineIdentity: baseline_id;
    PatchComplianceData: kb_id, title;
    PatchGroupMapping: patch_group, baseline_identity.baseline_id;
    PatchPolicyState: arn;
    PolicyConfigurationSummary: id;
    ResourceComplianceSummaryItem: resource_id, compliance_type;
    ResourceDataSyncItem: sync_name;
    RouteTable: route_table_id;
    ScheduledWindowExecution: window_id, execution_time;
    SecurityGroup: group_id;
    Subnet: subnet_id;
    VpcEndpoint: vpc_endpoint_id;
}

/// The catalog does not change between two pages, so a row's place is enough.
macro_rules! fixed {
    ($( $row:ty ),+) => { $(
        impl Row for $row {
            fn identity(&self) -> u64 {
                0
            }
        }
    )+ };
}

fixed!(Patch, EffectivePatch, BTreeMap<String, String>);
