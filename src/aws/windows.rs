use super::AwsBackend;
use crate::backend::{MaintenanceWindowHistory, MaintenanceWindowStore};

impl MaintenanceWindowStore for AwsBackend {}

impl MaintenanceWindowHistory for AwsBackend {}
