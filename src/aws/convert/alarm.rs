use aws_sdk_ssm::types as sdk;

use super::built;
use super::member::{Convert, filled, received, values};
use crate::error::Result;
use crate::schedule::{Alarm, AlarmConfiguration, AlarmState, AlarmStateInformation};

values!(AlarmState = ExternalAlarmState);

received! {
    sdk::AlarmConfiguration => AlarmConfiguration {
        ; always ignore_poll_alarm_failure, alarms
    }
    sdk::Alarm => Alarm {
        ; always name
    }
    sdk::AlarmStateInformation => AlarmStateInformation {
        ; always name, state
    }
}

impl Convert<sdk::AlarmConfiguration> for AlarmConfiguration {
    fn convert(self) -> Result<sdk::AlarmConfiguration> {
        built(
            filled!(sdk::AlarmConfiguration::builder(), self => AlarmConfiguration {
                ignore_poll_alarm_failure => set_ignore_poll_alarm_failure,
                alarms => set_alarms,
            })
            .build(),
        )
    }
}

impl Convert<sdk::Alarm> for Alarm {
    fn convert(self) -> Result<sdk::Alarm> {
        built(filled!(sdk::Alarm::builder(), self => Alarm { name => set_name }).build())
    }
}
