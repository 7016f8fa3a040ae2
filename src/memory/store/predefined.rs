//! The baselines that AWS predefines.
//!
//! Names, descriptions, delays and what each approves are the User Guide's (page
//! `patch-manager-predefined-and-custom-patch-baselines`). The stored rules have been recorded for
//! Ubuntu alone; the others here are our reading of the guide's sentences. Ids and the owning
//! account are AWS's own for us-east-1, except for the two extra Windows baselines; for every other
//! Region they are made up, always the same ones for a Region.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey as Key,
};
use crate::types::{BaselineId, OperatingSystem as Os, PatchComplianceLevel};

const RECORDED_REGION: &str = "us-east-1";
const RECORDED_ACCOUNT: &str = "075727635805";

/// The account's defaults until it names others: the one baseline of each operating system.
struct Predefined {
    os: Os,
    name: &'static str,
    described: &'static str,
    recorded_id: Option<&'static str>,
    approves: Approves,
}

/// What a predefined baseline approves.
#[derive(Clone, Copy)]
enum Approves {
    /// Security notices of these severities, and every bug fix.
    SecurityAndBugfix([&'static str; 2]),
    /// Security notices of these severities.
    Security([&'static str; 2]),
    /// Everything, notices or not.
    Everything { after_days: u32 },
    /// Security updates of every apt priority.
    EveryPriority,
    /// Critical and security updates of Windows.
    Windows,
    /// The same, and all updates of Microsoft's applications.
    WindowsAndApplications,
}

const CRITICAL: [&str; 2] = ["Critical", "Important"];
const MODERATE: [&str; 2] = ["Important", "Moderate"];

/// The baselines, the default of each operating system before its others.
#[rustfmt::skip]
const ALL: [Predefined; 17] = [
    of(Os::Windows, "AWS-DefaultPatchBaseline", "", "pb-09ca3fb51f0412ec3", Approves::Windows),
    extra("AWS-WindowsPredefinedPatchBaseline-OS", Approves::Windows),
    extra("AWS-WindowsPredefinedPatchBaseline-OS-Applications", Approves::WindowsAndApplications),
    of(Os::AmazonLinux, "AWS-AmazonLinuxDefaultPatchBaseline", "Amazon Linux", "pb-0c10e657807c7a700", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::AmazonLinux2, "AWS-AmazonLinux2DefaultPatchBaseline", "Amazon Linux 2", "pb-0be8c61cde3be63f3", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::AmazonLinux2022, "AWS-AmazonLinux2022DefaultPatchBaseline", "Amazon Linux 2022", "pb-0028ca011460d5eaf", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::Ubuntu, "AWS-UbuntuDefaultPatchBaseline", "Ubuntu", "pb-0c7e89f711c3095f4", Approves::EveryPriority),
    of(Os::RedhatEnterpriseLinux, "AWS-RedHatDefaultPatchBaseline", "Redhat Enterprise Linux", "pb-0cbb3a633de00f07c", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::Suse, "AWS-SuseDefaultPatchBaseline", "Suse", "pb-07d8884178197b66b", Approves::Security(CRITICAL)),
    of(Os::Centos, "AWS-CentOSDefaultPatchBaseline", "CentOS", "pb-03e3f588eec25344c", Approves::Everything { after_days: 7 }),
    of(Os::OracleLinux, "AWS-OracleLinuxDefaultPatchBaseline", "Oracle Linux Server", "pb-06bff38e95fe85c02", Approves::SecurityAndBugfix(MODERATE)),
    of(Os::Debian, "AWS-DebianDefaultPatchBaseline", "Debian", "pb-09a5f8eb62bde80b1", Approves::EveryPriority),
    of(Os::Macos, "AWS-MacOSDefaultPatchBaseline", "MacOS", "pb-0ee4f94581368c0d4", Approves::Everything { after_days: 0 }),
    of(Os::Raspbian, "AWS-DefaultRaspbianPatchBaseline", "Raspbian", "pb-0ec16280999c5c75e", Approves::EveryPriority),
    of(Os::RockyLinux, "AWS-RockyLinuxDefaultPatchBaseline", "Rocky Linux", "pb-03ec98bc512aa3ac0", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::AlmaLinux, "AWS-AlmaLinuxDefaultPatchBaseline", "Alma Linux", "pb-0cb0c4966f86b059b", Approves::SecurityAndBugfix(CRITICAL)),
    of(Os::AmazonLinux2023, "AWS-AmazonLinux2023DefaultPatchBaseline", "Amazon Linux 2023", "pb-05c9c9bf778d4c4d0", Approves::SecurityAndBugfix(CRITICAL)),
];

const fn of(
    os: Os,
    name: &'static str,
    described: &'static str,
    recorded_id: &'static str,
    approves: Approves,
) -> Predefined {
    Predefined {
        os,
        name,
        described,
        recorded_id: Some(recorded_id),
        approves,
    }
}

const fn extra(name: &'static str, approves: Approves) -> Predefined {
    Predefined {
        os: Os::Windows,
        name,
        described: "",
        recorded_id: None,
        approves,
    }
}

/// The predefined baselines of a Region, the default of each operating system before its others.
pub(crate) fn baselines(region: &str) -> Vec<PatchBaseline> {
    let account = if region == RECORDED_REGION {
        RECORDED_ACCOUNT.to_owned()
    } else {
        format!("{:012}", made_up(region, "account") % 1_000_000_000_000)
    };
    ALL.iter()
        .map(|predefined| {
            let id = match predefined.recorded_id {
                Some(id) if region == RECORDED_REGION => id.to_owned(),
                _ => format!("pb-0{:016x}", made_up(region, predefined.name)),
            };
            let arn = format!("arn:aws:ssm:{region}:{account}:patchbaseline/{id}");
            PatchBaseline::from_spec(BaselineId::new(arn), &predefined.spec())
        })
        .collect()
}

fn made_up(region: &str, what: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (region, what).hash(&mut hasher);
    hasher.finish()
}

impl Predefined {
    fn spec(&self) -> BaselineSpec {
        let mut spec = BaselineSpec::new(self.name, self.os.clone());
        spec.description = Some(match self.described {
            "" => "Default Patch Baseline Provided by AWS.".to_owned(),
            os => format!("Default Patch Baseline for {os} Provided by AWS."),
        });
        if self.os == Os::AmazonLinux2 {
            spec.description = Some(
                "Baseline containing all Security and Bugfix updates approved for Amazon Linux 2 instances"
                    .to_owned(),
            );
        }
        spec.global_filters = PatchFilterGroup::new(vec![PatchFilter::new(Key::Product, ["*"])]);
        spec.approval_rules = ApprovalRules::new(self.approves.rules());
        spec
    }
}

impl Approves {
    fn rules(self) -> Vec<ApprovalRule> {
        let classified = |class: &str| PatchFilter::new(Key::Classification, [class]);
        match self {
            Self::SecurityAndBugfix(severities) => {
                vec![security(severities), rule(vec![classified("Bugfix")], 7)]
            }
            Self::Security(severities) => vec![security(severities)],
            Self::Everything { after_days } => {
                let mut everything = rule(vec![classified("*")], after_days);
                everything.enable_non_security = Some(true);
                vec![everything]
            }
            Self::EveryPriority => vec![rule(
                vec![PatchFilter::new(
                    Key::Priority,
                    ["Required", "Important", "Standard", "Optional", "Extra"],
                )],
                7,
            )],
            Self::Windows => vec![windows()],
            Self::WindowsAndApplications => vec![
                windows(),
                rule(
                    vec![
                        PatchFilter::new(Key::PatchSet, ["APPLICATION"]),
                        PatchFilter::new(Key::Product, ["*"]),
                    ],
                    7,
                ),
            ],
        }
    }
}

fn security(severities: [&str; 2]) -> ApprovalRule {
    rule(
        vec![
            PatchFilter::new(Key::Classification, ["Security"]),
            PatchFilter::new(Key::Severity, severities),
        ],
        7,
    )
}

fn windows() -> ApprovalRule {
    rule(
        vec![
            PatchFilter::new(Key::PatchSet, ["OS"]),
            PatchFilter::new(Key::Classification, ["CriticalUpdates", "SecurityUpdates"]),
            PatchFilter::new(Key::MsrcSeverity, CRITICAL),
        ],
        7,
    )
}

fn rule(filters: Vec<PatchFilter>, after_days: u32) -> ApprovalRule {
    let mut rule = ApprovalRule::new(
        PatchFilterGroup::new(filters),
        Approval::AfterDays(after_days),
    );
    rule.compliance_level = Some(PatchComplianceLevel::Unspecified);
    rule.enable_non_security = Some(false);
    rule
}
