use crate::types::{Target, WindowId, WindowTargetId, settings, string_enum};

string_enum! {
    /// What the targets of a maintenance window are.
    pub enum MaintenanceWindowResourceType {
        /// Nodes.
        Instance = "INSTANCE",
        /// Resource groups.
        ResourceGroup = "RESOURCE_GROUP",
    }
}

settings! {
    /// What a target of a maintenance window says, whether it is registered, changed or described.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct MaintenanceWindowTargetSettings {
        /// The nodes or groups: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// Text that the service puts in the events of its tasks, 1 to 128 characters.
        pub [sensitive] owner_information: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
    }

    /// The input of RegisterTargetWithMaintenanceWindow.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct RegisterTargetWithMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// What the targets are.
        pub resource_type: Option<MaintenanceWindowResourceType>,
        /// Makes a repeated call lead to the first one's target; 1 to 64 characters.
        pub client_token: Option<String>,
    }

    /// The input of UpdateMaintenanceWindowTarget: what is left out stays as it is, unless
    /// `replace` is set.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// Whether what is left out is cleared; then all that a target needs must be given.
        pub replace: Option<bool>,
    }

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
    }
}

impl RegisterTargetWithMaintenanceWindow {
    /// Registers these nodes with this window.
    pub fn nodes(window: impl Into<WindowId>, targets: Vec<Target>) -> Self {
        Self {
            window_id: Some(window.into()),
            resource_type: Some(MaintenanceWindowResourceType::Instance),
            targets: Some(targets),
            ..Self::default()
        }
    }
}

impl UpdateMaintenanceWindowTarget {
    /// A change of this target that leaves all as it is; set what is to be different.
    pub fn new(window: impl Into<WindowId>, target: impl Into<WindowTargetId>) -> Self {
        Self {
            window_id: Some(window.into()),
            window_target_id: Some(target.into()),
            ..Self::default()
        }
    }
}
