//! Documents of Systems Manager, as the service describes, lists and shares them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::operation::DocumentHashType;
use crate::types::{PlatformType, QueryFilter, Tag, shape, string_enum, timestamp};

string_enum! {
    /// The type of a document.
    pub enum DocumentType {
        /// A document of Run Command.
        Command = "Command",
        /// A policy of State Manager.
        Policy = "Policy",
        /// A runbook.
        Automation = "Automation",
        /// Settings of Session Manager.
        Session = "Session",
        /// A package of Distributor.
        Package = "Package",
        /// A configuration of AppConfig.
        ApplicationConfiguration = "ApplicationConfiguration",
        /// The schema of a configuration of AppConfig.
        ApplicationConfigurationSchema = "ApplicationConfigurationSchema",
        /// A deployment strategy of AppConfig.
        DeploymentStrategy = "DeploymentStrategy",
        /// A change calendar.
        ChangeCalendar = "ChangeCalendar",
        /// A template of Change Manager.
        AutomationChangeTemplate = "Automation.ChangeTemplate",
        /// A problem analysis.
        ProblemAnalysis = "ProblemAnalysis",
        /// The template of a problem analysis.
        ProblemAnalysisTemplate = "ProblemAnalysisTemplate",
        /// A template of CloudFormation.
        CloudFormation = "CloudFormation",
        /// A template of a conformance pack.
        ConformancePackTemplate = "ConformancePackTemplate",
        /// A configuration of Quick Setup.
        QuickSetup = "QuickSetup",
        /// A policy of manual approval.
        ManualApprovalPolicy = "ManualApprovalPolicy",
        /// A policy of automatic approval.
        AutoApprovalPolicy = "AutoApprovalPolicy",
    }
}

string_enum! {
    /// The format of a document's text.
    pub enum DocumentFormat {
        /// YAML.
        Yaml = "YAML",
        /// JSON.
        Json = "JSON",
        /// Plain text.
        Text = "TEXT",
    }
}

string_enum! {
    /// The status of a document.
    pub enum DocumentStatus {
        /// Being created.
        Creating = "Creating",
        /// Ready for use.
        Active = "Active",
        /// Being changed.
        Updating = "Updating",
        /// Being deleted.
        Deleting = "Deleting",
        /// Its creation failed.
        Failed = "Failed",
    }
}

string_enum! {
    /// The type of a document's parameter.
    pub enum DocumentParameterType {
        /// One text.
        String = "String",
        /// A list of texts.
        StringList = "StringList",
    }
}

string_enum! {
    /// The status of a review of a document.
    pub enum ReviewStatus {
        /// Approved.
        Approved = "APPROVED",
        /// Not reviewed.
        NotReviewed = "NOT_REVIEWED",
        /// Not reviewed yet.
        Pending = "PENDING",
        /// Rejected.
        Rejected = "REJECTED",
    }
}

string_enum! {
    /// Where the attachments of a document come from.
    pub enum AttachmentsSourceKey {
        /// A folder in S3.
        SourceUrl = "SourceUrl",
        /// A file in S3.
        S3FileUrl = "S3FileUrl",
        /// A file of another document.
        AttachmentReference = "AttachmentReference",
    }
}

shape! {
    /// Attachments that a document is created with.
    pub struct AttachmentsSource {
        /// The kind of source.
        pub key: Option<AttachmentsSourceKey>,
        /// The source; a list of one.
        pub values: Option<Vec<String>>,
        /// The file's name, 3 to 128 characters.
        pub name: Option<String>,
    }
}

shape! {
    /// An attachment of a document.
    pub struct AttachmentInformation {
        /// The file's name.
        pub name: Option<String>,
    }
}

shape! {
    /// An attachment of a document, with the place to read it from.
    pub struct AttachmentsContent {
        /// The file's name.
        pub name: Option<String>,
        /// Its size in bytes.
        pub size: Option<i64>,
        /// Its hash.
        pub hash: Option<String>,
        /// The hash's algorithm: Sha256.
        pub hash_type: Option<DocumentHashType>,
        /// Its URL. `Debug` leaves the query out.
        pub [url] url: Option<String>,
    }
}

shape! {
    /// A document that another document needs.
    pub struct DocumentRequires {
        /// The document.
        pub name: Option<String>,
        /// Its version.
        pub version: Option<String>,
        /// The kind of need.
        pub require_type: Option<String>,
        /// The name of its version.
        pub version_name: Option<String>,
    }
}

shape! {
    /// A parameter of a document.
    pub struct DocumentParameter {
        /// The name.
        pub name: Option<String>,
        /// The type.
        pub r#type: Option<DocumentParameterType>,
        /// The description.
        pub description: Option<String>,
        /// The default value; a list is written as JSON.
        pub default_value: Option<String>,
    }
}

shape! {
    /// A review of a document.
    pub struct ReviewInformation {
        /// When it was reviewed.
        #[serde(with = "timestamp::option")]
        pub reviewed_time: Option<Timestamp>,
        /// The result.
        pub status: Option<ReviewStatus>,
        /// Who reviewed it.
        pub reviewer: Option<String>,
    }
}

shape! {
    /// A document without its text, as CreateDocument, UpdateDocument and DescribeDocument describe it.
    pub struct DocumentDescription {
        /// The SHA-1 of the text, which the service deprecates.
        pub sha1: Option<String>,
        /// The hash of the text, in lower-case hexadecimal digits.
        pub hash: Option<String>,
        /// The hash's algorithm.
        pub hash_type: Option<DocumentHashType>,
        /// The name; the ARN of one that another account shares.
        pub name: Option<String>,
        /// The name for display.
        pub display_name: Option<String>,
        /// The name of the version.
        pub version_name: Option<String>,
        /// The account that owns it.
        pub owner: Option<String>,
        /// When the version was created.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// The status.
        pub status: Option<DocumentStatus>,
        /// Why it has this status.
        pub status_information: Option<String>,
        /// The version.
        pub document_version: Option<String>,
        /// The description, from the text.
        pub description: Option<String>,
        /// The parameters, from the text.
        pub parameters: Option<Vec<DocumentParameter>>,
        /// The platforms on which it runs.
        pub platform_types: Option<Vec<PlatformType>>,
        /// The type.
        pub document_type: Option<DocumentType>,
        /// The version of the schema, such as `0.3`.
        pub schema_version: Option<String>,
        /// The latest version.
        pub latest_version: Option<String>,
        /// The version that is used if none is named.
        pub default_version: Option<String>,
        /// The format of the text.
        pub document_format: Option<DocumentFormat>,
        /// The type of resource on which it works, such as `/AWS::EC2::Instance`.
        pub target_type: Option<String>,
        /// The tags.
        pub tags: Option<Vec<Tag>>,
        /// The attachments.
        pub attachments_information: Option<Vec<AttachmentInformation>>,
        /// The documents that it needs.
        pub requires: Option<Vec<DocumentRequires>>,
        /// Who wrote it.
        pub author: Option<String>,
        /// The reviews.
        pub review_information: Option<Vec<ReviewInformation>>,
        /// The version that was approved.
        pub approved_version: Option<String>,
        /// The version that waits for a review.
        pub pending_review_version: Option<String>,
        /// The result of the review.
        pub review_status: Option<ReviewStatus>,
        /// The categories.
        pub category: Option<Vec<String>>,
        /// The categories as the service numbers them.
        pub category_enum: Option<Vec<String>>,
        /// The clouds in which it runs.
        pub cloud_providers: Option<Vec<String>>,
    }
}

shape! {
    /// A document with its text, as GetDocument returns it.
    pub struct Document {
        /// The name; the ARN of one that another account shares.
        pub name: Option<String>,
        /// When the version was created.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// The name for display.
        pub display_name: Option<String>,
        /// The name of the version.
        pub version_name: Option<String>,
        /// The version.
        pub document_version: Option<String>,
        /// The status.
        pub status: Option<DocumentStatus>,
        /// Why it has this status.
        pub status_information: Option<String>,
        /// The text.
        pub content: Option<String>,
        /// The type.
        pub document_type: Option<DocumentType>,
        /// The format of the text.
        pub document_format: Option<DocumentFormat>,
        /// The documents that it needs.
        pub requires: Option<Vec<DocumentRequires>>,
        /// The attachments.
        pub attachments_content: Option<Vec<AttachmentsContent>>,
        /// The result of the review.
        pub review_status: Option<ReviewStatus>,
    }
}

shape! {
    /// A document, as ListDocuments lists it.
    pub struct DocumentIdentifier {
        /// The name.
        pub name: Option<String>,
        /// When the default version was created.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// The name for display.
        pub display_name: Option<String>,
        /// The account that owns it, or `Amazon`.
        pub owner: Option<String>,
        /// The name of the version.
        pub version_name: Option<String>,
        /// The platforms on which it runs.
        pub platform_types: Option<Vec<PlatformType>>,
        /// The default version.
        pub document_version: Option<String>,
        /// The type.
        pub document_type: Option<DocumentType>,
        /// The version of the schema.
        pub schema_version: Option<String>,
        /// The format of the text.
        pub document_format: Option<DocumentFormat>,
        /// The type of resource on which it works.
        pub target_type: Option<String>,
        /// The tags.
        pub tags: Option<Vec<Tag>>,
        /// The documents that it needs.
        pub requires: Option<Vec<DocumentRequires>>,
        /// The result of the review.
        pub review_status: Option<ReviewStatus>,
        /// Who wrote it.
        pub author: Option<String>,
        /// The clouds in which it runs.
        pub cloud_providers: Option<Vec<String>>,
    }
}

shape! {
    /// The default version of a document.
    pub struct DocumentDefaultVersionDescription {
        /// The document.
        pub name: Option<String>,
        /// The version.
        pub default_version: Option<String>,
        /// The version's name.
        pub default_version_name: Option<String>,
    }
}

shape! {
    /// An account that a document is shared with.
    pub struct AccountSharingInfo {
        /// The account, or `all`.
        pub account_id: Option<String>,
        /// The version that is shared: `$DEFAULT`, `$LATEST` or `$ALL`.
        pub shared_document_version: Option<String>,
    }
}

/// A filter of ListDocuments. Filters are ANDed, values ORed.
///
/// ```
/// use aws_patch_manager::automation::DocumentFilter;
///
/// let own_runbooks = [
///     DocumentFilter::owner("Self"),
///     DocumentFilter::document_type("Automation"),
/// ];
/// # let _ = own_runbooks;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentFilter(QueryFilter);

impl DocumentFilter {
    /// Documents whose name begins with this text.
    pub fn name(prefix: impl Into<String>) -> Self {
        Self::key("Name", [prefix])
    }

    /// Documents of `Amazon`, of the account itself (`Self`), or shared with it (`Private`).
    pub fn owner(owner: impl Into<String>) -> Self {
        Self::key("Owner", [owner])
    }

    /// Documents of this type.
    pub fn document_type(document_type: impl Into<String>) -> Self {
        Self::key("DocumentType", [document_type])
    }

    /// A filter by a key that has no constructor here, such as `PlatformTypes` or `tag:KEY`.
    pub fn key<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        Self(QueryFilter::new(key, values))
    }

    /// Its key and values.
    pub fn as_filter(&self) -> &QueryFilter {
        &self.0
    }
}
