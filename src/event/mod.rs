//! The events that EventBridge delivers about patching, and the patterns that select them.
//!
//! An [`Event`] is read from the JSON that a rule hands to its target, such as a Lambda function.
//! [`EventDetail`] has what it says; [`EventPattern`] writes the pattern of the rule and says of an event
//! whether the rule would deliver it.
//!
//! Events are best effort: one may be lost, come twice or come late. So nothing here is decided by an
//! event. It only says when to look: [`PatchRun::wait_with_events`], [`PatchRun::on_event`] and
//! [`RolloutRun::advance_on`] read the state after it.
//!
//! [`docs::events`](crate::docs::events) is the guide. Source of the members: User Guide of Systems Manager,
//! event reference and examples; of instances, EC2 User Guide.
//!
//! [`PatchRun::wait_with_events`]: crate::manager::PatchRun::wait_with_events
//! [`PatchRun::on_event`]: crate::manager::PatchRun::on_event
//! [`RolloutRun::advance_on`]: crate::rollout::RolloutRun::advance_on

mod association;
mod command;
mod compliance;
mod detail;
mod envelope;
mod kind;
mod matching;
mod other;
mod pattern;
mod read;
mod window;

pub use self::association::{AssociationStateChange, InstanceAssociationStateChange};
pub use self::command::{CommandInvocationStatusChange, CommandStatusChange};
pub use self::compliance::ComplianceStateChange;
pub use self::detail::EventDetail;
pub use self::envelope::Event;
pub use self::kind::EventKind;
pub use self::other::{
    AutomationExecutionStatusChange, AutomationStepStatusChange, CalendarStateChange,
    Ec2StateChange,
};
pub use self::pattern::EventPattern;
pub use self::window::{
    WindowExecutionStateChange, WindowRegistration, WindowState, WindowStateChange,
    WindowTargetRegistration, WindowTaskExecutionStateChange, WindowTaskRegistration,
    WindowTaskTargetInvocationStateChange,
};
