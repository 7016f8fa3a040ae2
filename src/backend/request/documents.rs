//! The requests of documents.

use super::member::request;
use crate::automation::{
    AttachmentsSource, DocumentFilter, DocumentFormat, DocumentRequires, DocumentType,
};
use crate::page::PageRequest;
use crate::types::Tag;

request! {
    /// The input of CreateDocument.
    pub struct CreateDocument {
        /// The text, at most 64 KB.
        required "Content" => content: String,
        /// The documents that it needs.
        optional "Requires" => requires: Vec<DocumentRequires>,
        /// The attachments, at most 20.
        optional "Attachments" => attachments: Vec<AttachmentsSource>,
        /// The name, 3 to 128 letters, digits, `_`, `-` or `.`.
        required "Name" => name: String,
        /// The name for display.
        optional "DisplayName" => display_name: Option<String>,
        /// The name of the version.
        optional "VersionName" => version_name: Option<String>,
        /// The type; Command if absent.
        optional "DocumentType" => document_type: Option<DocumentType>,
        /// The format of the text; JSON if absent.
        optional "DocumentFormat" => document_format: Option<DocumentFormat>,
        /// The type of resource on which it works, such as `/AWS::EC2::Instance`.
        optional "TargetType" => target_type: Option<String>,
        /// The tags.
        optional "Tags" => tags: Vec<Tag>,
        /// The clouds in which it runs.
        optional "CloudProviders" => cloud_providers: Vec<String>,
    }
}

impl CreateDocument {
    /// A request for a runbook with this name and text, in JSON.
    pub fn runbook(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            requires: Vec::new(),
            attachments: Vec::new(),
            name: name.into(),
            display_name: None,
            version_name: None,
            document_type: Some(DocumentType::Automation),
            document_format: Some(DocumentFormat::Json),
            target_type: None,
            tags: Vec::new(),
            cloud_providers: Vec::new(),
        }
    }
}

request! {
    /// The input of UpdateDocument, which makes a new version.
    pub struct UpdateDocument {
        /// The text, at most 64 KB.
        required "Content" => content: String,
        /// The attachments, at most 20.
        optional "Attachments" => attachments: Vec<AttachmentsSource>,
        /// The document.
        required "Name" => name: String,
        /// The name for display.
        optional "DisplayName" => display_name: Option<String>,
        /// The name of the version.
        optional "VersionName" => version_name: Option<String>,
        /// The version that it starts from: `$LATEST`, or the number of the latest.
        optional "DocumentVersion" => document_version: Option<String>,
        /// The format of the text; JSON if absent.
        optional "DocumentFormat" => document_format: Option<DocumentFormat>,
        /// The type of resource on which it works.
        optional "TargetType" => target_type: Option<String>,
        /// The clouds in which it runs.
        optional "CloudProviders" => cloud_providers: Vec<String>,
    }
}

impl UpdateDocument {
    /// A request for a new version of this document, in JSON.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            attachments: Vec::new(),
            name: name.into(),
            display_name: None,
            version_name: None,
            document_version: Some("$LATEST".to_owned()),
            document_format: Some(DocumentFormat::Json),
            target_type: None,
            cloud_providers: Vec::new(),
        }
    }
}

request! {
    /// The input of UpdateDocumentDefaultVersion.
    pub struct UpdateDocumentDefaultVersion {
        /// The document.
        required "Name" => name: String,
        /// The version: a number.
        required "DocumentVersion" => document_version: String,
    }
    /// A request to make this version the default.
    pub fn new(name: impl Into<String>, document_version: impl Into<String>);
}

request! {
    /// The input of DescribeDocument.
    pub struct DescribeDocument {
        /// The document: its name, or its ARN if another account shares it.
        required "Name" => name: String,
        /// The version: a number, `$DEFAULT` or `$LATEST`; the default one if absent.
        optional "DocumentVersion" => document_version: Option<String>,
        /// The name of the version.
        optional "VersionName" => version_name: Option<String>,
    }
}

impl DescribeDocument {
    /// A request for the default version of this document.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            document_version: None,
            version_name: None,
        }
    }
}

request! {
    /// The input of GetDocument.
    pub struct GetDocument {
        /// The document: its name, or its ARN if another account shares it.
        required "Name" => name: String,
        /// The name of the version.
        optional "VersionName" => version_name: Option<String>,
        /// The version: a number, `$DEFAULT` or `$LATEST`; the default one if absent.
        optional "DocumentVersion" => document_version: Option<String>,
        /// The format in which the text is returned; its own if absent.
        optional "DocumentFormat" => document_format: Option<DocumentFormat>,
    }
}

impl GetDocument {
    /// A request for the default version of this document.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version_name: None,
            document_version: None,
            document_format: None,
        }
    }

    /// The same request for this version.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.document_version = Some(version.into());
        self
    }
}

request! {
    /// The input of ListDocuments. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListDocuments {
        /// Only documents that match all of these filters, at most 6.
        optional "Filters" => filters: Vec<DocumentFilter>,
        ..page
    }
}

impl ListDocuments {
    /// A request for a page of the documents that match all of these filters.
    pub fn new(filters: Vec<DocumentFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

request! {
    /// The input of ModifyDocumentPermission.
    pub struct ModifyDocumentPermission {
        /// The document.
        required "Name" => name: String,
        /// The permission: `Share`.
        required "PermissionType" => permission_type: String,
        /// Accounts that get it, or `All`; at most 20.
        optional "AccountIdsToAdd" => account_ids_to_add: Vec<String>,
        /// Accounts that lose it; at most 20.
        optional "AccountIdsToRemove" => account_ids_to_remove: Vec<String>,
        /// The version that is shared: `$DEFAULT`, `$LATEST` or `$ALL`; the default one if absent.
        optional "SharedDocumentVersion" => shared_document_version: Option<String>,
    }
}

impl ModifyDocumentPermission {
    /// A request to share this document with these accounts, at most 20.
    pub fn share<I>(name: impl Into<String>, accounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            name: name.into(),
            permission_type: "Share".to_owned(),
            account_ids_to_add: accounts.into_iter().map(Into::into).collect(),
            account_ids_to_remove: Vec::new(),
            shared_document_version: None,
        }
    }
}

request! {
    /// The input of DescribeDocumentPermission. Pages of 1 to 200.
    pub struct DescribeDocumentPermission {
        /// The document.
        required "Name" => name: String,
        /// The permission: `Share`.
        required "PermissionType" => permission_type: String,
        ..page
    }
}

impl DescribeDocumentPermission {
    /// A request for a page of the accounts that this document is shared with.
    pub fn shares_of(name: impl Into<String>, page: PageRequest) -> Self {
        Self {
            name: name.into(),
            permission_type: "Share".to_owned(),
            page,
        }
    }
}
