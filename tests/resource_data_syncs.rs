//! Resource data syncs: what their builders refuse, the policy of their bucket, and the verbs.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::athena::{ExportTables, InventoryType};
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{ListResourceDataSync, Operation};
use aws_patch_manager::manager::Change;
use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
use aws_patch_manager::resource_data_sync::{
    CreateResourceDataSync, LastResourceDataSyncStatus, ResourceDataSyncItem, SyncFromSource,
    SyncToDestination, bucket_policy, organization_bucket_policy,
};
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, Page, PatchManager};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::values;

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn destination() -> SyncToDestination {
    SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1")
}

fn fields(refused: aws_patch_manager::Error) -> Vec<String> {
    let fields = values::fields(&refused).into_iter();
    fields.map(str::to_owned).collect()
}

#[test]
fn a_malformed_destination_is_refused_with_all_that_is_wrong() {
    let sync = SyncToDestination::new("n".repeat(65), "Bucket..", "Frankfurt!");
    let refused = sync
        .prefix("/inventory/")
        .kms_key("1234abcd")
        .build()
        .unwrap_err();
    let expected = [
        "SyncName",
        "S3Destination.BucketName",
        "S3Destination.Region",
        "S3Destination.Prefix",
        "S3Destination.AWSKMSKeyARN",
    ];
    assert_eq!(fields(refused), expected);
    let elsewhere = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "us-east-1");
    let refused = elsewhere.kms_key(KEY).build().unwrap_err();
    assert_eq!(fields(refused), ["S3Destination.AWSKMSKeyARN"]);
}

#[test]
fn a_malformed_source_is_refused_with_all_that_is_wrong() {
    let none: [&str; 0] = [];
    let sync = SyncFromSource::new("", none).organizational_units(["ou-ab12-cd34ef56", "r-ab12"]);
    let at = "SyncSource.AwsOrganizationsSource.OrganizationalUnits";
    let expected = [
        "SyncName".to_owned(),
        "SyncSource.SourceRegions".to_owned(),
        format!("{at}[1].OrganizationalUnitId"),
    ];
    assert_eq!(fields(sync.build().unwrap_err()), expected);
    let sync = SyncFromSource::new("all", ["us-east-1"]).organizational_units(none);
    assert_eq!(fields(sync.build().unwrap_err()), [at]);
}

/// AWS CLI examples, list-resource-data-sync: an older sync says no type.
#[test]
fn a_sync_without_a_bucket_has_no_bucket_policy_and_says_that_alone() {
    let sync = SyncFromSource::new("all", ["eu-central-1"])
        .build()
        .unwrap();
    let refused = bucket_policy(&sync, ["111122223333"]).unwrap_err();
    assert_eq!(fields(refused), ["SyncType"]);
    let refused = organization_bucket_policy(&sync, "o-a1b2c3d4e5").unwrap_err();
    assert_eq!(fields(refused), ["SyncType"]);
}

#[test]
fn a_word_that_is_no_region_is_refused() {
    for region in [
        "eu",
        "eu-central",
        "eu-central-1a",
        "EU-central-1",
        "-central-1",
        "",
    ] {
        let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", region).build();
        assert_eq!(
            fields(sync.unwrap_err()),
            ["S3Destination.Region"],
            "{region}"
        );
    }
    for region in ["us-gov-west-1", "us-isob-east-1", "ap-southeast-12"] {
        SyncFromSource::new("all", [region]).build().unwrap();
    }
}

#[test]
fn a_listed_sync_without_a_type_is_one_to_a_bucket() {
    let listed = json!({
        "SyncName": "MyResourceDataSync",
        "S3Destination": {
            "BucketName": "ssm-resource-data-sync", "SyncFormat": "JsonSerDe", "Region": "us-east-1"
        },
        "LastSyncTime": 1_550_261_472.003_f64, "LastStatus": "Successful",
    });
    let item: ResourceDataSyncItem = serde_json::from_value(listed).unwrap();
    assert_eq!(
        item.last_status,
        Some(LastResourceDataSyncStatus::Successful)
    );
    let same = SyncToDestination::new("MyResourceDataSync", "ssm-resource-data-sync", "us-east-1");
    assert_eq!(item.diff(&same.build().unwrap()), []);
    let text = "MyResourceDataSync to s3://ssm-resource-data-sync (us-east-1): Successful";
    assert_eq!(item.to_string(), text);
}

fn statement<'a>(policy: &'a Value, id: &str) -> &'a Value {
    let mut statements = policy["Statement"].as_array().unwrap().iter();
    statements.find(|one| one["Sid"] == id).unwrap()
}

/// Systems Manager User Guide, creating a resource data sync for inventory.
#[test]
fn the_policy_of_a_bucket_admits_the_service_for_these_accounts_alone() {
    let sync = destination().prefix("inventory").build().unwrap();
    let policy = bucket_policy(&sync, ["111122223333", "444455556666"]).unwrap();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 2);
    let check = statement(&policy, "SSMBucketPermissionsCheck");
    assert_eq!(check["Action"], "s3:GetBucketAcl");
    assert_eq!(check["Resource"], "arn:aws:s3:::amzn-s3-demo-bucket");
    let expected = json!({
        "Sid": "SSMBucketDelivery",
        "Effect": "Allow",
        "Principal": { "Service": "ssm.amazonaws.com" },
        "Action": "s3:PutObject",
        "Resource": [
            "arn:aws:s3:::amzn-s3-demo-bucket/inventory/*/accountid=111122223333/*",
            "arn:aws:s3:::amzn-s3-demo-bucket/inventory/*/accountid=444455556666/*",
        ],
        "Condition": {
            "StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control",
                "aws:SourceAccount": ["111122223333", "444455556666"],
            },
            "ArnLike": { "aws:SourceArn": [
                "arn:aws:ssm:*:111122223333:resource-data-sync/*",
                "arn:aws:ssm:*:444455556666:resource-data-sync/*",
            ] },
        },
    });
    assert_eq!(*statement(&policy, "SSMBucketDelivery"), expected);
}

#[test]
fn the_policy_of_an_encrypted_bucket_demands_its_key() {
    let sync = destination().kms_key(KEY).build().unwrap();
    let policy = bucket_policy(&sync, ["111122223333"]).unwrap();
    let equal = &statement(&policy, "SSMBucketDelivery")["Condition"]["StringEquals"];
    assert_eq!(equal["s3:x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(equal["s3:x-amz-server-side-encryption-aws-kms-key-id"], KEY);
}

#[test]
fn the_policy_for_an_organization_names_no_account_and_allows_tags() {
    let sync = destination().share_with_organization().build().unwrap();
    let policy = organization_bucket_policy(&sync, "o-a1b2c3d4e5").unwrap();
    for (id, action) in [
        ("SSMBucketDelivery", "s3:PutObject"),
        ("SSMBucketDeliveryTagging", "s3:PutObjectTagging"),
    ] {
        let statement = statement(&policy, id);
        assert_eq!(statement["Action"], action);
        let resource = "arn:aws:s3:::amzn-s3-demo-bucket/*/accountid=*/*";
        assert_eq!(statement["Resource"], resource);
        let equal = &statement["Condition"]["StringEquals"];
        assert_eq!(equal["aws:SourceOrgID"], "o-a1b2c3d4e5");
    }
}

#[test]
fn a_policy_for_nobody_is_refused_with_all_that_is_wrong() {
    let gathers = SyncFromSource::new("all", ["us-east-1"]).build().unwrap();
    let refused = bucket_policy(&gathers, ["1111"]).unwrap_err();
    assert_eq!(fields(refused), ["SyncType", "accountid"]);
    let none: [&str; 0] = [];
    let alone = destination().build().unwrap();
    assert_eq!(
        fields(bucket_policy(&alone, none).unwrap_err()),
        ["accountid"]
    );
    let refused = organization_bucket_policy(&alone, "org").unwrap_err();
    let expected = ["S3Destination.DestinationDataSharing", "organization"];
    assert_eq!(fields(refused), expected);
}

/// IAM User Guide, predefined policy variables: `*`, `?` and `${` have a meaning in a resource.
#[test]
fn no_character_of_a_prefix_is_a_wildcard_or_a_variable_in_a_policy() {
    for (prefix, literal) in [
        ("*", "${*}"),
        ("a?b/c*", "a${?}b/c${*}"),
        ("${aws:username}", "${$}{aws:username}"),
        ("it's \\ \"odd\"", "it's \\ \"odd\""),
    ] {
        let sync = destination().prefix(prefix).share_with_organization();
        let sync = sync.build().unwrap();
        let policy = bucket_policy(&sync, ["111122223333"]).unwrap();
        let key = format!("arn:aws:s3:::amzn-s3-demo-bucket/{literal}/*/accountid=111122223333/*");
        let delivery = statement(&policy, "SSMBucketDelivery");
        assert_eq!(delivery["Resource"], json!([key]));
        let policy = organization_bucket_policy(&sync, "o-a1b2c3d4e5").unwrap();
        let key = format!("arn:aws:s3:::amzn-s3-demo-bucket/{literal}/*/accountid=*/*");
        assert_eq!(statement(&policy, "SSMBucketDelivery")["Resource"], key);
    }
}

#[test]
fn a_policy_has_the_partition_of_the_buckets_region() {
    for (region, partition) in [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
    ] {
        let key = format!("arn:{partition}:kms:{region}:111122223333:alias/patching");
        let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", region);
        let sync = sync.kms_key(key).build().unwrap();
        let policy = bucket_policy(&sync, ["111122223333"]).unwrap();
        let bucket = format!("arn:{partition}:s3:::amzn-s3-demo-bucket");
        let check = statement(&policy, "SSMBucketPermissionsCheck");
        assert_eq!(check["Resource"], bucket);
    }
}

/// A key's ARN is compared with conditions of a policy, in which a variable has a meaning.
#[test]
fn a_key_that_no_key_can_be_is_refused() {
    for resource in [
        "111122223333:key/${aws:username}",
        "111122223333:key/*",
        "111122223333:key/",
        "111122223333:grant/1234abcd",
        "111122223333:alias/a b",
        ":key/1234abcd",
    ] {
        let arn = format!("arn:aws:kms:eu-central-1:{resource}");
        let refused = destination().kms_key(arn).build().unwrap_err();
        assert_eq!(
            fields(refused),
            ["S3Destination.AWSKMSKeyARN"],
            "{resource}"
        );
    }
    let elsewhere = KEY.replacen("aws", "aws-cn", 1);
    let refused = destination().kms_key(elsewhere).build().unwrap_err();
    assert_eq!(fields(refused), ["S3Destination.AWSKMSKeyARN"]);
}

/// A sync that was read from a file, and not built, is checked as well.
#[test]
fn a_policy_is_made_of_a_checked_bucket_only() {
    let mut sync = destination().share_with_organization().build().unwrap();
    let bucket = sync.s3_destination.as_mut().unwrap();
    bucket.region = "*".to_owned();
    bucket.prefix = Some(String::new());
    bucket.awskms_key_arn = Some("*".to_owned());
    let expected = [
        "S3Destination.Region",
        "S3Destination.Prefix",
        "S3Destination.AWSKMSKeyARN",
    ];
    let refused = bucket_policy(&sync, ["111122223333"]).unwrap_err();
    assert_eq!(fields(refused), expected);
    let refused = organization_bucket_policy(&sync, "o-a1b2c3d4e5").unwrap_err();
    assert_eq!(fields(refused), expected);
}

#[test]
fn a_policy_that_no_bucket_takes_is_refused() {
    let sync = destination().prefix("inventory").build().unwrap();
    let accounts = |count: usize| (0..count).map(|number| format!("{number:012}"));
    let policy = bucket_policy(&sync, accounts(130)).unwrap();
    assert!(policy.to_string().len() <= 20_480);
    let refused = bucket_policy(&sync, accounts(200)).unwrap_err();
    assert_eq!(fields(refused), ["accountid"]);
}

/// Both statements would be of one table, and the second would change nothing.
#[test]
fn two_types_cannot_have_one_table() {
    let tables = ExportTables::new("patching").table(InventoryType::Tag, "aws_patchsummary");
    let refused = tables.repair_statements().unwrap_err();
    assert_eq!(fields(refused), ["Table of AWS:Tag"]);
}

/// Hive's dialect reads a backslash as an escape, and two quotes as two literals.
#[test]
fn a_prefix_that_changes_the_literal_of_a_statement_is_for_glue_only() {
    let tables = ExportTables::new("patching");
    for prefix in ["it's", "a\\", "p\\' TBLPROPERTIES ('x' = 'y') --"] {
        let sync = destination().prefix(prefix).build().unwrap();
        let bucket = sync.s3_destination.unwrap();
        let refused = tables.create_statements(&bucket).unwrap_err();
        assert_eq!(fields(refused), ["S3Destination.Prefix"], "{prefix}");
        let table = tables.glue_table(InventoryType::Tag, &bucket).unwrap();
        let location = format!("s3://amzn-s3-demo-bucket/{prefix}/AWS:Tag/");
        assert_eq!(table["StorageDescriptor"]["Location"], location);
    }
}

/// AWS:InstanceInformation has a member that collides with the partition of its name.
#[test]
fn no_column_of_a_table_is_also_a_partition() {
    let sync = destination().prefix("exports/inventory").build().unwrap();
    let bucket = sync.s3_destination.unwrap();
    let tables = ExportTables::new("patching").table(InventoryType::Tag, "tags");
    let create = tables.create_statements(&bucket).unwrap();
    assert_eq!(create.len(), InventoryType::ALL.len());
    for (kind, statement) in InventoryType::ALL.iter().zip(create) {
        let table = tables.glue_table(*kind, &bucket).unwrap();
        let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
        let partitions: Vec<&str> = table["PartitionKeys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["Name"].as_str().unwrap())
            .collect();
        assert_eq!(partitions, ["accountid", "region", "resourcetype"]);
        for column in columns {
            let name = column["Name"].as_str().unwrap();
            assert!(!partitions.contains(&name), "{kind}: {name}");
            assert!(
                statement.contains(&format!("`{name}` string")),
                "{kind}: {name}"
            );
        }
        let location = format!("s3://amzn-s3-demo-bucket/exports/inventory/{kind}/");
        assert_eq!(table["StorageDescriptor"]["Location"], location);
        assert!(
            statement.contains(&format!("LOCATION '{location}'")),
            "{statement}"
        );
    }
    assert_eq!(tables.name(InventoryType::Tag), "tags");
    assert_eq!(tables.name(InventoryType::PatchSummary), "aws_patchsummary");
}

fn account() -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::new();
    let manager = PatchManager::from_memory(&backend);
    (backend, manager)
}

fn gathers(regions: &[&str]) -> CreateResourceDataSync {
    let sync = SyncFromSource::new("everywhere", regions.iter().copied());
    sync.build().unwrap()
}

#[tokio::test]
async fn a_sync_from_a_source_is_updated_and_one_to_a_bucket_is_not() {
    let (backend, manager) = account();
    let sync = gathers(&["us-east-1"]);
    let ensure = async |sync| manager.ensure_resource_data_sync(sync).await;
    assert_eq!(ensure(&sync).await.unwrap(), Change::Created);
    assert_eq!(ensure(&sync).await.unwrap(), Change::Unchanged);
    let more = gathers(&["us-east-1", "eu-central-1"]);
    let Change::Updated(differences) = ensure(&more).await.unwrap() else {
        panic!("it was not updated")
    };
    assert_eq!(differences[0].field, "SyncSource.SourceRegions");
    assert_eq!(ensure(&more).await.unwrap(), Change::Unchanged);

    let plain = destination().build().unwrap();
    ensure(&plain).await.unwrap();
    let before = backend.calls().len();
    let other = destination().prefix("elsewhere").build().unwrap();
    let refused = ensure(&other).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert!(
        refused.to_string().contains("S3Destination.Prefix"),
        "{refused}"
    );
    assert_eq!(backend.calls()[before..], ["ListResourceDataSync"]);
}

#[tokio::test]
async fn a_sync_is_in_progress_and_then_successful() {
    let (backend, manager) = account();
    let sync = destination().build().unwrap();
    manager.ensure_resource_data_sync(&sync).await.unwrap();
    let status = async || {
        manager
            .resource_data_sync("patching")
            .await
            .unwrap()
            .last_status
    };
    assert_eq!(status().await, Some(LastResourceDataSyncStatus::InProgress));
    backend.advance(std::time::Duration::from_mins(1));
    assert_eq!(status().await, Some(LastResourceDataSyncStatus::Successful));
    let listed: Vec<_> = manager
        .list_resource_data_syncs()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    manager
        .delete_resource_data_sync("patching", None)
        .await
        .unwrap();
    let gone = manager.resource_data_sync("patching").await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

/// Answers every listing of syncs with this one.
#[derive(Debug)]
struct Lists(ResourceDataSyncItem);

#[async_trait]
impl Layer for Lists {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer, Error> {
        match call.operation() {
            Operation::ListResourceDataSync => {
                let page = Page::last(vec![self.0.clone()]);
                Ok(Answer::new::<ListResourceDataSync>(page))
            }
            _ => next.run(&call).await,
        }
    }
}

#[tokio::test]
async fn a_sync_that_failed_or_no_longer_succeeds_is_found_if_the_check_is_asked_for() {
    let (account, manager) = account();
    account.advance(Duration::from_secs(30 * 86_400));
    let question = Prerequisites::nodes(["i-0c0ffee0000000001"]);
    for (sync, expected) in [
        (
            json!({"LastStatus": "Failed", "LastSyncStatusMessage": "no bucket"}),
            Some(FindingKind::DataSyncFailed),
        ),
        (
            json!({"LastStatus": "Successful", "LastSuccessfulSyncTime": "2026-05-20T00:00:00Z"}),
            Some(FindingKind::DataSyncStale),
        ),
        (
            json!({"LastStatus": "Successful", "LastSuccessfulSyncTime": "2026-06-12T00:00:00Z"}),
            None,
        ),
        (
            json!({"LastStatus": "InProgress", "SyncCreatedTime": "2026-06-12T00:00:00Z"}),
            None,
        ),
        (
            json!({"LastStatus": "InProgress", "SyncCreatedTime": "2026-05-20T00:00:00Z"}),
            Some(FindingKind::DataSyncStale),
        ),
    ] {
        let mut item: ResourceDataSyncItem = serde_json::from_value(sync.clone()).unwrap();
        item.sync_name = Some("patching".to_owned());
        let manager = manager.layer(Lists(item));
        for (question, expected) in [
            (question.clone(), None),
            (question.clone().with_data_syncs(), expected),
        ] {
            let report = manager.check_prerequisites(&question).await.unwrap();
            let of_syncs = [FindingKind::DataSyncFailed, FindingKind::DataSyncStale];
            let found = report
                .findings
                .iter()
                .find(|one| of_syncs.contains(&one.kind));
            assert_eq!(found.map(|one| one.kind), expected, "{sync}: {report}");
            assert!(
                found.is_none_or(|one| one.message.contains("patching")),
                "{report}"
            );
        }
    }
}

#[tokio::test]
async fn a_sync_in_memory_goes_on_succeeding() {
    let (account, manager) = account();
    let sync = destination().build().unwrap();
    manager.ensure_resource_data_sync(&sync).await.unwrap();
    account.advance(Duration::from_secs(30 * 86_400));
    let question = Prerequisites::nodes(["i-0c0ffee0000000001"]).with_data_syncs();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let kinds: Vec<_> = report.findings.iter().map(|one| one.kind).collect();
    assert!(!kinds.contains(&FindingKind::DataSyncStale), "{report}");
}

#[tokio::test]
async fn a_malformed_name_is_refused_before_any_call() {
    let (backend, manager) = account();
    let long = "n".repeat(65);
    for name in ["", &long] {
        let sync = CreateResourceDataSync::new(name);
        let refusals = [
            manager.ensure_resource_data_sync(&sync).await.map(drop),
            manager.resource_data_sync(name).await.map(drop),
            manager.delete_resource_data_sync(name, None).await,
        ];
        for refused in refusals {
            assert_eq!(fields(refused.unwrap_err()), ["SyncName"]);
        }
    }
    assert_eq!(backend.calls(), [""; 0]);
}
