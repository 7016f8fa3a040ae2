//! The State Manager associations, and AssociationStore over them.

use super::backend::MemoryBackend;
use crate::backend::AssociationStore;

impl AssociationStore for MemoryBackend {}
