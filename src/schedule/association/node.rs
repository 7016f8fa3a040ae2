use jiff::Timestamp;

use super::InstanceAssociationOutputUrl;
use crate::types::{AssociationId, NodeId, shape, timestamp};

shape! {
    /// An association that applies to a node, as DescribeEffectiveInstanceAssociations lists it.
    pub struct InstanceAssociation {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The node.
        pub instance_id: Option<NodeId>,
        /// The document's text.
        pub content: Option<String>,
        /// The association's version.
        pub association_version: Option<String>,
    }
}

shape! {
    /// The status of an association on a node, as DescribeInstanceAssociationsStatus lists it.
    pub struct InstanceAssociationStatusInfo {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The document.
        pub name: Option<String>,
        /// The document's version.
        pub document_version: Option<String>,
        /// The association's version.
        pub association_version: Option<String>,
        /// The node.
        pub instance_id: Option<NodeId>,
        /// When it ran.
        #[serde(with = "timestamp::option")]
        pub execution_date: Option<Timestamp>,
        /// The status.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// What each step of the document made of it.
        pub execution_summary: Option<String>,
        /// The error's code.
        pub error_code: Option<String>,
        /// Where its output went.
        pub output_url: Option<InstanceAssociationOutputUrl>,
        /// The association's name.
        pub association_name: Option<String>,
    }
}
