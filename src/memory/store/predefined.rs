//! The baselines that AWS predefines.
//!
//! Everything is as GetPatchBaseline answered in us-east-1 in December 2025. In every other Region
//! the rules are the same, and ids and the owning account are made up, always the same ones for a
//! Region.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey as Key,
};
use crate::types::{BaselineId, OperatingSystem as Os, PatchComplianceLevel};

const RECORDED_REGION: &str = "us-east-1";
const RECORDED_ACCOUNT: &str = "075727635805";

/// What the name of an operating system's default ends with; the other two of Windows end otherwise.
pub(super) const DEFAULT: &str = "DefaultPatchBaseline";

/// One predefined baseline: what is its own.
struct Predefined {
    os: Os,
    name: &'static str,
    id: &'static str,
    created: &'static str,
    approves: Approves,
    description: &'static str,
}

/// What a predefined baseline approves, after seven days.
#[derive(Clone, Copy)]
enum Approves {
    /// Critical and important security notices, and every bug fix.
    SecurityAndBugfix,
    /// Critical and important security notices.
    Security,
    /// Moderate security notices and enhancements as well.
    OracleLinux,
    /// Everything, notices or not.
    Everything,
    /// Security updates of every apt priority.
    EveryPriority,
    /// Whatever the four package managers of macOS bring.
    Macos,
    /// Critical and security updates of Windows, without a word about the patch set.
    Windows,
    /// The same with the patch set.
    WindowsOs,
    /// The same, and all updates of Microsoft's applications.
    WindowsAndApplications,
}

#[rustfmt::skip]
const ALL: [Predefined; 17] = [
    of(Os::AlmaLinux, "AWS-AlmaLinuxDefaultPatchBaseline", "pb-0cb0c4966f86b059b", "2023-03-14T17:08:36.790Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Alma Linux Provided by AWS."),
    of(Os::AmazonLinux, "AWS-AmazonLinuxDefaultPatchBaseline", "pb-0c10e657807c7a700", "2018-05-01T17:13:20.068Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Amazon Linux Provided by AWS."),
    of(Os::AmazonLinux2, "AWS-AmazonLinux2DefaultPatchBaseline", "pb-0be8c61cde3be63f3", "2018-06-21T09:27:05.252Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Amazon Linux 2 Provided by AWS."),
    of(Os::AmazonLinux2022, "AWS-AmazonLinux2022DefaultPatchBaseline", "pb-0028ca011460d5eaf", "2022-08-09T17:18:10.147Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Amazon Linux 2022 Provided by AWS."),
    of(Os::AmazonLinux2023, "AWS-AmazonLinux2023DefaultPatchBaseline", "pb-05c9c9bf778d4c4d0", "2023-03-14T17:08:36.790Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Amazon Linux 2023 Provided by AWS."),
    of(Os::Centos, "AWS-CentOSDefaultPatchBaseline", "pb-03e3f588eec25344c", "2018-03-29T17:38:12.515Z", Approves::Everything, "Default Patch Baseline for CentOS Provided by AWS."),
    of(Os::Debian, "AWS-DebianDefaultPatchBaseline", "pb-09a5f8eb62bde80b1", "2020-05-05T16:20:30.388Z", Approves::EveryPriority, "Default Patch Baseline for Debian Provided by AWS."),
    of(Os::Macos, "AWS-MacOSDefaultPatchBaseline", "pb-0ee4f94581368c0d4", "2020-04-17T02:52:57.992Z", Approves::Macos, "Default Patch Baseline for MacOS Provided by AWS."),
    of(Os::OracleLinux, "AWS-OracleLinuxDefaultPatchBaseline", "pb-06bff38e95fe85c02", "2025-12-10T17:35:09.340Z", Approves::OracleLinux, "Default Patch Baseline for Oracle Linux Server Provided by AWS."),
    of(Os::Raspbian, "AWS-RaspbianDefaultPatchBaseline", "pb-0ec16280999c5c75e", "2021-07-21T19:19:22.080Z", Approves::EveryPriority, "Default Patch Baseline for Raspbian Provided by AWS."),
    of(Os::RedhatEnterpriseLinux, "AWS-RedHatDefaultPatchBaseline", "pb-0cbb3a633de00f07c", "2018-05-01T17:13:20.068Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Redhat Enterprise Linux Provided by AWS."),
    of(Os::RockyLinux, "AWS-RockyLinuxDefaultPatchBaseline", "pb-03ec98bc512aa3ac0", "2022-03-14T20:17:22.806Z", Approves::SecurityAndBugfix, "Default Patch Baseline for Rocky Linux Provided by AWS."),
    of(Os::Suse, "AWS-SuseDefaultPatchBaseline", "pb-07d8884178197b66b", "2018-05-01T17:13:20.069Z", Approves::Security, "Default Patch Baseline for Suse Provided by AWS."),
    of(Os::Ubuntu, "AWS-UbuntuDefaultPatchBaseline", "pb-0c7e89f711c3095f4", "2018-05-01T17:13:20.068Z", Approves::EveryPriority, "Default Patch Baseline for Ubuntu Provided by AWS."),
    of(Os::Windows, "AWS-DefaultPatchBaseline", "pb-09ca3fb51f0412ec3", "2018-05-01T17:13:20.068Z", Approves::Windows, "Default Patch Baseline Provided by AWS."),
    of(Os::Windows, "AWS-WindowsPredefinedPatchBaseline-OS", "pb-096d816473f2bdb03", "2019-05-07T18:32:23.887Z", Approves::WindowsOs, "Approves all Windows Server operating system patches that are classified as CriticalUpdates or SecurityUpdates and that have an MSRC severity of Critical or Important. Patches are auto-approved seven days after release."),
    of(Os::Windows, "AWS-WindowsPredefinedPatchBaseline-OS-Applications", "pb-0fafa8379afee7c83", "2019-05-07T18:32:23.887Z", Approves::WindowsAndApplications, "For the Windows Server operating system, approves all patches that are classified as CriticalUpdates or SecurityUpdates and that have an MSRC severity of Critical or Important. For Microsoft applications, approves all patches. Patches are auto-approved seven days after release."),
];

const fn of(
    os: Os,
    name: &'static str,
    id: &'static str,
    created: &'static str,
    approves: Approves,
    description: &'static str,
) -> Predefined {
    Predefined {
        os,
        name,
        id,
        created,
        approves,
        description,
    }
}

/// The predefined baselines of a Region, by id, as DescribePatchBaselines lists them.
pub(super) fn baselines(region: &str) -> Vec<PatchBaseline> {
    let recorded = region == RECORDED_REGION;
    let account = if recorded {
        RECORDED_ACCOUNT.to_owned()
    } else {
        format!("{:012}", made_up(region, "account") % 1_000_000_000_000)
    };
    let baseline = |predefined: &Predefined| {
        let id = if recorded {
            predefined.id.to_owned()
        } else {
            format!("pb-0{:016x}", made_up(region, predefined.name))
        };
        let arn = format!("arn:aws:ssm:{region}:{account}:patchbaseline/{id}");
        let mut baseline = PatchBaseline::from_spec(BaselineId::new(arn), &predefined.spec());
        baseline.created_date = predefined.created.parse().ok();
        baseline.modified_date = baseline.created_date;
        baseline
    };
    let mut baselines: Vec<_> = ALL.iter().map(baseline).collect();
    baselines.sort_by(|a, b| a.baseline_id.cmp(&b.baseline_id));
    baselines
}

fn made_up(region: &str, what: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (region, what).hash(&mut hasher);
    hasher.finish()
}

impl Predefined {
    fn spec(&self) -> BaselineSpec {
        let mut spec = BaselineSpec::new(self.name, self.os.clone());
        spec.description = Some(self.description.to_owned());
        let rules = self.approves.rules().into_iter();
        let everything = matches!(self.approves, Approves::Everything);
        if !everything {
            spec.global_filters = group(vec![(Key::Product, &["*"] as Values)]);
        }
        let rules = rules.map(|filters| {
            let mut rule = ApprovalRule::new(group(filters), Approval::AfterDays(7));
            rule.compliance_level = Some(PatchComplianceLevel::Unspecified);
            rule.enable_non_security = Some(everything);
            rule
        });
        spec.approval_rules = ApprovalRules::new(rules.collect());
        spec
    }
}

type Values = &'static [&'static str];
type Filter = (Key, Values);

fn group(filters: Vec<Filter>) -> PatchFilterGroup {
    let filters = filters.into_iter();
    let filters = filters.map(|(key, values)| PatchFilter::new(key, values.iter().copied()));
    PatchFilterGroup::new(filters.collect())
}

impl Approves {
    /// The filters of each rule.
    fn rules(self) -> Vec<Vec<Filter>> {
        const PRIORITIES: Values = &["Required", "Important", "Standard", "Optional", "Extra"];
        const MANAGERS: Values = &["softwareupdate", "installer", "brew", "brew_cask"];
        let classified = |classes: Values| vec![(Key::Classification, classes)];
        let security = |severities: Values| {
            vec![
                (Key::Classification, &["Security"] as Values),
                (Key::Severity, severities),
            ]
        };
        let windows = vec![
            (
                Key::Classification,
                &["CriticalUpdates", "SecurityUpdates"] as Values,
            ),
            (Key::MsrcSeverity, &["Critical", "Important"] as Values),
        ];
        let patch_set = |set: Values| vec![(Key::PatchSet, set)];
        let windows_os = || [patch_set(&["OS"]), windows.clone()].concat();
        match self {
            Self::SecurityAndBugfix => vec![
                security(&["Critical", "Important"]),
                classified(&["Bugfix"]),
            ],
            Self::Security => vec![security(&["Critical", "Important"])],
            Self::OracleLinux => vec![
                security(&["Critical", "Important", "Moderate"]),
                classified(&["Enhancement", "Bugfix"]),
            ],
            Self::Everything => vec![vec![(Key::Product, &["*"])]],
            Self::EveryPriority => vec![vec![(Key::Priority, PRIORITIES)]],
            Self::Macos => vec![classified(MANAGERS)],
            Self::Windows => vec![windows],
            Self::WindowsOs => vec![windows_os()],
            Self::WindowsAndApplications => vec![windows_os(), patch_set(&["APPLICATION"])],
        }
    }
}
