//! State Manager associations.

mod create;
mod store;
