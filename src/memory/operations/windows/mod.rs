//! The maintenance windows and their runs, and MaintenanceWindowStore and
//! MaintenanceWindowHistory over them. They open in the engine.

mod book;
mod change;
mod describe;
mod filter;
mod history;
mod openings;
mod part_change;
mod parts;
mod run;
mod store;
mod window_check;

pub(crate) use self::book::{Window, WindowBook};
pub(crate) use self::parts::REGISTERED;
pub(crate) use self::run::{End, InvocationRun, TaskRun, WindowRun};

use crate::error::Error;
use crate::memory::operations::check;

/// The error of an id that no window, target, task or run has.
fn unknown(operation: &'static str, what: &str, id: &str) -> Error {
    let message = format!("{what} {id} doesn't exist");
    check::does_not_exist(operation, id, &message)
}
