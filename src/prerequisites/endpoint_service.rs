use std::fmt;

use serde::{Deserialize, Serialize};

/// A service that a node without a way to the internet reaches through a VPC endpoint.
///
/// ```
/// use aws_patch_manager::prerequisites::EndpointService;
///
/// let names = EndpointService::ALL.map(|service| service.name_in("ap-northeast-1"));
/// assert_eq!(names[0], "com.amazonaws.ap-northeast-1.ssm");
/// assert_eq!(names[3], "com.amazonaws.ap-northeast-1.s3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EndpointService {
    /// Systems Manager itself.
    Ssm,
    /// Messages to agents before 3.3.40.0.
    Ec2Messages,
    /// Messages to the agent.
    SsmMessages,
    /// The patching code, the baseline for the node, and the repositories of Amazon Linux.
    S3,
}

/// The Regions that were launched in 2024 and later.
const LAUNCHED_SINCE_2024: [&str; 5] = [
    "ap-east-2",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "mx-central-1",
];

impl EndpointService {
    /// Those that a node in a private subnet may need (User Guide, VPC endpoints for Systems Manager).
    /// Not every Region [has](Self::exists_in) `ec2messages`, and agents from 3.3.40.0 on do without.
    pub const ALL: [Self; 4] = [Self::Ssm, Self::Ec2Messages, Self::SsmMessages, Self::S3];

    /// The end of its name, such as `ssmmessages`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssm => "ssm",
            Self::Ec2Messages => "ec2messages",
            Self::SsmMessages => "ssmmessages",
            Self::S3 => "s3",
        }
    }

    /// The name of its endpoints in a Region, such as `com.amazonaws.ap-northeast-1.ssm`.
    ///
    /// The same in every partition: these services do not have the prefix `cn.` that others have in
    /// China.
    pub fn name_in(self, region: &str) -> String {
        format!("com.amazonaws.{region}.{self}")
    }

    /// Whether it can have an endpoint in a Region: `ec2messages` only in those launched before 2024
    /// (User Guide, systems-manager-setting-up-messageAPIs).
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::EndpointService;
    ///
    /// assert!(EndpointService::Ec2Messages.exists_in("ap-northeast-1"));
    /// assert!(!EndpointService::Ec2Messages.exists_in("mx-central-1"));
    /// ```
    pub fn exists_in(self, region: &str) -> bool {
        self != Self::Ec2Messages || !LAUNCHED_SINCE_2024.contains(&region)
    }

    /// The service of an endpoint, by its service name, in whatever Region. Which Region matters, too:
    /// an endpoint may lead to the service of another.
    pub(crate) fn of(service_name: &str) -> Option<Self> {
        let last = service_name.rsplit('.').next();
        Self::ALL
            .into_iter()
            .find(|service| Some(service.as_str()) == last)
    }

    /// The Region in the service name of an endpoint of these services, `com.amazonaws.REGION.ssm`.
    pub(crate) fn region_of(service_name: &str) -> Option<&str> {
        Self::of(service_name)?;
        service_name.rsplit('.').nth(1)
    }

    /// The usual type of its endpoints: `Gateway` for S3, otherwise `Interface`.
    pub(crate) fn endpoint_type(self) -> &'static str {
        match self {
            Self::S3 => "Gateway",
            _ => "Interface",
        }
    }
}

impl fmt::Display for EndpointService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
