use std::collections::BTreeSet;
use std::fmt;

use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::{Value, json};

use super::pages::pages;
use super::{Change, PatchManager};
use crate::automation::{DocumentDescription, PatchRunbook};
use crate::backend::{
    CreateDocument, DescribeDocument, DescribeDocumentPermission, GetDocument,
    ModifyDocumentPermission, UpdateDocument, UpdateDocumentDefaultVersion,
};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::verb;
use crate::types::{CompletedStep, Difference};

/// The most accounts that one call shares a document with (SSM model, `AccountIdList`).
const ACCOUNTS: usize = 20;

/// The result of [`ensure_patch_runbook`](PatchManager::ensure_patch_runbook).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EnsuredRunbook {
    /// Its name.
    pub name: String,
    /// The version that runs by default.
    pub version: String,
    /// What was changed of its text.
    pub change: Change,
    /// The accounts that it was shared with now.
    pub shared_with: Vec<String>,
}

impl fmt::Display for EnsuredRunbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}: {}", self.name, self.version, self.change)?;
        match self.shared_with.as_slice() {
            [] => Ok(()),
            accounts => write!(f, "; shared with {}", accounts.join(", ")),
        }
    }
}

/// Runbooks.
impl PatchManager {
    /// Creates a patch runbook, updates it, or leaves it unchanged if it is as given; makes the
    /// latest version the default; and shares it with the accounts that it names. Accounts that it
    /// is shared with already keep it.
    ///
    /// Run it in each Region from which runs start. A repeated call does what is left to do.
    ///
    /// Calls DescribeDocument, GetDocument, CreateDocument or UpdateDocument,
    /// UpdateDocumentDefaultVersion, DescribeDocumentPermission and ModifyDocumentPermission.
    ///
    /// ```
    /// use aws_patch_manager::automation::PatchRunbook;
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let runbook = PatchRunbook::new("Patch-Nodes").share_with(["222222222222"]);
    /// let applied = manager.ensure_patch_runbook(&runbook).await?;
    /// assert_eq!(applied.change, Change::Created);
    /// let again = manager.ensure_patch_runbook(&runbook).await?;
    /// assert_eq!(again.change, Change::Unchanged);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`], before any call, with all violations of the runbook.
    /// [`ErrorKind::Incomplete`] if some steps took effect before one failed. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_patch_runbook(&self, runbook: &PatchRunbook) -> Result<EnsuredRunbook> {
        verb!(ensure_patch_runbook(document = runbook.name()), async {
            runbook.check()?;
            let mut done = Vec::new();
            match self.put_in_place(runbook, &mut done).await {
                Ok(ensured) => Ok(ensured),
                Err(error) if done.is_empty() => Err(error),
                Err(error) => Err(Error::incomplete(done, error)),
            }
        })
    }

    async fn put_in_place(
        &self,
        runbook: &PatchRunbook,
        done: &mut Vec<CompletedStep>,
    ) -> Result<EnsuredRunbook> {
        let name = runbook.name();
        let (version, default, change) = self.put_text(runbook, done).await?;
        if default != version {
            let request = UpdateDocumentDefaultVersion::new(name, &*version);
            self.backends
                .documents
                .update_document_default_version(request)
                .await?;
            done.push(changed(name, &version));
        }
        let shared_with = self.share(runbook, done).await?;
        Ok(EnsuredRunbook {
            name: name.to_owned(),
            version,
            change,
            shared_with,
        })
    }

    /// Puts the text in place; returns its version, the default one, and what was changed. Another
    /// caller may do the same at this moment: then its text counts as found.
    async fn put_text(
        &self,
        runbook: &PatchRunbook,
        done: &mut Vec<CompletedStep>,
    ) -> Result<(String, String, Change)> {
        let documents = &self.backends.documents;
        let (name, content) = (runbook.name(), runbook.content());
        let described = match self.latest_version(name).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let request = CreateDocument::runbook(name, content.as_str());
                match documents.create_document(request).await {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        self.latest_version(name).await?
                    }
                    created => {
                        let version = created?.document_version;
                        let version = version.unwrap_or_else(|| "1".to_owned());
                        done.push(changed(name, &version));
                        return Ok((version.clone(), version, Change::Created));
                    }
                }
            }
            described => described?,
        };
        let request = GetDocument::new(name).with_version("$LATEST");
        let stored = documents.get_document(request).await?;
        let stored = stored.content.unwrap_or_default();
        if is_same(&stored, &content) {
            return Ok(as_it_is(described));
        }
        let request = UpdateDocument::new(name, content.as_str());
        let updated = match documents.update_document(request).await {
            Err(error) if error.code() == Some("DuplicateDocumentContent") => {
                return Ok(as_it_is(self.latest_version(name).await?));
            }
            updated => updated?,
        };
        let version = updated.document_version.unwrap_or_default();
        done.push(changed(name, &version));
        let differences = difference("Content", &stored, &content);
        let default = described.default_version.unwrap_or_default();
        Ok((version, default, Change::Updated(differences)))
    }

    async fn latest_version(&self, name: &str) -> Result<DocumentDescription> {
        let mut latest = DescribeDocument::new(name);
        latest.document_version = Some("$LATEST".to_owned());
        self.backends.documents.describe_document(latest).await
    }

    /// Shares it with the accounts that do not have it yet.
    async fn share(
        &self,
        runbook: &PatchRunbook,
        done: &mut Vec<CompletedStep>,
    ) -> Result<Vec<String>> {
        if runbook.shared_with().is_empty() {
            return Ok(Vec::new());
        }
        let name = runbook.name().to_owned();
        let listed = pages(&self.backends.documents, 200, move |documents, page| {
            let request = DescribeDocumentPermission::shares_of(name.as_str(), page);
            async move { documents.describe_document_permission(request).await }
        });
        let have: BTreeSet<String> = listed
            .try_filter_map(|share| std::future::ready(Ok(share.account_id)))
            .try_collect()
            .await?;
        let lacking = runbook
            .shared_with()
            .iter()
            .filter(|account| !have.contains(*account));
        let lacking: Vec<String> = lacking.cloned().collect();
        for accounts in lacking.chunks(ACCOUNTS) {
            let request = ModifyDocumentPermission::share(runbook.name(), accounts.iter().cloned());
            self.backends
                .documents
                .modify_document_permission(request)
                .await?;
            done.push(CompletedStep::DocumentShared {
                name: runbook.name().to_owned(),
                accounts: accounts.to_vec(),
            });
        }
        Ok(lacking)
    }
}

/// The versions of a document whose latest text is as wanted.
fn as_it_is(described: DocumentDescription) -> (String, String, Change) {
    let default = described.default_version.unwrap_or_default();
    let version = described.latest_version.unwrap_or_default();
    let change = match default == version {
        true => Change::Unchanged,
        false => Change::Updated(difference("DefaultVersion", &default, &version)),
    };
    (version, default, change)
}

fn changed(name: &str, version: &str) -> CompletedStep {
    CompletedStep::DocumentChanged {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// How a member differs; a text of JSON differs in its members.
fn difference(member: &str, before: &str, after: &str) -> Vec<Difference> {
    let read = |text: &str| {
        let value = serde_json::from_str(text);
        json!({ member: value.unwrap_or_else(|_| Value::String(text.to_owned())) })
    };
    Difference::between(&read(before), &read(after), |_, value| value.to_string())
}

/// Whether two texts say the same, however they are laid out.
fn is_same(stored: &str, desired: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    stored == desired || read(stored).is_some_and(|stored| Some(stored) == read(desired))
}
