//! The maintenance windows, and MaintenanceWindowStore and MaintenanceWindowHistory over them.

use super::backend::MemoryBackend;
use crate::backend::{MaintenanceWindowHistory, MaintenanceWindowStore};

impl MaintenanceWindowStore for MemoryBackend {}

impl MaintenanceWindowHistory for MemoryBackend {}
