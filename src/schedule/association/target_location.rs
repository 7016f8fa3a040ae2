use crate::schedule::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, Target, shape};

shape! {
    /// Accounts and regions in which an association or automation runs.
    pub struct TargetLocation {
        /// 1 to 50 accounts.
        pub accounts: Option<Vec<String>>,
        /// 1 to 50 regions.
        pub regions: Option<Vec<String>>,
        /// How many accounts and regions at the same time; 1 where absent.
        pub target_location_max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated; 0 where absent.
        pub target_location_max_errors: Option<MaxErrors>,
        /// The role that it runs with in each account.
        pub execution_role_name: Option<String>,
        /// The alarm that stops it.
        pub target_location_alarm_configuration: Option<AlarmConfiguration>,
        /// Whether organizational units below the named ones are meant too.
        pub include_child_organization_units: Option<bool>,
        /// Accounts and organizational units that are left out.
        pub exclude_accounts: Option<Vec<String>>,
        /// On what it runs there.
        pub targets: Option<Vec<Target>>,
        /// How many of those at the same time.
        pub targets_max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated among those.
        pub targets_max_errors: Option<MaxErrors>,
    }
}
