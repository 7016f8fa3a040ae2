//! The product of a node, as filters of patches name it.

use std::collections::BTreeSet;

use super::MirroredNode;
use crate::prerequisites::operating_system;
use crate::types::{InstanceInformation, OperatingSystem};

/// The operating system of a managed node, and its product by the platform's name and version.
///
/// AWS documents the products by examples such as `WindowsServer2022` and `RedhatEnterpriseLinux8.9`:
/// the system's word and the release that the node reports. `None` if either cannot be read.
pub(crate) fn of(node: &InstanceInformation) -> Option<(OperatingSystem, String)> {
    let os = operating_system(node)?;
    let version = node.platform_version.as_deref().unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    let product = match &os {
        OperatingSystem::Windows => windows(node.platform_name.as_deref()?)?,
        OperatingSystem::AmazonLinux2 => "AmazonLinux2".to_owned(),
        OperatingSystem::AmazonLinux2022 => "AmazonLinux2022".to_owned(),
        OperatingSystem::AmazonLinux2023 => "AmazonLinux2023".to_owned(),
        OperatingSystem::AmazonLinux => format!("AmazonLinux{version}"),
        OperatingSystem::Ubuntu => format!("Ubuntu{version}"),
        OperatingSystem::Debian => format!("Debian{major}"),
        OperatingSystem::Raspbian => format!("RaspbianLinux{major}"),
        OperatingSystem::RedhatEnterpriseLinux => format!("RedhatEnterpriseLinux{version}"),
        OperatingSystem::Centos => format!("CentOS{version}"),
        OperatingSystem::OracleLinux => format!("OracleLinux{version}"),
        OperatingSystem::RockyLinux => format!("RockyLinux{version}"),
        OperatingSystem::AlmaLinux => format!("AlmaLinux{version}"),
        OperatingSystem::Suse => format!("Suse{version}"),
        OperatingSystem::Macos => format!("macOS{version}"),
        OperatingSystem::Other(_) => return None,
    };
    Some((os, product))
}

/// `WindowsServer2012R2` of `Microsoft Windows Server 2012 R2 Standard`, `Windows10` of `Microsoft
/// Windows 10 Pro`.
fn windows(name: &str) -> Option<String> {
    let mut words = name.split_ascii_whitespace();
    words.by_ref().find(|word| *word == "Windows")?;
    let mut product = "Windows".to_owned();
    let mut release = words.next()?;
    if release == "Server" {
        product += release;
        release = words.next()?;
    }
    product += release;
    if words.next() == Some("R2") {
        product += "R2";
    }
    Some(product)
}

/// The products of a fleet.
pub(super) fn of_fleet(nodes: &[MirroredNode]) -> BTreeSet<String> {
    let managed = nodes.iter().filter_map(|node| node.information.as_ref());
    managed.filter_map(of).map(|(_, product)| product).collect()
}
