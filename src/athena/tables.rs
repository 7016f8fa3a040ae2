//! The tables over the bucket of a resource data sync.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sql::{identifier, text};
use crate::error::{Result, Violations};
use crate::export::InventoryType;
use crate::resource_data_sync::{ResourceDataSyncS3Destination, check_destination};

/// Columns that each row has.
const OF_EVERY_ROW: [&str; 3] = ["resourceid", "capturetime", "schemaversion"];

/// The partitions: folders of the key, `accountid=111122223333`.
const PARTITIONS: [&str; 3] = ["accountid", "region", "resourcetype"];

const SERDE: &str = "org.openx.data.jsonserde.JsonSerDe";
const INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

/// The tables of Athena over the bucket of a resource data sync: the database, and the name of each
/// table.
///
/// The names are those that a Glue crawler gives, such as `aws_patchsummary`, unless you set others.
/// Prefer the tables of [`create_statements`](Self::create_statements) to a crawler's:
///
/// - A row of `AWS:InstanceInformation` has a member `resourceType`, which a crawler makes a column
///   beside the partition of that name. Then Athena refuses every query of the table. These statements
///   leave the column out.
/// - A crawler knows only the members that it has seen. Queries name others too, such as
///   `CriticalNonCompliantCount`, which older rows lack. A column that a row lacks is null.
///
/// ```
/// use aws_patch_manager::athena::ExportTables;
/// use aws_patch_manager::resource_data_sync::ResourceDataSyncS3Destination;
///
/// let bucket = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "eu-central-1");
/// let tables = ExportTables::new("patching");
/// for statement in tables.create_statements(&bucket)? {
///     println!("{statement};");
/// }
/// for statement in tables.repair_statements()? {
///     println!("{statement};");
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ExportTables {
    database: String,
    renamed: Vec<(InventoryType, String)>,
}

impl ExportTables {
    /// The tables of this database, by a crawler's names.
    pub fn new(database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            renamed: Vec::new(),
        }
    }

    /// Sets the name of the table of a type.
    pub fn table(mut self, kind: InventoryType, name: impl Into<String>) -> Self {
        self.renamed.retain(|(renamed, _)| *renamed != kind);
        self.renamed.push((kind, name.into()));
        self
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The name of the table of a type.
    pub fn name(&self, kind: InventoryType) -> String {
        let renamed = self.renamed.iter().find(|(renamed, _)| *renamed == kind);
        let crawled = || kind.as_str().to_ascii_lowercase().replace(':', "_");
        renamed.map_or_else(crawled, |(_, name)| name.clone())
    }

    /// The columns of a type's table without its partitions. All are texts, counts too: a data sync
    /// writes them as text.
    pub fn columns(kind: InventoryType) -> impl Iterator<Item = &'static str> {
        OF_EVERY_ROW
            .into_iter()
            .chain(own_columns(kind).iter().copied())
    }

    /// The statements that create the tables, in Athena's dialect.
    ///
    /// New accounts and Regions are partitions that Athena does not see until
    /// [`repair_statements`](Self::repair_statements) ran.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a malformed name of the
    /// database or of a table, a name that two tables have, and what
    /// [`SyncToDestination::build`](crate::resource_data_sync::SyncToDestination::build) refuses of a
    /// bucket. Also a prefix with a quote or a backslash, for which a statement has no certain spelling:
    /// create such a table by [`glue_table`](Self::glue_table).
    pub fn create_statements(&self, bucket: &ResourceDataSyncS3Destination) -> Result<Vec<String>> {
        self.check_bucket(bucket)?;
        check_literal(bucket)?;
        let statement = |kind: &InventoryType| {
            let column = |name: &str| format!("  `{name}` string");
            let columns: Vec<String> = Self::columns(*kind).map(column).collect();
            let partitions: Vec<String> = PARTITIONS.map(column).to_vec();
            format!(
                "CREATE EXTERNAL TABLE IF NOT EXISTS `{}`.`{}` (\n{}\n)\n\
                 PARTITIONED BY (\n{}\n)\n\
                 ROW FORMAT SERDE '{SERDE}'\n\
                 STORED AS INPUTFORMAT '{INPUT}'\n\
                 OUTPUTFORMAT '{OUTPUT}'\n\
                 LOCATION {}\n\
                 TBLPROPERTIES ('classification' = 'json')",
                self.database,
                self.name(*kind),
                columns.join(",\n"),
                partitions.join(",\n"),
                text(&location(bucket, *kind)),
            )
        };
        Ok(InventoryType::ALL.iter().map(statement).collect())
    }

    /// The statements that make Athena see new accounts and Regions. Run them once a day, and after a
    /// new account or Region has its sync.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed name of the database or of a
    /// table, and a name that two tables have.
    pub fn repair_statements(&self) -> Result<Vec<String>> {
        let mut found = Violations::new();
        self.check(&mut found);
        let statement = |kind: &InventoryType| {
            format!(
                "MSCK REPAIR TABLE `{}`.`{}`",
                self.database,
                self.name(*kind)
            )
        };
        found.or(
            OPERATION,
            InventoryType::ALL.iter().map(statement).collect(),
        )
    }

    /// The definition of a type's table for Glue: the `TableInput` of CreateTable, as JSON.
    ///
    /// # Errors
    ///
    /// As [`create_statements`](Self::create_statements), but it takes every prefix.
    ///
    /// ```
    /// use aws_patch_manager::athena::{ExportTables, InventoryType};
    /// use aws_patch_manager::resource_data_sync::ResourceDataSyncS3Destination;
    ///
    /// let bucket = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "eu-central-1");
    /// let table = ExportTables::new("patching").glue_table(InventoryType::Tag, &bucket)?;
    /// assert_eq!(table["Name"], "aws_tag");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn glue_table(
        &self,
        kind: InventoryType,
        bucket: &ResourceDataSyncS3Destination,
    ) -> Result<Value> {
        self.check_bucket(bucket)?;
        let column = |name: &str| json!({ "Name": name, "Type": "string" });
        let columns: Vec<Value> = Self::columns(kind).map(column).collect();
        Ok(json!({
            "Name": self.name(kind),
            "TableType": "EXTERNAL_TABLE",
            "Parameters": { "EXTERNAL": "TRUE", "classification": "json" },
            "PartitionKeys": PARTITIONS.map(column),
            "StorageDescriptor": {
                "Columns": columns,
                "Location": location(bucket, kind),
                "InputFormat": INPUT,
                "OutputFormat": OUTPUT,
                "SerdeInfo": { "SerializationLibrary": SERDE },
            },
        }))
    }

    /// The table of a type, as a query names it.
    pub(super) fn quoted(&self, kind: InventoryType) -> String {
        let (database, table) = (identifier(&self.database), identifier(&self.name(kind)));
        format!("{database}.{table}")
    }

    /// Records malformed names.
    pub(super) fn check(&self, found: &mut Violations) {
        let legal = "1 to 255 lower-case letters, digits and `_`";
        let database = &self.database;
        found.require(is_name(database), "Database", database, legal);
        let mut names: BTreeMap<String, &InventoryType> = BTreeMap::new();
        for kind in InventoryType::ALL {
            let (field, name) = (format!("Table of {kind}"), self.name(*kind));
            found.require(is_name(&name), &field, &name, legal);
            if let Some(other) = names.insert(name.clone(), kind) {
                let legal = format!("another name: the table of {other} has it");
                found.push(field, name, legal);
            }
        }
    }

    fn check_bucket(&self, bucket: &ResourceDataSyncS3Destination) -> Result<()> {
        let mut found = Violations::new();
        self.check(&mut found);
        check_destination(&mut found, bucket);
        found.or(OPERATION, ())
    }
}

/// What an error about names is an error of.
const OPERATION: &str = "StartQueryExecution";

/// Whether a database or a table can have this name (Athena User Guide, names of databases, tables and
/// columns).
fn is_name(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=255).contains(&name.len()) && name.bytes().all(legal)
}

/// Refuses a prefix that ends or changes the literal of a statement. A backslash escapes in Hive's
/// dialect, of which these statements are, and two quotes there are the end of one literal and the begin
/// of another.
fn check_literal(bucket: &ResourceDataSyncS3Destination) -> Result<()> {
    let prefix = bucket.prefix.as_deref().unwrap_or_default();
    let mut found = Violations::new();
    let legal = "no quote and no backslash: create the table by `glue_table`";
    let is_plain = !prefix.contains(['\'', '\\']);
    found.require(is_plain, "S3Destination.Prefix", prefix, legal);
    found.or(OPERATION, ())
}

/// Where the files of a type are.
fn location(bucket: &ResourceDataSyncS3Destination, kind: InventoryType) -> String {
    let prefix = bucket.prefix.as_deref();
    let prefix = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
    format!("s3://{}/{prefix}{}/", bucket.bucket_name, kind)
}

/// The columns of a type's own (inventory schemas of the Systems Manager user guide, and the newer
/// members that published tables have).
fn own_columns(kind: InventoryType) -> &'static [&'static str] {
    match kind {
        InventoryType::ComplianceItem => &[
            "compliancetype",
            "executionid",
            "executiontype",
            "executiontime",
            "id",
            "title",
            "status",
            "severity",
            "documentname",
            "documentversion",
            "classification",
            "patchbaselineid",
            "patchseverity",
            "patchstate",
            "patchgroup",
            "installedtime",
            "installoverridelist",
            "detailedtext",
            "detailedlink",
            "cveids",
        ],
        InventoryType::ComplianceSummary => &[
            "compliancetype",
            "patchgroup",
            "patchbaselineid",
            "status",
            "overallseverity",
            "executionid",
            "executiontype",
            "executiontime",
            "compliantcriticalcount",
            "complianthighcount",
            "compliantmediumcount",
            "compliantlowcount",
            "compliantinformationalcount",
            "compliantunspecifiedcount",
            "noncompliantcriticalcount",
            "noncomplianthighcount",
            "noncompliantmediumcount",
            "noncompliantlowcount",
            "noncompliantinformationalcount",
            "noncompliantunspecifiedcount",
        ],
        InventoryType::PatchSummary => SUMMARY,
        // Without `resourcetype`, which the partition has.
        InventoryType::InstanceInformation => &[
            "agenttype",
            "agentversion",
            "computername",
            "instanceid",
            "ipaddress",
            "platformname",
            "platformtype",
            "platformversion",
            "agentstatus",
            "instancestatus",
        ],
        InventoryType::Tag => &["key", "value"],
    }
}

const SUMMARY: &[&str] = &[
    "patchgroup",
    "baselineid",
    "snapshotid",
    "ownerinformation",
    "installedcount",
    "installedpendingrebootcount",
    "installedothercount",
    "installedrejectedcount",
    "notapplicablecount",
    "unreportednotapplicablecount",
    "missingcount",
    "failedcount",
    "operationtype",
    "operationstarttime",
    "operationendtime",
    "installoverridelist",
    "rebootoption",
    "lastnorebootinstalloperationtime",
    "executionid",
    "noncompliantseverity",
    "securitynoncompliantcount",
    "criticalnoncompliantcount",
    "othernoncompliantcount",
    "availablesecurityupdatecount",
];
