//! A fleet of many accounts without polling: a resource data sync into a bucket, read from files or by
//! Athena.
//!
//! # The sync
//!
//! Each account and Region has a sync of its own, and all can share one bucket. The bucket has to admit
//! Systems Manager first; the policy for the accounts of an organization names none of them:
//!
//! ```
//! use aws_patch_manager::PatchManager;
//! use aws_patch_manager::resource_data_sync::{SyncToDestination, organization_bucket_policy};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1")
//!     .prefix("inventory")
//!     .share_with_organization()
//!     .build()?;
//! println!("{:#}", organization_bucket_policy(&sync, "o-a1b2c3d4e5")?);
//! println!("{}", manager.ensure_resource_data_sync(&sync).await?);
//! let mut syncs = manager.list_resource_data_syncs();
//! while let Some(sync) = syncs.try_next().await? {
//!     println!("{sync}");
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If the sync names a KMS key ([`kms_key`](crate::resource_data_sync::SyncToDestination::kms_key)), the
//! policy demands it of every object, and the policy of the key has to allow the service
//! `kms:GenerateDataKey`. The first files can take half an hour to arrive.
//!
//! In memory the syncs write files too: [`MemoryBackend::write_data_syncs`] those of an account and Region,
//! [`MemoryOrganization::write_data_syncs`] those of many into the folder of their bucket.
//!
//! [`MemoryBackend::write_data_syncs`]: crate::MemoryBackend::write_data_syncs
//! [`MemoryOrganization::write_data_syncs`]: crate::memory::MemoryOrganization::write_data_syncs
//!
//! # From files, or by Athena
//!
//! | | reads | for |
//! |---|---|---|
//! | `data_sync` (feature `data-sync`) | two or three files for each node, itself | one machine, and an export that fits its time |
//! | [`athena`](crate::athena) (feature `athena` for its client) | what Athena selects | all that outgrows it |
//!
//! Both judge the rows by the same code, so both give the same
//! [`ComplianceReport`](crate::compliance::ComplianceReport) and the same
//! [`Exposure`](crate::exposure::Exposure).
//!
//! # The tables
//!
//! ```
//! use aws_patch_manager::athena::{ExportTables, InventoryType};
//! use aws_patch_manager::resource_data_sync::ResourceDataSyncS3Destination;
//!
//! let bucket = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "eu-central-1");
//! let tables = ExportTables::new("patching");
//! let statements = tables.create_statements(&bucket)?;
//! assert!(statements[0].starts_with("CREATE EXTERNAL TABLE IF NOT EXISTS `patching`.`aws_complianceitem`"));
//! // Or as definitions for Glue's CreateTable.
//! let summary = tables.glue_table(InventoryType::PatchSummary, &bucket)?;
//! assert_eq!(summary["PartitionKeys"][0]["Name"], "accountid");
//! # Ok::<(), aws_patch_manager::Error>(())
//! ```
//!
//! Run the statements of [`repair_statements`](crate::athena::ExportTables::repair_statements) when an
//! account or a Region is new: Athena does not see a partition before. A crawler's tables can lack
//! columns that the queries name; [`ExportTables`](crate::athena::ExportTables) says more.
//!
//! # The questions
//!
//! | question | method of [`AthenaExport`](crate::athena::AthenaExport) | what Athena returns |
//! |---|---|---|
//! | how many nodes of each group comply | [`group_totals`](crate::athena::AthenaExport::group_totals) | a row for each group |
//! | which nodes do not comply, and what they miss | [`compliance_report`](crate::athena::AthenaExport::compliance_report) | a row for each node of the question, and each missing patch |
//! | which nodes can a CVE hit | [`exposure`](crate::athena::AthenaExport::exposure) | a row for each node, and each patch that names it |
//! | which patches are overdue | [`overdue_patches`](crate::athena::AthenaExport::overdue_patches) | a row for each overdue patch and node |
//!
//! Athena bills by the bytes that it reads. JSON has no columns, so every query of a table reads all of
//! its files in the selection: name accounts and Regions
//! ([`account`](crate::athena::AthenaExport::account), [`region`](crate::athena::AthenaExport::region)),
//! and let the bucket expire objects of nodes that are long gone: a sync removes none.
//!
//! [`ExportQuestions`](crate::athena::ExportQuestions) has the SQL alone, to look at it or to run it in
//! a tool of your own.
