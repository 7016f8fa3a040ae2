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

impl EndpointService {
    /// The four that a node in a private subnet needs (User Guide, VPC endpoints for Systems Manager).
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
