//! Maintenance windows and their runs.

mod history;
mod store;
