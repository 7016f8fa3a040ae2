//! Rules of documents and of executions of runbooks.

use super::expect::{first, holds, same};
use super::trial::{POLL, POLLS};
use super::{Failure, Result, Trial};
use crate::automation::{
    AutomationExecution, AutomationExecutionFilter, AutomationExecutionStatus, DocumentFilter,
    OrganizationRequest, PatchRunbook, StartAutomationExecution,
};
use crate::backend::{
    CreateDocument, DescribeAutomationExecutions, DescribeAutomationStepExecutions,
    DescribeDocument, DescribeDocumentPermission, GetAutomationExecution, GetDocument,
    ListDocuments, ModifyDocumentPermission, StopAutomationExecution, UpdateDocument,
    UpdateDocumentDefaultVersion,
};
use crate::error::{self, ErrorKind};
use crate::page::PageRequest;
use crate::types::{AutomationExecutionId, NodeId, Target};

/// The runbook of every rule. No operation of the traits deletes a document, so they share one.
const RUNBOOK: &str = "Patch-Manager-Conformance";

/// An account that the runbook is shared with for a moment.
const ACCOUNT: &str = "111122223333";

/// A runbook whose text differs from every other.
fn text(trial: &Trial<'_>) -> String {
    PatchRunbook::new(RUNBOOK)
        .description(trial.unique_uuid())
        .content()
}

/// The runbook with the text of a patch runbook as its default version.
async fn runbook(trial: &Trial<'_>) -> error::Result<()> {
    let content = text(trial);
    let create = CreateDocument::runbook(RUNBOOK, content.as_str());
    let version = match trial.call(create).await {
        Ok(created) => created.document_version,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let update = UpdateDocument::new(RUNBOOK, content);
            trial.call(update).await?.document_version
        }
        Err(error) => return Err(error),
    };
    let version = version.unwrap_or_default();
    trial
        .call(UpdateDocumentDefaultVersion::new(RUNBOOK, version))
        .await
        .map(drop)
}

fn scan(trial: &Trial<'_>, node: &NodeId) -> error::Result<StartAutomationExecution> {
    OrganizationRequest::scan(RUNBOOK)
        .client_token(trial.unique_uuid())
        .target(Target::instance_ids([node.clone()]))
        .to_start()
}

async fn ended(trial: &Trial<'_>, id: &AutomationExecutionId) -> Result<AutomationExecution> {
    for _ in 0..POLLS {
        let execution = trial.call(GetAutomationExecution::new(id)).await?;
        let status = execution.automation_execution_status.clone();
        if status.is_some_and(|status| status.is_terminal()) {
            return Ok(execution);
        }
        trial.advance(POLL).await;
    }
    Err(Failure::new(format!("the execution {id} does not end")))
}

/// A name has one document.
pub(super) async fn a_document_of_a_name_is_created_once(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let again = CreateDocument::runbook(RUNBOOK, text(trial));
    trial.refuses(again, ErrorKind::AlreadyExists).await
}

/// A new version is the latest one at once, and the default one when it is made so.
pub(super) async fn a_new_version_becomes_the_default_when_it_is_made_so(
    trial: &Trial<'_>,
) -> Result {
    runbook(trial).await?;
    let before = trial.call(DescribeDocument::new(RUNBOOK)).await?;
    let content = text(trial);
    let updated = trial
        .call(UpdateDocument::new(RUNBOOK, content.as_str()))
        .await?;
    let default = trial.call(DescribeDocument::new(RUNBOOK)).await?;
    same(
        "DefaultVersion",
        &default.default_version,
        &before.default_version,
    )?;
    same(
        "LatestVersion",
        &default.latest_version,
        &updated.document_version,
    )?;
    let version = updated.document_version.clone().unwrap_or_default();
    trial
        .call(UpdateDocumentDefaultVersion::new(RUNBOOK, version))
        .await?;
    let read = trial.call(GetDocument::new(RUNBOOK)).await?;
    same(
        "DocumentVersion",
        &read.document_version,
        &updated.document_version,
    )?;
    same("Content", read.content, Some(content))
}

/// A version with the text of the latest one is refused.
pub(super) async fn the_same_text_makes_no_new_version(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let read = trial
        .call(GetDocument::new(RUNBOOK).with_version("$LATEST"))
        .await?;
    let again = UpdateDocument::new(RUNBOOK, read.content.unwrap_or_default());
    trial.refuses(again, ErrorKind::InvalidInput).await
}

/// Filters of documents are ANDed, and one by another key is refused.
pub(super) async fn documents_are_listed_by_owner_type_and_name(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let own = |kind: &str| {
        let filters = vec![
            DocumentFilter::owner("Self"),
            DocumentFilter::document_type(kind),
            DocumentFilter::name(RUNBOOK),
        ];
        ListDocuments::new(filters, PageRequest::first())
    };
    let runbooks = trial.call(own("Automation")).await?.items;
    let listed = first("document", &runbooks)?;
    same("Name", listed.name.as_deref(), Some(RUNBOOK))?;
    let described = trial.call(DescribeDocument::new(RUNBOOK)).await?;
    same(
        "DocumentVersion",
        &listed.document_version,
        &described.default_version,
    )?;
    same("commands", trial.call(own("Command")).await?.items.len(), 0)?;
    let filters = vec![DocumentFilter::key("Nobodys", ["value"])];
    let unknown = ListDocuments::new(filters, PageRequest::first());
    trial.refuses(unknown, ErrorKind::InvalidInput).await
}

/// An unknown document cannot be read, described, changed or shared.
pub(super) async fn reading_an_unknown_document_is_not_found(trial: &Trial<'_>) -> Result {
    let name = || trial.unique_uuid();
    let kind = ErrorKind::NotFound;
    trial.refuses(GetDocument::new(name()), kind).await?;
    trial.refuses(DescribeDocument::new(name()), kind).await?;
    trial
        .refuses(UpdateDocument::new(name(), text(trial)), kind)
        .await?;
    trial
        .refuses(ModifyDocumentPermission::share(name(), [ACCOUNT]), kind)
        .await
}

/// Text that is no JSON, and a runbook of another schema, are refused.
pub(super) async fn a_text_that_is_no_runbook_is_refused(trial: &Trial<'_>) -> Result {
    for content in ["{", r#"{"schemaVersion": "2.2", "mainSteps": []}"#] {
        let create = CreateDocument::runbook(trial.unique_uuid(), content);
        trial.refuses(create, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// A document is shared with an account until that is taken back.
pub(super) async fn a_document_is_shared_until_that_is_taken_back(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    trial
        .call(ModifyDocumentPermission::share(RUNBOOK, [ACCOUNT]))
        .await?;
    let shares = || DescribeDocumentPermission::shares_of(RUNBOOK, PageRequest::first());
    let shared = trial.call(shares()).await?;
    let is_shared = |accounts: &[crate::automation::AccountSharingInfo]| {
        accounts
            .iter()
            .any(|share| share.account_id.as_deref() == Some(ACCOUNT))
    };
    holds(is_shared(&shared.items), "the account is not listed")?;
    let mut back = ModifyDocumentPermission::share(RUNBOOK, Vec::<String>::new());
    back.account_ids_to_remove = vec![ACCOUNT.to_owned()];
    trial.call(back).await?;
    let shared = trial.call(shares()).await?;
    holds(!is_shared(&shared.items), "the account is listed still")
}

/// An unknown runbook is not started, an unknown execution not read, listed by steps or stopped.
pub(super) async fn an_unknown_runbook_or_execution_is_not_found(trial: &Trial<'_>) -> Result {
    let kind = ErrorKind::NotFound;
    let start = StartAutomationExecution::new(trial.unique_uuid());
    trial.refuses(start, kind).await?;
    let id = || AutomationExecutionId::new(trial.unique_uuid());
    trial
        .refuses(GetAutomationExecution::new(id()), kind)
        .await?;
    let steps = DescribeAutomationStepExecutions::of(id(), PageRequest::first());
    trial.refuses(steps, kind).await?;
    trial
        .refuses(StopAutomationExecution::new(id()), kind)
        .await
}

/// A parameter that the runbook does not declare, and one that it requires, are told.
pub(super) async fn the_parameters_of_a_runbook_are_checked(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let node = trial.linux_node();
    let kind = ErrorKind::InvalidInput;
    let mut unknown = scan(trial, &node)?;
    let parameters = unknown.parameters.get_or_insert_default();
    parameters.insert("Nobodys".to_owned(), vec!["value".to_owned()]);
    trial.refuses(unknown, kind).await?;
    let mut lacking = scan(trial, &node)?;
    lacking
        .parameters
        .get_or_insert_default()
        .remove("Operation");
    trial.refuses(lacking, kind).await
}

/// The same client token and input start one execution; another input is refused.
pub(super) async fn a_client_token_starts_one_execution(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let node = trial.linux_node();
    let start = scan(trial, &node)?;
    let id = trial.call(start.clone()).await?;
    same(
        "AutomationExecutionId",
        trial.call(start.clone()).await?,
        id.clone(),
    )?;
    let mut other = start;
    let parameters = other.parameters.get_or_insert_default();
    parameters.insert("RebootOption".to_owned(), vec!["NoReboot".to_owned()]);
    trial
        .refuses(other, ErrorKind::IdempotentParameterMismatch)
        .await?;
    ended(trial, &id).await.map(drop)
}

/// An execution ends with the outputs that its runbook names, and cannot be stopped any more.
pub(super) async fn an_execution_runs_to_its_end(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let node = trial.linux_node();
    let id = trial.call(scan(trial, &node)?).await?;
    let execution = ended(trial, &id).await?;
    let status = execution.automation_execution_status;
    same(
        "AutomationExecutionStatus",
        status,
        Some(AutomationExecutionStatus::Success),
    )?;
    let outputs = execution.outputs.unwrap_or_default();
    holds(
        outputs.contains_key("patchNodes.CommandId"),
        "no output has the command",
    )?;
    let steps = DescribeAutomationStepExecutions::of(&id, PageRequest::first());
    let steps = trial.call(steps).await?.items;
    let step = first("step", &steps)?;
    same("Action", step.action.as_deref(), Some("aws:runCommand"))?;
    let stop = StopAutomationExecution::new(&id);
    trial.refuses(stop, ErrorKind::Conflict).await
}

/// A stopped execution is cancelled.
pub(super) async fn a_stopped_execution_is_cancelled(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let node = trial.linux_node();
    let id = trial.call(scan(trial, &node)?).await?;
    trial.call(StopAutomationExecution::new(&id)).await?;
    let status = ended(trial, &id).await?.automation_execution_status;
    same(
        "AutomationExecutionStatus",
        status,
        Some(AutomationExecutionStatus::Cancelled),
    )
}

/// With a target the runbook runs once for each value, and the executions are found by their parent.
pub(super) async fn each_target_has_an_execution_of_its_own(trial: &Trial<'_>) -> Result {
    runbook(trial).await?;
    let node = trial.linux_node();
    let request = OrganizationRequest::scan(RUNBOOK)
        .client_token(trial.unique_uuid())
        .target(Target::new("ParameterValues", [node.as_str()]));
    let request = request.each_node(
        crate::types::MaxConcurrency::Count(1),
        crate::types::MaxErrors::Count(0),
    );
    let id = trial.call(request.to_start()?).await?;
    ended(trial, &id).await?;
    let filters = vec![AutomationExecutionFilter::parent(&id)];
    let children = DescribeAutomationExecutions::new(filters, PageRequest::first());
    let children = trial.call(children).await?.items;
    same("children", children.len(), 1)?;
    let child = first("child", &children)?;
    same(
        "ParentAutomationExecutionId",
        child.parent_automation_execution_id.as_ref(),
        Some(&id),
    )
}
