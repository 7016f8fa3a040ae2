//! Every member that the service's model gives to a request about maintenance windows or
//! associations goes over the wire, and every member of an answer comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::{
    AssociationStore, CancelMaintenanceWindowExecution, DeleteAssociation, DeleteMaintenanceWindow,
    DeregisterTargetFromMaintenanceWindow, DeregisterTaskFromMaintenanceWindow,
    DescribeAssociation, DescribeAssociationExecutionTargets, DescribeAssociationExecutions,
    DescribeEffectiveInstanceAssociations, DescribeInstanceAssociationsStatus,
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions, DescribeMaintenanceWindowSchedule,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, GetMaintenanceWindow, GetMaintenanceWindowExecution,
    GetMaintenanceWindowExecutionTask, GetMaintenanceWindowExecutionTaskInvocation,
    GetMaintenanceWindowTask, ListAssociationVersions, ListAssociations, MaintenanceWindowHistory,
    MaintenanceWindowStore, StartAssociationsOnce,
};
use aws_patch_manager::types::{AssociationId, WindowId};
use aws_patch_manager::{ErrorKind, Page, PageRequest, PageToken, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use support::environment;
use support::stub::{Reply, Stub};

/// How the samples write an instant.
#[derive(Clone, Copy)]
enum Form {
    Wire,
    Ours,
}

/// The service's model, from which the samples are made.
struct Model(Value);

impl Model {
    /// `None` where the environment names no model.
    fn load() -> Option<Self> {
        environment::ssm_model().map(Self)
    }

    /// A value of the shape with all its members, of which no two are alike.
    fn sample(&self, shape: &str, member: &str, number: usize, form: Form) -> Value {
        let model = &self.0["shapes"][shape];
        let part = |part: &str, number| {
            let inner = model[part]["shape"].as_str().unwrap();
            self.sample(inner, member, number, form)
        };
        match (model["type"].as_str().unwrap(), shape) {
            ("structure", _) => {
                let members = model["members"].as_object().unwrap().iter().enumerate();
                let sampled = members.map(|(number, (name, inner))| {
                    let inner = inner["shape"].as_str().unwrap();
                    (name.clone(), self.sample(inner, name, number, form))
                });
                Value::Object(sampled.collect())
            }
            ("list", _) => json!([part("member", number)]),
            ("map", _) => json!({format!("{member} key"): part("value", number)}),
            ("boolean", _) => json!(true),
            ("integer", _) => json!(number + 1),
            ("timestamp", _) => match form {
                Form::Wire => json!(1_700_000_000.5 + number as f64),
                Form::Ours => json!(format!("2023-11-14T22:13:{}.5Z", 20 + number)),
            },
            ("blob", _) => json!("eyJhIjoxfQ=="),
            ("string", "MaxConcurrency" | "MaxErrors") => json!(format!("{}%", number + 1)),
            ("string", "MaintenanceWindowStringDateTime") => {
                json!(format!("2020-02-25T00:08:{}.099Z", 20 + number))
            }
            ("string", _) => match model["enum"].as_array() {
                Some(values) => values.last().unwrap().clone(),
                None => json!(member),
            },
            (other, _) => panic!("{shape} is a {other}"),
        }
    }

    fn of(&self, operation: &str, side: &str, form: Form) -> Value {
        match self.0["operations"][operation][side]["shape"].as_str() {
            Some(shape) => self.sample(shape, "", 0, form),
            None => json!({}),
        }
    }

    /// Makes a call with the sample of its input, and expects that to be sent and the sample of
    /// its output to come back.
    async fn exchange(
        &self,
        operation: &str,
        call: impl AsyncFnOnce(AwsBackend, Value) -> Result<Value>,
    ) {
        self.exchange_without(&[], operation, call).await;
    }

    /// The same where some members of the input are not sent.
    async fn exchange_without(
        &self,
        unsent: &[&str],
        operation: &str,
        call: impl AsyncFnOnce(AwsBackend, Value) -> Result<Value>,
    ) {
        let stub = Stub::always(Reply::json(200, self.of(operation, "output", Form::Wire)));
        let backend = support::aws::backend(&stub);
        let mut asked = self.of(operation, "input", Form::Wire);
        asked
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !unsent.contains(&&**name));
        let answer = call(backend, asked.clone()).await.expect(operation);
        let requests = stub.requests();
        assert_eq!(requests.len(), 1, "{operation}");
        assert_eq!(requests[0].operation(), operation);
        assert_eq!(without_mark(requests[0].json()), asked, "{operation}");
        if !answer.is_null() {
            let answered = self.of(operation, "output", Form::Ours);
            assert_eq!(answer, answered, "{operation}");
        }
    }
}

/// The request without what the adapter adds to it.
fn without_mark(mut request: Value) -> Value {
    if let Some(Value::Array(tags)) = request.get_mut("Tags") {
        tags.retain(|tag| tag["Key"] != "aws-patch-manager/request");
    }
    request
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn shown(value: impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(value).unwrap())
}

fn under(member: &str, value: impl Serialize) -> Result<Value> {
    Ok(json!({ member: value }))
}

/// The calls whose answer is nothing, or an id and no more.
fn unshown<T>(_: T) -> Result<Value> {
    Ok(Value::Null)
}

fn page(of: &Value) -> PageRequest {
    let page = PageRequest::first().with_next_token(of["NextToken"].as_str().map(PageToken::new));
    match of["MaxResults"].as_u64() {
        Some(most) => page.with_max_results(u32::try_from(most).unwrap()),
        None => page,
    }
}

fn listed<T: Serialize>(member: &str, page: Page<T>) -> Result<Value> {
    let mut shown = Map::new();
    shown.insert(member.to_owned(), json!(page.items));
    let token = page.next_token.unwrap();
    shown.insert("NextToken".to_owned(), json!(token.as_str()));
    Ok(Value::Object(shown))
}

fn text<'v>(of: &'v Value, member: &str) -> &'v str {
    of[member].as_str().unwrap()
}

#[tokio::test]
async fn windows_and_their_targets_lose_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("CreateMaintenanceWindow", async |aws, asked| {
            under(
                "WindowId",
                aws.create_maintenance_window(read(&asked)).await?,
            )
        })
        .await;
    model
        .exchange("GetMaintenanceWindow", async |aws, asked| {
            shown(
                aws.get_maintenance_window(GetMaintenanceWindow::new(&read(&asked["WindowId"])))
                    .await?,
            )
        })
        .await;
    model
        .exchange("UpdateMaintenanceWindow", async |aws, asked| {
            shown(aws.update_maintenance_window(read(&asked)).await?)
        })
        .await;
    model
        .exchange("DeleteMaintenanceWindow", async |aws, asked| {
            unshown(
                aws.delete_maintenance_window(DeleteMaintenanceWindow::new(&read(
                    &asked["WindowId"],
                )))
                .await?,
            )
        })
        .await;
    model
        .exchange("DescribeMaintenanceWindows", async |aws, asked| {
            listed(
                "WindowIdentities",
                aws.describe_maintenance_windows(DescribeMaintenanceWindows::new(
                    read(&asked["Filters"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange("DescribeMaintenanceWindowsForTarget", async |aws, asked| {
            listed(
                "WindowIdentities",
                aws.describe_maintenance_windows_for_target(
                    DescribeMaintenanceWindowsForTarget::new(
                        read(&asked["Targets"]),
                        read(&asked["ResourceType"]),
                        page(&asked),
                    ),
                )
                .await?,
            )
        })
        .await;
    model
        .exchange("RegisterTargetWithMaintenanceWindow", async |aws, asked| {
            under(
                "WindowTargetId",
                aws.register_target_with_maintenance_window(read(&asked))
                    .await?,
            )
        })
        .await;
    model
        .exchange("UpdateMaintenanceWindowTarget", async |aws, asked| {
            shown(aws.update_maintenance_window_target(read(&asked)).await?)
        })
        .await;
    model
        .exchange(
            "DeregisterTargetFromMaintenanceWindow",
            async |aws, asked| {
                unshown(
                    aws.deregister_target_from_maintenance_window(
                        DeregisterTargetFromMaintenanceWindow::new(
                            &read(&asked["WindowId"]),
                            &read(&asked["WindowTargetId"]),
                        )
                        .with_safe(true),
                    )
                    .await?,
                )
            },
        )
        .await;
    model
        .exchange("DescribeMaintenanceWindowTargets", async |aws, asked| {
            listed(
                "Targets",
                aws.describe_maintenance_window_targets(DescribeMaintenanceWindowTargets::new(
                    text(&asked, "WindowId"),
                    read(&asked["Filters"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn what_opens_when_loses_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("DescribeMaintenanceWindowSchedule", async |aws, asked| {
            let (targets, filters) = (read(&asked["Targets"]), read(&asked["Filters"]));
            let mut request =
                DescribeMaintenanceWindowSchedule::of_nodes(targets, filters, page(&asked));
            request.window_id = Some(read(&asked["WindowId"]));
            request.resource_type = Some(read(&asked["ResourceType"]));
            listed(
                "ScheduledWindowExecutions",
                aws.describe_maintenance_window_schedule(request).await?,
            )
        })
        .await;
}

#[tokio::test]
async fn tasks_of_windows_lose_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("RegisterTaskWithMaintenanceWindow", async |aws, asked| {
            under(
                "WindowTaskId",
                aws.register_task_with_maintenance_window(read(&asked))
                    .await?,
            )
        })
        .await;
    model
        .exchange("UpdateMaintenanceWindowTask", async |aws, asked| {
            shown(aws.update_maintenance_window_task(read(&asked)).await?)
        })
        .await;
    model
        .exchange("DeregisterTaskFromMaintenanceWindow", async |aws, asked| {
            unshown(
                aws.deregister_task_from_maintenance_window(
                    DeregisterTaskFromMaintenanceWindow::new(
                        &read(&asked["WindowId"]),
                        &read(&asked["WindowTaskId"]),
                    ),
                )
                .await?,
            )
        })
        .await;
    model
        .exchange("GetMaintenanceWindowTask", async |aws, asked| {
            shown(
                aws.get_maintenance_window_task(GetMaintenanceWindowTask::new(
                    &read(&asked["WindowId"]),
                    &read(&asked["WindowTaskId"]),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange("DescribeMaintenanceWindowTasks", async |aws, asked| {
            listed(
                "Tasks",
                aws.describe_maintenance_window_tasks(DescribeMaintenanceWindowTasks::new(
                    text(&asked, "WindowId"),
                    read(&asked["Filters"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn runs_of_windows_lose_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("DescribeMaintenanceWindowExecutions", async |aws, asked| {
            listed(
                "WindowExecutions",
                aws.describe_maintenance_window_executions(
                    DescribeMaintenanceWindowExecutions::new(
                        text(&asked, "WindowId"),
                        read(&asked["Filters"]),
                        page(&asked),
                    ),
                )
                .await?,
            )
        })
        .await;
    model
        .exchange("GetMaintenanceWindowExecution", async |aws, asked| {
            shown(
                aws.get_maintenance_window_execution(GetMaintenanceWindowExecution::new(&read(
                    &asked["WindowExecutionId"],
                )))
                .await?,
            )
        })
        .await;
    model
        .exchange(
            "DescribeMaintenanceWindowExecutionTasks",
            async |aws, asked| {
                listed(
                    "WindowExecutionTaskIdentities",
                    aws.describe_maintenance_window_execution_tasks(
                        DescribeMaintenanceWindowExecutionTasks::new(
                            text(&asked, "WindowExecutionId"),
                            read(&asked["Filters"]),
                            page(&asked),
                        ),
                    )
                    .await?,
                )
            },
        )
        .await;
    model
        .exchange("GetMaintenanceWindowExecutionTask", async |aws, asked| {
            shown(
                aws.get_maintenance_window_execution_task(GetMaintenanceWindowExecutionTask::new(
                    &read(&asked["WindowExecutionId"]),
                    text(&asked, "TaskId"),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange(
            "DescribeMaintenanceWindowExecutionTaskInvocations",
            async |aws, asked| {
                listed(
                    "WindowExecutionTaskInvocationIdentities",
                    aws.describe_maintenance_window_execution_task_invocations(
                        DescribeMaintenanceWindowExecutionTaskInvocations::new(
                            text(&asked, "WindowExecutionId"),
                            text(&asked, "TaskId"),
                            read(&asked["Filters"]),
                            page(&asked),
                        ),
                    )
                    .await?,
                )
            },
        )
        .await;
    model
        .exchange(
            "GetMaintenanceWindowExecutionTaskInvocation",
            async |aws, asked| {
                shown(
                    aws.get_maintenance_window_execution_task_invocation(
                        GetMaintenanceWindowExecutionTaskInvocation::new(
                            &read(&asked["WindowExecutionId"]),
                            text(&asked, "TaskId"),
                            text(&asked, "InvocationId"),
                        ),
                    )
                    .await?,
                )
            },
        )
        .await;
    model
        .exchange("CancelMaintenanceWindowExecution", async |aws, asked| {
            unshown(
                aws.cancel_maintenance_window_execution(CancelMaintenanceWindowExecution::new(
                    &read(&asked["WindowExecutionId"]),
                ))
                .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn associations_lose_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("CreateAssociation", async |aws, asked| {
            under(
                "AssociationDescription",
                aws.create_association(read(&asked)).await?,
            )
        })
        .await;
    model
        .exchange("UpdateAssociation", async |aws, asked| {
            under(
                "AssociationDescription",
                aws.update_association(read(&asked)).await?,
            )
        })
        .await;
    model
        .exchange("ListAssociations", async |aws, asked| {
            listed(
                "Associations",
                aws.list_associations(ListAssociations::new(
                    read(&asked["AssociationFilterList"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange("ListAssociationVersions", async |aws, asked| {
            listed(
                "AssociationVersions",
                aws.list_association_versions(ListAssociationVersions::new(
                    &read(&asked["AssociationId"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange("StartAssociationsOnce", async |aws, asked| {
            unshown(
                aws.start_associations_once(StartAssociationsOnce::new(
                    &read::<Vec<AssociationId>>(&asked["AssociationIds"]),
                ))
                .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn an_association_is_named_by_its_id_alone() {
    const OTHER_NAMES: &[&str] = &["AssociationVersion", "InstanceId", "Name"];
    let Some(model) = Model::load() else { return };
    model
        .exchange_without(OTHER_NAMES, "DescribeAssociation", async |aws, asked| {
            under(
                "AssociationDescription",
                aws.describe_association(DescribeAssociation::new(&read(&asked["AssociationId"])))
                    .await?,
            )
        })
        .await;
    model
        .exchange_without(OTHER_NAMES, "DeleteAssociation", async |aws, asked| {
            unshown(
                aws.delete_association(DeleteAssociation::new(&read(&asked["AssociationId"])))
                    .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn runs_of_associations_lose_no_member() {
    let Some(model) = Model::load() else { return };
    model
        .exchange("DescribeAssociationExecutions", async |aws, asked| {
            listed(
                "AssociationExecutions",
                aws.describe_association_executions(DescribeAssociationExecutions::new(
                    text(&asked, "AssociationId"),
                    read(&asked["Filters"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
    model
        .exchange("DescribeAssociationExecutionTargets", async |aws, asked| {
            listed(
                "AssociationExecutionTargets",
                aws.describe_association_execution_targets(
                    DescribeAssociationExecutionTargets::new(
                        text(&asked, "AssociationId"),
                        text(&asked, "ExecutionId"),
                        read(&asked["Filters"]),
                        page(&asked),
                    ),
                )
                .await?,
            )
        })
        .await;
    model
        .exchange(
            "DescribeEffectiveInstanceAssociations",
            async |aws, asked| {
                listed(
                    "Associations",
                    aws.describe_effective_instance_associations(
                        DescribeEffectiveInstanceAssociations::new(
                            &read(&asked["InstanceId"]),
                            page(&asked),
                        ),
                    )
                    .await?,
                )
            },
        )
        .await;
    model
        .exchange("DescribeInstanceAssociationsStatus", async |aws, asked| {
            listed(
                "InstanceAssociationStatusInfos",
                aws.describe_instance_associations_status(DescribeInstanceAssociationsStatus::new(
                    &read(&asked["InstanceId"]),
                    page(&asked),
                ))
                .await?,
            )
        })
        .await;
}

#[tokio::test]
async fn times_in_text_are_read_with_and_without_seconds() {
    for (text, instant) in [
        ("2020-02-19T16:00Z", "2020-02-19T16:00:00Z"),
        ("2020-02-25T00:08:15.099Z", "2020-02-25T00:08:15.099Z"),
    ] {
        let stub = Stub::always(Reply::json(200, json!({"NextExecutionTime": text})));
        let aws = support::aws::backend(&stub);
        let id = WindowId::from("mw-0123456789abcdef0");
        let window = aws
            .get_maintenance_window(GetMaintenanceWindow::new(&id))
            .await
            .unwrap();
        let next = window.next_execution_time.unwrap();
        assert_eq!(next, instant.parse().unwrap());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_not_left_out() {
    for unreadable in [
        json!({"Tasks": [{"MaxConcurrency": "0%"}]}),
        json!({"Tasks": [{"MaxErrors": "many"}]}),
        json!({"Tasks": [{"Priority": -1}]}),
    ] {
        let stub = Stub::always(Reply::json(200, unreadable.clone()));
        let aws = support::aws::backend(&stub);
        let page = PageRequest::first();
        let request = DescribeMaintenanceWindowTasks::new("mw-0123456789abcdef0", Vec::new(), page);
        let tasks = aws.describe_maintenance_window_tasks(request);
        let error = tasks.await.expect_err(&unreadable.to_string());
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{unreadable}");
        assert_eq!(error.operation(), Some("DescribeMaintenanceWindowTasks"));
    }
    let stub = Stub::always(Reply::json(200, json!({"NextExecutionTime": "tomorrow"})));
    let aws = support::aws::backend(&stub);
    let id = WindowId::from("mw-0123456789abcdef0");
    let error = aws
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.message().contains("tomorrow"), "{error}");
}
