use jiff::{SignedDuration, Timestamp};

use super::delay::{Age, Dates, Due};
use super::list::{Candidate, EntryList};
use super::matching::{self, FilterGroup, FilterTable};
use super::names::Forms;
use super::verdict::{ApprovalDecision, ApprovalVerdict, ApprovedBy, NotApprovedReason};
use crate::baseline::{ApprovalRule, PatchAction, PatchBaseline};
use crate::types::{OperatingSystem, OsFamily, Patch, PatchComplianceLevel};

static UNSPECIFIED: PatchComplianceLevel = PatchComplianceLevel::Unspecified;

/// A baseline made ready to judge many patches.
///
/// Its patterns are read, and its filters arranged, once. [`decide`](Self::decide) then allocates
/// nothing, and [`evaluate`](Self::evaluate) gives the reasons as well. Both judge as
/// [`evaluate`](super::evaluate) does, which makes a baseline ready for a single patch.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::baseline::PatchBaseline;
/// use aws_patch_manager::baseline::approval::CompiledBaseline;
/// use aws_patch_manager::types::Patch;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let spec = BaselineBuilder::windows_critical_and_security("prod", 7)
///     .reject_patches(["KB5000001"])
///     .build()?;
/// let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
/// let compiled = CompiledBaseline::new(&baseline);
/// let at: Timestamp = "2026-06-01T00:00:00Z".parse()?;
/// let catalog: Vec<Patch> = vec![Patch::default()];
/// let approved = catalog.iter().filter(|patch| compiled.decide(patch, at).is_approved());
/// assert_eq!(approved.count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CompiledBaseline {
    os: OperatingSystem,
    forms: &'static Forms,
    rejected: EntryList,
    rejected_action: PatchAction,
    approved: EntryList,
    approved_level: PatchComplianceLevel,
    approved_non_security: bool,
    filters: FilterTable,
    global: FilterGroup,
    rules: Vec<CompiledRule>,
}

#[derive(Debug, Clone)]
struct CompiledRule {
    filters: FilterGroup,
    leaves_applications: bool,
    non_security: bool,
    level: PatchComplianceLevel,
    dates: Dates,
}

impl CompiledRule {
    fn new(rule: &ApprovalRule, os: &OperatingSystem, filters: FilterGroup) -> Self {
        Self {
            filters,
            leaves_applications: matching::leaves_applications(&rule.filters.patch_filters, os),
            non_security: rule.enable_non_security.unwrap_or_default(),
            level: rule.compliance_level.clone().unwrap_or_default(),
            dates: Dates::of(rule.approval, os),
        }
    }
}

impl CompiledBaseline {
    /// Makes a baseline ready.
    pub fn new(baseline: &PatchBaseline) -> Self {
        Self::compile(baseline, None)
    }

    /// Makes ready what concerns this patch alone.
    pub(super) fn for_patch(baseline: &PatchBaseline, patch: &Patch) -> Self {
        Self::compile(baseline, Some(patch))
    }

    fn compile(baseline: &PatchBaseline, only: Option<&Patch>) -> Self {
        let os = &baseline.operating_system;
        let forms = Forms::of(os);
        let mut candidate = only.map(|patch| Candidate::new(patch, forms));
        let mut concerns = |entry: &&String| {
            let candidate = candidate.as_mut();
            candidate.is_none_or(|candidate| candidate.may_be_meant(entry))
        };
        let rejected = baseline.rejected_patches.iter().filter(&mut concerns);
        let rejected = EntryList::rejected(rejected, os);
        let approved = baseline.approved_patches.iter().filter(&mut concerns);
        let approved = EntryList::approved(approved, os);
        let mut filters = FilterTable::default();
        let global = filters.add(&baseline.global_filters.patch_filters, os, only);
        let rules = baseline.approval_rules.patch_rules.iter();
        let rules = rules.map(|rule| {
            let filters = filters.add(&rule.filters.patch_filters, os, only);
            CompiledRule::new(rule, os, filters)
        });
        Self {
            os: os.clone(),
            forms,
            rejected,
            rejected_action: baseline.rejected_patches_action.clone(),
            approved,
            approved_level: baseline.approved_patches_compliance_level.clone(),
            approved_non_security: baseline.approved_patches_enable_non_security,
            global,
            rules: rules.collect(),
            filters,
        }
    }

    /// The verdict on a patch at an instant, with its reason.
    pub fn evaluate(&self, patch: &Patch, at: Timestamp) -> ApprovalVerdict {
        let mut reasons = Reasons::default();
        match self.judge(patch, at, &mut reasons) {
            ApprovalDecision::Approved { level, since } => ApprovalVerdict::Approved {
                level,
                since,
                by: reasons.by,
            },
            ApprovalDecision::Pending { rule, until, level } => {
                ApprovalVerdict::Pending { rule, until, level }
            }
            ApprovalDecision::Rejected { action } => ApprovalVerdict::Rejected {
                entry: reasons.rejected_by,
                action,
            },
            ApprovalDecision::NotApproved => ApprovalVerdict::NotApproved {
                reasons: match reasons.against {
                    none if none.is_empty() => vec![NotApprovedReason::NothingApproves],
                    reasons => reasons,
                },
            },
        }
    }

    /// The verdict on a patch at an instant, without its reason.
    ///
    /// It allocates nothing, unless a level or action is one that this version of the crate does not
    /// name, a filter asks for the epoch, or a name is not ASCII or longer than 256 bytes.
    pub fn decide(&self, patch: &Patch, at: Timestamp) -> ApprovalDecision {
        self.judge(patch, at, &mut NoReasons)
    }

    /// Until when, counted from an instant, a patch keeps its decision: to the end of the next delay, whose
    /// last instant does not approve yet.
    pub(crate) fn holds_until(&self, patch: &Patch, at: Timestamp) -> Timestamp {
        let age = Age::of(patch.release_date, at);
        let delays = self
            .rules
            .iter()
            .filter_map(|rule| match age.due(rule.dates) {
                Due::After(delay) => Some(age.end_of(delay)),
                Due::Since(_) | Due::Never => None,
            });
        delays.min().unwrap_or(Timestamp::MAX)
    }

    /// The one place that decides. The order is the service's: see [`evaluate`](super::evaluate).
    fn judge(&self, patch: &Patch, at: Timestamp, notes: &mut impl Notes) -> ApprovalDecision {
        let mut candidate = Candidate::new(patch, self.forms);
        if let Some(entry) = self.rejected.find(&mut candidate) {
            notes.rejected_by(entry);
            let action = self.rejected_action.clone();
            return ApprovalDecision::Rejected { action };
        }
        let yum = self.os.uses_yum(patch.product.as_deref());
        let secure = is_security(patch, &self.os, yum);
        let mut tally = Tally::default();
        if let Some(entry) = self.approved.find(&mut candidate) {
            if self.approved_non_security || secure {
                notes.approved_by(|| ApprovedBy::ListEntry(entry.to_owned()));
                tally.approve(&self.approved_level, None);
            } else {
                notes.refused(|| NotApprovedReason::ListedButNotSecurity(entry.to_owned()));
            }
        }
        let passed = self.filters.passed(patch, &self.os, yum);
        let age = Age::of(patch.release_date, at);
        if !passed.has_all(&self.global) {
            notes.refused(|| {
                let filter = passed.first_missing(&self.global).unwrap_or_default();
                NotApprovedReason::GlobalFilter(filter)
            });
            return tally.decision(age);
        }
        let application = self.os.family() == OsFamily::Windows && matching::is_application(patch);
        for (index, rule) in self.rules.iter().enumerate() {
            if !passed.has_all(&rule.filters) {
                notes.refused(|| NotApprovedReason::RuleFilter {
                    rule: index,
                    filter: passed.first_missing(&rule.filters).unwrap_or_default(),
                });
                continue;
            }
            let reason = if application && rule.leaves_applications {
                NotApprovedReason::NotOperatingSystem { rule: index }
            } else if !secure && !rule.non_security {
                NotApprovedReason::NotSecurity { rule: index }
            } else {
                match age.due(rule.dates) {
                    Due::Since(since) => {
                        notes.approved_by(|| ApprovedBy::Rule(index));
                        tally.approve(&rule.level, since);
                        continue;
                    }
                    Due::After(delay) => {
                        tally.wait(index, delay, &rule.level);
                        continue;
                    }
                    Due::Never => NotApprovedReason::AfterCutoff { rule: index },
                }
            };
            notes.refused(|| reason);
        }
        tally.decision(age)
    }
}

/// Takes down what speaks for and against a patch.
trait Notes {
    fn rejected_by(&mut self, entry: &str);
    fn approved_by(&mut self, by: impl FnOnce() -> ApprovedBy);
    fn refused(&mut self, reason: impl FnOnce() -> NotApprovedReason);
}

struct NoReasons;

impl Notes for NoReasons {
    fn rejected_by(&mut self, _: &str) {}
    fn approved_by(&mut self, _: impl FnOnce() -> ApprovedBy) {}
    fn refused(&mut self, _: impl FnOnce() -> NotApprovedReason) {}
}

#[derive(Default)]
struct Reasons {
    rejected_by: String,
    by: Vec<ApprovedBy>,
    against: Vec<NotApprovedReason>,
}

impl Notes for Reasons {
    fn rejected_by(&mut self, entry: &str) {
        entry.clone_into(&mut self.rejected_by);
    }

    fn approved_by(&mut self, by: impl FnOnce() -> ApprovedBy) {
        self.by.push(by());
    }

    fn refused(&mut self, reason: impl FnOnce() -> NotApprovedReason) {
        self.against.push(reason());
    }
}

/// The results of the list and the rules, before they are combined.
struct Tally<'a> {
    approved: bool,
    level: &'a PatchComplianceLevel,
    since: Option<SignedDuration>,
    undated: bool,
    pending: Option<(SignedDuration, usize, &'a PatchComplianceLevel)>,
}

impl Default for Tally<'_> {
    fn default() -> Self {
        Self {
            approved: false,
            level: &UNSPECIFIED,
            since: None,
            undated: false,
            pending: None,
        }
    }
}

impl<'a> Tally<'a> {
    fn approve(&mut self, level: &'a PatchComplianceLevel, since: Option<SignedDuration>) {
        self.approved = true;
        self.level = self.level.max(level);
        self.undated |= since.is_none();
        self.since = match (self.since, since) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn wait(&mut self, rule: usize, delay: SignedDuration, level: &'a PatchComplianceLevel) {
        self.pending = match self.pending {
            Some((earliest, ..)) if earliest < delay => return,
            Some((earliest, first, known)) if earliest == delay => {
                Some((earliest, first, known.max(level)))
            }
            _ => Some((delay, rule, level)),
        };
    }

    fn decision(self, age: Age) -> ApprovalDecision {
        if self.approved {
            let since = self.since.filter(|_| !self.undated);
            return ApprovalDecision::Approved {
                level: self.level.clone(),
                since: since.map(|delay| age.end_of(delay)),
            };
        }
        match self.pending {
            Some((delay, rule, level)) => ApprovalDecision::Pending {
                rule,
                until: age.end_of(delay),
                level: level.clone(),
            },
            None => ApprovalDecision::NotApproved,
        }
    }
}

/// Whether the patch passes the gate that `EnableNonSecurity` opens.
///
/// - yum: it stands in an update notice, hence has a classification, Bugfix included.
/// - dnf: its notice has a classification and a severity, which may be an empty text. The User Guide
///   (selecting patches) wants both on any rpm system; nodes with yum never asked for the severity,
///   so each tool counts as its nodes do.
/// - apt: it comes from a security archive, in any letter case.
/// - zypper, macOS and Windows have no gate.
fn is_security(patch: &Patch, os: &OperatingSystem, yum: bool) -> bool {
    match os.family() {
        OsFamily::Rpm => {
            let classification = patch.classification.as_deref();
            let in_notice = classification.is_some_and(|class| !class.is_empty());
            in_notice && (yum || patch.severity.is_some())
        }
        OsFamily::Apt => patch.is_of_security_archive(),
        _ => true,
    }
}
