//! The requests that start, stop and reboot instances.

use serde::{Deserialize, Serialize};

use crate::types::NodeId;

macro_rules! power_request {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The instances.
            pub instance_ids: Vec<NodeId>,
        }

        impl $name {
            /// A request for these instances.
            pub fn new<I>(ids: I) -> Self
            where
                I: IntoIterator,
                I::Item: Into<NodeId>,
            {
                Self {
                    instance_ids: ids.into_iter().map(Into::into).collect(),
                }
            }
        }
    };
}

power_request!(
    /// The input of StartInstances (EC2).
    StartInstances
);

power_request!(
    /// The input of StopInstances (EC2): an ordinary stop, neither forced nor a hibernation.
    StopInstances
);

power_request!(
    /// The input of RebootInstances (EC2).
    RebootInstances
);
