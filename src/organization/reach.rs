//! Which nodes of an organization a report or a run has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::automation::{LocationOutcome, OrganizationOutcome};
use crate::compliance::ComplianceReport;
use crate::types::{Node, NodeId};

/// How many nodes of an account and Region `Display` names.
const MOST_NAMED: usize = 5;

/// Which nodes of a listing a report or a run has reached, by account and Region. `Display` prints a line for
/// each account and Region with a node that it has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeReach {
    /// The accounts and Regions of the listing, in order.
    pub locations: Vec<LocationReach>,
}

/// Which nodes of an account and Region were reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LocationReach {
    /// The account's 12 digits; empty if the listing does not say it.
    pub account: String,
    /// The Region; empty if the listing does not say it.
    pub region: String,
    /// The number of nodes in the listing.
    pub listed: usize,
    /// The nodes that were not reached, in the order of the listing.
    pub unreached: Vec<Node>,
    /// Why nothing there was reached, or not everything, as far as the report or run says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl NodeReach {
    /// Which of these nodes a compliance report has.
    ///
    /// A source that is named `account/region`, as `AccountManagers::fleet_sweep` names its sources, stands for
    /// this account and Region only. A node of any other source, or of a report with a single source, counts
    /// wherever the listing has its id.
    pub fn of_report<'n>(
        nodes: impl IntoIterator<Item = &'n Node>,
        report: &ComplianceReport,
    ) -> Self {
        let sources = report.nodes.iter();
        let seen = sources.map(|node| (located(&node.source), node.node.as_str()));
        let seen: BTreeSet<(Option<(&str, &str)>, &str)> = seen.collect();
        let has = |account: &str, region: &str, id: &str| {
            seen.contains(&(Some((account, region)), id)) || seen.contains(&(None, id))
        };
        let reason = |account: &str, region: &str| {
            let is_here =
                |source: &str| source == account || located(source) == Some((account, region));
            let mut failures = report.failures.iter();
            let failure = failures.find(|failure| is_here(&failure.source));
            failure.map(|failure| failure.error.clone())
        };
        Self::of(nodes, has, reason)
    }

    /// Which of these nodes a run in the organization has: those of an outcome that was read with its nodes,
    /// as [`wait_with_nodes`](crate::manager::OrganizationRun::wait_with_nodes) returns it.
    pub fn of_outcome<'n>(
        nodes: impl IntoIterator<Item = &'n Node>,
        outcome: &OrganizationOutcome,
    ) -> Self {
        let seen = outcome.nodes();
        let seen = seen.map(|(at, node)| ((&*at.account, &*at.region), node.node.as_str()));
        let seen: BTreeSet<((&str, &str), &str)> = seen.collect();
        let has = |account: &str, region: &str, id: &str| seen.contains(&((account, region), id));
        let reason = |account: &str, region: &str| match outcome.location(account, region) {
            None => Some("not part of the run".to_owned()),
            Some(location) => why(location),
        };
        Self::of(nodes, has, reason)
    }

    fn of<'n>(
        nodes: impl IntoIterator<Item = &'n Node>,
        has: impl Fn(&str, &str, &str) -> bool,
        reason: impl Fn(&str, &str) -> Option<String>,
    ) -> Self {
        let mut locations: BTreeMap<(&str, &str), LocationReach> = BTreeMap::new();
        for node in nodes {
            let account = node.account_id().unwrap_or_default();
            let region = node.region.as_deref().unwrap_or_default();
            let location = locations.entry((account, region));
            let location = location.or_insert_with(|| LocationReach {
                account: account.to_owned(),
                region: region.to_owned(),
                listed: 0,
                unreached: Vec::new(),
                reason: None,
            });
            location.listed += 1;
            let id = node.id.as_ref().map_or("", NodeId::as_str);
            if !has(account, region, id) {
                location.unreached.push(node.clone());
            }
        }
        let locations = locations.into_values().map(|mut location| {
            if !location.unreached.is_empty() {
                location.reason = reason(&location.account, &location.region);
            }
            location
        });
        Self {
            locations: locations.collect(),
        }
    }

    /// The nodes that were not reached, by account and Region.
    pub fn unreached(&self) -> impl Iterator<Item = &Node> {
        self.locations.iter().flat_map(|one| &one.unreached)
    }

    /// Whether every node of the listing was reached.
    pub fn is_complete(&self) -> bool {
        self.unreached().next().is_none()
    }
}

/// The account and Region of a source that is named `account/region`.
fn located(source: &str) -> Option<(&str, &str)> {
    let (account, region) = source.split_once('/')?;
    let is_location = crate::types::is_account(account) && crate::types::is_region(region);
    is_location.then_some((account, region))
}

/// Why a run did not reach every node of an account and Region.
fn why(location: &LocationOutcome) -> Option<String> {
    let error = location.read_error.as_ref().map(ToString::to_string);
    let failure = location.failure_message.clone();
    let unread = || match &location.run {
        Some(_) => None,
        None => Some("the nodes of the run were not read".to_owned()),
    };
    error.or(failure).or_else(unread)
}

/// Such as `222222222222/eu-west-1: 1 of 3 nodes not reached: i-0123456789abcdef0 (the account was not entered)`.
impl fmt::Display for LocationReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            account,
            region,
            listed,
            unreached,
            reason,
        } = self;
        let count = unreached.len();
        write!(
            f,
            "{account}/{region}: {count} of {listed} nodes not reached"
        )?;
        let ids = unreached.iter().flat_map(|node| &node.id);
        for (place, id) in ids.take(MOST_NAMED).enumerate() {
            let before = if place == 0 { ": " } else { ", " };
            write!(f, "{before}{id}")?;
        }
        if count > MOST_NAMED {
            write!(f, " and {} more", count - MOST_NAMED)?;
        }
        match reason {
            Some(reason) => write!(f, " ({reason})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for NodeReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partly = self
            .locations
            .iter()
            .filter(|one| !one.unreached.is_empty());
        for (place, location) in partly.enumerate() {
            let before = if place == 0 { "" } else { "\n" };
            write!(f, "{before}{location}")?;
        }
        match self.is_complete() {
            true => {
                let listed: usize = self.locations.iter().map(|one| one.listed).sum();
                write!(f, "all {listed} nodes reached")
            }
            false => Ok(()),
        }
    }
}
