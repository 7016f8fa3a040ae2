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
use super::reply::{self, Protocol, Reply};
use super::service::Service;
use super::{Limits, control, ec2, origin, quicksetup, ssm, sts, xml};
use crate::error::Error;
use crate::types::random_uuid;

/// Names the operation of a request to Systems Manager.
const TARGET: &str = "x-amz-target";

/// Names the request, for logs.
const REQUEST_ID: &str = "x-amzn-requestid";

/// Names the error in an answer of Quick Setup.
const ERROR_TYPE: &str = "x-amzn-errortype";

/// The paths that are not AWS's.
const CONTROL: &str = "/_emulator/";

const AWS_JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml;charset=UTF-8";
const FORM: &str = "application/x-www-form-urlencoded";

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
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let (head, body) = request.into_parts();
    // Nothing depends on it, so it is not seeded.
    let id = random_uuid();
    let (reply, keep) = match origin::refuse(&head, &limits.hosts) {
        Some(reply) => (reply, false),
        None => match read(body, &limits).await? {
            Ok(body) => (find_and_route(&accounts, &head, &body, &id).await?, true),
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
async fn read(body: Incoming, limits: &Limits) -> Result<Result<Bytes, Reply>, NoAnswer> {
    let too_long = || {
        let told = format!("a request takes at most {} bytes", limits.body_bytes);
        Reply::refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLargeException",
            &told,
        )
    };
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Ok(Err(too_long()));
    }
    let whole = Limited::new(body, limits.body_bytes).collect();
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
    if head.uri.path().starts_with(CONTROL)
        && let Some(refused) = origin::refuse_simple(head)
    {
        return Ok(refused);
    }
    let form = is_form(head).then(|| sts::form(body)).flatten();
    if let Some(form) = form {
        let answer = sts::answer(accounts, head, &form, Timestamp::now(), request_id);
        return Ok(of_sts(answer, request_id));
    }
    match accounts.service(head) {
        Ok(service) => route(&service, head, body, request_id).await,
        Err(error) if is_form(head) => query(Err(error), request_id),
        Err(error) => aws_json(Err(error)),
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
    request_id: &str,
) -> Result<Reply, NoAnswer> {
    let path = head.uri.path();
    if let Some(control) = path.strip_prefix(CONTROL) {
        return Ok(control::answer(service, &head.method, control, body));
    }
    if path != "/" {
        let answer = quicksetup::answer(service, &head.method, path, body).await;
        return rest_json(answer);
    }
    if let Some(target) = head.headers.get(TARGET) {
        let operation = target
            .to_str()
            .ok()
            .and_then(|target| target.strip_prefix("AmazonSSM."));
        return aws_json(ssm::answer(service, operation.unwrap_or_default(), body).await);
    }
    if is_form(head) {
        return query(ec2::answer(service, body, request_id).await, request_id);
    }
    Ok(Reply::refusal(
        StatusCode::NOT_FOUND,
        "UnknownOperationException",
        "the request names no operation: set X-Amz-Target, the path, or Action in a form",
    ))
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
