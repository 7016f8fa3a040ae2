//! The export of a resource data sync: its types of inventory, what their rows say, and the answers
//! that they make. The reader of files (`data_sync`) and the queries of Athena share it, so that both
//! answer alike.

mod answer;
mod exposure;
mod judge;
mod members;
mod report;
mod row;

pub(crate) use self::answer::{Answer, Known, Unread};
pub(crate) use self::exposure::exposure;
pub(crate) use self::judge::{Judge, check_answerable, check_selection};
pub(crate) use self::members::{Managed, managed, patch, patch_state};
pub(crate) use self::report::report;
pub(crate) use self::row::{Row, broken};
pub use crate::resource_data_sync::inventory::InventoryType;
