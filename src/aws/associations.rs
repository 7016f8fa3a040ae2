use super::AwsBackend;
use crate::backend::AssociationStore;

impl AssociationStore for AwsBackend {}
