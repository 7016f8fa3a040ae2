//! Every member that the service's model gives to a request about maintenance windows or
//! associations goes over the wire, and every member of an answer comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Layered, Next};
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
    MaintenanceWindowStore, Operation, StartAssociationsOnce, layered,
};
use aws_patch_manager::schedule::association::{CreateAssociation, UpdateAssociation};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindow, UpdateMaintenanceWindowTarget,
    UpdateMaintenanceWindowTask,
};
use aws_patch_manager::types::WindowId;
use aws_patch_manager::{ErrorKind, PageRequest, Result};
use serde_json::{Value, json};
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
    /// `None` if the environment names no model.
    fn load() -> Option<Self> {
        environment::ssm_model().map(Self)
    }

    /// A value of the shape with all its members, each different.
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

    /// Makes a call with the sample of its input, without some members; checks that it is sent, and
    /// that the sample of its output comes back.
    async fn exchange(
        &self,
        unsent: &[&str],
        operation: Operation,
        call: impl AsyncFnOnce(&Layered<AwsBackend>, Value) -> Result<()>,
    ) {
        let name = operation.as_str();
        let stub = Stub::always(Reply::json(200, self.of(name, "output", Form::Wire)));
        let answered = LastAnswer::default();
        let backend = layered(Arc::new(support::aws::backend(&stub)), answered.clone());
        let mut asked = self.of(name, "input", Form::Wire);
        asked
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !unsent.contains(&&**name));
        call(&backend, asked.clone()).await.expect(name);
        let requests = stub.requests();
        assert_eq!(requests.len(), 1, "{name}");
        assert_eq!(requests[0].operation(), name);
        assert_eq!(without_mark(requests[0].json()), asked, "{name}");
        let answer = answered.0.lock().unwrap().take().unwrap();
        assert_eq!(answer, self.of(name, "output", Form::Ours), "{name}");
    }
}

/// Stores the answer, in AWS's JSON form.
#[derive(Debug, Clone, Default)]
struct LastAnswer(Arc<Mutex<Option<Value>>>);

#[async_trait]
impl Layer for LastAnswer {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let answer = next.run(&call).await?;
        *self.0.lock().unwrap() = Some(answer.to_value(&call)?);
        Ok(answer)
    }
}

macro_rules! exchanges {
    ($model:ident: $( $method:ident($request:ident) $( without $unsent:expr )? ),+ $(,)?) => { $({
        let unsent: Vec<&str> = [&[] as &[&str] $( , $unsent )?].concat();
        $model
            .exchange(&unsent, Operation::$request, async |aws, asked| {
                let request: $request = serde_json::from_value(asked).unwrap();
                aws.$method(request).await.map(drop)
            })
            .await;
    })+ };
}

/// The request without what the adapter adds to it.
fn without_mark(mut request: Value) -> Value {
    if let Some(Value::Array(tags)) = request.get_mut("Tags") {
        tags.retain(|tag| tag["Key"] != "aws-patch-manager/request");
    }
    request
}

#[tokio::test]
async fn windows_lose_no_member() {
    let Some(model) = Model::load() else { return };
    exchanges! { model:
        create_maintenance_window(CreateMaintenanceWindow),
        get_maintenance_window(GetMaintenanceWindow),
        update_maintenance_window(UpdateMaintenanceWindow),
        delete_maintenance_window(DeleteMaintenanceWindow),
        describe_maintenance_windows(DescribeMaintenanceWindows),
        describe_maintenance_windows_for_target(DescribeMaintenanceWindowsForTarget),
        describe_maintenance_window_schedule(DescribeMaintenanceWindowSchedule),
        register_target_with_maintenance_window(RegisterTargetWithMaintenanceWindow),
        update_maintenance_window_target(UpdateMaintenanceWindowTarget),
        deregister_target_from_maintenance_window(DeregisterTargetFromMaintenanceWindow),
        describe_maintenance_window_targets(DescribeMaintenanceWindowTargets),
        register_task_with_maintenance_window(RegisterTaskWithMaintenanceWindow),
        update_maintenance_window_task(UpdateMaintenanceWindowTask),
        deregister_task_from_maintenance_window(DeregisterTaskFromMaintenanceWindow),
        get_maintenance_window_task(GetMaintenanceWindowTask),
        describe_maintenance_window_tasks(DescribeMaintenanceWindowTasks),
    }
}

#[tokio::test]
async fn runs_of_windows_lose_no_member() {
    let Some(model) = Model::load() else { return };
    exchanges! { model:
        describe_maintenance_window_executions(DescribeMaintenanceWindowExecutions),
        get_maintenance_window_execution(GetMaintenanceWindowExecution),
        describe_maintenance_window_execution_tasks(DescribeMaintenanceWindowExecutionTasks),
        get_maintenance_window_execution_task(GetMaintenanceWindowExecutionTask),
        describe_maintenance_window_execution_task_invocations(
            DescribeMaintenanceWindowExecutionTaskInvocations
        ),
        get_maintenance_window_execution_task_invocation(
            GetMaintenanceWindowExecutionTaskInvocation
        ),
        cancel_maintenance_window_execution(CancelMaintenanceWindowExecution),
    }
}

/// An association is named by its id alone.
const OTHER_NAMES: &[&str] = &["AssociationVersion", "InstanceId", "Name"];

#[tokio::test]
async fn associations_lose_no_member() {
    let Some(model) = Model::load() else { return };
    exchanges! { model:
        create_association(CreateAssociation),
        update_association(UpdateAssociation),
        list_associations(ListAssociations),
        list_association_versions(ListAssociationVersions),
        start_associations_once(StartAssociationsOnce),
        describe_association(DescribeAssociation) without OTHER_NAMES,
        delete_association(DeleteAssociation) without OTHER_NAMES,
        describe_association_executions(DescribeAssociationExecutions),
        describe_association_execution_targets(DescribeAssociationExecutionTargets),
        describe_effective_instance_associations(DescribeEffectiveInstanceAssociations),
        describe_instance_associations_status(DescribeInstanceAssociationsStatus),
    }
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
