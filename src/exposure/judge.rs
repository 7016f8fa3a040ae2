//! Judges what was read. It makes no call.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::answer::{Exposure, ExposureFix, ExposureState, FixRoute, NodeExposure};
use super::{ExposureQuery, linux, windows};
use crate::baseline::PatchBaseline;
use crate::baseline::approval::{ApprovalVerdict, PatchPreview, approvals};
use crate::compliance::{
    InstancePatchState, PatchComplianceData, PatchState, ReportFailure, UnknownReason,
};
use crate::memory::node_title;
use crate::plan::product_of;
use crate::types::{BaselineId, InstanceInformation, NodeId, OperatingSystem, OsFamily, Patch};

/// How far approvals are looked up: longer than any delay of a rule, which has 360 days at most.
const FORESEEN: SignedDuration = SignedDuration::from_hours(24 * 400);

/// An answer, or why there is none.
pub(crate) type Read<T> = std::result::Result<T, String>;

/// All that the answer depends on.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) nodes: Vec<NodeFacts>,
    pub(super) fixes: Fixes,
    pub(super) baselines: BTreeMap<BaselineId, Read<PatchBaseline>>,
    pub(super) failures: Vec<ReportFailure>,
}

/// The patches of the catalog that fix the CVEs.
#[derive(Debug, Default)]
pub(super) struct Fixes {
    /// For Linux, by product.
    pub(super) of_products: BTreeMap<String, Read<Vec<Patch>>>,
    /// The named updates of Windows that the catalog has.
    pub(super) updates: Vec<Patch>,
}

/// A node, and what it reported.
#[derive(Debug)]
pub(super) struct NodeFacts {
    pub(super) node: NodeId,
    pub(super) information: Option<Box<InstanceInformation>>,
    pub(super) state: Option<InstancePatchState>,
    /// Why its compliance is not known, by the query.
    pub(super) unknown: Option<UnknownReason>,
    pub(super) patches: Read<Vec<PatchComplianceData>>,
}

/// A node of a known product, as the rules of its system judge it.
pub(super) struct Subject<'a> {
    pub(super) os: &'a OperatingSystem,
    pub(super) product: &'a str,
    pub(super) facts: &'a NodeFacts,
    pub(super) all: &'a Facts,
    pub(super) query: &'a ExposureQuery,
}

/// What was found of a CVE on a node.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) fixes: Vec<ExposureFix>,
    /// Why it is not known.
    pub(super) unknown: Option<String>,
    /// Why it has no patch.
    pub(super) no_patch: Option<String>,
}

impl Facts {
    pub(super) fn judge(mut self, query: &ExposureQuery) -> Exposure {
        let mut answer = Exposure::new(query, self.now);
        answer.failures = std::mem::take(&mut self.failures);
        let nodes = self.nodes.iter();
        answer.nodes = nodes.map(|node| self.judge_node(query, node)).collect();
        answer.worst_first()
    }

    /// A baseline, whether or not both ids have the ARN.
    fn baseline(&self, id: &BaselineId) -> Option<&Read<PatchBaseline>> {
        let exact = self.baselines.get(id);
        exact.or_else(|| {
            let mut all = self.baselines.iter();
            let same = all.find(|(one, _)| one.short() == id.short());
            same.map(|(_, read)| read)
        })
    }

    /// Whether the answer for a node depends on its baseline.
    pub(super) fn needs_baseline(&self, query: &ExposureQuery, node: &NodeFacts) -> bool {
        let answer = self.judge_node(query, node);
        let mut fixes = answer.fixes.iter();
        fixes.any(|fix| fix.route == FixRoute::BaselineUnread)
    }

    pub(super) fn judge_node(&self, query: &ExposureQuery, node: &NodeFacts) -> NodeExposure {
        let known = node.information.as_deref().and_then(product_of);
        let state = node.state.as_ref();
        let name = node.information.as_ref();
        let name = name.and_then(|one| one.computer_name.clone().or_else(|| one.name.clone()));
        let mut answer = NodeExposure {
            source: String::new(),
            node: node.node.clone(),
            name: name.unwrap_or_default(),
            group: state.map_or_else(String::new, |state| state.patch_group.to_string()),
            product: known
                .as_ref()
                .map_or_else(String::new, |(_, product)| product.clone()),
            state: ExposureState::Unknown,
            reasons: Vec::new(),
            baseline: state.map(|state| state.baseline_id.clone()),
            last_operation: state.map(|state| state.operation_end_time),
            fixes: Vec::new(),
        };
        let unknown = match (&known, state, &node.patches) {
            (_, None, _) => {
                let never = UnknownReason::NeverScanned;
                Some(node.unknown.as_ref().unwrap_or(&never).to_string())
            }
            (None, _, _) => Some("its operating system is not known".to_owned()),
            (_, _, Err(error)) => Some(error.clone()),
            _ => None,
        };
        let Some((os, product)) = known.filter(|_| unknown.is_none()) else {
            answer.reasons.extend(unknown);
            return answer;
        };
        let subject = Subject {
            os: &os,
            product: &product,
            facts: node,
            all: self,
            query,
        };
        answer.state = ExposureState::NotExposed;
        for cve in query.cves() {
            answer.add(cve, subject.look_for(cve));
        }
        if let Some(unknown) = &node.unknown {
            answer.state = answer.state.min(ExposureState::Unknown);
            answer.reasons.push(unknown.to_string());
        }
        answer
            .fixes
            .sort_by(|one, other| (one.route, &one.cve).cmp(&(other.route, &other.cve)));
        answer
    }
}

impl NodeExposure {
    fn add(&mut self, cve: &str, found: Found) {
        let reboot = found.fixes.iter().all(|fix| fix.route == FixRoute::Reboot);
        let state = match (found.fixes.is_empty(), reboot) {
            (false, false) => ExposureState::Exposed,
            (false, true) => ExposureState::PendingReboot,
            _ if found.unknown.is_some() => ExposureState::Unknown,
            _ if found.no_patch.is_some() => ExposureState::NoPatch,
            _ => ExposureState::NotExposed,
        };
        self.state = self.state.min(state);
        let reasons = found.unknown.into_iter().chain(found.no_patch);
        self.reasons
            .extend(reasons.map(|reason| format!("{cve}: {reason}")));
        self.fixes.extend(found.fixes);
    }
}

impl<'a> Subject<'a> {
    fn look_for(&self, cve: &str) -> Found {
        let mut found = Found::default();
        // What the node itself says it misses counts on every system.
        for row in self.rows() {
            if is_missing(row) && names(row, cve) {
                found.fixes.push(self.missing(cve, row));
            }
        }
        match self.os.family() {
            OsFamily::Windows => windows::look_for(self, cve, &mut found),
            _ => linux::look_for(self, cve, &mut found),
        }
        found
    }

    pub(super) fn rows(&self) -> &'a [PatchComplianceData] {
        self.facts.patches.as_deref().unwrap_or_default()
    }

    /// The fix that a node reports as missing, so that its baseline approves it.
    pub(super) fn missing(&self, cve: &str, row: &PatchComplianceData) -> ExposureFix {
        let route = match row.state {
            PatchState::Failed => FixRoute::Failed,
            _ => FixRoute::Approved,
        };
        let fix = self.fix(cve, &row.kb_id, &row.title, route);
        self.scheduled(fix, self.all.now)
    }

    /// The fix that a node has, but not before its next boot.
    pub(super) fn rebooting(&self, cve: &str, row: &PatchComplianceData) -> ExposureFix {
        self.fix(cve, &row.kb_id, &row.title, FixRoute::Reboot)
    }

    /// The fix that a node lacks and does not report, by what its baseline makes of it.
    pub(super) fn unapproved(&self, cve: &str, patch: &Patch) -> ExposureFix {
        let title = match self.os.family() {
            OsFamily::Windows => patch.title.clone().unwrap_or_default(),
            family => node_title(family, patch),
        };
        let mut fix = self.fix(cve, &patch.kb_id(), &title, FixRoute::BaselineUnread);
        let baseline = match self.baseline() {
            Ok(baseline) => baseline,
            Err(error) => {
                fix.reasons.push(error);
                return fix;
            }
        };
        let now = self.all.now;
        let until = now.checked_add(FORESEEN).unwrap_or(Timestamp::MAX);
        let preview = approvals(baseline, std::slice::from_ref(patch), now..until);
        let Some(preview) = preview.patches.into_iter().next() else {
            return fix;
        };
        fix.route = route(&preview);
        fix.approved_at = preview.approved_at;
        match fix.route {
            FixRoute::NotApproved => fix.reasons = preview.reasons,
            FixRoute::Rejected => fix.reasons.push(preview.verdict.to_string()),
            FixRoute::Approved => return self.scheduled(fix, now),
            FixRoute::ApprovedLater => {
                let from = preview.approved_at.unwrap_or(now).max(now);
                return self.scheduled(fix, from);
            }
            _ => {}
        }
        fix
    }

    fn baseline(&self) -> Read<&PatchBaseline> {
        let state = self.facts.state.as_ref();
        let id = state.map(|state| &state.baseline_id);
        let read = id.and_then(|id| self.all.baseline(id));
        match read {
            Some(Ok(baseline)) => Ok(baseline),
            Some(Err(error)) => Err(error.clone()),
            None => Err("it was not among those read".to_owned()),
        }
    }

    fn fix(&self, cve: &str, patch: &str, title: &str, route: FixRoute) -> ExposureFix {
        ExposureFix {
            cve: cve.to_owned(),
            patch: patch.to_owned(),
            title: title.to_owned(),
            route,
            reasons: Vec::new(),
            approved_at: None,
            installed_at: None,
            days_open: None,
        }
    }

    /// The fix with its first install after an instant.
    fn scheduled(&self, mut fix: ExposureFix, after: Timestamp) -> ExposureFix {
        let baseline = self.facts.state.as_ref().map(|state| &state.baseline_id);
        fix.installed_at = self.query.install_after(&self.facts.node, baseline, after);
        fix.days_open = fix.installed_at.map(|at| {
            let seconds = at.duration_since(self.all.now).as_secs();
            let day = 24 * 3600;
            seconds.div_euclid(day) + i64::from(seconds.rem_euclid(day) > 0)
        });
        fix
    }
}

fn route(preview: &PatchPreview) -> FixRoute {
    match (&preview.verdict, preview.last_verdict()) {
        (ApprovalVerdict::Approved { .. }, _) => FixRoute::Approved,
        (ApprovalVerdict::Rejected { .. }, _) => FixRoute::Rejected,
        (_, ApprovalVerdict::Approved { .. }) => FixRoute::ApprovedLater,
        (ApprovalVerdict::Pending { .. }, _) => FixRoute::ApprovedLater,
        _ => FixRoute::NotApproved,
    }
}

/// Whether a row is of a patch that is approved and not installed.
pub(super) fn is_missing(row: &PatchComplianceData) -> bool {
    matches!(row.state, PatchState::Missing | PatchState::Failed)
}

/// Whether a row names a CVE.
pub(super) fn names(row: &PatchComplianceData, cve: &str) -> bool {
    let mut named = row.cve_ids.iter().flat_map(|ids| ids.split(','));
    named.any(|id| id.trim().eq_ignore_ascii_case(cve))
}
