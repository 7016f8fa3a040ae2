use crate::types::{Target, WindowId, WindowTargetId, shape, string_enum};

string_enum! {
    /// What the targets of a maintenance window are.
    pub enum MaintenanceWindowResourceType {
        /// Nodes.
        Instance = "INSTANCE",
        /// Resource groups.
        ResourceGroup = "RESOURCE_GROUP",
    }
}

shape! {
    /// A target registered with a maintenance window, as DescribeMaintenanceWindowTargets lists it.
    ///
    /// RegisterTargetWithMaintenanceWindow and DeregisterTargetFromMaintenanceWindow answer with
    /// the ids alone, UpdateMaintenanceWindowTarget with all but the resource type. Description
    /// and owner information are sensitive in the service's model.
    pub struct MaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// What the targets are.
        pub resource_type: Option<MaintenanceWindowResourceType>,
        /// The nodes or groups.
        pub targets: Option<Vec<Target>>,
        /// Text that the service puts in the events of its tasks, at most 128 characters.
        pub [sensitive] owner_information: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
    }
}
