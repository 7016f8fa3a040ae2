//! The policy of a bucket that resource data syncs write to.

use serde_json::{Value, json};

use super::builder::check_destination;
use super::{CreateResourceDataSync, ResourceDataSyncS3Destination, ResourceDataSyncType};
use crate::error::{Result, Violations};
use crate::types::{is_account, partition_of};

/// What the service is called in the policy.
const PRINCIPAL: &str = "ssm.amazonaws.com";

/// The longest policy of a bucket, in bytes (S3 User Guide, bucket policies).
const LONGEST: usize = 20_480;

/// The bucket policy that admits the syncs of these accounts, as JSON.
///
/// The service may check the bucket (`s3:GetBucketAcl`), and write below
/// `<prefix>/*/accountid=<account>/` (`s3:PutObject`), only on behalf of these accounts, and with the
/// sync's KMS key if it has one. Then the policy of the key has to allow the service
/// `kms:GenerateDataKey`. The policy replaces the bucket's current one: add other statements yourself.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a sync without a bucket, what
/// [`SyncToDestination::build`](super::SyncToDestination::build) refuses of a bucket, no account, and an
/// account that has not 12 digits. Also so many accounts, some 150, that the policy is longer than the
/// 20 KB that a bucket takes.
///
/// ```
/// use aws_patch_manager::resource_data_sync::{SyncToDestination, bucket_policy};
///
/// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1").build()?;
/// let policy = bucket_policy(&sync, ["111122223333"])?;
/// assert_eq!(policy["Statement"][1]["Action"], "s3:PutObject");
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
pub fn bucket_policy<I>(sync: &CreateResourceDataSync, accounts: I) -> Result<Value>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    let accounts: Vec<String> = accounts.into_iter().map(Into::into).collect();
    let mut found = Violations::new();
    let bucket = Bucket::of(sync, &mut found);
    let legal = "at least one account";
    found.require(!accounts.is_empty(), "accountid", "", legal);
    for account in &accounts {
        found.require(is_account(account), "accountid", account, "12 digits");
    }
    let bucket = found.or("PutBucketPolicy", bucket)?;
    let resources: Vec<String> = accounts.iter().map(|one| bucket.keys_of(one)).collect();
    let partition = bucket.partition();
    let sources = accounts
        .iter()
        .map(|account| format!("arn:{partition}:ssm:*:{account}:resource-data-sync/*"));
    let mut equal = bucket.conditions();
    equal["aws:SourceAccount"] = json!(accounts);
    let conditions = json!({
        "StringEquals": equal,
        "ArnLike": { "aws:SourceArn": sources.collect::<Vec<_>>() },
    });
    let policy = document([
        bucket.check(),
        statement(
            "SSMBucketDelivery",
            "s3:PutObject",
            json!(resources),
            Some(conditions),
        ),
    ]);
    let length = policy.to_string().len();
    let mut found = Violations::new();
    let legal = "a policy of at most 20,480 bytes: name fewer accounts, or the organization";
    let shown = format_args!("{length} bytes for {} accounts", accounts.len());
    found.require(length <= LONGEST, "accountid", shown, legal);
    found.or("PutBucketPolicy", policy)
}

/// The bucket policy that admits the syncs of every account of an organization, by its id, such as
/// `o-a1b2c3d4e5`.
///
/// It is that of [`bucket_policy`] for any account of the organization. The service may also tag the
/// objects (`s3:PutObjectTagging`), as a sync that shares its bucket
/// ([`share_with_organization`](super::SyncToDestination::share_with_organization)) does. If the
/// bucket is encrypted, each account's sync has to name the KMS key.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a sync without a bucket, what
/// [`SyncToDestination::build`](super::SyncToDestination::build) refuses of a bucket, a sync that does
/// not share it, and a malformed id.
///
/// ```
/// use aws_patch_manager::resource_data_sync::{SyncToDestination, organization_bucket_policy};
///
/// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1");
/// let sync = sync.share_with_organization().build()?;
/// let policy = organization_bucket_policy(&sync, "o-a1b2c3d4e5")?;
/// assert_eq!(policy["Statement"][2]["Action"], "s3:PutObjectTagging");
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
pub fn organization_bucket_policy(
    sync: &CreateResourceDataSync,
    organization: &str,
) -> Result<Value> {
    let mut found = Violations::new();
    let bucket = Bucket::of(sync, &mut found);
    let sharing = bucket.destination.destination_data_sharing.as_ref();
    let is_shared = sharing.is_some_and(|to| to.destination_data_sharing_type.is_some());
    let legal = "`Organization`: the sync has to share its bucket";
    let field = "S3Destination.DestinationDataSharing";
    let is_to = sync.sync_type() == ResourceDataSyncType::SyncToDestination;
    found.require(is_shared || !is_to, field, "", legal);
    let legal = "the id of an organization, such as o-a1b2c3d4e5";
    found.require(
        is_organization(organization),
        "organization",
        organization,
        legal,
    );
    let bucket = found.or("PutBucketPolicy", bucket)?;
    let of_any = bucket.keys_of("*");
    let of_organization = json!({ "aws:SourceOrgID": organization });
    let mut equal = bucket.conditions();
    equal["aws:SourceOrgID"] = json!(organization);
    Ok(document([
        bucket.check(),
        statement(
            "SSMBucketDelivery",
            "s3:PutObject",
            json!(of_any),
            Some(json!({ "StringEquals": equal })),
        ),
        statement(
            "SSMBucketDeliveryTagging",
            "s3:PutObjectTagging",
            json!(of_any),
            Some(json!({ "StringEquals": of_organization })),
        ),
    ]))
}

/// Whether it is the id of an organization (AWS Organizations API, `^o-[a-z0-9]{10,32}$`).
fn is_organization(id: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = id.strip_prefix("o-").unwrap_or_default();
    (10..=32).contains(&rest.len()) && rest.bytes().all(legal)
}

/// The bucket of a sync.
struct Bucket {
    destination: ResourceDataSyncS3Destination,
}

impl Bucket {
    fn of(sync: &CreateResourceDataSync, found: &mut Violations) -> Self {
        let kind = sync.sync_type();
        let legal = "SyncToDestination: only this type has a bucket";
        let is_to = kind == ResourceDataSyncType::SyncToDestination;
        found.require(is_to, "SyncType", kind.as_str(), legal);
        let destination = sync.s3_destination.clone();
        let destination =
            destination.unwrap_or_else(|| ResourceDataSyncS3Destination::new("", "us-east-1"));
        if is_to {
            check_destination(found, &destination);
        }
        Self { destination }
    }

    fn partition(&self) -> &'static str {
        partition_of(&self.destination.region)
    }

    fn arn(&self) -> String {
        let partition = self.partition();
        format!("arn:{partition}:s3:::{}", self.destination.bucket_name)
    }

    /// The keys of an account.
    fn keys_of(&self, account: &str) -> String {
        let prefix = self.destination.prefix.as_deref();
        let prefix = prefix.map_or_else(String::new, |prefix| format!("{}/", literal(prefix)));
        format!("{}/{prefix}*/accountid={account}/*", self.arn())
    }

    /// What every object has to be written with.
    fn conditions(&self) -> Value {
        let mut conditions = json!({ "s3:x-amz-acl": "bucket-owner-full-control" });
        if let Some(key) = &self.destination.awskms_key_arn {
            conditions["s3:x-amz-server-side-encryption"] = json!("aws:kms");
            conditions["s3:x-amz-server-side-encryption-aws-kms-key-id"] = json!(key);
        }
        conditions
    }

    /// The service looks at the bucket before it writes.
    fn check(&self) -> Value {
        let arn = json!(self.arn());
        statement("SSMBucketPermissionsCheck", "s3:GetBucketAcl", arn, None)
    }
}

/// A text of which no character is a wildcard, or begins a variable, in a policy (IAM User Guide,
/// predefined policy variables).
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' | '?' | '$' => literal.extend(['$', '{', character, '}']),
            other => literal.push(other),
        }
    }
    literal
}

fn document<const N: usize>(statements: [Value; N]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": Value::Array(statements.to_vec()) })
}

fn statement(id: &str, action: &str, resource: Value, condition: Option<Value>) -> Value {
    let mut statement = json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": { "Service": PRINCIPAL },
        "Action": action,
        "Resource": resource,
    });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}
