//! Reads one HTTP request within bounds, finds its protocol, and answers it.

use std::sync::Arc;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::accounts::Accounts;
use super::connections::Connection;
use super::ec2::Form;
use super::reply::{self, Protocol, Reply};
use super::service::{Called, Service};
use super::{Limits, control, ec2, origin, quicksetup, ssm, sts, xml};
use crate::error::Error;
use crate::types::random_uuid;
use crate::visible::Quoted;

/// Names the operation of a request to Systems Manager.
const TARGET: &str = "x-amz-target";

/// Names the request, for logs.
const REQUEST_ID: &str = "x-amzn-requestid";

/// Names the error in an answer of Quick Setup.
const ERROR_TYPE: &str = "x-amzn-errortype";

const AWS_JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml;charset=UTF-8";
const FORM: &str = "application/x-www-form-urlencoded";

/// How many characters of an operation's name are recorded: a client can send any.
const RECORDED_NAME: usize = 128;

/// A connection closes without an answer: the reply is lost, or the request did not end.
#[derive(Debug, thiserror::Error)]
#[error("the connection closes without an answer")]
pub(super) struct NoAnswer;

/// Answers one request.
///
/// # Errors
///
/// [`NoAnswer`]; hyper then closes the connection.
pub(super) async fn answer(
    accounts: Arc<Accounts>,
    limits: Arc<Limits>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let (head, body) = request.into_parts();
    // Nothing depends on it, so it is not seeded.
    let id = random_uuid();
    let (reply, keep) = match origin::refuse(&head, &limits.hosts) {
        Some(reply) => (reply, false),
        None => match read(body, limits.body_bytes(head.uri.path()), &limits).await? {
            Ok(body) => {
                if !connection.begin_answer() {
                    return Err(NoAnswer);
                }
                let reply = find_and_route(&accounts, &head, &body, &id).await;
                connection.end_answer();
                (reply?, true)
            }
            Err(reply) => (reply, false),
        },
    };
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(code) = reply.error_type
        && let Ok(code) = HeaderValue::try_from(code)
    {
        headers.insert(ERROR_TYPE, code);
    }
    if !keep {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// The body, or the reply if it is too long or too slow.
async fn read(
    body: Incoming,
    most: usize,
    limits: &Limits,
) -> Result<Result<Bytes, Reply>, NoAnswer> {
    let too_long = || {
        let told = format!("a request takes at most {most} bytes");
        Reply::refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLargeException",
            &told,
        )
    };
    if body.size_hint().lower() > most as u64 {
        return Ok(Err(too_long()));
    }
    let whole = Limited::new(body, most).collect();
    match tokio::time::timeout(limits.read_timeout, whole).await {
        Ok(Ok(whole)) => Ok(Ok(whole.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Ok(Err(too_long())),
        Ok(Err(_)) => Err(NoAnswer),
        Err(_) => Ok(Err(Reply::refusal(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            "the request did not arrive in time",
        ))),
    }
}

/// Finds the account and Region of a request, and answers it there.
async fn find_and_route(
    accounts: &Accounts,
    head: &Parts,
    body: &[u8],
    request_id: &str,
) -> Result<Reply, NoAnswer> {
    if let Some(path) = head.uri.path().strip_prefix(control::PREFIX) {
        return Ok(match origin::refuse_simple(head) {
            Some(refused) => refused,
            None => control(accounts, head, path, body).await,
        });
    }
    let form = is_form(head).then(|| Form::read(body));
    if let Some(form) = form.as_ref().filter(|form| sts::is_for(form)) {
        let answer = sts::answer(accounts, head, form, Timestamp::now(), request_id);
        return Ok(of_sts(answer, request_id));
    }
    match (accounts.service(head), form) {
        (Ok(service), form) => {
            service.settle().await;
            route(&service, head, body, form, request_id).await
        }
        (Err(error), Some(_)) => query(Err(error), request_id),
        (Err(error), None) => aws_json(Err(error)),
    }
}

/// Answers a request that is not AWS's, for the account and the Region that its query names.
async fn control(accounts: &Accounts, head: &Parts, path: &str, body: &[u8]) -> Reply {
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let service = match place(query) {
        Ok(None) => accounts.service(head),
        Ok(Some((account, region))) => accounts.member(&account, &region),
        Err(error) => Err(error),
    };
    match service {
        Ok(service) => {
            if !control::is_of_no_time(path) {
                service.settle().await;
            }
            let reply = control::answer(accounts, &service, &head.method, path, body);
            if control::lets_time_pass(path) {
                service.settle().await;
            }
            reply
        }
        Err(error) => {
            let message = json!({ "Message": reply::message(&error) });
            Reply::json(StatusCode::BAD_REQUEST, &message)
        }
    }
}

/// The account and the Region that a query names. Another parameter would leave the request to the
/// management account.
fn place(query: &[u8]) -> Result<Option<(String, String)>, Error> {
    let (mut account, mut region) = (None, None);
    for (name, value) in form_urlencoded::parse(query) {
        let place = match &*name {
            "Account" => &mut account,
            "Region" => &mut region,
            _ => {
                let message = "the query has Account and Region only, in this letter case";
                return Err(reply::invalid(format!("{}: {message}", Quoted(&name))));
            }
        };
        if place.replace(value.into_owned()).is_some() {
            return Err(reply::invalid(format!("{name}: it is given twice")));
        }
    }
    match (account, region) {
        (None, None) => Ok(None),
        (Some(account), Some(region)) => Ok(Some((account, region))),
        _ => Err(reply::invalid("Account and Region: both, or neither")),
    }
}

fn is_form(head: &Parts) -> bool {
    let kind = head.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with(FORM))
}

/// Systems Manager names its operation in a header, Quick Setup in the path, EC2 in a form.
async fn route(
    service: &Service,
    head: &Parts,
    body: &[u8],
    form: Option<Form>,
    request_id: &str,
) -> Result<Reply, NoAnswer> {
    let path = head.uri.path();
    if path != "/" {
        let operation = quicksetup::operation(&head.method, path);
        let answer = quicksetup::answer(service, &head.method, path, body).await;
        record(
            service,
            "ssm-quicksetup",
            operation.unwrap_or(path),
            &answer,
        );
        return rest_json(answer);
    }
    if let Some(target) = head.headers.get(TARGET) {
        let target = target.to_str().unwrap_or_default();
        let operation = target.strip_prefix("AmazonSSM.");
        let answer = ssm::answer(service, operation.unwrap_or_default(), body).await;
        // One of another service is recorded by its whole name.
        record(service, "ssm", operation.unwrap_or(target), &answer);
        return aws_json(answer);
    }
    if let Some(form) = form {
        let operation = form.text("Action").unwrap_or_default();
        let answer = ec2::answer(service, &form, request_id).await;
        record(service, "ec2", operation, &answer);
        return query(answer, request_id);
    }
    Ok(Reply::refusal(
        StatusCode::NOT_FOUND,
        "UnknownOperationException",
        "the request names no operation: set X-Amz-Target, the path, or Action in a form",
    ))
}

/// Records a call with its outcome.
fn record<T>(service: &Service, name: &'static str, operation: &str, answer: &Result<T, Error>) {
    let failure = answer.as_ref().err();
    service.record(Called {
        service: name,
        operation: operation.chars().take(RECORDED_NAME).collect(),
        error: failure.map(|error| match error.code() {
            Some(code) => code.to_owned(),
            None => error.kind().to_string(),
        }),
    });
}

fn aws_json(answer: Result<Value, Error>) -> Result<Reply, NoAnswer> {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) if reply::is_lost_reply(&error) => return Err(NoAnswer),
        Err(error) => {
            let status = reply::status(&error, Protocol::AwsJson);
            (status, ssm::error_body(&error))
        }
    };
    Ok(Reply {
        content_type: AWS_JSON,
        ..Reply::json(status, &body)
    })
}

fn rest_json(answer: Result<Value, Error>) -> Result<Reply, NoAnswer> {
    match answer {
        Ok(body) => Ok(Reply::json(StatusCode::OK, &body)),
        Err(error) if reply::is_lost_reply(&error) => Err(NoAnswer),
        Err(error) => {
            let status = reply::status(&error, Protocol::RestJson);
            let code = reply::code(&error, Protocol::RestJson).to_owned();
            let body = json!({ "Message": reply::message(&error) });
            Ok(Reply {
                error_type: Some(code),
                ..Reply::json(status, &body)
            })
        }
    }
}

fn query(answer: Result<String, Error>, request_id: &str) -> Result<Reply, NoAnswer> {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) if reply::is_lost_reply(&error) => return Err(NoAnswer),
        Err(error) => {
            let status = reply::status(&error, Protocol::Query);
            (status, ec2::error_body(&error, request_id))
        }
    };
    Ok(Reply {
        status,
        content_type: XML,
        error_type: None,
        body,
    })
}

fn of_sts(answer: Result<String, Error>, request_id: &str) -> Reply {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => {
            let code = reply::code(&error, Protocol::Query);
            let status = reply::status(&error, Protocol::Query);
            let body = xml::fault(code, &reply::message(&error), request_id);
            (status, body)
        }
    };
    Reply {
        status,
        content_type: XML,
        error_type: None,
        body,
    }
}
