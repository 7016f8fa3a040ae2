use crate::types::{InstanceInformation, OperatingSystem, PlatformType};

/// The operating system, in Patch Manager's terms, of a managed node, by its platform name.
///
/// `None` if the name, or the release of Amazon Linux, is unknown: SSM reports the distribution's own
/// name.
pub(crate) fn operating_system(node: &InstanceInformation) -> Option<OperatingSystem> {
    match node.platform_type.as_ref()? {
        PlatformType::Windows => return Some(OperatingSystem::Windows),
        PlatformType::MacOs => return Some(OperatingSystem::Macos),
        _ => {}
    }
    let name = node.platform_name.as_deref()?.to_ascii_lowercase();
    let version = node.platform_version.as_deref().unwrap_or_default();
    if name.contains("amazon linux") {
        return amazon_linux(version);
    }
    const NAMES: [(&str, OperatingSystem); 10] = [
        ("ubuntu", OperatingSystem::Ubuntu),
        ("raspb", OperatingSystem::Raspbian),
        ("debian", OperatingSystem::Debian),
        ("red hat", OperatingSystem::RedhatEnterpriseLinux),
        ("centos", OperatingSystem::Centos),
        ("oracle", OperatingSystem::OracleLinux),
        ("rocky", OperatingSystem::RockyLinux),
        ("alma", OperatingSystem::AlmaLinux),
        ("sles", OperatingSystem::Suse),
        ("suse", OperatingSystem::Suse),
    ];
    NAMES
        .into_iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, os)| os)
}

/// The releases of Amazon Linux 1 are named for their month, from 2011.09 to 2018.03. A release that is
/// none of these is unknown, because no baseline is for it.
fn amazon_linux(version: &str) -> Option<OperatingSystem> {
    match version.split('.').next()?.parse().ok()? {
        2 => Some(OperatingSystem::AmazonLinux2),
        2011..=2018 => Some(OperatingSystem::AmazonLinux),
        2022 => Some(OperatingSystem::AmazonLinux2022),
        2023 => Some(OperatingSystem::AmazonLinux2023),
        _ => None,
    }
}
