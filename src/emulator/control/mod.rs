//! What a test in another language does to the account by other hands than AWS's.

mod account;
mod faults;
mod nodes;
mod snapshot_ids;
mod snapshot_work;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::accounts::Accounts;
use super::reply::{self, Reply};
use super::request::Body;
use super::service::Service;
use super::{ec2, quicksetup, ssm, sts};
use crate::error::Result;
use crate::memory::AS_AWS_PRINTS;
use crate::strict;

/// The paths that are not AWS's.
pub(super) const PREFIX: &str = "/_emulator/";

/// One request that the emulator answers besides AWS's. The table of them is also their documentation:
/// `GET /_emulator/` answers it, and a test compares the guide with that.
struct Control {
    method: Method,
    path: &'static str,
    /// An example of the body; empty if it takes none.
    body: &'static str,
    does: &'static str,
    act: fn(&Request<'_>) -> Result<Value>,
}

const CONTROLS: [Control; 22] = [
    Control {
        method: Method::GET,
        path: "",
        body: "",
        does: "lists these requests, and the operations of AWS that the emulator has",
        act: index,
    },
    Control {
        method: Method::POST,
        path: "reset",
        body: "",
        does: "brings back the account, or all accounts, as they were when the emulator started: nodes, faults, calls, a manual clock; returns `Now`",
        act: account::reset,
    },
    Control {
        method: Method::POST,
        path: "advance",
        body: r#"{"Seconds": 60}"#,
        does: "advances a manual clock, by at most 366 days at once, and returns `Now` when everything has happened that is due; other clients are answered meanwhile",
        act: account::advance,
    },
    Control {
        method: Method::GET,
        path: "calls",
        body: "",
        does: "lists the `Calls` of SSM, Quick Setup and EC2 since the start, the last 10,000 of them: `Service`, `Operation`, and `Error` with the code if the call failed",
        act: account::calls,
    },
    Control {
        method: Method::DELETE,
        path: "calls",
        body: "",
        does: "clears that list",
        act: account::clear_calls,
    },
    Control {
        method: Method::GET,
        path: "faults",
        body: "",
        does: "lists the planned faults that have affected no call yet, as `Unspent`",
        act: faults::unspent,
    },
    Control {
        method: Method::POST,
        path: "faults",
        body: r#"{"Effect": "Throttle", "Operation": "SendCommand", "OnCall": 1, "Times": 1}"#,
        does: "plans a fault; see below",
        act: faults::plan,
    },
    Control {
        method: Method::DELETE,
        path: "faults",
        body: "",
        does: "removes every planned fault, the latency and the throttling",
        act: faults::clear,
    },
    Control {
        method: Method::GET,
        path: "nodes",
        body: "",
        does: "lists the `Nodes` of the fleet, in the form in which they are added",
        act: nodes::list,
    },
    Control {
        method: Method::POST,
        path: "nodes",
        body: r#"{"InstanceInformation": {"InstanceId": "i-0123456789abcdef0", "PlatformType": "Windows"}, "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022"}"#,
        does: "adds a node, or replaces the one of that id; see [`FleetNode`](crate::memory::FleetNode)",
        act: nodes::add,
    },
    Control {
        method: Method::DELETE,
        path: "nodes",
        body: r#"{"InstanceId": "i-0123456789abcdef0"}"#,
        does: "takes a node away, as terminating its instance does",
        act: nodes::remove,
    },
    Control {
        method: Method::POST,
        path: "reboot",
        body: r#"{"InstanceId": "i-0123456789abcdef0"}"#,
        does: "reboots a node",
        act: nodes::reboot,
    },
    Control {
        method: Method::POST,
        path: "condition",
        body: r#"{"InstanceId": "i-0123456789abcdef0", "Condition": "Unreachable"}"#,
        does: "puts a node in a condition: `Online`, `Stopped`, `Unreachable` or `Agentless`",
        act: nodes::set_condition,
    },
    Control {
        method: Method::POST,
        path: "packages",
        body: r#"{"InstanceId": "i-0123456789abcdef0", "Package": {"KbNumber": "KB5090015"}}"#,
        does: "installs something by other means than Patch Manager; see [`InstalledPackage`](crate::memory::InstalledPackage)",
        act: nodes::install,
    },
    Control {
        method: Method::POST,
        path: "failing-patches",
        body: r#"{"InstanceId": "i-0123456789abcdef0", "Patch": "KB5090015"}"#,
        does: "makes the installation of a patch, a KB number or `name.arch`, fail on a node",
        act: nodes::fail_patch,
    },
    Control {
        method: Method::DELETE,
        path: "failing-patches",
        body: r#"{"InstanceId": "i-0123456789abcdef0"}"#,
        does: "lets every patch install on a node again",
        act: nodes::repair_patches,
    },
    Control {
        method: Method::POST,
        path: "catalog",
        body: r#"{"Patches": [{"KbNumber": "KB5099999", "Product": "WindowsServer2022", "Classification": "SecurityUpdates", "MsrcSeverity": "Critical", "ReleaseDate": 1778716800}]}"#,
        does: "adds patches, as `aws ssm describe-available-patches` prints them; one of the same id and product is replaced",
        act: account::add_patches,
    },
    Control {
        method: Method::GET,
        path: "snapshot",
        body: "",
        does: "reads the account as a [`MirrorSnapshot`](crate::plan::MirrorSnapshot), with its patches",
        act: account::snapshot,
    },
    Control {
        method: Method::PUT,
        path: "snapshot",
        body: r#"{"TakenAt": "2026-05-14T00:00:00Z", "Nodes": []}"#,
        does: "makes the account [what a snapshot says](crate::MemoryBackend::from_snapshot); a manual clock shows its instant; one that takes too much work is refused, see below",
        act: account::restore,
    },
    Control {
        method: Method::POST,
        path: "objects",
        body: r#"{"Url": "s3://patching/list.yaml", "Content": "patches: []"}"#,
        does: "puts a file there, for runs with an override",
        act: account::put_object,
    },
    Control {
        method: Method::DELETE,
        path: "objects",
        body: r#"{"Url": "s3://patching/list.yaml"}"#,
        does: "takes a file away: runs that read it fail with exit code 162",
        act: account::remove_object,
    },
    Control {
        method: Method::POST,
        path: "denied-objects",
        body: r#"{"Url": "s3://patching/list.yaml"}"#,
        does: "denies nodes a file: runs that read it fail with exit code 160",
        act: account::deny_object,
    },
];

/// A request, and what it is for.
struct Request<'r> {
    accounts: &'r Accounts,
    service: &'r Service,
    body: Body,
}

/// The input of a request that takes no members.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nothing {}

impl Request<'_> {
    /// Refuses every member.
    fn no_input(&self) -> Result<()> {
        let Nothing {} = self.input(&[])?;
        Ok(())
    }

    /// The members of the body, read strictly: all that is wrong with them is reported at once, with the
    /// path. These must be there.
    fn input<T: DeserializeOwned>(&self, required: &[&str]) -> Result<T> {
        self.body.require(required)?;
        strict::read_value(self.body.members().clone(), "the request", &AS_AWS_PRINTS)
    }
}

/// Whether a request to this path neither reads nor changes what happens with time.
pub(super) fn is_of_no_time(path: &str) -> bool {
    ["", "reset", "advance", "calls", "faults"].contains(&path)
}

/// Whether it turns the clock.
pub(super) fn lets_time_pass(path: &str) -> bool {
    path == "advance"
}

/// Answers a request to a path under [`PREFIX`].
pub(super) fn answer(
    accounts: &Accounts,
    service: &Service,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Reply {
    let mut at_path = CONTROLS.iter().filter(|control| control.path == path);
    let Some(control) = at_path.clone().find(|control| control.method == *method) else {
        let status = match at_path.next() {
            Some(_) => StatusCode::METHOD_NOT_ALLOWED,
            None => StatusCode::NOT_FOUND,
        };
        let message = "no such request: GET /_emulator/ lists them";
        return Reply::json(status, &json!({ "Message": message }));
    };
    let answered = Body::read_strictly(body).and_then(|body| {
        let request = Request {
            accounts,
            service,
            body,
        };
        if control.body.is_empty() {
            request.no_input()?;
        }
        (control.act)(&request)
    });
    match answered {
        Ok(answer) => Reply::json(StatusCode::OK, &answer),
        Err(error) => {
            let message = json!({ "Message": reply::message(&error) });
            Reply::json(StatusCode::BAD_REQUEST, &message)
        }
    }
}

/// What the emulator answers: the table above, and the operations of AWS.
fn index(_: &Request<'_>) -> Result<Value> {
    let requests = CONTROLS.iter().map(|control| {
        json!({
            "Request": format!("{} {PREFIX}{}", control.method, control.path),
            "Body": control.body,
            "Does": control.does,
        })
    });
    Ok(json!({
        "Requests": requests.collect::<Vec<_>>(),
        "Operations": {
            "ssm": ssm::operations().collect::<Vec<_>>(),
            "ssm-quicksetup": quicksetup::operations().collect::<Vec<_>>(),
            "ec2": ec2::OPERATIONS,
            "sts": sts::OPERATIONS,
        },
    }))
}

/// An answer that names the node it is about.
fn of_node(id: &crate::types::NodeId) -> Value {
    json!({ "InstanceId": id })
}
