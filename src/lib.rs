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
pub mod manager;
pub mod memory;
pub mod operation;
mod page;
pub mod prerequisites;
pub mod schedule;
#[cfg(any(feature = "mock", feature = "conformance"))]
pub mod testing;
pub mod types;

pub use baseline::{BaselineBuilder, RuleBuilder};
pub use clock::{Clock, ManualClock, SystemClock};
pub use compliance::ComplianceQuery;
pub use error::{Error, ErrorKind, Result, Violation};
pub use group::{PatchGroup, PatchGroupTagKey};
pub use manager::PatchManager;
pub use memory::MemoryBackend;
pub use operation::PatchRequest;
pub use page::{Page, PageRequest, PageToken, paginate};
pub use schedule::{PolicySchedule, ScheduleExpression};
