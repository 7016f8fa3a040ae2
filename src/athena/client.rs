//! Runs queries by aws-sdk-athena.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    QueryExecutionContext, QueryExecutionState, QueryExecutionStatus, ResultConfiguration, Row,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use tokio::runtime::Handle;

use super::queries::{AthenaQueries, AthenaRow};
use super::sql::AthenaQuery;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::page::{Page, PageToken, paginate};
use crate::sdk_error::{Called, map};
use crate::telemetry;
use crate::types::random_uuid;

const SERVICE: &str = "athena";
const START: &str = "StartQueryExecution";
const GET: &str = "GetQueryExecution";
const RESULTS: &str = "GetQueryResults";

/// The waits between two looks at a query: from the first, doubled up to the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Sends one SDK request, and converts its error.
macro_rules! send {
    ($operation:expr, $request:expr) => {{
        let answer = async {
            let called = Called {
                service: SERVICE,
                operation: $operation,
            };
            $request.send().await.map_err(|error| map(called, error))
        };
        telemetry::call(SERVICE, $operation, answer).await
    }};
}

/// Runs queries on Athena: StartQueryExecution, GetQueryExecution until it has ended, and
/// GetQueryResults page by page. Cheap to clone.
///
/// The SDK retries, and a client token keeps a repeated start from being a second query. If the rows
/// are not read to their end, the query is stopped (StopQueryExecution), provided that a runtime of
/// tokio is running.
///
/// The caller needs `athena:StartQueryExecution`, `athena:GetQueryExecution`, `athena:GetQueryResults`
/// and `athena:StopQueryExecution`, `glue:GetDatabase`, `glue:GetTable` and `glue:GetPartitions`, and
/// in S3 to read the export and to write the results.
///
/// # Errors
///
/// [`InvalidInput`](ErrorKind::InvalidInput) if Athena refuses or fails the query because of what it
/// says, such as a table that does not exist, [`AccessDenied`](ErrorKind::AccessDenied) if a file must
/// not be read, and [`ServiceFailure`](ErrorKind::ServiceFailure) for a failure of Athena's own.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use aws_patch_manager::athena::{AthenaClient, AthenaExport, ExportTables};
///
/// # async fn totals() -> Result<(), aws_patch_manager::Error> {
/// let client = AthenaClient::from_env().await.workgroup("patching");
/// let export = AthenaExport::new(Arc::new(client), ExportTables::new("patching"));
/// for (group, totals) in export.group_totals().await? {
///     println!("{group}: {} of {} compliant", totals.compliant, totals.nodes());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct AthenaClient {
    client: Client,
    workgroup: Option<String>,
    output_location: Option<String>,
    catalog: Option<String>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for AthenaClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AthenaClient")
            .field("workgroup", &self.workgroup)
            .field("output_location", &self.output_location)
            .field("catalog", &self.catalog)
            .finish_non_exhaustive()
    }
}

impl AthenaClient {
    /// A client from the environment: it finds credentials and Region as every AWS tool does.
    pub async fn from_env() -> Self {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Self::from_sdk_config(&config)
    }

    /// A client from the caller's configuration.
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        Self::new(Client::new(config))
    }

    /// A client over the SDK's own.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            workgroup: None,
            output_location: None,
            catalog: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// The workgroup; `primary` if not set.
    pub fn workgroup(mut self, name: impl Into<String>) -> Self {
        self.workgroup = Some(name.into());
        self
    }

    /// Where Athena writes results, such as `s3://amzn-s3-demo-bucket/results/`, if the workgroup does
    /// not say it.
    pub fn output_location(mut self, location: impl Into<String>) -> Self {
        self.output_location = Some(location.into());
        self
    }

    /// The data catalog with the database; `AwsDataCatalog` if not set.
    pub fn catalog(mut self, name: impl Into<String>) -> Self {
        self.catalog = Some(name.into());
        self
    }

    /// The clock that waits between two looks at a query; the machine's if not set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Starts a query.
    async fn start(&self, sql: String) -> Result<Running> {
        let context = self.catalog.as_ref();
        let context = context.map(|name| QueryExecutionContext::builder().catalog(name).build());
        let output = self.output_location.as_ref();
        let output = output.map(|to| ResultConfiguration::builder().output_location(to).build());
        let call = self
            .client
            .start_query_execution()
            .query_string(sql)
            .client_request_token(random_uuid())
            .set_work_group(self.workgroup.clone())
            .set_query_execution_context(context)
            .set_result_configuration(output);
        let id = send!(START, call)?.query_execution_id;
        let id = id.ok_or_else(|| lacks("QueryExecutionId", START))?;
        Ok(Running {
            client: self.client.clone(),
            id,
            has_ended: false,
        })
    }

    /// Waits until a query has succeeded.
    async fn wait(&self, running: &mut Running) -> Result<()> {
        let (shortest, longest) = WAITS;
        let waits = ExponentialBuilder::new()
            .with_min_delay(shortest)
            .with_max_delay(longest)
            .without_max_times();
        for wait in waits.build() {
            let call = self.client.get_query_execution();
            let call = call.query_execution_id(&running.id);
            let execution = send!(GET, call)?.query_execution;
            let status = execution.and_then(|execution| execution.status);
            let status = status.ok_or_else(|| lacks("QueryExecution.Status", GET))?;
            match &status.state {
                Some(QueryExecutionState::Queued | QueryExecutionState::Running) | None => {
                    self.clock.sleep(wait).await;
                }
                Some(QueryExecutionState::Succeeded) => {
                    running.has_ended = true;
                    return Ok(());
                }
                Some(state) => {
                    running.has_ended = true;
                    return Err(ended(state, &status).with_resource(&*running.id));
                }
            }
        }
        Err(Error::new(ErrorKind::Timeout, "the query did not end").with_operation(GET))
    }

    /// The rows of a query that has succeeded. The first page has the names of the columns too.
    fn results(&self, running: &Running) -> BoxStream<'static, Result<AthenaRow>> {
        let (client, id) = (self.client.clone(), running.id.clone());
        paginate(move |token| {
            let (client, id) = (client.clone(), id.clone());
            async move {
                let is_first = token.is_none();
                let token = token.map(|token| token.as_str().to_owned());
                let call = client.get_query_results().query_execution_id(id);
                let output = send!(RESULTS, call.set_next_token(token))?;
                let rows = output.result_set.and_then(|set| set.rows);
                let rows = rows.unwrap_or_default().into_iter();
                let rows = rows.skip(usize::from(is_first)).map(values).collect();
                Ok(Page::new(rows, output.next_token.map(PageToken::new)))
            }
        })
    }
}

impl AthenaQueries for AthenaClient {
    fn rows(&self, query: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>> {
        let this = self.clone();
        let results = async move {
            let mut running = this.start(query.sql).await?;
            this.wait(&mut running).await?;
            Ok::<_, Error>(this.results(&running))
        };
        results.into_stream().try_flatten().boxed()
    }
}

/// A started query, which is stopped if it is dropped before it has ended.
struct Running {
    client: Client,
    id: String,
    has_ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let stop = self.client.stop_query_execution();
            let stop = stop.query_execution_id(&self.id).send();
            // Nobody is left to hear of an error, and a query ends by itself at Athena's limit.
            runtime.spawn(async move { stop.await.map(drop) });
        }
    }
}

fn values(row: Row) -> AthenaRow {
    let data = row.data.unwrap_or_default().into_iter();
    data.map(|datum| datum.var_char_value).collect()
}

fn lacks(member: &str, operation: &'static str) -> Error {
    let message = format!("the answer lacks {member}");
    Error::new(ErrorKind::InvalidResponse, message).with_operation(operation)
}

/// The error of a query that failed or was stopped (Athena API, `AthenaError`: category 1 is Athena's
/// own, 2 the caller's).
fn ended(state: &QueryExecutionState, status: &QueryExecutionStatus) -> Error {
    let error = status.athena_error.as_ref();
    let reason = status.state_change_reason.as_deref();
    let reason = reason.or_else(|| error.and_then(|error| error.error_message.as_deref()));
    let reason = reason.unwrap_or("Athena gave no reason");
    let is_denied = ["Access Denied", "AccessDenied", "Insufficient permissions"]
        .iter()
        .any(|words| reason.contains(words));
    let kind = match error.and_then(|error| error.error_category) {
        _ if is_denied => ErrorKind::AccessDenied,
        Some(1) => ErrorKind::ServiceFailure,
        Some(2) => ErrorKind::InvalidInput,
        _ => ErrorKind::Other,
    };
    let message = format!("the query is {state}: {reason}");
    Error::service(kind, state.as_str(), message).with_operation(START)
}
