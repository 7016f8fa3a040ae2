//! What goes through EC2, behind the feature of that name.

mod convert;
mod network;
mod nodes;
mod security_group;
