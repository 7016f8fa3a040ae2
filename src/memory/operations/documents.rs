//! The documents of the account, and DocumentStore over them.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

use super::check::{Validation, refused};
use super::paging::Bounds;
use crate::automation::{
    AccountSharingInfo, AttachmentsSource, AttachmentsSourceKey, Document,
    DocumentDefaultVersionDescription, DocumentDescription, DocumentFormat, DocumentIdentifier,
    DocumentStatus, DocumentType, is_document_name,
};
use crate::backend::{
    CreateDocument, DescribeDocument, DescribeDocumentPermission, DocumentStore, GetDocument,
    ListDocuments, ModifyDocumentPermission, Operation, UpdateDocument,
    UpdateDocumentDefaultVersion,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::State;
use crate::memory::store::documents::{DocumentRecord, DocumentVersion, aws_documents};
use crate::memory::store::runbook::{RunbookText, parse};
use crate::page::Page;
use crate::types::is_account;

/// The longest text of a document, in bytes (Service Quotas).
const LONGEST: usize = 64 * 1024;

/// The most versions of a document (Service Quotas).
const MOST_VERSIONS: usize = 1_000;

/// The most documents of an account (Service Quotas).
const MOST_DOCUMENTS: usize = 500;

/// The most accounts that a document is shared with (Service Quotas).
const MOST_SHARES: usize = 1_000;

fn failure(kind: ErrorKind, code: &str, message: impl Into<String>, name: &str) -> Error {
    Error::service(kind, code, message).with_resource(name)
}

fn invalid_document(name: &str) -> Error {
    let message = "the document does not exist";
    failure(ErrorKind::NotFound, "InvalidDocument", message, name)
}

fn invalid_version(name: &str) -> Error {
    let message = "the document has no such version";
    failure(ErrorKind::NotFound, "InvalidDocumentVersion", message, name)
}

/// What a text says, in a format.
struct Text {
    format: DocumentFormat,
    schema_version: Option<String>,
    description: Option<String>,
    runbook: Option<Arc<RunbookText>>,
}

impl Text {
    fn read(
        name: &str,
        content: &str,
        format: Option<DocumentFormat>,
        document_type: &DocumentType,
    ) -> Result<Self> {
        if content.len() > LONGEST {
            let message = "a document has at most 64 KB";
            let code = "MaxDocumentSizeExceeded";
            return Err(failure(ErrorKind::LimitExceeded, code, message, name));
        }
        let format = format.unwrap_or(DocumentFormat::Json);
        let invalid = |message: String| {
            failure(
                ErrorKind::InvalidInput,
                "InvalidDocumentContent",
                message,
                name,
            )
        };
        if format == DocumentFormat::Text {
            return Ok(Self {
                format,
                schema_version: None,
                description: None,
                runbook: None,
            });
        }
        let parsed = parse(content, &format);
        let parsed = parsed.filter(Value::is_object);
        let parsed = parsed.ok_or_else(|| invalid(format!("the text is not {format}")))?;
        let member = |name: &str| parsed.get(name).and_then(Value::as_str).map(str::to_owned);
        let (schema_version, description) = (member("schemaVersion"), member("description"));
        let mut runbook = None;
        if *document_type == DocumentType::Automation {
            if schema_version.as_deref() != Some("0.3") {
                let code = "InvalidDocumentSchemaVersion";
                let message = "the schema version of a runbook is 0.3";
                return Err(failure(ErrorKind::InvalidInput, code, message, name));
            }
            runbook = Some(Arc::new(RunbookText::read(parsed).map_err(invalid)?));
        }
        Ok(Self {
            format,
            schema_version,
            description,
            runbook,
        })
    }
}

/// The members of the model's enumerations that a document is written with.
fn check_enumerations(
    validation: &mut Validation,
    format: Option<&DocumentFormat>,
    attachments: &[AttachmentsSource],
    cloud_providers: &[String],
) {
    let known = format.is_none_or(DocumentFormat::is_known);
    validation.one_of("documentFormat", known);
    let mut keys = attachments.iter().filter_map(|source| source.key.as_ref());
    validation.one_of("attachments.key", keys.all(AttachmentsSourceKey::is_known));
    let mut providers = cloud_providers.iter();
    let known = providers.all(|provider| matches!(provider.as_str(), "AWS" | "Azure" | "GCP"));
    validation.one_of("cloudProviders", known);
}

fn create(
    state: &mut State,
    request: CreateDocument,
    now: Timestamp,
) -> Result<DocumentDescription> {
    let mut validation = Validation::of(Operation::CreateDocument);
    let rule = "Member must satisfy ^[a-zA-Z0-9_\\-.]{3,128}$ and not begin with a prefix of AWS";
    validation.require(is_document_name(&request.name), "name", rule);
    validation.require(
        !request.content.is_empty(),
        "content",
        "Member must have length at least 1",
    );
    let document_type = request.document_type.unwrap_or(DocumentType::Command);
    validation.one_of("documentType", document_type.is_known());
    check_enumerations(
        &mut validation,
        request.document_format.as_ref(),
        &request.attachments,
        &request.cloud_providers,
    );
    let format = request.document_format;
    validation.count("attachments", &request.attachments, 0..=20);
    validation.count("tags", &request.tags, 0..=1000);
    validation.finish()?;
    let name = request.name;
    if state.documents.get(&name).is_some() {
        let (code, message) = (
            "DocumentAlreadyExists",
            "the account has a document of this name",
        );
        return Err(failure(ErrorKind::AlreadyExists, code, message, &name));
    }
    if state.documents.own().count() >= MOST_DOCUMENTS {
        let (code, message) = (
            "DocumentLimitExceeded",
            "an account has at most 500 documents",
        );
        return Err(failure(ErrorKind::LimitExceeded, code, message, &name));
    }
    let text = Text::read(&name, &request.content, format, &document_type)?;
    let version = DocumentVersion {
        content: request.content,
        format: text.format,
        version_name: request.version_name,
        display_name: request.display_name,
        target_type: request.target_type,
        cloud_providers: request.cloud_providers,
        created: now,
        schema_version: text.schema_version,
        description: text.description,
        runbook: text.runbook,
    };
    state.documents.insert(DocumentRecord {
        name: name.clone(),
        document_type,
        requires: request.requires,
        tags: request.tags,
        shares: Default::default(),
        versions: vec![version],
        default: 1,
    });
    describe(state, Operation::CreateDocument, &name, Some("1"), None)
}

fn update(
    state: &mut State,
    request: UpdateDocument,
    now: Timestamp,
) -> Result<DocumentDescription> {
    let mut validation = Validation::of(Operation::UpdateDocument);
    check_enumerations(
        &mut validation,
        request.document_format.as_ref(),
        &request.attachments,
        &request.cloud_providers,
    );
    validation.finish()?;
    let name = request.name;
    let record = state
        .documents
        .get_mut(&name)
        .ok_or_else(|| invalid_document(&name))?;
    let latest = record.versions.len();
    // Only the latest version can be changed (SSM model, UpdateDocumentRequest).
    let of_latest = match request.document_version.as_deref() {
        None | Some("$LATEST") => true,
        Some("$DEFAULT") => record.default == latest,
        Some(number) => number.parse() == Ok(latest),
    };
    if !of_latest {
        return Err(invalid_version(&name));
    }
    let text = Text::read(
        &name,
        &request.content,
        request.document_format,
        &record.document_type,
    )?;
    let current = record.versions.last();
    if current.is_some_and(|version| version.content == request.content) {
        let (code, message) = (
            "DuplicateDocumentContent",
            "the latest version has this text",
        );
        return Err(failure(ErrorKind::InvalidInput, code, message, &name));
    }
    let mut names = record
        .versions
        .iter()
        .filter_map(|version| version.version_name.as_ref());
    if names.any(|known| Some(known) == request.version_name.as_ref()) {
        let (code, message) = ("DuplicateDocumentVersionName", "a version has this name");
        return Err(failure(ErrorKind::AlreadyExists, code, message, &name));
    }
    if latest >= MOST_VERSIONS {
        let (code, message) = (
            "DocumentVersionLimitExceeded",
            "a document has at most 1,000 versions",
        );
        return Err(failure(ErrorKind::LimitExceeded, code, message, &name));
    }
    record.versions.push(DocumentVersion {
        content: request.content,
        format: text.format,
        version_name: request.version_name,
        display_name: request.display_name,
        target_type: request.target_type,
        cloud_providers: request.cloud_providers,
        created: now,
        schema_version: text.schema_version,
        description: text.description,
        runbook: text.runbook,
    });
    describe(
        state,
        Operation::UpdateDocument,
        &name,
        Some("$LATEST"),
        None,
    )
}

/// A document of the account and one of its versions.
fn find<'s>(
    state: &'s State,
    operation: Operation,
    name: &str,
    version: Option<&str>,
    version_name: Option<&str>,
) -> Result<(&'s DocumentRecord, usize, &'s DocumentVersion)> {
    let record = state.documents.get(name);
    let record = record.ok_or_else(|| invalid_document(name).with_operation(operation))?;
    let found = record.version(version, version_name);
    let (number, found) = found.ok_or_else(|| invalid_version(name).with_operation(operation))?;
    Ok((record, number, found))
}

fn describe(
    state: &State,
    operation: Operation,
    name: &str,
    version: Option<&str>,
    version_name: Option<&str>,
) -> Result<DocumentDescription> {
    let (record, number, version) = find(state, operation, name, version, version_name)?;
    let mut answer = DocumentDescription {
        name: Some(record.name.clone()),
        display_name: version.display_name.clone(),
        version_name: version.version_name.clone(),
        owner: Some(state.account.id.clone()),
        created_date: Some(version.created),
        status: Some(DocumentStatus::Active),
        document_version: Some(number.to_string()),
        description: version.description.clone(),
        parameters: version.runbook.as_ref().map(|runbook| runbook.described()),
        platform_types: Some(PLATFORMS.to_vec()),
        document_type: Some(record.document_type.clone()),
        schema_version: version.schema_version.clone(),
        latest_version: Some(record.versions.len().to_string()),
        default_version: Some(record.default.to_string()),
        document_format: Some(version.format.clone()),
        target_type: version.target_type.clone(),
        tags: Some(record.tags.clone()),
        requires: Some(record.requires.clone()).filter(|requires| !requires.is_empty()),
        ..DocumentDescription::default()
    };
    let clouds = Some(version.cloud_providers.clone());
    answer.cloud_providers = clouds.filter(|clouds| !clouds.is_empty());
    Ok(answer)
}

const PLATFORMS: [crate::types::PlatformType; 3] = [
    crate::types::PlatformType::Windows,
    crate::types::PlatformType::Linux,
    crate::types::PlatformType::MacOs,
];

fn get(state: &State, request: &GetDocument) -> Result<Document> {
    const OPERATION: Operation = Operation::GetDocument;
    let mut validation = Validation::of(OPERATION);
    check_enumerations(&mut validation, request.document_format.as_ref(), &[], &[]);
    validation.finish()?;
    let (version, name) = (
        request.document_version.as_deref(),
        request.version_name.as_deref(),
    );
    let (record, number, version) = find(state, OPERATION, &request.name, version, name)?;
    let mut document = Document {
        name: Some(record.name.clone()),
        created_date: Some(version.created),
        display_name: version.display_name.clone(),
        version_name: version.version_name.clone(),
        document_version: Some(number.to_string()),
        status: Some(DocumentStatus::Active),
        document_type: Some(record.document_type.clone()),
        requires: Some(record.requires.clone()).filter(|requires| !requires.is_empty()),
        ..Document::default()
    };
    let format = request.document_format.as_ref().unwrap_or(&version.format);
    document.document_format = Some(format.clone());
    document.content = Some(match format == &version.format {
        true => version.content.clone(),
        false => converted(version, format)
            .ok_or_else(|| refused(OPERATION, "the text cannot be written in this format"))?,
    });
    Ok(document)
}

/// The text in another format.
fn converted(version: &DocumentVersion, format: &DocumentFormat) -> Option<String> {
    let value = parse(&version.content, &version.format)?;
    match format {
        DocumentFormat::Yaml => serde_norway::to_string(&value).ok(),
        _ => serde_json::to_string_pretty(&value).ok(),
    }
}

/// The filters of ListDocuments (SSM model, `DocumentKeyValuesFilter`); others are refused.
const LIST_KEYS: [&str; 6] = [
    "DocumentType",
    "Name",
    "Owner",
    "PlatformTypes",
    "SearchKeyword",
    "TargetType",
];

fn list(state: &State, request: &ListDocuments) -> Result<Page<DocumentIdentifier>> {
    const OPERATION: Operation = Operation::ListDocuments;
    let mut validation = Validation::of(OPERATION);
    validation.count("filters", &request.filters, 0..=6);
    validation.finish()?;
    let filters = || request.filters.iter().map(|filter| filter.as_filter());
    let is_known = |key: &str| LIST_KEYS.contains(&key) || key.starts_with("tag:");
    if let Some(filter) = filters().find(|filter| !is_known(&filter.key)) {
        let error = Error::service(ErrorKind::InvalidInput, "InvalidFilterKey", "");
        return Err(error.with_operation(OPERATION).with_resource(&filter.key));
    }
    let own = state.documents.own().filter_map(|record| {
        let (number, version) = record.version(None, None)?;
        Some(DocumentIdentifier {
            name: Some(record.name.clone()),
            created_date: Some(version.created),
            display_name: version.display_name.clone(),
            owner: Some(state.account.id.clone()),
            version_name: version.version_name.clone(),
            platform_types: Some(PLATFORMS.to_vec()),
            document_version: Some(number.to_string()),
            document_type: Some(record.document_type.clone()),
            schema_version: version.schema_version.clone(),
            document_format: Some(version.format.clone()),
            target_type: version.target_type.clone(),
            tags: Some(record.tags.clone()),
            ..DocumentIdentifier::default()
        })
    });
    let of_aws = aws_documents().map(|name| DocumentIdentifier {
        name: Some(name.to_owned()),
        owner: Some("Amazon".to_owned()),
        platform_types: Some(PLATFORMS.to_vec()),
        document_version: Some("1".to_owned()),
        document_type: Some(DocumentType::Command),
        document_format: Some(DocumentFormat::Json),
        tags: Some(Vec::new()),
        ..DocumentIdentifier::default()
    });
    let matches = |listed: &DocumentIdentifier| {
        filters().all(|filter| {
            let mut values = filter.values.iter();
            let name = listed.name.as_deref().unwrap_or_default();
            let is_own = listed.owner.as_deref() != Some("Amazon");
            match filter.key.as_str() {
                "Name" => values.any(|value| name.starts_with(value.as_str())),
                "SearchKeyword" => values.all(|value| name.contains(value.as_str())),
                "Owner" => values.any(|value| match value.as_str() {
                    "Self" => is_own,
                    "Amazon" => !is_own,
                    "All" => true,
                    _ => false,
                }),
                "DocumentType" => {
                    values.any(|value| listed.document_type == Some(value.as_str().into()))
                }
                "PlatformTypes" => {
                    values.any(|value| PLATFORMS.iter().any(|platform| platform.as_str() == value))
                }
                "TargetType" => values.any(|value| listed.target_type.as_ref() == Some(value)),
                key => {
                    let key = key.strip_prefix("tag:").unwrap_or_default();
                    let mut tags = listed.tags.iter().flatten();
                    tags.any(|tag| tag.key == key && filter.values.contains(&tag.value))
                }
            }
        })
    };
    let mut items: Vec<_> = own.chain(of_aws).filter(matches).collect();
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let key = format!("{:?}", request.filters);
    state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
}

/// Refuses another permission than `Share`, which is the only one (SSM model).
fn check_permission(operation: Operation, permission: &str) -> Result<()> {
    if permission == "Share" {
        return Ok(());
    }
    let message = "the permission is Share";
    let error = Error::service(ErrorKind::InvalidInput, "InvalidPermissionType", message);
    Err(error.with_operation(operation))
}

fn modify_permission(state: &mut State, request: ModifyDocumentPermission) -> Result<()> {
    const OPERATION: Operation = Operation::ModifyDocumentPermission;
    check_permission(OPERATION, &request.permission_type)?;
    let mut validation = Validation::of(OPERATION);
    validation.count("accountIdsToAdd", &request.account_ids_to_add, 0..=20);
    validation.count("accountIdsToRemove", &request.account_ids_to_remove, 0..=20);
    let accounts = request
        .account_ids_to_add
        .iter()
        .chain(&request.account_ids_to_remove);
    for account in accounts {
        let is_legal = is_account(account) || account.eq_ignore_ascii_case("all");
        validation.require(
            is_legal,
            "accountIds",
            "Member must satisfy (?i)all|[0-9]{12}",
        );
    }
    let version = request.shared_document_version;
    let version = version.unwrap_or_else(|| "$DEFAULT".to_owned());
    let is_legal = ["$LATEST", "$DEFAULT", "$ALL"].contains(&version.as_str());
    let rule = "Member must satisfy ([$]LATEST|[$]DEFAULT|[$]ALL)";
    validation.require(is_legal, "sharedDocumentVersion", rule);
    validation.finish()?;
    let name = &request.name;
    let record = state
        .documents
        .get_mut(name)
        .ok_or_else(|| invalid_document(name))?;
    let mut shares = record.shares.clone();
    for account in &request.account_ids_to_remove {
        shares.remove(&account.to_ascii_lowercase());
    }
    for account in &request.account_ids_to_add {
        shares.insert(account.to_ascii_lowercase(), version.clone());
    }
    if shares.len() > MOST_SHARES {
        let (code, message) = (
            "DocumentPermissionLimit",
            "a document is shared with at most 1,000 accounts",
        );
        return Err(failure(ErrorKind::LimitExceeded, code, message, name));
    }
    record.shares = shares;
    Ok(())
}

fn set_default(
    state: &mut State,
    request: &UpdateDocumentDefaultVersion,
) -> Result<DocumentDefaultVersionDescription> {
    let name = &request.name;
    let record = state
        .documents
        .get_mut(name)
        .ok_or_else(|| invalid_document(name))?;
    let number = request.document_version.parse::<usize>().ok();
    let version =
        number.and_then(|number| Some((number, record.versions.get(number.checked_sub(1)?)?)));
    let (number, version) = version.ok_or_else(|| invalid_version(name))?;
    let described = DocumentDefaultVersionDescription {
        name: Some(record.name.clone()),
        default_version: Some(number.to_string()),
        default_version_name: version.version_name.clone(),
    };
    record.default = number;
    Ok(described)
}

#[cfg(feature = "emulator")]
impl MemoryBackend {
    /// Deletes a document with all its versions. No call is recorded.
    ///
    /// # Errors
    ///
    /// `InvalidDocument` if the account has none of this name, `InvalidDocumentOperation` if it is shared
    /// with another account, and `AssociatedInstances` if an association runs it (SSM model,
    /// `DeleteDocument`).
    pub(crate) fn delete_document(&self, name: &str) -> Result<()> {
        self.act(|engine, _| {
            let state = &mut engine.state;
            let record = state.documents.get(name);
            let record = record.ok_or_else(|| invalid_document(name))?;
            if !record.shares.is_empty() {
                let code = "InvalidDocumentOperation";
                let message = "the document is shared; stop sharing it first";
                return Err(failure(ErrorKind::InUse, code, message, name));
            }
            let document = Some(&record.name);
            let mut associations = state.associations.iter();
            if associations.any(|one| one.current.settings.name.as_ref() == document) {
                let code = "AssociatedInstances";
                return Err(failure(ErrorKind::InUse, code, "", name));
            }
            state.documents.remove(name);
            Ok(())
        })
    }
}

#[async_trait]
impl DocumentStore for MemoryBackend {
    async fn create_document(&self, request: CreateDocument) -> Result<DocumentDescription> {
        self.call(Operation::CreateDocument, |state, now| {
            create(state, request, now)
        })
        .await
    }

    async fn update_document(&self, request: UpdateDocument) -> Result<DocumentDescription> {
        self.call(Operation::UpdateDocument, |state, now| {
            update(state, request, now)
        })
        .await
    }

    async fn update_document_default_version(
        &self,
        request: UpdateDocumentDefaultVersion,
    ) -> Result<DocumentDefaultVersionDescription> {
        self.call(Operation::UpdateDocumentDefaultVersion, |state, _| {
            set_default(state, &request)
        })
        .await
    }

    async fn describe_document(&self, request: DescribeDocument) -> Result<DocumentDescription> {
        const OPERATION: Operation = Operation::DescribeDocument;
        self.call(OPERATION, |state, _| {
            let (version, name) = (
                request.document_version.as_deref(),
                request.version_name.as_deref(),
            );
            describe(state, OPERATION, &request.name, version, name)
        })
        .await
    }

    async fn get_document(&self, request: GetDocument) -> Result<Document> {
        self.call(Operation::GetDocument, |state, _| get(state, &request))
            .await
    }

    async fn list_documents(&self, request: ListDocuments) -> Result<Page<DocumentIdentifier>> {
        self.call(Operation::ListDocuments, |state, _| list(state, &request))
            .await
    }

    async fn modify_document_permission(&self, request: ModifyDocumentPermission) -> Result<()> {
        self.call(Operation::ModifyDocumentPermission, |state, _| {
            modify_permission(state, request)
        })
        .await
    }

    async fn describe_document_permission(
        &self,
        request: DescribeDocumentPermission,
    ) -> Result<Page<AccountSharingInfo>> {
        const OPERATION: Operation = Operation::DescribeDocumentPermission;
        self.call(OPERATION, |state, _| {
            check_permission(OPERATION, &request.permission_type)?;
            let name = &request.name;
            let record = state
                .documents
                .get(name)
                .ok_or_else(|| invalid_document(name))?;
            let shares = record
                .shares
                .iter()
                .map(|(account, version)| AccountSharingInfo {
                    account_id: Some(account.clone()),
                    shared_document_version: Some(version.clone()),
                });
            state.page(
                shares.collect(),
                &request.page,
                OPERATION,
                Bounds::TO_200,
                name,
            )
        })
        .await
    }
}
