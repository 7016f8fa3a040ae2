use crate::types::{Target, WindowId, WindowTargetId, settings, string_enum};

string_enum! {
    /// The type of a maintenance window's targets.
    pub enum MaintenanceWindowResourceType {
        /// Nodes.
        Instance = "INSTANCE",
        /// Resource groups.
        ResourceGroup = "RESOURCE_GROUP",
    }
}

settings! {
    /// The settings of a maintenance window's target, the same when it is registered, changed or
    /// described.
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
        /// The type of the targets.
        pub resource_type: Option<MaintenanceWindowResourceType>,
        /// A repeated call with the same token returns the first call's target; 1 to 64 characters.
        pub client_token: Option<String>,
    }

    /// The input of UpdateMaintenanceWindowTarget: absent members stay as they are, unless
    /// `replace` is set.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// Whether absent members are cleared; all required members must then be set.
        pub replace: Option<bool>,
    }

    /// A target registered with a maintenance window, as DescribeMaintenanceWindowTargets lists it.
    ///
    /// RegisterTargetWithMaintenanceWindow and DeregisterTargetFromMaintenanceWindow return the ids
    /// only, UpdateMaintenanceWindowTarget all but the resource type. Description and owner
    /// information are sensitive in the service's model.
    pub struct MaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// The type of the targets.
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
    /// A change of this target that changes nothing yet; set the members to change.
    pub fn new(window: impl Into<WindowId>, target: impl Into<WindowTargetId>) -> Self {
        Self {
            window_id: Some(window.into()),
            window_target_id: Some(target.into()),
            ..Self::default()
        }
    }
}
