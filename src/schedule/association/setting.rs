use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::types::{shape, string_enum, timestamp};

string_enum! {
    /// How severe it is when an association is not complied with.
    pub enum AssociationComplianceSeverity {
        /// Critical.
        Critical = "CRITICAL",
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
        /// Not said.
        Unspecified = "UNSPECIFIED",
    }
}

string_enum! {
    /// What settles whether a node complies with an association.
    pub enum AssociationSyncCompliance {
        /// The association's own status.
        Auto = "AUTO",
        /// What is reported by PutComplianceItems.
        Manual = "MANUAL",
    }
}

string_enum! {
    /// The status of an association. The service also sends values that its model does not name.
    pub enum AssociationStatusName {
        /// Not applied yet.
        Pending = "Pending",
        /// Applied.
        Success = "Success",
        /// Failed.
        Failed = "Failed",
    }
}

shape! {
    /// The status of an association, and since when.
    pub struct AssociationStatus {
        /// Since when.
        #[serde(with = "timestamp::option")]
        pub date: Option<Timestamp>,
        /// The status.
        pub name: Option<AssociationStatusName>,
        /// The reason.
        pub message: Option<String>,
        /// A text of the caller's.
        pub additional_info: Option<String>,
    }
}

shape! {
    /// How an association fares over its nodes.
    pub struct AssociationOverview {
        /// The status, such as `Pending`, `Success` or `Failed`.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// How many nodes are in each status.
        pub association_status_aggregated_count: Option<BTreeMap<String, i32>>,
    }
}
