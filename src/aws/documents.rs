use async_trait::async_trait;

use super::convert::member::{answer, listing, unless_empty};
use super::convert::{self, member::Convert, required};
use super::{AwsBackend, send};
use crate::automation::{
    AccountSharingInfo, Document, DocumentDefaultVersionDescription, DocumentDescription,
    DocumentIdentifier,
};
use crate::backend::{
    CreateDocument, DescribeDocument, DescribeDocumentPermission, DocumentStore, GetDocument,
    ListDocuments, ModifyDocumentPermission, Operation, UpdateDocument,
    UpdateDocumentDefaultVersion,
};
use crate::error::{Error, ErrorKind, Result};
use crate::page::Page;

/// Refuses the member `CloudProviders`, which the SDK does not have.
fn without_clouds(clouds: &[String], operation: Operation) -> Result<()> {
    match clouds {
        [] => Ok(()),
        _ => {
            let message = "CloudProviders: the SDK has no such member; leave it out";
            Err(Error::new(ErrorKind::Unsupported, message).with_operation(operation))
        }
    }
}

#[async_trait]
impl DocumentStore for AwsBackend {
    async fn create_document(&self, request: CreateDocument) -> Result<DocumentDescription> {
        const OPERATION: Operation = Operation::CreateDocument;
        without_clouds(&request.cloud_providers, OPERATION)?;
        let call = self
            .ssm
            .create_document()
            .content(request.content)
            .set_requires(unless_empty(request.requires)?)
            .set_attachments(unless_empty(request.attachments)?)
            .name(request.name)
            .set_display_name(request.display_name)
            .set_version_name(request.version_name)
            .set_document_type(request.document_type.convert()?)
            .set_document_format(request.document_format.convert()?)
            .set_target_type(request.target_type)
            .set_tags(unless_empty(request.tags)?);
        let output = send!(self, OPERATION, call)?;
        let described = output.document_description;
        answer(
            required(described, OPERATION, "DocumentDescription")?,
            OPERATION,
        )
    }

    async fn update_document(&self, request: UpdateDocument) -> Result<DocumentDescription> {
        const OPERATION: Operation = Operation::UpdateDocument;
        without_clouds(&request.cloud_providers, OPERATION)?;
        let call = self
            .ssm
            .update_document()
            .content(request.content)
            .set_attachments(unless_empty(request.attachments)?)
            .name(request.name)
            .set_display_name(request.display_name)
            .set_version_name(request.version_name)
            .set_document_version(request.document_version)
            .set_document_format(request.document_format.convert()?)
            .set_target_type(request.target_type);
        let output = send!(self, OPERATION, call)?;
        let described = output.document_description;
        answer(
            required(described, OPERATION, "DocumentDescription")?,
            OPERATION,
        )
    }

    async fn update_document_default_version(
        &self,
        request: UpdateDocumentDefaultVersion,
    ) -> Result<DocumentDefaultVersionDescription> {
        const OPERATION: Operation = Operation::UpdateDocumentDefaultVersion;
        let call = self
            .ssm
            .update_document_default_version()
            .name(request.name)
            .document_version(request.document_version);
        let output = send!(self, OPERATION, call)?;
        answer(
            required(output.description, OPERATION, "Description")?,
            OPERATION,
        )
    }

    async fn describe_document(&self, request: DescribeDocument) -> Result<DocumentDescription> {
        const OPERATION: Operation = Operation::DescribeDocument;
        let call = self
            .ssm
            .describe_document()
            .name(request.name)
            .set_document_version(request.document_version)
            .set_version_name(request.version_name);
        let output = send!(self, OPERATION, call)?;
        answer(required(output.document, OPERATION, "Document")?, OPERATION)
    }

    async fn get_document(&self, request: GetDocument) -> Result<Document> {
        const OPERATION: Operation = Operation::GetDocument;
        let call = self
            .ssm
            .get_document()
            .name(request.name)
            .set_version_name(request.version_name)
            .set_document_version(request.document_version)
            .set_document_format(request.document_format.convert()?);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn list_documents(&self, request: ListDocuments) -> Result<Page<DocumentIdentifier>> {
        const OPERATION: Operation = Operation::ListDocuments;
        let call = self
            .ssm
            .list_documents()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.document_identifiers, output.next_token, OPERATION)
    }

    async fn modify_document_permission(&self, request: ModifyDocumentPermission) -> Result<()> {
        let call = self
            .ssm
            .modify_document_permission()
            .name(request.name)
            .permission_type(request.permission_type.as_str().into())
            .set_account_ids_to_add(unless_empty(request.account_ids_to_add)?)
            .set_account_ids_to_remove(unless_empty(request.account_ids_to_remove)?)
            .set_shared_document_version(request.shared_document_version);
        send!(self, Operation::ModifyDocumentPermission, call).map(drop)
    }

    async fn describe_document_permission(
        &self,
        request: DescribeDocumentPermission,
    ) -> Result<Page<AccountSharingInfo>> {
        const OPERATION: Operation = Operation::DescribeDocumentPermission;
        let call = self
            .ssm
            .describe_document_permission()
            .name(request.name)
            .permission_type(request.permission_type.as_str().into())
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.account_sharing_info_list,
            output.next_token,
            OPERATION,
        )
    }
}
