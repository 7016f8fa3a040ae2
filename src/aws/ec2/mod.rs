//! What goes through EC2, behind the feature of that name.

mod convert;
mod network;
mod security_group;
mod tags;
