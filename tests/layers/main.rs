//! What stands between a manager and a backend: its order, and what each layer does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod audit;
mod example;
mod faults;
mod limit;
mod seam;
mod throughput;
mod world;
