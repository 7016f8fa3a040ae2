use crate::types::{shape, string_enum};

shape! {
    /// The CloudWatch alarm that stops an operation.
    pub struct AlarmConfiguration {
        /// Whether to continue if the alarm's state cannot be read.
        pub ignore_poll_alarm_failure: Option<bool>,
        /// The alarm; a list of one.
        pub alarms: Option<Vec<Alarm>>,
    }
}

impl AlarmConfiguration {
    /// Stops the operation when this alarm is on, and also if its state cannot be read.
    ///
    /// ```
    /// use aws_patch_manager::schedule::AlarmConfiguration;
    ///
    /// let mut alarm = AlarmConfiguration::new("checkout-errors");
    /// alarm.ignore_poll_alarm_failure = Some(true);
    /// ```
    pub fn new(alarm: impl Into<String>) -> Self {
        let name = Some(alarm.into());
        Self {
            ignore_poll_alarm_failure: Some(false),
            alarms: Some(vec![Alarm { name }]),
        }
    }
}

shape! {
    /// A CloudWatch alarm by name.
    pub struct Alarm {
        /// The name, 1 to 255 characters.
        pub name: Option<String>,
    }
}

shape! {
    /// An alarm that stopped an operation, and its state.
    pub struct AlarmStateInformation {
        /// The alarm's name.
        pub name: Option<String>,
        /// Its state.
        pub state: Option<AlarmState>,
    }
}

string_enum! {
    /// The state of an alarm that stopped an operation (`ExternalAlarmState`).
    pub enum AlarmState {
        /// It could not be read.
        Unknown = "UNKNOWN",
        /// The alarm is on.
        Alarm = "ALARM",
    }
}
