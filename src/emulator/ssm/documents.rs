//! Documents of AWS, as tools read them before they send a command: their parameters are AWS's. Their steps
//! are left out, since the emulator does itself what they do.

use serde_json::{Map, Value, json};

/// A parameter that a document declares.
struct Parameter {
    name: &'static str,
    /// Whether it takes several texts.
    is_list: bool,
    description: &'static str,
    default: Option<&'static str>,
    allowed: &'static [&'static str],
}

/// A document.
pub(super) struct AwsDocument {
    name: &'static str,
    schema_version: &'static str,
    description: &'static str,
    platforms: &'static [&'static str],
    parameters: &'static [&'static Parameter],
}

const fn text(
    name: &'static str,
    description: &'static str,
    default: Option<&'static str>,
) -> Parameter {
    Parameter {
        name,
        is_list: false,
        description,
        default,
        allowed: &[],
    }
}

const OPERATION: Parameter = Parameter {
    allowed: &["Scan", "Install"],
    ..text(
        "Operation",
        "(Required) The update or configuration to perform on the instance.",
        None,
    )
};
const REBOOT_OPTION: Parameter = Parameter {
    allowed: &["RebootIfNeeded", "NoReboot"],
    ..text(
        "RebootOption",
        "(Optional) Reboot behavior after a patch Install operation.",
        Some("RebootIfNeeded"),
    )
};
const SNAPSHOT_ID: Parameter = text(
    "SnapshotId",
    "(Optional) The snapshot ID to use to retrieve a patch baseline snapshot.",
    Some(""),
);
const ASSOCIATION_ID: Parameter = text(
    "AssociationId",
    "(Optional) The association that runs the document.",
    Some(""),
);
const OVERRIDE_LIST: Parameter = text(
    "InstallOverrideList",
    "(Optional) An https URL or an Amazon S3 path-style URL to the list of patches to be installed.",
    Some(""),
);
const BASELINE_OVERRIDE: Parameter = text(
    "BaselineOverride",
    "(Optional) An Amazon S3 path-style URL to the baselines to be used instead of the registered ones.",
    Some(""),
);
const PRE_INSTALL: Parameter = text(
    "PreInstallHookDocName",
    "(Optional) The document to run before the operation.",
    Some("AWS-Noop"),
);
const POST_INSTALL: Parameter = text(
    "PostInstallHookDocName",
    "(Optional) The document to run after an installation and its reboot.",
    Some("AWS-Noop"),
);
const ON_EXIT: Parameter = text(
    "OnExitHookDocName",
    "(Optional) The document to run at the end.",
    Some("AWS-Noop"),
);
const COMMANDS: Parameter = Parameter {
    is_list: true,
    ..text(
        "commands",
        "(Required) Specify a script or a command to run.",
        None,
    )
};
const DIRECTORY: Parameter = text(
    "workingDirectory",
    "(Optional) The path to the working directory on your instance.",
    Some(""),
);
const TIMEOUT: Parameter = text(
    "executionTimeout",
    "(Optional) The time in seconds for a command to complete before it is considered to have failed.",
    Some("3600"),
);

const BASELINE_TAGS: Parameter = text(
    "BaselineTags",
    "(Optional) The tag of the patch baseline to use, as Key=KEY,Values=VALUE1,VALUE2.",
    Some(""),
);
const ACTION: Parameter = Parameter {
    allowed: &["Install", "Scan"],
    ..text(
        "Action",
        "(Required) Whether to install updates or only look for them.",
        Some("Install"),
    )
};
const ALLOW_REBOOT: Parameter = Parameter {
    allowed: &["True", "False"],
    ..text(
        "AllowReboot",
        "(Optional) Whether an installation may restart the instance.",
        Some("True"),
    )
};
const INCLUDE_KBS: Parameter = text(
    "IncludeKbs",
    "(Optional) The KB numbers to install, with commas between them.",
    Some(""),
);
const EXCLUDE_KBS: Parameter = text(
    "ExcludeKbs",
    "(Optional) The KB numbers to leave out, with commas between them.",
    Some(""),
);
const CATEGORIES: Parameter = text(
    "Categories",
    "(Optional) The categories of updates, with commas between them.",
    Some(""),
);
const SEVERITY_LEVELS: Parameter = text(
    "SeverityLevels",
    "(Optional) The MSRC severities of updates, with commas between them.",
    Some(""),
);
const PUBLISHED_DAYS_OLD: Parameter = text(
    "PublishedDaysOld",
    "(Optional) The least number of days since an update was published.",
    Some(""),
);
const PUBLISHED_AFTER: Parameter = text(
    "PublishedDateAfter",
    "(Optional) The date on or after which an update was published.",
    Some(""),
);
const PUBLISHED_BEFORE: Parameter = text(
    "PublishedDateBefore",
    "(Optional) The date on or before which an update was published.",
    Some(""),
);
const UPDATE_LEVEL: Parameter = Parameter {
    allowed: &["InstallUpdatesAutomatically", "NeverCheckForUpdates"],
    ..text(
        "updateLevel",
        "(Required) Whether Windows looks for updates and installs them.",
        None,
    )
};
const INSTALL_DAY: Parameter = text(
    "scheduledInstallDay",
    "(Optional) The day on which Windows installs updates, such as Daily or Sunday.",
    Some("Daily"),
);
const INSTALL_TIME: Parameter = text(
    "scheduledInstallTime",
    "(Optional) The hour at which Windows installs updates, in 24-hour time.",
    Some("03:00"),
);

const LINUX: &[&str] = &["Linux", "MacOS"];
const WINDOWS: &[&str] = &["Windows"];
const EVERY: &[&str] = &["Windows", "Linux", "MacOS"];

/// AWS documentation, SSM documents for patching managed nodes, and SSM Command document reference.
const DOCUMENTS: [AwsDocument; 7] = [
    AwsDocument {
        name: "AWS-RunPatchBaseline",
        schema_version: "2.2",
        description: "Scans for or installs patches from a patch baseline to a Linux or Windows operating system.",
        platforms: EVERY,
        parameters: &[
            &OPERATION,
            &ASSOCIATION_ID,
            &SNAPSHOT_ID,
            &OVERRIDE_LIST,
            &BASELINE_OVERRIDE,
            &REBOOT_OPTION,
        ],
    },
    AwsDocument {
        name: "AWS-RunPatchBaselineWithHooks",
        schema_version: "2.2",
        description: "Scans for or installs patches from a patch baseline, with documents to run before and after.",
        platforms: EVERY,
        parameters: &[
            &OPERATION,
            &SNAPSHOT_ID,
            &REBOOT_OPTION,
            &PRE_INSTALL,
            &POST_INSTALL,
            &ON_EXIT,
        ],
    },
    AwsDocument {
        name: "AWS-RunPatchBaselineAssociation",
        schema_version: "2.2",
        description: "Scans for or installs patches as an association, and reports them as its compliance.",
        platforms: EVERY,
        parameters: &[
            &OPERATION,
            &BASELINE_TAGS,
            &ASSOCIATION_ID,
            &OVERRIDE_LIST,
            &REBOOT_OPTION,
        ],
    },
    AwsDocument {
        name: "AWS-InstallWindowsUpdates",
        schema_version: "2.0",
        description: "Scans for or installs Windows updates.",
        platforms: WINDOWS,
        parameters: &[
            &ACTION,
            &ALLOW_REBOOT,
            &INCLUDE_KBS,
            &EXCLUDE_KBS,
            &CATEGORIES,
            &SEVERITY_LEVELS,
            &PUBLISHED_DAYS_OLD,
            &PUBLISHED_AFTER,
            &PUBLISHED_BEFORE,
        ],
    },
    AwsDocument {
        name: "AWS-ConfigureWindowsUpdate",
        schema_version: "1.2",
        description: "Enables or disables automatic updates of Windows.",
        platforms: WINDOWS,
        parameters: &[&UPDATE_LEVEL, &INSTALL_DAY, &INSTALL_TIME],
    },
    AwsDocument {
        name: "AWS-RunShellScript",
        schema_version: "1.2",
        description: "Run a shell script or specify the commands to run.",
        platforms: LINUX,
        parameters: &[&COMMANDS, &DIRECTORY, &TIMEOUT],
    },
    AwsDocument {
        name: "AWS-RunPowerShellScript",
        schema_version: "1.2",
        description: "Run a PowerShell script or specify the paths to scripts to run.",
        platforms: WINDOWS,
        parameters: &[&COMMANDS, &DIRECTORY, &TIMEOUT],
    },
];

/// The document of a name.
pub(super) fn named(name: &str) -> Option<&'static AwsDocument> {
    DOCUMENTS.iter().find(|document| document.name == name)
}

impl AwsDocument {
    /// The answer of GetDocument.
    pub(super) fn text(&self) -> Value {
        let parameters: Map<String, Value> = self
            .parameters
            .iter()
            .map(|parameter| (parameter.name.to_owned(), parameter.declared()))
            .collect();
        let content = json!({
            "schemaVersion": self.schema_version,
            "description": self.description,
            "parameters": parameters,
        });
        json!({
            "Name": self.name,
            "DocumentVersion": "1",
            "Status": "Active",
            "Content": format!("{content:#}"),
            "DocumentType": "Command",
            "DocumentFormat": "JSON",
        })
    }

    /// How DescribeDocument describes it.
    pub(super) fn description(&self) -> Value {
        let parameters = self.parameters.iter().map(|parameter| {
            let mut described = json!({
                "Name": parameter.name,
                "Type": parameter.kind(),
                "Description": parameter.description,
            });
            if let Some(default) = parameter.default {
                described["DefaultValue"] = json!(default);
            }
            described
        });
        json!({
            "Name": self.name,
            "Owner": "Amazon",
            "Status": "Active",
            "DocumentVersion": "1",
            "LatestVersion": "1",
            "DefaultVersion": "1",
            "Description": self.description,
            "Parameters": parameters.collect::<Vec<_>>(),
            "PlatformTypes": self.platforms,
            "DocumentType": "Command",
            "SchemaVersion": self.schema_version,
            "DocumentFormat": "JSON",
            "Tags": [],
        })
    }
}

impl Parameter {
    fn kind(&self) -> &'static str {
        match self.is_list {
            true => "StringList",
            false => "String",
        }
    }

    /// How the text declares it.
    fn declared(&self) -> Value {
        let mut declared = json!({ "type": self.kind(), "description": self.description });
        if let Some(default) = self.default {
            declared["default"] = json!(default);
        }
        if !self.allowed.is_empty() {
            declared["allowedValues"] = json!(self.allowed);
        }
        declared
    }
}
