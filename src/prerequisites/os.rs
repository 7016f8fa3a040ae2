use crate::types::{InstanceInformation, OperatingSystem, PlatformType};

/// The operating system, in Patch Manager's terms, of a managed node, by its platform name.
///
/// `None` if the name is unknown: SSM reports the distribution's own name.
pub(crate) fn operating_system(node: &InstanceInformation) -> Option<OperatingSystem> {
    match node.platform_type.as_ref()? {
        PlatformType::Windows => return Some(OperatingSystem::Windows),
        PlatformType::MacOs => return Some(OperatingSystem::Macos),
        _ => {}
    }
    let name = node.platform_name.as_deref()?.to_ascii_lowercase();
    let version = node.platform_version.as_deref().unwrap_or_default();
    if name.contains("amazon linux") {
        return Some(amazon_linux(version));
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

fn amazon_linux(version: &str) -> OperatingSystem {
    match version.split('.').next().unwrap_or_default() {
        "2" => OperatingSystem::AmazonLinux2,
        "2022" => OperatingSystem::AmazonLinux2022,
        "2023" => OperatingSystem::AmazonLinux2023,
        _ => OperatingSystem::AmazonLinux,
    }
}
