//! The operations of EC2, behind the feature `ec2`.

mod convert;
mod network;
mod nodes;
mod power;
mod security_group;
