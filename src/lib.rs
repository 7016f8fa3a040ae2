//! Automate OS patching with AWS Systems Manager Patch Manager.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod backend;
pub mod baseline;
mod clock;
pub mod compliance;
mod error;
pub mod group;
pub mod memory;
pub mod operation;
mod page;
pub mod schedule;
pub mod types;

pub use baseline::{BaselineBuilder, RuleBuilder};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, ErrorKind, Result, Violation};
pub use group::{PatchGroup, PatchGroupTagKey};
pub use memory::MemoryBackend;
pub use page::{Page, PageRequest, PageToken, paginate};
pub use schedule::{PolicySchedule, ScheduleExpression};
