use super::QueryFilter;

/// Declares the typed filters of a listing: a constructor for each key that the service documents.
macro_rules! filters {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$kmeta:meta])* $constructor:ident = $key:literal; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(QueryFilter);

        impl $name {
            $(
                $(#[$kmeta])*
                pub fn $constructor<I>(values: I) -> Self
                where
                    I: IntoIterator,
                    I::Item: ToString,
                {
                    Self::key($key, values)
                }
            )+

            /// A filter by a key that has no constructor here.
            pub fn key<I>(key: impl Into<String>, values: I) -> Self
            where
                I: IntoIterator,
                I::Item: ToString,
            {
                let values = values.into_iter().map(|value| value.to_string());
                Self(QueryFilter::new(key, values))
            }
        }

        impl From<$name> for QueryFilter {
            fn from(filter: $name) -> Self {
                filter.0
            }
        }
    };
}

filters! {
    /// A filter of DescribePatchBaselines. Filters are ANDed, values ORed.
    ///
    /// ```
    /// use aws_patch_manager::types::{BaselineFilter, OperatingSystem};
    ///
    /// let filters = [
    ///     BaselineFilter::owner(["Self"]),
    ///     BaselineFilter::operating_system([OperatingSystem::Windows]),
    /// ];
    /// # let _ = filters;
    /// ```
    BaselineFilter {
        /// Baselines whose name begins with one of these.
        name_prefix = "NAME_PREFIX";
        /// Baselines of `AWS`, or of the account itself (`Self`).
        owner = "OWNER";
        /// Baselines for these operating systems.
        operating_system = "OPERATING_SYSTEM";
    }
}

filters! {
    /// A filter of DescribePatchGroups. Filters are ANDed, values ORed.
    ///
    /// ```
    /// use aws_patch_manager::types::PatchGroupFilter;
    ///
    /// let filter = PatchGroupFilter::name_prefix(["web-"]);
    /// # let _ = filter;
    /// ```
    PatchGroupFilter {
        /// Groups whose name begins with one of these.
        name_prefix = "NAME_PREFIX";
        /// Groups that have a baseline for these operating systems.
        operating_system = "OPERATING_SYSTEM";
    }
}

filters! {
    /// A filter of DescribeAvailablePatches. Filters are ANDed, values ORed.
    ///
    /// Windows patches and Linux packages have different keys. Without a filter by operating system
    /// the service lists Windows patches.
    ///
    /// ```
    /// use aws_patch_manager::types::{AvailablePatchFilter, OperatingSystem};
    ///
    /// let filters = [
    ///     AvailablePatchFilter::operating_system([OperatingSystem::AmazonLinux2023]),
    ///     AvailablePatchFilter::severity(["Critical"]),
    /// ];
    /// # let _ = filters;
    /// ```
    AvailablePatchFilter {
        /// Patches for these operating systems.
        operating_system = "OPERATING_SYSTEM";
        /// Patches of `OS` or `APPLICATION`.
        patch_set = "PATCH_SET";
        /// Patches for these products.
        product = "PRODUCT";
        /// Patches for these families of products.
        product_family = "PRODUCT_FAMILY";
        /// Patches of these classifications.
        classification = "CLASSIFICATION";
        /// Patches of these severities. Linux.
        severity = "SEVERITY";
        /// Patches of these severities. Windows.
        msrc_severity = "MSRC_SEVERITY";
        /// Patches with these ids; on Windows without `KB`.
        patch_id = "PATCH_ID";
        /// Packages of these names. Linux.
        name = "NAME";
        /// Patches that fix one of these CVEs. Linux.
        cve_id = "CVE_ID";
        /// Patches of one of these advisories. Linux.
        advisory_id = "ADVISORY_ID";
    }
}

filters! {
    /// A filter of DescribeInstanceInformation. Filters are ANDed, values ORed.
    ///
    /// ```
    /// use aws_patch_manager::types::{NodeFilter, PingStatus};
    ///
    /// let filters = [
    ///     NodeFilter::ping_status([PingStatus::Online]),
    ///     NodeFilter::tag("Environment", ["production"]),
    /// ];
    /// # let _ = filters;
    /// ```
    NodeFilter {
        /// Nodes with these ids, at most 100.
        ids = "InstanceIds";
        /// Nodes with this connection status.
        ping_status = "PingStatus";
        /// Nodes of these platforms.
        platform_type = "PlatformTypes";
        /// EC2 instances, or hybrid nodes. One value.
        resource_type = "ResourceType";
        /// Nodes with these versions of the agent.
        agent_version = "AgentVersion";
        /// Hybrid nodes of these activations.
        activation_id = "ActivationIds";
        /// Hybrid nodes with these roles.
        iam_role = "IamRole";
        /// Nodes whose associations have this status.
        association_status = "AssociationStatus";
        /// Nodes with one of these tag keys.
        tag_key = "tag-key";
    }
}

impl NodeFilter {
    /// Nodes whose tag has one of these values.
    pub fn tag<I>(key: impl AsRef<str>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        Self::key(format!("tag:{}", key.as_ref()), values)
    }
}

filters! {
    /// A filter of DescribeMaintenanceWindows. Filters are ANDed, values ORed.
    ///
    /// ```
    /// use aws_patch_manager::types::MaintenanceWindowFilter;
    ///
    /// let filter = MaintenanceWindowFilter::enabled([true]);
    /// # let _ = filter;
    /// ```
    MaintenanceWindowFilter {
        /// Windows of these names.
        name = "Name";
        /// Windows that are enabled, or disabled.
        enabled = "Enabled";
    }
}
