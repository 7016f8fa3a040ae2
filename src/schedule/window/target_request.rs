use super::MaintenanceWindowResourceType;
use crate::types::{Target, WindowId, WindowTargetId, shape};

shape! {
    /// The input of RegisterTargetWithMaintenanceWindow.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct RegisterTargetWithMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// What the targets are.
        pub resource_type: Option<MaintenanceWindowResourceType>,
        /// The nodes or groups: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// Text that the service puts in the events of its tasks, 1 to 128 characters.
        pub [sensitive] owner_information: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// Makes a repeated call lead to the first one's target; 1 to 64 characters.
        pub client_token: Option<String>,
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

shape! {
    /// The input of UpdateMaintenanceWindowTarget: what is left out stays as it is, unless
    /// `replace` is set.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// The nodes or groups.
        pub targets: Option<Vec<Target>>,
        /// Text that the service puts in the events of its tasks.
        pub [sensitive] owner_information: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
        /// Whether what is left out is cleared; then all that a target needs must be given.
        pub replace: Option<bool>,
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
