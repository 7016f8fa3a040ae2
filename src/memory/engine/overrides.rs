//! Which baseline a run goes by, what a SnapshotId freezes of it, and which list overrides what a run
//! installs.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Engine;
use super::run::Refusal;
use crate::baseline::{BaselineSpec, PatchBaseline};
use crate::memory::store::commands::{Parameters, PolicyRun};
use crate::memory::store::fleet::Node;
use crate::memory::store::later;
use crate::memory::store::objects::{ObjectStore, Unreadable};
use crate::operation::{BaselineOverride, InstallOverrideList};
use crate::types::{
    BaselineId, OperatingSystem, OsFamily, PatchOperation, SnapshotId, without_query,
};

/// The URLs of the files that a run reads. The exit codes are those of the document's payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overrides<'a> {
    pub(super) baseline: Option<&'a str>,
    pub(super) install: Option<&'a str>,
    /// The file of a policy, whose content is not one of the objects.
    of_policy: Option<&'a str>,
}

impl<'a> Overrides<'a> {
    /// Those of a run. A scan reads no list.
    pub(super) fn of(
        parameters: &'a Parameters,
        policy: Option<&PolicyRun>,
    ) -> Result<Self, Refusal> {
        let installs = parameters.operation == PatchOperation::Install;
        let baseline = parameters.baseline_override.as_deref();
        let install = parameters.install_override.as_deref();
        let overrides = Self {
            baseline: baseline.filter(|_| policy.is_none()),
            install: install.filter(|_| installs),
            of_policy: baseline.filter(|_| policy.is_some()),
        };
        if overrides.baseline.is_some() && overrides.install.is_some() {
            let message = "BaselineOverride and InstallOverrideList cannot be given together";
            return Err(Refusal::new(167, message));
        }
        Ok(overrides)
    }

    /// The list that decides what is installed, if there is one.
    pub(super) fn install_list(
        self,
        objects: &ObjectStore,
        os: &OperatingSystem,
    ) -> Result<Option<InstallOverrideList>, Refusal> {
        let Some(url) = self.install else {
            return Ok(None);
        };
        let content = download(objects, "InstallOverrideList", url, os)?;
        match InstallOverrideList::read(content) {
            Ok(list) => Ok(Some(list)),
            Err(error) => Err(Refusal::new(1, format!("InstallOverrideList: {error}"))),
        }
    }

    /// The baseline in the override file for an operating system, if there is such a file.
    pub(super) fn baseline(
        self,
        objects: &ObjectStore,
        os: &OperatingSystem,
    ) -> Result<Option<PatchBaseline>, Refusal> {
        if let Some(url) = self.of_policy.filter(|url| objects.is_denied(url)) {
            return Err(access_denied("BaselineOverride", url, os));
        }
        let Some(url) = self.baseline else {
            return Ok(None);
        };
        let refused = |code, message: &str| {
            Err(Refusal::new(
                code,
                format!("BaselineOverride: {}: {message}", without_query(url)),
            ))
        };
        let content = download(objects, "BaselineOverride", url, os)?;
        let file = match BaselineOverride::read(content) {
            Ok(file) => file,
            Err(error) => return refused(161, &error.to_string()),
        };
        let systems = file.baselines.iter().map(BaselineSpec::operating_system);
        if let Some(unknown) = { systems }.find(|system| !system.is_known()) {
            return refused(166, &format!("{unknown} is not supported"));
        }
        let mut of_system = file.of_system(os);
        match (of_system.next(), of_system.next()) {
            (Some(spec), None) => Ok(Some(PatchBaseline::from_spec(BaselineId::new(""), spec))),
            (Some(_), Some(_)) => refused(165, &format!("several baselines for {os}")),
            (None, _) => refused(163, &format!("no baseline for {os}")),
        }
    }
}

fn download<'a>(
    objects: &'a ObjectStore,
    name: &str,
    url: &str,
    os: &OperatingSystem,
) -> Result<&'a [u8], Refusal> {
    objects.get(url).map_err(|error| match error {
        Unreadable::Denied => access_denied(name, url, os),
        Unreadable::Missing => {
            let url = without_query(url);
            let message = format!(
                "{name}: {url} cannot be downloaded: this backend has no network, and put_object has put no such file"
            );
            Refusal::new(162, message)
        }
    })
}

/// Exit code 160; on Windows the script just ends with an error (User Guide, troubleshooting Patch Manager).
fn access_denied(name: &str, url: &str, os: &OperatingSystem) -> Refusal {
    let code = match os.family() {
        OsFamily::Windows => -1,
        _ => 160,
    };
    let url = without_query(url);
    Refusal::new(code, format!("{name}: {url}: access denied"))
}

fn no_baseline(os: &OperatingSystem) -> Refusal {
    Refusal::new(146, format!("there is no patch baseline for {os}"))
}

impl Engine {
    /// The baseline that a run without an override file has now: that of the policy, or the one of the
    /// node's group, or the default.
    pub(super) fn baseline_for(
        &self,
        node: &Node,
        policy: Option<&PolicyRun>,
    ) -> Result<Arc<PatchBaseline>, Refusal> {
        let os = &node.facts.operating_system;
        let baseline = match policy {
            Some(run) => self.baseline_of_policy(os, run)?,
            None => {
                let registered = self.state.baselines.for_node(node.group(), os);
                registered.ok_or_else(|| no_baseline(os))?
            }
        };
        Ok(Arc::new(baseline.clone()))
    }

    fn baseline_of_policy<'a>(
        &'a self,
        os: &OperatingSystem,
        run: &'a PolicyRun,
    ) -> Result<&'a PatchBaseline, Refusal> {
        // Without any selection it says PatchBaselineUseDefault=default. Whether AWS then fills the
        // file in is not known; that it does is the milder reading.
        if run.baselines.is_empty() {
            let predefined = self.state.baselines.predefined_for(os);
            return predefined.ok_or_else(|| no_baseline(os));
        }
        let (selected, copy) = (run.baselines.get(os.as_str()), run.copies.get(os.as_str()));
        match (selected, copy) {
            (Some(_), Some(copy)) if copy.operating_system == *os => Ok(copy),
            (Some(selected), None) => {
                let (id, label, arn) = (&selected.value, &selected.label, &run.policy);
                let message = format!(
                    "the patch baseline {id} ({label}) of the policy {arn} for {os} was deleted"
                );
                Err(Refusal::new(1, message))
            }
            // The node's payload ends with BASELINE_OVERRIDE_MISSING_OS where the file has no
            // element for its system (AWS-RunPatchBaseline, baseline_override.py).
            _ => {
                let message = format!(
                    "the baseline override of the policy {} has no baseline for {os}",
                    run.policy
                );
                Err(Refusal::new(163, message))
            }
        }
    }
}

/// How long a snapshot can be asked for again; after that its id makes a new one (User Guide,
/// GetDeployablePatchSnapshotForInstance).
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What one snapshot is for. Of one id there is one for each patch group and operating system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SnapshotKey {
    pub(super) id: SnapshotId,
    pub(super) group: String,
    pub(super) os: OperatingSystem,
}

/// The baseline as it was when an id was first used.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) baseline: Arc<PatchBaseline>,
    made: Timestamp,
}

impl Snapshot {
    /// The instant at which a run under the id judges patches.
    ///
    /// For Windows the service decides, so the snapshot holds the approved patches. The list is empty
    /// for other systems: their nodes apply the rules to the repositories that they have, and count
    /// delays to their own present (node code).
    pub(super) fn judges_at(&self, now: Timestamp) -> Timestamp {
        match self.baseline.operating_system.family() {
            OsFamily::Windows => self.made,
            _ => now,
        }
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        now < later(self.made, KEPT)
    }
}

/// The snapshots that can be asked for again.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshots {
    known: HashMap<SnapshotKey, Snapshot>,
    oldest_first: VecDeque<SnapshotKey>,
}

impl Snapshots {
    pub(super) fn get(&self, key: &SnapshotKey, now: Timestamp) -> Option<Snapshot> {
        let known = self.known.get(key);
        known.filter(|snapshot| snapshot.is_kept(now)).cloned()
    }

    /// Stores a snapshot that is not known, and forgets those that are too old.
    pub(super) fn add(&mut self, key: SnapshotKey, baseline: Arc<PatchBaseline>, now: Timestamp) {
        while let Some(oldest) = self.oldest_first.front()
            && self.known.get(oldest).is_none_or(|one| !one.is_kept(now))
        {
            self.known.remove(oldest);
            self.oldest_first.pop_front();
        }
        let made = now;
        self.known.insert(key.clone(), Snapshot { baseline, made });
        self.oldest_first.push_back(key);
    }
}
