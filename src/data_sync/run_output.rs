//! Reads the full output of a run from its bucket.

use object_store::ObjectStore;
use object_store::path::Path;
use serde::Serialize;

use super::GET;
use super::file::fetch_bytes;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::manager::PatchRun;
use crate::operation::{Command, NodeOutcome};
use crate::telemetry::verb;
use crate::types::{CommandId, NodeId};

/// The full output of a run on one node, as the agent put it into the bucket of the run.
///
/// [`PatchRun::full_output`] returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RunOutput {
    /// The node.
    pub node: NodeId,
    /// The command that ran on it.
    pub command_id: CommandId,
    /// The step that did the work: `PatchWindows`, `PatchLinux` or `PatchMacOS`.
    pub step: String,
    /// The key of the output in the bucket.
    pub key: String,
    /// The output. What is not UTF-8 is replaced.
    pub output: String,
    /// The error output; empty if there is none.
    pub errors: String,
}

/// The output in S3.
impl PatchRun {
    /// The full output of the run on a node, from the bucket that
    /// [`PatchRequest::output_bucket`](crate::PatchRequest::output_bucket) named. An outcome has the
    /// first 2,500 characters, and [`invocation`](crate::PatchManager::invocation) 24,000.
    ///
    /// `bucket` is that bucket, such as `object_store`'s `AmazonS3`. It reads two objects of at most 64
    /// MiB, the output and the errors:
    ///
    /// ```text
    /// PREFIX/COMMAND-ID/NODE-ID/awsrunShellScript/PatchLinux/stdout
    /// PREFIX/COMMAND-ID/NODE-ID/awsrunShellScript/PatchMacOS/stdout
    /// PREFIX/COMMAND-ID/NODE-ID/awsrunPowerShellScript/PatchWindows/stdout
    /// ```
    ///
    /// AWS does not document these keys; published programs that read the output of AWS-RunPatchBaseline
    /// agree on them. The in-memory backend writes no objects.
    ///
    /// Calls ListCommandInvocations and ListCommands for each command of the run, and for S3 GetObject.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::data_sync::object_store::{ObjectStoreExt, memory::InMemory};
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// let request = PatchRequest::scan().nodes([node.clone()]).output_bucket("patch-logs");
    /// let run = manager.run(&request).await?;
    /// run.wait(Duration::from_secs(2 * 3600)).await?;
    ///
    /// let bucket = InMemory::new();
    /// let missing = run.full_output(&bucket, &node).await.err().ok_or("it is there")?;
    /// assert_eq!(missing.kind(), ErrorKind::NotYet);
    /// let command = run.command_ids().first().ok_or("no command")?;
    /// let key = format!("{command}/{node}/awsrunPowerShellScript/PatchWindows/stdout");
    /// bucket.put(&key.into(), "all that the step printed".into()).await?;
    /// let full = run.full_output(&bucket, &node).await?;
    /// assert_eq!(full.output, "all that the step printed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed node id, or if the run has no output bucket.
    /// [`ErrorKind::NotYet`] if the run has not ended on the node, or the object is not there yet; it
    /// never comes if the role of the node may not put objects into the bucket.
    /// [`ErrorKind::NotFound`] if the run has no such node, or never started on it.
    /// [`ErrorKind::AccessDenied`] if the object may not be read; S3 answers so for a missing object too
    /// if you may not list the bucket. [`ErrorKind::InvalidResponse`] for an object that is too large.
    /// [`ErrorKind::Unsupported`] for another step than those above. It can also fail as [every call
    /// can](crate::PatchManager#what-every-call-can-meet).
    pub async fn full_output(&self, bucket: &dyn ObjectStore, node: &NodeId) -> Result<RunOutput> {
        verb!(run_full_output(node = node.as_str()), async {
            let mut found = Violations::new();
            found.identifier(node);
            found.or("ListCommandInvocations", ())?;
            let on_node = self.on_node(node).await?;
            let location = Location::of(&self.status().await?, on_node, node)?;
            let output = location.read(bucket, "stdout").await?;
            let errors = match location.read(bucket, "stderr").await {
                Err(error) if error.kind() == ErrorKind::NotYet => String::new(),
                errors => errors?,
            };
            Ok(RunOutput {
                node: node.clone(),
                key: location.key("stdout").to_string(),
                command_id: location.command_id,
                step: location.step,
                output,
                errors,
            })
        })
    }
}

/// The folder of a step's output, and what it belongs to.
struct Location {
    bucket: String,
    folder: Path,
    command_id: CommandId,
    step: String,
}

impl Location {
    /// The location of the output on this node, by the command that was sent.
    fn of(commands: &[Command], on_node: Option<NodeOutcome>, node: &NodeId) -> Result<Self> {
        let about = |kind, message: String| Error::new(kind, message).with_resource(node.as_str());
        let Some(on_node) = on_node else {
            return Err(about(
                ErrorKind::NotFound,
                "the run has no such node".into(),
            ));
        };
        let command_id = on_node.command_id;
        let command = commands.iter().find(|one| one.command_id == command_id);
        let bucket = command.map_or("", |command| command.output_s3_bucket_name.as_str());
        if bucket.is_empty() {
            let message = "the run has no output bucket: start it with `output_bucket`";
            return Err(about(ErrorKind::InvalidInput, message.into()));
        }
        if !on_node.status.is_terminal() {
            let message = "the run has not ended on this node";
            return Err(about(ErrorKind::NotYet, message.into()));
        }
        let (Some(step), Some(_)) = (on_node.step, on_node.started) else {
            let message = format!("the run never started on it: {}", on_node.status_details);
            return Err(about(ErrorKind::NotFound, message));
        };
        let plugin = match step.as_str() {
            "PatchWindows" => "awsrunPowerShellScript",
            "PatchLinux" | "PatchMacOS" => "awsrunShellScript",
            other => {
                let message = format!("the place of the output of the step {other} is not known");
                return Err(about(ErrorKind::Unsupported, message));
            }
        };
        // The prefix of a step is the command's, or ends with the node and the plugin (SSM model,
        // `CommandPlugin`); the command's is what was sent.
        let prefix = command.map_or("", |command| command.output_s3_key_prefix.as_str());
        let parsed = Path::parse(prefix.trim_matches('/'));
        let mut found = Violations::new();
        let legal = "parts of a key with one `/` between them";
        found.require(parsed.is_ok(), "OutputS3KeyPrefix", prefix, legal);
        let prefix = found.or(GET, parsed.unwrap_or_default())?;
        let parts = [command_id.as_str(), node.as_str(), plugin, step.as_str()];
        Ok(Self {
            bucket: bucket.to_owned(),
            folder: parts.into_iter().fold(prefix, Path::join),
            command_id,
            step,
        })
    }

    fn key(&self, stream: &str) -> Path {
        self.folder.clone().join(stream)
    }

    async fn read(&self, bucket: &dyn ObjectStore, stream: &str) -> Result<String> {
        let path = self.key(stream);
        let bytes = fetch_bytes(bucket, &path).await.map_err(|error| {
            let message = format!(
                "{path} is not in the bucket yet; the agent writes it if the role of the node may put \
                 objects into {}",
                self.bucket
            );
            match error.kind() {
                ErrorKind::NotFound => error.with_kind(ErrorKind::NotYet, message),
                _ => error,
            }
        })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
