//! Maintenance windows: what is planned, and what became of it.

mod history;
mod store;
