//! Filters, targets, tags and alarms: what requests of every kind carry.

use aws_sdk_ssm::types as sdk;

use super::member::{Convert, always, or_default, received, sent, unless_empty, values};
use crate::error::Result;
use crate::operation::{CommandFilter, CommandFilterKey};
use crate::schedule::association::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
    AssociationFilterOperator,
};
use crate::schedule::{Alarm, AlarmConfiguration, AlarmState, AlarmStateInformation};
use crate::types::{
    ComplianceFilter, ComplianceOperator, InstancePropertyFilterOperator,
    InstancePropertyStringFilter, ListNodesFilter, NodeAggregator, NodeAggregatorType,
    NodeAttributeName, NodeFilterKey, NodeFilterOperatorType, NodeTypeName, PatchStateFilter,
    PatchStateOperator, QueryFilter, Tag, Target,
};

values!(
    AlarmState = ExternalAlarmState,
    AssociationFilterOperator = AssociationFilterOperatorType,
    CommandFilterKey = CommandFilterKey,
    ComplianceOperator = ComplianceQueryOperatorType,
    InstancePropertyFilterOperator = InstancePropertyFilterOperator,
    NodeAggregatorType = NodeAggregatorType,
    NodeAttributeName = NodeAttributeName,
    NodeFilterKey = NodeFilterKey,
    NodeFilterOperatorType = NodeFilterOperatorType,
    NodeTypeName = NodeTypeName,
    PatchStateOperator = InstancePatchStateOperatorType,
);

/// The SDK has an enum for what is a text of ours.
macro_rules! texts {
    ($( $theirs:ident ),+ $(,)?) => { $(
        impl Convert<sdk::$theirs> for String {
            fn convert(self) -> Result<sdk::$theirs> {
                Ok(self.as_str().into())
            }
        }

        impl Convert<String> for sdk::$theirs {
            fn convert(self) -> Result<String> {
                Ok(self.as_str().to_owned())
            }
        }
    )+ };
}

texts!(
    AssociationExecutionFilterKey,
    AssociationExecutionTargetsFilterKey,
    AssociationFilterKey,
    AutomationExecutionFilterKey,
    SourceType,
    StepExecutionFilterKey,
);

sent! {
    QueryFilter => sdk::PatchOrchestratorFilter { ; always key => set_key, values => set_values }
    QueryFilter => sdk::MaintenanceWindowFilter { ; always key => set_key, values => set_values }
    QueryFilter => sdk::InstanceInformationStringFilter {
        ; always key => set_key, values => set_values
    }
    InstancePropertyStringFilter => sdk::InstancePropertyStringFilter {
        operator => set_operator
        ; always key => set_key, values => set_values
    }
    ListNodesFilter => sdk::NodeFilter {
        operator => set_type
        ; always key => set_key, values => set_values
    }
    NodeAggregator => sdk::NodeAggregator {
        ; always aggregator_type => set_aggregator_type, type_name => set_type_name,
            attribute_name => set_attribute_name
        ; unless_empty aggregators => set_aggregators
    }
    PatchStateFilter => sdk::InstancePatchStateFilter {
        ; always key => set_key, values => set_values, operator => set_type
    }
    ComplianceFilter => sdk::ComplianceStringFilter {
        ; always key => set_key, values => set_values, operator => set_type
    }
    CommandFilter => sdk::CommandFilter { ; always key => set_key, value => set_value }
    AssociationFilter => sdk::AssociationFilter { ; always key => set_key, value => set_value }
    AssociationExecutionFilter => sdk::AssociationExecutionFilter {
        ; always key => set_key, value => set_value, operator => set_type
    }
    AssociationExecutionTargetsFilter => sdk::AssociationExecutionTargetsFilter {
        ; always key => set_key, value => set_value
    }
    Target => sdk::Target { ; always key => set_key, values => set_values }
    Tag => sdk::Tag { ; always key => set_key, value => set_value }
    Alarm => sdk::Alarm { name => set_name }
    AlarmConfiguration => sdk::AlarmConfiguration {
        ignore_poll_alarm_failure => set_ignore_poll_alarm_failure, alarms => set_alarms
    }
}

received! {
    sdk::Target => Target { ; or_default key, values }
    sdk::Tag => Tag { key, value }
    sdk::Alarm => Alarm { ; always name }
    sdk::AlarmConfiguration => AlarmConfiguration { ; always ignore_poll_alarm_failure, alarms }
    sdk::AlarmStateInformation => AlarmStateInformation { ; always name, state }
}
